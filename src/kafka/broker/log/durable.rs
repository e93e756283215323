//! How safe a log is: what is on the platter, what Kafka knows of that, and what is left after
//! power loss and found at the next start (`LogLoader`, `LocalLog.flush`).

use super::Log;
use crate::kafka::Offset;
use crate::sim::Micros;

/// What a start found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What had to be read batch by batch.
    pub scanned_bytes: u64,
    /// The log ended with half a batch.
    pub torn: bool,
}

impl Log {
    /// Everything below is on the platter.
    pub fn flushed_offset(&self) -> Offset {
        self.flushed
    }

    /// Everything below was fsynced by Kafka; where the next recovery begins
    /// (`LocalLog.recoveryPoint`).
    pub fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// Records that Kafka has not fsynced since it opened the log (`LocalLog.unflushedMessages`).
    pub fn unflushed_records(&self) -> u64 {
        self.end - self.recovery_point
    }

    /// Bytes that only the page cache holds.
    pub fn dirty_bytes(&self) -> u64 {
        self.dirty_bytes
    }

    /// Bytes below `end` that only the page cache holds.
    pub fn dirty_bytes_below(&self, end: Offset) -> u64 {
        let dirty = self.batches.from(self.flushed);
        dirty
            .take_while(|written| written.entry.base_offset < end)
            .map(|written| u64::from(written.entry.batch.size_bytes))
            .sum()
    }

    /// The end of what was written at or before `at`: the pages old enough for the OS to write.
    pub fn written_by(&self, at: Micros) -> Offset {
        let dirty = self.batches.from(self.flushed);
        let old = dirty.take_while(|written| written.at <= at);
        old.last()
            .map_or(self.flushed, |written| written.entry.next_offset())
    }

    /// Everything below `offset` is on the platter now. Returns whether that is news.
    pub fn mark_flushed(&mut self, offset: Offset) -> bool {
        let offset = offset.min(self.end);
        let news = offset > self.flushed;
        if news {
            let clean = match offset == self.end {
                true => self.dirty_bytes,
                false => self.dirty_bytes_below(offset),
            };
            self.dirty_bytes = self.dirty_bytes.saturating_sub(clean);
            self.flushed = offset;
        }
        news
    }

    /// Kafka has fsynced everything below `offset`. Returns whether the platter got more by it.
    pub fn mark_synced(&mut self, offset: Offset) -> bool {
        self.recovery_point = self.recovery_point.max(offset.min(self.end));
        self.mark_flushed(offset)
    }

    /// The page cache is gone, but for what the OS happened to have written up to `survives_to`.
    /// A batch cut in two stays as a torn tail until [`Log::load`]. Returns the old end.
    pub fn lose_power(&mut self, survives_to: Offset) -> Offset {
        let keep = self.flushed.max(survives_to.min(self.end));
        if keep == self.end {
            self.flushed = self.end;
            return self.end;
        }
        let before = self.truncate_to(keep);
        self.torn = self.end < keep;
        self.flushed = self.end;
        before
    }

    /// A process opens the log; the checkpoints say from where on it is unsafe and where it starts.
    /// Without the marker of an orderly stop (`clean`) it reads the segments from the recovery
    /// point on, batch by batch, and drops a torn tail. That makes nothing safer: it neither fsyncs
    /// nor moves the recovery point (KAFKA-10101).
    pub fn load(&mut self, recovery_point: Offset, log_start: Offset, clean: bool) -> Loaded {
        let mut loaded = Loaded::default();
        if clean {
            self.recovery_point = self.end;
        } else {
            loaded.scanned_bytes = self.segments.bytes_from(recovery_point);
            loaded.torn = std::mem::take(&mut self.torn);
            self.recovery_point = recovery_point.min(self.end);
        }
        self.start = self.segments.first_offset().max(log_start);
        if self.start > self.end {
            self.restart_at(self.start);
        }
        loaded
    }

    /// The disk was replaced. Returns the old end.
    pub fn wipe(&mut self) -> Offset {
        self.restart_at(0)
    }
}
