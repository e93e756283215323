//! Compaction: of each key only the last value stays (`LogCleaner`, `Cleaner`,
//! `LogCleanerManager`). Offsets stay as they are; the log gets gaps.

use std::rc::Rc;

use super::Log;
use super::batches::{Batches, Written};
use crate::kafka::Offset;
use crate::kafka::config::TopicConfig;
use crate::kafka::record::{Batch, Cleaned, LogEntry, Records};
use crate::sim::order::{Map, Set};
use crate::sim::{MS, Micros};

/// What a cleaner may work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleanable {
    /// Where the last cleaning ended.
    first_dirty: Offset,
    /// Whole closed segments below.
    end: Offset,
    clean_bytes: u64,
    dirty_bytes: u64,
    /// A record has waited longer than max.compaction.lag.ms.
    overdue: bool,
}

/// What a cleaner did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cleaning {
    /// Everything below was looked at.
    pub end: Offset,
    /// Offsets of records that a later one with the same key replaces, or that were aborted.
    pub superseded: Vec<Offset>,
    /// Offsets of tombstones whose time was over.
    pub tombstones: Vec<Offset>,
}

impl Log {
    /// Where the next cleaning begins to look (`cleaner-offset-checkpoint`).
    pub fn first_dirty_offset(&self) -> Offset {
        self.cleaned.clamp(self.start, self.end)
    }

    /// What can be cleaned now: never beyond the last stable offset, the active segment, or
    /// records younger than min.compaction.lag.ms (`LogCleanerManager.cleanableOffsets`).
    pub fn cleanable(&self, config: &TopicConfig, stable: Offset, now: Micros) -> Cleanable {
        let first_dirty = self.first_dirty_offset();
        let lag_us = config.min_compaction_lag_ms.saturating_mul(MS);
        let overdue_at = now.checked_sub(config.max_compaction_lag_ms.saturating_mul(MS));
        let mut found = Cleanable {
            first_dirty,
            end: first_dirty,
            clean_bytes: 0,
            dirty_bytes: 0,
            overdue: false,
        };
        let mut segments = self.segments.iter().peekable();
        while let Some(segment) = segments.next() {
            let Some(next) = segments.peek().map(|next| next.base_offset) else {
                break;
            };
            if next <= first_dirty {
                found.clean_bytes += segment.size_bytes;
                continue;
            }
            let young = lag_us > 0 && segment.largest_timestamp + lag_us > now;
            if next > stable || young {
                break;
            }
            found.end = next;
            found.dirty_bytes += segment.size_bytes;
            let first = segment.first_timestamp.unwrap_or(now);
            found.overdue |= overdue_at.is_some_and(|at| first < at);
        }
        found
    }

    /// Thins out everything below the end of what is cleanable.
    pub fn clean(&mut self, what: Cleanable, config: &TopicConfig, now: Micros) -> Cleaning {
        let aborted = self.aborted_below(what.end);
        let keys = self.last_offsets(what, &aborted);
        let last_batches = self.last_batches();
        let mut done = Cleaning {
            end: what.end,
            ..Cleaning::default()
        };
        let mut batches = Batches::default();
        for written in self.batches.from(self.segments.first_offset()) {
            let entry = &written.entry;
            let (base_offset, leader_epoch) = (entry.base_offset, entry.leader_epoch);
            if base_offset >= what.end {
                batches.push(written.clone());
                continue;
            }
            let sieve = Sieve {
                keys: &keys,
                aborted: aborted.contains(&base_offset),
                horizon: now.saturating_add(config.delete_retention_ms.saturating_mul(MS)),
                now,
            };
            let is_last = last_batches.contains(&base_offset);
            if let Some(batch) = sieve.thin(entry, is_last, &mut done) {
                let entry = LogEntry {
                    base_offset,
                    leader_epoch,
                    batch,
                };
                let at = written.at;
                batches.push(Written { entry, at });
            }
        }
        // The new segments are fsynced before they take the place of the old ones.
        self.mark_flushed(what.end);
        self.batches = batches;
        self.cleaned = what.end;
        (self.segments).cleaned(what.end, config.segment_bytes, &self.batches);
        done
    }

    /// The last offset of each key in what is dirty.
    fn last_offsets(&self, what: Cleanable, aborted: &Set<Offset>) -> Map<u64, Offset> {
        let mut keys = Map::new();
        let dirty = self.batches.from(what.first_dirty).map(|w| &w.entry);
        for entry in dirty.take_while(|entry| entry.base_offset < what.end) {
            if !aborted.contains(&entry.base_offset) {
                for (offset, key, _) in keyed(entry) {
                    key.map(|key| keys.insert(key, offset));
                }
            }
        }
        keys
    }

