//! Deleting at the start of logs: retention, DeleteRecords, and a leader whose log starts later.

use super::replica::Replica;
use super::store::Store;
use crate::kafka::config::TopicConfig;
use crate::kafka::{Deletion, Entry, Offset, Outbox};
use crate::sim::disk::Health;
use crate::sim::{EntryId, MS};

impl Store {
    /// What every log knows of producers that have been idle for producer.id.expiration.ms
    /// (`PeriodicProducerExpirationCheck`, KIP-854): a repeat of theirs would not be seen as one any more.
    pub fn expire_producers(&mut self, out: &mut Outbox) {
        let idle_us = self.config().producer_id_expiration_ms.saturating_mul(MS);
        let Some(before) = out.now().checked_sub(idle_us) else {
            return;
        };
        for replica in &mut self.replicas {
            let producers = replica.log.expire_producers(before);
            if !producers.is_empty() {
                let partition = replica.partition;
                out.note(Entry::ProducersExpired {
                    partition,
                    producers,
                });
            }
        }
    }

    /// Retention, for logs that are not compacted: of those the cleaner takes care
    /// (`LogManager.cleanupLogs`). Every replica decides for itself.
    pub fn delete_old_segments(&mut self, out: &mut Outbox) {
        // Time did it, and nobody else.
        out.because(EntryId::NONE);
        let directories = &self.directories;
        for replica in &mut self.replicas {
            let directory = &directories[usize::from(replica.directory)];
            if directory.offline || directory.disk.health == Health::Failed {
                continue;
            }
            let config = &self.spec.topic(replica.partition.topic).config;
            if !config.cleanup_policy.compact {
                replica.delete_old_segments(config, out);
            }
        }
    }
}

impl Replica {
    /// What lies before `offset` is deleted.
    pub fn move_log_start(&mut self, offset: Offset, why: Deletion, out: &mut Outbox) {
        let before = self.log.log_start_offset();
        if offset > before {
            self.log.advance_start(offset);
            self.log_start_moved(before, why, out);
        }
    }

    /// Deletes the segments that the topic's policy does not keep.
    pub fn delete_old_segments(&mut self, config: &TopicConfig, out: &mut Outbox) {
        let (before, watermark) = (self.log.log_start_offset(), self.high_watermark);
        let why = self.log.delete_old_segments(config, watermark, out.now());
        if let Some(why) = why {
            self.log_start_moved(before, why, out);
        }
    }

    fn log_start_moved(&mut self, before: Offset, why: Deletion, out: &mut Outbox) {
        let (partition, offset) = (self.partition, self.log.log_start_offset());
        self.high_watermark = self.high_watermark.max(offset);
        out.note(Entry::LogStartMoved {
            partition,
            offset,
            before,
            why,
        });
        for follower in self.leader_mut().into_iter().flat_map(|l| &mut l.followers) {
            // Its next answer tells it the new start.
            follower.told_high_watermark = None;
        }
    }
}
