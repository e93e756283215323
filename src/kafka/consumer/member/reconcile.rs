//! From what a member has to what it is to have (`AbstractMembershipManager.maybeReconcile`): commit
//! what was polled, give up what goes, take what comes, and say so with the next heartbeat.

use super::{Local, Standing, Task};
use crate::kafka::consumer::client::KafkaConsumer;
use crate::kafka::{Entry, Outbox, TopicPartition};
use crate::sim::{MS, Micros};

/// A reconciliation under way.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    to: Local,
    revoked: Vec<TopicPartition>,
    added: Vec<TopicPartition>,
    /// The commit before it is done with.
    committed: bool,
    /// That takes no longer than max.poll.interval.ms.
    commit_until: Micros,
}

impl KafkaConsumer {
    /// Begins a reconciliation, or goes on with its commit. In `poll()`, before records are handed
    /// out.
    pub(super) fn reconcile(&mut self, out: &mut Outbox) {
        self.plan_reconciliation(out);
        let plan = self.consumer_member.as_ref().and_then(|m| m.plan.as_ref());
        let Some(until) = plan.filter(|p| !p.committed).map(|p| p.commit_until) else {
            return;
        };
        if !self.commit_before_reconciling(until, out) {
            return;
        }
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        if let Some(plan) = &mut member.plan {
            plan.committed = true;
            member.tasks.push_back(match plan.revoked.is_empty() {
                true => Task::Assign,
                false => Task::Revoke,
            });
        }
        self.abort_if_void();
    }

    fn plan_reconciliation(&mut self, out: &mut Outbox) {
        let owned = self.subs.assignment();
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        let settled = member.standing != Standing::Reconciling || member.current == member.target;
        // Names of topics come with metadata.
        if settled || member.plan.is_some() || !self.metadata.known {
            return;
        }
        let to = member.target.clone();
        let gone = owned.iter().filter(|p| !to.partitions.contains(p));
        let revoked: Vec<TopicPartition> = gone.copied().collect();
        let new = to.partitions.iter().filter(|p| !owned.contains(p));
        let added = new.copied().collect();
        self.subs.mark_revoking(&revoked);
        member.rejoined = false;
        member.plan = Some(Plan {
            to,
            revoked,
            added,
            committed: false,
            commit_until: out.now() + self.config.max_poll_interval_ms * MS,
        });
    }

    /// `maybeAbortReconciliation`: the member was fenced, left or joined again meanwhile.
    fn abort_if_void(&mut self) -> bool {
        let Some(member) = &mut self.consumer_member else {
            return true;
        };
        let void = member.standing != Standing::Reconciling || member.rejoined;
        if void {
            member.plan = None;
            member.rejoined = false;
            member
                .tasks
                .retain(|t| !matches!(t, Task::Revoke | Task::Assign));
        }
        void
    }

    /// `onPartitionsRevoked`.
    pub(super) fn revoke_planned(&mut self, out: &mut Outbox) {
        if self.abort_if_void() {
            return;
        }
        let because = self.because_of_member(out);
        let plan = self.consumer_member.as_ref().and_then(|m| m.plan.as_ref());
        let partitions = plan.map(|plan| plan.revoked.clone()).unwrap_or_default();
        out.note_because(Entry::Revoked { partitions }, because);
        if let Some(member) = &mut self.consumer_member {
            member.tasks.push_front(Task::Assign);
        }
    }

    /// `onPartitionsAssigned`, also where nothing is added; then the coordinator may know.
    pub(super) fn assign_planned(&mut self, out: &mut Outbox) {
        if self.abort_if_void() {
            return;
        }
        let because = self.because_of_member(out);
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        let Some(plan) = member.plan.take() else {
            return;
        };
        self.subs.assign(&plan.to.partitions);
        member.current = plan.to;
        member.standing = Standing::Acknowledging;
        self.drop_unassigned();
        self.restart_auto_commit(out.now());
        let partitions = plan.added;
        out.note_because(Entry::Assigned { partitions }, because);
    }
}
