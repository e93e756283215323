//! Kafka's consumer (`ClassicKafkaConsumer`): everything but the thread that calls it.
//!
//! Responses are taken in as they come, as the heartbeat thread and the poll loop do between them.
//! What only the application's thread may do (join, revoke, hand out records, fetch more) waits
//! for a call, see [`super::calls`].

use std::rc::Rc;

use super::commits::Commits;
use super::fetcher::FetchBuffer;
use super::member::{self, ConsumerMember};
use super::membership::Membership;
use super::metadata::{LeaderAndEpoch, Metadata};
use super::network::{InFlight, Network, Purpose, backoff_us};
use super::subscriptions::Subscriptions;
use crate::kafka::config::{ConsumerConfig, GroupProtocol};
use crate::kafka::group::GroupResponse;
use crate::kafka::group::protocol::{InstanceId, OffsetCommitRequest};
use crate::kafka::protocol::{Msg, Request, Response, channel};
use crate::kafka::{ClientError, ClusterSpec, GroupId, Offset, Outbox, Rules, TopicPartition};
use crate::sim::{Conn, EntryId, MS, Micros, NodeId, Stream};

/// One consumer, from its construction to its close.
#[derive(Clone)]
pub struct KafkaConsumer {
    pub(super) config: Rc<ConsumerConfig>,
    pub(super) group: Option<GroupId>,
    pub(super) instance: Option<InstanceId>,
    /// The application's rebalance listener commits.
    pub(super) listener_commits: bool,
    /// client.rack, if there is one.
    pub(super) rack: Option<Rc<str>>,
    pub(super) net: Network,
    pub(super) metadata: Metadata,
    pub(super) subs: Subscriptions,
    pub(super) fetched: FetchBuffer,
    pub(super) member: Membership,
    /// With group.protocol=consumer: its place in the group.
    pub(super) consumer_member: Option<Box<ConsumerMember>>,
    pub(super) commits: Commits,
    pub(super) luck: Stream,
    /// Metadata up to this version has been held against the positions.
    pub(super) validated_version: u64,
    /// Committed offsets are not asked for again before this.
    pub(super) offsets_retry_at: Micros,
    /// What the next poll throws.
    pub(super) error: Option<ClientError>,
    /// What `committed` and `endOffsets` have heard so far.
    pub(super) answers: Answers,
    /// Whether the application's thread is in a call that keeps the membership alive.
    pub(super) in_poll: bool,
    /// Whether the network's thread looks around now, or only the application's does.
    pub(super) background_awake: bool,
    /// The last records handed to the application: what commits come of.
    pub(super) last_polled: EntryId,
    /// What the application kept of `groupMetadata()`.
    pub(super) kept_metadata: Option<OffsetCommitRequest>,
    pub(super) closed: bool,
    pub(super) rules: Rules,
}

/// Answers that a blocking call waits for.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub offsets: Vec<(TopicPartition, Option<Offset>)>,
    pub retry_at: Micros,
}

impl KafkaConsumer {
    /// `new KafkaConsumer(config)` on `node`.
    pub fn new(
        node: NodeId,
        spec: &ClusterSpec,
        config: &ConsumerConfig,
        group: Option<GroupId>,
        out: &Outbox,
    ) -> Self {
        let who = u64::from(node.0) << 16 | u64::from(out.incarnation(node));
        let bootstrap: Vec<NodeId> = spec.broker_nodes().collect();
        KafkaConsumer {
            instance: config.group_instance_id.as_deref().map(Rc::from),
            listener_commits: false,
            rack: Some(config.client_rack.as_str())
                .filter(|rack| !rack.is_empty())
                .map(Rc::from),
            config: Rc::new(config.clone()),
            group,
            net: Network::new(bootstrap.len(), config, out.luck("consumer network", who)),
            metadata: Metadata::new(bootstrap),
            subs: Subscriptions::default(),
            fetched: FetchBuffer::default(),
            member: Membership::default(),
            consumer_member: (config.group_protocol == GroupProtocol::Consumer && group.is_some())
                .then(|| Box::new(ConsumerMember::new(member::named(node, out)))),
            commits: Commits::new(out.now() + config.auto_commit_interval_ms * MS),
            luck: out.luck("consumer", who),
            validated_version: 0,
            offsets_retry_at: 0,
            error: None,
            answers: Answers::default(),
            in_poll: false,
            background_awake: true,
            last_polled: EntryId::NONE,
            kept_metadata: None,
            closed: false,
            rules: spec.rules,
        }
    }

