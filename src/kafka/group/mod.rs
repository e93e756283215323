//! The group coordinator: members, generations and committed offsets. It lives in the broker that
//! leads the group's partition of `__consumer_offsets`, and keeps its state in that log.
//!
//! | module | room for |
//! |---|---|
//! | [`protocol`] | requests and responses |
//! | [`coordinator`] | which request is for which shard; finding the coordinator |
//! | [`shard`] | one partition of `__consumer_offsets`: its groups, what was written, what is committed |
//! | [`writes`] | what waits for the high watermark |
//! | [`offsets`] | committing and fetching offsets |
//! | [`expiry`] | forgetting offsets that nobody needs |
//! | [`classic`] | a classic group: members, generation, state |
//! | [`rebalance`] | the first round of a rebalance: joining |
//! | [`sync`] | the second: the assignment |
//! | [`membership`] | heartbeats, sessions, leaving |
//! | [`consumer`] | groups of the consumer protocol (KIP-848) |

pub mod classic;
pub mod consumer;
pub mod coordinator;
mod expiry;
mod membership;
mod offsets;
pub mod protocol;
mod rebalance;
pub mod shard;
mod sync;
mod writes;

pub use coordinator::{Coordinator, group_partition, refuse};
pub use protocol::{GroupRequest, GroupResponse, MemberId};

use super::broker::BrokerTimer;
use super::cluster::Timer;
use super::config::Assignor;
use super::record::{LogEntry, Records};
use super::transaction::ProducerIdAndEpoch;
use super::{ErrorCode, GroupId, Offset, Outbox, TopicId, TopicPartition};
use crate::sim::{Conn, Micros, NodeId};

/// What the coordinator needs of its broker: the replicas of `__consumer_offsets`.
pub trait OffsetsLog {
    /// Whether this broker leads `partition`.
    fn leads(&self, partition: TopicPartition) -> bool;
    /// The leader of `partition` as this broker's metadata has it, if that broker is unfenced.
    fn leader(&self, partition: TopicPartition) -> Option<NodeId>;
    /// Appends as leader under acks=1 rules (no min.insync.replicas check, `CoordinatorPartitionWriter`).
    /// Returns the offset that the high watermark must reach before the append is answered. `producer`: as part of
    /// its transaction.
    fn append(
        &mut self,
        partition: TopicPartition,
        records: Records,
        producer: Option<ProducerIdAndEpoch>,
        out: &mut Outbox,
    ) -> Result<Offset, ErrorCode>;
    /// The high watermark of `partition`.
    fn high_watermark(&self, partition: TopicPartition) -> Offset;
    /// How many partitions `topic` has, as this broker's metadata has it.
    fn partitions(&self, topic: TopicId) -> u16;
    /// How many records its log holds.
    fn records(&self, partition: TopicPartition) -> u64;
    /// The whole log, to load from.
    fn entries(&self, partition: TopicPartition) -> Vec<LogEntry>;
}

/// What a coordinator acts through. Whoever is answered is remembered: their connections, muted
/// while they waited, go on then (`RequestChannel`).
pub struct Replies<'a, 'w> {
    out: &'a mut Outbox<'w>,
    /// Whose requests were answered: connection and correlation.
    pub answered: Vec<(Conn, u32)>,
}

impl<'a, 'w> Replies<'a, 'w> {
    /// Nobody answered yet.
    pub fn new(out: &'a mut Outbox<'w>) -> Self {
        Replies {
            out,
            answered: Vec::new(),
        }
    }
}

impl<'w> std::ops::Deref for Replies<'_, 'w> {
    type Target = Outbox<'w>;

    fn deref(&self) -> &Outbox<'w> {
        self.out
    }
}

impl<'w> std::ops::DerefMut for Replies<'_, 'w> {
    fn deref_mut(&mut self) -> &mut Outbox<'w> {
        self.out
    }
}

/// What a coordinator's timer is for. Timers are checked when they ring: what they were set for
/// may be over by then.
#[derive(Clone, Copy, Debug)]
pub enum GroupTimer {
    /// A member's session may have ended.
    Session { group: GroupId, member: MemberId },
    /// A member of a consumer group should have given up its partitions by now.
    Revocation { group: GroupId, member: MemberId },
    /// The round of joining has lasted long enough.
    Join { group: GroupId, round: u32 },
    /// Whoever has not synced by now is out.
    Sync { group: GroupId, round: u32 },
    /// Writes to this partition of `__consumer_offsets` may have waited for
    /// offsets.commit.timeout.ms.
    Writes { partition: u16 },
    /// What this partition's log holds is known.
    Load { partition: u16 },
    /// Offsets in this partition may have expired.
    Expiry { partition: u16 },
}

/// A group's generation as written to `__consumer_offsets` (`GroupMetadataValue`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupMetadata {
    pub group: GroupId,
    pub generation: u32,
    pub protocol: Option<Assignor>,
    pub leader: Option<MemberId>,
    /// None once the group is empty.
    pub members: Vec<MemberMetadata>,
}

/// A member in [`GroupMetadata`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MemberMetadata {
    pub member: MemberId,
    pub instance: Option<protocol::InstanceId>,
    pub session_timeout_ms: u64,
    pub rebalance_timeout_ms: u64,
    pub protocols: Vec<Assignor>,
    pub subscription: protocol::Subscription,
    pub assignment: Vec<TopicPartition>,
}

/// Sets a timer of the coordinator. The broker embeds it in its own.
fn set_timer(delay_us: Micros, timer: GroupTimer, out: &mut Outbox) {
    out.timer(delay_us, Timer::Broker(BrokerTimer::Group(timer)));
}
