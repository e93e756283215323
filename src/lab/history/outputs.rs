//! What an application writes for what it reads: its effect on the business, once whoever reads that topic sees it.
//!
//! The reader of the outputs is not simulated, it follows from their log: in the order of offsets, up to the high
//! watermark; with isolation.level=read_committed up to the last stable offset, without what was aborted.

use super::History;
use super::apply::Here;
use crate::kafka::config::IsolationLevel;
use crate::kafka::record::LogEntry;
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, Entry, MessageId, Offset, TopicId, TopicPartition};
use crate::lab::experiment::{OUTPUT, TOPIC};
use crate::lab::moments::{Moment, On};
use crate::sim::journal::EntryId;
use crate::sim::{Micros, NodeId, SECOND};

/// A wait for the end of somebody else's transaction is told from this length on.
const WAIT_WORTH_SAYING_US: Micros = SECOND;

/// The log of what applications write, and how far its reader has come.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    topic: Option<TopicId>,
    committed_only: bool,
    /// Written, and not seen yet; or seen, in a transaction that is open.
    records: Vec<Output>,
    /// Open, or ended above the high watermark.
    transactions: Vec<Transaction>,
    /// Which process writes under which producer id.
    writers: Vec<(u64, NodeId)>,
    high_watermark: Offset,
    end: Offset,
    /// What the reader has not come to yet begins here.
    seen: Offset,
    /// Since when records below the high watermark are held back by somebody else's open transaction.
    held_since_us: Option<Micros>,
    /// How many were seen since then.
    held: u32,
    /// Seen, and then aborted or gone: the message, and the entry that says so.
    pub taken_back: Vec<(MessageId, EntryId)>,
}

#[derive(Clone, Debug)]
struct Output {
    offset: Offset,
    message: MessageId,
    producer_id: Option<u64>,
    written: Here,
}

#[derive(Clone, Debug)]
struct Transaction {
    producer_id: u64,
    first: Offset,
    /// Where its marker lies, and whether it is a commit.
    end: Option<(Offset, bool)>,
}

/// Which partition a client's or a leader's entry about records speaks of.
pub(crate) fn partition_of(entry: &Entry) -> Option<TopicPartition> {
    match entry {
        Entry::Buffered { partition, .. }
        | Entry::BatchSent { partition, .. }
        | Entry::BatchRetried { partition, .. }
        | Entry::ProduceRefused { partition, .. }
        | Entry::DuplicateDropped { partition, .. }
        | Entry::Acked { partition, .. }
        | Entry::Appended { partition, .. }
        | Entry::Replicated { partition, .. } => Some(*partition),
        Entry::HighWatermark { partition, .. } | Entry::BecameLeader { partition, .. } => {
            Some(*partition)
        }
        Entry::Failed { partition, .. } => *partition,
        _ => None,
    }
}

/// Whether an entry speaks of records of another topic than the one that is followed.
pub(crate) fn is_elsewhere(entry: &Entry) -> bool {
    partition_of(entry).is_some_and(|partition| partition.topic != TOPIC)
}

impl Outputs {
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        let reads_committed = spec.clients.iter().any(|client| match &client.kind {
            ClientKind::Consumer { config, .. } => {
                config.isolation_level == IsolationLevel::ReadCommitted
            }
            ClientKind::Producer { .. } => false,
        });
        Outputs {
            topic: spec.topic_named(OUTPUT),
            committed_only: reads_committed,
            ..Outputs::default()
        }
    }

    /// Whether anything is written at all.
    pub fn are_there(&self) -> bool {
        self.topic.is_some()
    }

    /// Whether whoever reads them waits for transactions to end.
    pub fn are_read_committed(&self) -> bool {
        self.committed_only
    }

    /// Log end and last stable offset: nothing at or behind the latter is shown to a read_committed reader.
    pub fn ends(&self) -> (Offset, Offset) {
        // A marker counts from the high watermark on.
        let holds = |open: &&Transaction| {
            let end = open.end.map(|(end, _)| end);
            end.is_none_or(|end| self.high_watermark <= end)
        };
        let open = self.transactions.iter().filter(holds);
        let open = open.map(|open| open.first).min();
        let stable = open.map_or(self.high_watermark, |open| open.min(self.high_watermark));
        (self.end, stable)
    }

    /// How far its reader sees.
    fn limit(&self) -> Offset {
        match self.committed_only {
            true => self.ends().1,
            false => self.high_watermark,
        }
    }

    /// How the transaction of this record ended, if it has; what is in none counts.
    fn counts(&self, record: &Output) -> Option<bool> {
        let Some(producer_id) = record.producer_id else {
            return Some(true);
        };
        let of_record = |open: &&Transaction| {
            let before_end = open.end.is_none_or(|(end, _)| record.offset < end);
            open.producer_id == producer_id && open.first <= record.offset && before_end
        };
        let end = self.transactions.iter().find(of_record)?.end?;
        Some(end.1)
    }
}

impl History {
    /// Records of other topics: those that an application writes have their effect when they are read.
    pub(super) fn elsewhere(&mut self, here: Here, entry: &Entry) {
        let topic = partition_of(entry).map(|partition| partition.topic);
        if topic.is_some() && topic == self.letters.topic {
            return self.of_letters(here, entry);
        }
        if topic != self.outputs.topic {
            return;
        }
        match entry {
            Entry::BatchSent { batch, .. } => {
                let writers = &mut self.outputs.writers;
                if let Some(stamp) = &batch.producer
                    && !writers.iter().any(|(id, _)| *id == stamp.producer_id)
                {
                    writers.push((stamp.producer_id, here.node));
                }
            }
            Entry::Appended { entry, .. } => self.output_written(here, entry),
            Entry::HighWatermark { offset, .. } => {
                let known = self.outputs.high_watermark;
                self.outputs.high_watermark = known.max(*offset);
                self.read_outputs(here);
            }
            Entry::BecameLeader { log_end, .. } => self.outputs_cut(here, *log_end),
            _ => {}
        }
    }

