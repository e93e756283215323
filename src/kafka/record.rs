//! Records and batches. A batch never changes once built; logs, requests and responses share it.

use std::rc::Rc;

use super::group::GroupMetadata;
use super::group::consumer::ConsumerGroupRecords;
use super::ids::{GroupId, LeaderEpoch, MessageId, Offset, TopicPartition};
use super::transaction::{TransactionMetadata, TransactionState};
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
    /// Its value is null: in a compacted topic it deletes its key.
    #[serde(default)]
    pub tombstone: bool,
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
    /// What a cleaner has left of a batch.
    Cleaned(Rc<Cleaned>),
}

/// A batch that a cleaner has thinned out: what is left keeps its offsets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cleaned {
    /// How many offsets the batch takes, as before.
    pub span: u32,
    pub kept: Records,
    /// The offset of each record that is left, from the batch's first one.
    pub deltas: Box<[u32]>,
    /// From then on its tombstones may go (`deleteHorizonMs`, KIP-534).
    pub delete_horizon: Option<Micros>,
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

impl Records {
    /// The key of each record, as a number, and whether it is a tombstone. (The cleaner of Kafka
    /// compares digests of keys, too.)
    pub fn keys(&self) -> Vec<(Option<u64>, bool)> {
        match self {
            Records::Data(records) => {
                let key = |record: &Record| (record.key.map(u64::from), record.tombstone);
                records.iter().map(key).collect()
            }
            Records::Offsets(commits) => {
                let key = |commit: &OffsetCommitRecord| {
                    let partition = commit.partition;
                    let place = u64::from(partition.topic.0) << 16 | u64::from(partition.partition);
                    let key = 1 << 60 | u64::from(commit.group.0) << 32 | place;
                    (Some(key), commit.offset.is_none())
                };
                commits.iter().map(key).collect()
            }
            Records::Group(group) => vec![(Some(2 << 60 | u64::from(group.group.0)), false)],
            Records::Transaction(transaction) => {
                let add = |sum: u64, byte: u8| sum.wrapping_mul(31) ^ u64::from(byte);
                let text = transaction.id.bytes().fold(7, add);
                let dead = transaction.state == TransactionState::Dead;
                vec![(Some(3 << 60 | text >> 4), dead)]
            }
            // Kept whole: these records are about several keys each.
            Records::Marker(_) | Records::ConsumerGroup(_) => Vec::new(),
            Records::Cleaned(cleaned) => cleaned.kept.keys(),
        }
    }

    /// The records at these places alone, and how many bytes the others had.
    pub fn only(&self, places: &[usize]) -> (Records, u32) {
        let kept = |nth: &usize| places.contains(nth);
        match self {
            Records::Data(records) => {
                let all = records.iter().enumerate();
                let (stay, go): (Vec<_>, Vec<_>) = all.partition(|(nth, _)| kept(nth));
                let bytes = go.iter().map(|(_, record)| record.size_bytes).sum();
                let stay = stay.into_iter().map(|(_, record)| *record);
                (Records::Data(stay.collect()), bytes)
            }
            Records::Offsets(commits) => {
                let all = commits.iter().enumerate();
                let stay = all.filter(|(nth, _)| kept(nth)).map(|(_, commit)| *commit);
                (Records::Offsets(stay.collect()), 0)
            }
            _ if places.is_empty() => (Records::Data(Box::default()), 0),
            other => (other.clone(), 0),
        }
    }
}

impl Batch {
    /// How many offsets it takes.
    pub fn count(&self) -> u32 {
        match &self.records {
            Records::Data(records) => records.len() as u32,
            Records::Offsets(commits) => commits.len() as u32,
            Records::Group(_) | Records::Marker(_) | Records::Transaction(_) => 1,
            Records::ConsumerGroup(changes) => changes.records.len() as u32,
            Records::Cleaned(cleaned) => cleaned.span,
        }
    }

    /// Its records, whether a cleaner has been at them or not.
    pub fn kept(&self) -> &Records {
        match &self.records {
            Records::Cleaned(cleaned) => &cleaned.kept,
            other => other,
        }
    }

    /// Its application records; empty for control data.
    pub fn data(&self) -> &[Record] {
        match self.kept() {
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
    /// The offsets of its records.
    pub fn offsets(&self) -> impl Iterator<Item = Offset> {
        let (deltas, count) = match &self.batch.records {
            Records::Cleaned(cleaned) => (Some(&cleaned.deltas), cleaned.deltas.len()),
            _ => (None, self.batch.count() as usize),
        };
        (0..count).map(move |nth| {
            let delta = deltas.map_or(nth as u64, |deltas| u64::from(deltas[nth]));
            self.base_offset + delta
        })
    }

    /// The offset of the record at `place`, one of [`Batch::data`].
    pub fn offset_at(&self, place: usize) -> Offset {
        let delta = match &self.batch.records {
            Records::Cleaned(cleaned) => u64::from(cleaned.deltas[place]),
            _ => place as u64,
        };
        self.base_offset + delta
    }

    /// The place of the first record at `offset` or behind it.
    pub fn place_of(&self, offset: Offset) -> usize {
        let before = offset.saturating_sub(self.base_offset);
        match &self.batch.records {
            Records::Cleaned(cleaned) => {
                let deltas = &cleaned.deltas;
                deltas.partition_point(|delta| u64::from(*delta) < before)
            }
            _ => before as usize,
        }
    }

    /// Its application records with their offsets.
    pub fn records(&self) -> impl Iterator<Item = (Offset, &Record)> {
        self.offsets().zip(self.batch.data())
    }

    /// The offset after its last record.
    pub fn next_offset(&self) -> Offset {
        self.base_offset + u64::from(self.batch.count())
    }
}
