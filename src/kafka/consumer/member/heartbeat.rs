//! ConsumerGroupHeartbeat, sent by the background thread (`ConsumerHeartbeatRequestManager`): joins,
//! tells what the member has, asks what it is to have, leaves.

use super::{Local, Standing, shared};
use crate::kafka::consumer::client::KafkaConsumer;
use crate::kafka::consumer::network::Purpose;
use crate::kafka::group::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupRequest,
};
use crate::kafka::{ClientError, ErrorCode, Outbox, TopicId};
use crate::sim::{MS, Micros};

/// When the next heartbeat is due, and what the coordinator was told (`HeartbeatRequestState`).
#[derive(Clone, Debug, Default)]
pub(super) struct Heartbeats {
    /// As the coordinator said; unknown at first.
    interval_us: Micros,
    next_at: Micros,
    /// Failures in a row.
    attempts: u32,
    retry_at: Micros,
    /// What was told last; nothing after an error, then all is told again.
    sent: Option<Sent>,
}

/// `HeartbeatState.SentFields`.
#[derive(Clone, Debug)]
struct Sent {
    topics: Vec<TopicId>,
    local: Local,
}

impl KafkaConsumer {
    /// One turn of the background thread.
    pub(in crate::kafka::consumer) fn consumer_heartbeats(&mut self, out: &mut Outbox) {
        let member = self.consumer_member.as_ref();
        if !member.is_some_and(|m| m.is_in_group()) || self.coordinator_ready(out).is_none() {
            return;
        }
        let now = out.now();
        // It looks at the clock only when it is awake: for a heartbeat, or something else.
        if self.background_awake && !self.in_poll && now >= self.member.heartbeat.poll_by {
            return self.leave_for_slowness(out);
        }
        if now >= self.consumer_heartbeat_at() {
            self.send_consumer_heartbeat(false, out);
        }
    }

    /// max.poll.interval.ms is over: it gives its membership up by itself.
    fn leave_for_slowness(&mut self, out: &mut Outbox) {
        let cause = out.cause();
        out.because(self.last_polled);
        self.send_leave(out);
        if let Some(member) = &mut self.consumer_member {
            member.standing = Standing::Stale;
            member.current = Local::NONE;
            member.heartbeats = Heartbeats {
                interval_us: member.heartbeats.interval_us,
                ..Heartbeats::default()
            };
        }
        self.give_all_up(out);
        out.because(cause);
    }

    pub(super) fn send_consumer_heartbeat(&mut self, leaves: bool, out: &mut Outbox) {
        let Some(node) = self.coordinator_ready(out) else {
            return;
        };
        let Some(request) = self.consumer_heartbeat() else {
            return;
        };
        let purpose = match leaves {
            true => Purpose::Leave,
            false => Purpose::ConsumerHeartbeat,
        };
        let request = GroupRequest::ConsumerGroupHeartbeat(request);
        self.send_to_coordinator(node, request, purpose, out);
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        member.heartbeats.next_at = out.now() + member.heartbeats.interval_us;
        if member.standing == Standing::Acknowledging {
            member.standing = match member.current == member.target {
                true => Standing::Stable,
                false => Standing::Reconciling,
            };
        }
    }

    /// `HeartbeatState.buildRequestData`: everything when it joins or after an error, else what has
    /// changed.
    fn consumer_heartbeat(&mut self) -> Option<ConsumerGroupHeartbeatRequest> {
        let group = self.group?;
        let topics = self.subs.topics().to_vec();
        let rebalance_timeout_ms = self.config.max_poll_interval_ms;
        let assignor = shared(self.config.group_remote_assignor.as_ref());
        let instance = self.instance.clone();
        let member = self.consumer_member.as_mut()?;
        let joins = member.standing == Standing::Joining;
        let told = member.heartbeats.sent.take().filter(|_| !joins);
        let in_full = told.is_none();
        let same = |is_same: fn(&Sent, &Sent) -> bool, now: &Sent| {
            told.as_ref().is_some_and(|told| is_same(told, now))
        };
        let now = Sent {
            topics,
            local: member.current.clone(),
        };
        let topics_told = same(|a, b| a.topics == b.topics, &now);
        let local_told = same(|a, b| a.local == b.local, &now);
        let request = ConsumerGroupHeartbeatRequest {
            group,
            member: member.id,
            epoch: member.epoch,
            instance,
            rebalance_timeout_ms: in_full.then_some(rebalance_timeout_ms),
            topics: (!topics_told).then(|| now.topics.clone()),
            assignor: assignor.filter(|_| in_full),
            owned: (!local_told).then(|| now.local.partitions.clone()),
        };
        member.heartbeats.sent = Some(now);
        Some(request)
    }

