//! `close()`: commits, leaves the group, lets connections go.

use super::calls::{Doing, Outcome};
use super::client::KafkaConsumer;
use super::subscriptions::Subscriptions;
use super::sync_commit::SyncCommit;
use crate::kafka::protocol::channel;
use crate::kafka::{Answer, Outbox};
use crate::sim::{MS, Micros};

/// How long `close()` takes at most (`DEFAULT_CLOSE_TIMEOUT_MS`).
const CLOSE_TIMEOUT_MS: u64 = 30_000;

/// Where a `close()` stands.
#[derive(Clone, Debug)]
pub enum ClosePhase {
    /// Auto-commit, synchronously.
    Committing(SyncCommit),
    /// Asynchronous commits are awaited.
    Draining,
    /// The group is left; the answer is awaited.
    Leaving,
}

impl KafkaConsumer {
    /// `close()`: commits if auto-commit is on, leaves the group, lets connections go.
    pub(super) fn close(&mut self, timeout_ms: Option<u64>, out: &mut Outbox) -> Doing {
        if self.closed {
            return Doing::Nothing(Outcome::Returned(Answer::Nothing));
        }
        let until = out.now() + timeout_ms.unwrap_or(CLOSE_TIMEOUT_MS) * MS;
        self.member.heartbeat.enabled = false;
        let how = self.commits_before_revocation();
        let commit = how.and_then(|how| self.sync_commit(how, None, until));
        let phase = commit.map_or(ClosePhase::Draining, ClosePhase::Committing);
        Doing::Close { phase, until }
    }

    pub(super) fn go_on_closing(
        &mut self,
        phase: &mut ClosePhase,
        until: Micros,
        out: &mut Outbox,
    ) -> Option<Outcome> {
        let over = out.now() >= until;
        if let ClosePhase::Committing(commit) = phase {
            // Whatever comes of it, close() goes on.
            let _ = self.go_on_committing(commit, out)?;
            *phase = ClosePhase::Draining;
        }
        if let ClosePhase::Draining = phase {
            if self.commits.pending_async > 0 && !over {
                return None;
            }
            self.run_commit_callbacks(out);
            self.give_up_partitions(out);
            self.leave_group(out);
            *phase = ClosePhase::Leaving;
        }
        let coordinated = self
            .net
            .any(|r| r.channel == channel::COORDINATOR && Some(r.node) == self.member.coordinator);
        if coordinated && !over {
            return None;
        }
        for node in self.metadata.brokers.clone() {
            out.close(node, channel::DATA);
            out.close(node, channel::COORDINATOR);
        }
        self.net.forget_all();
        self.subs = Subscriptions::default();
        self.drop_unassigned();
        self.closed = true;
        Some(Outcome::Returned(Answer::Nothing))
    }
}
