//! Named random streams: the luck of one thing does not depend on what else happens.
//!
//! Each stream is seeded by (seed, purpose, who). Turning one knob therefore never reshuffles the
//! luck of the rest, and what-if and compare are fair (common random numbers).

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Where all streams of a world come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luck {
    seed: u64,
}

/// One source of random numbers, the same on every platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(SplitMix64);

impl Luck {
    /// The luck of `seed`.
    pub fn new(seed: u64) -> Self {
        Luck { seed }
    }

    /// The stream for `purpose` of `who` (a node, a link, a partition: any number that names it).
    pub fn stream(&self, purpose: &str, who: u64) -> Stream {
        let named = purpose
            .bytes()
            .fold(self.seed, |key, byte| mixed(key ^ u64::from(byte)));
        Stream(SplitMix64::seed_from_u64(mixed(named ^ mixed(who))))
    }
}

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to but excluding `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply-shift: no division, and the bias is below 2^-32 for the bounds used here.
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True `ppm` times in a million.
    pub fn chance_ppm(&mut self, ppm: u32) -> bool {
        ppm > 0 && self.below(1_000_000) < u64::from(ppm)
    }
}

fn mixed(key: u64) -> u64 {
    SplitMix64::seed_from_u64(key).next_u64()
}
