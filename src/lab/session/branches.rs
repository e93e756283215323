//! Runs side by side: acting in the past forks, the run that was left stays and can be gone back to.

use std::rc::Rc;

use super::bookmarks::Bookmark;
use super::names::difference;
use super::{Session, given_name};
use crate::lab::experiment::Experiment;
use crate::lab::run::Run;
use crate::lab::text::Text;
use crate::sim::Micros;

/// So many runs are kept beside the one on the screen.
pub(super) const MOST_BRANCHES: usize = 12;

/// What sets a run apart from the others of its session.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Its handle.
    pub id: u32,
    /// The name that a person gave it.
    pub given: Option<String>,
    /// The run that it parted from, as it was then: it is named after the difference.
    pub apart_from: Option<Rc<Experiment>>,
    /// Where it left the common past, in microseconds.
    pub fork_us: Micros,
    /// Moments marked in it, in order.
    pub bookmarks: Vec<Bookmark>,
}

impl Way {
    /// "kill broker 2 at 4.3 s", "without the kill of broker 2", "acks=all", or the name that it was given.
    pub fn name(&self, experiment: &Experiment) -> Text {
        match (&self.given, &self.apart_from) {
            (Some(given), _) => Text::same(given.clone()),
            (None, Some(other)) => difference(experiment, other),
            (None, None) => Text::fixed("as it was", "原样"),
        }
    }
}

/// A run that was left when somebody acted in its past or turned a knob.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What sets it apart.
    pub way: Way,
    /// What it ran.
    pub experiment: Rc<Experiment>,
    /// How far it was played, in microseconds.
    pub played_us: Micros,
}

impl Session {
    /// Runs left behind, the oldest first.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// What sets the run on the screen apart.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Counts changes of branches and bookmarks and of their names.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// A handle that nothing has yet.
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// The run on the screen becomes a branch, and another one begins that has its past up to `fork_us`.
    pub(super) fn leave(&mut self, fork_us: Micros) {
        let experiment = Rc::clone(self.run.experiment());
        let id = self.next_id();
        let shared = self.way.bookmarks.iter();
        let next = Way {
            id,
            given: None,
            apart_from: Some(Rc::clone(&experiment)),
            fork_us,
            bookmarks: shared
                .filter(|bookmark| bookmark.at_us <= fork_us)
                .cloned()
                .collect(),
        };
        self.branches.push(Branch {
            way: std::mem::replace(&mut self.way, next),
            experiment,
            played_us: self.played_us,
        });
    }

    /// The run on the screen is what it is now: the one that it left is told apart from it, and one that ran the same
    /// goes on in it. Returns how far the run on the screen was played before, in microseconds.
    pub(super) fn part(&mut self) -> Micros {
        self.revision += 1;
        let now = Rc::clone(self.run.experiment());
        let mut played_us = 0;
        if let Some(same) = self.branches.iter().position(|kept| kept.experiment == now) {
            let kept = self.branches.remove(same);
            (self.way, played_us) = (kept.way, kept.played_us);
        } else if let Some(left) = self.branches.last_mut() {
            left.way.apart_from.get_or_insert(now);
        }
        while self.branches.len() > MOST_BRANCHES {
            let cared_for =
                |kept: &Branch| kept.way.given.is_some() || !kept.way.bookmarks.is_empty();
            let oldest = self.branches.iter().position(|kept| !cared_for(kept));
            self.branches.remove(oldest.unwrap_or(0));
        }
        played_us
    }

    /// Whether the run on the screen is worth going back to once a knob is turned: something was done in it, or lost,
    /// or somebody marked or named it.
    pub(super) fn is_worth_keeping(&self) -> bool {
        let acted = self.run.experiment().actions.first();
        let tally = self.tally();
        acted.is_some_and(|timed| timed.at_us <= self.played_us)
            || tally.lost() + tally.twice > 0
            || self.way.given.is_some()
            || !self.way.bookmarks.is_empty()
    }

    /// Goes back to a branch, as far as it was played; never past the veil.
    pub fn bring_back(&mut self, id: u32) {
        let Some(place) = self.branches.iter().position(|kept| kept.way.id == id) else {
            return;
        };
        let branch = self.branches.remove(place);
        self.branches.push(Branch {
            way: std::mem::replace(&mut self.way, branch.way),
            experiment: Rc::clone(self.run.experiment()),
            played_us: self.played_us,
        });
        self.examination = None;
        self.run = Run::new((*branch.experiment).clone()).watched();
        self.played_us = 0;
        self.replan(0);
        self.seek(branch.played_us);
        self.revision += 1;
    }

    /// Gives a run a name of one's own; an empty one brings the usual name back.
    pub fn rename_run(&mut self, id: u32, given: &str) {
        self.revision += 1;
        let others = self.branches.iter_mut().map(|kept| &mut kept.way);
        let mut all = std::iter::once(&mut self.way).chain(others);
        if let Some(way) = all.find(|way| way.id == id) {
            way.given = given_name(given);
        }
    }

    /// Forgets a run left behind. The one on the screen stays.
    pub fn remove_run(&mut self, id: u32) {
        self.revision += 1;
        self.branches.retain(|kept| kept.way.id != id);
    }
}
