//! The hunt: schedules of faults by chance, played and judged, until one breaks a property; then the smallest of them.
//!
//! [`Hunt::step`] plays one run, so that a page can spread them over frames and stop; the same seed gives the same hunt.
//! [`Singles`] leaves nothing to chance: every single fault at every distinct decisive point.

mod play;
mod points;
mod shrink;
mod single;
mod spell;
#[cfg(test)]
mod tests;

pub use points::decisive_points;
pub use single::Singles;
pub use spell::{Kind, Spell};

use play::{one_at_a_time, play};

use super::experiment::Experiment;
use super::judge::Tally;
use super::properties::Property;
use super::run::Run;
use crate::sim::order::sort_by_number;
use crate::sim::{Luck, Micros, SECOND, Stream};

/// Between the end of a fault and the next one, where faults come one at a time: the broker registers again once its old
/// session has expired, and catches up.
const REST_US: Micros = 20 * SECOND;

/// What a hunt may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which faults.
    pub kinds: Vec<Kind>,
    /// The most faults in one schedule.
    pub most: u8,
    /// One fault at a time, with everything whole in between.
    pub one_at_a_time: bool,
    /// The most runs, those that make a schedule smaller not counted.
    pub runs: u32,
    /// What is to be broken.
    pub properties: Vec<Property>,
}

/// A schedule that breaks something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The faults, in order of time.
    pub spells: Vec<Spell>,
    /// What is broken.
    pub property: Property,
    /// The numbers of that run.
    pub tally: Tally,
}

impl Found {
    /// The whole experiment, to be played.
    pub fn experiment(&self, base: &Experiment) -> Experiment {
        spell::with(base, &self.spells)
    }

    /// How many faults and repairs it takes.
    pub fn actions(&self, base: &Experiment) -> usize {
        let actions = self.spells.iter().map(|spell| spell.timed(base).len());
        actions.sum()
    }
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It draws schedules.
    Searching,
    /// It makes the best one smaller.
    Shrinking,
    /// Nothing is left to do.
    Done,
}

/// A hunt under way.
#[derive(Clone, Debug)]
pub struct Hunt {
    experiment: Experiment,
    budget: Budget,
    luck: Stream,
    points: Vec<Micros>,
    /// Where the hunt is.
    pub stage: Stage,
    /// Schedules drawn and played so far.
    pub tried: u32,
    /// Runs that made the best one smaller, or tried to.
    pub shrunk: u32,
    /// The smallest schedule found.
    pub best: Option<Found>,
    /// What is left to try of the candidates of the best one.
    waiting: Vec<Vec<Spell>>,
}

impl Hunt {
    /// Gets ready to hunt in `experiment`, whose own actions do not count.
    pub fn new(experiment: &Experiment, budget: Budget, seed: u64) -> Hunt {
        let mut experiment = experiment.clone();
        experiment.actions.clear();
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        Hunt {
            points: decisive_points(run.journal()),
            luck: Luck::new(seed).stream("hunt", 0),
            experiment,
            budget,
            stage: Stage::Searching,
            tried: 0,
            shrunk: 0,
            best: None,
            waiting: Vec::new(),
        }
    }

    /// What it may do.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Plays one run. Returns whether there is more to do.
    pub fn step(&mut self) -> bool {
        match self.stage {
            Stage::Searching => self.search(),
            Stage::Shrinking => self.shrink(),
            Stage::Done => {}
        }
        self.stage != Stage::Done
    }

    fn search(&mut self) {
        // Once something is found only less is of interest.
        let most = match &self.best {
            Some(found) => found.spells.len() as u64 - 1, // something that breaks has a fault
            None => self.budget.most.into(),
        };
        if most == 0 || self.tried >= self.budget.runs {
            return self.begin_to_shrink();
        }
        self.tried += 1;
        let count = match self.luck.below(2) {
            0 => most,
            _ => 1 + self.luck.below(most),
        };
        let spells = self.draw(count);
        if let Some(found) = self.try_on(&spells) {
            self.best = Some(found);
        }
    }

    fn draw(&mut self, count: u64) -> Vec<Spell> {
        let drawn = (0..count).filter_map(|_| {
            Spell::draw(
                &self.experiment,
                &self.budget.kinds,
                &self.points,
                &mut self.luck,
            )
        });
        let mut spells: Vec<Spell> = drawn.collect();
        sort_by_number(&mut spells, |spell| spell.at_us);
        for place in 1..spells.len() {
            // Trouble while there is trouble.
            let before = spells[place - 1];
            if self.luck.below(2) == 0 {
                let within_us = before.lasts_us.unwrap_or(REST_US);
                spells[place].at_us = before.at_us + self.luck.below(within_us);
            }
        }
        sort_by_number(&mut spells, |spell| spell.at_us);
        if self.budget.one_at_a_time {
            let mut free_us = 0;
            for spell in &mut spells {
                spell.at_us = spell.at_us.max(free_us);
                free_us = spell.ends_us() + REST_US;
            }
        }
        spells
    }

    fn try_on(&self, spells: &[Spell]) -> Option<Found> {
        let mut spells = spells.to_vec();
        sort_by_number(&mut spells, |spell| spell.at_us);
        let outcome = play(&self.experiment, &spells, &self.budget.properties);
        let property = outcome.broken?;
        let allowed = !self.budget.one_at_a_time || one_at_a_time(&self.experiment, &spells);
        allowed.then_some(Found {
            spells,
            property,
            tally: outcome.tally,
        })
    }

    fn begin_to_shrink(&mut self) {
        self.waiting = match &self.best {
            Some(found) => shrink::candidates(&found.spells),
            None => Vec::new(),
        };
        self.waiting.reverse();
        self.stage = match self.waiting.is_empty() {
            true => Stage::Done,
            false => Stage::Shrinking,
        };
    }

    fn shrink(&mut self) {
        let Some(spells) = self.waiting.pop() else {
            self.stage = Stage::Done;
            return;
        };
        self.shrunk += 1;
        if let Some(found) = self.try_on(&spells) {
            self.best = Some(found);
            self.begin_to_shrink();
        } else if self.waiting.is_empty() {
            self.stage = Stage::Done;
        }
    }
}
