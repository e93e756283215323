//! Joining, syncing, leaving and expiring in a classic group (`GroupMetadataManager`).
//!
//! A rebalance has two rounds: all members join (PreparingRebalance), then all sync and the
//! leader's request brings the assignment (CompletingRebalance).

use super::GroupTimer;
use super::Replies;
use super::classic::{ClassicGroup, Member, Session, State, Waiting};
use super::protocol::{GroupRequest, GroupResponse, JoinGroupRequest, JoinGroupResponse, MemberId};
use super::set_timer;
use super::shard::Shard;
use super::sync::refused_sync;
use crate::kafka::{Entry, ErrorCode};
use crate::sim::MS;

impl Shard {
    pub(super) fn join(&mut self, request: &JoinGroupRequest, from: Waiting, out: &mut Replies) {
        let bounds =
            self.config.group_min_session_timeout_ms..=self.config.group_max_session_timeout_ms;
        if !bounds.contains(&request.session_timeout_ms) {
            return refuse_join(request, from, ErrorCode::InvalidSessionTimeout, out);
        }
        if let Some(group) = self.consumers.get(&request.group) {
            if !group.members.is_empty() {
                return refuse_join(request, from, ErrorCode::InconsistentGroupProtocol, out);
            }
            // `maybeDeleteEmptyConsumerGroup`.
            self.consumers.remove(&request.group);
        }
        let known = self.groups.contains_key(&request.group);
        if !known && request.member.is_some() {
            return refuse_join(request, from, ErrorCode::UnknownMemberId, out);
        }
        let nth = match request.member {
            Some(known) => known.nth,
            None => self.next_name(),
        };
        let node = from.conn.client;
        let delay_ms = self.config.group_initial_rebalance_delay_ms;
        let new = ClassicGroup::new(request.group);
        let group = self.groups.get_or_insert_with(request.group, || new);
        group.join(request, from, MemberId { node, nth }, delay_ms, out);
    }

    /// SyncGroup, Heartbeat and LeaveGroup.
    pub(super) fn member_request(
        &mut self,
        request: &GroupRequest,
        from: Waiting,
        out: &mut Replies,
    ) {
        let group = match request {
            GroupRequest::SyncGroup(sync) => sync.who.group,
            GroupRequest::Heartbeat(who) => who.group,
            GroupRequest::LeaveGroup { group, .. } => *group,
            _ => return,
        };
        let Some(group) = self.groups.get_mut(&group) else {
            return from.refuse(request, ErrorCode::UnknownMemberId, out);
        };
        match request {
            GroupRequest::SyncGroup(sync) => {
                if let Err(error) = group.sync(sync, from, out) {
                    from.refuse(request, error, out);
                }
            }
            GroupRequest::Heartbeat(who) => group.heartbeat(who, from, out),
            GroupRequest::LeaveGroup { member, .. } => {
                let error = group.leave(*member, out);
                from.answer(GroupResponse::LeaveGroup(error), out);
            }
            _ => {}
        }
    }
}

fn refuse_join(request: &JoinGroupRequest, from: Waiting, error: ErrorCode, out: &mut Replies) {
    from.refuse(&GroupRequest::JoinGroup(request.clone()), error, out);
}

impl ClassicGroup {
    /// `classicGroupJoin`: a new member is named first and joins with that name; a known one joins
    /// again.
    fn join(
        &mut self,
        request: &JoinGroupRequest,
        from: Waiting,
        id: MemberId,
        delay_ms: u64,
        out: &mut Replies,
    ) {
        if !self.supports(&request.protocols, request.member) {
            return refuse_join(request, from, ErrorCode::InconsistentGroupProtocol, out);
        }
        match (&request.member, &request.instance) {
            (None, None) => self.name(id, request, from, out),
            (None, Some(instance)) => match self.static_member(instance) {
                Some(old) => self.replace_static(old, id, request, from, delay_ms, out),
                None => self.add(id, request, from, delay_ms, out),
            },
            (Some(_), _) if self.pending.remove(&id).is_some() => {
                self.add(id, request, from, delay_ms, out);
            }
            (Some(_), instance) => match self.validate_member(id, instance.as_ref()) {
                Ok(()) => self.join_again(id, request, from, delay_ms, out),
                Err(error) => refuse_join(request, from, error, out),
            },
        }
    }

