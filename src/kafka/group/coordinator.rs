//! The coordinator of one broker: gives each request to the shard that its group belongs to.

use super::Replies;
use crate::sim::order::{Map, Set};
use std::rc::Rc;

use super::protocol::{
    ConsumerGroupHeartbeatResponse, GroupRequest, GroupResponse, JoinGroupResponse, OffsetAndEpoch,
};
use super::shard::Shard;
use super::{GroupTimer, OffsetsLog};
use crate::kafka::config::BrokerConfig;
use crate::kafka::protocol::Response;
use crate::kafka::spec::OFFSETS_TOPIC;
use crate::kafka::{ClusterSpec, ErrorCode, GroupId, Offset, Outbox, TopicPartition};
use crate::sim::{Conn, MS, Micros, NodeId};

/// The group coordinator of a broker process (`GroupCoordinatorService`). It dies with the process.
#[derive(Clone)]
pub struct Coordinator {
    spec: Rc<ClusterSpec>,
    config: Rc<BrokerConfig>,
    /// One for each partition of `__consumer_offsets` that this broker leads.
    shards: Map<TopicPartition, Shard>,
    /// Led, but still to be loaded.
    loading: Set<TopicPartition>,
}

/// Until a load begins, and for each record of it (`CoordinatorLoaderImpl`); measured figures differ
/// widely.
const LOAD_US: Micros = 10 * MS;
const LOAD_RECORD_US: Micros = 5;

impl Coordinator {
    /// A coordinator that leads nothing yet.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>) -> Self {
        Coordinator {
            spec: Rc::clone(spec),
            config: Rc::new(spec.broker(node).clone()),
            shards: Map::new(),
            loading: Set::new(),
        }
    }

    /// A request came; it is answered now or once the high watermark has passed what it wrote.
    pub fn on_request(
        &mut self,
        conn: Conn,
        correlation: u32,
        request: &GroupRequest,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let group = group_of(request);
        let partition = group_partition(&self.spec, group);
        if let GroupRequest::FindCoordinator { .. } = request {
            let response = found(partition.and_then(|partition| log.leader(partition)));
            return respond(conn, correlation, response, out);
        }
        let shard = partition.and_then(|partition| self.shards.get_mut(&partition));
        match shard {
            Some(shard) => shard.on_request(conn, correlation, request, log, out),
            None => {
                let loading = partition.is_some_and(|p| self.loading.contains(&p));
                let refused = refusal(request, self.why_not(request, loading));
                respond(conn, correlation, refused, out);
            }
        }
    }

    fn why_not(&self, request: &GroupRequest, loading: bool) -> ErrorCode {
        match request {
            _ if !loading => ErrorCode::NotCoordinator,
            // Whoever is in the group will be found there.
            GroupRequest::Heartbeat(_) => ErrorCode::None,
            _ => ErrorCode::CoordinatorLoadInProgress,
        }
    }

    /// A timer of this coordinator rang.
    pub fn on_timer(&mut self, timer: GroupTimer, log: &mut impl OffsetsLog, out: &mut Replies) {
        let partition = match timer {
            GroupTimer::Session { group, .. }
            | GroupTimer::Revocation { group, .. }
            | GroupTimer::Join { group, .. }
            | GroupTimer::Sync { group, .. } => group_partition(&self.spec, group),
            GroupTimer::Writes { partition }
            | GroupTimer::Load { partition }
            | GroupTimer::Expiry { partition } => {
                let topic = self.spec.topic_named(OFFSETS_TOPIC);
                topic.map(|topic| TopicPartition::new(topic, partition))
            }
        };
        if let (GroupTimer::Load { .. }, Some(partition)) = (timer, partition) {
            return self.load(partition, log, out);
        }
        let shard = partition.and_then(|partition| self.shards.get_mut(&partition));
        if let Some(shard) = shard {
            shard.on_timer(timer, log, out);
        }
    }

    /// This broker now leads `partition` of `__consumer_offsets`: loads what is in its log, which
    /// takes a moment unless there is nothing.
    pub fn became_leader(
        &mut self,
        partition: TopicPartition,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        self.loading.insert(partition);
        let records = log.records(partition);
        if records == 0 {
            return self.load(partition, log, out);
        }
        let delay_us = LOAD_US + records * LOAD_RECORD_US;
        let partition = partition.partition;
        super::set_timer(delay_us, GroupTimer::Load { partition }, out);
    }

    fn load(&mut self, partition: TopicPartition, log: &mut impl OffsetsLog, out: &mut Replies) {
        if self.loading.remove(&partition) {
            let config = Rc::clone(&self.config);
            let shard = Shard::load(partition, config, self.spec.rules, log, out);
            self.shards.insert(partition, shard);
        }
    }

    /// It leads it no more: whoever waits is sent to the new coordinator.
    pub fn resigned(&mut self, partition: TopicPartition, out: &mut Replies) {
        self.loading.remove(&partition);
        if let Some(shard) = self.shards.remove(&partition) {
            shard.resign(out);
        }
    }

    /// The high watermark of `partition` is now `offset`.
    pub fn on_high_watermark(
        &mut self,
        partition: TopicPartition,
        offset: Offset,
        out: &mut Replies,
    ) {
        if let Some(shard) = self.shards.get_mut(&partition) {
            shard.on_high_watermark(offset, out);
        }
    }

    /// A transaction ended in `partition`: the offsets that its producer committed count from the marker on, which
    /// ends at `until`, or never.
    pub fn transaction_ended(
        &mut self,
        partition: TopicPartition,
        producer_id: u64,
        commit: bool,
        until: Offset,
        out: &mut Replies,
    ) {
        if let Some(shard) = self.shards.get_mut(&partition) {
            shard.transaction_ended(producer_id, commit, until, out);
        }
    }

    /// The shard of `partition`, for those who look on.
    pub fn shard(&self, partition: TopicPartition) -> Option<&Shard> {
        self.shards.get(&partition)
    }

    /// What `group` has committed, as this coordinator knows it; `None` if it is another's.
    pub fn committed(&self, group: GroupId) -> Option<Vec<(TopicPartition, OffsetAndEpoch)>> {
        let partition = group_partition(&self.spec, group)?;
        Some(self.shards.get(&partition)?.committed(group))
    }
}

