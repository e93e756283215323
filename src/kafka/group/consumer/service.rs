//! Requests and timers of consumer groups in their shard: what comes of them is written to
//! `__consumer_offsets` first, and answered when that is certain.

use super::super::Replies;
use std::rc::Rc;

use super::super::classic::{Session, State, Waiting};
use super::super::membership::silenced_by;
use super::super::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupRequest, GroupResponse,
    MemberId,
};
use super::super::shard::Shard;
use super::super::writes::Then;
use super::super::{GroupTimer, OffsetsLog, set_timer};
use super::heartbeat::Around;
use super::{
    Clock, ConsumerGroup, ConsumerGroupRecord, ConsumerGroupRecords, Current, JOIN_EPOCH,
    LEAVE_STATIC_EPOCH, MemberState,
};
use crate::kafka::config::{BrokerConfig, ConfigValue, RemoteAssignor};
use crate::kafka::record::Records;
use crate::kafka::{Entry, ErrorCode, GroupId};
use crate::sim::{EntryId, MS, Micros};

/// How soon a fencing that could not be written is tried again (`CoordinatorRuntime`'s timers).
const RETRY_US: Micros = 500 * MS;

impl Shard {
    /// ConsumerGroupHeartbeat: joins, goes on, or leaves.
    pub(in super::super) fn consumer_heartbeat(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        from: Waiting,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let done = match request.epoch < JOIN_EPOCH {
            true => self.leave_consumer_group(request, from, log, out),
            false => self.go_on_in_consumer_group(request, from, log, out),
        };
        if let Err(error) = done {
            let request = GroupRequest::ConsumerGroupHeartbeat(request.clone());
            from.refuse(&request, error, out);
        }
    }

    fn go_on_in_consumer_group(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        from: Waiting,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        check_assignor(request, &self.config)?;
        let new = ConsumerGroup::new(request.group);
        let group = self.consumers.get(&request.group).unwrap_or(&new);
        if group.members.is_empty() {
            self.check_may_begin(request)?;
        }
        let around = Around {
            config: &self.config,
            count: &|topic| log.partitions(topic),
            now: out.now(),
        };
        let outcome = group.heartbeat(request, &around)?;
        let mut cause = group.cause;
        let asked = out.cause();
        if outcome.epoch_rises {
            cause = asked;
        }
        if outcome.new_target {
            let (group, generation) = (
                group.id,
                (group.epoch + i32::from(outcome.epoch_rises)) as u32,
            );
            cause = out.note_because(Entry::Rebalanced { group, generation }, cause);
        }
        if outcome.moves && cause != EntryId::NONE {
            // What the member will do comes of the rebalance, not of its own heartbeat.
            out.because(cause);
        }
        let answer = GroupResponse::ConsumerGroupHeartbeat(outcome.response);
        let then = Then::Answer(from, answer);
        self.write_consumer(request.group, outcome.records, then, log, out)?;
        if let Some(group) = self.consumers.get_mut(&request.group) {
            group.cause = cause;
            group.heard_of(request.member, asked, &self.config, out);
            group.watch_revocation(request.member, &outcome.member, out);
        }
        Ok(())
    }

    /// Whoever joins may begin a group, also in the place of an empty classic one. Groups with
    /// members of both protocols are not modelled (group.consumer.migration.policy=disabled).
    fn check_may_begin(&self, request: &ConsumerGroupHeartbeatRequest) -> Result<(), ErrorCode> {
        let known = self.consumers.contains_key(&request.group);
        let classic = self.groups.get(&request.group);
        let free = classic.is_none_or(|group| group.state == State::Empty);
        match known || free && request.epoch == JOIN_EPOCH {
            true => Ok(()),
            false => Err(ErrorCode::GroupIdNotFound),
        }
    }

