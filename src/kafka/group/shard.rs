//! One partition of `__consumer_offsets` and the groups in it (`CoordinatorRuntime`'s shard).
//!
//! What changes a group is appended first and takes effect for readers once the high watermark
//! has passed it; the client is answered then. A write that takes longer than
//! offsets.commit.timeout.ms fails for its client, and may still take effect.

use crate::sim::order::Map;
use std::collections::VecDeque;
use std::rc::Rc;

use super::classic::{ClassicGroup, Waiting};
use super::coordinator::{refusal, respond};
use super::protocol::{GroupRequest, GroupResponse, OffsetAndEpoch};
use super::{GroupTimer, OffsetsLog};
use crate::kafka::config::BrokerConfig;
use crate::kafka::record::Records;
use crate::kafka::{ErrorCode, GroupId, Offset, Outbox, TopicPartition};
use crate::sim::{Conn, MS, Micros};

/// The groups of one partition of `__consumer_offsets`, while this broker leads it.
#[derive(Clone)]
pub struct Shard {
    pub(super) partition: TopicPartition,
    pub(super) config: Rc<BrokerConfig>,
    pub(super) groups: Map<GroupId, ClassicGroup>,
    /// Committed and below the high watermark.
    pub(super) offsets: Map<(GroupId, TopicPartition), OffsetAndEpoch>,
    /// Appended, not yet below the high watermark, in log order.
    writes: VecDeque<Write>,
    writes_timer: bool,
    /// Members this broker has named.
    named: u16,
}

/// An append that the high watermark has not passed.
#[derive(Clone)]
struct Write {
    /// Where the high watermark must get to.
    until: Offset,
    deadline: Micros,
    effect: Effect,
    /// Who is told; nobody any more after the deadline.
    reply: Option<Waiting>,
}

/// What a write changes.
#[derive(Clone)]
pub(super) enum Effect {
    Offsets(GroupId, Vec<(TopicPartition, OffsetAndEpoch)>),
    Generation(GroupId, u32),
}

impl Shard {
    /// Loads a shard from the log of `partition`. What lies beyond the high watermark counts for
    /// groups at once, and for readers of offsets when the high watermark has passed it.
    pub(super) fn load(
        partition: TopicPartition,
        config: Rc<BrokerConfig>,
        log: &impl OffsetsLog,
        out: &mut Outbox,
    ) -> Self {
        let mut shard = Shard {
            partition,
            config,
            groups: Map::new(),
            offsets: Map::new(),
            writes: VecDeque::new(),
            writes_timer: false,
            named: 0,
        };
        let high_watermark = log.high_watermark(partition);
        for entry in log.entries(partition) {
            shard.load_batch(
                &entry.batch.records,
                entry.next_offset(),
                high_watermark,
                out,
            );
        }
        for group in shard.groups.values_mut() {
            group.begin_sessions(out);
        }
        shard
    }

    fn load_batch(&mut self, records: &Records, end: Offset, seen: Offset, out: &Outbox) {
        match records {
            Records::Data(_) => {}
            Records::Group(written) => {
                let group = ClassicGroup::loaded(written, out.now());
                let named = written.members.iter().map(|m| m.member.nth).max();
                self.named = self.named.max(named.unwrap_or(0));
                self.groups.insert(written.group, group);
            }
            Records::Offsets(commits) => {
                for commit in commits {
                    let (offset, leader_epoch) = (commit.offset, commit.leader_epoch);
                    let value = OffsetAndEpoch {
                        offset,
                        leader_epoch,
                    };
                    let effect = Effect::Offsets(commit.group, vec![(commit.partition, value)]);
                    match end <= seen {
                        true => self.take_effect(effect),
                        false => self.writes.push_back(Write {
                            until: end,
                            deadline: Micros::MAX,
                            effect,
                            reply: None,
                        }),
                    }
                }
            }
        }
    }

