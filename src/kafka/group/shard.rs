//! One partition of `__consumer_offsets` and the groups in it (`CoordinatorRuntime`'s shard).
//!
//! What changes a group is appended and counts at once; whoever asked for it, and whoever asks
//! about it afterwards, is answered when the high watermark has passed it. A client that waits
//! longer than offsets.commit.timeout.ms hears of a failure; the write may still take effect.

use super::Replies;
use crate::sim::order::Map;
use std::rc::Rc;

use super::classic::{ClassicGroup, Waiting};
use super::consumer::ConsumerGroup;
use super::coordinator::{refusal, respond};
use super::offsets::Offsets;
use super::protocol::{GroupRequest, GroupResponse};
use super::writes::{Then, Writes};
use super::{GroupTimer, OffsetsLog};
use crate::kafka::config::BrokerConfig;
use crate::kafka::record::{LogEntry, OffsetCommitRecord, Records};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{ErrorCode, GroupId, Offset, Outbox, Rules, TopicPartition};
use crate::sim::{Conn, MS, Micros};

/// The groups of one partition of `__consumer_offsets`, while this broker leads it.
#[derive(Clone)]
pub struct Shard {
    pub(super) partition: TopicPartition,
    pub(super) config: Rc<BrokerConfig>,
    pub(super) rules: Rules,
    pub(super) groups: Map<GroupId, ClassicGroup>,
    pub(super) consumers: Map<GroupId, ConsumerGroup>,
    /// What groups have committed, appended or below the high watermark.
    pub(super) offsets: Offsets,
    writes: Writes,
    /// Members this broker has named.
    named: u16,
}

impl Shard {
    /// Loads a shard from the log of `partition`, all of it (`CoordinatorLoaderImpl`).
    pub(super) fn load(
        partition: TopicPartition,
        config: Rc<BrokerConfig>,
        rules: Rules,
        log: &impl OffsetsLog,
        out: &mut Replies,
    ) -> Self {
        let mut shard = Shard {
            partition,
            config,
            rules,
            groups: Map::new(),
            consumers: Map::new(),
            offsets: Offsets::default(),
            writes: Writes::default(),
            named: 0,
        };
        let high_watermark = log.high_watermark(partition);
        for entry in log.entries(partition) {
            shard.replay(&entry, high_watermark, out);
        }
        for group in shard.groups.values_mut() {
            group.begin_sessions(out);
        }
        for group in shard.consumers.values_mut() {
            group.begin_sessions(&shard.config, out);
        }
        shard.look_for_expired_later(out);
        shard
    }

    fn replay(&mut self, entry: &LogEntry, high_watermark: Offset, out: &Outbox) {
        match entry.batch.kept() {
            Records::Data(_) | Records::Transaction(_) | Records::Cleaned(_) => {}
            Records::Marker(marker) => {
                let producer_id = entry.batch.producer.map_or(0, |stamp| stamp.producer_id);
                let at = entry.batch.max_timestamp;
                let commits = self.offsets.end_transaction(producer_id, marker.commit, at);
                self.replayed(commits, entry.next_offset(), high_watermark);
            }
            Records::Group(written) => {
                let group = ClassicGroup::loaded(written, entry.batch.max_timestamp, out.now());
                let named = written.members.iter().map(|m| m.member.nth).max();
                self.named = self.named.max(named.unwrap_or(0));
                self.consumers.remove(&written.group);
                self.groups.insert(written.group, group);
            }
            Records::ConsumerGroup(written) => self.replay_consumer(written),
            Records::Offsets(commits) => {
                if let Some(producer) = entry.batch.transactional() {
                    return self.offsets.pend(producer.producer_id, commits);
                }
                self.offsets.replay(commits, entry.batch.max_timestamp);
                self.replayed(commits.clone(), entry.next_offset(), high_watermark);
            }
        }
    }

    fn replayed(&mut self, commits: Box<[OffsetCommitRecord]>, end: Offset, seen: Offset) {
        match end <= seen {
            true => self.offsets.settle(&commits),
            false => self.writes.push_loaded(end, commits),
        }
    }

