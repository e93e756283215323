//! What the client believes of the cluster (`Metadata`, `ProducerMetadata`).

use crate::kafka::TopicPartition;
use crate::kafka::config::ProducerConfig;
use crate::kafka::ids::{LeaderEpoch, TopicId};
use crate::kafka::metadata::MetadataImage;
use crate::sim::{MS, Micros, NodeId, Stream};

use super::backoff::Backoff;
use super::layout::Layout;

/// The client's view and when to renew it.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    layout: Layout,
    bootstrap: Vec<NodeId>,
    nodes: Vec<NodeId>,
    topics: Vec<Topic>,
    leaders: Vec<Leader>,
    /// Brokers that have taken no batch for partitioner.availability.timeout.ms.
    slow: Vec<NodeId>,
    availability_timeout_us: Micros,
    max_age_us: Micros,
    backoff: Backoff,
    update_requested: bool,
    in_progress: bool,
    allowed_at: Micros,
    last_success_at: Option<Micros>,
    attempts: u32,
    equivalent_responses: u32,
    luck: Stream,
}

#[derive(Clone, Copy, Debug, Default)]
struct Topic {
    /// The application asked for it.
    wanted: bool,
    /// A response has named its partitions.
    known: bool,
    /// How many they were.
    count: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Leader {
    node: Option<NodeId>,
    /// The newest epoch seen; older news are ignored (KIP-320).
    epoch: Option<LeaderEpoch>,
}

impl Metadata {
    pub fn new(
        config: &ProducerConfig,
        layout: &Layout,
        bootstrap: Vec<NodeId>,
        luck: Stream,
    ) -> Self {
        Metadata {
            layout: layout.clone(),
            nodes: bootstrap.clone(),
            bootstrap,
            topics: vec![Topic::default(); layout.topics()],
            leaders: vec![Leader::default(); layout.partitions().len()],
            slow: Vec::new(),
            availability_timeout_us: config
                .partitioner_availability_timeout_ms
                .saturating_mul(MS),
            max_age_us: config.metadata_max_age_ms.saturating_mul(MS),
            backoff: Backoff::new(config.retry_backoff_ms, config.retry_backoff_max_ms),
            // A new client asks at once.
            update_requested: true,
            in_progress: false,
            allowed_at: 0,
            last_success_at: None,
            attempts: 0,
            equivalent_responses: 0,
            luck,
        }
    }

    /// Whether the partitions of `topic` are known; if not, they are asked for without delay.
    pub fn want(&mut self, topic: TopicId, now: Micros) -> bool {
        let Some(state) = self.topics.get_mut(topic.0 as usize) else {
            return false;
        };
        if !state.known && !state.wanted {
            self.equivalent_responses = 0;
            self.allowed_at = now;
            self.update_requested = true;
        }
        state.wanted = true;
        let known = state.known;
        self.update_requested |= !known;
        known
    }

    /// Whether `topic` is known, and this partition of it; if not, they are asked for.
    pub fn has(&mut self, topic: TopicId, partition: Option<u16>, now: Micros) -> bool {
        let known = self.want(topic, now);
        let exists = partition.is_none_or(|partition| partition < self.count(topic));
        // It may be about to be created.
        self.update_requested |= !exists;
        known && exists
    }

    /// How many partitions `topic` has, as last heard.
    pub fn count(&self, topic: TopicId) -> u16 {
        self.topics.get(topic.0 as usize).map_or(0, |t| t.count)
    }

    /// The partitions of `topic` that have a leader.
    pub fn available(&self, topic: TopicId) -> impl Iterator<Item = u16> {
        (0..self.count(topic)).filter(move |partition| {
            let slot = self.layout.slot(TopicPartition::new(topic, *partition));
            slot.is_some_and(|slot| self.leader(slot).is_some())
        })
    }

    /// Those among them whose leaders take batches.
    pub fn responsive(&self, topic: TopicId) -> impl Iterator<Item = u16> {
        self.available(topic).filter(move |partition| {
            let slot = self.layout.slot(TopicPartition::new(topic, *partition));
            let leader = slot.and_then(|slot| self.leader(slot));
            leader.is_some_and(|leader| !self.slow.contains(&leader))
        })
    }

    /// How long batches for a broker have found no way to it; the partitioner avoids it after
    /// partitioner.availability.timeout.ms, 0 is never.
    pub fn note_wait(&mut self, broker: NodeId, waited_us: Micros) {
        let limit_us = self.availability_timeout_us;
        if limit_us > 0 {
            self.slow.retain(|node| *node != broker);
            if waited_us > limit_us {
                self.slow.push(broker);
            }
        }
    }

