//! A run beside the one on the screen: the same lesson, faults and luck, with other settings.

use std::rc::Rc;

use super::Session;
use crate::lab::experiment::Experiment;
use crate::lab::history::History;
use crate::lab::knobs::{self, handle};

/// What the run on the screen is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    /// What helps in this lesson; where it is done already, the lesson as it begins.
    Usual,
    /// One knob turned, or several in one handle: see [`Session::retry`].
    Knob(String, String),
    /// A run that was left.
    Run(u32),
}

impl Session {
    /// While `hushed`, nothing is asked, told or hidden: two runs are compared. Afterwards a question that is still open
    /// is asked where it was.
    pub fn hush(&mut self, hushed: bool) {
        self.hushed = hushed;
        let now_us = self.now_us();
        if !hushed && self.veil_us().is_some_and(|veil_us| veil_us < now_us) {
            self.seek(now_us);
            self.here = History::new(self.run.experiment());
            self.played_us = 0;
            self.follow();
        }
    }

    /// Another run of the same lesson, hushed, at the same moment.
    pub fn beside(&self, experiment: Experiment) -> Session {
        let mut other = Session::of(self.lesson.clone(), experiment);
        other.hush(true);
        other.seek(self.now_us());
        other
    }

    /// The experiment to compare the run on the screen with.
    pub fn to_compare(&self, with: &With) -> Experiment {
        let mine = self.run.experiment();
        match with {
            With::Usual => self.usual(),
            With::Knob(handle, value) => turned(mine, &several(handle, value)),
            With::Run(id) => {
                let mut left = self.branches.iter();
                let found = left.find(|branch| branch.way.id == *id);
                let found = found.map_or(mine, |branch| &branch.experiment);
                (**found).clone()
            }
        }
    }

    fn usual(&self) -> Experiment {
        let mine = self.run.experiment();
        let fix = self.lesson.fix.iter();
        let mut helps: Vec<(String, String)> = fix
            .map(|(owner, name, value)| (handle(*owner, name), value.to_string()))
            .collect();
        if let (true, Some(offer)) = (helps.is_empty(), self.lesson.offers.first()) {
            helps.push((handle(offer.owner, offer.name), offer.value.to_string()));
        }
        let better = turned(mine, &helps);
        if better != **mine {
            return better;
        }
        let start = &self.lesson.experiment;
        let mut before = (**mine).clone();
        before.configs = start.configs.clone();
        if before.topology != start.topology {
            before.topology = start.topology.clone();
            before.renumber(mine);
        }
        before
    }

    /// The run on the screen goes on with this experiment.
    pub fn take(&mut self, experiment: Experiment) {
        if experiment == **self.run.experiment() {
            return;
        }
        let now_us = self.now_us();
        let forks = self.is_worth_keeping();
        if forks {
            self.leave(0);
        }
        // It was of another configuration.
        self.examination = None;
        self.run = crate::lab::run::Run::new(experiment).watched();
        if forks {
            self.part();
        }
        self.replan(now_us.min(self.horizon_us()));
    }

    /// What is run, shared.
    pub fn experiment(&self) -> &Rc<Experiment> {
        self.run.experiment()
    }
}

/// The knobs of one handle: `acks=all + flush.messages`, with the value of the last.
pub(super) fn several(handle: &str, value: &str) -> Vec<(String, String)> {
    let written = format!("{handle}={value}");
    let each = written.split(" + ").filter_map(|one| one.split_once('='));
    each.map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

/// `start` with these knobs turned; what Kafka refuses changes nothing.
fn turned(start: &Experiment, changes: &[(String, String)]) -> Experiment {
    let start = start.clone();
    changes.iter().fold(start, |changed, (handle, value)| {
        knobs::turn(&changed, handle, value).unwrap_or(changed)
    })
}
