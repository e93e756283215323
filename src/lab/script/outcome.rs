//! What came of the messages that a question is about.

use super::Writer;
use crate::kafka::MessageId;
use crate::lab::ledger::Fate;
use crate::lab::properties::Property;

/// How many survive, are lost, come twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally3 {
    /// Survive.
    pub safe: u64,
    /// Are lost.
    pub lost: u64,
    /// Of these are kept somewhere, and nobody works on them.
    pub undone: u64,
    /// Are there or done twice.
    pub twice: u64,
    /// Are done after a later one of the same key, or of their partition.
    pub late: u64,
}

impl Writer<'_> {
    pub(super) fn came_out(&self, about: &[MessageId]) -> Tally3 {
        let mut tally = Tally3::default();
        let about_order = self.lesson.bad.violated.contains(&Property::Reordered);
        let reordered = |asked: &MessageId| {
            let mut late = self.whole.reordered.iter();
            about_order && late.any(|(_, message, _)| message == asked)
        };
        for message in about {
            match self.whole.fate_of(*message) {
                // A row that nobody sends does not arrive either.
                fate if fate.is_lost() || fate == Fate::Dead => {
                    tally.lost += 1;
                    tally.undone += u64::from(matches!(fate, Fate::Skipped | Fate::Dead));
                }
                Fate::Twice => tally.twice += 1,
                _ if reordered(message) => tally.late += 1,
                _ => tally.safe += 1,
            }
        }
        tally
    }
}
