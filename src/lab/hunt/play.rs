//! One run of a hunt: play it, judge it.

use super::ground::Ground;
use super::spell::{Spell, with};
use crate::lab::experiment::Experiment;
use crate::lab::history::{History, Part, Standing};
use crate::lab::judge::{Judgement, Tally};
use crate::lab::ledger::{Fate, Told};
use crate::lab::properties::{Judged, Property, Verdict};
use crate::lab::run::Run;
use crate::sim::SECOND;

/// What came of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The gravest of the properties asked for that is broken.
    pub broken: Option<Property>,
    /// The numbers.
    pub tally: Tally,
}

/// Plays `spells` and asks whether any of `properties` is broken. A run in which all is whole again and every message
/// has come to its end is not played on: nothing more could become of it.
pub(super) fn play(ground: &Ground, spells: &[Spell], properties: &[Property]) -> Outcome {
    let mut run = ground.run(spells);
    if let Some(outcome) = quiet(&mut run, ground.messages(), properties) {
        return outcome;
    }
    let judged = Judgement::ending(run);
    let mut asked = properties.iter().copied();
    Outcome {
        broken: asked.find(|property| judged.verdict(*property).is_violated()),
        tally: judged.tally,
    }
}

/// Plays until the last action is done and nothing more can come; `None` if that is not before the run's end.
fn quiet(run: &mut Run, messages: usize, properties: &[Property]) -> Option<Outcome> {
    let experiment = run.experiment().clone();
    let until_us = experiment.horizon_us;
    run.seek(experiment.actions.last()?.at_us);
    let mut history = History::new(&experiment);
    while run.now_us() + SECOND < until_us {
        run.seek(run.now_us() + SECOND);
        history.follow(run.journal(), run.entries());
        if is_over(&history, messages) {
            let seen = Judged {
                history: &history,
                until_us,
            };
            let holds = |property: &Property| property.judge(&seen) == Verdict::Holds;
            return properties.iter().all(holds).then(|| Outcome {
                broken: None,
                tally: Tally::of(&history, until_us),
            });
        }
    }
    None
}

/// All is whole, everything was sent, and what was sent is worked on and committed, or known to have failed.
fn is_over(history: &History, messages: usize) -> bool {
    let ended = |fate: Fate| match history.consumed {
        true => matches!(fate, Fate::Finished | Fate::Failed),
        false => matches!(fate, Fate::Committed | Fate::Failed),
    };
    let mut lives = history.ledger.iter();
    let told = |told: &Told| !matches!(told, Told::Nothing);
    history.ledger.len() >= messages
        && is_whole(history)
        && lives.all(|life| told(&life.told) && ended(history.fate(life)))
}

/// Every process runs, every link passes, every replica is in sync.
fn is_whole(history: &History) -> bool {
    let in_sync = |part: &Part| part.isr.len() as usize == part.replicas.len();
    let sound = |standing| matches!(standing, Standing::Up | Standing::Starting);
    history.disturbed.is_empty()
        && history.nodes.iter().all(|node| sound(node.standing))
        && history.parts.values().all(in_sync)
}

/// Whether at the beginning of every spell all that was broken before is whole again: every process runs, every link
/// passes, every replica is in sync.
pub(super) fn one_at_a_time(experiment: &Experiment, spells: &[Spell]) -> bool {
    let played = with(experiment, spells);
    let mut run = Run::new(played.clone());
    run.seek(played.horizon_us);
    let mut history = History::new(&played);
    spells.iter().all(|spell| {
        let entries = run.journal().entries();
        let before = entries.partition_point(|stamped| stamped.at < spell.at_us);
        history.follow(run.journal(), before as u32);
        let brokers = usize::from(played.topology.brokers);
        let up = history.nodes.iter().skip(1).take(brokers);
        is_whole(&history) && up.into_iter().all(|node| node.standing == Standing::Up)
    })
}