    /// MEMBER_ID_REQUIRED: a client that never comes back leaves no member behind (KIP-394).
    fn name(&mut self, id: MemberId, request: &JoinGroupRequest, from: Waiting, out: &mut Replies) {
        let timeout_us = request.session_timeout_ms * MS;
        let mut session = Session::new(out.now() + timeout_us);
        session.timer_at = session.expires_at;
        session.heard = out.cause();
        self.pending.insert(id, session);
        let (group, member) = (self.id, id);
        set_timer(timeout_us, GroupTimer::Session { group, member }, out);
        let mut response = self.join_response(id, false);
        response.error = ErrorCode::MemberIdRequired;
        response.members = Vec::new();
        from.answer(GroupResponse::JoinGroup(response), out);
    }

    fn add(
        &mut self,
        id: MemberId,
        request: &JoinGroupRequest,
        from: Waiting,
        delay_ms: u64,
        out: &mut Replies,
    ) {
        let mut member = Member::new(request);
        member.awaiting_join = Some(from);
        self.members.insert(id, member);
        self.heard_of(id, out);
        if self.state == State::PreparingRebalance && self.initial_delay_left_ms.is_some() {
            self.new_member_added = true;
        }
        self.rebalance_or_complete(delay_ms, out);
    }

    fn join_again(
        &mut self,
        id: MemberId,
        request: &JoinGroupRequest,
        from: Waiting,
        delay_ms: u64,
        out: &mut Replies,
    ) {
        let unchanged = self.members.get(&id).is_some_and(|m| m.matches(request));
        let told_again = match self.state {
            State::CompletingRebalance => unchanged,
            State::Stable => unchanged && self.leader != Some(id),
            State::Empty | State::PreparingRebalance => false,
        };
        self.update(id, request);
        self.heard_of(id, out);
        if told_again {
            // The answer to its first request was lost.
            let response = self.join_response(id, false);
            return from.answer(GroupResponse::JoinGroup(response), out);
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.awaiting_join = Some(from);
        }
        self.rebalance_or_complete(delay_ms, out);
    }

    fn update(&mut self, id: MemberId, request: &JoinGroupRequest) {
        if let Some(member) = self.members.get_mut(&id) {
            member.session_timeout_ms = request.session_timeout_ms;
            member.rebalance_timeout_ms = request.rebalance_timeout_ms;
            member.protocols.clone_from(&request.protocols);
            member.subscription.clone_from(&request.subscription);
        }
    }

    /// A static member's process came back: it gets a new name and, in a stable group, its old
    /// partitions without a rebalance (KIP-345).
    fn replace_static(
        &mut self,
        old: MemberId,
        id: MemberId,
        request: &JoinGroupRequest,
        from: Waiting,
        delay_ms: u64,
        out: &mut Replies,
    ) {
        let Some(mut member) = self.members.remove(&old) else {
            return;
        };
        let mut fenced = self.join_response(old, false);
        fenced.error = ErrorCode::FencedInstanceId;
        fence(&mut member, fenced, out);
        member.session = Session::new(0);
        self.members.insert(id, member);
        self.pending_sync.remove(&old);
        if self.leader == Some(old) {
            self.leader = Some(id);
        }
        self.update(id, request);
        self.heard_of(id, out);
        if self.state == State::Stable && self.selected_protocol() == self.protocol {
            let response = self.join_response(id, self.leader == Some(id));
            self.to_write = Some(self.metadata());
            return from.answer(GroupResponse::JoinGroup(response), out);
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.awaiting_join = Some(from);
        }
        self.rebalance_or_complete(delay_ms, out);
    }

    pub(super) fn rebalance_or_complete(&mut self, delay_ms: u64, out: &mut Replies) {
        match self.state {
            State::PreparingRebalance => self.maybe_complete(out),
            _ => self.prepare(delay_ms, out),
        }
    }

    /// `prepareRebalance`: from here on every member has to join again.
    pub(super) fn prepare(&mut self, delay_ms: u64, out: &mut Replies) {
        if self.state == State::CompletingRebalance {
            self.answer_syncs(ErrorCode::RebalanceInProgress, out);
        }
        self.rebalance_cause = out.cause();
        self.round += 1;
        let was_empty = self.state == State::Empty;
        self.state = State::PreparingRebalance;
        if was_empty {
            let timeout_ms = self.rebalance_timeout_ms();
            self.initial_delay_left_ms = Some(timeout_ms.saturating_sub(delay_ms));
            self.new_member_added = false;
            self.join_timer_in(delay_ms, out);
        } else if self.all_joined() {
            self.complete(out);
        } else {
            self.join_timer_in(self.rebalance_timeout_ms(), out);
        }
    }

