//! From the page cache to the platter: by Kafka (flush.messages, flush.ms, a rolled segment, an
//! orderly stop) and by the OS on its own.

use super::BrokerTimer;
use super::replica::Syncing;
use super::store::{Local, Store};
use crate::kafka::{Entry, FlushedBy, Offset, Outbox};
use crate::sim::disk::Health;
use crate::sim::{MS, Micros};

impl Store {
    /// Starts an fsync if flush.messages records have not seen one (`UnifiedLog.append`). Returns
    /// when it is done: the append waits for it.
    pub fn sync_if_due(&mut self, local: Local, out: &mut Outbox) -> Option<Micros> {
        let stalled = self.stall_if_behind(local, out);
        stalled.max(self.flush_if_due(local, out))
    }

    fn flush_if_due(&mut self, local: Local, out: &mut Outbox) -> Option<Micros> {
        let replica = &self.replicas[usize::from(local)];
        let topic = self.spec.topic(replica.partition.topic);
        let covered = replica.syncing.iter().map(|sync| sync.end).max();
        let safe = covered.unwrap_or(0).max(replica.log.recovery_point());
        let end = replica.log.log_end_offset();
        if end <= safe || end - safe < topic.config.flush_messages {
            return None;
        }
        Some(self.start_sync(local, end, true, out))
    }

    /// With too many dirty pages the kernel lets nobody write before it has written some of them
    /// itself (Linux: `balance_dirty_pages`). Only so does a slow disk slow down a broker that
    /// never asks for an fsync.
    fn stall_if_behind(&mut self, local: Local, out: &mut Outbox) -> Option<Micros> {
        let limit_bytes = self.spec.environment.os_dirty_limit_bytes;
        if self.dirty_bound_bytes <= limit_bytes {
            return None;
        }
        let dirty_bytes = self.replicas.iter().map(|r| r.log.dirty_bytes()).sum();
        self.dirty_bound_bytes = dirty_bytes;
        if dirty_bytes <= limit_bytes {
            return None;
        }
        let now = out.now();
        let replica = &mut self.replicas[usize::from(local)];
        let (partition, end) = (replica.partition, replica.log.log_end_offset());
        let by = FlushedBy::OsWriteBack;
        if !replica.syncing.iter().any(|sync| sync.by == by) {
            out.note(Entry::WritesStall {
                partition,
                dirty_bytes,
            });
        }
        let disk = &mut self.directories[usize::from(replica.directory)].disk;
        let done_at = disk.write(now, replica.log.dirty_bytes());
        let blocks = true;
        replica.syncing.push_back(Syncing { end, by, blocks });
        out.timer(done_at - now, BrokerTimer::Fsynced(local).into());
        Some(done_at)
    }

    /// Starts an fsync of a log up to `end`. Returns when it is done; `blocks`: appends wait for
    /// it.
    pub fn start_sync(
        &mut self,
        local: Local,
        end: Offset,
        blocks: bool,
        out: &mut Outbox,
    ) -> Micros {
        let now = out.now();
        let replica = &mut self.replicas[usize::from(local)];
        let disk = &mut self.directories[usize::from(replica.directory)].disk;
        let done_at = disk.fsync(now, replica.log.dirty_bytes_below(end));
        let by = FlushedBy::Kafka;
        replica.syncing.push_back(Syncing { end, by, blocks });
        replica.flushed_at = done_at;
        out.timer(done_at - now, BrokerTimer::Fsynced(local).into());
        done_at
    }

    /// The oldest fsync under way is done.
    pub fn synced(&mut self, local: Local, out: &mut Outbox) {
        let replica = self.replica_mut(local);
        let Some(Syncing { end, by, blocks }) = replica.syncing.pop_front() else {
            return;
        };
        if self.directory(local).disk.health == Health::Failed {
            return self.write_failed(local, out);
        }
        let replica = self.replica_mut(local);
        let partition = replica.partition;
        let offset = end.min(replica.log.log_end_offset());
        let news = match by {
            FlushedBy::Kafka => replica.log.mark_synced(end),
            FlushedBy::OsWriteBack => replica.log.mark_flushed(end),
        };
        if news {
            out.decide(Entry::Flushed {
                partition,
                offset,
                by,
            });
        }
        if blocks {
            self.changed(local, out);
        }
    }

    /// flush.ms: logs not flushed for that long. Kafka looks only every
    /// log.flush.scheduler.interval.ms, which is "never" unless set (`LogManager.flushDirtyLogs`).
    pub fn flush_dirty_logs(&mut self, out: &mut Outbox) {
        for local in self.locals() {
            let replica = self.replica(local);
            let config = &self.spec.topic(replica.partition.topic).config;
            let wait_us = config.flush_ms.saturating_mul(MS);
            let due_at = replica.flushed_at.saturating_add(wait_us);
            if out.now() >= due_at && replica.log.unflushed_records() > 0 {
                self.start_sync(local, replica.log.log_end_offset(), true, out);
            }
        }
    }

    /// Everything to the platter: the orderly end of a process (`LogManager.shutdown`). Returns
    /// when it is done.
    pub fn flush_all(&mut self, out: &mut Outbox) -> Micros {
        let mut done_at = out.now();
        for local in self.locals() {
            let log = &self.replica(local).log;
            if log.unflushed_records() > 0 && self.directory(local).is_writable() {
                let synced_at = self.start_sync(local, log.log_end_offset(), true, out);
                done_at = done_at.max(synced_at);
            }
        }
        done_at
    }

    /// The OS begins to write what has been dirty since `written_by` or before, unless it is still
    /// at it. Returns how long that takes; [`Store::written_back`] is for then.
    pub fn begin_write_back(&mut self, written_by: Micros, out: &Outbox) -> Option<Micros> {
        if !self.writing_back.is_empty() {
            return None;
        }
        let mut done_at = None;
        for place in 0..self.directories.len() as u8 {
            done_at = done_at.max(self.write_directory_back(place, written_by, out));
        }
        Some(done_at? - out.now())
    }

    fn write_directory_back(
        &mut self,
        place: u8,
        written_by: Micros,
        out: &Outbox,
    ) -> Option<Micros> {
        if self.directories[usize::from(place)].disk.health == Health::Failed {
            return None;
        }
        let mut bytes = None;
        for local in self.locals() {
            let replica = self.replica(local);
            let offset = replica.log.written_by(written_by);
            if replica.directory == place && offset > replica.log.flushed_offset() {
                bytes = Some(bytes.unwrap_or(0) + replica.log.dirty_bytes_below(offset));
                self.writing_back.push((local, offset));
            }
        }
        let disk = &mut self.directories[usize::from(place)].disk;
        Some(disk.write(out.now(), bytes?))
    }

    /// The operator's `sync`, which comes back when it is done.
    pub fn write_back_now(&mut self, out: &mut Outbox) {
        self.writing_back.clear();
        self.begin_write_back(out.now(), out);
        self.written_back(out);
    }

    /// What the OS began to write is on the platter.
    pub fn written_back(&mut self, out: &mut Outbox) {
        for (local, offset) in std::mem::take(&mut self.writing_back) {
            let replica = self.replica_mut(local);
            let offset = offset.min(replica.log.log_end_offset());
            if replica.log.mark_flushed(offset) {
                let (partition, by) = (replica.partition, FlushedBy::OsWriteBack);
                out.note(Entry::Flushed {
                    partition,
                    offset,
                    by,
                });
            }
        }
    }
}
