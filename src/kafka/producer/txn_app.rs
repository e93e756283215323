//! An application that puts its messages into transactions: so many, then commit; what cannot be committed is aborted,
//! and sent again if the application cares.

use std::collections::VecDeque;

use crate::kafka::config::AppConfig;
use crate::kafka::group::protocol::OffsetCommitRequest;
use crate::kafka::record::Record;
use crate::kafka::{ClientError, Entry, ErrorCode, Outbox, TopicId};
use crate::sim::Micros;

use super::app::App;
use super::calls::{Job, Step, What};
use super::client::Client;
use super::orders::Order;
use super::transaction::{Operation, Outcome};

/// What the application does next.
pub(super) enum AppStep {
    Send(Record),
    Order(Order),
    Begin,
    Ask(Operation),
    /// Waits until everything that was sent has its outcome.
    Flush,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// `initTransactions` has not returned.
    Starting,
    /// No transaction is open.
    Between,
    Sending,
    Ending {
        commit: bool,
    },
    /// Another instance has taken over: this one does nothing more.
    Over,
}

/// How messages are put into transactions.
#[derive(Clone, Debug)]
pub(super) struct Batching {
    size: usize,
    abort_every: u64,
    phase: Phase,
    /// Transactions begun.
    begun: u64,
    /// What was sent in this one.
    records: Vec<Record>,
    /// Part of an application that reads, processes and writes: what it is given, and only that.
    pub given: Option<Given>,
}

/// What comes of one poll: one transaction, or records each of which counts as soon as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Without transactions.
    pub plain: bool,
    /// To be written, and where to.
    pub records: VecDeque<(TopicId, Record)>,
    /// Where dead letters go.
    pub letters: Option<TopicId>,
    /// Where the record goes that was taken last.
    pub heading: Option<TopicId>,
    /// That was all: to be committed with it.
    pub offsets: Option<OffsetCommitRequest>,
    /// That was all, without transactions.
    pub flush: bool,
    /// A record could not be written.
    pub failed: bool,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Batching {
    pub fn new(app: &AppConfig) -> Self {
        Batching {
            size: app.transaction_size as usize,
            abort_every: app.transaction_abort_every,
            phase: Phase::Starting,
            begun: 0,
            records: Vec::new(),
            given: None,
        }
    }

    /// Whether it is the application's own wish to commit.
    fn commits(&self) -> bool {
        self.begun.checked_rem(self.abort_every) != Some(0)
    }
}

impl App {
    /// What it does next, if it is not to wait.
    pub fn next_step(&mut self, now: Micros) -> Option<AppStep> {
        if self.batching.is_none() {
            let again = self.is_again(now);
            let record = self.next_record(now)?;
            let order = self.order(record).filter(|_| !again);
            return Some(order.map_or(AppStep::Send(record), AppStep::Order));
        }
        let (due, dry) = (self.has_due(now), self.is_dry());
        let batching = self.batching.as_mut()?;
        if let Some(given) = &mut batching.given {
            let step = given.next_step(&mut batching.phase);
            self.topic = given.heading.unwrap_or(self.topic);
            // The dead-letter topic has one partition.
            self.partition =
                (given.heading == given.letters && given.letters.is_some()).then_some(0);
            return step;
        }
        let full = batching.records.len() >= batching.size;
        if batching.phase == Phase::Sending && (full || (dry && !batching.records.is_empty())) {
            let commit = batching.commits();
            batching.phase = Phase::Ending { commit };
        }
        match batching.phase {
            Phase::Starting => Some(AppStep::Ask(Operation::Init)),
            Phase::Between => due.then_some(AppStep::Begin),
            Phase::Sending => {
                let record = self.next_record(now)?;
                let batching = self.batching.as_mut()?;
                batching.records.push(record);
                Some(AppStep::Send(record))
            }
            Phase::Ending { commit: true } => Some(AppStep::Ask(Operation::Commit)),
            Phase::Ending { commit: false } => Some(AppStep::Ask(Operation::Abort)),
            Phase::Over => None,
        }
    }

    /// A transaction has begun, or cannot.
    fn began(&mut self, outcome: Outcome) {
        if let Some(batching) = &mut self.batching {
            batching.begun += 1;
            batching.phase = match outcome {
                Ok(()) => Phase::Sending,
                Err(_) => Phase::Over,
            };
            if let (Some(given), Err(_)) = (&mut batching.given, outcome) {
                given.outcome = Some(outcome);
            }
        }
    }

