//! The segments of a log: one file after the other, all but the last closed (`LogSegment`,
//! `LogSegments`). A segment is what is rolled, fsynced, deleted and read again at a start.

use std::rc::Rc;

use super::batches::Batches;
use crate::kafka::Offset;
use crate::kafka::config::TopicConfig;
use crate::kafka::record::LogEntry;
use crate::sim::{MS, Micros};

/// One segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Its name: no record in it has a smaller offset.
    pub base_offset: Offset,
    pub size_bytes: u64,
    /// The timestamp of its first batch: segment.ms counts from there.
    pub first_timestamp: Option<Micros>,
    /// The largest timestamp in it: retention.ms counts from there.
    pub largest_timestamp: Micros,
}

impl Segment {
    fn at(base_offset: Offset) -> Self {
        Segment {
            base_offset,
            ..Segment::default()
        }
    }

    fn push(&mut self, entry: &LogEntry) {
        let timestamp = entry.batch.max_timestamp;
        self.size_bytes += u64::from(entry.batch.size_bytes);
        self.first_timestamp.get_or_insert(timestamp);
        self.largest_timestamp = self.largest_timestamp.max(timestamp);
    }

    /// Whether the next batch goes into a new segment (`LogSegment.shouldRoll`).
    fn should_roll(&self, next_bytes: u64, timestamp: Micros, config: &TopicConfig) -> bool {
        let Some(first) = self.first_timestamp else {
            return false;
        };
        let waited_us = timestamp.saturating_sub(first);
        self.size_bytes + next_bytes > config.segment_bytes
            || waited_us > config.longest_segment_ms().saturating_mul(MS)
    }
}

/// All segments of a log; a clone costs one counter.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    closed: Rc<Vec<Segment>>,
    active: Segment,
}

impl Segments {
    /// One empty segment.
    pub fn starting_at(base_offset: Offset) -> Self {
        Segments {
            closed: Rc::default(),
            active: Segment::at(base_offset),
        }
    }

    /// The segment that is written to.
    pub fn active(&self) -> &Segment {
        &self.active
    }

    /// All segments, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.closed.iter().chain([&self.active])
    }

    /// Where the first segment starts.
    pub fn first_offset(&self) -> Offset {
        self.closed.first().unwrap_or(&self.active).base_offset
    }

    /// Where the segment that holds `offset` ends, unless it is the active one.
    pub fn end_of(&self, offset: Offset) -> Option<Offset> {
        if offset >= self.active.base_offset {
            return None;
        }
        let next = self.closed.partition_point(|s| s.base_offset <= offset);
        let next = self.closed.get(next).unwrap_or(&self.active);
        Some(next.base_offset)
    }

    /// What all segments hold.
    pub fn size_bytes(&self) -> u64 {
        self.iter().map(|segment| segment.size_bytes).sum()
    }

    /// What a start without the clean marker reads: everything from the segment that holds
    /// `recovery_point` on (`LogLoader.recoverLog`).
    pub fn bytes_from(&self, recovery_point: Offset) -> u64 {
        let first = self
            .closed
            .partition_point(|s| s.base_offset <= recovery_point);
        let unsafe_closed = &self.closed[first.saturating_sub(1)..];
        let in_active = recovery_point >= self.active.base_offset;
        let closed = if in_active { &[] } else { unsafe_closed };
        closed.iter().map(|s| s.size_bytes).sum::<u64>() + self.active.size_bytes
    }

    pub(super) fn push(&mut self, entry: &LogEntry) {
        self.active.push(entry);
    }

    /// Closes the active segment if the next batch is too much for it; `end` is where the new one
    /// starts.
    pub(super) fn roll_if_due(
        &mut self,
        end: Offset,
        (next_bytes, timestamp): (u32, Micros),
        config: &TopicConfig,
    ) -> bool {
        let due = (self.active).should_roll(u64::from(next_bytes), timestamp, config);
        if due {
            self.roll(end);
        }
        due
    }

    /// Closes the active segment.
    pub(super) fn roll(&mut self, end: Offset) {
        let closed = std::mem::replace(&mut self.active, Segment::at(end));
        Rc::make_mut(&mut self.closed).push(closed);
    }

    /// Drops the first `count` segments; of the last one only if a new one has been rolled.
    pub(super) fn drop_first(&mut self, count: usize) {
        Rc::make_mut(&mut self.closed).drain(..count);
    }

    /// What lies below `end` was cleaned: small neighbours become one segment, and all are counted
    /// anew (`Cleaner.groupSegmentsBySize`).
    pub(super) fn cleaned(&mut self, end: Offset, most_bytes: u64, batches: &Batches) {
        let mut closed: Vec<Segment> = Vec::new();
        let mut group_bytes = 0;
        for segment in self.closed.iter() {
            group_bytes += segment.size_bytes;
            match closed.last_mut() {
                Some(last) if segment.base_offset < end && group_bytes <= most_bytes => {
                    last.largest_timestamp = last.largest_timestamp.max(segment.largest_timestamp);
                }
                _ => {
                    group_bytes = segment.size_bytes;
                    closed.push(*segment);
                }
            }
        }
        let mut place = 0;
        let count = closed.partition_point(|segment| segment.base_offset < end);
        for segment in &mut closed[..count] {
            (segment.size_bytes, segment.first_timestamp) = (0, None);
        }
        let first = closed.first().map_or(end, |segment| segment.base_offset);
        let below = batches.from(first).map(|written| &written.entry);
        for entry in below.take_while(|entry| entry.base_offset < end) {
            let next =
                closed[place + 1..count].partition_point(|s| s.base_offset <= entry.base_offset);
            place += next;
            closed[place].push(entry);
        }
        self.closed = Rc::new(closed);
    }

    /// The log was cut: later segments are deleted, the one that holds the new end is counted
    /// anew from its batches.
    pub(super) fn truncated(&mut self, end: Offset, batches: &Batches) {
        if self.active.base_offset > end {
            let keep = self.closed.partition_point(|s| s.base_offset <= end);
            let closed = Rc::make_mut(&mut self.closed);
            closed.truncate(keep);
            self.active = closed.pop().unwrap_or(Segment::at(end));
        }
        let mut active = Segment::at(self.active.base_offset);
        for written in batches.from(active.base_offset) {
            active.push(&written.entry);
        }
        self.active = active;
    }
}