    fn output_written(&mut self, here: Here, entry: &LogEntry) {
        let outputs = &mut self.outputs;
        outputs.end = entry.next_offset();
        let stamp = entry.batch.transactional();
        if let (Some(stamp), Some(marker)) = (stamp, entry.batch.marker()) {
            let end = (entry.base_offset, marker.commit);
            return self.outputs_ended(here, stamp.producer_id, end);
        }
        if let Some(stamp) = stamp {
            let open =
                |open: &Transaction| open.producer_id == stamp.producer_id && open.end.is_none();
            if !outputs.transactions.iter().any(open) {
                outputs.transactions.push(Transaction {
                    producer_id: stamp.producer_id,
                    first: entry.base_offset,
                    end: None,
                });
            }
        }
        let writer = entry.batch.producer.as_ref().map(|stamp| stamp.producer_id);
        let mut writers = outputs.writers.iter();
        let node = writers.find(|(id, _)| Some(*id) == writer);
        let written = Here {
            node: node.map_or(here.node, |(_, node)| *node),
            ..here
        };
        for (offset, record) in entry.records() {
            self.outputs.records.push(Output {
                offset,
                message: record.message,
                producer_id: stamp.map(|stamp| stamp.producer_id),
                written,
            });
            if let Some(life) = self.ledger.get_mut(record.message) {
                life.unread_outputs += 1;
            }
        }
    }

    /// A transaction's marker is in the log.
    fn outputs_ended(&mut self, here: Here, producer_id: u64, end: (Offset, bool)) {
        let outputs = &mut self.outputs;
        let is_open =
            |open: &&mut Transaction| open.producer_id == producer_id && open.end.is_none();
        if let Some(open) = outputs.transactions.iter_mut().find(is_open) {
            open.end = Some(end);
        }
        let seen = outputs.seen;
        let gone =
            |record: &Output| record.producer_id == Some(producer_id) && record.offset < seen;
        let before = std::mem::take(&mut outputs.records);
        for record in before {
            if !gone(&record) {
                self.outputs.records.push(record);
            } else if !end.1 {
                self.outputs.taken_back.push((record.message, here.id));
            }
        }
    }

    /// A new leader: what its log does not have is gone.
    fn outputs_cut(&mut self, here: Here, log_end: Offset) {
        let outputs = &mut self.outputs;
        outputs.end = log_end;
        outputs.high_watermark = outputs.high_watermark.min(log_end);
        outputs.transactions.retain(|open| open.first < log_end);
        let seen = outputs.seen;
        outputs.seen = seen.min(log_end);
        let (kept, gone) = std::mem::take(&mut outputs.records)
            .into_iter()
            .partition(|record| record.offset < log_end);
        outputs.records = kept;
        for record in gone {
            self.output_dropped(&record);
            if record.offset < seen {
                self.outputs.taken_back.push((record.message, here.id));
            }
        }
    }

    /// The reader goes on as far as it sees.
    fn read_outputs(&mut self, here: Here) {
        let (seen, limit, mut count) = (self.outputs.seen, self.outputs.limit(), 0);
        for record in std::mem::take(&mut self.outputs.records) {
            if record.offset < seen || limit <= record.offset {
                self.outputs.records.push(record);
                continue;
            }
            let counts = self.outputs.counts(&record);
            self.output_dropped(&record);
            if counts == Some(false) && self.outputs.committed_only {
                continue;
            }
            count += 1;
            self.effect(here, &record);
            match counts {
                Some(true) => {}
                Some(false) => self.outputs.taken_back.push((record.message, here.id)),
                None => self.outputs.records.push(record),
            }
        }
        let outputs = &mut self.outputs;
        outputs.seen = seen.max(limit);
        let needed = |open: &Transaction| open.end.is_none_or(|(end, _)| limit <= end);
        outputs.transactions.retain(needed);
        self.outputs.held += count;
        self.still_held(here);
    }

    /// Whether somebody's records are held back by the transaction of somebody else.
    fn still_held(&mut self, here: Here) {
        let outputs = &mut self.outputs;
        let (limit, high_watermark) = (outputs.limit(), outputs.high_watermark);
        let mut open = outputs.transactions.iter();
        let holder = open.find(|open| open.first == limit);
        let holder = holder.map(|open| open.producer_id);
        let is_held = |record: &Output| {
            limit <= record.offset && record.offset < high_watermark && record.producer_id != holder
        };
        if outputs.records.iter().any(is_held) {
            if outputs.held_since_us.is_none() {
                (outputs.held_since_us, outputs.held) = (Some(here.at_us), 0);
            }
            return;
        }
        let Some(since_us) = outputs.held_since_us.take() else {
            return;
        };
        let (span_us, count) = (here.at_us - since_us, outputs.held);
        if span_us >= WAIT_WORTH_SAYING_US {
            self.moments.push(Moment {
                count,
                offset: limit,
                span_us,
                ..here.moment(On::StableAgain)
            });
        }
    }

    fn output_dropped(&mut self, record: &Output) {
        if let Some(life) = self.ledger.get_mut(record.message) {
            life.unread_outputs = life.unread_outputs.saturating_sub(1);
        }
    }

    fn effect(&mut self, here: Here, record: &Output) {
        let life = self.ledger.get(record.message);
        let Some(partition) = life.and_then(|life| life.partition) else {
            return;
        };
        let when = Here {
            node: record.written.node,
            ..here
        };
        self.worked_on(when, record.written.id, record.message, Some(partition));
    }
}