    /// The leader of a partition, as far as known.
    pub fn leader(&self, slot: usize) -> Option<NodeId> {
        self.leaders[slot].node
    }

    /// The leader epoch that goes with it.
    pub fn leader_epoch(&self, slot: usize) -> Option<LeaderEpoch> {
        let leader = self.leaders[slot];
        leader.node.and(leader.epoch)
    }

    /// Brokers that can be asked.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// Something failed: the view may be out of date.
    pub fn request_update(&mut self) {
        self.update_requested = true;
    }

    /// Whether a request has to be sent now. Until it is, nothing else is
    /// (`NetworkClient.isReady`).
    pub fn is_update_due(&self, now: Micros) -> bool {
        self.next_update_at().is_some_and(|at| at <= now)
    }

    /// When the next request is due; `None` while one is under way.
    pub fn next_update_at(&self) -> Option<Micros> {
        if self.in_progress {
            return None;
        }
        let expires_at = self
            .last_success_at
            .map_or(0, |at| at.saturating_add(self.max_age_us));
        let due_at = if self.update_requested { 0 } else { expires_at };
        Some(due_at.max(self.allowed_at))
    }

    /// A request was sent.
    pub fn asked(&mut self) {
        self.in_progress = true;
    }

    /// It got no answer, or one without brokers.
    pub fn failed(&mut self, now: Micros) {
        self.in_progress = false;
        self.attempts += 1;
        self.equivalent_responses = 0;
        self.wait(now);
    }

    /// No broker can be reached: start over from bootstrap.servers, nothing known
    /// (`metadata.recovery.strategy=rebootstrap`, KIP-899).
    pub fn rebootstrap(&mut self) {
        self.nodes.clone_from(&self.bootstrap);
        self.topics.iter_mut().for_each(|topic| topic.known = false);
        self.leaders
            .iter_mut()
            .for_each(|leader| leader.node = None);
        self.update_requested = true;
    }

    /// Takes over what a broker knows.
    pub fn update(&mut self, image: &MetadataImage, now: Micros) {
        if image.alive().next().is_none() {
            return self.failed(now);
        }
        (self.in_progress, self.update_requested, self.attempts) = (false, false, 0);
        self.last_success_at = Some(now);
        self.equivalent_responses += 1;
        self.nodes.clear();
        self.nodes.extend(image.alive());
        for (id, topic) in (0..).zip(&mut self.topics) {
            if topic.wanted {
                topic.known = true;
                let room = self.layout.count(TopicId(id));
                topic.count = image.count(TopicId(id)).min(room);
            }
        }
        let layout = self.layout.clone();
        for (slot, partition) in layout.partitions().iter().enumerate() {
            if self.topics[partition.topic.0 as usize].wanted {
                self.learn(slot, *partition, image);
            }
        }
        self.wait(now);
    }

    fn learn(&mut self, slot: usize, partition: TopicPartition, image: &MetadataImage) {
        let Some(state) = image.partitions.get(&partition) else {
            return;
        };
        let known = &mut self.leaders[slot];
        let told = Some(state.leader_epoch);
        if told >= known.epoch {
            if told > known.epoch {
                self.equivalent_responses = 0;
            }
            let alive = |node: &NodeId| image.brokers.get(node).is_some_and(|b| !b.fenced);
            *known = Leader {
                node: state.leader.filter(alive),
                epoch: told,
            };
        }
        // LEADER_NOT_AVAILABLE: ask again.
        self.update_requested |= known.node.is_none();
    }

    /// Takes over a leader named in an error response, if it is newer (KIP-951).
    pub fn hint(&mut self, slot: usize, node: NodeId, epoch: LeaderEpoch) {
        let known = &mut self.leaders[slot];
        if Some(epoch) > known.epoch {
            *known = Leader {
                node: Some(node),
                epoch: Some(epoch),
            };
        }
    }

    /// Two requests are at least a backoff apart, more after failures and after answers without
    /// news (`timeToAllowUpdate`).
    fn wait(&mut self, now: Micros) {
        let (backoff, luck) = (self.backoff, &mut self.luck);
        let failures = backoff.delay_us(self.attempts.saturating_sub(1), luck);
        let no_news = match self.equivalent_responses {
            0 => 0,
            responses => backoff.delay_us(responses - 1, luck),
        };
        self.allowed_at = now + failures.max(no_news);
    }
}
