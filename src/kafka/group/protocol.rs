//! Requests of consumers to their coordinator (FindCoordinator, JoinGroup, SyncGroup, Heartbeat,
//! LeaveGroup, ConsumerGroupHeartbeat, OffsetCommit, OffsetFetch) and what it answers.

use std::rc::Rc;

use super::consumer::Subscribed;
use crate::kafka::config::Assignor;
use crate::kafka::transaction::{ProducerIdAndEpoch, TransactionalId};
use crate::kafka::{ErrorCode, GroupId, LeaderEpoch, Offset, TopicId, TopicPartition};
use crate::sim::NodeId;

/// A member of a group, named by the coordinator (in Kafka the client.id and a UUID). Members
/// sort by client, as with client ids `c1`, `c2` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId {
    pub node: NodeId,
    /// Tells one membership of a client from its next.
    pub nth: u16,
}

/// The `group.instance.id` of a static member (KIP-345).
pub type InstanceId = Rc<str>;

/// A committed position, with the epoch of the record before it where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OffsetAndEpoch {
    pub offset: Offset,
    pub leader_epoch: Option<LeaderEpoch>,
}

/// A request to the group coordinator, or the search for it.
#[derive(Clone, Debug)]
pub enum GroupRequest {
    FindCoordinator {
        group: GroupId,
    },
    JoinGroup(JoinGroupRequest),
    SyncGroup(SyncGroupRequest),
    Heartbeat(MemberRef),
    LeaveGroup {
        group: GroupId,
        member: MemberId,
    },
    OffsetCommit(OffsetCommitRequest),
    OffsetFetch(OffsetFetchRequest),
    /// A producer commits a consumer's offsets as part of its transaction; answered with `OffsetCommit`.
    TxnOffsetCommit(TxnOffsetCommitRequest),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest),
}

/// Who asks: what `validateMember` looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRef {
    pub group: GroupId,
    pub generation: u32,
    pub member: MemberId,
    pub instance: Option<InstanceId>,
}

/// `JoinGroupRequest`.
#[derive(Clone, Debug)]
pub struct JoinGroupRequest {
    pub group: GroupId,
    /// `None` at first: the coordinator names the member (KIP-394).
    pub member: Option<MemberId>,
    pub instance: Option<InstanceId>,
    pub session_timeout_ms: u64,
    /// max.poll.interval.ms: how long a rebalance waits for this member.
    pub rebalance_timeout_ms: u64,
    /// The assignors this member supports, the preferred one first.
    pub protocols: Vec<Assignor>,
    pub subscription: Subscription,
}

/// What a member tells the group's leader (`ConsumerProtocolSubscription`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscription {
    pub topics: Vec<TopicId>,
    /// What it holds while it joins: nothing with eager assignors.
    pub owned: Vec<TopicPartition>,
    /// What it held last, for `sticky` (user data of the assignor).
    pub prior: Vec<TopicPartition>,
    /// The generation of that.
    pub generation: Option<u32>,
}

/// `JoinGroupResponse`.
#[derive(Clone, Debug)]
pub struct JoinGroupResponse {
    pub error: ErrorCode,
    pub generation: u32,
    pub protocol: Option<Assignor>,
    pub leader: Option<MemberId>,
    /// The name of the member that joined, also with MEMBER_ID_REQUIRED.
    pub member: Option<MemberId>,
    /// All members, for the leader alone.
    pub members: Vec<JoinedMember>,
    /// The leader must not assign anew: it came back as a static member (KIP-814).
    pub skip_assignment: bool,
}

/// A member as the leader hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    pub member: MemberId,
    pub instance: Option<InstanceId>,
    pub subscription: Subscription,
}

/// What each member gets.
pub type Assignment = Vec<(MemberId, Vec<TopicPartition>)>;

/// `SyncGroupRequest`; only the leader's carries an assignment.
#[derive(Clone, Debug)]
pub struct SyncGroupRequest {
    pub who: MemberRef,
    pub assignment: Assignment,
}

/// `OffsetCommitRequest`; without a generation it comes from a consumer that uses `assign`.
#[derive(Clone, Debug)]
pub struct OffsetCommitRequest {
    pub group: GroupId,
    pub generation: Option<u32>,
    pub member: Option<MemberId>,
    pub instance: Option<InstanceId>,
    pub offsets: Vec<(TopicPartition, OffsetAndEpoch)>,
}

