//! How long something took, over all messages: a few ranks, and how many there were of each length.

use crate::sim::Micros;
use crate::sim::order::sort_by_number;

/// So many buckets between a time and its double.
const PER_OCTAVE: u64 = 8;

/// A distribution of times, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many were measured.
    pub count: u64,
    /// The shortest.
    pub min_us: Micros,
    /// Half of them took no longer.
    pub median_us: Micros,
    /// 95 of 100 took no longer.
    pub p95_us: Micros,
    /// 99 of 100 took no longer.
    pub p99_us: Micros,
    /// The longest.
    pub max_us: Micros,
    /// How many took how long; empty buckets are left out.
    pub buckets: Vec<Bucket>,
}

/// So many took at least `from_us` and less than `below_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// From here.
    pub from_us: Micros,
    /// To here, exclusive.
    pub below_us: Micros,
    /// How many.
    pub count: u64,
}

impl Spread {
    /// The distribution of these times.
    pub fn of(mut times_us: Vec<Micros>) -> Spread {
        sort_by_number(&mut times_us, |&us| us);
        let (Some(&min_us), Some(&max_us)) = (times_us.first(), times_us.last()) else {
            return Spread::default();
        };
        Spread {
            count: times_us.len() as u64,
            min_us,
            median_us: rank(&times_us, 50),
            p95_us: rank(&times_us, 95),
            p99_us: rank(&times_us, 99),
            max_us,
            buckets: buckets(&times_us),
        }
    }

    /// The bucket that a time falls into: from where, and to where (exclusive).
    pub fn bucket_of(us: Micros) -> (Micros, Micros) {
        bounds(us)
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The nearest rank: `percent` of a hundred are not longer. Of one time at least.
fn rank(sorted_us: &[Micros], percent: usize) -> Micros {
    let nth = (sorted_us.len() * percent).div_ceil(100).max(1);
    sorted_us.get(nth - 1).copied().unwrap_or_default()
}

fn buckets(sorted_us: &[Micros]) -> Vec<Bucket> {
    let mut all: Vec<Bucket> = Vec::new();
    for &us in sorted_us {
        match all.last_mut() {
            Some(last) if us < last.below_us => last.count += 1,
            _ => {
                let (from_us, below_us) = bounds(us);
                all.push(Bucket {
                    from_us,
                    below_us,
                    count: 1,
                });
            }
        }
    }
    all
}

/// The bucket of a time: eighths of the power of two below it, so that buckets look alike on a log scale.
fn bounds(us: Micros) -> (Micros, Micros) {
    let octave = 1u64 << us.max(PER_OCTAVE).ilog2();
    let width = octave / PER_OCTAVE;
    let from_us = us / width * width;
    (from_us, from_us + width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_times_that_were_measured() {
        let spread = Spread::of((1..=200).rev().map(|ms| ms * 1_000).collect());
        assert_eq!(
            (spread.count, spread.min_us, spread.max_us),
            (200, 1_000, 200_000)
        );
        assert_eq!(spread.median_us, 100_000);
        assert_eq!((spread.p95_us, spread.p99_us), (190_000, 198_000));
        let one = Spread::of(vec![7]);
        assert_eq!(
            (one.min_us, one.median_us, one.p99_us, one.max_us),
            (7, 7, 7, 7)
        );
        assert!(Spread::of(Vec::new()).is_empty());
    }

    #[test]
    fn every_time_is_in_one_bucket_and_buckets_grow_with_it() {
        let times: Vec<Micros> = (0..5_000).map(|n| n * n).collect();
        let spread = Spread::of(times.clone());
        let counted: u64 = spread.buckets.iter().map(|bucket| bucket.count).sum();
        assert_eq!(counted, 5_000);
        for us in times {
            let holds = |bucket: &&Bucket| (bucket.from_us..bucket.below_us).contains(&us);
            assert_eq!(spread.buckets.iter().filter(holds).count(), 1, "{us}");
        }
        for bucket in &spread.buckets {
            let width = bucket.below_us - bucket.from_us;
            assert!(width == 1 || width * 8 <= bucket.from_us, "{bucket:?}");
        }
    }
}