    /// The end of a transaction is in the log.
    pub(super) fn transaction_ended(
        &mut self,
        producer_id: u64,
        commit: bool,
        until: Offset,
        out: &mut Replies,
    ) {
        let commits = self.offsets.end_transaction(producer_id, commit, out.now());
        self.wait(until, commits, Then::Nothing, out);
    }

    pub(super) fn on_request(
        &mut self,
        conn: Conn,
        correlation: u32,
        request: &GroupRequest,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let from = Waiting { conn, correlation };
        match request {
            GroupRequest::OffsetCommit(commit) => {
                if let Err(error) = self.commit(commit, None, from, log, out) {
                    from.answer(GroupResponse::OffsetCommit(error), out);
                }
            }
            GroupRequest::TxnOffsetCommit(part) => {
                let producer = Some(part.producer);
                if let Err(error) = self.commit(&part.commit, producer, from, log, out) {
                    from.answer(GroupResponse::OffsetCommit(error), out);
                }
            }
            GroupRequest::ConsumerGroupHeartbeat(heartbeat) => {
                self.consumer_heartbeat(heartbeat, from, log, out);
            }
            GroupRequest::OffsetFetch(fetch) => {
                let offsets = self.fetch(fetch);
                match fetch.require_stable {
                    true => self.answer_in_turn(from, offsets, out),
                    false => from.answer(offsets, out),
                }
            }
            GroupRequest::JoinGroup(join) => self.join(join, from, out),
            GroupRequest::SyncGroup(_)
            | GroupRequest::Heartbeat(_)
            | GroupRequest::LeaveGroup { .. } => self.member_request(request, from, out),
            GroupRequest::FindCoordinator { .. } => {}
        }
        self.write_generations(log, out);
    }

