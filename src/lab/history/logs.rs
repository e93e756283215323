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
    /// One for each offset from `start` on; none where no message is (any more).
    slots: Vec<Option<Slot>>,
    /// The first offset not yet on the platter.
    pub flushed: Offset,
    /// Ends of transactions: offset, producer id, whether it is a commit.
    markers: Vec<(Offset, u64, bool)>,
    /// It follows a new leader, and has not taken anything from it yet.
    pub(super) joins: bool,
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
        let place = offset.checked_sub(self.start)? as usize;
        self.slots.get(place).copied().flatten()
    }

    /// Every message with its offset, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = (Offset, Slot)> {
        let numbered = self.slots.iter().enumerate();
        numbered.filter_map(|(nth, slot)| Some((self.start + nth as u64, (*slot)?)))
    }

    /// Writes one record at `offset`.
    pub(super) fn write(&mut self, offset: Offset, slot: Slot) {
        if self.slots.is_empty() {
            self.start = offset;
        }
        debug_assert!(self.end() <= offset, "logs grow at their end");
        // What a cleaner took out, or what is no message.
        self.slots.resize((offset - self.start) as usize, None);
        self.slots.push(Some(slot));
    }

    /// Takes out what lies at `offset`.
    pub(super) fn take(&mut self, offset: Offset) -> Option<Slot> {
        let place = offset.checked_sub(self.start)? as usize;
        self.slots.get_mut(place)?.take()
    }

    /// Writes the end of a transaction at `offset`.
    pub(super) fn mark(&mut self, offset: Offset, producer_id: u64, commit: bool) {
        if self.slots.is_empty() {
            self.start = offset;
        }
        self.slots
            .resize((offset + 1).saturating_sub(self.start) as usize, None);
        self.markers.push((offset, producer_id, commit));
    }

    /// How the transaction ended to which this producer's record at `offset` belongs; `None`: it is open.
    pub fn ended(&self, offset: Offset, producer_id: u64) -> Option<bool> {
        let from = self.markers.partition_point(|(at, ..)| *at < offset);
        let mut after = self.markers[from..].iter();
        let end = after.find(|(_, id, _)| *id == producer_id)?;
        Some(end.2)
    }

    /// The first offset after this producer's last marker before `offset`.
    pub(super) fn last_marker_before(&self, offset: Offset, producer_id: u64) -> Offset {
        let mut before = self.markers.iter().rev();
        let last = before.find(|(at, id, _)| *at < offset && *id == producer_id);
        last.map_or(self.start, |(at, ..)| at + 1)
    }

    /// The log now starts at `offset`; returns what lay before.
    pub(super) fn starts_at(&mut self, offset: Offset) -> Vec<(Offset, Slot)> {
        let before = |(at, _): &(Offset, Slot)| *at < offset;
        let gone = self.messages().take_while(before).collect();
        let count = (offset.saturating_sub(self.start) as usize).min(self.slots.len());
        self.slots.drain(..count);
        self.start = self.start.max(offset);
        gone
    }

    /// Cuts the log to `offset` and returns what was beyond.
    pub(super) fn cut_to(&mut self, offset: Offset) -> Vec<Slot> {
        self.flushed = self.flushed.min(offset);
        self.markers.retain(|(at, ..)| *at < offset);
        let keep = offset.saturating_sub(self.start) as usize;
        let gone = if offset < self.start || keep > self.slots.len() {
            // It begins anew elsewhere.
            self.start = offset;
            std::mem::take(&mut self.slots)
        } else {
            self.slots.split_off(keep)
        };
        gone.into_iter().flatten().collect()
    }
}
