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

/// How a person wants time to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tempo {
    /// The speed on the panel.
    pub chosen_ppm: u64,
    /// A person set it in this run: then it wins.
    pub by_hand: bool,
    /// Less motion is wanted: a pause at what decides, in place of slow motion.
    pub still: bool,
}

impl Tempo {
    fn slows(self) -> bool {
        !self.by_hand && !self.still
    }

    /// Whether time stands still where something decides.
    pub fn pauses(self) -> bool {
        !self.by_hand && self.still
    }
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
    /// The rate at `now_us`.
    pub fn rate(&self, now_us: u64, tempo: Tempo) -> Rate {
        let plain = Rate {
            ppm: tempo.chosen_ppm,
            slowed: false,
            hurried: None,
        };
        if tempo.by_hand {
            return plain;
        }
        let slow_motion = |&at_us: &u64| slow_motion(now_us, at_us, tempo.chosen_ppm);
        let slowest = self.decisive_us.iter().filter_map(slow_motion).min();
        if let Some(ppm) = slowest.filter(|_| tempo.slows()) {
            return Rate {
                ppm,
                slowed: true,
                ..plain
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
                    ppm: tempo.chosen_ppm.max(needed_ppm),
                    hurried: Some(index),
                    ..plain
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
                at_us,
                at_us.saturating_add(RELEASE_AFTER_US),
                at_us.saturating_add(SLOW_AFTER_US),
            ]
        });
        let waits = self.waits_us.iter().flat_map(|&(from, to)| [from, to]);
        slow.chain(waits).filter(|&at_us| at_us > now_us).min()
    }

    /// Something is decided at exactly this moment.
    pub fn decides_at(&self, now_us: u64) -> bool {
        self.decisive_us.contains(&now_us)
    }

    /// Where one frame of `real_us` leads from `now_us`.
    pub fn advance(&self, now_us: u64, real_us: u64, tempo: Tempo) -> u64 {
        let mut at_us = now_us;
        let mut left_real_us = real_us;
        // Each round ends at a change of rate; a frame crosses only a few of them.
        for _ in 0..8 {
            let rate = self.rate(at_us, tempo);
            let span_us = left_real_us.saturating_mul(rate.ppm) / 1_000_000;
            let change_us = self.next_change_us(at_us).filter(|_| !tempo.by_hand);
            match change_us {
                Some(change_us) if at_us + span_us > change_us => {
                    let used_us = (change_us - at_us).saturating_mul(1_000_000) / rate.ppm.max(1);
                    left_real_us = left_real_us.saturating_sub(used_us);
                    at_us = change_us;
                }
                _ => return at_us + span_us,
            }
            if tempo.pauses() && self.decides_at(at_us) {
                return at_us;
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

    const LIFE: u64 = 1_000_000;
    const AUTO: Tempo = Tempo {
        chosen_ppm: LIFE,
        by_hand: false,
        still: false,
    };
    const BY_HAND: Tempo = Tempo {
        by_hand: true,
        ..AUTO
    };
    const STILL: Tempo = Tempo {
        still: true,
        ..AUTO
    };

    fn pace() -> PaceView {
        PaceView {
            base_ppm: LIFE,
            decisive_us: vec![1_000_000, 10_500_000],
            waits_us: vec![(1_300_000, 10_300_000)],
            wait_words: vec![Text::same("9 s")],
        }
    }

    /// How long frames of 16 ms take from one moment to another.
    fn real_ms_between(from_us: u64, to_us: u64, tempo: Tempo) -> u64 {
        let (mut at_us, mut frames) = (from_us, 0);
        while at_us < to_us {
            at_us = pace().advance(at_us, 16_000, tempo);
            frames += 1;
        }
        frames * 16
    }

    #[test]
    fn a_decisive_event_is_slowed_from_20_ms_before_to_80_ms_after() {
        let slowed = |at_us| pace().rate(at_us, AUTO).slowed;
        let moments = [979_999, 980_000, 1_079_999, 1_080_000];
        assert_eq!(moments.map(slowed), [false, true, true, false]);
    }

    #[test]
    fn slow_motion_is_let_go_of_after_the_event() {
        let rates = [1_000_000, 1_019_999, 1_020_000, 1_079_999];
        let rates = rates.map(|at_us| pace().rate(at_us, AUTO).ppm);
        assert_eq!(rates, [10_000, 10_000, 50_000, 50_000]);
    }

    #[test]
    fn a_long_wait_takes_two_seconds_of_real_time() {
        let rate = pace().rate(5_000_000, AUTO);
        assert_eq!((rate.hurried, rate.ppm), (Some(0), 4_500_000));
        let slowly = Tempo {
            chosen_ppm: LIFE / 10,
            ..AUTO
        };
        for tempo in [AUTO, slowly, STILL] {
            let ms = real_ms_between(1_300_000, 10_300_000, tempo);
            assert!((1_984..=2_016).contains(&ms), "{tempo:?}: {ms} ms");
        }
        let quickly = Tempo {
            chosen_ppm: 10 * LIFE,
            ..AUTO
        };
        assert!(real_ms_between(1_300_000, 10_300_000, quickly) < 1_000);
    }

    #[test]
    fn a_speed_set_by_hand_wins() {
        for at_us in [1_000_000, 5_000_000] {
            let rate = pace().rate(at_us, BY_HAND);
            assert_eq!((rate.ppm, rate.slowed, rate.hurried), (LIFE, false, None));
        }
        assert_eq!(pace().advance(900_000, 200_000, BY_HAND), 1_100_000);
        let still_by_hand = Tempo {
            still: true,
            ..BY_HAND
        };
        assert_eq!(pace().advance(900_000, 200_000, still_by_hand), 1_100_000);
    }

    #[test]
    fn a_frame_never_steps_over_the_beginning_of_slow_motion() {
        let after_us = pace().advance(970_000, 100_000, AUTO);
        assert_eq!(after_us, 980_000 + 900);
    }

    #[test]
    fn with_less_motion_time_stops_exactly_where_something_decides_and_goes_on_from_there() {
        let stopped_us = pace().advance(970_000, 100_000, STILL);
        assert_eq!(stopped_us, 1_000_000);
        assert!(pace().decides_at(stopped_us) && !pace().rate(stopped_us, STILL).slowed);
        assert_eq!(pace().advance(stopped_us, 16_000, STILL), 1_016_000);
    }
}
