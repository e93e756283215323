//! What a person or a script does to the world: faults, repairs, and calls of client APIs.

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, MessageId, Offset, TopicId, TopicPartition};
use super::record::Record;
use crate::sim::{Micros, NodeId};

/// One action. Nodes are given by number (see [`super::spec::ClusterSpec`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// kill -9: the process is gone, the page cache stays.
    Kill(NodeId),
    /// The machine loses power: what the OS had not written is gone.
    PowerOff(NodeId),
    /// Starts a process that does not run (a broker, a controller, a client).
    Start(NodeId),
    /// An orderly end: controlled shutdown of a broker, SIGTERM of a controller.
    Stop(NodeId),
    /// SIGSTOP, or a long GC pause.
    Pause(NodeId),
    /// SIGCONT.
    Resume(NodeId),
    /// Replaces a stopped broker's disks by empty ones, those that failed or else all; `keep_identity` keeps the
    /// ids of their directories.
    WipeDisk { broker: NodeId, keep_identity: bool },
    /// No space left.
    FillDisk(NodeId),
    /// Space again.
    FreeDisk(NodeId),
    /// Every operation fails.
    FailDisk(NodeId),
    /// As `FailDisk`, of several disks only that under the log directory at this place of log.dirs.
    FailDirectory { broker: NodeId, directory: u8 },
    /// So many times slower than usual; 1 is usual.
    SlowDisk { broker: NodeId, times: u32 },
    /// The OS writes all dirty pages of this machine to its disk now (`sync`).
    OsWriteBack(NodeId),
    /// Nothing passes from `from` to `to`, nor back if `both`.
    CutLink {
        from: NodeId,
        to: NodeId,
        both: bool,
    },
    /// The link passes everything again, at usual speed, in both directions.
    HealLink { from: NodeId, to: NodeId },
    /// Packets lost in a million, in both directions.
    LossyLink {
        from: NodeId,
        to: NodeId,
        loss_ppm: u32,
    },
    /// So much later, in both directions.
    SlowLink {
        from: NodeId,
        to: NodeId,
        extra_us: Micros,
    },
    /// `kafka-leader-election`.
    ElectLeader {
        partition: TopicPartition,
        unclean: bool,
    },
    /// `kafka-topics --describe`: the broker that is asked answers from what it knows; without one named, the first
    /// that can be reached.
    DescribeTopics {
        topics: Vec<TopicId>,
        broker: Option<NodeId>,
    },
    /// `kafka-delete-records`: deletes what lies before `offset`, as retention would.
    DeleteRecords {
        partition: TopicPartition,
        offset: Offset,
    },
    /// `kafka-reassign-partitions`: the replicas that a partition shall have, the preferred leader first.
    Reassign {
        partition: TopicPartition,
        replicas: Vec<NodeId>,
    },
    /// `kafka-reassign-partitions --cancel`: back to the replicas of before.
    CancelReassignment(TopicPartition),
    /// `kafka-topics --alter --partitions`: how many a topic shall have; with a replica list for each new one, or the
    /// controller places them.
    CreatePartitions {
        topic: TopicId,
        count: u16,
        assignment: Vec<Vec<NodeId>>,
    },
    /// `kafka-configs --alter`: min.insync.replicas of a topic.
    SetMinIsr { topic: TopicId, min_isr: u32 },
    /// `kafka-configs --alter`: unclean.leader.election.enable of a topic, or the default of all brokers
    /// (`--entity-default`).
    SetUnclean {
        topic: Option<TopicId>,
        allowed: bool,
    },
    /// `kafka-consumer-groups --reset-offsets --execute`: what the group has committed from now on.
    AlterGroupOffsets {
        group: GroupId,
        offsets: Vec<(TopicPartition, Offset)>,
    },
    /// The handler of a consumer application takes this long from now on.
    SlowHandler { client: NodeId, time_ms: u64 },
    /// The handler of a consumer application throws at its next message.
    Throw(NodeId),
    /// The compensation desk hands rows of the outbox back to their job: these, or all that are dead or too old.
    Resend { rows: Vec<MessageId> },
    /// A burst of this many messages from a producer application.
    Burst { client: NodeId, messages: u32 },
    /// A call of a client's API, queued behind those before it.
    Call(NodeId, Call),
}

