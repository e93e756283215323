//! A group of the consumer protocol (`ConsumerGroup`, KIP-848): the coordinator shares out the
//! partitions, and each member is led to its part at its own pace by heartbeats.
//!
//! | module | room for |
//! |---|---|
//! | [`heartbeat`] | what a heartbeat changes |
//! | [`reconcile`] | the next step of one member towards its target: revoke first, assign what is free |
//! | [`assignor`] | the target: `uniform` and `range` |
//! | [`service`] | requests and timers of such groups in a shard |
//!
//! Three epochs rule it: the group's rises when members or topics change, the target's follows once
//! the assignor has run, a member's when it holds nothing that the target does not give it.

mod assignor;
mod heartbeat;
mod reconcile;
mod service;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::classic::Session;
use super::protocol::{InstanceId, MemberId};
use crate::kafka::{ErrorCode, GroupId, TopicId, TopicPartition};
use crate::sim::order::Map;
use crate::sim::{EntryId, Micros};

/// The epoch of a member that (re)joins.
pub const JOIN_EPOCH: i32 = 0;
/// The epoch with which a member leaves for good.
pub const LEAVE_EPOCH: i32 = -1;
/// The epoch with which a static member leaves to come back.
pub const LEAVE_STATIC_EPOCH: i32 = -2;

/// A group of the consumer protocol.
#[derive(Clone, Debug)]
pub struct ConsumerGroup {
    pub id: GroupId,
    pub epoch: i32,
    /// Partitions of each subscribed topic when the epoch last rose (the metadata hash).
    pub topics: Vec<(TopicId, u16)>,
    pub target_epoch: i32,
    /// When the target was computed.
    target_at: Option<Micros>,
    pub members: Map<MemberId, Member>,
    /// Not in the log: a new coordinator begins them anew.
    clocks: Map<MemberId, Clock>,
    /// What the group's epoch last rose for, and then what the target was computed for.
    cause: EntryId,
}

/// A member (`ConsumerGroupMember`).
#[derive(Clone, Debug)]
pub struct Member {
    pub subscribed: Rc<Subscribed>,
    /// What it is to have in the end.
    pub target: Vec<TopicPartition>,
    pub current: Rc<Current>,
}

/// What a member asks for (`ConsumerGroupMemberMetadataValue`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscribed {
    pub instance: Option<InstanceId>,
    pub rebalance_timeout_ms: u64,
    pub topics: Vec<TopicId>,
    /// The assignor it votes for (group.remote.assignor).
    pub assignor: Option<Rc<str>>,
}

/// What a member has (`ConsumerGroupCurrentMemberAssignmentValue`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Current {
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    /// Each with the epoch at which it was assigned (KIP-1251).
    pub assigned: Vec<(TopicPartition, i32)>,
    /// To be given up; nobody else gets them before that.
    pub revoking: Vec<(TopicPartition, i32)>,
}

/// How far a member is (`MemberState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberState {
    /// It has its target, or what the target was at its epoch.
    Stable,
    /// It has to give something up first.
    UnrevokedPartitions,
    /// It waits for what others have to give up.
    UnreleasedPartitions,
}

/// When a member counts as gone.
#[derive(Clone, Copy, Debug)]
struct Clock {
    session: Session,
    /// It must have given up by then what it was told to: its max.poll.interval.ms.
    revoke_by: Option<Micros>,
}

/// What is written about one group at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerGroupRecords {
    pub group: GroupId,
    pub records: Vec<ConsumerGroupRecord>,
}

/// A record about a group of the consumer protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConsumerGroupRecord {
    Member(MemberId, Rc<Subscribed>),
    /// Tombstones of all there is about a member.
    Gone(MemberId),
    Epoch {
        epoch: i32,
        topics: Vec<(TopicId, u16)>,
    },
    Target(MemberId, Vec<TopicPartition>),
    TargetEpoch {
        epoch: i32,
        at: Micros,
    },
    Current(MemberId, Rc<Current>),
}

impl ConsumerGroup {
    /// A group nobody is in.
    pub fn new(id: GroupId) -> Self {
        ConsumerGroup {
            id,
            epoch: 0,
            topics: Vec::new(),
            target_epoch: 0,
            target_at: None,
            members: Map::new(),
            clocks: Map::new(),
            cause: EntryId::NONE,
        }
    }

