//! One replica of one partition: its log, and what the running process makes of it
//! (`kafka.cluster.Partition`, `org.apache.kafka.server.replica.Replica`).

use std::collections::VecDeque;
use std::rc::Rc;

use super::log::Log;
use crate::kafka::metadata::{MetadataImage, PartitionState};
use crate::kafka::{ErrorCode, FlushedBy, LeaderEpoch, Offset, Rule, Rules, TopicPartition};
use crate::sim::{EntryId, Micros, NodeId};

/// What a replica is for its process.
#[derive(Clone, Debug, Default)]
pub enum ReplicaRole {
    /// The process does not run, or has not yet heard of the partition's state.
    #[default]
    Unknown,
    Leader(Leader),
    Follower(Follower),
    /// Its log directory failed.
    Offline,
}

/// What a leader knows.
#[derive(Clone, Debug)]
pub struct Leader {
    /// The committed state: from the metadata log, or the answer to an AlterPartition.
    pub state: Rc<PartitionState>,
    /// Where this leader epoch began in the log.
    pub epoch_start: Offset,
    /// A change of the ISR that the controller has not confirmed.
    pub pending: Option<PendingIsr>,
    /// The other replicas, in assignment order.
    pub followers: Vec<Remote>,
}

/// What a follower knows.
#[derive(Clone, Debug)]
pub struct Follower {
    pub leader: Option<NodeId>,
    pub epoch: LeaderEpoch,
    pub partition_epoch: u32,
}

/// A change of the ISR under way to the controller.
#[derive(Clone, Debug)]
pub struct PendingIsr {
    pub isr: Vec<NodeId>,
    /// The request that asks for it, once it has been sent.
    pub correlation: Option<u32>,
    /// A pending expansion already counts for the maximal ISR, a pending shrink does not.
    pub expands: bool,
}

/// A follower as its leader sees it (`Replica.ReplicaState`).
#[derive(Clone, Debug)]
pub struct Remote {
    pub node: NodeId,
    /// Its log end offset, once it has told in this epoch.
    pub log_end: Option<Offset>,
    /// When it last fetched, and where the leader's log ended then.
    pub last_fetch_at: Micros,
    pub last_fetch_leader_end: Offset,
    /// The latest time at which it was known to have everything; `None`: never.
    pub last_caught_up_at: Option<Micros>,
    /// The broker epoch it fetched with (KIP-903).
    pub broker_epoch: Option<u64>,
    /// Whether it is in the maximal ISR: kept here because every fetch asks.
    pub in_maximal_isr: bool,
    /// The high watermark it was last told, within one fetch session (KIP-227).
    pub told_high_watermark: Option<Offset>,
    /// What led to its last fetch.
    pub last_seen: EntryId,
}

/// A replica on a broker's disk.
#[derive(Clone, Debug)]
pub struct Replica {
    pub partition: TopicPartition,
    /// The place of its directory among the broker's.
    pub directory: u8,
    pub log: Log,
    pub role: ReplicaRole,
    pub high_watermark: Offset,
    /// `min(min.insync.replicas, replication factor)`.
    pub min_isr: usize,
    /// Fsyncs under way, oldest first.
    pub syncing: VecDeque<Syncing>,
    /// The entry of what last happened to it: a write, a cut, a new role.
    pub latest: EntryId,
    /// When the log was last flushed by Kafka.
    pub flushed_at: Micros,
}

/// An fsync under way, or a write that waits for the OS to make room.
#[derive(Clone, Copy, Debug)]
pub struct Syncing {
    /// Everything below will be on the platter.
    pub end: Offset,
    pub by: FlushedBy,
    /// The append that waits for it holds the log's lock: the high watermark stands still
    /// meanwhile.
    pub blocks: bool,
}

/// What the rules of the ISR and the high watermark depend on besides the replica.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub image: &'a MetadataImage,
    pub lag_max_us: Micros,
    pub now: Micros,
    pub rules: Rules,
}

impl Replica {
    pub fn new(partition: TopicPartition, min_isr: usize) -> Self {
        Replica {
            partition,
            directory: 0,
            log: Log::new(),
            role: ReplicaRole::Unknown,
            high_watermark: 0,
            min_isr,
            syncing: VecDeque::new(),
            latest: EntryId::NONE,
            flushed_at: 0,
        }
    }

    /// The process ended; the log stays as it is, the high watermark is the checkpoint's.
    pub fn process_ended(&mut self, checkpoint: Offset) {
        self.role = ReplicaRole::Unknown;
        self.follow_high_watermark(checkpoint);
        self.syncing.clear();
    }

    pub fn leader(&self) -> Option<&Leader> {
        match &self.role {
            ReplicaRole::Leader(leader) => Some(leader),
            _ => None,
        }
    }

