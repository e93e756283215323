//! Names of things, as small numbers.

use crate::sim::NodeId;
use serde::{Deserialize, Serialize};

/// A topic: its place in [`crate::kafka::spec::ClusterSpec::topics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicId(pub u16);

/// One partition of one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    pub topic: TopicId,
    pub partition: u16,
}

impl TopicPartition {
    /// Partition `partition` of topic `topic`.
    pub const fn new(topic: TopicId, partition: u16) -> Self {
        TopicPartition { topic, partition }
    }
}

/// A consumer group: its place in [`crate::kafka::spec::ClusterSpec::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub u16);

/// What the business means by one message, however often it is written or processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId(pub u32);

/// A log directory, known by the id in its meta.properties; a formatted disk gets a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectoryId(pub u32);

impl DirectoryId {
    /// Not known yet: the broker will say where it has put the replica (`DirectoryId.UNASSIGNED`).
    pub const UNASSIGNED: DirectoryId = DirectoryId(0);

    /// The id of a broker's directory when the cluster was formatted, by its place in log.dirs.
    pub fn formatted(broker: NodeId, place: usize) -> Self {
        DirectoryId(u32::from(broker.0) + 256 * place as u32)
    }
}

/// An offset in a partition's log.
pub type Offset = u64;
/// Counts the leaders of a partition (KIP-101).
pub type LeaderEpoch = u32;
