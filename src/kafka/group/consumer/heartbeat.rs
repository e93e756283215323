//! What a heartbeat changes in its group (`GroupMetadataManager.consumerGroupHeartbeat`). Nothing is
//! changed here: the records are written first.

use std::rc::Rc;

use super::assignor::{self, Candidate};
use super::reconcile::Step;
use super::{ConsumerGroup, ConsumerGroupRecord, Current, JOIN_EPOCH, LEAVE_STATIC_EPOCH, Member};
use crate::kafka::config::{BrokerConfig, ConfigValue, RemoteAssignor};
use crate::kafka::group::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, MemberId,
};
use crate::kafka::{ErrorCode, TopicId, TopicPartition};
use crate::sim::{MS, Micros};

/// What a heartbeat comes to.
pub(super) struct Outcome {
    pub records: Vec<ConsumerGroupRecord>,
    pub response: ConsumerGroupHeartbeatResponse,
    /// The group's epoch rises.
    pub epoch_rises: bool,
    /// A new target was computed, for the group's epoch.
    pub new_target: bool,
    /// The member was told something else than before.
    pub moves: bool,
    pub member: Rc<Current>,
}

/// What surrounds a heartbeat.
pub(super) struct Around<'a> {
    pub config: &'a BrokerConfig,
    /// How many partitions each topic has.
    pub count: &'a dyn Fn(TopicId) -> u16,
    pub now: Micros,
}

/// The member that a heartbeat is about, and the static member it takes the place of.
struct Speaker {
    member: Member,
    replaced: Option<MemberId>,
}

/// A target, and what came before it.
struct Target {
    epoch: i32,
    of_member: Vec<TopicPartition>,
    is_new: bool,
}

impl ConsumerGroup {
    pub(super) fn heartbeat(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        around: &Around,
    ) -> Result<Outcome, ErrorCode> {
        let mut records = Vec::new();
        let id = request.member;
        let Speaker { member, replaced } = self.speaker(request, &mut records)?;
        let subscription_changed = self.subscribe(request, &member, &mut records);
        let subscribed = request.applied_to(&member.subscribed);
        let updated = Member {
            subscribed: Rc::new(subscribed),
            ..member.clone()
        };
        let topics = self.topics_with(id, &updated, around.count);
        let epoch_rises = subscription_changed || topics != self.topics;
        let epoch = self.epoch + i32::from(epoch_rises);
        if epoch_rises {
            let topics = topics.clone();
            records.push(ConsumerGroupRecord::Epoch { epoch, topics });
        }
        let group = Revised {
            group: self,
            id,
            updated: &updated,
            replaced,
            epoch,
            topics: &topics,
        };
        let target = group.target(around, &mut records);
        let current = group.reconcile(&target, request, subscription_changed, &mut records);
        let moves = current.assigned != member.current.assigned;
        let in_full = request.epoch == JOIN_EPOCH || request.is_full() || moves;
        let response = ConsumerGroupHeartbeatResponse {
            error: ErrorCode::None,
            epoch: current.epoch,
            heartbeat_interval_ms: around.config.group_consumer_heartbeat_interval_ms,
            assignment: in_full.then(|| current.partitions()),
        };
        Ok(Outcome {
            records,
            response,
            epoch_rises,
            new_target: target.is_new,
            moves,
            member: current,
        })
    }