    /// A call came back.
    fn heard(&mut self, operation: Operation, outcome: Outcome, now: Micros) {
        let Some(batching) = &mut self.batching else {
            return;
        };
        if let Some(given) = &mut batching.given {
            return given.heard(&mut batching.phase, operation, outcome);
        }
        let fenced = ClientError::Broker(ErrorCode::ProducerFenced);
        batching.phase = match (operation, outcome) {
            (_, Ok(())) => Phase::Between,
            // What takes too long is asked for again.
            (_, Err(ClientError::Timeout)) => return,
            (Operation::Commit, Err(error)) if error != fenced => Phase::Ending { commit: false },
            _ => Phase::Over,
        };
        if batching.phase == Phase::Between {
            let records = std::mem::take(&mut batching.records);
            if operation == Operation::Abort {
                self.send_again(records, now);
            }
        }
    }
}

impl Given {
    fn next_step(&mut self, phase: &mut Phase) -> Option<AppStep> {
        let ends = self.offsets.is_some();
        match *phase {
            _ if self.plain => self.next_plain_step(),
            Phase::Starting => Some(AppStep::Ask(Operation::Init)),
            Phase::Between => (ends || !self.records.is_empty()).then_some(AppStep::Begin),
            Phase::Sending => match self.take_record() {
                Some(record) => Some(AppStep::Send(record)),
                // Until the work on the poll is done the transaction stays open.
                None => ends.then_some(AppStep::Ask(Operation::SendOffsets)),
            },
            Phase::Ending { commit: true } => Some(AppStep::Ask(Operation::Commit)),
            Phase::Ending { commit: false } => Some(AppStep::Ask(Operation::Abort)),
            Phase::Over => None,
        }
    }

    fn take_record(&mut self) -> Option<Record> {
        let (topic, record) = self.records.pop_front()?;
        self.heading = Some(topic);
        Some(record)
    }

    fn next_plain_step(&mut self) -> Option<AppStep> {
        match self.take_record() {
            Some(record) => Some(AppStep::Send(record)),
            None => std::mem::take(&mut self.flush).then_some(AppStep::Flush),
        }
    }

    /// Everything that was given has its outcome.
    fn flushed(&mut self) {
        self.outcome = Some(match std::mem::take(&mut self.failed) {
            true => Err(ClientError::Timeout),
            false => Ok(()),
        });
    }

    fn heard(&mut self, phase: &mut Phase, operation: Operation, outcome: Outcome) {
        *phase = match (operation, outcome) {
            (Operation::SendOffsets, Ok(())) => Phase::Ending { commit: true },
            (Operation::Init, Ok(())) => Phase::Between,
            (Operation::Commit, Ok(())) => {
                self.outcome = Some(Ok(()));
                Phase::Between
            }
            (Operation::SendOffsets | Operation::Commit, Err(ClientError::Broker(_))) => {
                Phase::Ending { commit: false }
            }
            (Operation::SendOffsets, Err(_)) => Phase::Ending { commit: false },
            (Operation::Init | Operation::Commit, Err(ClientError::Timeout)) => return,
            (Operation::Commit, Err(_)) => Phase::Ending { commit: false },
            // Aborted, or fenced: the process starts anew from what is committed.
            (Operation::Abort | Operation::Init, _) => {
                self.outcome = Some(Err(ClientError::Transaction));
                Phase::Over
            }
        };
    }
}

impl Client {
    /// `flush()` by the application: what it gave to write is written, or it is not.
    pub fn step_app_flush(&mut self, before: u64) -> Step {
        self.queues.flushing = self.queues.has_untold_before(before);
        if self.queues.flushing {
            return Step::Blocked;
        }
        if let Some(given) = self.app.as_mut().and_then(App::given) {
            given.flushed();
        }
        Step::Done
    }

    /// One step of the application's own transactions.
    pub fn step_app_transaction(&mut self, job: &mut Job, out: &mut Outbox) -> Step {
        let name = job.what.name();
        let outcome = match job.what {
            What::AppBegin => {
                let outcome = self.begin_transaction(out);
                if let Some(app) = &mut self.app {
                    app.began(outcome);
                }
                return Step::Done;
            }
            What::AppAsk(operation) => {
                let given = self.app.as_mut().and_then(|app| app.given());
                let offsets = given.filter(|_| operation == Operation::SendOffsets);
                let offsets = offsets.and_then(|given| given.offsets.take());
                match self.start_transactional(operation, offsets, out) {
                    Ok(()) => {
                        job.what = What::AppAwait(operation);
                        return self.step_app_transaction(job, out);
                    }
                    Err(error) => (operation, Err(error)),
                }
            }
            What::AppAwait(operation) => match self.transactional_outcome(operation, out) {
                Some(outcome) => (operation, outcome),
                None if out.now() < self.max_block_ends_at(job) => return Step::Blocked,
                None => (operation, Err(ClientError::Timeout)),
            },
            _ => return Step::Done,
        };
        let (operation, outcome) = outcome;
        if let Err(error) = outcome {
            out.note(Entry::Thrown { call: name, error });
        }
        if let Some(app) = &mut self.app {
            app.heard(operation, outcome, out.now());
        }
        Step::Done
    }
}
