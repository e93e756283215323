//! Where to read: committed offsets, resets, and validation after a change of leader
//! (`OffsetFetcher`, KIP-320).

use std::rc::Rc;

use super::client::KafkaConsumer;
use super::network::Purpose;
use super::subscriptions::{FetchState, Position};
use crate::kafka::config::{IsolationLevel, OffsetReset};
use crate::kafka::group::protocol::{GroupRequest, OffsetAndEpoch, OffsetFetchRequest};
use crate::kafka::protocol::{
    Isolation, ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse, OffsetSpec, Request, channel,
};
use crate::kafka::{ClientError, Entry, ErrorCode, Outbox, TopicPartition};
use crate::sim::{MS, Micros, NodeId};

impl KafkaConsumer {
    /// `updateFetchPositions`: one turn; what it asks for comes later.
    pub(super) fn update_positions(&mut self, out: &mut Outbox) {
        if self.validated_version != self.metadata.version {
            self.validated_version = self.metadata.version;
            self.subs.validate_under(&self.metadata);
        }
        if self.subs.has_all_positions() {
            return;
        }
        self.ask_validation(out);
        self.ask_committed(out);
        self.ask_resets(out);
    }

    /// Asks for the committed offsets of partitions without a position. Without a group they are
    /// reset at once.
    fn ask_committed(&mut self, out: &mut Outbox) {
        let waiting: Vec<_> = self.subs.in_state(FetchState::Initializing).collect();
        if waiting.is_empty() {
            return;
        }
        if self.group.is_none() {
            return self.without_committed(&waiting);
        }
        let is_ours = |p: &Purpose| matches!(p, Purpose::OffsetFetch { for_call: false });
        let under_way = self.net.any(|r| is_ours(&r.purpose));
        if !under_way && out.now() >= self.offsets_retry_at {
            self.fetch_committed(waiting, false, true, out);
        }
    }

    /// Sends OffsetFetch, if the coordinator is known.
    pub(super) fn fetch_committed(
        &mut self,
        partitions: Vec<TopicPartition>,
        for_call: bool,
        require_stable: bool,
        out: &mut Outbox,
    ) {
        if let (Some(node), Some(group)) = (self.coordinator_ready(out), self.group) {
            let request = GroupRequest::OffsetFetch(OffsetFetchRequest {
                group,
                partitions,
                require_stable,
                member: self
                    .consumer_member
                    .as_ref()
                    .and_then(|m| m.epoch_in_requests()),
            });
            let purpose = Purpose::OffsetFetch { for_call };
            self.send_to_coordinator(node, request, purpose, out);
        }
    }

    pub(super) fn on_committed_offsets(
        &mut self,
        for_call: bool,
        error: ErrorCode,
        offsets: &[(TopicPartition, Option<OffsetAndEpoch>)],
        node: NodeId,
        out: &mut Outbox,
    ) {
        if error != ErrorCode::None {
            let moved = matches!(
                error,
                ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable
            );
            if moved && self.member.coordinator == Some(node) {
                self.lose_coordinator(out);
            }
            if error == ErrorCode::UnknownMemberId && !for_call {
                // It is fenced, and may not know yet.
                self.error = Some(ClientError::Broker(error));
            }
            let retry_at = out.now() + self.config.retry_backoff_ms * MS;
            match for_call {
                true => self.answers.retry_at = retry_at,
                false => self.offsets_retry_at = retry_at,
            }
            return;
        }
        self.coordinator_answered();
        if for_call {
            let answer = offsets
                .iter()
                .map(|(p, value)| (*p, value.map(|v| v.offset)));
            self.answers.offsets = answer.collect();
            return;
        }
        let mut without = Vec::new();
        for (partition, value) in offsets {
            let leader = self.metadata.leader(*partition);
            match (self.subs.partitions.get_mut(partition), value) {
                (Some(assigned), Some(value)) if assigned.state == FetchState::Initializing => {
                    assigned.seek_unvalidated(Position {
                        offset: value.offset,
                        offset_epoch: value.leader_epoch,
                        leader,
                    });
                    self.commits.committed.insert(*partition, value.offset);
                }
                (Some(assigned), None) if assigned.state == FetchState::Initializing => {
                    without.push(*partition);
                }
                _ => {}
            }
        }
        self.without_committed(&without);
    }