    /// A response came.
    pub fn on_message(&mut self, correlation: u32, msg: Msg, out: &mut Outbox) {
        let Msg::Response(response) = msg else {
            return;
        };
        let Some(request) = self.net.answered(correlation) else {
            return;
        };
        match (request.purpose, response) {
            (Purpose::Metadata, Response::Metadata(image)) => {
                self.metadata.learn(&image);
                self.partitions_may_have_come();
                let wait_us = self.backoff(self.metadata.attempts);
                self.metadata.retry_at = out.now() + wait_us;
                self.metadata.expires_at = out.now() + self.config.metadata_max_age_ms * MS;
            }
            (Purpose::Fetch(asked), Response::Fetch(response)) => {
                self.on_fetch(&asked, response, out);
            }
            (Purpose::Reset(_, spec), Response::ListOffsets(r)) => self.on_reset(spec, &r, out),
            (Purpose::EndOffset(_), Response::ListOffsets(r)) => self.on_end_offset(&r, out),
            (Purpose::Validate(_, asked), Response::OffsetForLeaderEpoch(r)) => {
                self.on_validated(asked, &r, out);
            }
            (purpose, Response::Group(response)) => {
                self.on_group_response(purpose, &response, request.node, out);
            }
            _ => {}
        }
    }

    fn on_group_response(
        &mut self,
        purpose: Purpose,
        response: &GroupResponse,
        node: NodeId,
        out: &mut Outbox,
    ) {
        match (purpose, response) {
            (Purpose::FindCoordinator, GroupResponse::FindCoordinator { error, coordinator }) => {
                self.on_coordinator(*error, *coordinator, out)
            }
            (Purpose::Join, GroupResponse::JoinGroup(response)) => self.on_joined(response, out),
            (Purpose::Sync(generation), GroupResponse::SyncGroup { error, assignment }) => {
                self.on_synced(generation, *error, assignment, out);
            }
            (Purpose::Heartbeat(generation), GroupResponse::Heartbeat(error)) => {
                self.on_heartbeat(generation, *error, out);
            }
            (Purpose::ConsumerHeartbeat, GroupResponse::ConsumerGroupHeartbeat(response)) => {
                self.on_consumer_heartbeat(response, out);
            }
            (Purpose::Commit(commit), GroupResponse::OffsetCommit(error)) => {
                self.on_commit_response(&commit, *error, out);
            }
            (Purpose::OffsetFetch { for_call }, GroupResponse::OffsetFetch { error, offsets }) => {
                self.on_committed_offsets(for_call, *error, offsets, node, out)
            }
            _ => {}
        }
    }

    /// A connection is gone: refused, reset, or its broker ended.
    pub fn on_disconnected(&mut self, conn: Conn, out: &mut Outbox) {
        let (node, channel, now) = (conn.server, conn.channel, out.now());
        let lost = self.net.disconnected(node, channel, &self.config, now);
        if channel == channel::COORDINATOR && self.member.coordinator == Some(node) {
            self.lose_coordinator(out);
        }
        self.metadata.want_update();
        self.fail(lost, out);
    }

    /// Requests that will not be answered any more.
    fn fail(&mut self, lost: Vec<InFlight>, out: &mut Outbox) {
        for request in lost {
            if request.channel == channel::COORDINATOR
                && self.member.coordinator == Some(request.node)
            {
                self.lose_coordinator(out);
            }
            self.metadata.want_update();
            let retry_at = out.now() + self.config.retry_backoff_ms * MS;
            match request.purpose {
                Purpose::Metadata => {
                    self.metadata.attempts += 1;
                    let wait_us = self.backoff(self.metadata.attempts);
                    self.metadata.retry_at = out.now() + wait_us;
                }
                Purpose::Reset(partition, _) | Purpose::Validate(partition, _) => {
                    self.try_again_at(partition, retry_at);
                }
                Purpose::FindCoordinator => self.find_later(out),
                Purpose::Join | Purpose::Sync(_) => self.join_failed(true, out),
                Purpose::ConsumerHeartbeat => self.heartbeat_failed(out),
                Purpose::Commit(commit) => self.on_commit_lost(&commit, out),
                Purpose::OffsetFetch { for_call: false } => self.offsets_retry_at = retry_at,
                Purpose::OffsetFetch { for_call: true } | Purpose::EndOffset(_) => {
                    self.answers.retry_at = retry_at;
                }
                Purpose::Fetch(asked) => self.read_from_leader_again(&asked),
                Purpose::Heartbeat(_) | Purpose::Leave => {}
            }
        }
    }

