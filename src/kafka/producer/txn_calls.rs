//! The application's calls about transactions (`KafkaProducer.initTransactions` and the others).

use crate::kafka::group::protocol::OffsetCommitRequest;
use crate::kafka::{ClientError, Entry, Outbox};

use super::calls::{Job, Step, What, returned, thrown};
use super::client::Client;
use super::transaction::{Operation, Outcome};

impl Client {
    /// `beginTransaction`: nothing is asked of anybody.
    pub fn step_begin_transaction(&mut self, out: &mut Outbox) -> Step {
        match self.begin_transaction(out) {
            Ok(()) => returned("beginTransaction", out),
            Err(error) => thrown("beginTransaction", error, out),
        }
    }

    /// A transaction begins.
    pub fn begin_transaction(&mut self, out: &mut Outbox) -> Outcome {
        let transaction = self.transaction.as_mut();
        transaction.ok_or(ClientError::IllegalState)?.begin()?;
        let began = out.note(Entry::TransactionBegan);
        if let Some(transaction) = &mut self.transaction {
            transaction.because = began;
        }
        Ok(())
    }

    /// A call that waits for a coordinator, for max.block.ms at most.
    pub fn step_transactional(&mut self, job: &mut Job, out: &mut Outbox) -> Step {
        let name = job.what.name();
        if let What::Transactional(operation, commit) = &mut job.what {
            let (operation, commit) = (*operation, commit.take());
            if let Err(error) =
                self.start_transactional(operation, commit.map(|commit| *commit), out)
            {
                return thrown(name, error, out);
            }
            job.what = What::AwaitTransactional(operation);
        }
        let What::AwaitTransactional(operation) = job.what else {
            return Step::Done;
        };
        match self.transactional_outcome(operation, out) {
            Some(Ok(())) => returned(name, out),
            Some(Err(error)) => thrown(name, error, out),
            None if out.now() < self.max_block_ends_at(job) => Step::Blocked,
            None => thrown(name, ClientError::Timeout, out),
        }
    }

    /// The first step of such a call.
    pub fn start_transactional(
        &mut self,
        operation: Operation,
        commit: Option<OffsetCommitRequest>,
        out: &mut Outbox,
    ) -> Outcome {
        let producer = self.identity().unwrap_or_default();
        let transaction = self.transaction.as_mut();
        let transaction = transaction.ok_or(ClientError::IllegalState)?;
        match operation {
            Operation::Init => transaction.init()?,
            Operation::SendOffsets => {
                transaction.send_offsets(commit.ok_or(ClientError::IllegalState)?)?;
            }
            Operation::Commit | Operation::Abort => {
                let commit = operation == Operation::Commit;
                transaction.end(commit, producer)?;
                let cause = transaction.because;
                let ending = out.note_because(Entry::TransactionEnding { commit }, cause);
                transaction.because = ending;
            }
        }
        self.queues.completing = transaction.is_completing();
        Ok(())
    }

    /// How such a call ended, once it has; it is noted.
    pub fn transactional_outcome(
        &mut self,
        operation: Operation,
        out: &mut Outbox,
    ) -> Option<Outcome> {
        let transaction = self.transaction.as_mut()?;
        let outcome = transaction.outcome(operation)?;
        if operation != Operation::SendOffsets {
            transaction.heard();
        }
        self.queues.completing = transaction.is_completing();
        if outcome.is_ok() && matches!(operation, Operation::Commit | Operation::Abort) {
            let commit = operation == Operation::Commit;
            out.note_because(Entry::TransactionEnded { commit }, transaction.because);
        }
        Some(outcome)
    }

    /// `close()` aborts what is open; whether that is still under way.
    pub fn transaction_left_open(&mut self) -> bool {
        let producer = self.identity().unwrap_or_default();
        let Some(transaction) = self.transaction.as_mut().filter(|t| t.is_ongoing()) else {
            return false;
        };
        if self.closed {
            return false;
        }
        if !transaction.is_completing() && transaction.end(false, producer).is_err() {
            return false;
        }
        self.queues.completing = true;
        true
    }
}
