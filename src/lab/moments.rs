//! What may be told of a run: dated, with what the words need. Lessons hang their beats on these.

use crate::kafka::{LeaderEpoch, MessageId, Offset, TopicPartition};
use crate::sim::journal::EntryId;
use crate::sim::{Micros, NodeId};

/// A kind of moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// An ack reached the producer.
    Acked,
    /// An ack reached the producer while not every in-sync replica had the record.
    AckedWithOneCopy,
    /// A send counts as done although no broker said so.
    CountedWithoutAck,
    /// A send failed and the callback says so.
    SendFailed,
    /// A process was killed or crashed.
    Killed,
    /// A machine lost power.
    PowerLost,
    /// An orderly stop began.
    Stopping,
    /// A process started.
    Started,
    /// A process stands still.
    Paused,
    /// A process goes on.
    Resumed,
    /// A link was cut.
    Cut,
    /// A disk was wiped, full or failed.
    DiskTrouble,
    /// The controller counts a broker as dead.
    Fenced,
    /// Another controller leads the quorum from now on; it is the active one.
    ControllerActive,
    /// The active controller has lost its majority, or was replaced.
    ControllerResigned,
    /// A new leader.
    Elected,
    /// A new leader that was not known to have everything.
    ElectedUnclean,
    /// A partition has no leader.
    Leaderless,
    /// The ISR lost a member while its leader stayed.
    IsrShrank,
    /// The ISR gained a member.
    IsrGrew,
    /// A follower cut its log.
    Truncated,
    /// A follower goes on from its leader's log although what it has differs from it.
    Diverged,
    /// What was not on the platter is gone.
    TailLost,
    /// A leader's log starts later than before: what lay before is deleted.
    Deleted,
    /// The shop committed an order.
    OrderStored,
    /// The job marked a row of the outbox as sent.
    RowSent,
    /// A row of the outbox failed too often.
    RowDead,
    /// Rows of the outbox are too old.
    AlarmRang,
    /// Somebody at the desk handed rows back.
    Resent,
    /// The job calls service B directly.
    Called,
    /// Service B does not answer a direct call.
    CallFailed,
    /// A message went out, and the order that it speaks of will never be written.
    Phantom,
    /// The handler finished with a record.
    Processed,
    /// The consumer committed.
    Committed,
    /// The handler threw.
    HandlerThrew,
    /// A message that could not be worked on is in the dead-letter topic.
    SetAside,
    /// A dead letter could not be written.
    LetterFailed,
    /// A topic has more partitions than before.
    PartitionsAdded,
    /// A consumer was given partitions.
    Given,
    /// Each partition has an owner again; for a while some had none.
    OwnedAgain,
    /// A message has its effect after that of a later one of the same key, or of the same producer in its partition.
    OutOfOrder,
    /// The first poll after an assignment.
    FirstPoll,
    /// A message was processed a second time, or written a second time.
    Twice,
    /// What applications wrote is seen at last: the last stable offset had waited for an open transaction.
    StableAgain,
    /// Messages that count as sent are in no log that lives on, or will never be worked on.
    Lost,
    /// The fate of every message is known: the last word.
    Sealed,
}

impl On {
    /// Whether it decides a fate: kill, power loss, election, truncation, loss, duplicate.
    pub fn is_decisive(self) -> bool {
        matches!(
            self,
            On::Killed
                | On::PowerLost
                | On::Elected
                | On::ElectedUnclean
                | On::ControllerActive
                | On::Truncated
                | On::TailLost
                | On::Diverged
                | On::Lost
                | On::Twice
                | On::Phantom
                | On::AlarmRang
                | On::Resent
                | On::SetAside
                | On::LetterFailed
        )
    }
}

/// One moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What kind.
    pub on: On,
    /// The entry it is read from.
    pub entry: EntryId,
    /// When, in microseconds.
    pub at_us: Micros,
    /// Where it happened, or who is meant.
    pub node: NodeId,
    /// Another node: the leader before, the other end of a link.
    pub other: Option<NodeId>,
    /// Which partition.
    pub partition: Option<TopicPartition>,
    /// Which message, or the first of several.
    pub message: Option<MessageId>,
    /// How many messages.
    pub count: u32,
    /// A leader's epoch.
    pub epoch: LeaderEpoch,
    /// An offset: a commit, a log end after a cut.
    pub offset: Offset,
    /// A log end before a cut.
    pub before: Offset,
    /// How long it took, in microseconds: without a leader, without a heartbeat.
    pub span_us: Micros,
}

impl Moment {
    /// A moment with nothing but its kind, entry, time and place.
    pub fn new(on: On, entry: EntryId, at_us: Micros, node: NodeId) -> Self {
        Moment {
            on,
            entry,
            at_us,
            node,
            other: None,
            partition: None,
            message: None,
            count: 0,
            epoch: 0,
            offset: 0,
            before: 0,
            span_us: 0,
        }
    }
}
