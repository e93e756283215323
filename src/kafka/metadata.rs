//! What the controller decides and every broker learns: registrations and partition states.
//!
//! The controller keeps a log of [`MetadataRecord`]s; a broker's [`MetadataImage`] is that log
//! applied up to some offset (`org.apache.kafka.image.MetadataImage`).

use crate::sim::order::Map;
use std::rc::Rc;

use super::ClusterSpec;
use super::entry::Entry;
use super::ids::{DirectoryId, LeaderEpoch, TopicId, TopicPartition};
use crate::sim::{EntryId, NodeId};

/// Counts the leaders of the metadata quorum.
pub type QuorumEpoch = u32;

/// A broker as the controller knows it (`BrokerRegistration`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BrokerRegistration {
    /// The metadata offset of its registration; fences older incarnations (KIP-903).
    pub broker_epoch: u64,
    /// The log end after its registration: it is alive once it has applied that.
    pub registered_at: u64,
    /// Tells one start of the process from the next.
    pub incarnation: u16,
    /// Whether the controller counts it as dead or not yet ready.
    pub fenced: bool,
    /// Whether it asked to stop and may lead nothing any more.
    pub in_controlled_shutdown: bool,
    /// Its log directories that are online.
    pub directories: Vec<DirectoryId>,
}

impl BrokerRegistration {
    /// Whether a replica that lies in `directory`, as far as is known, can be served (`DirectoryId.isOnline`).
    pub fn has_online(&self, directory: DirectoryId) -> bool {
        directory == DirectoryId::UNASSIGNED || self.directories.contains(&directory)
    }
}

/// `LeaderRecoveryState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Recovery {
    #[default]
    Recovered,
    /// The leader was elected unclean.
    Recovering,
}

/// A partition as the controller knows it (`PartitionRegistration`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PartitionState {
    /// In assignment order; the first is the preferred leader.
    pub replicas: Vec<NodeId>,
    /// Of these: to be added, and to be removed, by a reassignment under way.
    pub adding: Vec<NodeId>,
    pub removing: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// Eligible leader replicas (KIP-966).
    pub elr: Vec<NodeId>,
    /// The last leader before the partition had none (`lastKnownElr`).
    pub last_known_elr: Vec<NodeId>,
    pub leader: Option<NodeId>,
    pub leader_epoch: LeaderEpoch,
    /// Counts all changes of this state.
    pub partition_epoch: u32,
    pub recovery: Recovery,
    /// The log directory of each replica, as far as reported, in the order of `replicas`.
    pub directories: Vec<DirectoryId>,
}

/// One decision in the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MetadataRecord {
    /// `RegisterBrokerRecord`, and every later change of a registration.
    Broker(NodeId, BrokerRegistration),
    /// `PartitionRecord` and `PartitionChangeRecord`: the partition's whole new state.
    Partition(TopicPartition, Rc<PartitionState>),
    /// `ConfigRecord`: min.insync.replicas of this topic is from now on.
    MinIsr(TopicId, u32),
    /// `ConfigRecord`: unclean.leader.election.enable of this topic, or of all brokers.
    Unclean(Option<TopicId>, bool),
    /// `ProducerIdsRecord`: the next free block of producer ids starts here.
    NextProducerId(u64),
    /// `LeaderChangeMessage`: this controller leads the metadata quorum from here on.
    LeaderChange(NodeId),
}

/// A record in a controller's copy of the metadata log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Of the controller that decided it.
    pub epoch: QuorumEpoch,
    pub record: MetadataRecord,
    /// What it follows from.
    pub cause: Cause,
    /// What the journal will say of it once it is committed: until then it may still be lost.
    pub notes: Rc<[Note]>,
}

/// A decision as the journal will tell it.
#[derive(Clone, Debug)]
pub struct Note {
    pub what: Entry,
    pub cause: Cause,
}

/// What led to something: an entry of the journal, or a decision that is not committed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Entry(EntryId),
    /// Note number `nth` of the record at `offset`.
    Decision {
        offset: u64,
        nth: u32,
    },
}

/// The metadata log applied up to `offset` (exclusive).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataImage {
    pub offset: u64,
    pub brokers: Map<NodeId, BrokerRegistration>,
    pub partitions: Map<TopicPartition, Rc<PartitionState>>,
    /// min.insync.replicas of the topics whose setting was changed while the cluster ran.
    pub min_isr: Map<TopicId, u32>,
    /// unclean.leader.election.enable, where it was changed while the cluster ran; without a topic: the default.
    pub unclean: Vec<(Option<TopicId>, bool)>,
    pub next_producer_id: u64,
}

