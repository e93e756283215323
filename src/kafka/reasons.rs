//! Reasons and results that journal entries give: why logs lose records, how offsets were committed, what a call gave.

use std::rc::Rc;

use super::describe::TopicDescription;
use super::ids::{LeaderEpoch, Offset, TopicPartition};
use crate::sim::NodeId;

/// Why records left a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// A follower cut its log to the common point with the leader of this epoch (KIP-101).
    Truncated { leader: NodeId, epoch: LeaderEpoch },
    /// Power was lost before the OS or an fsync had written them.
    PowerLost,
    /// Recovery found a torn batch.
    Torn,
    /// The disk was replaced by an empty one.
    Wiped,
    /// A reassignment took the replica away from this broker.
    Removed,
    /// The leader's log starts after this log's end.
    Overtaken { leader: NodeId },
}

/// Why a log starts later than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// A segment's youngest record is older than retention.ms.
    RetentionMs,
    /// The log is larger than retention.bytes.
    RetentionBytes,
    /// The operator deleted records.
    Request,
    /// A follower heard that its leader's log starts there.
    Leader,
}

/// What moved bytes from the page cache to the platter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlushedBy {
    /// flush.messages, flush.ms, a segment roll or an orderly stop.
    Kafka,
    /// The OS wrote dirty pages on its own.
    OsWriteBack,
}

/// How offsets came to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommitHow {
    Auto,
    Sync,
    Async,
}

/// Why a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionEnd {
    /// Its producer asked for it.
    Asked,
    /// It was open for longer than transaction.timeout.ms.
    TimedOut,
    /// A new producer with the same transactional.id began.
    Fenced,
}

/// What a scripted call gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Nothing,
    /// `position`, `committed`, `endOffsets`; `None` where there is none.
    Offsets(Vec<(TopicPartition, Option<Offset>)>),
    /// `describeTopics`.
    Topics(Rc<[TopicDescription]>),
}
