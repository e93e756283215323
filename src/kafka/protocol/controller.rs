//! What brokers ask of the controller.

use std::rc::Rc;

use crate::kafka::ErrorCode;
use crate::kafka::ids::{DirectoryId, LeaderEpoch, TopicId, TopicPartition};
use crate::kafka::metadata::{MetadataRecord, PartitionState, QuorumEpoch, Recovery};
use crate::sim::{EntryId, NodeId};

/// `BrokerRegistrationRequest`.
#[derive(Clone, Debug)]
pub struct BrokerRegistrationRequest {
    pub broker: NodeId,
    pub incarnation: u16,
    /// Its log directories, as far as they work.
    pub directories: Vec<DirectoryId>,
    /// The broker epoch found in `.kafka_cleanshutdown`; `None` after an unclean end.
    pub previous_broker_epoch: Option<u64>,
}

/// `BrokerRegistrationResponse`.
#[derive(Clone, Debug)]
pub struct BrokerRegistrationResponse {
    pub error: ErrorCode,
    pub broker_epoch: u64,
}

/// `BrokerHeartbeatRequest`.
#[derive(Clone, Debug)]
pub struct BrokerHeartbeatRequest {
    pub broker: NodeId,
    pub broker_epoch: u64,
    /// How far the broker has applied the metadata log.
    pub current_metadata_offset: u64,
    pub want_fence: bool,
    pub want_shut_down: bool,
    /// `offlineLogDirs`: those that have failed since the broker registered.
    pub offline_directories: Vec<DirectoryId>,
}

/// `BrokerHeartbeatResponse`.
#[derive(Clone, Debug)]
pub struct BrokerHeartbeatResponse {
    pub error: ErrorCode,
    pub is_caught_up: bool,
    pub is_fenced: bool,
    pub should_shut_down: bool,
}

/// `AlterPartitionRequest` for one partition.
#[derive(Clone, Debug)]
pub struct AlterPartitionRequest {
    pub broker: NodeId,
    pub broker_epoch: u64,
    pub partition: TopicPartition,
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: u32,
    /// The new ISR, each member with the broker epoch the leader saw it fetch with (KIP-903).
    pub new_isr: Vec<(NodeId, u64)>,
    pub recovery: Recovery,
}

/// `AlterPartitionResponse` for one partition.
#[derive(Clone, Debug)]
pub struct AlterPartitionResponse {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    /// The state after the change; `None` on errors.
    pub state: Option<Rc<PartitionState>>,
}

/// `AssignReplicasToDirsRequest`: where a broker's replicas now are (KIP-858).
#[derive(Clone, Debug)]
pub struct AssignReplicasToDirsRequest {
    pub broker: NodeId,
    pub broker_epoch: u64,
    pub directory: DirectoryId,
    pub partitions: Vec<TopicPartition>,
}

/// `AllocateProducerIdsResponse`: a block of ids for one broker.
#[derive(Clone, Debug)]
pub struct AllocateProducerIdsResponse {
    pub error: ErrorCode,
    pub start: u64,
    pub len: u32,
}

/// `ElectLeadersRequest` for one partition, sent by the operator's tool.
#[derive(Clone, Debug)]
pub struct ElectLeadersRequest {
    pub partition: TopicPartition,
    /// Unclean instead of preferred.
    pub unclean: bool,
}

/// `AlterPartitionReassignmentsRequest` for one partition.
#[derive(Clone, Debug)]
pub struct AlterPartitionReassignmentsRequest {
    pub partition: TopicPartition,
    /// The replicas it shall have, the preferred leader first; `None` cancels what is under way.
    pub replicas: Option<Vec<NodeId>>,
}

/// `CreatePartitionsRequest` for one topic.
#[derive(Clone, Debug)]
pub struct CreatePartitionsRequest {
    pub topic: TopicId,
    /// How many it shall have in all.
    pub count: u16,
    /// A replica list for each new one; none: the controller places them.
    pub assignment: Vec<Vec<NodeId>>,
}

/// `IncrementalAlterConfigsRequest` of one setting, sent by the operator's tool.
#[derive(Clone, Debug)]
pub enum AlterConfigsRequest {
    /// min.insync.replicas of a topic.
    MinIsr { topic: TopicId, min_isr: u32 },
    /// unclean.leader.election.enable of a topic, or the default of all brokers.
    Unclean {
        topic: Option<TopicId>,
        allowed: bool,
    },
}

/// Answer to a fetch of the metadata log.
#[derive(Clone, Debug)]
pub struct FetchMetadataResponse {
    pub error: ErrorCode,
    /// The quorum as the asked controller sees it.
    pub epoch: QuorumEpoch,
    pub leader: Option<NodeId>,
    /// Records from the asked offset on, each with the journal entry of the decision it holds
    /// ([`EntryId::NONE`] for those of the start).
    pub records: Vec<(MetadataRecord, EntryId)>,
}
