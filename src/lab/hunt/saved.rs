//! A hunt as a value: written down where it was stopped, and gone on with from there.

use super::{Budget, Found, Hunt, Shard, Smaller, Stage};
use crate::lab::experiment::Experiment;
use serde::{Deserialize, Serialize};

/// Of what is written down. Another meaning of a seed or of a budget makes it a new one.
pub const VERSION: u16 = 1;

/// Where a hunt stands. With the same experiment and budget it goes on as if it had never stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// [`VERSION`] it was written in.
    pub version: u16,
    /// Where its schedules are drawn from.
    pub seed: u64,
    /// Which part of them.
    pub shard: Shard,
    /// Where the hunt is.
    pub stage: Stage,
    /// Schedules drawn and played.
    pub tried: u32,
    /// Runs that made the best one smaller, or tried to.
    pub shrunk: u32,
    /// The smallest schedule found.
    pub best: Option<Found>,
    /// Every smallest one so far.
    pub way: Vec<Smaller>,
    /// How many candidates of the best one were tried.
    pub candidate: usize,
}

/// Where the trial of single faults stands. With the same experiment and faults it goes on as if it had never stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSingles {
    version: u16,
    /// How many were played.
    pub done: usize,
    /// Those that broke something.
    pub broken: Vec<Found>,
}

impl SavedSingles {
    pub(super) fn of(done: usize, broken: Vec<Found>) -> SavedSingles {
        SavedSingles {
            version: VERSION,
            done,
            broken,
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.version == VERSION && self.broken.len() <= self.done
    }
}

impl Hunt {
    /// Writes down where it stands.
    pub fn saved(&self) -> Saved {
        Saved {
            version: VERSION,
            seed: self.seed,
            shard: self.shard,
            stage: self.stage,
            tried: self.tried,
            shrunk: self.shrunk,
            best: self.best.clone(),
            way: self.way.clone(),
            candidate: self.candidate,
        }
    }

    /// Goes on with what was written down of a hunt in this experiment with this budget; `None` if it was written in
    /// another version.
    pub fn resumed(experiment: &Experiment, budget: Budget, saved: Saved) -> Option<Hunt> {
        let sound = saved.version == VERSION && saved.shard.index < saved.shard.of;
        let faulty = saved
            .best
            .as_ref()
            .is_none_or(|found| !found.spells.is_empty());
        if !sound || !faulty {
            return None;
        }
        let mut hunt = Hunt::new(experiment, budget, saved.seed).sharded(saved.shard);
        (hunt.tried, hunt.shrunk) = (saved.tried, saved.shrunk);
        (hunt.best, hunt.way) = (saved.best, saved.way);
        if saved.stage != Stage::Searching {
            hunt.begin_to_shrink(saved.candidate);
        }
        if hunt.candidate >= hunt.candidates.len() && saved.stage != Stage::Searching {
            hunt.stage = Stage::Done;
        }
        Some(hunt)
    }
}