    pub(super) fn on_request(
        &mut self,
        conn: Conn,
        correlation: u32,
        request: &GroupRequest,
        log: &mut impl OffsetsLog,
        out: &mut Outbox,
    ) {
        let from = Waiting { conn, correlation };
        match request {
            GroupRequest::OffsetCommit(commit) => {
                if let Err(error) = self.commit(commit, from, log, out) {
                    from.answer(GroupResponse::OffsetCommit(error), out);
                }
            }
            GroupRequest::OffsetFetch(fetch) => from.answer(self.fetch(fetch), out),
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
        out: &mut Outbox,
    ) {
        let delay_ms = self.config.group_initial_rebalance_delay_ms;
        match timer {
            GroupTimer::Writes { .. } => self.give_up_writes(out),
            GroupTimer::Session { group, member } => {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.session_rang(member, out);
                }
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

    /// Appends a record; its effect comes with the high watermark.
    pub(super) fn write(
        &mut self,
        records: Records,
        effect: Effect,
        reply: Option<Waiting>,
        log: &mut impl OffsetsLog,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let until = log.append(self.partition, records, out)?;
        let timeout_us = self.config.offsets_commit_timeout_ms * MS;
        self.writes.push_back(Write {
            until,
            deadline: out.now() + timeout_us,
            effect,
            reply,
        });
        // With a single replica the append itself moves the high watermark.
        self.on_high_watermark(log.high_watermark(self.partition), out);
        if !self.writes.is_empty() && !self.writes_timer {
            self.writes_timer = true;
            self.writes_timer_in(timeout_us, out);
        }
        Ok(())
    }

    pub(super) fn on_high_watermark(&mut self, offset: Offset, out: &mut Outbox) {
        while self
            .writes
            .front()
            .is_some_and(|write| write.until <= offset)
        {
            let Some(write) = self.writes.pop_front() else {
                return;
            };
            let generation = match write.effect {
                Effect::Generation(group, generation) => Some((group, generation)),
                Effect::Offsets(..) => None,
            };
            self.take_effect(write.effect);
            if let Some(reply) = write.reply {
                reply.answer(GroupResponse::OffsetCommit(ErrorCode::None), out);
            }
            if let Some((group, generation)) = generation
                && let Some(group) = self.groups.get_mut(&group)
            {
                group.generation_written(generation, out);
            }
        }
    }

    fn take_effect(&mut self, effect: Effect) {
        if let Effect::Offsets(group, offsets) = effect {
            for (partition, value) in offsets {
                self.offsets.insert((group, partition), value);
            }
        }
    }

    /// Tells those who have waited for offsets.commit.timeout.ms that they did so in vain.
    fn give_up_writes(&mut self, out: &mut Outbox) {
        self.writes_timer = false;
        let now = out.now();
        let mut failed = Vec::new();
        let mut next = Micros::MAX;
        for write in &mut self.writes {
            if write.deadline > now {
                next = next.min(write.deadline);
                continue;
            }
            write.deadline = Micros::MAX;
            if let Some(reply) = write.reply.take() {
                let error = ErrorCode::CoordinatorNotAvailable;
                reply.answer(GroupResponse::OffsetCommit(error), out);
            }
            if let Effect::Generation(group, generation) = write.effect {
                failed.push((group, generation));
            }
        }
        for (group, generation) in failed {
            if let Some(group) = self.groups.get_mut(&group) {
                group.generation_failed(generation, ErrorCode::CoordinatorNotAvailable, out);
            }
        }
        if next < Micros::MAX {
            self.writes_timer = true;
            self.writes_timer_in(next - now, out);
        }
    }

    fn writes_timer_in(&self, delay_us: Micros, out: &mut Outbox) {
        let timer = GroupTimer::Writes {
            partition: self.partition.partition,
        };
        super::set_timer(delay_us, timer, out);
    }

    /// Writes what rebalances have left to write.
    fn write_generations(&mut self, log: &mut impl OffsetsLog, out: &mut Outbox) {
        let waiting = self.groups.values_mut().filter_map(|g| g.to_write.take());
        for metadata in waiting.collect::<Vec<_>>() {
            let (group, generation) = (metadata.group, metadata.generation);
            let effect = Effect::Generation(group, generation);
            let written = self.write(Records::Group(Rc::new(metadata)), effect, None, log, out);
            if let Err(error) = written
                && let Some(group) = self.groups.get_mut(&group)
            {
                group.generation_failed(generation, error, out);
            }
        }
    }

    /// Sends everyone who waits to the new coordinator.
    pub(super) fn resign(mut self, out: &mut Outbox) {
        for reply in self.writes.iter_mut().filter_map(|w| w.reply.take()) {
            reply.answer(GroupResponse::OffsetCommit(ErrorCode::NotCoordinator), out);
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

    /// A group, for those who look on.
    pub fn group(&self, group: GroupId) -> Option<&ClassicGroup> {
        self.groups.get(&group)
    }
}

impl Waiting {
    pub(super) fn answer(self, response: GroupResponse, out: &mut Outbox) {
        respond(self.conn, self.correlation, response, out);
    }

    pub(super) fn refuse(self, request: &GroupRequest, error: ErrorCode, out: &mut Outbox) {
        self.answer(refusal(request, error), out);
    }
}