    /// Nothing is committed: auto.offset.reset decides, or the poll throws.
    fn without_committed(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if self.config.auto_offset_reset == OffsetReset::None {
                self.error = Some(ClientError::NoOffsetForPartition);
            } else if let Some(assigned) = self.subs.partitions.get_mut(partition) {
                assigned.await_reset();
            }
        }
    }

    /// What auto.offset.reset looks for now; `None` if it is `none`.
    fn reset_spec(&self, now: Micros) -> Option<OffsetSpec> {
        match self.config.auto_offset_reset {
            OffsetReset::Earliest => Some(OffsetSpec::Earliest),
            OffsetReset::Latest => Some(OffsetSpec::Latest),
            OffsetReset::ByDuration(ms) => {
                let at = now.saturating_sub(ms.saturating_mul(MS));
                Some(OffsetSpec::At(at))
            }
            OffsetReset::None => None,
        }
    }

    fn ask_resets(&mut self, out: &mut Outbox) {
        let now = out.now();
        let Some(spec) = self.reset_spec(now) else {
            return;
        };
        for partition in self.due(FetchState::AwaitReset, now) {
            if self.list_offsets(partition, spec, Purpose::Reset(partition, spec), out) {
                let timeout_us = self.config.request_timeout_ms * MS;
                self.try_again_at(partition, now + timeout_us);
            } else {
                self.try_again_at(partition, now + self.config.retry_backoff_ms * MS);
            }
        }
    }

    fn due(&self, state: FetchState, now: Micros) -> Vec<TopicPartition> {
        let waiting = self.subs.in_state(state);
        waiting
            .filter(|p| self.subs.partitions[p].retry_at <= now)
            .collect()
    }

    /// Sends ListOffsets to the leader; false if there is none that can be reached.
    pub(super) fn list_offsets(
        &mut self,
        partition: TopicPartition,
        spec: OffsetSpec,
        purpose: Purpose,
        out: &mut Outbox,
    ) -> bool {
        let leader = self.metadata.leader(partition);
        let reachable = leader
            .leader
            .filter(|node| self.net.is_available(*node, out.now()));
        let Some(node) = reachable else {
            self.metadata.want_update();
            return false;
        };
        let request = ListOffsetsRequest {
            partition,
            spec,
            isolation: self.isolation(),
            current_leader_epoch: leader.epoch,
        };
        let request = Request::ListOffsets(Rc::new(request));
        self.send(node, channel::DATA, request, purpose, out);
        true
    }

    pub(super) fn isolation(&self) -> Isolation {
        match self.config.isolation_level {
            IsolationLevel::ReadUncommitted => Isolation::HighWatermark,
            IsolationLevel::ReadCommitted => Isolation::LastStableOffset,
        }
    }

    pub(super) fn try_again_at(&mut self, partition: TopicPartition, at: Micros) {
        if let Some(assigned) = self.subs.partitions.get_mut(&partition) {
            assigned.retry_at = at;
        }
    }

    pub(super) fn on_reset(
        &mut self,
        spec: OffsetSpec,
        response: &ListOffsetsResponse,
        out: &mut Outbox,
    ) {
        let partition = response.partition;
        let leader = self.metadata.leader(partition);
        let retry_at = out.now() + self.config.retry_backoff_ms * MS;
        let Some(assigned) = self.subs.partitions.get_mut(&partition) else {
            return;
        };
        if assigned.state != FetchState::AwaitReset {
            return;
        }
        match (response.error, response.offset) {
            (ErrorCode::None, Some(to)) => {
                let from = assigned.position.map(|position| position.offset);
                assigned.seek_unvalidated(Position {
                    offset: to,
                    offset_epoch: response.leader_epoch,
                    leader,
                });
                out.note(Entry::PositionReset {
                    partition,
                    from,
                    to,
                });
            }
            (ErrorCode::None, None) if matches!(spec, OffsetSpec::At(_)) => {
                // No record is that young: by_duration then means the end (KIP-1106).
                let purpose = Purpose::Reset(partition, OffsetSpec::Latest);
                if !self.list_offsets(partition, OffsetSpec::Latest, purpose, out) {
                    self.try_again_at(partition, retry_at);
                }
            }
            _ => {
                assigned.retry_at = retry_at;
                self.metadata.want_update();
            }
        }
    }

    fn ask_validation(&mut self, out: &mut Outbox) {
        let now = out.now();
        for partition in self.due(FetchState::AwaitValidation, now) {
            let position = self.subs.partitions[&partition].position;
            let leader = self.metadata.leader(partition);
            let reachable = leader
                .leader
                .filter(|node| self.net.is_available(*node, now));
            let (Some(node), Some(position)) = (reachable, position) else {
                self.metadata.want_update();
                self.try_again_at(partition, now + self.config.retry_backoff_ms * MS);
                continue;
            };
            let request = Request::OffsetForLeaderEpoch(Rc::new(OffsetForLeaderEpochRequest {
                partition,
                current_leader_epoch: position.leader.epoch,
                leader_epoch: position.offset_epoch.unwrap_or(0),
            }));
            let purpose = Purpose::Validate(partition, position);
            self.send(node, channel::DATA, request, purpose, out);
            let timeout_us = self.config.request_timeout_ms * MS;
            self.try_again_at(partition, now + timeout_us);
        }
    }

    /// `maybeCompleteValidation`: the leader's log holds what was read, or it ends before: then
    /// the consumer goes back to the point of divergence, silently where a reset policy exists.
    pub(super) fn on_validated(
        &mut self,
        asked: Position,
        response: &OffsetForLeaderEpochResponse,
        out: &mut Outbox,
    ) {
        let partition = response.partition;
        let retry_at = out.now() + self.config.retry_backoff_ms * MS;
        let resets = self.config.auto_offset_reset != OffsetReset::None;
        let Some(assigned) = self.subs.partitions.get_mut(&partition) else {
            return;
        };
        let stale = assigned.position != Some(asked);
        if stale || assigned.state != FetchState::AwaitValidation {
            return;
        }
        if response.error != ErrorCode::None {
            assigned.retry_at = retry_at;
            self.metadata.want_update();
            return;
        }
        match response.end {
            Some((_, end)) if end >= asked.offset => assigned.seek_validated(asked),
            Some((epoch, to)) if resets => {
                assigned.seek_validated(Position {
                    offset: to,
                    offset_epoch: Some(epoch),
                    leader: asked.leader,
                });
                let from = Some(asked.offset);
                out.note(Entry::PositionReset {
                    partition,
                    from,
                    to,
                });
            }
            None if resets => assigned.await_reset(),
            _ => self.error = Some(ClientError::LogTruncation),
        }
    }
}
