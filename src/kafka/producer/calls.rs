//! The application's thread: API calls one after the other, each as long as it takes
//! (`KafkaProducer`).

use std::collections::VecDeque;

use crate::kafka::group::protocol::OffsetCommitRequest;
use crate::kafka::ids::TopicId;
use crate::kafka::record::Record;
use crate::kafka::{Answer, Call, ClientError, Entry, MessageId, Outbox};
use crate::sim::{EntryId, MS, Micros};

use super::client::Client;
use super::orders::{Order, Stage};
use super::partitioner::Choice;
use super::transaction::Operation;
use super::txn_app::AppStep;

/// What the thread does and will do.
#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    calls: VecDeque<Queued>,
    job: Option<Job>,
}

/// A call that waits for its turn.
#[derive(Clone, Debug)]
pub(super) enum Queued {
    Call(Call),
    /// `sendOffsetsToTransaction`, with what the consumer said of its group.
    Offsets(Box<OffsetCommitRequest>),
}

/// A call under way.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub what: What,
    /// When the call, or the `send()` of the current record, began.
    pub since: Micros,
    /// The partition chosen for the current record.
    pub choice: Option<Choice>,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    PartitionsFor(TopicId),
    Send {
        topic: TopicId,
        partition: Option<u16>,
        records: Vec<Record>,
        next: usize,
    },
    /// `send()` by the application of its own accord.
    AppSend(Record),
    /// Both writes of an order.
    AppOrder(Order),
    /// `send().get()`.
    Await(MessageId),
    /// Waits for all batches made before this one.
    Flush(u64),
    Close {
        timeout_us: Option<Micros>,
        exit: bool,
    },
    BeginTransaction,
    /// A call that waits for a coordinator; the first step has yet to be taken.
    Transactional(Operation, Option<Box<OffsetCommitRequest>>),
    /// It has been taken.
    AwaitTransactional(Operation),
    /// The application's own transactions.
    AppBegin,
    AppAsk(Operation),
    AppAwait(Operation),
    /// `flush()` by the application.
    AppFlush(u64),
    /// Not a call of a producer.
    Foreign(&'static str),
}

/// How far a call got.
pub(super) enum Step {
    Done,
    Blocked,
}

impl Thread {
    /// Queues a call behind those before it.
    pub fn push(&mut self, call: Queued) {
        self.calls.push_back(call);
    }

    /// The application stops: it sends nothing more and waits for nothing but `close()`.
    pub fn close_and_exit(&mut self, now: Micros) {
        self.calls.clear();
        let what = What::Close {
            timeout_us: None,
            exit: true,
        };
        self.job = Some(Job {
            what,
            since: now,
            choice: None,
        });
    }

    /// The result of a `send()` is known.
    pub fn heard(&mut self, message: MessageId, failed: bool, now: Micros) {
        let waits = |job: &mut Job| match job.what {
            What::Await(awaited) => awaited == message,
            What::AppOrder(order) if order.record.message == message => {
                order.stage() == Stage::Sending && !job.order_heard(failed, now)
            }
            _ => false,
        };
        if self.job.as_mut().is_some_and(waits) {
            self.job = None;
        }
    }

    /// Whether the application itself is being served, not a script.
    pub fn is_free(&self) -> bool {
        self.calls.is_empty() && self.job.is_none()
    }

    /// The name of the call it is blocked in.
    pub fn blocked_in(&self) -> Option<&'static str> {
        self.job.as_ref().map(|job| job.what.name())
    }
}

impl What {
    fn new(call: Queued, next_serial: u64) -> Self {
        let call = match call {
            Queued::Offsets(commit) => {
                return What::Transactional(Operation::SendOffsets, Some(commit));
            }
            Queued::Call(call) => call,
        };
        match call {
            Call::InitTransactions => What::Transactional(Operation::Init, None),
            Call::BeginTransaction => What::BeginTransaction,
            Call::CommitTransaction => What::Transactional(Operation::Commit, None),
            Call::AbortTransaction => What::Transactional(Operation::Abort, None),
            Call::PartitionsFor(topic) => What::PartitionsFor(topic),
            Call::Send {
                topic,
                partition,
                records,
            } => What::Send {
                topic,
                partition,
                records,
                next: 0,
            },
            Call::Flush => What::Flush(next_serial),
            Call::Close { timeout_ms } => {
                let timeout_us = timeout_ms.map(|ms| ms.saturating_mul(MS));
                What::Close {
                    timeout_us,
                    exit: false,
                }
            }
            other => What::Foreign(other.name()),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            What::PartitionsFor(_) => "partitionsFor",
            What::Send { .. } | What::AppSend(_) | What::Await(_) | What::AppOrder(_) => "send",
            What::Flush(_) | What::AppFlush(_) => "flush",
            What::Close { .. } => "close",
            What::BeginTransaction | What::AppBegin => "beginTransaction",
            What::Transactional(operation, _)
            | What::AwaitTransactional(operation)
            | What::AppAsk(operation)
            | What::AppAwait(operation) => operation.name(),
            What::Foreign(name) => name,
        }
    }
}

impl Client {
    /// The thread goes on until it is blocked or has nothing to do. Returns whether it had something to do.
    pub fn run_thread(&mut self, out: &mut Outbox) -> bool {
        let because = out.cause();
        let mut busy = false;
        while let Some(mut job) = self.next_job(out.now()) {
            busy = true;
            let step = self.step(&mut job, out);
            out.because(because);
            if let Step::Blocked = step {
                self.thread.job = Some(job);
                break;
            }
        }
        busy
    }

