//! The hunt finds unaided what the lessons show, and nothing where nothing is to be found.

use super::*;
use crate::kafka::config::Owner::Broker;
use crate::lab::judge::Judgement;
use crate::lab::run::Run;
use crate::lab::{lessons, share};

/// So many runs must be enough.
const RUNS: u32 = 150;

fn hunted(experiment: &Experiment, kinds: &[Kind], most: u8, property: Property) -> Hunt {
    let budget = Budget {
        kinds: kinds.to_vec(),
        most,
        one_at_a_time: false,
        runs: RUNS,
        properties: vec![property],
    };
    let mut hunt = Hunt::new(experiment, budget, 1);
    while hunt.step() {}
    hunt
}

fn of_lesson(id: &str) -> Experiment {
    lessons::find(id).expect("a lesson").experiment
}

/// Finds it, and what was found breaks it when played from its start.
fn finds(experiment: &Experiment, kinds: &[Kind], most: u8, property: Property) -> Found {
    let hunt = hunted(experiment, kinds, most, property);
    let found = hunt.best.expect("a schedule that breaks it");
    let judged = Judgement::of(&Run::new(found.experiment(experiment)));
    assert!(judged.verdict(property).is_violated());
    found
}

/// The hunt finds this hole of those that are known.
fn finds_hole(id: &str) -> Found {
    let known = holes().into_iter().find(|hole| hole.id == id);
    let Hole {
        experiment, budget, ..
    } = known.expect("a hole");
    finds(
        &experiment,
        &budget.kinds,
        budget.most,
        budget.properties[0],
    )
}

