//! The group coordinator: members, generations and committed offsets. It lives in the broker that
//! leads the group's partition of `__consumer_offsets`, and keeps its state in that log.

pub mod protocol;

use super::record::{LogEntry, Records};
use super::{ErrorCode, Offset, Outbox, TopicPartition};

/// What the coordinator needs of its broker: the replicas of `__consumer_offsets`.
pub trait OffsetsLog {
    /// Whether this broker leads `partition`.
    fn leads(&self, partition: TopicPartition) -> bool;
    /// Appends as leader under acks=1 rules (no min.insync.replicas check, `CoordinatorPartitionWriter`).
    /// Returns the offset that the high watermark must reach before the append is answered.
    fn append(
        &mut self,
        partition: TopicPartition,
        records: Records,
        out: &mut Outbox,
    ) -> Result<Offset, ErrorCode>;
    /// The high watermark of `partition`.
    fn high_watermark(&self, partition: TopicPartition) -> Offset;
    /// The whole log, to load from.
    fn entries(&self, partition: TopicPartition) -> Vec<LogEntry>;
}
