//! Waits that grow (`ExponentialBackoff`).

use crate::sim::{MS, Micros, Stream};

/// Doubling from `first_us` up to `most_us`, with 20 % of chance either way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first_us: Micros,
    most_us: Micros,
}

impl Backoff {
    /// From the two configs, in milliseconds.
    pub fn new(first_ms: u64, most_ms: u64) -> Self {
        let (first_us, most_us) = (first_ms.saturating_mul(MS), most_ms.saturating_mul(MS));
        // A first wait above the longest is cut to it (`CommonClientConfigs`).
        Backoff {
            first_us: first_us.min(most_us),
            most_us,
        }
    }

    /// The wait after `attempts` earlier ones.
    pub fn delay_us(&self, attempts: u32, luck: &mut Stream) -> Micros {
        if self.first_us == self.most_us {
            return self.first_us;
        }
        let grown = u128::from(self.first_us) << attempts.min(40);
        let grown = grown.min(u128::from(self.most_us));
        let factor_ppm = 800_000 + u128::from(luck.below(400_000));
        let jittered = grown * factor_ppm / 1_000_000;
        // Never above the cap, which fits.
        jittered.min(u128::from(self.most_us)) as Micros
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Luck;

    #[test]
    fn waits_double_up_to_the_cap_within_a_fifth_of_chance() {
        let mut luck = Luck::new(1).stream("test", 0);
        let backoff = Backoff::new(100, 1000);
        for (attempts, usual_ms) in [
            (0, 100),
            (1, 200),
            (2, 400),
            (3, 800),
            (4, 1000),
            (99, 1000),
        ] {
            let delay_us = backoff.delay_us(attempts, &mut luck);
            assert!(delay_us >= usual_ms * 800, "{attempts}: {delay_us}");
            assert!(
                delay_us <= (usual_ms * 1200).min(1000 * MS),
                "{attempts}: {delay_us}"
            );
        }
    }

    #[test]
    fn equal_bounds_leave_nothing_to_chance() {
        let mut luck = Luck::new(1).stream("test", 0);
        assert_eq!(Backoff::new(50, 50).delay_us(3, &mut luck), 50 * MS);
    }
}