    /// `consumerGroupLeave`: a static member that means to come back keeps its part.
    fn leave_consumer_group(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        from: Waiting,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let group = self.consumers.get(&request.group);
        let group = group.ok_or(ErrorCode::GroupIdNotFound)?;
        let known = match &request.instance {
            None => group
                .members
                .contains_key(&request.member)
                .then_some(request.member),
            Some(instance) => group.static_member(instance),
        };
        let known = known.ok_or(ErrorCode::UnknownMemberId)?;
        if known != request.member {
            return Err(ErrorCode::FencedInstanceId);
        }
        let answer = ConsumerGroupHeartbeatResponse::left(request.epoch);
        let then = Then::Answer(from, GroupResponse::ConsumerGroupHeartbeat(answer));
        let returns = request.instance.is_some() && request.epoch == LEAVE_STATIC_EPOCH;
        if !returns {
            return self.fence(request.group, known, false, then, log, out);
        }
        let gone_for_a_while = group.members[&known].current.left_for_a_while();
        let record = ConsumerGroupRecord::Current(known, Rc::new(gone_for_a_while));
        self.write_consumer(request.group, vec![record], then, log, out)
    }

    /// A member is out, and the group's epoch rises (`consumerGroupFenceMember`).
    fn fence(
        &mut self,
        id: GroupId,
        member: MemberId,
        expired: bool,
        then: Then,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let Some(group) = self.consumers.get(&id) else {
            return Err(ErrorCode::GroupIdNotFound);
        };
        let topics = group.topics_without(member, &|topic| log.partitions(topic));
        let epoch = group.epoch + 1;
        let records = vec![
            ConsumerGroupRecord::Gone(member),
            ConsumerGroupRecord::Epoch { epoch, topics },
        ];
        let gone = out.decide(Entry::MemberGone {
            group: id,
            member: member.node,
            expired,
        });
        self.write_consumer(id, records, then, log, out)?;
        if let Some(group) = self.consumers.get_mut(&id) {
            group.cause = gone;
        }
        Ok(())
    }

    /// Writes what changes a group, and changes it. Without a change, the answer comes in turn.
    fn write_consumer(
        &mut self,
        group: GroupId,
        records: Vec<ConsumerGroupRecord>,
        then: Then,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        if records.is_empty() {
            if let Then::Answer(to, answer) = then {
                self.answer_in_turn(to, answer, out);
            }
            return Ok(());
        }
        let written = Rc::new(ConsumerGroupRecords { group, records });
        self.write(Records::ConsumerGroup(Rc::clone(&written)), then, log, out)
            .map_err(ErrorCode::of_coordinator)?;
        self.replay_consumer(&written);
        Ok(())
    }

    pub(in super::super) fn replay_consumer(&mut self, written: &ConsumerGroupRecords) {
        self.groups.remove(&written.group);
        let new = || ConsumerGroup::new(written.group);
        let group = self.consumers.get_or_insert_with(written.group, new);
        for record in &written.records {
            group.replay(record);
        }
    }

    /// A session may have ended.
    pub(in super::super) fn consumer_session_rang(
        &mut self,
        group: GroupId,
        member: MemberId,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let Some(found) = self.consumers.get_mut(&group) else {
            return;
        };
        let session_us = self.config.group_consumer_session_timeout_ms * MS;
        if let Some(cause) = found.session_over(member, session_us, out) {
            out.because(cause);
            self.fence_or_retry(group, member, log, out);
        }
    }

    /// A member may have taken longer than its max.poll.interval.ms to give up its partitions.
    pub(in super::super) fn revocation_rang(
        &mut self,
        group: GroupId,
        member: MemberId,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let clocks = self.consumers.get(&group).map(|group| &group.clocks);
        let clock = clocks.and_then(|clocks| clocks.get(&member));
        let revoke_by = clock.and_then(|clock| clock.revoke_by);
        if revoke_by.is_some_and(|by| by <= out.now()) {
            self.fence_or_retry(group, member, log, out);
        }
    }

    fn fence_or_retry(
        &mut self,
        group: GroupId,
        member: MemberId,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let fenced = self.fence(group, member, true, Then::Nothing, log, out);
        if fenced.is_err()
            && let Some(group) = self.consumers.get_mut(&group)
        {
            group.begin_session(member, RETRY_US, EntryId::NONE, out);
        }
    }
}

