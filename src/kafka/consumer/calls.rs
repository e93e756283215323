//! Calls of the consumer's API that may block: each is gone on with whenever something happens.

use super::client::{Answers, KafkaConsumer};
use super::close::ClosePhase;
use super::fetcher::PolledPartition;
use super::network::Purpose;
use super::subscriptions::{Mode, Position};
use super::sync_commit::SyncCommit;
use crate::kafka::protocol::{ListOffsetsResponse, OffsetSpec};
use crate::kafka::{
    Answer, Call, ClientError, CommitHow, Entry, ErrorCode, Offset, Outbox, Rule, TopicId,
    TopicPartition,
};
use crate::sim::order::sort_by_number;
use crate::sim::{EntryId, MS, Micros};

/// A call under way.
#[derive(Clone, Debug)]
pub enum Doing {
    Poll {
        until: Micros,
    },
    Commit(SyncCommit),
    Committed {
        partitions: Vec<TopicPartition>,
        require_stable: bool,
        until: Micros,
    },
    EndOffsets {
        partitions: Vec<TopicPartition>,
        until: Micros,
    },
    Close {
        phase: ClosePhase,
        until: Micros,
    },
    /// Over at once.
    Nothing(Outcome),
}

/// What a call gave.
#[derive(Clone, Debug)]
pub enum Outcome {
    Returned(Answer),
    Polled(Vec<PolledPartition>),
    Thrown(ClientError),
}

impl Doing {
    /// When it wakes of its own accord.
    pub fn wake_at(&self) -> Micros {
        match self {
            Doing::Poll { until }
            | Doing::Committed { until, .. }
            | Doing::EndOffsets { until, .. } => *until,
            Doing::Commit(commit) => commit.wake_at(),
            Doing::Close { phase, until } => match phase {
                ClosePhase::Committing(commit) => commit.wake_at().min(*until),
                ClosePhase::Draining | ClosePhase::Leaving => *until,
            },
            Doing::Nothing(_) => 0,
        }
    }
}

impl KafkaConsumer {
    /// Begins a call.
    pub fn begin(&mut self, call: &Call, out: &mut Outbox) -> Doing {
        if self.closed && !matches!(call, Call::Close { .. }) {
            return thrown(ClientError::IllegalState);
        }
        let until = out.now() + self.config.default_api_timeout_ms * MS;
        match call {
            Call::Subscribe(topics) => self.subscribe(topics, out),
            Call::Unsubscribe => self.subscribe(&[], out),
            Call::Assign(partitions) => self.assign(partitions, out),
            Call::Seek(partition, offset) => return self.seek(*partition, *offset),
            Call::Poll { timeout_ms } => {
                let until = out.now() + timeout_ms * MS;
                self.in_poll = true;
                return Doing::Poll { until };
            }
            Call::CommitSync(offsets) => {
                return match self.sync_commit(CommitHow::Sync, offsets.as_deref(), until) {
                    Some(commit) => Doing::Commit(commit),
                    None => thrown(ClientError::IllegalState),
                };
            }
            Call::CommitAsync => {
                if self.group.is_none() {
                    return thrown(ClientError::IllegalState);
                }
                let offsets = self.subs.all_consumed();
                self.commit_async(CommitHow::Async, offsets, out);
            }
            Call::GroupMetadata => self.kept_metadata = self.group_metadata(),
            Call::Position => return returned(Answer::Offsets(self.positions())),
            Call::Committed(partitions) | Call::ListGroupOffsets(partitions) => {
                if self.group.is_none() {
                    return thrown(ClientError::IllegalState);
                }
                self.answers = Answers::default();
                return Doing::Committed {
                    partitions: partitions.clone(),
                    require_stable: matches!(call, Call::Committed(_)),
                    until,
                };
            }
            Call::EndOffsets(partitions) => {
                self.answers = Answers::default();
                let partitions = partitions.clone();
                return Doing::EndOffsets { partitions, until };
            }
            Call::Close { timeout_ms } => return self.close(*timeout_ms, out),
            // The producer's, or the script's own.
            Call::PartitionsFor(_)
            | Call::Send { .. }
            | Call::Flush
            | Call::InitTransactions
            | Call::BeginTransaction
            | Call::SendOffsets { .. }
            | Call::CommitTransaction
            | Call::AbortTransaction => {
                return thrown(ClientError::IllegalState);
            }
            Call::PollStart { .. } | Call::PollStop => {}
        }
        returned(Answer::Nothing)
    }

