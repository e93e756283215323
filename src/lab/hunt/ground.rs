//! Where the runs of a hunt start: what they have in common is played once.

use super::spell::{Spell, with};
use crate::lab::experiment::Experiment;
use crate::lab::history::History;
use crate::lab::run::Run;
use crate::sim::Micros;

/// Events between two kept moments of the run without faults.
const KEPT_EVENTS: u64 = 100;

/// The run without faults, and the last schedule that others begin with.
#[derive(Clone)]
pub struct Ground {
    /// What is played, without any action.
    pub experiment: Experiment,
    calm: Run,
    /// Messages handed over by the end of the calm run.
    messages: usize,
    begun: Option<Begun>,
}

/// Some spells, played up to a moment.
#[derive(Clone)]
struct Begun {
    spells: Vec<Spell>,
    run: Run,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

impl Ground {
    /// Plays `experiment` without its actions.
    pub fn new(experiment: &Experiment) -> Ground {
        let mut experiment = experiment.clone();
        experiment.actions.clear();
        let mut calm = Run::new(experiment.clone()).kept_every(KEPT_EVENTS);
        calm.seek(experiment.horizon_us);
        let mut history = History::new(&experiment);
        history.follow(calm.journal(), calm.entries());
        Ground {
            messages: history.ledger.len(),
            experiment,
            calm,
            begun: None,
        }
    }

    /// The run without faults, played to its end.
    pub fn calm(&self) -> &Run {
        &self.calm
    }

    /// How many messages there are to send.
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Plays `spells` up to `until_us`, for the schedules to come that begin with them and go on from there.
    pub fn begin(&mut self, spells: &[Spell], until_us: Micros) {
        self.begun = None;
        if !spells.is_empty() {
            let mut run = self.run(spells);
            run.seek(until_us);
            let spells = spells.to_vec();
            self.begun = Some(Begun { spells, run });
        }
    }

    /// The run of `spells`, in order of time, at some moment before the first of them that is not played yet.
    pub fn run(&self, spells: &[Spell]) -> Run {
        let experiment = with(&self.experiment, spells);
        if let Some(Begun { spells: first, run }) = &self.begun
            && let Some(rest) = spells.strip_prefix(first.as_slice())
            && rest.iter().all(|spell| spell.at_us >= run.now_us())
        {
            return run.forked(experiment, run.now_us());
        }
        let first_us = spells.first().map_or(0, |spell| spell.at_us);
        self.calm.forked(experiment, first_us.saturating_sub(1))
    }
}