    /// Who speaks; a member that is not known yet where it joins.
    fn speaker(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        records: &mut Vec<ConsumerGroupRecord>,
    ) -> Result<Speaker, ErrorCode> {
        let (id, joins) = (request.member, request.epoch == JOIN_EPOCH);
        let known = match &request.instance {
            None => self.members.contains_key(&id).then_some(id),
            Some(instance) => self.static_member(instance),
        };
        let member = known.and_then(|known| self.members.get(&known));
        let new = || Member::new(Rc::default());
        match (member, known) {
            (Some(old), Some(known)) if joins && request.instance.is_some() => {
                if old.current.epoch != LEAVE_STATIC_EPOCH {
                    return Err(ErrorCode::UnreleasedInstanceId);
                }
                Ok(replace(known, old, id, records))
            }
            (Some(_), Some(known)) if known != id => Err(ErrorCode::FencedInstanceId),
            (Some(member), _) => {
                check_epoch(&member.current, request)?;
                Ok(Speaker {
                    member: member.clone(),
                    replaced: None,
                })
            }
            (None, _) if joins => Ok(Speaker {
                member: new(),
                replaced: None,
            }),
            (None, _) => Err(ErrorCode::UnknownMemberId),
        }
    }

    /// Writes down what the member now asks for. True if that is other topics.
    fn subscribe(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        member: &Member,
        records: &mut Vec<ConsumerGroupRecord>,
    ) -> bool {
        let now = request.applied_to(&member.subscribed);
        if now == *member.subscribed {
            return false;
        }
        let changed = now.topics != member.subscribed.topics;
        records.push(ConsumerGroupRecord::Member(request.member, Rc::new(now)));
        changed
    }

    /// The topics that anyone is subscribed to, with their partitions.
    fn topics_with(
        &self,
        id: MemberId,
        updated: &Member,
        count: &dyn Fn(TopicId) -> u16,
    ) -> Vec<(TopicId, u16)> {
        let others = self.members.iter().filter(|(other, _)| **other != id);
        let members = others.map(|(_, m)| m).chain([updated]);
        topics_of(members, count)
    }

    /// The same without the member `id`.
    pub(super) fn topics_without(
        &self,
        id: MemberId,
        count: &dyn Fn(TopicId) -> u16,
    ) -> Vec<(TopicId, u16)> {
        let others = self.members.iter().filter(|(other, _)| **other != id);
        topics_of(others.map(|(_, m)| m), count)
    }
}

fn topics_of<'a>(
    members: impl Iterator<Item = &'a Member>,
    count: &dyn Fn(TopicId) -> u16,
) -> Vec<(TopicId, u16)> {
    let mut topics: Vec<TopicId> = members
        .flat_map(|m| m.subscribed.topics.iter().copied())
        .collect();
    topics.sort_unstable();
    topics.dedup();
    topics
        .into_iter()
        .map(|topic| (topic, count(topic)))
        .collect()
}

/// `replaceMember`: the new process of a static member takes over what the old one had.
fn replace(
    old_id: MemberId,
    old: &Member,
    id: MemberId,
    records: &mut Vec<ConsumerGroupRecord>,
) -> Speaker {
    let mut member = old.clone();
    let current = Rc::make_mut(&mut member.current);
    (current.epoch, current.previous_epoch) = (JOIN_EPOCH, JOIN_EPOCH);
    records.push(ConsumerGroupRecord::Gone(old_id));
    let subscribed = Rc::clone(&member.subscribed);
    records.push(ConsumerGroupRecord::Member(id, subscribed));
    records.push(ConsumerGroupRecord::Target(id, member.target.clone()));
    let current = Rc::clone(&member.current);
    records.push(ConsumerGroupRecord::Current(id, current));
    Speaker {
        member,
        replaced: Some(old_id),
    }
}

/// `throwIfConsumerGroupMemberEpochIsInvalid`: an epoch behind is let through where the answer that
/// raised it may have been lost.
fn check_epoch(
    current: &Current,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<(), ErrorCode> {
    if request.epoch == JOIN_EPOCH || request.epoch == current.epoch {
        return Ok(());
    }
    let part_of_its_own = |owned: &Vec<TopicPartition>| {
        let held = current.partitions();
        owned.iter().all(|p| held.contains(p))
    };
    let answer_was_lost = request.epoch < current.epoch
        && request.epoch == current.previous_epoch
        && request.owned.as_ref().is_some_and(part_of_its_own);
    match answer_was_lost {
        true => Ok(()),
        false => Err(ErrorCode::FencedMemberEpoch),
    }
}

/// The group as it is with the member as it now is.
struct Revised<'a> {
    group: &'a ConsumerGroup,
    id: MemberId,
    updated: &'a Member,
    replaced: Option<MemberId>,
    epoch: i32,
    topics: &'a [(TopicId, u16)],
}