    pub(super) fn maybe_complete(&mut self, out: &mut Replies) {
        let preparing = self.state == State::PreparingRebalance;
        if preparing && self.initial_delay_left_ms.is_none() && self.all_joined() {
            self.complete(out);
        }
    }

    /// The time for joining is over: all of the initial delay, or max.poll.interval.ms.
    pub(super) fn join_rang(&mut self, round: u32, delay_ms: u64, out: &mut Replies) {
        if round != self.round || self.state != State::PreparingRebalance {
            return;
        }
        if let Some(left_ms) = self.initial_delay_left_ms
            && self.new_member_added
            && left_ms > 0
        {
            let delay_ms = delay_ms.min(left_ms);
            self.new_member_added = false;
            self.initial_delay_left_ms = Some(left_ms - delay_ms);
            return self.join_timer_in(delay_ms, out);
        }
        self.initial_delay_left_ms = None;
        self.complete(out);
    }

    fn join_timer_in(&self, delay_ms: u64, out: &mut Replies) {
        let (group, round) = (self.id, self.round);
        set_timer(delay_ms * MS, GroupTimer::Join { group, round }, out);
    }

    /// `completeClassicGroupJoin`: a new generation of those who joined.
    fn complete(&mut self, out: &mut Replies) {
        self.drop_those_who_did_not_join(out);
        if !self.members.is_empty() && !self.elect_leader() {
            return self.join_timer_in(self.rebalance_timeout_ms(), out);
        }
        self.generation += 1;
        self.round += 1;
        if self.members.is_empty() {
            (self.state, self.protocol, self.leader) = (State::Empty, None, None);
            self.empty_since = Some(out.now());
            self.to_write = Some(self.metadata());
            return;
        }
        self.state = State::CompletingRebalance;
        self.protocol = self.selected_protocol();
        let (group, generation) = (self.id, self.generation);
        let rebalanced = Entry::Rebalanced { group, generation };
        let rebalanced = out.note_because(rebalanced, self.rebalance_cause);
        out.because(rebalanced);
        self.answer_joins(out);
        let sync = GroupTimer::Sync {
            group: self.id,
            round: self.round,
        };
        set_timer(self.rebalance_timeout_ms() * MS, sync, out);
    }

    fn drop_those_who_did_not_join(&mut self, out: &mut Replies) {
        let absent = self.members.iter();
        let absent = absent.filter(|(_, m)| m.awaiting_join.is_none() && m.instance.is_none());
        let absent: Vec<MemberId> = absent.map(|(id, _)| *id).collect();
        for id in absent {
            self.forget(id, true, out);
        }
        self.pending.clear();
    }

    /// The leader stays if it joined; else the first who did.
    fn elect_leader(&mut self) -> bool {
        let joined = |id: &MemberId| {
            self.members
                .get(id)
                .is_some_and(|m| m.awaiting_join.is_some())
        };
        if self.leader.as_ref().is_some_and(joined) {
            return true;
        }
        let first = self.members.keys().find(|id| joined(id)).copied();
        self.leader = first.or(self.leader);
        first.is_some()
    }

    fn answer_joins(&mut self, out: &mut Replies) {
        let ids: Vec<MemberId> = self.members.keys().copied().collect();
        for id in ids {
            let response = self.join_response(id, false);
            if let Some(member) = self.members.get_mut(&id)
                && let Some(waiting) = member.awaiting_join.take()
            {
                waiting.answer(GroupResponse::JoinGroup(response), out);
                self.pending_sync.insert(id);
                self.heard_of(id, out);
            }
        }
    }
}

/// The old process of a static member is told that another speaks for it now.
fn fence(member: &mut Member, response: JoinGroupResponse, out: &mut Replies) {
    if let Some(waiting) = member.awaiting_sync.take() {
        waiting.answer(refused_sync(ErrorCode::FencedInstanceId), out);
    }
    if let Some(waiting) = member.awaiting_join.take() {
        waiting.answer(GroupResponse::JoinGroup(response), out);
    }
}