    /// Goes on with a call; `None` while it blocks.
    pub fn go_on(&mut self, doing: &mut Doing, out: &mut Outbox) -> Option<Outcome> {
        match doing {
            Doing::Nothing(outcome) => Some(outcome.clone()),
            Doing::Poll { until } => {
                let outcome = self.poll(*until, out)?;
                self.in_poll = false;
                let interval_us = self.config.max_poll_interval_ms * MS;
                self.member.heartbeat.poll_by = out.now() + interval_us;
                Some(outcome)
            }
            Doing::Commit(commit) => Some(match self.go_on_committing(commit, out)? {
                Ok(()) => Outcome::Returned(Answer::Nothing),
                Err(error) => Outcome::Thrown(error),
            }),
            Doing::Committed {
                partitions,
                require_stable,
                until,
            } => {
                let asked = partitions.clone();
                self.ask_for_call(&asked, *require_stable, out);
                self.answered_or_timed_out(asked.len(), *until, out.now())
            }
            Doing::EndOffsets { partitions, until } => {
                let asked = partitions.clone();
                self.ask_end_offsets(&asked, out);
                self.answered_or_timed_out(asked.len(), *until, out.now())
            }
            Doing::Close { phase, until } => self.go_on_closing(phase, *until, out),
        }
    }

    fn subscribe(&mut self, topics: &[TopicId], out: &mut Outbox) {
        let mut topics = topics.to_vec();
        sort_by_number(&mut topics, |topic| topic.0.into());
        topics.dedup();
        if topics.is_empty() {
            self.give_up_partitions(out);
            self.leave_group(out);
            self.subs.mode = Mode::Nothing;
            self.subs.assign(&[]);
        } else {
            let changed = self.subs.mode != Mode::Subscribed(topics.clone());
            self.member.rejoin_needed |= changed;
            if let Some(member) = &mut self.consumer_member {
                member.on_subscription();
            }
            self.subs.mode = Mode::Subscribed(topics);
        }
        self.drop_unassigned();
    }

    fn assign(&mut self, partitions: &[TopicPartition], out: &mut Outbox) {
        self.maybe_auto_commit(out);
        self.subs.mode = Mode::ByHand;
        self.subs.assign(partitions);
        self.drop_unassigned();
    }

    fn seek(&mut self, partition: TopicPartition, offset: Offset) -> Doing {
        let leader = self.metadata.leader(partition);
        let Some(assigned) = self.subs.partitions.get_mut(&partition) else {
            return thrown(ClientError::IllegalState);
        };
        assigned.seek_unvalidated(Position {
            offset,
            offset_epoch: None,
            leader,
        });
        returned(Answer::Nothing)
    }

