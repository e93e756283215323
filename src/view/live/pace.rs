//! What the automatic pace follows: the decisive moments of a run, and its waits.

use super::chronicle::Chronicle;
use crate::lab::script::seconds;
use crate::lab::text::Text;
use crate::sim::Micros;
use crate::view::PaceView;
use crate::view::pace::{SLOW_AFTER_US, SLOW_BEFORE_US, WAIT_MIN_US};

/// Slow motion around `decisive_us`, haste through the waits of `chronicle`. A wait starts
/// where slow motion after its cause ends, and ends where the next one begins; what is still awaited in the end lasts until
/// `end_us`.
pub fn pace(
    chronicle: &Chronicle,
    decisive_us: Vec<Micros>,
    base_ppm: u64,
    end_us: Micros,
) -> PaceView {
    let mut view = PaceView {
        base_ppm,
        decisive_us,
        ..PaceView::default()
    };
    for wait in &chronicle.waits {
        let to_us = wait.to_us.unwrap_or(end_us);
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

#[cfg(test)]
mod tests {
    use crate::lab::lessons;
    use crate::view::live::Live;
    use crate::view::pace::{SLOW_BEFORE_US, WAIT_REAL_US};
    use crate::view::{Session, Tempo};

    const FRAME_US: u64 = 16_000;

    /// Plays a lesson to its end frame by frame; how long each wait took, in microseconds of real time.
    fn waited_us(id: &str) -> (Live, Vec<u64>) {
        let mut live = Live::default();
        live.load(id).expect("a lesson");
        live.seek(u64::MAX);
        live.answer(0);
        let pace = live.views().pace;
        let tempo = Tempo {
            chosen_ppm: pace.base_ppm,
            by_hand: false,
            still: false,
        };
        let mut took_us = vec![0; pace.waits_us.len()];
        let (mut now_us, end_us) = (0, live.views().timeline.end_us);
        while now_us < end_us {
            if let Some(wait) = pace.rate(now_us, tempo).hurried {
                took_us[wait] += FRAME_US;
            }
            now_us = pace.advance(now_us, FRAME_US, tempo);
        }
        (live, took_us)
    }

    #[test]
    fn in_every_lesson_a_wait_takes_two_seconds_at_most_and_says_what_is_awaited() {
        for lesson in lessons::all() {
            let (mut live, took_us) = waited_us(lesson.id);
            let pace = live.views().pace;
            assert_eq!(pace.wait_words.len(), took_us.len(), "{}", lesson.id);
            for (took_us, words) in took_us.iter().zip(&pace.wait_words) {
                let most_us = WAIT_REAL_US + 2 * FRAME_US;
                assert!(*took_us <= most_us, "{}: {} {took_us}", lesson.id, words.en);
            }
        }
    }

    #[test]
    fn without_a_leader_and_after_the_last_event_is_a_wait() {
        let mut live = Live::default();
        live.open_link("v=1&x=acks&end=60");
        let pace = live.views().pace;
        let first = &pace.wait_words[0];
        assert!(first.en.ends_with(" s without a leader"), "{first:?}");
        let last = pace.waits_us.last().map(|(_, to_us)| *to_us);
        assert_eq!(last, Some(60_000_000 - SLOW_BEFORE_US));
    }
}