    /// What happens without the application: timeouts, metadata, heartbeats.
    pub fn background(&mut self, out: &mut Outbox) {
        if self.closed {
            return;
        }
        if self.net.next_timeout().is_some_and(|at| at <= out.now()) {
            let lost = self.net.time_out(&self.config.clone(), out);
            self.fail(lost, out);
        }
        self.refresh_metadata(out);
        self.heartbeat_thread(out);
        self.send_waiting_commits(out);
    }

    fn refresh_metadata(&mut self, out: &mut Outbox) {
        let under_way = self.net.any(|r| matches!(r.purpose, Purpose::Metadata));
        if under_way || out.now() < self.metadata.update_at() {
            return;
        }
        if let Some(node) = self.any_broker(out.now()) {
            self.send(
                node,
                channel::DATA,
                Request::Metadata,
                Purpose::Metadata,
                out,
            );
        }
    }

    /// A broker that may be asked anything.
    pub(super) fn any_broker(&mut self, now: Micros) -> Option<NodeId> {
        let node = self.least_loaded(now);
        match node.is_none() && self.metadata.rebootstrap() {
            true => self.least_loaded(now),
            false => node,
        }
    }

    fn least_loaded(&mut self, now: Micros) -> Option<NodeId> {
        let known = std::mem::take(&mut self.metadata.brokers);
        let node = self.net.least_loaded(&known, now);
        self.metadata.brokers = known;
        node
    }

    pub(super) fn send(
        &mut self,
        node: NodeId,
        channel: u8,
        request: Request,
        purpose: Purpose,
        out: &mut Outbox,
    ) {
        let timeout_us = self.config.request_timeout_ms * MS;
        self.net
            .send(node, channel, request, timeout_us, purpose, out);
    }

    /// retry.backoff.ms after so many attempts, in microseconds.
    pub(super) fn backoff(&mut self, attempts: u32) -> Micros {
        let (base_ms, max_ms) = (
            self.config.retry_backoff_ms,
            self.config.retry_backoff_max_ms,
        );
        backoff_us(base_ms, max_ms, attempts, &mut self.luck)
    }

    /// News of a partition's leader from a response (KIP-951).
    pub(super) fn hear_of_leader(
        &mut self,
        partition: TopicPartition,
        hint: Option<(NodeId, u32)>,
    ) {
        if let Some((leader, epoch)) = hint {
            let heard = LeaderAndEpoch {
                leader: Some(leader),
                epoch: Some(epoch),
            };
            self.metadata.hear(partition, heard);
        }
    }

    /// The earliest time at which something is due without any message.
    pub fn wake_at(&self, now: Micros) -> Micros {
        if self.closed {
            return Micros::MAX;
        }
        let brokers = self.metadata.brokers.iter();
        let reachable_at = brokers
            .map(|node| self.net.retry_at(*node))
            .min()
            .unwrap_or(0);
        let mut at = self.net.next_timeout().unwrap_or(Micros::MAX);
        if !self.net.any(|r| matches!(r.purpose, Purpose::Metadata)) {
            at = at.min(self.metadata.update_at().max(reachable_at));
        }
        at = at.min(self.membership_wake_at(now, reachable_at));
        for (partition, assigned) in &self.subs.partitions {
            at = at.min(later(assigned.retry_at, now));
            if let Some(node) = self.metadata.leader(*partition).leader {
                at = at.min(later(self.net.retry_at(node), now));
            }
            if let Some((node, _)) = assigned.preferred {
                at = at.min(later(self.net.retry_at(node), now));
            }
        }
        at = at.min(later(self.offsets_retry_at, now));
        at.min(later(self.answers.retry_at, now))
    }
}

/// `at` if that is still to come.
pub(super) fn later(at: Micros, now: Micros) -> Micros {
    if at > now { at } else { Micros::MAX }
}