/// The partition of `__consumer_offsets` that holds `group`: Java's `hashCode` of its name, modulo
/// (`GroupCoordinatorService.partitionFor`). `None` in a cluster without that topic.
pub fn group_partition(spec: &ClusterSpec, group: GroupId) -> Option<TopicPartition> {
    let topic = spec.topic_named(OFFSETS_TOPIC)?;
    let partitions = spec.topic(topic).assignment.len() as u32;
    let name = spec.groups.get(usize::from(group.0))?;
    let partition = java_abs(java_hash(name)).checked_rem(partitions)?;
    Some(TopicPartition::new(topic, partition as u16))
}

/// `String.hashCode`.
pub(crate) fn java_hash(text: &str) -> i32 {
    let add = |hash: i32, unit: u16| hash.wrapping_mul(31).wrapping_add(i32::from(unit));
    text.encode_utf16().fold(0, add)
}

/// `Utils.abs`: 0 for `Integer.MIN_VALUE`.
pub(crate) fn java_abs(number: i32) -> u32 {
    number.checked_abs().unwrap_or(0) as u32
}

fn group_of(request: &GroupRequest) -> GroupId {
    match request {
        GroupRequest::FindCoordinator { group } | GroupRequest::LeaveGroup { group, .. } => *group,
        GroupRequest::JoinGroup(join) => join.group,
        GroupRequest::SyncGroup(sync) => sync.who.group,
        GroupRequest::Heartbeat(who) => who.group,
        GroupRequest::OffsetCommit(commit) => commit.group,
        GroupRequest::OffsetFetch(fetch) => fetch.group,
        GroupRequest::TxnOffsetCommit(commit) => commit.commit.group,
        GroupRequest::ConsumerGroupHeartbeat(heartbeat) => heartbeat.group,
    }
}

fn found(coordinator: Option<NodeId>) -> GroupResponse {
    let error = match coordinator {
        Some(_) => ErrorCode::None,
        None => ErrorCode::CoordinatorNotAvailable,
    };
    GroupResponse::FindCoordinator { error, coordinator }
}

/// The answer to `request` that says nothing but `error`.
pub(super) fn refusal(request: &GroupRequest, error: ErrorCode) -> GroupResponse {
    match request {
        GroupRequest::FindCoordinator { .. } => GroupResponse::FindCoordinator {
            error,
            coordinator: None,
        },
        GroupRequest::JoinGroup(join) => GroupResponse::JoinGroup(JoinGroupResponse {
            error,
            generation: 0,
            protocol: None,
            leader: None,
            member: join.member,
            members: Vec::new(),
            skip_assignment: false,
        }),
        GroupRequest::SyncGroup(_) => GroupResponse::SyncGroup {
            error,
            assignment: Vec::new(),
        },
        GroupRequest::Heartbeat(_) => GroupResponse::Heartbeat(error),
        GroupRequest::LeaveGroup { .. } => GroupResponse::LeaveGroup(error),
        GroupRequest::OffsetCommit(_) | GroupRequest::TxnOffsetCommit(_) => {
            GroupResponse::OffsetCommit(error)
        }
        GroupRequest::OffsetFetch(_) => GroupResponse::OffsetFetch {
            error,
            offsets: Vec::new(),
        },
        GroupRequest::ConsumerGroupHeartbeat(_) => {
            let nothing = ConsumerGroupHeartbeatResponse::left(0);
            GroupResponse::ConsumerGroupHeartbeat(nothing).failed(error)
        }
    }
}

/// Refuses offsets of a transaction in the coordinator's name.
pub fn refuse(conn: Conn, correlation: u32, error: ErrorCode, out: &mut Outbox) {
    respond(
        conn,
        correlation,
        GroupResponse::OffsetCommit(error),
        &mut Replies::new(out),
    );
}

pub(super) fn respond(conn: Conn, correlation: u32, response: GroupResponse, out: &mut Replies) {
    out.respond(conn, correlation, Response::Group(Rc::new(response)).into());
    out.answered.push((conn, correlation));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hash_as_in_java() {
        assert_eq!(java_hash("g"), 103);
        assert_eq!(java_hash("group"), 98_629_247);
        assert_eq!(java_hash("polygenelubricants"), i32::MIN);
        assert_eq!(java_abs(java_hash("polygenelubricants")), 0);
    }
}
