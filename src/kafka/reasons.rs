//! Why logs lose records, and what makes them safe: the reasons that journal entries give.

use super::ids::LeaderEpoch;
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
