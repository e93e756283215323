//! The log of one replica: batches in the page cache and on the platter, with its leader epochs
//! and the producers it remembers.
//!
//! Three offsets tell how safe a record is: the log end (page cache), `flushed` (platter), and the
//! high watermark, which belongs to the replica and not to the log. kill -9 leaves a log as it
//! is; power loss cuts it to what is on the platter.

mod batches;
mod cleaner;
mod durable;
mod epochs;
mod producers;
mod retention;
mod segments;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use batches::{Batches, Written};
pub use cleaner::{Cleanable, Cleaning};
pub use epochs::EpochCache;
pub use producers::ProducerStates;
pub use segments::{Segment, Segments};

use crate::kafka::config::TopicConfig;
use crate::kafka::record::{Batch, LogEntry, Marker, ProducerStamp};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{ErrorCode, LeaderEpoch, Offset};
use crate::sim::Micros;

/// One replica's log. Clones share what is written.
#[derive(Clone, Debug, Default)]
pub struct Log {
    batches: Batches,
    segments: Segments,
    epochs: EpochCache,
    producers: ProducerStates,
    start: Offset,
    end: Offset,
    flushed: Offset,
    /// Bytes from `flushed` on.
    dirty_bytes: u64,
    /// What Kafka itself has fsynced, as far as its process knows: the OS tells nobody.
    recovery_point: Offset,
    /// Everything below has been through the cleaner.
    cleaned: Offset,
    /// Power loss left half a batch after the end; the next start will find it.
    torn: bool,
}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Log::default()
    }

    /// The first offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.start
    }

    /// The offset of the next record.
    pub fn log_end_offset(&self) -> Offset {
        self.end
    }

    /// Its segments.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Starts a new segment if the next batch, of this size and timestamp, does not belong into
    /// the present one any more (`UnifiedLog.maybeRoll`). Says whether it did.
    pub fn roll_if_due(&mut self, next: (u32, Micros), config: &TopicConfig) -> bool {
        self.segments.roll_if_due(self.end, next, config)
    }

    /// Whether the leader may append `batch`: `Some(base offset)` if it is one of the last five
    /// batches of its producer, come again (`UnifiedLog.analyzeAndValidateProducerState`).
    pub fn check_producer(&self, batch: &Batch) -> Result<Option<Offset>, ErrorCode> {
        self.producers.check(batch)
    }

    /// Forgets every producer: what [`crate::kafka::Rule::ProducersRemembered`] keeps from happening.
    pub fn forget_producers(&mut self) {
        self.producers = ProducerStates::default();
    }

    /// Forgets producers that have been idle since `before`; says which.
    pub fn expire_producers(&mut self, before: Micros) -> Vec<u64> {
        self.producers.expire(before)
    }

    /// Whether the coordinator of this producer's transaction has to hear of this partition first.
    pub fn must_be_added(&self, producer: ProducerIdAndEpoch) -> Result<bool, ErrorCode> {
        self.producers.must_be_added(producer)
    }

    /// Whether a coordinator may end this producer's transaction here.
    pub fn check_marker(&self, stamp: ProducerStamp, marker: Marker) -> Result<(), ErrorCode> {
        self.producers.check_marker(stamp, marker)
    }

    /// The high watermark has come to `offset`.
    pub fn replicated_to(&mut self, offset: Offset) {
        self.producers.replicated_to(offset);
    }

    /// How far read_committed consumers may read: up to the first offset of the oldest open transaction, and no
    /// further than the high watermark (`UnifiedLog.lastStableOffset`).
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        let unstable = self.producers.first_unstable_offset(high_watermark);
        unstable.map_or(high_watermark, |first| {
            first.max(self.start).min(high_watermark)
        })
    }

    /// Aborted transactions with records from `from` on and below `to`, as producer id and first offset.
    pub fn aborted_between(&self, from: Offset, to: Offset) -> Vec<(u64, Offset)> {
        self.producers.aborted_between(from, to)
    }

    /// Appends as leader of `epoch`: assigns offsets.
    pub fn append_as_leader(
        &mut self,
        batch: Rc<Batch>,
        epoch: LeaderEpoch,
        now: Micros,
    ) -> LogEntry {
        let entry = LogEntry {
            base_offset: self.end,
            leader_epoch: epoch,
            batch,
        };
        self.append(entry.clone(), now);
        entry
    }

    /// Appends what the leader sent. It must start at the log end, or later if the leader's
    /// cleaner has been there.
    pub fn append_as_follower(&mut self, entry: LogEntry, now: Micros) {
        debug_assert!(
            entry.base_offset >= self.end,
            "a follower appends where its log ends, or behind a gap"
        );
        self.append(entry, now);
    }

    fn append(&mut self, entry: LogEntry, now: Micros) {
        self.epochs.assign(entry.leader_epoch, entry.base_offset);
        self.producers.update(&entry);
        self.segments.push(&entry);
        self.dirty_bytes += u64::from(entry.batch.size_bytes);
        self.end = entry.next_offset();
        self.batches.push(Written { entry, at: now });
    }

    /// Whole batches from the one that holds `from`, below `up_to`: at least one if there is any,
    /// no more than `max_bytes` after that, and all of one segment (`LocalLog.read`).
    pub fn read(&self, from: Offset, up_to: Offset, max_bytes: u32) -> Vec<LogEntry> {
        let mut batches = self.batches.from(from).peekable();
        let first = batches.peek();
        let segment = first.and_then(|first| self.segments.end_of(first.entry.base_offset));
        let up_to = segment.map_or(up_to, |end| end.min(up_to));
        let mut left_bytes = u64::from(max_bytes);
        let mut found = Vec::new();
        for Written { entry, .. } in batches {
            let size_bytes = u64::from(entry.batch.size_bytes);
            let fits = found.is_empty() || size_bytes <= left_bytes;
            if entry.base_offset >= up_to || !fits {
                break;
            }
            left_bytes = left_bytes.saturating_sub(size_bytes);
            found.push(entry.clone());
        }
        found
    }

    /// Cuts the log so that it ends at `offset` or at the start of the batch that holds it.
    /// Returns the old end.
    pub fn truncate_to(&mut self, offset: Offset) -> Offset {
        let before = self.end;
        if offset < self.end {
            let start = self.batches.truncate(offset).unwrap_or(self.start);
            self.end = start.clamp(self.start, offset.max(self.start));
            self.cleaned = self.cleaned.min(self.end);
            self.flushed = self.flushed.min(self.end);
            self.recovery_point = self.recovery_point.min(self.end);
            self.segments.truncated(self.end, &self.batches);
            self.dirty_bytes = self.dirty_bytes_below(self.end);
            self.producers = ProducerStates::rebuilt(self.entries());
        }
        // Even if no record goes: a leader that wrote nothing in its epoch must forget that epoch,
        // or it would never agree with its successor (`UnifiedLog.truncateTo`).
        self.epochs.truncate_from_end(self.end);
        before
    }

    /// Forgets everything and starts anew at `offset` (`truncateFullyAndStartAt`).
    pub fn restart_at(&mut self, offset: Offset) -> Offset {
        let before = self.end;
        *self = Log {
            segments: Segments::starting_at(offset),
            start: offset,
            end: offset,
            flushed: offset,
            recovery_point: self.recovery_point.min(offset),
            ..Log::default()
        };
        before
    }

    /// The largest epoch not above `epoch`, and the offset where it ends
    /// (`LeaderEpochFileCache.endOffsetFor`); `None` for an epoch this log has never heard of.
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        self.epochs.end_offset_for(epoch, self.end)
    }

    /// The epoch of the last record, or that of a leadership that has written nothing yet.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest()
    }

    /// A new leader notes that its epoch starts at its log end.
    pub fn assign_epoch_start(&mut self, epoch: LeaderEpoch) {
        self.epochs.assign(epoch, self.end);
    }

    /// The leader-epoch checkpoint: (epoch, start offset).
    pub fn epochs(&self) -> &EpochCache {
        &self.epochs
    }

    /// All batches, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries_from(self.start)
    }

    /// All batches from the one that holds `offset`.
    pub fn entries_from(&self, offset: Offset) -> impl Iterator<Item = &LogEntry> {
        self.batches.from(offset).map(|written| &written.entry)
    }
}
