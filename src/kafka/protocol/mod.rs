//! The protocol: one closed set of requests and responses, with Kafka's API names and fields.
//!
//! Versions and encodings are left out; sizes on the wire are estimated in [`wire`].

pub mod controller;
pub mod data;
pub mod raft;
mod wire;

use std::rc::Rc;

pub use controller::*;
pub use data::*;
pub use raft::*;

use super::group::protocol::{GroupRequest, GroupResponse};
use super::transaction::{TransactionRequest, TransactionResponse};

/// Connections a node keeps to another, each for a purpose of its own.
pub mod channel {
    /// Clients: produce, fetch, metadata. Brokers to the controller: registration, heartbeats.
    /// Brokers to a transaction coordinator: AddPartitionsToTxn.
    pub const DATA: u8 = 0;
    /// Consumers to their group coordinator. Brokers to the controller: AlterPartition and others.
    /// Transaction coordinators to leaders: WriteTxnMarkers.
    pub const COORDINATOR: u8 = 1;
    /// Followers to leaders: the replica fetcher.
    pub const REPLICA: u8 = 2;
    /// Clients: the producer in a process that has a consumer as well.
    pub const WRITER: u8 = 2;
    /// Brokers to the controller: fetches of the metadata log. Controllers to one another.
    pub const METADATA: u8 = 3;
}

/// What travels between nodes.
#[derive(Clone, Debug)]
pub enum Msg {
    Request(Request),
    Response(Response),
}

/// Requests, by API.
#[derive(Clone, Debug)]
pub enum Request {
    /// The first request on every new connection of a client: until a broker answers it, nothing
    /// else is sent on that connection (a stopped process accepts connections and answers nothing).
    ApiVersions,
    Produce(Rc<ProduceRequest>),
    Fetch(Rc<FetchRequest>),
    ListOffsets(Rc<ListOffsetsRequest>),
    OffsetForLeaderEpoch(Rc<OffsetForLeaderEpochRequest>),
    Metadata,
    /// KIP-966: as [`Request::Metadata`], with ELR and last known ELR.
    DescribeTopicPartitions(Rc<[super::TopicId]>),
    DeleteRecords(Rc<DeleteRecordsRequest>),
    InitProducerId,
    /// FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch.
    Group(Rc<GroupRequest>),
    /// FindCoordinator, InitProducerId with a transactional.id, AddPartitionsToTxn, EndTxn, WriteTxnMarkers,
    /// TxnOffsetCommit.
    Transaction(Rc<TransactionRequest>),
    BrokerRegistration(Rc<BrokerRegistrationRequest>),
    BrokerHeartbeat(Rc<BrokerHeartbeatRequest>),
    AlterPartition(Rc<AlterPartitionRequest>),
    AssignReplicasToDirs(Rc<AssignReplicasToDirsRequest>),
    AllocateProducerIds,
    ElectLeaders(Rc<ElectLeadersRequest>),
    AlterConfigs(Rc<AlterConfigsRequest>),
    AlterPartitionReassignments(Rc<AlterPartitionReassignmentsRequest>),
    CreatePartitions(Rc<CreatePartitionsRequest>),
    /// Fetch of `__cluster_metadata` by a broker, from this offset on.
    FetchMetadata {
        offset: u64,
    },
    /// Between the voters of the metadata quorum.
    Raft(Rc<RaftRequest>),
    /// Not Kafka's: one service calls another with an order.
    Order(Rc<super::record::Record>),
}

/// Responses, by API.
#[derive(Clone, Debug)]
pub enum Response {
    ApiVersions,
    Produce(Rc<ProduceResponse>),
    Fetch(Rc<FetchResponse>),
    ListOffsets(Rc<ListOffsetsResponse>),
    OffsetForLeaderEpoch(Rc<OffsetForLeaderEpochResponse>),
    Metadata(Rc<super::metadata::MetadataImage>),
    DescribeTopicPartitions(Rc<[super::describe::TopicDescription]>),
    DeleteRecords(super::ErrorCode),
    InitProducerId(Rc<InitProducerIdResponse>),
    Group(Rc<GroupResponse>),
    Transaction(Rc<TransactionResponse>),
    BrokerRegistration(Rc<BrokerRegistrationResponse>),
    BrokerHeartbeat(Rc<BrokerHeartbeatResponse>),
    AlterPartition(Rc<AlterPartitionResponse>),
    AssignReplicasToDirs,
    AllocateProducerIds(Rc<AllocateProducerIdsResponse>),
    ElectLeaders(super::ErrorCode),
    AlterConfigs(super::ErrorCode),
    AlterPartitionReassignments(super::ErrorCode),
    CreatePartitions(super::ErrorCode),
    FetchMetadata(Rc<FetchMetadataResponse>),
    Raft(Rc<RaftResponse>),
    /// The order is taken.
    Order,
    /// The answer of a controller that is not the active one to anything but Raft
    /// (`NOT_CONTROLLER`).
    NotController,
}

impl From<Request> for Msg {
    fn from(request: Request) -> Self {
        Msg::Request(request)
    }
}

impl From<Response> for Msg {
    fn from(response: Response) -> Self {
        Msg::Response(response)
    }
}
