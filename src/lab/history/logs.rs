//! A replica's log, as the journal tells it.

use crate::kafka::{MessageId, Offset};

/// One offset of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The message.
    pub message: MessageId,
    /// Which of the message's places this is.
    pub place: u8,
    /// The epoch of the leader that wrote it.
    pub epoch: u32,
}

/// A log from `start` to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogMirror {
    /// The first offset.
    pub start: Offset,
    /// One for each offset from `start` on.
    pub slots: Vec<Slot>,
    /// The first offset not yet on the platter.
    pub flushed: Offset,
    /// The last cut: when, in microseconds, and the log end before it.
    pub was_cut: Option<(u64, Offset)>,
}

impl LogMirror {
    /// The log end offset.
    pub fn end(&self) -> Offset {
        self.start + self.slots.len() as u64
    }

    /// What lies at an offset.
    pub fn at(&self, offset: Offset) -> Option<Slot> {
        self.slots
            .get(offset.checked_sub(self.start)? as usize)
            .copied()
    }

    /// Writes one record at `offset`.
    pub(super) fn write(&mut self, offset: Offset, slot: Slot) {
        if self.slots.is_empty() {
            self.start = offset;
        }
        debug_assert_eq!(self.end(), offset, "logs are contiguous");
        self.slots.push(slot);
    }

    /// Cuts the log to `offset` and returns what was beyond.
    pub(super) fn cut_to(&mut self, offset: Offset) -> Vec<Slot> {
        self.flushed = self.flushed.min(offset);
        let keep = offset.saturating_sub(self.start) as usize;
        if offset < self.start {
            self.start = offset;
        }
        self.slots.split_off(keep.min(self.slots.len()))
    }
}
