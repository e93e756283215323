//! One order of prices, so that changes which save the same can be sorted from cheap to dear.

use super::Price;
use crate::sim::{Micros, SECOND};

/// What a run costs, in the order in which it hurts; the first difference decides:
///
/// 1. messages that were not taken: their send failed, or they still wait at the end;
/// 2. messages that come twice, since somebody has to notice;
/// 3. the longest gap without an ack, in doublings of a second (8 s and 15 s are alike, 30 s is not);
/// 4. machines;
/// 5. the median ack while nothing is wrong, to two digits;
/// 6. the median from `send()` to the effect, to two digits;
/// 7. fsyncs.
///
/// So a slower ack is cheaper than one refused order, and a fifth broker is dearer than any fsync. Numbers that differ by
/// luck alone are rounded, so that luck does not sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Messages that failed or still wait.
    pub not_taken: u64,
    /// Messages that came twice.
    pub twice: u64,
    /// The power of two at or below the longest gap, in seconds.
    pub gap_s: u64,
    /// Brokers and controllers.
    pub machines: u32,
    /// The median ack while nothing is wrong, rounded.
    pub ack_median_us: Micros,
    /// The median from `send()` to the effect, rounded.
    pub end_to_end_median_us: Micros,
    /// How often a broker called fsync for new records.
    pub fsyncs: u64,
}

impl Cost {
    pub(super) fn of(price: &Price) -> Cost {
        Cost {
            not_taken: price.tally.failed + price.tally.waiting,
            twice: price.tally.twice,
            gap_s: doubling(price.gap_us / SECOND),
            machines: price.machines,
            ack_median_us: two_digits(price.calm_ack.median_us),
            end_to_end_median_us: two_digits(price.end_to_end.median_us),
            fsyncs: price.fsyncs,
        }
    }
}

/// The power of two at or below `n`.
fn doubling(n: u64) -> u64 {
    n.checked_ilog2().map_or(0, |power| 1 << power)
}

/// `us` with all but its first two digits zero.
fn two_digits(us: Micros) -> Micros {
    let digits = us.checked_ilog10().unwrap_or(0);
    let unit = 10u64.pow(digits.saturating_sub(1));
    (us + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_kept() {
        assert_eq!(
            [0, 7, 84, 846, 1_249, 99_700].map(two_digits),
            [0, 7, 84, 850, 1_200, 100_000]
        );
        assert_eq!([0, 1, 7, 8, 15, 31].map(doubling), [0, 1, 4, 8, 8, 16]);
    }

    #[test]
    fn a_slower_ack_is_cheaper_than_one_refused_order() {
        let slow = Cost {
            ack_median_us: 90_000,
            fsyncs: 10_000,
            ..Cost::default()
        };
        let refusing = Cost {
            not_taken: 1,
            ..Cost::default()
        };
        let one_more = Cost {
            machines: 1,
            ..Cost::default()
        };
        assert!(slow < refusing && slow < one_more && one_more < refusing);
    }
}
