//! Committing offsets (`ConsumerCoordinator`).
//!
//! `commitSync` retries what can be retried until default.api.timeout.ms, `commitAsync` never
//! does. Auto-commit happens inside of `poll()`: it commits the positions that *earlier* polls
//! have brought, before new records are handed out; and before partitions are given up.

use crate::sim::order::Map;
use std::collections::VecDeque;
use std::rc::Rc;

use super::client::KafkaConsumer;
use super::membership::MemberState;
use super::network::Purpose;
use crate::kafka::group::protocol::{GroupRequest, OffsetAndEpoch, OffsetCommitRequest};
use crate::kafka::{ClientError, CommitHow, Entry, ErrorCode, Offset, Outbox, TopicPartition};
use crate::sim::{MS, Micros};

/// Offsets to commit.
pub type Offsets = Vec<(TopicPartition, OffsetAndEpoch)>;

/// Who waits for a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter {
    /// A blocking call.
    Call,
    /// A callback, or nobody (auto-commit).
    Callback,
    /// A join that must not begin before.
    Join,
}

/// A commit that was sent.
#[derive(Clone, Debug)]
pub struct CommitInFlight {
    pub waiter: Waiter,
    pub how: CommitHow,
    pub offsets: Offsets,
    /// The generation it was sent for.
    pub generation: Option<u32>,
}

/// Why a commit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitError {
    pub error: ClientError,
    pub retriable: bool,
}

/// How a commit ended.
pub type CommitResult = Result<(), CommitError>;

/// Commits under way.
#[derive(Clone, Debug)]
pub struct Commits {
    /// When auto-commit is due.
    pub next_auto_at: Micros,
    /// Asynchronous commits that wait for a coordinator.
    waiting: VecDeque<(CommitHow, Offsets)>,
    /// Callbacks to be called by the application's thread.
    callbacks: VecDeque<ClientError>,
    /// Asynchronous commits without an outcome.
    pub pending_async: u32,
    /// How the blocking call's last try ended.
    pub call_result: Option<CommitResult>,
    pub(super) join: JoinCommit,
    /// The commit before a reconciliation is not tried again before this.
    pub join_retry_at: Micros,
    /// What auto-commit has told last: it is not told twice.
    told: Vec<(TopicPartition, Option<Offset>)>,
    /// As far as this consumer knows.
    pub committed: Map<TopicPartition, Offset>,
}

/// The commit before a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinCommit {
    NotBegun,
    UnderWay,
    Done,
}

impl Commits {
    /// Nothing committed; auto-commit due at `next_auto_at`.
    pub fn new(next_auto_at: Micros) -> Self {
        Commits {
            next_auto_at,
            waiting: VecDeque::new(),
            callbacks: VecDeque::new(),
            pending_async: 0,
            call_result: None,
            join: JoinCommit::NotBegun,
            join_retry_at: 0,
            told: Vec::new(),
            committed: Map::new(),
        }
    }
}

impl KafkaConsumer {
    pub(super) fn auto_commits(&self) -> bool {
        self.config.enable_auto_commit && self.group.is_some()
    }

    /// Whether what was polled is committed before partitions go, and how: by auto-commit, or by the application's
    /// `onPartitionsRevoked`.
    pub(super) fn commits_before_revocation(&self) -> Option<CommitHow> {
        match self.auto_commits() {
            true => Some(CommitHow::Auto),
            false => self.listener_commits.then_some(CommitHow::Sync),
        }
    }

    pub(super) fn restart_auto_commit(&mut self, now: Micros) {
        self.commits.next_auto_at = now + self.config.auto_commit_interval_ms * MS;
    }

    /// `maybeAutoCommitOffsetsAsync`: due once auto.commit.interval.ms has passed.
    pub(super) fn maybe_auto_commit(&mut self, out: &mut Outbox) {
        if !self.auto_commits() {
            // Nothing will be due; poll need not wake for it.
            self.commits.next_auto_at = Micros::MAX;
        } else if out.now() >= self.commits.next_auto_at {
            self.restart_auto_commit(out.now());
            let offsets = self.subs.all_consumed();
            self.commit_async(CommitHow::Auto, offsets, out);
        }
    }