    fn next_job(&mut self, now: Micros) -> Option<Job> {
        if let Some(job) = self.thread.job.take() {
            return Some(job);
        }
        let what = match self.thread.calls.pop_front() {
            Some(call) => What::new(call, self.queues.batches.next_serial()),
            None if self.closed => return None,
            None => match self.app.as_mut()?.next_step(now)? {
                AppStep::Send(record) => What::AppSend(record),
                AppStep::Order(order) => What::AppOrder(order),
                AppStep::Begin => What::AppBegin,
                AppStep::Ask(operation) => What::AppAsk(operation),
                AppStep::Flush => What::AppFlush(self.queues.batches.next_serial()),
            },
        };
        Some(Job {
            what,
            since: now,
            choice: None,
        })
    }

    fn step(&mut self, job: &mut Job, out: &mut Outbox) -> Step {
        let name = job.what.name();
        if self.closed && !matches!(job.what, What::Close { .. }) {
            return self.refuse(job, out);
        }
        match job.what {
            What::PartitionsFor(topic) => {
                if self.metadata.want(topic, out.now()) {
                    return returned(name, out);
                }
                if out.now() < self.max_block_ends_at(job) {
                    return Step::Blocked;
                }
                thrown(name, ClientError::Timeout, out)
            }
            What::Send { .. } => self.step_send(job, out),
            What::AppSend(record) => self.step_app_send(job, record, out),
            What::AppOrder(order) => self.step_order(job, order, out),
            What::Await(_) => Step::Blocked,
            What::Flush(before) => {
                self.queues.flushing = self.queues.has_untold_before(before);
                if self.queues.flushing {
                    Step::Blocked
                } else {
                    returned(name, out)
                }
            }
            What::AppFlush(before) => self.step_app_flush(before),
            What::Close { timeout_us, exit } => self.step_close(job.since, timeout_us, exit, out),
            What::BeginTransaction => self.step_begin_transaction(out),
            What::Transactional(..) | What::AwaitTransactional(_) => {
                self.step_transactional(job, out)
            }
            What::AppBegin | What::AppAsk(_) | What::AppAwait(_) => {
                self.step_app_transaction(job, out)
            }
            What::Foreign(name) => thrown(name, ClientError::IllegalState, out),
        }
    }

    /// Calls on a closed producer throw; each record of a script is a call of its own.
    fn refuse(&mut self, job: &Job, out: &mut Outbox) -> Step {
        let calls = match &job.what {
            What::Send { records, next, .. } => records.len() - next,
            _ => 1,
        };
        for _ in 0..calls {
            thrown(job.what.name(), ClientError::IllegalState, out);
        }
        Step::Done
    }

    fn step_close(
        &mut self,
        since: Micros,
        timeout_us: Option<Micros>,
        exit: bool,
        out: &mut Outbox,
    ) -> Step {
        self.queues.closed = true;
        if let Some(app) = &mut self.app {
            app.stop();
        }
        let in_flight = self.connections.iter().any(|c| !c.in_flight.is_empty());
        let work_left = !self.closed && (self.queues.has_undrained() || in_flight);
        let work_left = work_left || self.transaction_left_open();
        let ends_at = timeout_us.map_or(Micros::MAX, |timeout_us| since.saturating_add(timeout_us));
        if work_left && out.now() < ends_at {
            return Step::Blocked;
        }
        self.abandon(ClientError::ProducerClosedForcefully, out);
        self.disconnect(out);
        (self.closed, self.exited) = (true, exit);
        if exit {
            Step::Done
        } else {
            returned("close", out)
        }
    }

    /// `close(0)`: at once, whatever the thread is doing; a `send()` under way throws.
    pub fn close_now(&mut self, out: &mut Outbox) {
        if let Some(job) = self.thread.job.take() {
            thrown(job.what.name(), ClientError::ProducerClosedForcefully, out);
        }
        self.step_close(out.now(), Some(0), false, out);
    }

    /// The result of a `send()` is known: the callback runs, or `get()` returns.
    pub fn heard(
        &mut self,
        record: &Record,
        error: Option<ClientError>,
        entry: EntryId,
        now: Micros,
    ) {
        self.thread.heard(record.message, error.is_some(), now);
        if let Some(relay) = self.app.as_mut().and_then(|app| app.relay.as_mut()) {
            return relay.hears(record.message, error.is_some(), entry, now);
        }
        if let (Some(app), Some(error)) = (&mut self.app, error) {
            app.heard_failure(record, error, now);
        }
    }

    pub fn max_block_ends_at(&self, job: &Job) -> Micros {
        job.since
            .saturating_add(self.config.max_block_ms.saturating_mul(MS))
    }

    /// When the call under way gives up.
    pub fn thread_wakes_at(&self) -> Option<Micros> {
        let job = self.thread.job.as_ref()?;
        match job.what {
            What::PartitionsFor(_)
            | What::Send { .. }
            | What::AppSend(_)
            | What::Transactional(..)
            | What::AppAsk(_)
            | What::AppAwait(_)
            | What::AwaitTransactional(_) => Some(self.max_block_ends_at(job)),
            What::Close { timeout_us, .. } => Some(job.since.saturating_add(timeout_us?)),
            What::Await(_) | What::Flush(_) | What::AppFlush(_) | What::Foreign(_) => None,
            What::BeginTransaction | What::AppBegin => None,
            What::AppOrder(order) => match order.stage() {
                Stage::Between { until } => Some(until),
                Stage::Send => Some(self.max_block_ends_at(job)),
                Stage::Row | Stage::Sending => None,
            },
        }
    }
}

pub(super) fn returned(call: &'static str, out: &mut Outbox) -> Step {
    out.note(Entry::Returned {
        call,
        answer: Answer::Nothing,
    });
    Step::Done
}

pub(super) fn thrown(call: &'static str, error: ClientError, out: &mut Outbox) -> Step {
    out.note(Entry::Thrown { call, error });
    Step::Done
}
