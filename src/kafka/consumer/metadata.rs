//! What the consumer knows of brokers and leaders (`ConsumerMetadata`).

use crate::sim::order::Map;

use crate::kafka::metadata::MetadataImage;
use crate::kafka::{LeaderEpoch, TopicId, TopicPartition};
use crate::sim::{Micros, NodeId};

/// A partition's leader, if there is one, and its epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaderAndEpoch {
    pub leader: Option<NodeId>,
    pub epoch: Option<LeaderEpoch>,
}

/// Leaders as last heard, and when to ask again.
#[derive(Clone, Debug)]
pub struct Metadata {
    leaders: Map<TopicPartition, LeaderAndEpoch>,
    /// Brokers to ask: at first the bootstrap servers.
    pub brokers: Vec<NodeId>,
    bootstrap: Vec<NodeId>,
    /// Whether any response came yet.
    pub known: bool,
    update_wanted: bool,
    /// Not before this.
    pub retry_at: Micros,
    /// Updates in a row that told nothing new.
    pub attempts: u32,
    /// When it is too old.
    pub expires_at: Micros,
    /// Counts changes, so that positions are checked once for each.
    pub version: u64,
}

impl Metadata {
    /// Only the bootstrap servers are known.
    pub fn new(bootstrap: Vec<NodeId>) -> Self {
        Metadata {
            leaders: Map::new(),
            brokers: bootstrap.clone(),
            bootstrap,
            known: false,
            update_wanted: true,
            retry_at: 0,
            attempts: 0,
            expires_at: Micros::MAX,
            version: 0,
        }
    }

    /// Something was wrong: ask again as soon as allowed.
    pub fn want_update(&mut self) {
        self.update_wanted = true;
    }

    /// No broker can be reached: start over from bootstrap.servers
    /// (`metadata.recovery.strategy=rebootstrap`, KIP-899). False if that is no change.
    pub fn rebootstrap(&mut self) -> bool {
        self.update_wanted = true;
        if self.brokers == self.bootstrap {
            return false;
        }
        self.brokers.clone_from(&self.bootstrap);
        true
    }

    /// When to ask next.
    pub fn update_at(&self) -> Micros {
        match self.update_wanted {
            true => self.retry_at,
            false => self.expires_at.max(self.retry_at),
        }
    }

    /// A response came. An older leader epoch than one already known is not believed.
    pub fn learn(&mut self, image: &MetadataImage) {
        let mut changed = !self.known;
        for (partition, state) in &image.partitions {
            let heard = LeaderAndEpoch {
                leader: state.leader,
                epoch: Some(state.leader_epoch),
            };
            changed |= self.hear(*partition, heard);
        }
        self.known = true;
        self.update_wanted = false;
        let alive: Vec<NodeId> = image.alive().collect();
        if !alive.is_empty() {
            self.brokers = alive;
        }
        self.attempts = if changed { 0 } else { self.attempts + 1 };
        self.version += 1;
    }

    /// A hint in a response (KIP-951), or one part of metadata. Whether it was news.
    pub fn hear(&mut self, partition: TopicPartition, heard: LeaderAndEpoch) -> bool {
        let known = self.leaders.get_or_default(partition);
        if heard.epoch < known.epoch || heard == *known {
            return false;
        }
        *known = heard;
        self.version += 1;
        true
    }

    /// The leader of `partition` as last heard.
    pub fn leader(&self, partition: TopicPartition) -> LeaderAndEpoch {
        self.leaders.get(&partition).copied().unwrap_or_default()
    }

    /// The partitions of `topic`, in order.
    pub fn partitions_of(&self, topic: TopicId) -> impl Iterator<Item = TopicPartition> {
        let (first, last) = (
            TopicPartition::new(topic, 0),
            TopicPartition::new(topic, u16::MAX),
        );
        self.leaders
            .between(&first, &last)
            .map(|(partition, _)| *partition)
    }
}
