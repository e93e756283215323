//! What the automatic pace follows: the decisive moments of a run, and its waits.

use super::chronicle::{Chronicle, seconds};
use crate::lab::text::Text;
use crate::sim::Micros;
use crate::view::PaceView;
use crate::view::pace::{SLOW_AFTER_US, SLOW_BEFORE_US, WAIT_MIN_US};

/// Slow motion around `decisive_us`, haste through the waits of `chronicle`. A wait starts
/// where slow motion after its cause ends, and ends where the next one begins.
pub fn pace(chronicle: &Chronicle, decisive_us: Vec<Micros>, base_ppm: u64) -> PaceView {
    let mut view = PaceView {
        base_ppm,
        decisive_us,
        ..PaceView::default()
    };
    for wait in &chronicle.waits {
        let Some(to_us) = wait.to_us else { continue };
        let (from_us, until_us) = (
            wait.from_us + SLOW_AFTER_US,
            to_us.saturating_sub(SLOW_BEFORE_US),
        );
        if until_us < from_us + WAIT_MIN_US {
            continue;
        }
        let lasted = seconds(to_us - wait.from_us);
        view.waits_us.push((from_us, until_us));
        view.wait_words.push(if wait.leaderless {
            Text::new(
                format!("{lasted} without a leader"),
                format!("{lasted} 没有 leader"),
            )
        } else {
            Text::new(
                format!("{lasted} of heartbeats"),
                format!("{lasted} 只有心跳"),
            )
        });
    }
    view
}
