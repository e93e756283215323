//! What a log deletes at its start: whole segments, by age, by size, or because the log starts
//! behind them (`UnifiedLog.deleteOldSegments`).

use super::Log;
use super::segments::Segment;
use crate::kafka::config::TopicConfig;
use crate::kafka::{Deletion, Offset};
use crate::sim::{MS, Micros};

impl Log {
    /// Deletes the oldest segments that the topic's policy does not keep, never beyond
    /// `high_watermark`, read or not. Returns why the log now starts later, if it does.
    pub fn delete_old_segments(
        &mut self,
        config: &TopicConfig,
        high_watermark: Offset,
        now: Micros,
    ) -> Option<Deletion> {
        let start = self.start;
        let behind = self.oldest(high_watermark, |_, next| next.is_some_and(|at| at <= start));
        self.delete_first(behind);
        if !config.cleanup_policy.delete {
            return None;
        }
        let mut why = None;
        let too_many = self.beyond_size(config.retention_bytes, high_watermark);
        if self.delete_first(too_many) {
            why = Some(Deletion::RetentionBytes);
        }
        let too_old = self.beyond_age(config.retention_ms, high_watermark, now);
        if self.delete_first(too_old) {
            why = Some(Deletion::RetentionMs);
        }
        why
    }

    fn beyond_size(&self, retention_bytes: i64, high_watermark: Offset) -> usize {
        let Ok(keep_bytes) = u64::try_from(retention_bytes) else {
            return 0;
        };
        let Some(mut over) = self.segments.size_bytes().checked_sub(keep_bytes) else {
            return 0;
        };
        self.oldest(high_watermark, |segment, _| {
            let fits = over.checked_sub(segment.size_bytes);
            over = fits.unwrap_or(over);
            fits.is_some()
        })
    }

    /// By the largest timestamp of each segment: one young record keeps all the others.
    fn beyond_age(&self, retention_ms: i64, high_watermark: Offset, now: Micros) -> usize {
        let Ok(keep_ms) = u64::try_from(retention_ms) else {
            return 0;
        };
        let keep_us = keep_ms.saturating_mul(MS);
        self.oldest(high_watermark, |segment, _| {
            now.saturating_sub(segment.largest_timestamp) > keep_us
        })
    }

    /// How many of the oldest segments may go: each wholly below the high watermark and breaching
    /// the limit. An active segment too, unless it is empty (`UnifiedLog.deletableSegments`).
    fn oldest(
        &self,
        high_watermark: Offset,
        mut breaches: impl FnMut(&Segment, Option<Offset>) -> bool,
    ) -> usize {
        let mut segments = self.segments.iter().peekable();
        let mut count = 0;
        while let Some(segment) = segments.next() {
            let next = segments.peek().map(|next| next.base_offset);
            let is_empty_end = next.is_none() && segment.size_bytes == 0;
            let below = next.unwrap_or(self.end) <= high_watermark;
            if !below || is_empty_end || !breaches(segment, next) {
                break;
            }
            count += 1;
        }
        count
    }

    /// Deletes the `count` oldest segments; of all of them only after a new one was rolled.
    /// Returns whether the log starts later by it.
    fn delete_first(&mut self, count: usize) -> bool {
        if count == 0 {
            return false;
        }
        if count == self.segments.iter().count() {
            self.segments.roll(self.end);
        }
        self.segments.drop_first(count);
        let first = self.segments.first_offset();
        let before = self.start;
        self.advance_start(first);
        self.batches.drop_before(first);
        self.start > before
    }

    /// Moves the start up: what lies before counts as deleted, and is with its segment
    /// (`UnifiedLog.maybeIncrementLogStartOffset`).
    pub fn advance_start(&mut self, offset: Offset) {
        let offset = offset.min(self.end);
        if offset > self.start {
            self.start = offset;
            self.recovery_point = self.recovery_point.max(offset);
            self.mark_flushed(offset);
            self.epochs.truncate_from_start(offset);
        }
    }
}
