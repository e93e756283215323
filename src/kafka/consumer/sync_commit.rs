//! `commitSync`: again and again until default.api.timeout.ms.

use super::client::KafkaConsumer;
use super::commits::{Offsets, Waiter};
use crate::kafka::group::protocol::OffsetAndEpoch;
use crate::kafka::{ClientError, CommitHow, Entry, Offset, Outbox, TopicPartition};
use crate::sim::Micros;

/// A `commitSync`.
#[derive(Clone, Debug)]
pub struct SyncCommit {
    offsets: Offsets,
    how: CommitHow,
    until: Micros,
    attempts: u32,
    retry_at: Micros,
    sent: bool,
    /// What is told as committed: all positions, also those that were not valid.
    told: Vec<(TopicPartition, Option<Offset>)>,
}

impl SyncCommit {
    pub(super) fn wake_at(&self) -> Micros {
        match self.sent {
            true => self.until,
            false => self.until.min(self.retry_at),
        }
    }
}

impl KafkaConsumer {
    pub(super) fn sync_commit(
        &self,
        how: CommitHow,
        given: Option<&[(TopicPartition, Offset)]>,
        until: Micros,
    ) -> Option<SyncCommit> {
        self.group?;
        let (offsets, told) = match given {
            None => (self.subs.all_consumed(), self.positions()),
            Some(given) => {
                let value = |offset| OffsetAndEpoch {
                    offset,
                    leader_epoch: None,
                };
                let told = given.iter().map(|(p, offset)| (*p, Some(*offset)));
                let offsets = given.iter().map(|(p, offset)| (*p, value(*offset)));
                (offsets.collect(), told.collect())
            }
        };
        Some(SyncCommit {
            offsets,
            how,
            until,
            attempts: 0,
            retry_at: 0,
            sent: false,
            told,
        })
    }

    /// `commitOffsetsSync`: again and again while that may help and time is left.
    pub(super) fn go_on_committing(
        &mut self,
        commit: &mut SyncCommit,
        out: &mut Outbox,
    ) -> Option<Result<(), ClientError>> {
        self.run_commit_callbacks(out);
        let result = match commit.offsets.is_empty() {
            true => Ok(()),
            false => match self.try_commit(commit, out) {
                Some(result) => result,
                None if out.now() >= commit.until => Err(ClientError::Timeout),
                None => return None,
            },
        };
        let how = commit.how;
        match result {
            // Told when the answer came.
            Ok(()) if how == CommitHow::Auto => {}
            Ok(()) => {
                let offsets = std::mem::take(&mut commit.told);
                out.note(Entry::Committed { offsets, how });
            }
            Err(error) => {
                out.note(Entry::CommitFailed { error, how });
            }
        }
        Some(result)
    }

    /// `None`: not settled yet.
    fn try_commit(
        &mut self,
        commit: &mut SyncCommit,
        out: &mut Outbox,
    ) -> Option<Result<(), ClientError>> {
        if commit.sent {
            let result = self.commits.call_result.take()?;
            commit.sent = false;
            match result {
                Ok(()) => return Some(Ok(())),
                Err(failure) if !failure.retriable => return Some(Err(failure.error)),
                Err(_) => {
                    commit.retry_at = out.now() + self.backoff(commit.attempts);
                    commit.attempts += 1;
                }
            }
        }
        if out.now() < commit.retry_at || out.now() >= commit.until {
            return None;
        }
        self.coordinator_ready(out)?;
        self.commits.call_result = None;
        match self.send_commit(Waiter::Call, commit.how, commit.offsets.clone(), out) {
            Ok(()) => commit.sent = true,
            Err(failure) if !failure.retriable => return Some(Err(failure.error)),
            Err(_) => {}
        }
        None
    }
}