/// `TxnOffsetCommitRequest`.
#[derive(Clone, Debug)]
pub struct TxnOffsetCommitRequest {
    pub id: TransactionalId,
    pub producer: ProducerIdAndEpoch,
    pub commit: OffsetCommitRequest,
}

/// `OffsetFetchRequest`.
#[derive(Clone, Debug)]
pub struct OffsetFetchRequest {
    pub group: GroupId,
    pub partitions: Vec<TopicPartition>,
    /// Whether the answer waits for what is not below the high watermark yet. Consumers ask so
    /// (KIP-447), admin clients do not.
    pub require_stable: bool,
    /// Who asks, and its epoch, in a group of the consumer protocol.
    pub member: Option<(MemberId, u32)>,
}

/// What the coordinator answers.
#[derive(Clone, Debug)]
pub enum GroupResponse {
    /// `coordinator` is there when `error` is NONE.
    FindCoordinator {
        error: ErrorCode,
        coordinator: Option<NodeId>,
    },
    JoinGroup(JoinGroupResponse),
    SyncGroup {
        error: ErrorCode,
        assignment: Vec<TopicPartition>,
    },
    Heartbeat(ErrorCode),
    LeaveGroup(ErrorCode),
    /// One error for all partitions of the request.
    OffsetCommit(ErrorCode),
    OffsetFetch {
        error: ErrorCode,
        offsets: Vec<(TopicPartition, Option<OffsetAndEpoch>)>,
    },
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse),
}

/// `ConsumerGroupHeartbeatRequest` (KIP-848). A full one tells everything; others only what has
/// changed since the last.
#[derive(Clone, Debug)]
pub struct ConsumerGroupHeartbeatRequest {
    pub group: GroupId,
    /// Named by the member itself.
    pub member: MemberId,
    /// 0 joins, -1 leaves, -2 leaves for a while.
    pub epoch: i32,
    pub instance: Option<InstanceId>,
    /// max.poll.interval.ms.
    pub rebalance_timeout_ms: Option<u64>,
    pub topics: Option<Vec<TopicId>>,
    /// group.remote.assignor.
    pub assignor: Option<Rc<str>>,
    /// What it has now.
    pub owned: Option<Vec<TopicPartition>>,
}

/// `ConsumerGroupHeartbeatResponse`.
#[derive(Clone, Debug)]
pub struct ConsumerGroupHeartbeatResponse {
    pub error: ErrorCode,
    pub epoch: i32,
    pub heartbeat_interval_ms: u64,
    /// What the member is to have now, where that is news.
    pub assignment: Option<Vec<TopicPartition>>,
}

impl ConsumerGroupHeartbeatRequest {
    /// Whether it tells everything.
    pub fn is_full(&self) -> bool {
        self.rebalance_timeout_ms.is_some() && self.topics.is_some() && self.owned.is_some()
    }

    /// What the member asks for after this, if that was `before`.
    pub fn applied_to(&self, before: &Subscribed) -> Subscribed {
        let or = |new: &Option<Vec<TopicId>>| new.clone().unwrap_or(before.topics.clone());
        let timeout_ms = self.rebalance_timeout_ms;
        Subscribed {
            instance: self.instance.clone().or(before.instance.clone()),
            rebalance_timeout_ms: timeout_ms.unwrap_or(before.rebalance_timeout_ms),
            topics: or(&self.topics),
            assignor: self.assignor.clone().or(before.assignor.clone()),
        }
    }
}

impl ConsumerGroupHeartbeatResponse {
    /// The answer to a member that left with this epoch.
    pub fn left(epoch: i32) -> Self {
        ConsumerGroupHeartbeatResponse {
            error: ErrorCode::None,
            epoch,
            heartbeat_interval_ms: 0,
            assignment: None,
        }
    }
}

impl GroupResponse {
    /// The same answer, had it failed with `error`.
    pub fn failed(mut self, failure: ErrorCode) -> Self {
        match &mut self {
            GroupResponse::FindCoordinator { error, .. }
            | GroupResponse::SyncGroup { error, .. }
            | GroupResponse::Heartbeat(error)
            | GroupResponse::LeaveGroup(error)
            | GroupResponse::OffsetCommit(error) => *error = failure,
            GroupResponse::JoinGroup(response) => response.error = failure,
            GroupResponse::ConsumerGroupHeartbeat(response) => response.error = failure,
            GroupResponse::OffsetFetch { error, offsets } => {
                *error = failure;
                offsets.clear();
            }
        }
        self
    }
}