impl Action {
    /// The nodes it is done to, to change them.
    pub fn nodes_mut(&mut self) -> Vec<&mut NodeId> {
        match self {
            Action::Kill(node)
            | Action::PowerOff(node)
            | Action::Start(node)
            | Action::Stop(node)
            | Action::Pause(node)
            | Action::Resume(node)
            | Action::FillDisk(node)
            | Action::FreeDisk(node)
            | Action::FailDisk(node)
            | Action::OsWriteBack(node)
            | Action::Throw(node)
            | Action::Call(node, _) => vec![node],
            Action::WipeDisk { broker, .. }
            | Action::FailDirectory { broker, .. }
            | Action::SlowDisk { broker, .. } => vec![broker],
            Action::SlowHandler { client, .. } | Action::Burst { client, .. } => vec![client],
            Action::CutLink { from, to, .. }
            | Action::HealLink { from, to }
            | Action::LossyLink { from, to, .. }
            | Action::SlowLink { from, to, .. } => vec![from, to],
            Action::DescribeTopics { broker, .. } => broker.iter_mut().collect(),
            Action::ElectLeader { .. }
            | Action::DeleteRecords { .. }
            | Action::Reassign { .. }
            | Action::CreatePartitions { .. }
            | Action::AlterGroupOffsets { .. }
            | Action::Resend { .. }
            | Action::CancelReassignment(_)
            | Action::SetUnclean { .. }
            | Action::SetMinIsr { .. } => vec![],
        }
    }

    /// The nodes it is done to.
    pub fn nodes(&self) -> Vec<NodeId> {
        let mut action = self.clone();
        action.nodes_mut().into_iter().map(|node| *node).collect()
    }
}

/// A call of the producer's or consumer's API by a scripted application. Each ends with an
/// [`super::Entry::Returned`] or [`super::Entry::Thrown`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Call {
    /// `producer.partitionsFor`: waits for metadata.
    PartitionsFor(TopicId),
    /// `producer.send` of each record in turn.
    Send {
        topic: TopicId,
        partition: Option<u16>,
        records: Vec<Record>,
    },
    /// `producer.flush`.
    Flush,
    /// `close()`; with a time limit in milliseconds, 0 drops what is buffered.
    Close { timeout_ms: Option<u64> },
    /// `consumer.subscribe`.
    Subscribe(Vec<TopicId>),
    /// `consumer.assign`.
    Assign(Vec<TopicPartition>),
    /// `consumer.unsubscribe`.
    Unsubscribe,
    /// `consumer.poll` until it returns records or this many milliseconds have passed.
    Poll { timeout_ms: u64 },
    /// Polls over and over with this timeout, `commitSync` after each where `commit`.
    PollStart { timeout_ms: u64, commit: bool },
    /// Ends that.
    PollStop,
    /// `consumer.commitSync` of the positions, or of these offsets.
    CommitSync(Option<Vec<(TopicPartition, Offset)>>),
    /// `consumer.commitAsync` of the positions.
    CommitAsync,
    /// `consumer.position` of all assigned partitions; noted, nothing more.
    Position,
    /// `consumer.committed` of these partitions.
    Committed(Vec<TopicPartition>),
    /// `admin.listConsumerGroupOffsets` of these partitions: what is committed for certain, below the
    /// high watermark of `__consumer_offsets`.
    ListGroupOffsets(Vec<TopicPartition>),
    /// `consumer.endOffsets` of these partitions.
    EndOffsets(Vec<TopicPartition>),
    /// `producer.initTransactions`.
    InitTransactions,
    /// `producer.beginTransaction`.
    BeginTransaction,
    /// `consumer.groupMetadata`: the application keeps what it says now.
    GroupMetadata,
    /// `producer.sendOffsetsToTransaction` with the `groupMetadata()` of the consumer `of`, as it is or as it was `kept`.
    SendOffsets {
        offsets: Vec<(TopicPartition, Offset)>,
        of: NodeId,
        kept: bool,
    },
    /// `producer.commitTransaction`.
    CommitTransaction,
    /// `producer.abortTransaction`.
    AbortTransaction,
    /// `consumer.seek`.
    Seek(TopicPartition, Offset),
}

impl Call {
    /// The name of the call, as in the client's API.
    pub fn name(&self) -> &'static str {
        match self {
            Call::PartitionsFor(_) => "partitionsFor",
            Call::Send { .. } => "send",
            Call::Flush => "flush",
            Call::Close { .. } => "close",
            Call::Subscribe(_) => "subscribe",
            Call::Assign(_) => "assign",
            Call::Unsubscribe => "unsubscribe",
            Call::Poll { .. } | Call::PollStart { .. } | Call::PollStop => "poll",
            Call::CommitSync(_) => "commitSync",
            Call::CommitAsync => "commitAsync",
            Call::Position => "position",
            Call::Committed(_) => "committed",
            Call::ListGroupOffsets(_) => "listConsumerGroupOffsets",
            Call::EndOffsets(_) => "endOffsets",
            Call::InitTransactions => "initTransactions",
            Call::BeginTransaction => "beginTransaction",
            Call::GroupMetadata => "groupMetadata",
            Call::SendOffsets { .. } => "sendOffsetsToTransaction",
            Call::CommitTransaction => "commitTransaction",
            Call::AbortTransaction => "abortTransaction",
            Call::Seek(..) => "seek",
        }
    }
}