    /// What a record changes, when it is written and when it is loaded.
    pub fn replay(&mut self, record: &ConsumerGroupRecord) {
        match record {
            ConsumerGroupRecord::Member(id, subscribed) => {
                let subscribed = Rc::clone(subscribed);
                match self.members.get_mut(id) {
                    Some(member) => member.subscribed = subscribed,
                    None => {
                        self.members.insert(*id, Member::new(subscribed));
                    }
                }
            }
            ConsumerGroupRecord::Gone(id) => {
                self.members.remove(id);
                self.clocks.remove(id);
            }
            ConsumerGroupRecord::Epoch { epoch, topics } => {
                self.epoch = *epoch;
                self.topics.clone_from(topics);
            }
            ConsumerGroupRecord::Target(id, partitions) => {
                if let Some(member) = self.members.get_mut(id) {
                    member.target.clone_from(partitions);
                }
            }
            ConsumerGroupRecord::TargetEpoch { epoch, at } => {
                self.target_epoch = *epoch;
                self.target_at = Some(*at);
            }
            ConsumerGroupRecord::Current(id, current) => {
                if let Some(member) = self.members.get_mut(id) {
                    member.current = Rc::clone(current);
                }
            }
        }
    }

    /// The member with this `group.instance.id`.
    pub fn static_member(&self, instance: &InstanceId) -> Option<MemberId> {
        let same = |member: &Member| member.subscribed.instance.as_ref() == Some(instance);
        let found = self.members.iter().find(|(_, member)| same(member));
        found.map(|(id, _)| *id)
    }

    /// Whether a member has `partition`, or has yet to give it up.
    fn is_held(&self, partition: TopicPartition) -> bool {
        let members = self.members.values();
        members.into_iter().any(|member| {
            let current = &member.current;
            has(&current.assigned, partition) || has(&current.revoking, partition)
        })
    }

    /// Whether a member is subscribed to `topic`.
    pub fn is_subscribed_to(&self, topic: TopicId) -> bool {
        let mut members = self.members.values();
        members.any(|member| member.subscribed.topics.contains(&topic))
    }

    /// `ConsumerGroup.validateOffsetCommit`: an older epoch will do for partitions that the member
    /// has had since then (KIP-1251); that they are its own is not asked otherwise.
    pub fn validate_commit(
        &self,
        member: Option<MemberId>,
        epoch: Option<u32>,
        mut partitions: impl Iterator<Item = TopicPartition>,
    ) -> Result<(), ErrorCode> {
        let Some(epoch) = epoch else {
            let nobody_there = self.members.is_empty();
            return nobody_there.then_some(()).ok_or(ErrorCode::UnknownMemberId);
        };
        let member = member.and_then(|id| self.members.get(&id));
        let current = &member.ok_or(ErrorCode::UnknownMemberId)?.current;
        let epoch = epoch as i32;
        if epoch == current.epoch {
            return Ok(());
        }
        let since = |p: TopicPartition| {
            let held = current.assigned.iter().chain(&current.revoking);
            held.into_iter().find(|(held, _)| *held == p)
        };
        let good = |p: TopicPartition| since(p).is_some_and(|(_, since)| epoch >= *since);
        match epoch < current.epoch && partitions.all(good) {
            true => Ok(()),
            false => Err(ErrorCode::StaleMemberEpoch),
        }
    }

    /// `ConsumerGroup.validateOffsetFetch`.
    pub fn validate_fetch(&self, member: Option<(MemberId, u32)>) -> Result<(), ErrorCode> {
        let Some((id, epoch)) = member else {
            return Ok(());
        };
        let member = self.members.get(&id).ok_or(ErrorCode::UnknownMemberId)?;
        match member.current.epoch == epoch as i32 {
            true => Ok(()),
            false => Err(ErrorCode::StaleMemberEpoch),
        }
    }
}

impl Member {
    fn new(subscribed: Rc<Subscribed>) -> Self {
        Member {
            subscribed,
            target: Vec::new(),
            current: Rc::new(Current::NEW),
        }
    }
}

impl Current {
    const NEW: Current = Current {
        epoch: JOIN_EPOCH,
        previous_epoch: -1,
        state: MemberState::Stable,
        assigned: Vec::new(),
        revoking: Vec::new(),
    };

    /// Without their epochs.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        self.assigned.iter().map(|(p, _)| *p).collect()
    }
}

fn has(held: &[(TopicPartition, i32)], partition: TopicPartition) -> bool {
    held.iter().any(|(held, _)| *held == partition)
}
