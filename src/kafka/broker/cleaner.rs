//! The cleaner of compacted logs (`LogCleaner`): every replica's broker cleans its own copy.

use super::store::{Local, Store};
use crate::kafka::{Entry, Outbox};
use crate::sim::EntryId;

impl Store {
    /// Cleans every compacted log that is dirty enough, and deletes from those that are to be
    /// deleted from as well.
    pub fn clean_logs(&mut self, out: &mut Outbox) {
        // Time did it, and nobody else.
        out.because(EntryId::NONE);
        for local in self.locals() {
            let topic = self.replica(local).partition.topic;
            let compact = self.spec.topic(topic).config.cleanup_policy.compact;
            if compact && self.directory(local).is_writable() {
                self.clean_log(local, out);
            }
        }
    }

    fn clean_log(&mut self, local: Local, out: &mut Outbox) {
        let replica = &mut self.replicas[usize::from(local)];
        let config = &self.spec.topic(replica.partition.topic).config;
        let stable = replica.log.last_stable_offset(replica.high_watermark);
        let cleanable = replica.log.cleanable(config, stable, out.now());
        if cleanable.is_due(config) {
            let partition = replica.partition;
            let cleaning = replica.log.clean(cleanable, config, out.now());
            if !cleaning.superseded.is_empty() || !cleaning.tombstones.is_empty() {
                out.note(Entry::Compacted {
                    partition,
                    cleaning: Box::new(cleaning),
                });
            }
        }
        replica.delete_old_segments(config, out);
    }
}