impl Revised<'_> {
    /// `maybeUpdateTargetAssignment`: once the epoch has risen, but not twice within
    /// group.consumer.assignment.interval.ms.
    fn target(&self, around: &Around, records: &mut Vec<ConsumerGroupRecord>) -> Target {
        let group = self.group;
        let interval_us = around.config.group_consumer_assignment_interval_ms * MS;
        let too_soon = |at: Micros| around.now < at + interval_us;
        if group.target_epoch >= self.epoch || group.target_at.is_some_and(too_soon) {
            return Target {
                epoch: group.target_epoch,
                of_member: self.updated.target.clone(),
                is_new: false,
            };
        }
        let others = group.members.iter();
        let others = others.filter(|(id, _)| **id != self.id && Some(**id) != self.replaced);
        let mut members: Vec<(MemberId, &Member)> = others.map(|(id, m)| (*id, m)).collect();
        members.push((self.id, self.updated));
        members.sort_unstable_by_key(|(id, _)| *id);
        let candidates: Vec<Candidate> = members.iter().map(|(id, m)| m.candidate(*id)).collect();
        let assignor = preferred(&members, around.config);
        let parts = assignor::assign(assignor, &candidates, self.topics);
        let mut of_member = Vec::new();
        for ((id, member), part) in members.iter().zip(parts) {
            if part != member.target {
                records.push(ConsumerGroupRecord::Target(*id, part.clone()));
            }
            if *id == self.id {
                of_member = part;
            }
        }
        let (epoch, at) = (self.epoch, around.now);
        records.push(ConsumerGroupRecord::TargetEpoch { epoch, at });
        Target {
            epoch,
            of_member,
            is_new: true,
        }
    }

    /// `maybeReconcile`.
    fn reconcile(
        &self,
        target: &Target,
        request: &ConsumerGroupHeartbeatRequest,
        subscription_changed: bool,
        records: &mut Vec<ConsumerGroupRecord>,
    ) -> Rc<Current> {
        let step = Step {
            target_epoch: target.epoch,
            target: &target.of_member,
            topics: &self.updated.subscribed.topics,
            subscription_changed,
            owned: request.owned.as_deref(),
        };
        let before = &self.updated.current;
        let current = step.from(before, |partition| self.group.is_held(partition));
        if current == **before {
            return Rc::clone(before);
        }
        let current = Rc::new(current);
        let record = ConsumerGroupRecord::Current(self.id, Rc::clone(&current));
        records.push(record);
        current
    }
}

impl Member {
    fn candidate(&self, id: MemberId) -> Candidate<'_> {
        Candidate {
            id,
            instance: self.subscribed.instance.as_ref(),
            topics: &self.subscribed.topics,
            target: &self.target,
        }
    }
}

/// `computePreferredServerAssignor`: the one most members ask for, else the broker's first.
fn preferred(members: &[(MemberId, &Member)], config: &BrokerConfig) -> RemoteAssignor {
    let votes = |assignor: &RemoteAssignor| {
        let name = assignor.text();
        let asks = |(_, m): &&(MemberId, &Member)| m.subscribed.assignor.as_deref() == Some(&*name);
        members.iter().filter(asks).count()
    };
    let offered = &config.group_consumer_assignors;
    let mut best = (offered.first().copied(), 0);
    for assignor in offered {
        let count = votes(assignor);
        if count > best.1 {
            best = (Some(*assignor), count);
        }
    }
    best.0.unwrap_or(RemoteAssignor::Uniform)
}