    pub fn leader_mut(&mut self) -> Option<&mut Leader> {
        match &mut self.role {
            ReplicaRole::Leader(leader) => Some(leader),
            _ => None,
        }
    }

    /// The leader epoch this replica is in.
    pub fn leader_epoch(&self) -> Option<LeaderEpoch> {
        match &self.role {
            ReplicaRole::Leader(leader) => Some(leader.state.leader_epoch),
            ReplicaRole::Follower(follower) => Some(follower.epoch),
            _ => None,
        }
    }

    /// Whether this replica leads, in the epoch that the asking client believes in
    /// (`Partition.localReplicaOrError`).
    pub fn check_leader(&self, asked: Option<LeaderEpoch>) -> Result<&Leader, ErrorCode> {
        self.check_epoch(asked)?;
        self.leader().ok_or(ErrorCode::NotLeaderOrFollower)
    }

    /// The same for consumers, who may read from followers too (KIP-392).
    pub fn check_epoch(&self, asked: Option<LeaderEpoch>) -> Result<(), ErrorCode> {
        if matches!(self.role, ReplicaRole::Offline) {
            return Err(ErrorCode::KafkaStorageError);
        }
        let known = self.leader_epoch().ok_or(ErrorCode::NotLeaderOrFollower)?;
        match asked {
            Some(asked) if asked < known => Err(ErrorCode::FencedLeaderEpoch),
            Some(asked) if asked > known => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }

    /// Whether the committed ISR is smaller than it must be for acks=all.
    pub fn is_under_min_isr(&self) -> bool {
        self.leader()
            .is_some_and(|leader| leader.state.isr.len() < self.min_isr)
    }

    /// Moves the high watermark as far as the rules allow (`Partition.maybeIncrementLeaderHW`).
    /// Returns whether it moved.
    pub fn advance_high_watermark(&mut self, around: Surroundings) -> bool {
        let ReplicaRole::Leader(leader) = &self.role else {
            return false;
        };
        // Below min ISR nothing commits, whatever the acks (KAFKA-15583).
        let freezes = around.rules.keep(Rule::HighWatermarkFreezes);
        let blocked = self.syncing.iter().any(|sync| sync.blocks);
        if (leader.state.isr.len() < self.min_isr && freezes) || blocked {
            return false;
        }
        let log_end = self.log.log_end_offset();
        let rises = around.rules.keep(Rule::HighWatermarkRises);
        if log_end <= self.high_watermark && rises {
            return false;
        }
        let mut reached = log_end;
        for follower in &leader.followers {
            let end = follower.log_end.unwrap_or(0);
            if end < reached
                && (follower.in_maximal_isr
                    || (follower.is_caught_up(log_end, around)
                        && follower.is_isr_eligible(around.image)))
            {
                reached = end;
            }
        }
        if !around.rules.keep(Rule::IsrNotMinIsr) {
            reached = leader.held_by(self.min_isr, log_end);
        }
        let moves = reached > self.high_watermark || (reached < self.high_watermark && !rises);
        if moves {
            self.high_watermark = reached;
            self.log.replicated_to(reached);
        }
        moves
    }

    /// How far read_committed consumers may read.
    pub fn last_stable_offset(&self) -> Offset {
        self.log.last_stable_offset(self.high_watermark)
    }

    /// What became of an acks=all batch that needs the high watermark at `required`
    /// (`Partition.checkEnoughReplicasReachOffset`); `None`: nothing yet.
    pub fn outcome_of_ack(&self, required: Offset) -> Option<ErrorCode> {
        let leader = match &self.role {
            ReplicaRole::Leader(leader) => leader,
            ReplicaRole::Offline => return Some(ErrorCode::KafkaStorageError),
            _ => return Some(ErrorCode::NotLeaderOrFollower),
        };
        if self.high_watermark < required {
            return None;
        }
        Some(match leader.maximal_isr_len() < self.min_isr {
            true => ErrorCode::NotEnoughReplicasAfterAppend,
            false => ErrorCode::None,
        })
    }

    /// A follower takes its leader's word, as far as its own log goes.
    pub fn follow_high_watermark(&mut self, leaders: Offset) {
        let ends = (self.log.log_start_offset(), self.log.log_end_offset());
        self.high_watermark = leaders.clamp(ends.0, ends.1);
        self.log.replicated_to(self.high_watermark);
    }

    /// The ISR without those that lag, if there are any (`Partition.maybeShrinkIsr`).
    pub fn shrunk_isr(&self, around: Surroundings) -> Option<Vec<NodeId>> {
        let leader = self.leader()?;
        let log_end = self.log.log_end_offset();
        let lags = |node: &NodeId| {
            let follower = leader.followers.iter().find(|f| f.node == *node);
            follower.is_some_and(|f| !f.is_caught_up(log_end, around))
        };
        if leader.pending.is_some() || !leader.state.isr.iter().any(lags) {
            return None;
        }
        let isr = leader.state.isr.iter().copied();
        Some(isr.filter(|node| !lags(node)).collect())
    }

    /// The ISR with `node`, if it may join now (`Partition.maybeExpandIsr`): it has reached the high
    /// watermark and the start of this leader epoch.
    pub fn expanded_isr(&self, node: NodeId, around: Surroundings) -> Option<Vec<NodeId>> {
        let leader = self.leader()?;
        let follower = leader.followers.iter().find(|f| f.node == node)?;
        let end = follower.log_end?;
        if leader.pending.is_some()
            || leader.state.isr.contains(&node)
            || end < self.high_watermark
            || end < leader.epoch_start
            || !follower.is_isr_eligible(around.image)
        {
            return None;
        }
        let mut isr = leader.state.isr.clone();
        isr.push(node);
        Some(isr)
    }
}

impl Leader {
    /// `node` becomes leader by `state`, with a log that ends at `log_end`. Nothing is known of the
    /// others' logs; those in the ISR get the benefit of the doubt for a while.
    pub fn new(node: NodeId, state: Rc<PartitionState>, log_end: Offset, now: Micros) -> Self {
        let others = state.replicas.iter().filter(|replica| **replica != node);
        let followers = others.map(|other| {
            let in_isr = state.isr.contains(other);
            Remote::new(*other, in_isr, in_isr.then_some(now))
        });
        Leader {
            epoch_start: log_end,
            pending: None,
            followers: followers.collect(),
            state,
        }
    }

