//! The hunt: schedules of faults by chance, played and judged, until one breaks a property; then the smallest of them.
//!
//! [`Hunt::step`] plays one run, so that a page can spread them over frames and stop; the same seed gives the same hunt.
//! Schedules come in families that begin alike, so that their beginning is played once. A hunt can be split into
//! [`Shard`]s, written down as [`Saved`] and gone on with; [`Piece`]s of it can be played ahead, by several at once.
//! [`Singles`] leaves nothing to chance: every single fault at every distinct decisive point.

mod ahead;
mod draw;
mod ground;
mod holes;
mod play;
mod points;
mod saved;
mod shrink;
mod single;
mod spell;
#[cfg(test)]
mod tests;

pub use ahead::Piece;
pub use ground::Ground;
pub use holes::{Hole, holes, recommended, single_kinds};
pub use points::{decisive_points, decisive_points_from, exposed_points};
pub use saved::{Saved, SavedSingles};
pub use single::Singles;
pub use spell::{Kind, Spell, with};

use draw::{FAMILY, Family};
use play::{one_at_a_time, play};
use serde::{Deserialize, Serialize};

use super::experiment::Experiment;
use super::judge::Tally;
use super::properties::Property;
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, SECOND};

/// Between the end of a fault and the next one, where faults come one at a time: the broker registers again once its old
/// session has expired, and catches up.
const REST_US: Micros = 20 * SECOND;

/// What counts as harm unless something else is asked.
pub const HARM: [Property; 3] = [
    Property::LostAfterAck,
    Property::LostSilently,
    Property::Doubled,
];

/// What a hunt may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// One of several equal parts of a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 0.
    pub index: u32,
    /// How many there are, at least one.
    pub of: u32,
}

impl Shard {
    /// A hunt that is not split.
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };

    /// Part `index` of this part, if that is split once more.
    pub fn split(self, index: u32, of: u32) -> Shard {
        Shard {
            index: self.index * of + index,
            of: self.of * of,
        }
    }
}

/// A schedule that breaks something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        with(base, &self.spells)
    }

    /// How many faults and repairs it takes.
    pub fn actions(&self, base: &Experiment) -> usize {
        let actions = self.spells.iter().map(|spell| spell.timed(base).len());
        actions.sum()
    }
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It draws schedules.
    Searching,
    /// It makes the best one smaller.
    Shrinking,
    /// Nothing is left to do.
    Done,
}

/// A schedule that was the smallest for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smaller {
    /// Runs played before.
    pub after: u32,
    /// The faults.
    pub spells: Vec<Spell>,
}

/// A hunt under way.
#[derive(Clone, Debug)]
pub struct Hunt {
    ground: Ground,
    budget: Budget,
    /// Those of the budget's kinds that can be done here.
    kinds: Vec<Kind>,
    seed: u64,
    shard: Shard,
    points: Vec<Micros>,
    family: Option<Family>,
    /// Where the hunt is.
    pub stage: Stage,
    /// Schedules drawn and played so far.
    pub tried: u32,
    /// Runs that made the best one smaller, or tried to.
    pub shrunk: u32,
    /// The smallest schedule found.
    pub best: Option<Found>,
    /// Every smallest one so far, in the order they were found.
    pub way: Vec<Smaller>,
    /// Candidates of the best one, and how many of them were tried.
    candidates: Vec<Vec<Spell>>,
    candidate: usize,
}

impl Hunt {
    /// Gets ready to hunt in `experiment`, whose own actions do not count.
    pub fn new(experiment: &Experiment, budget: Budget, seed: u64) -> Hunt {
        let ground = Ground::new(experiment);
        Hunt {
            points: decisive_points(ground.calm().journal()),
            kinds: possible(&budget.kinds, experiment),
            ground,
            budget,
            seed,
            shard: Shard::WHOLE,
            family: None,
            stage: Stage::Searching,
            tried: 0,
            shrunk: 0,
            best: None,
            way: Vec::new(),
            candidates: Vec::new(),
            candidate: 0,
        }
    }

