//! One run of a hunt: play it, judge it.

use super::spell::{Spell, with};
use crate::lab::experiment::Experiment;
use crate::lab::history::{History, Standing};
use crate::lab::judge::{Judgement, Tally};
use crate::lab::properties::Property;
use crate::lab::run::Run;

/// What came of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The gravest of the properties asked for that is broken.
    pub broken: Option<Property>,
    /// The numbers.
    pub tally: Tally,
}

/// Plays `spells` in `experiment` and asks whether any of `properties` is broken.
pub(super) fn play(experiment: &Experiment, spells: &[Spell], properties: &[Property]) -> Outcome {
    let judged = Judgement::of(&Run::new(with(experiment, spells)));
    let mut asked = properties.iter().copied();
    Outcome {
        broken: asked.find(|property| judged.verdict(*property).is_violated()),
        tally: judged.tally,
    }
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
        let in_sync =
            |part: &crate::lab::history::Part| part.isr.len() as usize == part.replicas.len();
        history.disturbed.is_empty()
            && up.into_iter().all(|node| node.standing == Standing::Up)
            && history.parts.values().all(in_sync)
    })
}
