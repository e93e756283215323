//! Joining a group: `ensureActiveGroup`, `onJoinPrepare`, `onJoinComplete`.

use super::assignor::{self, PartitionCounts};
use super::client::KafkaConsumer;
use super::membership::MemberState;
use super::network::Purpose;
use crate::kafka::config::Assignor;
use crate::kafka::group::protocol::{
    Assignment, GroupRequest, JoinGroupRequest, JoinGroupResponse, SyncGroupRequest,
};
use crate::kafka::{ClientError, CommitHow, Entry, ErrorCode, Outbox, TopicId, TopicPartition};
use crate::sim::{EntryId, MS, NodeId};

impl KafkaConsumer {
    /// One turn of `joinGroupIfNeeded`, in the application's thread. True once the member is in.
    pub(super) fn ensure_active_group(&mut self, out: &mut Outbox) -> bool {
        if self.member.joined.is_some() {
            self.complete_join(out);
        }
        if self.join_under_way() {
            return false;
        }
        if !self.member.rejoin_needed {
            return true;
        }
        if out.now() < self.member.join_retry_at || !self.metadata.known {
            return false;
        }
        let Some(node) = self.coordinator_ready(out) else {
            return false;
        };
        if self.member.needs_prepare && !self.prepare_join(out) {
            return false;
        }
        self.member.needs_prepare = false;
        self.send_join(node, out);
        false
    }

    pub(super) fn join_under_way(&self) -> bool {
        self.net
            .any(|r| matches!(r.purpose, Purpose::Join | Purpose::Sync(_)))
    }

    /// Whether members keep their partitions through a rebalance: all its assignors must.
    pub(super) fn is_cooperative(&self) -> bool {
        let strategies = &self.config.partition_assignment_strategy;
        strategies
            .iter()
            .all(|assignor| assignor::is_cooperative(*assignor))
    }

    /// `onJoinPrepare`: commits what was polled, gives up what may have to go. False while the
    /// commit is under way.
    fn prepare_join(&mut self, out: &mut Outbox) -> bool {
        if !self.commit_before_join(out) {
            return false;
        }
        self.tell_why_member_moves(out);
        let partitions = self.subs.assignment();
        if self.member.generation.is_none() || self.member.member.is_none() {
            // The group went on without this member: someone else may own them already.
            if !partitions.is_empty() {
                out.decide(Entry::PartitionsLost { partitions });
            }
            self.subs.assign(&[]);
        } else if !self.is_cooperative() {
            out.decide(Entry::Revoked { partitions });
            self.subs.assign(&[]);
        }
        true
    }

    /// What comes now was brought about earlier, when the thread was elsewhere.
    fn tell_why_member_moves(&self, out: &mut Outbox) {
        if self.member.because != EntryId::NONE {
            out.because(self.member.because);
        }
    }

    fn send_join(&mut self, node: NodeId, out: &mut Outbox) {
        let Some(group) = self.group else {
            return;
        };
        let protocols = self.config.partition_assignment_strategy.clone();
        let preferred = protocols.first().copied().unwrap_or(Assignor::Range);
        let owned = self.subs.assignment();
        let subscription = assignor::subscription(
            preferred,
            self.subs.topics(),
            &owned,
            &self.member.prior,
            self.member.generation,
        );
        let request = JoinGroupRequest {
            group,
            member: self.member.member,
            instance: self.instance.clone(),
            session_timeout_ms: self.config.session_timeout_ms,
            rebalance_timeout_ms: self.config.max_poll_interval_ms,
            protocols,
            subscription,
        };
        self.member.state = MemberState::PreparingRebalance;
        // The heartbeat thread stands still while a join is pending.
        self.member.heartbeat.enabled = false;
        self.send_to_coordinator(node, GroupRequest::JoinGroup(request), Purpose::Join, out);
    }

    pub(super) fn on_joined(&mut self, response: &JoinGroupResponse, out: &mut Outbox) {
        if self.member.state != MemberState::PreparingRebalance {
            return;
        }
        match response.error {
            ErrorCode::None => self.sync(response, out),
            ErrorCode::MemberIdRequired => {
                self.member.member = response.member;
                self.member.state = MemberState::Unjoined;
            }
            ErrorCode::UnknownMemberId => self.member.reset(true),
            ErrorCode::RebalanceInProgress => self.join_failed(false, out),
            error => self.join_refused(error, out),
        }
    }