    /// Batches of transactions that were aborted, by base offset.
    fn aborted_below(&self, end: Offset) -> Set<Offset> {
        let mut found = Set::new();
        let mut aborted = self.aborted_between(self.start, end);
        if aborted.is_empty() {
            return found;
        }
        let mut open: Vec<u64> = Vec::new();
        for entry in self.entries().take_while(|entry| entry.base_offset < end) {
            let Some(stamp) = entry.batch.transactional() else {
                continue;
            };
            let id = stamp.producer_id;
            if entry.batch.marker().is_some() {
                open.retain(|other| *other != id);
                continue;
            }
            let first = |one: &(u64, Offset)| *one == (id, entry.base_offset);
            if let Some(place) = aborted.iter().position(first) {
                aborted.remove(place);
                open.push(id);
            }
            if open.contains(&id) {
                found.insert(entry.base_offset);
            }
        }
        found
    }

    /// The last batch of each producer stays, if empty: its sequence is needed.
    fn last_batches(&self) -> Set<Offset> {
        let mut last: Map<u64, Offset> = Map::new();
        for entry in self.entries() {
            if let Some(stamp) = entry.batch.producer {
                last.insert(stamp.producer_id, entry.base_offset);
            }
        }
        let mut offsets = Set::new();
        for offset in last.values() {
            offsets.insert(*offset);
        }
        offsets
    }
}

impl Cleanable {
    /// Whether it is worth a cleaning: enough of the log is dirty, or a record has waited too long.
    pub fn is_due(&self, config: &TopicConfig) -> bool {
        let all = self.clean_bytes + self.dirty_bytes;
        let limit = u64::from(config.min_cleanable_dirty_ratio.0);
        self.dirty_bytes > 0 && (self.overdue || self.dirty_bytes * 1_000_000 > all * limit)
    }
}

/// What decides whether a record of one batch stays (`Cleaner.shouldRetainRecord`).
struct Sieve<'a> {
    keys: &'a Map<u64, Offset>,
    aborted: bool,
    /// Until when a tombstone stays that is seen for the first time.
    horizon: Micros,
    now: Micros,
}

impl Sieve<'_> {
    /// The batch without what goes; `None` if nothing of it has to stay.
    fn thin(&self, entry: &LogEntry, is_last: bool, done: &mut Cleaning) -> Option<Rc<Batch>> {
        let batch = &entry.batch;
        let known = match &batch.records {
            Records::Cleaned(cleaned) => cleaned.delete_horizon,
            Records::Marker(_) | Records::ConsumerGroup(_) => return Some(Rc::clone(batch)),
            _ => None,
        };
        let mut horizon = known;
        let (mut kept, mut places, mut count) = (Vec::new(), Vec::new(), 0);
        for (nth, (offset, key, tombstone)) in keyed(entry).enumerate() {
            count = nth + 1;
            // Without a key it has no place in a compacted log.
            let later = key.is_none_or(|key| self.keys.get(&key).is_some_and(|at| *at > offset));
            let over = tombstone && known.is_some_and(|horizon| self.now >= horizon);
            if self.aborted || later {
                done.superseded.push(offset);
            } else if over {
                done.tombstones.push(offset);
            } else {
                if tombstone {
                    horizon = horizon.or(Some(self.horizon));
                }
                kept.push((offset - entry.base_offset) as u32);
                places.push(nth);
            }
        }
        if kept.is_empty() && !is_last {
            return None;
        }
        if kept.len() == count && horizon == known {
            return Some(Rc::clone(batch));
        }
        Some(Rc::new(cleaned(batch, kept, &places, horizon)))
    }
}

fn cleaned(batch: &Batch, deltas: Vec<u32>, places: &[usize], horizon: Option<Micros>) -> Batch {
    let (kept, gone_bytes) = batch.kept().only(places);
    let cleaned = Cleaned {
        span: batch.count(),
        kept,
        deltas: deltas.into(),
        delete_horizon: horizon,
    };
    Batch {
        producer: batch.producer,
        records: Records::Cleaned(Rc::new(cleaned)),
        size_bytes: batch.size_bytes.saturating_sub(gone_bytes),
        max_timestamp: batch.max_timestamp,
    }
}

/// Each record's offset, key, and whether it is a tombstone.
fn keyed(entry: &LogEntry) -> impl Iterator<Item = (Offset, Option<u64>, bool)> {
    let keys = entry.batch.kept().keys();
    entry
        .offsets()
        .zip(keys)
        .map(|(at, (key, tombstone))| (at, key, tombstone))
}
