//! Every single fault at every distinct decisive point of a run.

use super::ground::Ground;
use super::play::play;
use super::points::decisive_points;
use super::spell::{Kind, Spell};
use super::{Found, SavedSingles, Shard};
use crate::lab::experiment::Experiment;
use crate::lab::properties::Property;
use crate::sim::{Micros, SECOND};

/// A fault is repaired soon, or after its broker was replaced in every role.
const LASTS_US: [Micros; 2] = [SECOND, 15 * SECOND];

/// All of them, one run at each step.
#[derive(Clone, Debug)]
pub struct Singles {
    ground: Ground,
    properties: Vec<Property>,
    points: Vec<Micros>,
    /// What is done, without its time.
    faults: Vec<Spell>,
    shard: Shard,
    next: usize,
    /// Those that broke something, in the order they were played.
    pub broken: Vec<Found>,
}

impl Singles {
    /// Every fault of `kinds` in `experiment`, whose own actions do not count.
    pub fn new(experiment: &Experiment, kinds: &[Kind], properties: &[Property]) -> Singles {
        let ground = Ground::new(experiment);
        let mut faults = Vec::new();
        for kind in kinds {
            for spell in Spell::all(experiment, *kind) {
                match kind {
                    Kind::Elect => faults.push(spell),
                    _ => faults.extend(LASTS_US.map(|lasts_us| Spell {
                        lasts_us: Some(lasts_us),
                        ..spell
                    })),
                }
            }
        }
        Singles {
            points: decisive_points(ground.calm().journal()),
            ground,
            shard: Shard::WHOLE,
            properties: properties.to_vec(),
            faults,
            next: 0,
            broken: Vec::new(),
        }
    }

    /// Only one part of them all.
    pub fn sharded(mut self, shard: Shard) -> Singles {
        self.shard = shard;
        self
    }

    /// Goes on with what was written down of the same faults in the same experiment; `None` if that was written in
    /// another version.
    pub fn resumed(mut self, saved: SavedSingles) -> Option<Singles> {
        let sound = saved.is_sound() && saved.done <= self.total();
        (self.next, self.broken) = (saved.done, saved.broken);
        sound.then_some(self)
    }

    /// Writes down where it stands.
    pub fn saved(&self) -> SavedSingles {
        SavedSingles::of(self.next, self.broken.clone())
    }

    /// How many runs there are in all.
    pub fn total(&self) -> usize {
        let all = self.points.len() * self.faults.len();
        let (index, of) = (self.shard.index as usize, self.shard.of as usize);
        all.saturating_sub(index).div_ceil(of)
    }

    /// How many were played.
    pub fn done(&self) -> usize {
        self.next
    }

    /// How many of those broke nothing.
    pub fn safe(&self) -> usize {
        self.next - self.broken.len() // whatever broke something was played
    }

    /// The distinct points the faults are tried at, in microseconds.
    pub fn points_us(&self) -> &[Micros] {
        &self.points
    }

    /// What is done at each of them, without its time.
    pub fn faults(&self) -> &[Spell] {
        &self.faults
    }

    /// Plays one more. Returns whether there are more.
    pub fn step(&mut self) -> bool {
        if self.next < self.total() {
            let found = self.play(self.next);
            self.take(found);
        }
        self.next < self.total()
    }

    /// Plays one of them, out of turn.
    pub fn play(&self, place: usize) -> Option<Found> {
        // Point by point, so that whoever stops early has seen every kind of fault.
        let nth = place * self.shard.of as usize + self.shard.index as usize;
        let each = self.faults.len().max(1);
        let (at_us, fault) = (self.points.get(nth / each)?, self.faults.get(nth % each)?);
        let spell = Spell {
            at_us: *at_us,
            ..*fault
        };
        let outcome = play(&self.ground, &[spell], &self.properties);
        Some(Found {
            spells: vec![spell],
            property: outcome.broken?,
            tally: outcome.tally,
        })
    }

    /// Takes what came of the next one.
    pub fn take(&mut self, found: Option<Found>) {
        self.next += 1;
        self.broken.extend(found);
    }
}