    /// Sends a commit now, or as soon as the coordinator is known. It is tried once.
    pub(super) fn commit_async(&mut self, how: CommitHow, offsets: Offsets, out: &mut Outbox) {
        if offsets.is_empty() {
            return;
        }
        self.commits.pending_async += 1;
        if self.coordinator_ready(out).is_none() {
            self.commits.waiting.push_back((how, offsets));
            return;
        }
        let sent = self.send_commit(Waiter::Callback, how, offsets, out);
        if let Err(error) = sent {
            self.async_failed(how, error, out);
        }
    }

    /// Asynchronous commits that waited for the coordinator.
    pub(super) fn send_waiting_commits(&mut self, out: &mut Outbox) {
        if self.commits.waiting.is_empty() || self.coordinator_ready(out).is_none() {
            return;
        }
        while let Some((how, offsets)) = self.commits.waiting.pop_front() {
            if let Err(error) = self.send_commit(Waiter::Callback, how, offsets, out) {
                self.async_failed(how, error, out);
            }
        }
    }

    /// `groupMetadata()`: a commit of this member, without offsets yet.
    pub fn group_metadata(&self) -> Option<OffsetCommitRequest> {
        let by_group = self.subs.is_by_group();
        Some(OffsetCommitRequest {
            group: self.group?,
            generation: self.member.generation.filter(|_| by_group),
            member: self.member.member.filter(|_| by_group),
            instance: self.instance.clone().filter(|_| by_group),
            offsets: Vec::new(),
        })
    }

    /// `sendOffsetCommitRequest`.
    pub(super) fn send_commit(
        &mut self,
        waiter: Waiter,
        how: CommitHow,
        offsets: Offsets,
        out: &mut Outbox,
    ) -> CommitResult {
        let Some(node) = self.coordinator_ready(out) else {
            return Err(retriable(ErrorCode::CoordinatorNotAvailable));
        };
        let Some(mut request) = self.group_metadata() else {
            return Err(fatal(ClientError::IllegalState));
        };
        let by_group = self.subs.is_by_group();
        let by_coordinator = self.is_consumer_member();
        if by_group && !by_coordinator && self.member.state != MemberState::Stable {
            return Err(match self.member.state {
                MemberState::Unjoined => fatal(ClientError::CommitFailed),
                _ => fatal(ClientError::Broker(ErrorCode::RebalanceInProgress)),
            });
        }
        let generation = request.generation;
        request.offsets.clone_from(&offsets);
        let request = GroupRequest::OffsetCommit(request);
        let commit = Rc::new(CommitInFlight {
            waiter,
            how,
            offsets,
            generation,
        });
        // What is committed is what was polled: that is the story to tell.
        let cause = out.cause();
        if self.last_polled != crate::sim::EntryId::NONE {
            out.because(self.last_polled);
        }
        self.send_to_coordinator(node, request, Purpose::Commit(commit), out);
        out.because(cause);
        Ok(())
    }