    /// What is assigned now.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.subs.assignment()
    }

    /// `position()` of everything assigned; `None` where it is not known at once.
    pub fn positions(&self) -> Vec<(TopicPartition, Option<Offset>)> {
        let all = self.subs.partitions.iter();
        all.map(|(p, assigned)| (*p, assigned.valid_position().map(|v| v.offset)))
            .collect()
    }

    /// One turn of the loop in `poll()`.
    fn poll(&mut self, until: Micros, out: &mut Outbox) -> Option<Outcome> {
        let over = out.now() >= until;
        if let Some(error) = self.error.take() {
            return Some(Outcome::Thrown(error));
        }
        match self.coordinator_poll(out) {
            Turn::Blocked if !over => return None,
            Turn::Ready => self.update_positions(out),
            Turn::Blocked | Turn::Joining => {}
        }
        if let Some(error) = self.error.take() {
            return Some(Outcome::Thrown(error));
        }
        match self.collect() {
            Err(error) => return Some(Outcome::Thrown(error)),
            Ok(polled) if !polled.is_empty() => {
                self.fetched.take_advanced();
                if !self.rules.keep(Rule::AutoCommitLags) {
                    self.maybe_auto_commit(out);
                }
                // The next fetch travels while the application works.
                self.send_fetches(out);
                return Some(Outcome::Polled(polled));
            }
            Ok(_) => self.send_fetches(out),
        }
        // Control records and aborted ones move the position all the same.
        if self.fetched.take_advanced() {
            return Some(Outcome::Polled(Vec::new()));
        }
        over.then(|| Outcome::Polled(Vec::new()))
    }

    /// `ConsumerCoordinator.poll`.
    fn coordinator_poll(&mut self, out: &mut Outbox) -> Turn {
        if self.group.is_none() {
            return Turn::Ready;
        }
        self.run_commit_callbacks(out);
        if self.is_consumer_member() {
            self.poll_member(out);
            return Turn::Ready;
        }
        if self.subs.is_by_group() {
            let interval_us = self.config.max_poll_interval_ms * MS;
            self.member.heartbeat.poll_by = out.now() + interval_us;
            if self.coordinator_ready(out).is_none() {
                return Turn::Blocked;
            }
            if !self.ensure_active_group(out) {
                return Turn::Joining;
            }
        }
        if self.rules.keep(Rule::AutoCommitLags) {
            self.maybe_auto_commit(out);
        }
        Turn::Ready
    }

    /// Notes what a poll gave. Returns the entries, by partition.
    pub fn note_polled(&mut self, polled: &[PolledPartition], out: &mut Outbox) -> Vec<EntryId> {
        let note = |part: &PolledPartition| {
            let entry = Entry::Polled {
                partition: part.partition,
                records: part.records.clone(),
                position: part.position,
            };
            out.note_because(entry, part.cause)
        };
        let noted: Vec<EntryId> = polled.iter().map(note).collect();
        self.last_polled = noted.last().copied().unwrap_or(self.last_polled);
        noted
    }

    fn ask_for_call(
        &mut self,
        partitions: &[TopicPartition],
        require_stable: bool,
        out: &mut Outbox,
    ) {
        let is_ours = |p: &Purpose| matches!(p, Purpose::OffsetFetch { for_call: true });
        let under_way = self.net.any(|r| is_ours(&r.purpose));
        let answered = !self.answers.offsets.is_empty();
        if !under_way && !answered && out.now() >= self.answers.retry_at {
            let asked = partitions.to_vec();
            self.fetch_committed(asked, true, require_stable, out);
        }
    }

    fn ask_end_offsets(&mut self, partitions: &[TopicPartition], out: &mut Outbox) {
        if out.now() < self.answers.retry_at {
            return;
        }
        for partition in partitions {
            let under_way = self.net.any(|r| match r.purpose {
                Purpose::EndOffset(asked) => asked == *partition,
                _ => false,
            });
            let answered = self.answers.offsets.iter().any(|(p, _)| p == partition);
            if under_way || answered {
                continue;
            }
            let purpose = Purpose::EndOffset(*partition);
            if !self.list_offsets(*partition, OffsetSpec::Latest, purpose, out) {
                self.answers.retry_at = out.now() + self.config.retry_backoff_ms * MS;
            }
        }
    }

    pub(super) fn on_end_offset(&mut self, response: &ListOffsetsResponse, out: &Outbox) {
        if response.error == ErrorCode::None {
            self.answers
                .offsets
                .push((response.partition, response.offset));
        } else {
            self.metadata.want_update();
            self.answers.retry_at = out.now() + self.config.retry_backoff_ms * MS;
        }
    }

    fn answered_or_timed_out(
        &mut self,
        wanted: usize,
        until: Micros,
        now: Micros,
    ) -> Option<Outcome> {
        if self.answers.offsets.len() >= wanted {
            let mut offsets = std::mem::take(&mut self.answers.offsets);
            offsets.sort();
            return Some(Outcome::Returned(Answer::Offsets(offsets)));
        }
        (now >= until).then_some(Outcome::Thrown(ClientError::Timeout))
    }
}

/// How far a poll got with its coordinator.
enum Turn {
    Ready,
    /// The coordinator is unknown: poll waits for it before anything else.
    Blocked,
    /// The member is not in yet; what is already assigned can be read.
    Joining,
}

fn thrown(error: ClientError) -> Doing {
    Doing::Nothing(Outcome::Thrown(error))
}

fn returned(answer: Answer) -> Doing {
    Doing::Nothing(Outcome::Returned(answer))
}