#[test]
fn acks_1_loses_with_one_fault() {
    let found = finds_hole("acks-1");
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn an_unclean_election_loses() {
    finds_hole("unclean");
}

#[test]
fn one_confirmation_is_too_few() {
    finds_hole("min-isr-1");
}

#[test]
fn the_power_of_all_brokers_takes_what_acks_all_had_confirmed() {
    let found = finds_hole("power");
    assert_eq!(found.spells.len(), 1);
    assert_eq!(found.spells[0].kind, Kind::Blackout);
}

#[test]
fn work_handed_to_another_thread_is_skipped() {
    let found = finds_hole("auto-commit");
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn without_idempotence_a_retry_writes_twice() {
    let found = finds_hole("twice");
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn without_elr_a_last_replica_that_loses_its_tail_leads_all_the_same() {
    let found = finds_hole("last-standing");
    assert!(found.spells.len() > 1, "{found:?}");
}

#[test]
fn what_is_advised_survives_one_fault_at_a_time() {
    let advised = holes().remove(0);
    let mut hunt = Hunt::new(&advised.experiment, advised.budget, 1);
    while hunt.step() {}
    assert_eq!((hunt.best, hunt.tried), (None, RUNS));
}

#[test]
fn the_same_seed_gives_the_same_hunt() {
    let hunt = || {
        hunted(
            &of_lesson("acks"),
            &single_kinds(),
            2,
            Property::LostAfterAck,
        )
    };
    let (one, other) = (hunt(), hunt());
    assert_eq!(one.best, other.best);
    assert_eq!((one.tried, one.shrunk), (other.tried, other.shrunk));
}

#[test]
fn every_single_fault_at_every_point_is_told_apart() {
    let asked = [Property::LostAfterAck];
    let tried = |experiment: &Experiment| {
        let mut singles = Singles::new(experiment, &[Kind::Kill, Kind::Pause], &asked);
        while singles.step() {}
        assert_eq!(singles.done(), singles.total());
        (singles.safe(), singles.total())
    };
    let (safe, total) = tried(&recommended());
    assert_eq!(safe, total);
    let (safe, total) = tried(&of_lesson("acks"));
    assert!(safe < total, "acks=1 survives every kill");
}

#[test]
fn what_is_played_in_parts_comes_out_as_if_it_were_played_from_its_start() {
    let faults = |kinds: Vec<Kind>, one_at_a_time| Budget {
        kinds,
        most: 3,
        one_at_a_time,
        runs: 24,
        properties: Property::ALL.to_vec(),
    };
    for (experiment, budget) in [
        (recommended(), faults(single_kinds(), true)),
        (of_lesson("acks"), faults(single_kinds(), false)),
        (
            of_lesson("last-standing"),
            faults(Kind::ALL.to_vec(), false),
        ),
    ] {
        let mut hunt = Hunt::new(&experiment, budget, 7);
        for _ in 0..hunt.budget.runs {
            let spells = hunt.draw(hunt.tried, hunt.budget.most.into());
            hunt.tried += 1;
            let quick = play::play(&hunt.ground, &spells, &hunt.budget.properties);
            let whole = Judgement::of(&Run::new(spell::with(hunt.experiment(), &spells)));
            let mut all = whole.verdicts.iter();
            let broken = all.find(|(_, verdict)| verdict.is_violated());
            let property = broken.map(|(property, _)| *property);
            assert_eq!(quick.broken, property, "{spells:?}");
            assert_eq!(quick.tally, whole.tally, "{spells:?}");
        }
    }
}

#[test]
fn a_hunt_that_was_written_down_goes_on_as_if_it_had_never_stopped() {
    let experiment = of_lesson("acks");
    let whole = hunted(&experiment, &single_kinds(), 2, Property::LostAfterAck);
    let mut hunt = Hunt::new(&experiment, whole.budget().clone(), 1);
    while hunt.step() {
        let text = serde_json::to_string(&hunt.saved()).expect("it can be written");
        let saved: Saved = serde_json::from_str(&text).expect("it can be read");
        if (hunt.tried + hunt.shrunk).is_multiple_of(5) {
            let budget = hunt.budget().clone();
            hunt = Hunt::resumed(&experiment, budget, saved).expect("the same version");
        }
    }
    assert_eq!(hunt.saved(), whole.saved());
    let other = Saved {
        version: 0,
        ..whole.saved()
    };
    assert!(Hunt::resumed(&experiment, whole.budget().clone(), other).is_none());
}

#[test]
fn pieces_that_are_played_ahead_come_out_as_if_one_had_played_alone() {
    let experiment = of_lesson("last-standing");
    let kinds = [Kind::Kill, Kind::PowerOff, Kind::Stop];
    let alone = hunted(&experiment, &kinds, 3, Property::LostAfterAck);
    for at_once in [2, 7] {
        let new = || Hunt::new(&experiment, alone.budget().clone(), 1);
        let mut players = [new(), new()];
        let mut hunt = new();
        loop {
            let pieces = hunt.ahead(at_once);
            let played = pieces.iter().enumerate();
            // The last piece is played first, each by the next player.
            let mut outcomes: Vec<_> = (played.rev())
                .map(|(place, piece)| players[place % 2].play(piece))
                .collect();
            while outcomes.pop().is_some_and(|outcomes| hunt.take(outcomes)) {}
            if pieces.is_empty() {
                break;
            }
        }
        assert_eq!(hunt.saved(), alone.saved(), "{at_once} at once");
    }
    assert!(alone.best.is_some() && alone.shrunk > 0);
}

#[test]
fn single_faults_that_were_written_down_are_gone_on_with() {
    let new = || {
        Singles::new(
            &of_lesson("acks"),
            &[Kind::Pause],
            &[Property::LostAfterAck],
        )
    };
    let mut whole = new();
    while whole.step() {}
    let mut half = new();
    for _ in 0..half.total() / 2 {
        half.step();
    }
    let text = serde_json::to_string(&half.saved()).expect("it can be written");
    let saved = serde_json::from_str(&text).expect("it can be read");
    let mut other = new().resumed(saved).expect("the same version");
    while other.step() {}
    assert_eq!(other.saved(), whole.saved());
    assert!(!whole.broken.is_empty() && whole.safe() + whole.broken.len() == whole.total());
}

#[test]
fn one_of_several_log_directories_fails_and_with_one_replica_in_sync_that_is_enough() {
    let kinds = [Kind::FailDirectory, Kind::Stop];
    let directories = |experiment: Experiment| {
        experiment.with(Broker, "log.dirs", "/data/1,/data/2").with(
            Broker,
            "metadata.log.dir",
            "/metadata",
        )
    };
    let alone = recommended();
    assert!(Kind::FailDirectory.targets(&alone).is_empty());
    let drawn = hunted(&directories(alone), &kinds[..1], 1, Property::LostAfterAck);
    assert_eq!((drawn.best, drawn.tried), (None, RUNS));
    let frail = directories(of_lesson("copies"));
    let found = finds(&frail, &kinds, 3, Property::LostAfterAck);
    let fails = |spell: &Spell| spell.kind == Kind::FailDirectory;
    assert!(found.spells.iter().any(fails), "{found:?}");
}

#[test]
fn the_parts_of_a_hunt_are_its_schedules_each_once() {
    let budget = Budget {
        kinds: single_kinds(),
        most: 2,
        one_at_a_time: false,
        runs: 24,
        properties: Vec::new(),
    };
    let drawn = |shard: Shard, count: u32| -> Vec<Vec<Spell>> {
        let mut hunt = Hunt::new(&recommended(), budget.clone(), 3).sharded(shard);
        let mut next = || {
            let spells = hunt.draw(hunt.tried, 2);
            hunt.tried += 1;
            spells
        };
        (0..count).map(|_| next()).collect()
    };
    let whole = drawn(Shard::WHOLE, 24);
    let halves = [0, 1].map(|index| drawn(Shard::WHOLE.split(index, 2), 12));
    assert!(whole.iter().all(|spells| halves.concat().contains(spells)));
    assert!(halves[0].iter().all(|spells| !halves[1].contains(spells)));
}

#[test]
fn every_fault_can_be_sent_as_a_link() {
    let lesson = lessons::find("sandbox").expect("a lesson");
    let base = &lesson.experiment;
    let base = &base.clone().with(Broker, "log.dirs", "/data/1,/data/2");
    for kind in Kind::ALL {
        let (node, other) = kind.targets(base)[0];
        let spell = Spell {
            kind,
            node,
            other,
            directory: 0,
            at_us: 2 * SECOND,
            lasts_us: (kind != Kind::Elect).then_some(SECOND),
        };
        let played = spell::with(base, &[spell]);
        let opened = share::read(&share::write(&lesson, &played, 0));
        let actions = |experiment: &Experiment| -> Vec<_> {
            let all = experiment.actions.iter();
            all.map(|timed| (timed.at_us, timed.action.clone()))
                .collect()
        };
        assert_eq!(actions(&opened.experiment), actions(&played), "{kind:?}");
        assert_eq!(opened.problems, Vec::new());
    }
}
