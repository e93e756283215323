//! A member of a consumer group (`group.protocol=consumer`, KIP-848), as `AsyncKafkaConsumer` has it:
//! a background thread sends heartbeats and hears what the member is to have; what the application
//! must know of happens in its next `poll()`.
//!
//! | module | room for |
//! |---|---|
//! | [`heartbeat`] | ConsumerGroupHeartbeat: when, with what, and what the answer means |
//! | [`commits`] | what the answer to a commit means; the commit before a reconciliation |
//! | [`reconcile`] | from what it has to what it is to have: commit, revoke, assign |

mod commits;
mod heartbeat;
mod reconcile;

use std::collections::VecDeque;
use std::rc::Rc;

use self::heartbeat::Heartbeats;
use self::reconcile::Plan;
use super::client::KafkaConsumer;
use crate::kafka::group::consumer::{JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH};
use crate::kafka::group::protocol::MemberId;
use crate::kafka::{ClientError, Entry, Outbox, Rule, TopicPartition};
use crate::sim::{EntryId, MS, NodeId};

/// Where a member stands (`MemberState` of the client).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Unsubscribed,
    /// The next heartbeat joins.
    Joining,
    /// It has been told something else than it has.
    Reconciling,
    /// It has it; the next heartbeat says so.
    Acknowledging,
    Stable,
    /// The coordinator does not know it any more; it gives everything up and joins again.
    Fenced,
    /// It took too long between polls and has left; the next poll joins again.
    Stale,
    /// Over for good.
    Fatal,
}

/// An assignment, counted so that one that comes back is not taken for the one before
/// (`LocalAssignment`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    number: i64,
    partitions: Vec<TopicPartition>,
}

impl Local {
    const NONE: Local = Local {
        number: -1,
        partitions: Vec::new(),
    };
}

/// What waits for the application's thread.
#[derive(Clone, Debug)]
enum Task {
    Revoke,
    Assign,
    Lose(Vec<TopicPartition>),
    Throw(ClientError),
}

/// What a consumer knows of its membership (`ConsumerMembershipManager`).
#[derive(Clone, Debug)]
pub struct ConsumerMember {
    id: MemberId,
    epoch: i32,
    standing: Standing,
    current: Local,
    target: Local,
    /// A reconciliation under way.
    plan: Option<Plan>,
    /// It joined again meanwhile: the plan is void.
    rejoined: bool,
    subscription_updated: bool,
    /// The last epoch the application's thread knows of was one of a member.
    was_member: bool,
    heartbeats: Heartbeats,
    tasks: VecDeque<Task>,
    /// What the next callback comes of.
    because: EntryId,
}

impl ConsumerMember {
    /// Not subscribed to anything yet. A consumer names itself.
    pub(super) fn new(id: MemberId) -> Self {
        ConsumerMember {
            id,
            epoch: JOIN_EPOCH,
            standing: Standing::Unsubscribed,
            current: Local::NONE,
            target: Local::NONE,
            plan: None,
            rejoined: false,
            subscription_updated: false,
            was_member: false,
            heartbeats: Heartbeats::default(),
            tasks: VecDeque::new(),
            because: EntryId::NONE,
        }
    }

    /// Where it stands, for those who look on.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Its name and epoch in requests, while it is a member.
    pub(super) fn epoch_in_requests(&self) -> Option<(MemberId, u32)> {
        (self.epoch > 0).then_some((self.id, self.epoch as u32))
    }

    fn is_in_group(&self) -> bool {
        !matches!(
            self.standing,
            Standing::Unsubscribed | Standing::Fenced | Standing::Stale | Standing::Fatal
        )
    }

    pub(super) fn on_subscription(&mut self) {
        self.subscription_updated = true;
    }

    /// `onConsumerPoll`: the first poll after subscribing joins.
    fn on_poll(&mut self) {
        if std::mem::take(&mut self.subscription_updated) && self.standing == Standing::Unsubscribed
        {
            self.join();
        }
    }

    /// `transitionToJoining`.
    fn join(&mut self) {
        if self.standing == Standing::Fatal {
            return;
        }
        self.rejoined |= self.plan.is_some();
        self.epoch = JOIN_EPOCH;
        self.standing = Standing::Joining;
        self.target = Local::NONE;
    }
}

impl KafkaConsumer {
    /// What `poll()` does for the membership (`AsyncPollEvent`, `processBackgroundEvents`).
    pub(super) fn poll_member(&mut self, out: &mut Outbox) {
        let polled_in_time_by = out.now() + self.config.max_poll_interval_ms * MS;
        self.run_tasks(out);
        self.reconcile(out);
        self.run_tasks(out);
        if self.rules.keep(Rule::AutoCommitLags) {
            self.maybe_auto_commit(out);
        }
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        member.on_poll();
        if member.standing == Standing::Stale && member.tasks.is_empty() {
            member.join();
        }
        self.member.heartbeat.poll_by = polled_in_time_by;
        self.consumer_heartbeats(out);
    }

