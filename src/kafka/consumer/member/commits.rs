//! Commits of a member whose coordinator assigns (`CommitRequestManager`): they carry its epoch, and
//! what comes of them does not touch its membership.

use crate::kafka::consumer::client::KafkaConsumer;
use crate::kafka::consumer::commits::{CommitInFlight, CommitResult, JoinCommit, Waiter};
use crate::kafka::consumer::commits::{fatal, retriable};
use crate::kafka::{ClientError, ErrorCode, Outbox};
use crate::sim::Micros;

impl KafkaConsumer {
    /// `OffsetCommitRequestState.onResponse` of a member whose coordinator assigns.
    pub(in crate::kafka::consumer) fn consumer_commit_result(
        &mut self,
        commit: &CommitInFlight,
        error: ErrorCode,
        out: &mut Outbox,
    ) -> CommitResult {
        match error {
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
            ErrorCode::UnknownMemberId => Err(fatal(ClientError::CommitFailed)),
            ErrorCode::StaleMemberEpoch => Err(match commit.waiter {
                Waiter::Call => fatal(ClientError::CommitFailed),
                // Its epoch has risen meanwhile: again with that.
                Waiter::Join if self.member.generation.is_some() => retriable(error),
                Waiter::Join | Waiter::Callback => fatal(ClientError::Broker(error)),
            }),
            error if error.is_retriable() => Err(retriable(error)),
            error => Err(fatal(ClientError::Broker(error))),
        }
    }

    /// `maybeAutoCommitSyncBeforeRebalance`: again and again until `until`. False while that is
    /// under way.
    pub(super) fn commit_before_reconciling(&mut self, until: Micros, out: &mut Outbox) -> bool {
        let Some(how) = self.commits_before_revocation() else {
            return true;
        };
        if self.commits.join == JoinCommit::NotBegun {
            let offsets = self.subs.all_consumed();
            if offsets.is_empty() || out.now() >= until {
                return true;
            }
            if out.now() < self.commits.join_retry_at || self.coordinator_ready(out).is_none() {
                return false;
            }
            let sent = self.send_commit(Waiter::Join, how, offsets, out);
            self.commits.join = match sent.is_ok() {
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
}
