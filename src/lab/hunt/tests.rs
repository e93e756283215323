//! The hunt finds unaided what the lessons show, and nothing where nothing is to be found.

use super::*;
use crate::kafka::config::Owner::{Application, Consumer, Topic};
use crate::lab::lessons;

/// So many runs must be enough.
const RUNS: u32 = 150;

/// Faults of one machine, process or link.
fn single() -> Vec<Kind> {
    Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_single())
        .collect()
}

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

/// What is advised: three replicas, two must confirm, commit after the work, an idempotent handler.
fn recommended() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Topic, "min.insync.replicas", "2")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.idempotent", "true")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "60")
}

fn of_lesson(id: &str) -> Experiment {
    lessons::find(id).expect("a lesson").experiment
}

/// Finds it, and what was found breaks it when played from its start.
fn finds(experiment: &Experiment, kinds: &[Kind], most: u8, property: Property) -> Found {
    let hunt = hunted(experiment, kinds, most, property);
    let found = hunt.best.expect("a schedule that breaks it");
    let judged = crate::lab::judge::Judgement::of(&Run::new(found.experiment(experiment)));
    assert!(judged.verdict(property).is_violated());
    found
}

#[test]
fn acks_1_loses_with_one_fault() {
    let found = finds(&of_lesson("acks"), &single(), 2, Property::LostAfterAck);
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn an_unclean_election_loses() {
    finds(&of_lesson("unclean"), &single(), 3, Property::LostAfterAck);
}

#[test]
fn one_confirmation_is_too_few() {
    let kinds = [Kind::Kill, Kind::PowerOff, Kind::Stop, Kind::NewDisk];
    finds(&of_lesson("copies"), &kinds, 3, Property::LostAfterAck);
}

#[test]
fn the_power_of_all_brokers_takes_what_acks_all_had_confirmed() {
    let kinds = [Kind::PowerOff, Kind::Kill, Kind::Blackout];
    let found = finds(&recommended(), &kinds, 3, Property::LostAfterAck);
    assert_eq!(found.spells.len(), 1);
    assert_eq!(found.spells[0].kind, Kind::Blackout);
}

#[test]
fn work_handed_to_another_thread_is_skipped() {
    let found = finds(
        &of_lesson("auto-commit"),
        &single(),
        2,
        Property::LostAfterAck,
    );
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn without_idempotence_a_retry_writes_twice() {
    let found = finds(
        &of_lesson("twice"),
        &[Kind::CutAnswers, Kind::Pause],
        2,
        Property::Doubled,
    );
    assert_eq!(found.spells.len(), 1, "{found:?}");
}

#[test]
fn what_is_advised_survives_one_fault_at_a_time() {
    let budget = Budget {
        kinds: single(),
        most: 3,
        one_at_a_time: true,
        runs: RUNS,
        properties: vec![
            Property::LostAfterAck,
            Property::LostSilently,
            Property::Doubled,
        ],
    };
    let mut hunt = Hunt::new(&recommended(), budget, 1);
    while hunt.step() {}
    assert_eq!((hunt.best, hunt.tried), (None, RUNS));
}

#[test]
fn the_same_seed_gives_the_same_hunt() {
    let hunt = || hunted(&of_lesson("acks"), &single(), 2, Property::LostAfterAck);
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
        (singles.safe, singles.total())
    };
    let (safe, total) = tried(&recommended());
    assert_eq!(safe, total);
    let (safe, total) = tried(&of_lesson("acks"));
    assert!(safe < total, "acks=1 survives every kill");
}
