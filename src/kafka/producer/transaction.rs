//! Transactions of a producer (`TransactionManager`): what the application may call next, and what its calls set
//! going. The requests themselves are in `txn_requests`.

use std::collections::VecDeque;

use crate::kafka::group::protocol::OffsetCommitRequest;
use crate::kafka::transaction::TransactionalId;
use crate::kafka::{ClientError, ErrorCode, GroupId};
use crate::sim::{EntryId, Micros, NodeId};

use super::idempotence::Identity;

/// `TransactionManager.State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Uninitialized,
    Initializing,
    Ready,
    InTransaction,
    Committing,
    Aborting,
    /// The transaction can only be aborted; then the producer goes on.
    AbortableError,
    /// The producer can only be closed.
    FatalError,
}

/// A call that waits for the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Init,
    Commit,
    Abort,
    SendOffsets,
}

impl Operation {
    /// The name of the call.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Init => "initTransactions",
            Operation::Commit => "commitTransaction",
            Operation::Abort => "abortTransaction",
            Operation::SendOffsets => "sendOffsetsToTransaction",
        }
    }
}

/// How such a call ended.
pub(super) type Outcome = Result<(), ClientError>;

/// Something to be asked of a coordinator.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub what: What,
    /// It was asked before: retry.backoff.ms lies between.
    pub retry: bool,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    FindCoordinator(Coordinator),
    InitProducerId,
    CommitOffsets(Box<OffsetCommitRequest>),
    End { commit: bool, producer: Identity },
}

/// Which coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coordinator {
    OfTransaction,
    OfGroup(GroupId),
}

/// The transactions of one producer.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub id: TransactionalId,
    pub state: State,
    /// What led to the error state.
    pub error: Option<ClientError>,
    /// Anything was sent in this transaction: its end has to be asked for.
    pub started: bool,
    /// Asked next, the most urgent first.
    pub asks: VecDeque<Ask>,
    /// Sent and not answered; one at a time.
    pub in_flight: Option<Ask>,
    pub coordinator: Option<NodeId>,
    pub group_coordinator: Option<NodeId>,
    /// A call that changes the state, and its outcome once known (`pendingTransition`).
    pub pending: Option<(Operation, Option<Outcome>)>,
    /// The outcome of `sendOffsetsToTransaction`.
    pub offsets: Option<Outcome>,
    /// The sender sleeps before it asks again.
    pub sleeps_until: Option<Micros>,
    /// What the next request comes of.
    pub because: EntryId,
}

impl What {
    fn priority(&self) -> u8 {
        match self {
            What::FindCoordinator(_) => 0,
            What::InitProducerId => 1,
            What::CommitOffsets(_) => 2,
            What::End { .. } => 3,
        }
    }

    /// Who is asked; `None`: any broker.
    pub fn coordinator(&self) -> Option<Coordinator> {
        match self {
            What::FindCoordinator(_) => None,
            What::InitProducerId | What::End { .. } => Some(Coordinator::OfTransaction),
            What::CommitOffsets(commit) => Some(Coordinator::OfGroup(commit.group)),
        }
    }
}

impl Transaction {
    pub fn new(id: TransactionalId) -> Self {
        Transaction {
            id,
            state: State::Uninitialized,
            error: None,
            started: false,
            asks: VecDeque::new(),
            in_flight: None,
            coordinator: None,
            group_coordinator: None,
            pending: None,
            offsets: None,
            sleeps_until: None,
            because: EntryId::NONE,
        }
    }

    // --- calls of the application

    /// `initTransactions`.
    pub fn init(&mut self) -> Outcome {
        if self.goes_on_waiting(Operation::Init)? {
            return Ok(());
        }
        self.fail_with_error()?;
        self.go_to(State::Initializing)?;
        self.pending = Some((Operation::Init, None));
        self.ask(What::InitProducerId, false);
        Ok(())
    }

    /// `beginTransaction`.
    pub fn begin(&mut self) -> Outcome {
        self.nothing_pending()?;
        self.fail_with_error()?;
        self.go_to(State::InTransaction)
    }

    /// `commitTransaction` or `abortTransaction` of what `producer` has sent.
    pub fn end(&mut self, commit: bool, producer: Identity) -> Outcome {
        let (operation, state) = match commit {
            true => (Operation::Commit, State::Committing),
            false => (Operation::Abort, State::Aborting),
        };
        if self.goes_on_waiting(operation)? {
            return Ok(());
        }
        if commit || self.state != State::AbortableError {
            self.fail_with_error()?;
        }
        self.go_to(state)?;
        self.pending = Some((operation, None));
        self.ask(What::End { commit, producer }, false);
        Ok(())
    }

    /// `sendOffsetsToTransaction`.
    pub fn send_offsets(&mut self, commit: OffsetCommitRequest) -> Outcome {
        self.nothing_pending()?;
        self.fail_with_error()?;
        if self.state != State::InTransaction {
            return Err(ClientError::IllegalState);
        }
        self.started = true;
        self.offsets = None;
        self.ask(What::CommitOffsets(Box::new(commit)), false);
        Ok(())
    }

    /// `send()` of a record (`maybeAddPartition`).
    pub fn may_send(&mut self) -> Outcome {
        self.fail_with_error()?;
        self.nothing_pending()?;
        match self.state {
            State::InTransaction => Ok(()),
            _ => Err(ClientError::IllegalState),
        }
    }

    /// How the call under way ended, once it has.
    pub fn outcome(&self, operation: Operation) -> Option<Outcome> {
        match operation {
            Operation::SendOffsets => self.offsets,
            _ => self.pending?.1,
        }
    }

