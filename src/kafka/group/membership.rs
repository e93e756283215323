//! Who stays in a classic group and who is out: heartbeats, sessions, leaving.

use super::Replies;
use super::classic::{ClassicGroup, State, Waiting};
use super::protocol::{GroupResponse, MemberId, MemberRef};
use super::sync::refused_sync;
use super::{GroupTimer, set_timer};
use crate::kafka::{Entry, ErrorCode, Outbox};
use crate::sim::{EntryId, MS, Micros, NodeId, SECOND};

/// A heartbeat may have been under way for so long when the fault came that ended them.
const UNDER_WAY_US: Micros = SECOND;

/// What silenced a member last heard of at `heard_at`, as far as anyone knows.
pub(super) fn silenced_by(node: NodeId, heard_at: Micros, heard: EntryId, out: &Outbox) -> EntryId {
    let fault = out.last_fault(node);
    let silenced = fault.filter(|(_, at)| at + UNDER_WAY_US >= heard_at);
    silenced.map_or(heard, |(fault, _)| fault)
}

impl ClassicGroup {
    pub(super) fn heartbeat(&mut self, who: &MemberRef, from: Waiting, out: &mut Replies) {
        let valid = self.validate(who);
        let error = match (valid, self.state) {
            (Err(error), _) => error,
            (Ok(()), State::Empty) => ErrorCode::UnknownMemberId,
            (Ok(()), State::PreparingRebalance) => ErrorCode::RebalanceInProgress,
            (Ok(()), State::CompletingRebalance | State::Stable) => ErrorCode::None,
        };
        if valid.is_ok() {
            self.heard_of(who.member, out);
        }
        if error == ErrorCode::RebalanceInProgress {
            // What the member will do comes of the rebalance, not of its own heartbeat.
            out.because(self.rebalance_cause);
        }
        from.answer(GroupResponse::Heartbeat(error), out);
    }

    pub(super) fn leave(&mut self, id: MemberId, out: &mut Replies) -> ErrorCode {
        if self.pending.remove(&id).is_some() {
            self.maybe_complete(out);
            return ErrorCode::None;
        }
        if !self.members.contains_key(&id) {
            return ErrorCode::UnknownMemberId;
        }
        self.remove(id, false, out);
        ErrorCode::None
    }

    /// A member is gone: the others share its partitions.
    pub(super) fn remove(&mut self, id: MemberId, expired: bool, out: &mut Replies) {
        self.forget(id, expired, out);
        match self.state {
            State::Empty => {}
            State::PreparingRebalance => self.maybe_complete(out),
            State::CompletingRebalance | State::Stable => self.prepare(0, out),
        }
    }

    pub(super) fn forget(&mut self, id: MemberId, expired: bool, out: &mut Replies) {
        let Some(mut member) = self.members.remove(&id) else {
            return;
        };
        self.pending_sync.remove(&id);
        if self.leader == Some(id) {
            self.leader = self.members.keys().next().copied();
        }
        if let Some(waiting) = member.awaiting_join.take() {
            let mut response = self.join_response(id, false);
            response.error = ErrorCode::UnknownMemberId;
            waiting.answer(GroupResponse::JoinGroup(response), out);
        }
        if let Some(waiting) = member.awaiting_sync.take() {
            waiting.answer(refused_sync(ErrorCode::UnknownMemberId), out);
        }
        let (group, member) = (self.id, id.node);
        out.decide(Entry::MemberGone {
            group,
            member,
            expired,
        });
    }

    /// A sign of life: the session starts anew.
    pub(super) fn heard_of(&mut self, id: MemberId, out: &mut Replies) {
        let (group, cause, now) = (self.id, out.cause(), out.now());
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        member.session.heard = cause;
        let timeout_us = member.session_timeout_ms * MS;
        member.session.expires_at = now + timeout_us;
        if member.session.timer_at <= now {
            member.session.timer_at = now + timeout_us;
            let member = id;
            set_timer(timeout_us, GroupTimer::Session { group, member }, out);
        }
    }

    /// The new coordinator gives every member it loaded a whole session.
    pub(super) fn begin_sessions(&mut self, out: &mut Replies) {
        let ids: Vec<MemberId> = self.members.keys().copied().collect();
        for id in ids {
            self.heard_of(id, out);
        }
    }

    /// A session's timer rang: it has ended, or goes on from the last sign of life.
    pub(super) fn session_rang(&mut self, id: MemberId, out: &mut Replies) {
        let now = out.now();
        if let Some(session) = self.pending.get(&id) {
            if now >= session.expires_at {
                self.pending.remove(&id);
                self.maybe_complete(out);
            }
            return;
        }
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        if now < member.session.timer_at {
            return;
        }
        if member.awaiting_join.is_some() || member.awaiting_sync.is_some() {
            // It waits for us, not we for it.
            return self.heard_of(id, out);
        }
        let (group, expires_at) = (self.id, member.session.expires_at);
        if now < expires_at {
            member.session.timer_at = expires_at;
            let timer = GroupTimer::Session { group, member: id };
            return set_timer(expires_at - now, timer, out);
        }
        let heard_at = expires_at - member.session_timeout_ms * MS;
        let cause = silenced_by(id.node, heard_at, member.session.heard, out);
        out.because(cause);
        self.remove(id, true, out);
    }

    /// Answers everyone who waits: the coordinator is elsewhere.
    pub(super) fn send_away(&mut self, error: ErrorCode, out: &mut Replies) {
        let ids: Vec<MemberId> = self.members.keys().copied().collect();
        for id in ids {
            let mut response = self.join_response(id, false);
            response.error = error;
            let Some(member) = self.members.get_mut(&id) else {
                continue;
            };
            if let Some(waiting) = member.awaiting_join.take() {
                waiting.answer(GroupResponse::JoinGroup(response), out);
            }
            if let Some(waiting) = member.awaiting_sync.take() {
                waiting.answer(refused_sync(error), out);
            }
        }
    }
}
