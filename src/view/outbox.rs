//! The outbox on the stage: the table, its alarm, the desk, the job that empties it. And the dead letters of consumers.

use super::{Fault, ProducerView, RecordView, Text};

/// The outbox table of the shop's database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxView {
    /// The last rows that were sent, then the first of those that were not, oldest first.
    pub rows: Vec<RecordView>,
    /// Rows sent before those.
    pub earlier: u64,
    /// "3 waiting, 1 in flight, 2 dead".
    pub line: Text,
    /// "4 too old", while the alarm rings.
    pub alarm: Option<Text>,
    /// The first dead rows, to be picked by their message.
    pub dead: Vec<u32>,
    /// The last lines of the audit trail.
    pub audit: Vec<Text>,
    /// What can be done at the desk now.
    pub faults: Vec<Fault>,
    /// The job.
    pub relay: ProducerView,
}

/// The dead-letter topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LettersView {
    /// The last messages in it, oldest first.
    pub rows: Vec<RecordView>,
    /// Those before.
    pub earlier: u64,
    /// "3 set aside".
    pub line: Text,
    /// The last one that could not be written.
    pub failed: Option<Text>,
}