    pub(in crate::kafka::consumer) fn on_consumer_heartbeat(
        &mut self,
        response: &ConsumerGroupHeartbeatResponse,
        out: &mut Outbox,
    ) {
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        if response.error != ErrorCode::None {
            return self.on_heartbeat_error(response.error, out);
        }
        let interval_us = response.heartbeat_interval_ms * MS;
        let beats = &mut member.heartbeats;
        (beats.attempts, beats.retry_at) = (0, 0);
        if beats.interval_us != interval_us {
            beats.interval_us = interval_us;
            beats.next_at = out.now() + interval_us;
        }
        let in_group = member.is_in_group();
        self.coordinator_answered();
        if !in_group || response.epoch < 0 {
            return;
        }
        self.set_epoch(response.epoch);
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        let Some(assignment) = &response.assignment else {
            return;
        };
        if member.target == Local::NONE || member.target.partitions != *assignment {
            member.target = Local {
                number: member.target.number + 1,
                partitions: assignment.clone(),
            };
        }
        if member.current != member.target {
            member.standing = Standing::Reconciling;
            member.because = out.cause();
        } else if matches!(member.standing, Standing::Reconciling | Standing::Joining) {
            member.standing = Standing::Stable;
        }
    }

    fn on_heartbeat_error(&mut self, error: ErrorCode, out: &mut Outbox) {
        self.heartbeat_failed(out);
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator(out);
                self.heartbeat_at_once();
            }
            ErrorCode::CoordinatorLoadInProgress => {}
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => {
                self.heartbeat_at_once();
                self.fence_member(out);
            }
            error => {
                let standing = self.consumer_member.as_ref().map(|m| m.standing);
                if standing != Some(Standing::Unsubscribed) {
                    self.fail_member(ClientError::Broker(error), out);
                }
            }
        }
    }

    /// No answer, or an error: everything is told again, after a while.
    pub(in crate::kafka::consumer) fn heartbeat_failed(&mut self, out: &Outbox) {
        let attempts = self.consumer_member.as_ref().map(|m| m.heartbeats.attempts);
        let wait_us = self.backoff(attempts.unwrap_or(0));
        if let Some(member) = &mut self.consumer_member {
            let beats = &mut member.heartbeats;
            beats.attempts += 1;
            beats.retry_at = out.now() + wait_us;
            beats.next_at = 0;
            beats.sent = None;
        }
    }

    fn heartbeat_at_once(&mut self) {
        if let Some(member) = &mut self.consumer_member {
            let beats = &mut member.heartbeats;
            (beats.attempts, beats.retry_at) = (0, 0);
        }
    }

    /// When the next heartbeat is sent: at once when it joins or has taken its assignment. The
    /// background thread wakes for nothing else; that max.poll.interval.ms is over it sees then.
    pub(in crate::kafka::consumer) fn consumer_heartbeat_at(&self) -> Micros {
        let member = self.consumer_member.as_ref().filter(|m| m.is_in_group());
        let Some(member) = member else {
            return Micros::MAX;
        };
        let under_way = |p: &Purpose| matches!(p, Purpose::ConsumerHeartbeat);
        if self.net.any(|r| under_way(&r.purpose)) {
            return Micros::MAX;
        }
        let beats = &member.heartbeats;
        // Kafka's goes on without a pause after an error then; the model is spared that.
        match member.standing {
            Standing::Joining | Standing::Acknowledging => beats.retry_at,
            _ => beats.next_at.max(beats.retry_at),
        }
    }
}
