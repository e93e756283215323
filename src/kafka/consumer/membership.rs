//! The consumer's coordinator and its heartbeats (`AbstractCoordinator`, `HeartbeatThread`).

use std::rc::Rc;

use super::assignor::PartitionCounts;
use super::client::{KafkaConsumer, later};
use super::network::Purpose;
use crate::kafka::config::Assignor;
use crate::kafka::group::protocol::{GroupRequest, MemberId, MemberRef};
use crate::kafka::protocol::{Request, channel};
use crate::kafka::{ErrorCode, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros, NodeId};

/// `MemberState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    Unjoined,
    /// JoinGroup sent.
    PreparingRebalance,
    /// SyncGroup sent.
    CompletingRebalance,
    Stable,
}

/// What the consumer knows of its group and its place in it.
#[derive(Clone, Debug)]
pub struct Membership {
    pub coordinator: Option<NodeId>,
    pub find_retry_at: Micros,
    pub find_attempts: u32,
    /// Someone waits for the coordinator.
    pub coordinator_wanted: bool,
    pub state: MemberState,
    pub generation: Option<u32>,
    pub member: Option<MemberId>,
    /// The assignor the group chose.
    pub protocol: Option<Assignor>,
    pub rejoin_needed: bool,
    /// As the group's leader: how many partitions there were to share out.
    pub shared_out: PartitionCounts,
    /// `onJoinPrepare` is still to be done for the next join.
    pub needs_prepare: bool,
    pub join_retry_at: Micros,
    pub join_attempts: u32,
    /// The assignment of the join that has just succeeded, for the application's thread.
    pub joined: Option<Vec<TopicPartition>>,
    /// What was assigned last, for sticky assignors.
    pub prior: Vec<TopicPartition>,
    pub heartbeat: Heartbeat,
    /// What made it join again, or brought its assignment: told by the application's thread later.
    pub because: EntryId,
}

/// `Heartbeat`, and whether its thread does anything.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    pub enabled: bool,
    pub next_at: Micros,
    /// No answer by then: the coordinator is taken for lost.
    pub session_ends_at: Micros,
    /// No poll by then: the member leaves.
    pub poll_by: Micros,
}

impl Default for Membership {
    /// Not a member of anything.
    fn default() -> Self {
        Membership {
            coordinator: None,
            find_retry_at: 0,
            find_attempts: 0,
            coordinator_wanted: false,
            state: MemberState::Unjoined,
            generation: None,
            member: None,
            protocol: None,
            rejoin_needed: true,
            shared_out: PartitionCounts::new(),
            needs_prepare: true,
            join_retry_at: 0,
            join_attempts: 0,
            joined: None,
            prior: Vec::new(),
            heartbeat: Heartbeat {
                enabled: false,
                next_at: Micros::MAX,
                session_ends_at: Micros::MAX,
                poll_by: Micros::MAX,
            },
            because: EntryId::NONE,
        }
    }
}

impl Membership {
    /// The group has moved on without it: `resetStateAndGeneration`.
    pub fn reset(&mut self, forget_name: bool) {
        self.generation = None;
        if forget_name {
            self.member = None;
        }
        self.state = MemberState::Unjoined;
        self.rejoin_needed = true;
        self.joined = None;
        self.heartbeat.enabled = false;
    }
}

impl KafkaConsumer {
    /// Whether the coordinator is known and can be sent to; if not, it is looked for.
    pub(super) fn coordinator_ready(&mut self, out: &mut Outbox) -> Option<NodeId> {
        if let Some(node) = self.member.coordinator {
            if self.net.is_available(node, out.now()) {
                return Some(node);
            }
            self.lose_coordinator(out);
        }
        self.member.coordinator_wanted = true;
        self.look_up_coordinator(out);
        None
    }

    fn look_up_coordinator(&mut self, out: &mut Outbox) {
        let under_way = self
            .net
            .any(|r| matches!(r.purpose, Purpose::FindCoordinator));
        let Some(group) = self.group else {
            return;
        };
        let known = self.member.coordinator.is_some();
        if known || under_way || out.now() < self.member.find_retry_at {
            return;
        }
        if let Some(node) = self.any_broker(out.now()) {
            let request = Request::Group(Rc::new(GroupRequest::FindCoordinator { group }));
            self.send(node, channel::DATA, request, Purpose::FindCoordinator, out);
        }
    }

    pub(super) fn on_coordinator(
        &mut self,
        error: ErrorCode,
        coordinator: Option<NodeId>,
        out: &mut Outbox,
    ) {
        let reachable = coordinator.filter(|node| self.net.is_available(*node, out.now()));
        if error != ErrorCode::None || reachable.is_none() {
            return self.find_later(out);
        }
        self.member.coordinator = reachable;
        self.member.coordinator_wanted = false;
        // A new coordinator gets the benefit of the doubt for a whole session.
        let session_us = self.config.session_timeout_ms * MS;
        self.member.heartbeat.session_ends_at = out.now() + session_us;
    }

    pub(super) fn find_later(&mut self, out: &Outbox) {
        let wait_us = self.backoff(self.member.find_attempts);
        self.member.find_attempts += 1;
        self.member.find_retry_at = out.now() + wait_us;
    }

    /// `markCoordinatorUnknown`.
    pub(super) fn lose_coordinator(&mut self, out: &Outbox) {
        if self.member.coordinator.take().is_some() {
            self.find_later(out);
        }
    }

    /// The coordinator answered as one: the next search starts without waiting.
    pub(super) fn coordinator_answered(&mut self) {
        self.member.find_attempts = 0;
        self.member.find_retry_at = 0;
    }