    pub(super) fn on_commit_response(
        &mut self,
        commit: &CommitInFlight,
        error: ErrorCode,
        out: &mut Outbox,
    ) {
        if self.is_consumer_member() {
            let result = self.consumer_commit_result(commit, error, out);
            return self.commit_ended(commit, result, out);
        }
        let unchanged = commit.generation == self.member.generation;
        let result = match error {
            ErrorCode::None => {
                self.coordinator_answered();
                Ok(())
            }
            ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::RequestTimedOut => {
                self.lose_coordinator(out);
                Err(retriable(error))
            }
            ErrorCode::RebalanceInProgress => {
                self.member.rejoin_needed |= self.subs.is_by_group();
                Err(fatal(ClientError::Broker(error)))
            }
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                let rebalancing = !unchanged && self.join_under_way();
                if unchanged {
                    self.member.reset(error == ErrorCode::UnknownMemberId);
                }
                Err(match rebalancing {
                    true => fatal(ClientError::Broker(ErrorCode::RebalanceInProgress)),
                    false => fatal(ClientError::CommitFailed),
                })
            }
            ErrorCode::FencedInstanceId => {
                self.fenced();
                Err(fatal(ClientError::Broker(error)))
            }
            error if error.is_retriable() => Err(retriable(error)),
            error => Err(fatal(ClientError::Broker(error))),
        };
        self.commit_ended(commit, result, out);
    }

    /// The connection was lost with a commit on it: nobody knows whether it took effect.
    pub(super) fn on_commit_lost(&mut self, commit: &CommitInFlight, out: &mut Outbox) {
        let lost = retriable(ErrorCode::NetworkException);
        self.commit_ended(commit, Err(lost), out);
    }

    fn commit_ended(&mut self, commit: &CommitInFlight, result: CommitResult, out: &mut Outbox) {
        if result.is_ok() {
            self.note_committed(commit, out);
        }
        match commit.waiter {
            Waiter::Call => self.commits.call_result = Some(result),
            Waiter::Join => self.join_commit_ended(result, out),
            Waiter::Callback => match result {
                Ok(()) => self.commits.pending_async = self.commits.pending_async.saturating_sub(1),
                Err(error) => self.async_failed(commit.how, error, out),
            },
        }
    }

    fn note_committed(&mut self, commit: &CommitInFlight, out: &mut Outbox) {
        for (partition, value) in &commit.offsets {
            self.commits.committed.insert(*partition, value.offset);
        }
        let offsets = commit
            .offsets
            .iter()
            .map(|(p, value)| (*p, Some(value.offset)));
        let offsets: Vec<_> = offsets.collect();
        let how = commit.how;
        match how {
            // The call tells itself what it has committed.
            CommitHow::Sync if commit.waiter != Waiter::Join => {}
            CommitHow::Auto if self.commits.told == offsets => {}
            CommitHow::Auto => {
                self.commits.told.clone_from(&offsets);
                out.note(Entry::Committed { offsets, how });
            }
            CommitHow::Async | CommitHow::Sync => {
                out.note(Entry::Committed { offsets, how });
            }
        }
    }

    fn async_failed(&mut self, how: CommitHow, failure: CommitError, out: &mut Outbox) {
        self.commits.pending_async = self.commits.pending_async.saturating_sub(1);
        let error = match failure.retriable {
            true => ClientError::RetriableCommitFailed,
            false => failure.error,
        };
        if how == CommitHow::Auto {
            out.note(Entry::CommitFailed { error, how });
            if failure.retriable {
                // Tried again by a later poll, with the positions of that time.
                let retry_at = out.now() + self.config.retry_backoff_ms * MS;
                self.commits.next_auto_at = self.commits.next_auto_at.min(retry_at);
            }
        } else {
            self.commits.callbacks.push_back(error);
        }
    }

    /// `invokeCompletedOffsetCommitCallbacks`: callbacks run in the application's thread.
    pub(super) fn run_commit_callbacks(&mut self, out: &mut Outbox) {
        while let Some(error) = self.commits.callbacks.pop_front() {
            let how = CommitHow::Async;
            out.note(Entry::CommitFailed { error, how });
        }
    }

    /// Auto-commits what was polled before a join takes it away. False while that is under way.
    pub(super) fn commit_before_join(&mut self, out: &mut Outbox) -> bool {
        // A cooperative member gives up nothing yet: its listener is called when it knows what goes.
        let later = !self.auto_commits() && self.is_cooperative();
        let Some(how) = self.commits_before_revocation().filter(|_| !later) else {
            return true;
        };
        if self.commits.join == JoinCommit::NotBegun {
            let offsets = self.subs.all_consumed();
            let under_way =
                !offsets.is_empty() && self.send_commit(Waiter::Join, how, offsets, out).is_ok();
            self.commits.join = match under_way {
                true => JoinCommit::UnderWay,
                false => JoinCommit::Done,
            };
        }
        if self.commits.join == JoinCommit::UnderWay {
            return false;
        }
        self.commits.join = JoinCommit::NotBegun;
        true
    }

    /// Whether records must stay where they are: they may soon be another's.
    pub(super) fn awaits_revocation(&self) -> bool {
        let waits = self.commits.join == JoinCommit::UnderWay;
        waits && !self.is_consumer_member() && !self.is_cooperative()
    }

    fn join_commit_ended(&mut self, result: CommitResult, out: &mut Outbox) {
        match result {
            Err(failure) if failure.retriable => {
                self.commits.join = JoinCommit::NotBegun;
                let wait_us = self.config.retry_backoff_ms * MS;
                self.commits.join_retry_at = out.now() + wait_us;
            }
            Err(failure) => {
                let (error, how) = (failure.error, CommitHow::Auto);
                out.note(Entry::CommitFailed { error, how });
                self.commits.join = JoinCommit::Done;
            }
            Ok(()) => self.commits.join = JoinCommit::Done,
        }
    }
}

pub(super) fn retriable(code: ErrorCode) -> CommitError {
    CommitError {
        error: ClientError::Broker(code),
        retriable: true,
    }
}

pub(super) fn fatal(error: ClientError) -> CommitError {
    CommitError {
        error,
        retriable: false,
    }
}