impl MetadataImage {
    /// Applies the record at `self.offset`.
    pub fn apply(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Broker(node, registration) => {
                self.brokers.insert(*node, registration.clone());
            }
            MetadataRecord::Partition(partition, state) => {
                self.partitions.insert(*partition, Rc::clone(state));
            }
            MetadataRecord::MinIsr(topic, min_isr) => {
                self.min_isr.insert(*topic, *min_isr);
            }
            MetadataRecord::Unclean(topic, allowed) => {
                self.unclean.retain(|(known, _)| known != topic);
                self.unclean.push((*topic, *allowed));
            }
            MetadataRecord::NextProducerId(id) => self.next_producer_id = *id,
            MetadataRecord::LeaderChange(_) => {}
        }
        self.offset += 1;
    }

    /// `min(min.insync.replicas, replication factor)` (`Partition.effectiveMinIsr`).
    pub fn effective_min_isr(&self, spec: &ClusterSpec, partition: TopicPartition) -> usize {
        let created = spec.topic(partition.topic).config.min_insync_replicas;
        let set = self.min_isr.get(&partition.topic).copied();
        let min_isr = set.map_or(created as usize, |min_isr| min_isr as usize);
        let state = self.partitions.get(&partition);
        state.map_or(min_isr, |state| min_isr.min(state.replicas.len()))
    }

    /// unclean.leader.election.enable of `topic`: its own, changed or as created; or else the brokers'.
    pub fn allows_unclean(&self, spec: &ClusterSpec, topic: TopicId) -> bool {
        let set = |of: Option<TopicId>| {
            let found = self.unclean.iter().find(|(known, _)| *known == of);
            found.map(|(_, allowed)| *allowed)
        };
        let created = spec.topic(topic);
        set(Some(topic))
            .or(created.allows_unclean)
            .or_else(|| set(None))
            .unwrap_or(created.config.unclean_leader_election_enable)
    }

    /// How many partitions `topic` has.
    pub fn count(&self, topic: TopicId) -> u16 {
        let ends = [0, u16::MAX].map(|partition| TopicPartition::new(topic, partition));
        self.partitions.between(&ends[0], &ends[1]).count() as u16
    }

    /// Whether the controller counts `node` as alive and it may be elected.
    pub fn is_active(&self, node: NodeId) -> bool {
        self.brokers
            .get(&node)
            .is_some_and(|b| !b.fenced && !b.in_controlled_shutdown)
    }

    /// Brokers that are not fenced: what clients are told.
    pub fn alive(&self) -> impl Iterator<Item = NodeId> {
        self.brokers
            .iter()
            .filter(|(_, b)| !b.fenced)
            .map(|(node, _)| *node)
    }
}

impl MetadataImage {
    /// The image of a cluster that has just come up: all brokers registered and unfenced, every
    /// partition led by its preferred leader in epoch 0 with all replicas in sync.
    pub fn at_start(spec: &ClusterSpec) -> Self {
        let mut image = MetadataImage {
            next_producer_id: 0,
            ..MetadataImage::default()
        };
        for node in spec.broker_nodes() {
            let registration = BrokerRegistration {
                broker_epoch: image.offset,
                registered_at: image.offset + 1,
                incarnation: 0,
                fenced: false,
                in_controlled_shutdown: false,
                directories: (0..spec.log_directories(node))
                    .map(|place| DirectoryId::formatted(node, place))
                    .collect(),
            };
            image.apply(&MetadataRecord::Broker(node, registration));
        }
        let mut hosted = vec![0; spec.brokers.len()];
        let mut next_directory = |node: &NodeId| {
            // Each goes to the directory with the fewest (`LogManager.nextLogDirs`).
            let nth = &mut hosted[usize::from(node.0) - 1];
            *nth += 1;
            DirectoryId::formatted(*node, (*nth - 1) % spec.log_directories(*node))
        };
        for partition in spec.partitions() {
            let topic = spec.topic(partition.topic);
            let replicas = &topic.assignment[partition.partition as usize];
            let state = PartitionState {
                replicas: replicas.clone(),
                isr: replicas.clone(),
                leader: replicas.first().copied(),
                directories: replicas.iter().map(&mut next_directory).collect(),
                ..PartitionState::default()
            };
            image.apply(&MetadataRecord::Partition(partition, Rc::new(state)));
        }
        image
    }
}