    pub(super) fn send_to_coordinator(
        &mut self,
        node: NodeId,
        request: GroupRequest,
        purpose: Purpose,
        out: &mut Outbox,
    ) {
        let timeout_ms = match purpose {
            // The answer to a join may take as long as the slowest member.
            Purpose::Join => self.config.max_poll_interval_ms + 5_000,
            _ => 0,
        };
        let timeout_us = timeout_ms.max(self.config.request_timeout_ms) * MS;
        let request = Request::Group(Rc::new(request));
        self.net.send(
            node,
            channel::COORDINATOR,
            request,
            timeout_us,
            purpose,
            out,
        );
    }

    /// One turn of the heartbeat thread.
    pub(super) fn heartbeat_thread(&mut self, out: &mut Outbox) {
        let now = out.now();
        if self.member.coordinator_wanted && self.member.coordinator.is_none() {
            self.look_up_coordinator(out);
        }
        if self.is_consumer_member() {
            return self.consumer_heartbeats(out);
        }
        if !self.member.heartbeat.enabled {
            return;
        }
        if self.member.coordinator.is_none() {
            return self.look_up_coordinator(out);
        }
        if now >= self.member.heartbeat.session_ends_at {
            return self.lose_coordinator(out);
        }
        if !self.in_poll && now >= self.member.heartbeat.poll_by {
            // Too long at what the last poll brought: it gives its membership up by itself.
            let cause = out.cause();
            out.because(self.last_polled);
            self.member.because = self.last_polled;
            self.leave_group(out);
            return out.because(cause);
        }
        if now >= self.member.heartbeat.next_at {
            self.send_heartbeat(out);
        }
    }

    fn send_heartbeat(&mut self, out: &mut Outbox) {
        let interval_us = self.config.heartbeat_interval_ms * MS;
        self.member.heartbeat.next_at = out.now() + interval_us;
        if let (Some(node), Some(who)) = (self.member.coordinator, self.who()) {
            let purpose = Purpose::Heartbeat(who.generation);
            self.send_to_coordinator(node, GroupRequest::Heartbeat(who), purpose, out);
        }
    }

    /// Its coordinator, how far it is in, and the generation it is of; for those who look on.
    pub fn membership(&self) -> &Membership {
        &self.member
    }

    /// This member in this generation.
    pub(super) fn who(&self) -> Option<MemberRef> {
        Some(MemberRef {
            group: self.group?,
            generation: self.member.generation?,
            member: self.member.member?,
            instance: self.instance.clone(),
        })
    }

    pub(super) fn on_heartbeat(&mut self, generation: u32, error: ErrorCode, out: &mut Outbox) {
        let current = self.member.generation == Some(generation);
        match error {
            ErrorCode::None => {
                self.coordinator_answered();
                let session_us = self.config.session_timeout_ms * MS;
                self.member.heartbeat.session_ends_at = out.now() + session_us;
            }
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.lose_coordinator(out);
            }
            ErrorCode::RebalanceInProgress => {
                let session_us = self.config.session_timeout_ms * MS;
                self.member.heartbeat.session_ends_at = out.now() + session_us;
                if current && self.member.state == MemberState::Stable {
                    self.member.rejoin_needed = true;
                    self.member.because = out.cause();
                }
            }
            ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId if current => {
                self.member.because = out.cause();
                self.member.reset(error == ErrorCode::UnknownMemberId);
            }
            ErrorCode::FencedInstanceId if current => self.fenced(),
            _ => {}
        }
    }

    /// Another process speaks for this `group.instance.id` now: the next poll throws.
    pub(super) fn fenced(&mut self) {
        self.member.reset(true);
        self.error = Some(crate::kafka::ClientError::Broker(
            ErrorCode::FencedInstanceId,
        ));
    }

    /// Leaves the group without waiting for the answer. A static member only forgets that it is
    /// one: its partitions wait for it (KIP-345).
    pub(super) fn leave_group(&mut self, out: &mut Outbox) {
        if self.is_consumer_member() {
            return self.leave_as_member(out);
        }
        let joined = self.member.state != MemberState::Unjoined && self.instance.is_none();
        if joined
            && let (Some(group), Some(member), Some(node)) =
                (self.group, self.member.member, self.member.coordinator)
        {
            let request = GroupRequest::LeaveGroup { group, member };
            self.send_to_coordinator(node, request, Purpose::Leave, out);
        }
        self.member.reset(true);
    }

    pub(super) fn membership_wake_at(&self, now: Micros, reachable_at: Micros) -> Micros {
        let heartbeat = &self.member.heartbeat;
        let mut at = Micros::MAX;
        let finding = self
            .net
            .any(|r| matches!(r.purpose, Purpose::FindCoordinator));
        let lost = self.member.coordinator.is_none();
        if lost && !finding && (heartbeat.enabled || self.member.coordinator_wanted) {
            at = at.min(self.member.find_retry_at.max(reachable_at));
        }
        if heartbeat.enabled && !lost {
            at = at.min(heartbeat.next_at).min(heartbeat.session_ends_at);
            if !self.in_poll {
                at = at.min(heartbeat.poll_by);
            }
        }
        if !lost {
            at = at.min(self.consumer_heartbeat_at());
        }
        at = at.min(later(self.member.join_retry_at, now));
        at = at.min(later(self.commits.join_retry_at, now));
        match self.in_poll {
            true => at.min(later(self.commits.next_auto_at, now)),
            false => at,
        }
    }
}