    fn join_refused(&mut self, error: ErrorCode, out: &mut Outbox) {
        match error {
            ErrorCode::CoordinatorLoadInProgress => {}
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.lose_coordinator(out);
            }
            ErrorCode::FencedInstanceId => return self.fenced(),
            error if !error.is_retriable() => self.error = Some(ClientError::Broker(error)),
            _ => {}
        }
        self.join_failed(true, out);
    }

    /// The join has come to nothing: again, after a while where `wait`.
    pub(super) fn join_failed(&mut self, wait: bool, out: &Outbox) {
        self.member.state = MemberState::Unjoined;
        self.member.rejoin_needed = true;
        if wait {
            let wait_us = self.backoff(self.member.join_attempts);
            self.member.join_attempts += 1;
            self.member.join_retry_at = out.now() + wait_us;
        }
    }

    /// Joined; the group's leader shares out the partitions.
    fn sync(&mut self, response: &JoinGroupResponse, out: &mut Outbox) {
        let member = &mut self.member;
        member.generation = Some(response.generation);
        member.member = response.member;
        member.protocol = response.protocol;
        member.state = MemberState::CompletingRebalance;
        member.heartbeat.enabled = true;
        member.heartbeat.next_at = out.now() + self.config.heartbeat_interval_ms * MS;
        member.heartbeat.session_ends_at = out.now() + self.config.session_timeout_ms * MS;
        self.coordinator_answered();
        let leads = response.leader.is_some() && response.leader == response.member;
        self.member.shared_out = match leads {
            true => self.counts(response),
            false => PartitionCounts::new(),
        };
        let assignment = match leads && !response.skip_assignment {
            true => self.share_out(response),
            false => Vec::new(),
        };
        if let (Some(node), Some(who)) = (self.member.coordinator, self.who()) {
            let purpose = Purpose::Sync(who.generation);
            let request = GroupRequest::SyncGroup(SyncGroupRequest { who, assignment });
            self.send_to_coordinator(node, request, purpose, out);
        } else {
            self.join_failed(true, out);
        }
    }

    fn counts(&self, response: &JoinGroupResponse) -> PartitionCounts {
        let topics = response.members.iter().flat_map(|m| &m.subscription.topics);
        let count = |topic| self.metadata.partitions_of(topic).count() as u16;
        topics.map(|topic| (*topic, count(*topic))).collect()
    }

    /// The group's leader sees that there are more partitions than it shared out: it joins again
    /// (`ConsumerCoordinator.rejoinNeededOrPending`).
    pub(super) fn partitions_may_have_come(&mut self) {
        let count = |topic| self.metadata.partitions_of(topic).count() as u16;
        let changed = |(topic, shared): (&TopicId, &u16)| count(*topic) != *shared;
        let changed = self.member.shared_out.iter().any(changed);
        if changed {
            self.member.shared_out = PartitionCounts::new();
            self.member.rejoin_needed = true;
        }
    }

    fn share_out(&self, response: &JoinGroupResponse) -> Assignment {
        let counts = self.counts(response);
        let assignor = response.protocol.unwrap_or(Assignor::Range);
        assignor::assign(assignor, &response.members, &counts)
    }

    pub(super) fn on_synced(
        &mut self,
        generation: u32,
        error: ErrorCode,
        assignment: &[TopicPartition],
        out: &mut Outbox,
    ) {
        let current = self.member.generation == Some(generation);
        if !current || self.member.state != MemberState::CompletingRebalance {
            return;
        }
        match error {
            ErrorCode::None => {
                self.member.state = MemberState::Stable;
                self.member.rejoin_needed = false;
                self.member.join_attempts = 0;
                self.member.joined = Some(assignment.to_vec());
                self.member.because = out.cause();
            }
            ErrorCode::RebalanceInProgress => self.join_failed(false, out),
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.member.reset(error == ErrorCode::UnknownMemberId);
            }
            error => self.join_refused(error, out),
        }
    }

    /// `onJoinComplete`, in the application's thread.
    fn complete_join(&mut self, out: &mut Outbox) {
        let Some(mut assigned) = self.member.joined.take() else {
            return;
        };
        if self.member.state != MemberState::Stable {
            return;
        }
        assigned.sort();
        self.tell_why_member_moves(out);
        self.member.needs_prepare = true;
        self.member.prior.clone_from(&assigned);
        let owned = self.subs.assignment();
        let gone: Vec<_> = owned
            .iter()
            .filter(|p| !assigned.contains(p))
            .copied()
            .collect();
        let partitions: Vec<_> = assigned
            .iter()
            .filter(|p| !owned.contains(p))
            .copied()
            .collect();
        if !gone.is_empty() {
            if self.listener_commits && !self.auto_commits() {
                let offsets = self.subs.all_consumed();
                self.commit_async(CommitHow::Async, offsets, out);
            }
            // Cooperative: what was taken away can be given to another in the next round.
            out.note(Entry::Revoked { partitions: gone });
            self.member.rejoin_needed = true;
        }
        self.subs.assign(&assigned);
        self.restart_auto_commit(out.now());
        out.note(Entry::Assigned { partitions });
    }

    /// `onLeavePrepare`: the partitions go before the member does.
    pub(super) fn give_up_partitions(&mut self, out: &mut Outbox) {
        if self.is_consumer_member() {
            return self.give_up_as_member(out);
        }
        let partitions = self.subs.assignment();
        if !self.subs.is_by_group() || partitions.is_empty() {
            return;
        }
        let rebalancing = matches!(
            self.member.state,
            MemberState::PreparingRebalance | MemberState::CompletingRebalance
        );
        out.note(match self.member.generation.is_none() || rebalancing {
            true => Entry::PartitionsLost { partitions },
            false => Entry::Revoked { partitions },
        });
        self.subs.assign(&[]);
    }
}
