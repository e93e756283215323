//! What an application writes for what it reads: its effect on the business, from the commit of its transaction on.

use super::History;
use super::apply::Here;
use crate::kafka::record::LogEntry;
use crate::kafka::{Entry, MessageId, TopicPartition};
use crate::lab::experiment::TOPIC;
use crate::sim::NodeId;

/// Written in transactions that are open, by producer id, and whose they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Outputs {
    open: Vec<(u64, Vec<MessageId>)>,
    writers: Vec<(NodeId, u64)>,
}

/// Which partition a client's or a leader's entry about records speaks of.
fn partition_of(entry: &Entry) -> Option<TopicPartition> {
    match entry {
        Entry::Buffered { partition, .. }
        | Entry::BatchSent { partition, .. }
        | Entry::BatchRetried { partition, .. }
        | Entry::ProduceRefused { partition, .. }
        | Entry::DuplicateDropped { partition, .. }
        | Entry::Acked { partition, .. }
        | Entry::Appended { partition, .. }
        | Entry::Replicated { partition, .. } => Some(*partition),
        Entry::Failed { partition, .. } => *partition,
        _ => None,
    }
}

/// Whether an entry speaks of records of another topic than the one that is followed.
pub(crate) fn is_elsewhere(entry: &Entry) -> bool {
    partition_of(entry).is_some_and(|partition| partition.topic != TOPIC)
}

impl History {
    /// Records of other topics: those that an application writes have their effect when they are committed.
    pub(super) fn elsewhere(&mut self, here: Here, entry: &Entry) {
        match entry {
            Entry::BatchSent { batch, .. } => {
                if let Some(stamp) = batch.transactional() {
                    self.outputs.writers.retain(|(node, _)| *node != here.node);
                    self.outputs.writers.push((here.node, stamp.producer_id));
                }
            }
            Entry::Appended { entry, .. } => self.output_written(here, entry),
            _ => {}
        }
    }

    fn output_written(&mut self, here: Here, entry: &LogEntry) {
        let Some(stamp) = entry.batch.transactional() else {
            return;
        };
        if let Some(marker) = entry.batch.marker() {
            return self.output_ended(here, stamp.producer_id, marker.commit);
        }
        let messages = entry.batch.data().iter().map(|record| record.message);
        let open = &mut self.outputs.open;
        match open.iter_mut().find(|(id, _)| *id == stamp.producer_id) {
            Some((_, written)) => written.extend(messages),
            None => open.push((stamp.producer_id, messages.collect())),
        }
    }

    /// The producer of an application has heard that its transaction ended.
    pub(super) fn writer_heard(&mut self, here: Here, commit: bool) {
        let mut writers = self.outputs.writers.iter();
        if let Some((_, id)) = writers.find(|(node, _)| *node == here.node) {
            self.output_ended(here, *id, commit);
        }
    }

    fn output_ended(&mut self, here: Here, producer_id: u64, commit: bool) {
        let open = &mut self.outputs.open;
        let Some(place) = open.iter().position(|(id, _)| *id == producer_id) else {
            return;
        };
        let (_, messages) = open.swap_remove(place);
        for message in messages.into_iter().filter(|_| commit) {
            let partition = self.ledger.get(message).and_then(|life| life.partition);
            if let Some(partition) = partition {
                self.processed(here, message, partition);
            }
        }
    }
}
