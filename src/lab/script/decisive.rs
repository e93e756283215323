//! Which moments decide a fate: slow motion stops for them, the axis names them, the live region speaks them.

use crate::lab::history::History;
use crate::lab::moments::{Moment, On};
use crate::lab::text::Text;
use crate::sim::Micros;

use super::Script;

/// The decisive moments of a whole run, in order. Losses in a row are one: the first, with all that are lost at that
/// same moment; of duplicates and of what comes too late only the first decides, of acks with one copy only the one that breaks.
pub fn decisive(whole: &History) -> Vec<Moment> {
    let breaks = whole
        .moments
        .iter()
        .find(|moment| breaks(whole, moment))
        .map(|moment| moment.entry);
    let mut decided: Vec<Moment> = Vec::new();
    let (mut seen_twice, mut seen_late) = (false, false);
    for moment in &whole.moments {
        let decides = match moment.on {
            On::AckedWithOneCopy => breaks == Some(moment.entry),
            On::Twice => !std::mem::replace(&mut seen_twice, true),
            On::OutOfOrder => !std::mem::replace(&mut seen_late, true),
            // A new partition gets its first leader.
            On::Elected if moment.epoch == 0 => false,
            On::Lost => !joins(decided.last_mut(), moment),
            on => on.is_decisive(),
        };
        if decides {
            decided.push(*moment);
        }
    }
    decided
}

impl Script {
    /// What decided after one moment and up to another, one sentence after the other.
    pub fn spoken_between(&self, after_us: Micros, to_us: Micros) -> Text {
        let mut said = Text::default();
        for decisive in &self.decisive {
            if after_us < decisive.moment.at_us && decisive.moment.at_us <= to_us {
                said.say(&decisive.spoken);
            }
        }
        said
    }
}

/// An ack was given for a message that not every in-sync replica had, and that is lost later.
fn breaks(whole: &History, moment: &Moment) -> bool {
    let life = moment.message.and_then(|message| whole.ledger.get(message));
    moment.on == On::AckedWithOneCopy && life.is_some_and(|life| life.lost.is_some())
}

/// Whether a moment can change a message's fate.
pub(super) fn settles(on: On) -> bool {
    matches!(
        on,
        On::Acked
            | On::AckedWithOneCopy
            | On::CountedWithoutAck
            | On::SendFailed
            | On::Truncated
            | On::TailLost
            | On::Deleted
            | On::Processed
            | On::Twice
            | On::RowDead
            | On::SetAside
            | On::LetterFailed
            | On::Phantom
            | On::Lost
    )
}

/// Whether a loss belongs to the one before it.
fn joins(last: Option<&mut Moment>, moment: &Moment) -> bool {
    let Some(last) = last.filter(|last| last.on == On::Lost) else {
        return false;
    };
    if last.at_us == moment.at_us {
        last.count += moment.count;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::lessons;
    use crate::lab::run::Run;

    fn decided(id: &str) -> (Vec<Moment>, usize) {
        let lesson = lessons::find(id).expect("a lesson");
        let mut run = Run::new(lesson.experiment);
        run.seek(run.experiment().horizon_us);
        let mut whole = History::new(run.experiment());
        whole.follow(run.journal(), run.entries());
        let lost = whole.moments.iter().filter(|moment| moment.on == On::Lost);
        (decisive(&whole), lost.count())
    }

    #[test]
    fn the_ack_that_breaks_the_kill_the_election_the_loss_and_the_truncation_decide() {
        let (moments, _) = decided("acks");
        let kinds: Vec<On> = moments.iter().map(|moment| moment.on).collect();
        let story = [
            On::AckedWithOneCopy,
            On::Killed,
            On::Elected,
            On::Lost,
            On::Truncated,
        ];
        assert_eq!(kinds, story);
    }

    #[test]
    fn the_first_message_out_of_order_decides() {
        let (moments, _) = decided("which-partition");
        let late = moments.iter().filter(|moment| moment.on == On::OutOfOrder);
        assert_eq!(late.count(), 1);
    }

    #[test]
    fn losses_in_a_row_decide_once() {
        let (moments, lost) = decided("retries");
        let decided = moments.iter().filter(|moment| moment.on == On::Lost);
        assert!(lost > 10, "one by one, many are lost");
        assert_eq!(decided.count(), 1);
    }

    #[test]
    fn what_is_lost_at_one_moment_is_counted_together() {
        let (moments, lost) = decided("three-ways");
        let loss = moments.iter().find(|moment| moment.on == On::Lost);
        assert_eq!(loss.map(|moment| moment.count as usize), Some(lost));
    }
}