    /// Only one part of its schedules.
    pub fn sharded(mut self, shard: Shard) -> Hunt {
        self.shard = shard;
        self
    }

    /// What it may do.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What is hunted in, without faults.
    pub fn experiment(&self) -> &Experiment {
        &self.ground.experiment
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

    /// Draws no more schedules: what was found is made smaller, and that is all.
    pub fn conclude(&mut self) {
        if self.stage == Stage::Searching {
            self.begin_to_shrink(0);
        }
    }

    fn search(&mut self) {
        match self.most() {
            None => self.begin_to_shrink(0),
            Some(most) => {
                let spells = self.draw(self.tried, most);
                let found = self.try_on(&spells);
                self.searched(found);
            }
        }
    }

    /// The most faults of the next schedule; `None` if no more are drawn.
    fn most(&self) -> Option<u64> {
        // Once something is found only less is of interest.
        let most = match &self.best {
            Some(found) => found.spells.len() as u64 - 1, // something that breaks has a fault
            None => self.budget.most.into(),
        };
        (most > 0 && self.tried < self.budget.runs).then_some(most)
    }

    /// One more schedule was played.
    fn searched(&mut self, found: Option<Found>) {
        self.tried += 1;
        if let Some(found) = found {
            self.improve(found);
        }
    }

    /// Schedule number `tried`, of at most so many faults.
    fn draw(&mut self, tried: u32, most: u64) -> Vec<Spell> {
        let family = u64::from(tried) / FAMILY;
        let number = family * u64::from(self.shard.of) + u64::from(self.shard.index);
        if self
            .family
            .as_ref()
            .is_none_or(|known| !known.is(number, most))
        {
            let drawn = Family::draw(self, number, most);
            self.ground.begin(&drawn.first, drawn.until_us);
            self.family = Some(drawn);
        }
        let member = u64::from(tried) % FAMILY;
        self.family
            .as_ref()
            .map_or_else(Vec::new, |family| family.member(self, member))
    }

    fn try_on(&self, spells: &[Spell]) -> Option<Found> {
        let mut spells = spells.to_vec();
        sort_by_number(&mut spells, |spell| spell.at_us);
        let outcome = play(&self.ground, &spells, &self.budget.properties);
        let property = outcome.broken?;
        let allowed = !self.budget.one_at_a_time || one_at_a_time(self.experiment(), &spells);
        allowed.then_some(Found {
            spells,
            property,
            tally: outcome.tally,
        })
    }

    fn improve(&mut self, found: Found) {
        self.way.push(Smaller {
            after: self.tried + self.shrunk,
            spells: found.spells.clone(),
        });
        self.best = Some(found);
    }

    /// Lists what could be tried to make the best one smaller, `tried` of which was.
    fn begin_to_shrink(&mut self, tried: usize) {
        self.candidates = match &self.best {
            Some(found) => shrink::candidates(&found.spells),
            None => Vec::new(),
        };
        self.candidate = tried;
        self.stage = match self.candidates.is_empty() {
            true => Stage::Done,
            false => Stage::Shrinking,
        };
    }

    fn shrink(&mut self) {
        match self.candidates.get(self.candidate) {
            None => self.stage = Stage::Done,
            Some(spells) => {
                let found = self.try_on(spells);
                self.shrank(found);
            }
        }
    }

    /// One more candidate was played.
    fn shrank(&mut self, found: Option<Found>) {
        self.shrunk += 1;
        self.candidate += 1;
        if let Some(found) = found {
            self.improve(found);
            self.begin_to_shrink(0);
        } else if self.candidate == self.candidates.len() {
            self.stage = Stage::Done;
        }
    }
}

/// Those of `kinds` that there is somebody for in `experiment`.
fn possible(kinds: &[Kind], experiment: &Experiment) -> Vec<Kind> {
    let mut kinds = kinds.to_vec();
    kinds.retain(|kind| !kind.targets(experiment).is_empty());
    kinds
}
