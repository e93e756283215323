//! Every single fault at every distinct decisive point of a run.

use super::Found;
use super::Shard;
use super::ground::Ground;
use super::play::play;
use super::points::decisive_points;
use super::spell::{Kind, Spell};
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
    /// How many broke nothing.
    pub safe: usize,
    /// Those that broke something, in the order they were played.
    pub broken: Vec<Found>,
}

impl Singles {
    /// Every fault of `kinds` in `experiment`, whose own actions do not count.
    pub fn new(experiment: &Experiment, kinds: &[Kind], properties: &[Property]) -> Singles {
        let ground = Ground::new(experiment);
        let mut faults = Vec::new();
        for kind in kinds {
            for (node, other) in kind.targets(experiment) {
                let spell = |lasts_us| Spell {
                    kind: *kind,
                    node,
                    other,
                    at_us: 0,
                    lasts_us,
                };
                match kind {
                    Kind::Elect => faults.push(spell(None)),
                    _ => faults.extend(LASTS_US.map(|lasts_us| spell(Some(lasts_us)))),
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
            safe: 0,
            broken: Vec::new(),
        }
    }

    /// Only one part of them all.
    pub fn sharded(mut self, shard: Shard) -> Singles {
        self.shard = shard;
        self
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

    /// How many distinct points the faults are tried at.
    pub fn points(&self) -> usize {
        self.points.len()
    }

    /// Plays one more. Returns whether there are more.
    pub fn step(&mut self) -> bool {
        // Point by point, so that whoever stops early has seen every kind of fault.
        let nth = self.next * self.shard.of as usize + self.shard.index as usize;
        let each = self.faults.len().max(1);
        let (point, fault) = (nth / each, nth % each);
        let (Some(at_us), Some(fault)) = (self.points.get(point), self.faults.get(fault)) else {
            return false;
        };
        let spell = Spell {
            at_us: *at_us,
            ..*fault
        };
        self.next += 1;
        let outcome = play(&self.ground, &[spell], &self.properties);
        match outcome.broken {
            None => self.safe += 1,
            Some(property) => self.broken.push(Found {
                spells: vec![spell],
                property,
                tally: outcome.tally,
            }),
        }
        self.next < self.total()
    }
}
