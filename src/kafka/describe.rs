//! Topics as an observer sees them (`Admin.describeTopics`, `kafka-topics --describe`): what one broker's copy of the
//! metadata says. Another broker's may be behind; the controller's is what counts.

use super::metadata::{MetadataImage, PartitionState};
use super::{ErrorCode, LeaderEpoch, TopicId, TopicPartition};
use crate::sim::NodeId;

/// A topic in the answer to a DescribeTopicPartitionsRequest (KIP-966).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TopicDescription {
    pub topic: TopicId,
    pub error: ErrorCode,
    pub partitions: Vec<PartitionDescription>,
}

/// One of its partitions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartitionDescription {
    pub leader: Option<NodeId>,
    pub leader_epoch: LeaderEpoch,
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// Eligible leader replicas.
    pub elr: Vec<NodeId>,
    /// The last leader, once ISR and ELR were empty.
    pub last_known_elr: Vec<NodeId>,
    /// Replicas of fenced brokers, and in log directories that have failed.
    pub offline: Vec<NodeId>,
}

impl MetadataImage {
    /// What a broker with this image answers (`KRaftMetadataCache.describeTopicResponse`).
    pub fn describe(&self, topics: &[TopicId]) -> Vec<TopicDescription> {
        let described = topics.iter().map(|topic| self.describe_topic(*topic));
        described.collect()
    }

    fn describe_topic(&self, topic: TopicId) -> TopicDescription {
        let ends = [0, u16::MAX].map(|partition| TopicPartition::new(topic, partition));
        let partitions = self.partitions.between(&ends[0], &ends[1]);
        let partitions: Vec<_> = partitions
            .map(|(_, state)| self.describe_partition(state))
            .collect();
        let error = match partitions.is_empty() {
            true => ErrorCode::UnknownTopicOrPartition,
            false => ErrorCode::None,
        };
        TopicDescription {
            topic,
            error,
            partitions,
        }
    }

    fn describe_partition(&self, state: &PartitionState) -> PartitionDescription {
        let places = state.replicas.iter().zip(&state.directories);
        let offline = places.filter(|(node, directory)| {
            let broker = self.brokers.get(*node);
            broker.is_none_or(|broker| broker.fenced || !broker.has_online(**directory))
        });
        PartitionDescription {
            leader: state.leader,
            leader_epoch: state.leader_epoch,
            replicas: state.replicas.clone(),
            isr: state.isr.clone(),
            elr: state.elr.clone(),
            last_known_elr: state.last_known_elr.clone(),
            offline: offline.map(|(node, _)| *node).collect(),
        }
    }
}

impl TopicDescription {
    /// The lines that `kafka-topics --describe` prints (`TopicCommand`); `configs` as in `min.insync.replicas=2`.
    pub fn lines(&self, name: &str, configs: &str) -> Vec<String> {
        let factor = self.partitions.first().map_or(0, |p| p.replicas.len());
        let count = self.partitions.len();
        let head = format!(
            "Topic: {name}\tPartitionCount: {count}\tReplicationFactor: {factor}\tConfigs: {configs}"
        );
        let partitions = self.partitions.iter().enumerate();
        let rows = partitions.map(|(nth, partition)| partition.line(name, nth));
        std::iter::once(head).chain(rows).collect()
    }
}

impl PartitionDescription {
    fn line(&self, topic: &str, partition: usize) -> String {
        let ids = |nodes: &[NodeId]| {
            let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
            ids.join(",")
        };
        let leader = (self.leader).map_or("none".to_owned(), |leader| leader.0.to_string());
        format!(
            "\tTopic: {topic}\tPartition: {partition}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
            ids(&self.replicas),
            ids(&self.isr),
            ids(&self.elr),
            ids(&self.last_known_elr),
        )
    }
}