    /// Callbacks, in the application's thread.
    fn run_tasks(&mut self, out: &mut Outbox) {
        while let Some(task) = self
            .consumer_member
            .as_mut()
            .and_then(|m| m.tasks.pop_front())
        {
            match task {
                Task::Revoke => self.revoke_planned(out),
                Task::Assign => self.assign_planned(out),
                Task::Lose(partitions) => self.lose(partitions, out),
                Task::Throw(error) => self.error = self.error.or(Some(error)),
            }
        }
    }

    /// `onPartitionsLost`, and what follows it.
    fn lose(&mut self, partitions: Vec<TopicPartition>, out: &mut Outbox) {
        if !partitions.is_empty() {
            let because = self.because_of_member(out);
            out.note_because(Entry::PartitionsLost { partitions }, because);
        }
        self.subs.assign(&[]);
        self.drop_unassigned();
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        (member.current, member.target) = (Local::NONE, Local::NONE);
        if member.standing == Standing::Fenced {
            member.join();
        }
    }

    fn because_of_member(&self, out: &Outbox) -> EntryId {
        let known = self.consumer_member.as_ref().map(|m| m.because);
        let known = known.filter(|because| *because != EntryId::NONE);
        known.unwrap_or(out.cause())
    }

    /// Everything it has is to be given up, in the application's thread where there is anything.
    fn give_all_up(&mut self, out: &mut Outbox) {
        let partitions = self.subs.assignment();
        self.subs.mark_revoking(&partitions);
        let nothing = partitions.is_empty();
        if let Some(member) = &mut self.consumer_member {
            member.because = out.cause();
            member.tasks.push_back(Task::Lose(partitions));
        }
        if nothing {
            self.run_tasks(out);
        }
    }

    /// `transitionToFenced`.
    fn fence_member(&mut self, out: &mut Outbox) {
        if let Some(member) = &mut self.consumer_member {
            if !member.is_in_group() {
                return;
            }
            member.standing = Standing::Fenced;
        }
        self.set_epoch(JOIN_EPOCH);
        self.give_all_up(out);
    }

    /// `transitionToFatal`: the next poll throws, and nothing is read any more.
    fn fail_member(&mut self, error: ClientError, out: &mut Outbox) {
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        member.standing = Standing::Fatal;
        member.tasks.push_back(Task::Throw(error));
        self.member.generation = None;
        self.give_all_up(out);
    }

    /// `updateMemberEpoch`: commits carry it while it is one of a member.
    fn set_epoch(&mut self, epoch: i32) {
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        if std::mem::replace(&mut member.epoch, epoch) != epoch {
            member.was_member |= epoch > 0;
            self.member.member = Some(member.id);
            self.member.generation = (epoch > 0).then_some(epoch as u32);
        }
    }

    /// `runRebalanceCallbacksOnClose`, or those of `unsubscribe()`.
    pub(super) fn give_up_as_member(&mut self, out: &mut Outbox) {
        let partitions = self.subs.assignment();
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        let was_member = std::mem::take(&mut member.was_member);
        member.tasks.clear();
        if self.subs.is_by_group() && !partitions.is_empty() {
            out.note(match was_member {
                true => Entry::Revoked { partitions },
                false => Entry::PartitionsLost { partitions },
            });
        }
        self.subs.assign(&[]);
    }

    /// `leaveGroup`: the heartbeat that says so is sent, its answer not waited for. A static member
    /// leaves for a while only.
    pub(super) fn leave_as_member(&mut self, out: &mut Outbox) {
        let Some(member) = &mut self.consumer_member else {
            return;
        };
        let in_group = member.is_in_group();
        member.plan = None;
        (member.current, member.target) = (Local::NONE, Local::NONE);
        if member.standing != Standing::Fatal {
            member.standing = Standing::Unsubscribed;
        }
        if in_group {
            self.send_leave(out);
        }
    }

    fn send_leave(&mut self, out: &mut Outbox) {
        self.set_epoch(match self.instance.is_some() {
            true => LEAVE_STATIC_EPOCH,
            false => LEAVE_EPOCH,
        });
        self.send_consumer_heartbeat(true, out);
    }

    /// Whether the coordinator assigns (KIP-848).
    pub(super) fn is_consumer_member(&self) -> bool {
        self.consumer_member.is_some()
    }

    /// Its membership in a group of the consumer protocol, for those who look on.
    pub fn consumer_member(&self) -> Option<&ConsumerMember> {
        self.consumer_member.as_deref()
    }
}

/// A member's own name: a new one for each process.
pub(super) fn named(node: NodeId, out: &Outbox) -> MemberId {
    MemberId {
        node,
        nth: out.incarnation(node),
    }
}

/// As requests carry it.
fn shared(text: Option<&String>) -> Option<Rc<str>> {
    text.map(|text| Rc::from(text.as_str()))
}