    /// Takes a state in the same leader epoch, confirmed by the controller. A pending change has
    /// become part of it, or lost against it.
    pub fn commit(&mut self, state: Rc<PartitionState>) {
        self.pending = None;
        self.follow_assignment(&state);
        self.state = state;
        self.refresh_maximal_isr();
    }

    /// The controller is asked for this ISR.
    pub fn ask(&mut self, isr: Vec<NodeId>) {
        let expands = isr.len() > self.state.isr.len();
        self.pending = Some(PendingIsr {
            isr,
            correlation: None,
            expands,
        });
        self.refresh_maximal_isr();
    }

    /// The controller refused.
    pub fn revert(&mut self) {
        self.pending = None;
        self.refresh_maximal_isr();
    }

    fn refresh_maximal_isr(&mut self) {
        let pending = self.pending.as_ref().filter(|pending| pending.expands);
        let isr = pending.map_or(&self.state.isr, |pending| &pending.isr);
        for follower in &mut self.followers {
            follower.in_maximal_isr = isr.contains(&follower.node);
        }
    }

    /// How many replicas the maximal ISR has, this leader included.
    pub fn maximal_isr_len(&self) -> usize {
        1 + self.followers.iter().filter(|f| f.in_maximal_isr).count()
    }
}

impl Remote {
    /// A follower that has not told anything yet.
    pub fn new(node: NodeId, in_isr: bool, last_caught_up_at: Option<Micros>) -> Self {
        Remote {
            node,
            log_end: None,
            last_fetch_at: 0,
            last_fetch_leader_end: Offset::MAX,
            last_caught_up_at,
            broker_epoch: None,
            in_maximal_isr: in_isr,
            told_high_watermark: None,
            last_seen: EntryId::NONE,
        }
    }

    /// The follower fetches from `offset` on: that is where its log ends
    /// (`Replica.updateFetchStateOrThrow`). Returns whether it got further.
    pub fn fetches(&mut self, offset: Offset, leader_end: Offset, now: Micros) -> bool {
        if offset >= leader_end {
            self.last_caught_up_at = Some(now);
        } else if offset >= self.last_fetch_leader_end {
            self.last_caught_up_at = self.last_caught_up_at.max(Some(self.last_fetch_at));
        }
        let news = self.log_end != Some(offset);
        self.log_end = Some(offset);
        self.last_fetch_leader_end = leader_end;
        self.last_fetch_at = now;
        news
    }

    /// `ReplicaState.isCaughtUp`.
    fn is_caught_up(&self, leader_end: Offset, around: Surroundings) -> bool {
        self.log_end == Some(leader_end)
            || self
                .last_caught_up_at
                .is_some_and(|at| around.now.saturating_sub(at) <= around.lag_max_us)
    }

    /// `Partition.isReplicaIsrEligible`: alive for the controller, and the process that fetched is
    /// the one that is registered (KIP-903).
    fn is_isr_eligible(&self, image: &MetadataImage) -> bool {
        image.is_active(self.node)
            && image
                .brokers
                .get(&self.node)
                .is_some_and(|registration| self.broker_epoch == Some(registration.broker_epoch))
    }
}
