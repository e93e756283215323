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
        let done_at = self.disk.fsync(now, replica.log.dirty_bytes(end));
        replica.syncing.push_back(Syncing { end, blocks });
        replica.flushed_at = done_at;
        out.timer(done_at - now, BrokerTimer::Fsynced(local).into());
        done_at
    }

    /// The oldest fsync under way is done.
    pub fn synced(&mut self, local: Local, out: &mut Outbox) {
        let replica = self.replica_mut(local);
        let Some(Syncing { end, blocks }) = replica.syncing.pop_front() else {
            return;
        };
        let partition = replica.partition;
        let offset = end.min(replica.log.log_end_offset());
        if replica.log.mark_synced(end) {
            let by = FlushedBy::Kafka;
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
            if log.unflushed_records() > 0 {
                done_at = self.start_sync(local, log.log_end_offset(), true, out);
            }
        }
        done_at
    }

    /// The OS writes what has been dirty since `written_by` or before.
    pub fn write_back(&mut self, written_by: Micros, out: &mut Outbox) {
        if self.disk.health == Health::Failed {
            return;
        }
        for replica in &mut self.replicas {
            if replica.log.flushed_offset() == replica.log.log_end_offset() {
                continue;
            }
            let offset = replica.log.written_by(written_by);
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