/// UNSUPPORTED_ASSIGNOR: the broker has to have what the member asks for.
fn check_assignor(
    request: &ConsumerGroupHeartbeatRequest,
    config: &BrokerConfig,
) -> Result<(), ErrorCode> {
    let Some(name) = &request.assignor else {
        return Ok(());
    };
    let known = RemoteAssignor::from_text(name);
    match known.is_some_and(|known| config.group_consumer_assignors.contains(&known)) {
        true => Ok(()),
        false => Err(ErrorCode::UnsupportedAssignor),
    }
}

impl Current {
    /// Its part stays its own until its session ends; epochs start anew with its next process.
    fn left_for_a_while(&self) -> Current {
        Current {
            epoch: LEAVE_STATIC_EPOCH,
            assigned: self.assigned.iter().map(|(p, _)| (*p, 0)).collect(),
            revoking: Vec::new(),
            ..self.clone()
        }
    }
}

impl ConsumerGroup {
    /// A sign of life: the session starts anew.
    fn heard_of(
        &mut self,
        member: MemberId,
        cause: EntryId,
        config: &BrokerConfig,
        out: &mut Replies,
    ) {
        let timeout_us = config.group_consumer_session_timeout_ms * MS;
        self.begin_session(member, timeout_us, cause, out);
    }

    fn begin_session(
        &mut self,
        member: MemberId,
        timeout_us: Micros,
        cause: EntryId,
        out: &mut Replies,
    ) {
        let now = out.now();
        let clock = self.clocks.get_or_insert_with(member, || Clock {
            session: Session::new(0),
            revoke_by: None,
        });
        clock.session.heard = cause;
        clock.session.expires_at = now + timeout_us;
        if clock.session.timer_at <= now {
            clock.session.timer_at = now + timeout_us;
            let group = self.id;
            set_timer(timeout_us, GroupTimer::Session { group, member }, out);
        }
    }

    /// The new coordinator gives every member a whole session, and those that have something to
    /// give up the whole time for that.
    pub(in super::super) fn begin_sessions(&mut self, config: &BrokerConfig, out: &mut Replies) {
        let members: Vec<_> = self.members.iter().collect();
        let members: Vec<_> = members
            .into_iter()
            .map(|(id, member)| (*id, Rc::clone(&member.current)))
            .collect();
        for (id, current) in members {
            self.heard_of(id, out.cause(), config, out);
            self.watch_revocation(id, &current, out);
        }
    }

    /// Sets or stops the clock for giving up partitions (`scheduleConsumerGroupRebalanceTimeout`).
    fn watch_revocation(&mut self, id: MemberId, current: &Current, out: &mut Replies) {
        let Some(member) = self.members.get(&id) else {
            return;
        };
        let timeout_us = member.subscribed.rebalance_timeout_ms * MS;
        let Some(clock) = self.clocks.get_mut(&id) else {
            return;
        };
        if current.state != MemberState::UnrevokedPartitions {
            clock.revoke_by = None;
        } else if clock.revoke_by.is_none() {
            clock.revoke_by = Some(out.now().saturating_add(timeout_us));
            let (group, member) = (self.id, id);
            set_timer(timeout_us, GroupTimer::Revocation { group, member }, out);
        }
    }

    /// Whether the session of `member` is over, and what silenced it; if not, it goes on.
    fn session_over(
        &mut self,
        member: MemberId,
        session_us: Micros,
        out: &mut Replies,
    ) -> Option<EntryId> {
        let (now, group) = (out.now(), self.id);
        let session = &mut self.clocks.get_mut(&member)?.session;
        if now < session.timer_at {
            return None;
        }
        if now < session.expires_at {
            session.timer_at = session.expires_at;
            let delay_us = session.expires_at - now;
            set_timer(delay_us, GroupTimer::Session { group, member }, out);
            return None;
        }
        let heard_at = session.expires_at.saturating_sub(session_us);
        Some(silenced_by(member.node, heard_at, session.heard, out))
    }
}
