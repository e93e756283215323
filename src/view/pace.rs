//! How fast simulated time goes: by hand, or slowed around what decides and hurried through waits.

use super::Text;

/// 1/100: simulated µs for each 100 µs of real time, in parts per million.
pub const SLOWEST_PPM: u64 = 10_000;
/// As long before a decisive event slow motion begins.
pub const SLOW_BEFORE_US: u64 = 20_000;
/// As long after a decisive event slow motion ends.
pub const SLOW_AFTER_US: u64 = 80_000;
/// From this long after a decisive event on, slow motion is let go of.
pub const RELEASE_AFTER_US: u64 = 20_000;
/// 1/20: the rate while it is let go of, also when a run begins slower than that.
pub const RELEASE_PPM: u64 = 50_000;
/// A wait with nothing but heartbeats is played in this much real time at most.
pub const WAIT_REAL_US: u64 = 2_000_000;
/// Shorter waits are played as they are.
pub const WAIT_MIN_US: u64 = 1_000_000;

/// What the run offers to the automatic pace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaceView {
    /// Speed a lesson starts with, in parts per million of real time.
    pub base_ppm: u64,
    /// Moments that decide, in order; veiled ones too.
    pub decisive_us: Vec<u64>,
    /// Waits longer than a second with nothing but heartbeats: from, to.
    pub waits_us: Vec<(u64, u64)>,
    /// What a wait is for, for each of them: "9.2 s without a leader".
    pub wait_words: Vec<Text>,
}

/// The rate at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Simulated µs in a million µs of real time.
    pub ppm: u64,
    /// The automatic pace slowed it down.
    pub slowed: bool,
    /// The automatic pace hurries through this wait (place in `waits_us`).
    pub hurried: Option<usize>,
}

impl PaceView {
    /// The rate at `now_us`. `chosen_ppm` is the speed on the panel, `by_hand` says that a person
    /// set it in this run: then it wins.
    pub fn rate(&self, now_us: u64, chosen_ppm: u64, by_hand: bool) -> Rate {
        let plain = Rate {
            ppm: chosen_ppm,
            slowed: false,
            hurried: None,
        };
        if by_hand {
            return plain;
        }
        let slow_motion = |&at_us: &u64| slow_motion(now_us, at_us, chosen_ppm);
        if let Some(ppm) = self.decisive_us.iter().filter_map(slow_motion).min() {
            return Rate {
                ppm,
                slowed: true,
                hurried: None,
            };
        }
        let wait = self
            .waits_us
            .iter()
            .position(|&(from, to)| from <= now_us && now_us < to);
        match wait {
            Some(index) => {
                let (from_us, to_us) = self.waits_us[index];
                let needed_ppm = (to_us - from_us).saturating_mul(1_000_000) / WAIT_REAL_US;
                Rate {
                    ppm: chosen_ppm.max(needed_ppm),
                    slowed: false,
                    hurried: Some(index),
                }
            }
            None => plain,
        }
    }

    /// The next moment after `now_us` at which the rate may change, so that a frame never steps
    /// over the beginning of slow motion.
    pub fn next_change_us(&self, now_us: u64) -> Option<u64> {
        let slow = self.decisive_us.iter().flat_map(|&at_us| {
            [
                at_us.saturating_sub(SLOW_BEFORE_US),
                at_us.saturating_add(RELEASE_AFTER_US),
                at_us.saturating_add(SLOW_AFTER_US),
            ]
        });
        let waits = self.waits_us.iter().flat_map(|&(from, to)| [from, to]);
        slow.chain(waits).filter(|&at_us| at_us > now_us).min()
    }

    /// Where one frame of `real_us` leads from `now_us`.
    pub fn advance(&self, now_us: u64, real_us: u64, chosen_ppm: u64, by_hand: bool) -> u64 {
        let mut at_us = now_us;
        let mut left_real_us = real_us;
        // Each round ends at a change of rate; a frame crosses only a few of them.
        for _ in 0..8 {
            let rate = self.rate(at_us, chosen_ppm, by_hand);
            let span_us = left_real_us.saturating_mul(rate.ppm) / 1_000_000;
            let change_us = if by_hand {
                None
            } else {
                self.next_change_us(at_us)
            };
            match change_us {
                Some(change_us) if at_us + span_us > change_us => {
                    let used_us = (change_us - at_us).saturating_mul(1_000_000) / rate.ppm.max(1);
                    left_real_us = left_real_us.saturating_sub(used_us);
                    at_us = change_us;
                }
                _ => return at_us + span_us,
            }
        }
        at_us
    }
}

/// The rate that an event at `at_us` asks for at `now_us`; none when it is not near.
fn slow_motion(now_us: u64, at_us: u64, chosen_ppm: u64) -> Option<u64> {
    if now_us + SLOW_BEFORE_US < at_us || now_us >= at_us.saturating_add(SLOW_AFTER_US) {
        return None;
    }
    let released = now_us >= at_us.saturating_add(RELEASE_AFTER_US);
    Some(if released {
        RELEASE_PPM
    } else {
        chosen_ppm.min(SLOWEST_PPM)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> PaceView {
        PaceView {
            base_ppm: 1_000_000,
            decisive_us: vec![1_000_000, 10_500_000],
            waits_us: vec![(1_300_000, 10_300_000)],
            wait_words: vec![Text::same("9 s")],
        }
    }

    #[test]
    fn a_decisive_event_is_slowed_before_and_after() {
        let pace = pace();
        assert!(!pace.rate(979_999, 1_000_000, false).slowed);
        assert!(pace.rate(980_000, 1_000_000, false).slowed);
        assert!(pace.rate(1_079_999, 1_000_000, false).slowed);
        assert!(!pace.rate(1_080_000, 1_000_000, false).slowed);
    }

    #[test]
    fn slow_motion_is_let_go_of_after_the_event() {
        let pace = pace();
        let rates = [1_000_000, 1_019_999, 1_020_000, 1_079_999];
        let rates = rates.map(|at_us| pace.rate(at_us, 1_000_000, false).ppm);
        assert_eq!(rates, [10_000, 10_000, 50_000, 50_000]);
    }

    #[test]
    fn a_long_wait_takes_two_seconds_of_real_time() {
        let rate = pace().rate(5_000_000, 1_000_000, false);
        assert_eq!(rate.hurried, Some(0));
        assert_eq!(rate.ppm, 4_500_000);
    }

    #[test]
    fn a_speed_set_by_hand_wins() {
        let rate = pace().rate(1_000_000, 1_000_000, true);
        assert_eq!(
            rate,
            Rate {
                ppm: 1_000_000,
                slowed: false,
                hurried: None
            }
        );
    }

    #[test]
    fn a_frame_never_steps_over_the_beginning_of_slow_motion() {
        let after_us = pace().advance(970_000, 100_000, 1_000_000, false);
        assert_eq!(after_us, 980_000 + 900);
    }
}