    /// The application has heard of it (`isAcked`).
    pub fn heard(&mut self) {
        self.pending = None;
    }

    /// A call that ran into max.block.ms is made again: it waits for the same result.
    fn goes_on_waiting(&mut self, operation: Operation) -> Result<bool, ClientError> {
        match self.pending {
            None => Ok(false),
            Some((pending, _)) if pending == operation => Ok(true),
            Some(_) => Err(ClientError::IllegalState),
        }
    }

    fn nothing_pending(&self) -> Outcome {
        match self.pending {
            None => Ok(()),
            Some(_) => Err(ClientError::IllegalState),
        }
    }

    /// Throws what the error state says (`maybeFailWithError`).
    fn fail_with_error(&self) -> Outcome {
        if !matches!(self.state, State::AbortableError | State::FatalError) {
            return Ok(());
        }
        let named = [
            ClientError::Broker(ErrorCode::ProducerFenced),
            ClientError::Broker(ErrorCode::InvalidProducerEpoch),
            ClientError::IllegalState,
        ];
        let named = self.error.filter(|error| named.contains(error));
        Err(named.unwrap_or(ClientError::Transaction))
    }

    fn go_to(&mut self, next: State) -> Outcome {
        use State::*;
        let allowed = match next {
            Initializing => self.state == Uninitialized,
            InTransaction => self.state == Ready,
            Committing => self.state == InTransaction,
            Aborting => matches!(self.state, InTransaction | AbortableError),
            _ => false,
        };
        if !allowed {
            return Err(ClientError::IllegalState);
        }
        (self.state, self.error) = (next, None);
        Ok(())
    }

    // --- what comes of requests and batches

    /// Puts a request in line.
    pub fn ask(&mut self, what: What, retry: bool) {
        let before = |ask: &&Ask| ask.what.priority() <= what.priority();
        let place = self.asks.iter().take_while(before).count();
        self.asks.insert(place, Ask { what, retry });
    }

    /// The coordinator is to be looked for, and then this asked again.
    pub fn look_up(&mut self, what: What) {
        if let Some(coordinator) = what.coordinator() {
            self.forget(coordinator);
            self.ask(What::FindCoordinator(coordinator), false);
        }
        self.ask(what, true);
    }

    /// Where a coordinator is, as far as known.
    pub fn at(&self, coordinator: Coordinator) -> Option<NodeId> {
        match coordinator {
            Coordinator::OfTransaction => self.coordinator,
            Coordinator::OfGroup(_) => self.group_coordinator,
        }
    }

    fn forget(&mut self, coordinator: Coordinator) {
        self.found(coordinator, None);
    }

    /// A coordinator was found.
    pub fn found(&mut self, coordinator: Coordinator, node: Option<NodeId>) {
        match coordinator {
            Coordinator::OfTransaction => self.coordinator = node,
            Coordinator::OfGroup(_) => self.group_coordinator = node,
        }
    }

    /// A request has its result: whoever called hears it.
    pub fn resolve(&mut self, what: &What, outcome: Outcome) {
        match what {
            What::CommitOffsets(_) => self.offsets = Some(outcome),
            What::InitProducerId | What::End { .. } => {
                if let Some((_, pending)) = &mut self.pending {
                    *pending = Some(outcome);
                }
            }
            What::FindCoordinator(_) => {}
        }
    }

    /// The transaction has ended, or had nothing in it.
    pub fn ended(&mut self) {
        (self.state, self.error, self.started) = (State::Ready, None, false);
    }

    /// The transaction can only be aborted from here on (`transitionToAbortableError`).
    pub fn fail_abortably(&mut self, error: ClientError) {
        use State::*;
        match self.state {
            Aborting | FatalError => {}
            InTransaction | Committing | AbortableError | Initializing => {
                (self.state, self.error) = (AbortableError, Some(error));
            }
            Uninitialized | Ready => self.fail_fatally(ClientError::IllegalState),
        }
    }

    /// The producer can only be closed from here on (`transitionToFatalError`).
    pub fn fail_fatally(&mut self, error: ClientError) {
        (self.state, self.error) = (State::FatalError, Some(error));
        if let Some((_, pending)) = &mut self.pending {
            pending.get_or_insert(Err(error));
        }
    }

    /// A batch has failed for good (`maybeTransitionToErrorState`).
    pub fn batch_failed(&mut self, error: ClientError) {
        let worn_out = match error {
            ClientError::Timeout | ClientError::BufferExhausted => true,
            ClientError::Broker(code) => code.is_retriable() || code == ErrorCode::InvalidTxnState,
            _ => false,
        };
        match error {
            ClientError::Broker(
                ErrorCode::ProducerFenced | ErrorCode::InvalidProducerIdMapping,
            ) => {
                self.fail_fatally(error);
            }
            _ if worn_out => {
                self.fail_abortably(ClientError::Broker(ErrorCode::TransactionAbortable));
            }
            _ => self.fail_abortably(error),
        }
    }

    /// Whether the application has asked for the end: nothing lingers any more.
    pub fn is_completing(&self) -> bool {
        matches!(self.state, State::Committing | State::Aborting)
    }

    /// Whether a transaction is open (`hasOngoingTransaction`).
    pub fn is_ongoing(&self) -> bool {
        self.is_completing() || matches!(self.state, State::InTransaction | State::AbortableError)
    }

    /// What records that were never sent fail with, if they are to be dropped.
    pub fn drops_unsent(&self) -> Option<ClientError> {
        match self.state {
            State::AbortableError => self.error,
            State::Aborting => Some(ClientError::TransactionAborted),
            _ => None,
        }
    }
}
