//! Produce, Fetch and their helpers: what clients and followers ask of brokers.

use std::rc::Rc;

use crate::kafka::ErrorCode;
use crate::kafka::config::Acks;
use crate::kafka::ids::{LeaderEpoch, Offset, TopicPartition};
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::transaction::TransactionalId;
use crate::sim::{EntryId, NodeId};

/// `ProduceRequest`: at most one batch a partition.
#[derive(Clone, Debug)]
pub struct ProduceRequest {
    /// The transaction that its batches belong to.
    pub transactional_id: Option<TransactionalId>,
    pub acks: Acks,
    /// How long the broker may wait for replicas, in milliseconds (request.timeout.ms).
    pub timeout_ms: u32,
    pub batches: Vec<(TopicPartition, Rc<Batch>)>,
}

/// `ProduceResponse`, one part a partition.
#[derive(Clone, Debug)]
pub struct ProduceResponse {
    pub partitions: Vec<ProducedPartition>,
}

/// What became of one batch.
#[derive(Clone, Debug)]
pub struct ProducedPartition {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    /// Where the batch starts; `None` on errors.
    pub base_offset: Option<Offset>,
    /// With NOT_LEADER_OR_FOLLOWER: the leader the broker knows of (KIP-951).
    pub current_leader: Option<(NodeId, LeaderEpoch)>,
}

/// What a fetch may read up to (`FetchIsolation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Followers read to the log end.
    LogEnd,
    /// read_uncommitted consumers read to the high watermark.
    HighWatermark,
    /// read_committed consumers read to the last stable offset.
    LastStableOffset,
}

/// `FetchRequest` (full, without fetch sessions).
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// The follower that asks and its broker epoch (KIP-903); `None` for consumers.
    pub replica: Option<(NodeId, u64)>,
    pub max_wait_ms: u32,
    pub min_bytes: u32,
    pub max_bytes: u32,
    pub isolation: Isolation,
    /// Where the consumer stands (client.rack, KIP-392).
    pub rack: Option<Rc<str>>,
    pub partitions: Vec<FetchPartition>,
}

/// One partition of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPartition {
    pub partition: TopicPartition,
    /// For a follower this is its log end offset, and tells the leader so.
    pub fetch_offset: Offset,
    pub current_leader_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record held (KIP-595): the leader checks for divergence.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    pub max_bytes: u32,
    /// Not Kafka's: what brought a follower to this offset, for the journal's causes.
    pub cause: EntryId,
}

/// `FetchResponse`.
#[derive(Clone, Debug)]
pub struct FetchResponse {
    pub partitions: Vec<FetchedPartition>,
}

/// What was read of one partition.
#[derive(Clone, Debug)]
pub struct FetchedPartition {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub high_watermark: Offset,
    pub last_stable_offset: Offset,
    pub log_start_offset: Offset,
    /// The fetcher's log differs: the leader's largest epoch not above the asked one, and where
    /// that epoch ends. The fetcher truncates (or its consumer resets) to the common point.
    pub diverging: Option<(LeaderEpoch, Offset)>,
    pub entries: Vec<LogEntry>,
    /// For read_committed: aborted transactions that reach into `entries`, as producer id and first offset.
    pub aborted: Vec<(u64, Offset)>,
    /// Not Kafka's: what last happened to the leader's log, for the journal's causes.
    pub cause: EntryId,
    /// With NOT_LEADER_OR_FOLLOWER: the leader the broker knows of (KIP-951).
    pub current_leader: Option<(NodeId, LeaderEpoch)>,
    /// The consumer is to read from this replica instead; nothing was read (KIP-392).
    pub preferred_read_replica: Option<NodeId>,
}

/// Which offset a `ListOffsetsRequest` looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    Earliest,
    Latest,
    /// The first record at or after this simulated time, in microseconds.
    At(u64),
}

/// `ListOffsetsRequest` for one partition.
#[derive(Clone, Copy, Debug)]
pub struct ListOffsetsRequest {
    pub partition: TopicPartition,
    pub spec: OffsetSpec,
    pub isolation: Isolation,
    pub current_leader_epoch: Option<LeaderEpoch>,
}

/// `ListOffsetsResponse` for one partition.
#[derive(Clone, Copy, Debug)]
pub struct ListOffsetsResponse {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    /// `None` when nothing fits.
    pub offset: Option<Offset>,
    pub leader_epoch: Option<LeaderEpoch>,
}

/// `OffsetForLeaderEpochRequest` for one partition.
#[derive(Clone, Copy, Debug)]
pub struct OffsetForLeaderEpochRequest {
    pub partition: TopicPartition,
    pub current_leader_epoch: Option<LeaderEpoch>,
    pub leader_epoch: LeaderEpoch,
}

/// `OffsetForLeaderEpochResponse` for one partition: the largest epoch not above the asked one,
/// and its end offset.
#[derive(Clone, Copy, Debug)]
pub struct OffsetForLeaderEpochResponse {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub end: Option<(LeaderEpoch, Offset)>,
}

/// `DeleteRecordsRequest` for one partition, sent by the operator's tool to its leader.
#[derive(Clone, Copy, Debug)]
pub struct DeleteRecordsRequest {
    pub partition: TopicPartition,
    /// The first offset that stays.
    pub before_offset: Offset,
}

/// `InitProducerIdResponse`.
#[derive(Clone, Copy, Debug)]
pub struct InitProducerIdResponse {
    pub error: ErrorCode,
    pub producer_id: u64,
    pub producer_epoch: u16,
}