    pub(super) fn on_timer(
        &mut self,
        timer: GroupTimer,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let delay_ms = self.config.group_initial_rebalance_delay_ms;
        match timer {
            GroupTimer::Writes { .. } => self.give_up_writes(out),
            GroupTimer::Expiry { .. } => self.expire_offsets(log, out),
            GroupTimer::Load { .. } => {}
            GroupTimer::Session { group, member } => match self.groups.get_mut(&group) {
                Some(group) => group.session_rang(member, out),
                None => self.consumer_session_rang(group, member, log, out),
            },
            GroupTimer::Revocation { group, member } => {
                self.revocation_rang(group, member, log, out);
            }
            GroupTimer::Join { group, round } => {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.join_rang(round, delay_ms, out);
                }
            }
            GroupTimer::Sync { group, round } => {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.sync_rang(round, out);
                }
            }
        }
        self.write_generations(log, out);
    }

    /// Appends records; `then` comes with the high watermark.
    pub(super) fn write(
        &mut self,
        records: Records,
        then: Then,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let commits = match &records {
            Records::Offsets(commits) => commits.clone(),
            _ => Box::default(),
        };
        let until = log.append(self.partition, records, None, out)?;
        self.offsets.replay(&commits, out.now());
        self.wait(until, commits, then, out);
        // With a single replica the append itself moves the high watermark.
        self.on_high_watermark(log.high_watermark(self.partition), out);
        Ok(())
    }

    /// Appends offsets that count once their transaction is committed.
    pub(super) fn write_in_transaction(
        &mut self,
        commits: Box<[OffsetCommitRecord]>,
        producer: ProducerIdAndEpoch,
        then: Then,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let records = Records::Offsets(commits.clone());
        let until = log.append(self.partition, records, Some(producer), out)?;
        self.offsets.pend(producer.0, &commits);
        self.wait(until, Box::default(), then, out);
        self.on_high_watermark(log.high_watermark(self.partition), out);
        Ok(())
    }

    /// Answers once everything written so far is below the high watermark: nobody is told what
    /// may yet be lost.
    pub(super) fn answer_in_turn(&mut self, to: Waiting, answer: GroupResponse, out: &mut Replies) {
        match self.writes.last() {
            Some(until) => self.wait(until, Box::default(), Then::Answer(to, answer), out),
            None => to.answer(answer, out),
        }
    }

    fn wait(
        &mut self,
        until: Offset,
        commits: Box<[OffsetCommitRecord]>,
        then: Then,
        out: &mut Replies,
    ) {
        let timeout_us = self.config.offsets_commit_timeout_ms * MS;
        let deadline = out.now() + timeout_us;
        self.writes.push(until, deadline, commits, then);
        if !self.writes.timer_set {
            self.writes.timer_set = true;
            self.writes_timer_in(timeout_us, out);
        }
    }

    pub(super) fn on_high_watermark(&mut self, offset: Offset, out: &mut Replies) {
        while let Some((commits, then)) = self.writes.passed(offset) {
            self.offsets.settle(&commits);
            match then {
                Then::Nothing => {}
                Then::Answer(to, answer) => to.answer(answer, out),
                Then::Generation(group, generation) => {
                    if let Some(group) = self.groups.get_mut(&group) {
                        group.generation_written(generation, out);
                    }
                }
            }
        }
    }

    /// Tells those who have waited for offsets.commit.timeout.ms that they did so in vain.
    fn give_up_writes(&mut self, out: &mut Replies) {
        let (given_up, next) = self.writes.overdue(out.now());
        for then in given_up {
            self.failed(then, ErrorCode::CoordinatorNotAvailable, out);
        }
        self.writes.timer_set = next.is_some();
        if let Some(at) = next {
            self.writes_timer_in(at - out.now(), out);
        }
    }

    fn failed(&mut self, then: Then, error: ErrorCode, out: &mut Replies) {
        match then {
            Then::Nothing => {}
            Then::Answer(to, answer) => to.answer(answer.failed(error), out),
            Then::Generation(group, generation) => {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.generation_failed(generation, error, out);
                }
            }
        }
    }

    fn writes_timer_in(&self, delay_us: Micros, out: &mut Replies) {
        let timer = GroupTimer::Writes {
            partition: self.partition.partition,
        };
        super::set_timer(delay_us, timer, out);
    }

    /// Writes what rebalances have left to write.
    fn write_generations(&mut self, log: &mut impl OffsetsLog, out: &mut Replies) {
        let waiting = self.groups.values_mut().filter_map(|g| g.to_write.take());
        for metadata in waiting.collect::<Vec<_>>() {
            let (group, generation) = (metadata.group, metadata.generation);
            let then = Then::Generation(group, generation);
            let written = self.write(Records::Group(Rc::new(metadata)), then, log, out);
            if let Err(error) = written
                && let Some(group) = self.groups.get_mut(&group)
            {
                group.generation_failed(generation, error, out);
            }
        }
    }

    /// Sends everyone who waits to the new coordinator.
    pub(super) fn resign(mut self, out: &mut Replies) {
        for then in std::mem::take(&mut self.writes).into_all() {
            if let Then::Answer(to, answer) = then {
                to.answer(answer.failed(ErrorCode::NotCoordinator), out);
            }
        }
        for group in self.groups.values_mut() {
            group.send_away(ErrorCode::NotCoordinator, out);
        }
    }

    /// The name of the next member.
    pub(super) fn next_name(&mut self) -> u16 {
        self.named = self.named.wrapping_add(1);
        self.named
    }

    /// A group of the consumer protocol, for those who look on.
    pub fn consumer_group(&self, group: GroupId) -> Option<&ConsumerGroup> {
        self.consumers.get(&group)
    }

    /// A group, for those who look on.
    pub fn group(&self, group: GroupId) -> Option<&ClassicGroup> {
        self.groups.get(&group)
    }
}

impl Waiting {
    pub(super) fn answer(self, response: GroupResponse, out: &mut Replies) {
        respond(self.conn, self.correlation, response, out);
    }

    pub(super) fn refuse(self, request: &GroupRequest, error: ErrorCode, out: &mut Replies) {
        self.answer(refusal(request, error), out);
    }
}
