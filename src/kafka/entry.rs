//! The journal's vocabulary: what a person may want to see, or an explanation may need to cite.
//!
//! `Stamped::node` says where it happened: the broker for log entries, the controller for
//! decisions, the client for calls and callbacks, and the node concerned for faults.

use std::rc::Rc;

pub use super::reasons::{Answer, CommitHow, Cut, Deletion, FlushedBy, TransactionEnd};

use super::broker::log::Cleaning;
use super::ids::{GroupId, LeaderEpoch, MessageId, Offset, TopicId, TopicPartition};
use super::metadata::{PartitionState, QuorumEpoch};
use super::record::{Batch, LogEntry};
use super::shop::RowMark;
use super::transaction::TransactionalId;
use super::{ClientError, ErrorCode};
use crate::sim::{Micros, NodeId};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    // --- processes, machines, links: what the operator did ---
    /// kill -9.
    Killed,
    PowerLost,
    /// A process was started; a broker then still has to load its logs and register.
    Started,
    /// An orderly end was asked for.
    StopAsked,
    /// The process ended of its own accord, in order.
    Stopped,
    /// The process ended of its own accord after an error (all log directories failed, ...).
    Halted,
    Paused,
    Resumed,
    DiskWiped {
        keep_identity: bool,
    },
    DiskFull,
    DiskFreed,
    DiskFailed,
    /// Of several disks the one under this log directory.
    DirectoryFailed(u8),
    DiskSlow {
        times: u32,
    },
    LinkCut {
        to: NodeId,
        both: bool,
    },
    LinkHealed {
        to: NodeId,
    },
    LinkLossy {
        to: NodeId,
        loss_ppm: u32,
    },
    LinkSlow {
        to: NodeId,
        extra_us: Micros,
    },
    ElectionAsked {
        partition: TopicPartition,
        unclean: bool,
    },
    HandlerSlowed {
        time_ms: u64,
    },

    // --- controller ---
    /// The topic's min.insync.replicas was changed.
    MinIsrSet {
        topic: TopicId,
        min_isr: u32,
    },
    /// unclean.leader.election.enable of a topic, or of all that do not set it, was changed.
    UncleanSet {
        topic: Option<TopicId>,
        allowed: bool,
    },
    /// It has not heard of a leader for controller.quorum.fetch.timeout.ms and asks the others for their votes.
    VotesAsked {
        epoch: QuorumEpoch,
    },
    /// It leads the metadata quorum, knows all that was committed, and is the active controller from now on.
    ControllerActive {
        epoch: QuorumEpoch,
    },
    /// It is the active controller no longer: no majority has fetched from it for 1.5 times controller.quorum.fetch.timeout.ms,
    /// another one was elected, or it ends in order. So many of its last decisions were not committed.
    ControllerResigned {
        epoch: QuorumEpoch,
        uncommitted: u32,
    },
    /// Its session ended: nothing heard for broker.session.timeout.ms (or it stopped in order).
    Fenced {
        broker: NodeId,
    },
    Unfenced {
        broker: NodeId,
    },
    Registered {
        broker: NodeId,
        broker_epoch: u64,
        clean: bool,
    },
    /// A registration was refused: the old incarnation's session has not ended.
    RegistrationRefused {
        broker: NodeId,
    },
    /// A partition's leader, ISR or ELR changed.
    Partition {
        partition: TopicPartition,
        before: Rc<PartitionState>,
        after: Rc<PartitionState>,
        /// The new leader was not known to have everything.
        unclean: bool,
    },

    // --- brokers ---
    /// The broker, as leader, wrote this batch (page cache).
    Appended {
        partition: TopicPartition,
        entry: LogEntry,
    },
    /// The broker, as follower, wrote these batches (page cache).
    Replicated {
        partition: TopicPartition,
        entries: Vec<LogEntry>,
    },
    /// An idempotent batch came a second time and was not written again.
    DuplicateDropped {
        partition: TopicPartition,
        batch: Rc<Batch>,
        base_offset: Offset,
    },
    /// A produce was refused.
    ProduceRefused {
        partition: TopicPartition,
        batch: Rc<Batch>,
        error: ErrorCode,
    },
    /// The leader's high watermark moved.
    HighWatermark {
        partition: TopicPartition,
        offset: Offset,
    },
    /// Everything below `offset` is on the platter.
    Flushed {
        partition: TopicPartition,
        offset: Offset,
        by: FlushedBy,
    },
    /// The log now ends at `offset` instead of `before`.
    LogCut {
        partition: TopicPartition,
        offset: Offset,
        before: Offset,
        why: Cut,
    },
    /// Too much waits in the page cache: writes to this log stand still until the disk has caught up.
    WritesStall {
        partition: TopicPartition,
        dirty_bytes: u64,
    },
    /// The log goes on in a new segment; the one before is fsynced in the background.
    SegmentRolled {
        partition: TopicPartition,
        base_offset: Offset,
    },
    /// A cleaner took records out of a compacted log.
    Compacted {
        partition: TopicPartition,
        cleaning: Box<Cleaning>,
    },
    /// These producers have been idle for producer.id.expiration.ms: their sequences are forgotten.
    ProducersExpired {
        partition: TopicPartition,
        producers: Vec<u64>,
    },
    /// Everything before `offset` was deleted.
    LogStartMoved {
        partition: TopicPartition,
        offset: Offset,
        before: Offset,
        why: Deletion,
    },
    BecameLeader {
        partition: TopicPartition,
        epoch: LeaderEpoch,
        log_end: Offset,
    },
    BecameFollower {
        partition: TopicPartition,
        epoch: LeaderEpoch,
        leader: Option<NodeId>,
    },
    /// The leader asks the controller to change the ISR.
    IsrAsked {
        partition: TopicPartition,
        isr: Vec<NodeId>,
    },
    /// A log directory is offline; so many are left.
    DirectoryOffline {
        left: u8,
    },
    /// A start without the marker of an orderly stop reads so many bytes of its logs again.
    RecoveryBegan {
        bytes: u64,
    },
    /// Logs are loaded; `clean`: the marker of an orderly stop was there, nothing was scanned.
    LogsLoaded {
        clean: bool,
    },

    // --- producers ---
    /// The application called `send()`, the record is in the accumulator.
    Buffered {
        message: MessageId,
        partition: TopicPartition,
    },
    /// A batch left in a produce request.
    BatchSent {
        partition: TopicPartition,
        batch: Rc<Batch>,
        broker: NodeId,
        /// 1 is the first.
        attempt: u32,
    },
    /// A batch will be sent again.
    BatchRetried {
        partition: TopicPartition,
        batch: Rc<Batch>,
        error: ErrorCode,
    },
    /// The callback heard success; no offset with acks=0.
    Acked {
        message: MessageId,
        partition: TopicPartition,
        offset: Option<Offset>,
    },
    /// The callback heard an error: the outcome may be unknown.
    Failed {
        message: MessageId,
        partition: Option<TopicPartition>,
        error: ClientError,
    },
    /// The shop committed a transaction with this order in it; with an outbox, with its row there as well.
    OrderStored {
        message: MessageId,
        outbox: bool,
    },
    /// The job that empties the outbox wrote down what became of a row.
    RowMarked {
        message: MessageId,
        mark: RowMark,
    },
    /// Rows of the outbox are too old: so many, `oldest` first.
    AlarmRang {
        rows: u32,
        oldest: MessageId,
    },
    /// No row is too old any more.
    AlarmEnded,
    /// Somebody at the compensation desk handed these rows back to the job; others were in flight or sent. This is the
    /// audit trail: who and when are the entry's own.
    Resent {
        rows: Vec<MessageId>,
        left_alone: Vec<MessageId>,
    },
    /// The job calls service B directly with an order.
    Called {
        message: MessageId,
        to: NodeId,
    },
    /// Service B does not answer; said once, until it does.
    CallFailed {
        message: MessageId,
        to: NodeId,
    },
    /// Service B took an order from a direct call; without effect if it had seen it before.
    Served {
        message: MessageId,
        effect: bool,
    },
    /// The application never looks at the result and counts the message as done.
    BelievedSent {
        message: MessageId,
    },
    /// `beginTransaction`: what is sent from here on belongs together.
    TransactionBegan,
    /// The application asks for the end of its transaction.
    TransactionEnding {
        commit: bool,
    },
    /// The producer heard that its transaction is committed, or aborted.
    TransactionEnded {
        commit: bool,
    },
    /// A connection was given up after request.timeout.ms.
    RequestTimedOut {
        broker: NodeId,
    },

    // --- consumers ---
    Assigned {
        partitions: Vec<TopicPartition>,
    },
    Revoked {
        partitions: Vec<TopicPartition>,
    },
    /// `onPartitionsLost`.
    PartitionsLost {
        partitions: Vec<TopicPartition>,
    },
    /// `poll()` returned these records; `position` is where the next poll goes on.
    Polled {
        partition: TopicPartition,
        records: Vec<(Offset, MessageId)>,
        position: Offset,
    },
    /// The consumer's position was set by a reset or by divergence, not by reading.
    PositionReset {
        partition: TopicPartition,
        from: Option<Offset>,
        to: Offset,
    },
    /// The handler did its work on a message: the effect on the business.
    Processed {
        message: MessageId,
        partition: TopicPartition,
        offset: Offset,
    },
    /// An idempotent handler had seen it before: no second effect.
    Ignored {
        message: MessageId,
        partition: TopicPartition,
        offset: Offset,
    },
    /// The handler threw at this message.
    HandlerThrew {
        message: MessageId,
        partition: TopicPartition,
        offset: Offset,
    },
    /// Offsets were committed, as the client heard; `None`: the consumer had no valid position there,
    /// and nothing was committed for it.
    Committed {
        offsets: Vec<(TopicPartition, Option<Offset>)>,
        how: CommitHow,
    },
    CommitFailed {
        error: ClientError,
        how: CommitHow,
    },

    // --- group coordinator ---
    /// A member left, or its session ended.
    MemberGone {
        group: GroupId,
        member: NodeId,
        expired: bool,
    },
    /// A new generation began.
    Rebalanced {
        group: GroupId,
        generation: u32,
    },

    /// Nobody has needed these committed offsets for offsets.retention.minutes: they are forgotten.
    OffsetsExpired {
        group: GroupId,
        partitions: Vec<TopicPartition>,
    },

    // --- transaction coordinator ---
    /// The coordinator decides how a transaction ends. It counts once `__transaction_state` has it.
    TransactionDecided {
        id: TransactionalId,
        producer_id: u64,
        commit: bool,
        why: TransactionEnd,
    },

    /// Nobody has used this transactional.id for transactional.id.expiration.ms: it is forgotten.
    TransactionalIdExpired {
        id: TransactionalId,
    },

    // --- scripted calls ---
    /// A call came back; what it gave is in the entries above or in `answer`.
    Returned {
        call: &'static str,
        answer: Answer,
    },
    Thrown {
        call: &'static str,
        error: ClientError,
    },
}
