//! Records and batches. A batch never changes once built; logs, requests and responses share it.

use std::rc::Rc;

use super::group::GroupMetadata;
use super::group::consumer::ConsumerGroupRecords;
use super::ids::{GroupId, LeaderEpoch, MessageId, Offset, TopicPartition};
use super::transaction::TransactionMetadata;
use crate::sim::Micros;

/// Bytes of a batch header (`DefaultRecordBatch.RECORD_BATCH_OVERHEAD`).
pub const BATCH_OVERHEAD_BYTES: u32 = 61;

/// One record of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Record {
    pub message: MessageId,
    /// Records with the same key belong together; the key's text is this number in decimal.
    pub key: Option<u32>,
    /// Serialized key, value and headers, in bytes.
    pub size_bytes: u32,
}

/// Who produced a batch, for idempotence and transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProducerStamp {
    pub producer_id: u64,
    pub producer_epoch: u16,
    pub base_sequence: u32,
    /// Whether the batch is part of a transaction.
    pub transactional: bool,
}

/// The end of a transaction in one partition (`EndTransactionMarker`), a control record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Marker {
    pub commit: bool,
    /// The leader epoch of the coordinator that decided it.
    pub coordinator_epoch: LeaderEpoch,
}

/// What a batch holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Records {
    /// An application's records.
    Data(Box<[Record]>),
    /// Commits in `__consumer_offsets`.
    Offsets(Box<[OffsetCommitRecord]>),
    /// A group's generation in `__consumer_offsets`.
    Group(Rc<GroupMetadata>),
    /// The end of a transaction.
    Marker(Marker),
    /// What a transaction coordinator decided, in `__transaction_state`.
    Transaction(Rc<TransactionMetadata>),
    /// Changes of a group of the consumer protocol in `__consumer_offsets`.
    ConsumerGroup(Rc<ConsumerGroupRecords>),
}

/// A value in `__consumer_offsets` (`OffsetCommitValue`), with its key. Its commit time is that of its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OffsetCommitRecord {
    pub group: GroupId,
    pub partition: TopicPartition,
    /// `None` is a tombstone: the offset has expired.
    pub offset: Option<Offset>,
    pub leader_epoch: Option<LeaderEpoch>,
}

/// A record batch (message format v2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// `None` without idempotence.
    pub producer: Option<ProducerStamp>,
    pub records: Records,
    /// The whole batch, header included, in bytes.
    pub size_bytes: u32,
    /// The largest timestamp of its records, in microseconds of simulated time.
    pub max_timestamp: Micros,
}

impl Batch {
    /// How many offsets it takes.
    pub fn count(&self) -> u32 {
        match &self.records {
            Records::Data(records) => records.len() as u32,
            Records::Offsets(commits) => commits.len() as u32,
            Records::Group(_) | Records::Marker(_) | Records::Transaction(_) => 1,
            Records::ConsumerGroup(changes) => changes.records.len() as u32,
        }
    }

    /// Its application records; empty for control data.
    pub fn data(&self) -> &[Record] {
        match &self.records {
            Records::Data(records) => records,
            _ => &[],
        }
    }

    /// The marker it holds, if it is a control batch.
    pub fn marker(&self) -> Option<Marker> {
        match self.records {
            Records::Marker(marker) => Some(marker),
            _ => None,
        }
    }

    /// Its producer, if it is part of a transaction or ends one.
    pub fn transactional(&self) -> Option<ProducerStamp> {
        self.producer.filter(|stamp| stamp.transactional)
    }

    /// The last sequence number, where there is one. Sequences wrap at `i32::MAX`.
    pub fn last_sequence(&self) -> Option<u32> {
        let stamp = self.producer?;
        let last = u64::from(stamp.base_sequence) + u64::from(self.count().saturating_sub(1));
        Some((last % (1 << 31)) as u32)
    }
}

/// A batch at its place in a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogEntry {
    pub base_offset: Offset,
    pub leader_epoch: LeaderEpoch,
    pub batch: Rc<Batch>,
}

impl LogEntry {
    /// The offset after its last record.
    pub fn next_offset(&self) -> Offset {
        self.base_offset + u64::from(self.batch.count())
    }
}
