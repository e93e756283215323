//! The sender's part of transactions (`Sender.maybeSendAndPollTransactionalRequest`, `TxnRequestHandler`): one request
//! at a time, and while it is under way no batches leave.

use std::rc::Rc;

use crate::kafka::group::protocol::{GroupRequest, GroupResponse, TxnOffsetCommitRequest};
use crate::kafka::protocol::{Request, Response};
use crate::kafka::transaction::{TransactionRequest, TransactionResponse};
use crate::kafka::{ClientError, ErrorCode, Outbox};
use crate::sim::{MS, NodeId};

use super::client::Client;
use super::connection::{Sent, State as Connected};
use super::transaction::{Ask, Coordinator, State, Transaction, What};

/// What the sender makes of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Batches may leave.
    Free,
    /// A request is under way, or waits for its connection.
    Busy,
}

impl Client {
    /// Asks the coordinators what there is to be asked.
    pub fn transaction_turn(&mut self, out: &mut Outbox) -> Turn {
        loop {
            let Some(transaction) = &mut self.transaction else {
                return Turn::Free;
            };
            if transaction.state == State::FatalError {
                self.drop_everything(out);
                return Turn::Busy;
            }
            self.drop_unsent(out);
            let incomplete = self.queues.has_untold_before(u64::MAX);
            let Some(transaction) = &mut self.transaction else {
                return Turn::Free;
            };
            if transaction.in_flight.is_some() {
                return Turn::Busy;
            }
            let Some(ask) = transaction.next(incomplete) else {
                return Turn::Free;
            };
            if !self.send_ask(ask, out) {
                return Turn::Busy;
            }
        }
    }

    /// Sends a request, or takes one step towards it. False: it has to wait for an answer, a connection or the clock.
    fn send_ask(&mut self, ask: Ask, out: &mut Outbox) -> bool {
        let now = out.now();
        let Some(node) = self.node_for(&ask.what, out) else {
            return match ask.what.coordinator() {
                // Not known: it is looked for first.
                Some(_) => self.look_up(ask),
                None => {
                    self.put_back(ask);
                    false
                }
            };
        };
        let limits = self.limits;
        if !self.connection(node).can_send(&limits) || self.metadata.is_update_due(now) {
            let connection = self.connection(node);
            let gone = connection.state == Connected::Disconnected;
            if gone && !connection.can_connect(now) && ask.what.coordinator().is_some() {
                return self.look_up(ask);
            }
            self.ready_or_connect(node, out);
            self.put_back(ask);
            return false;
        }
        let backoff_us = self.config.retry_backoff_ms.saturating_mul(MS);
        let Some(transaction) = &mut self.transaction else {
            return false;
        };
        if ask.retry && transaction.sleeps_until.is_none_or(|at| at > now) {
            transaction.sleeps_until = transaction.sleeps_until.or(Some(now + backoff_us));
            self.put_back(ask);
            return false;
        }
        transaction.sleeps_until = None;
        let request = self.request_of(&ask.what);
        if let Some(transaction) = &mut self.transaction {
            out.because(transaction.because);
            transaction.in_flight = Some(ask);
        }
        self.send(node, request, Sent::Transactional, out);
        false
    }

    /// The coordinator, or a broker that may know it.
    fn node_for(&mut self, what: &What, out: &Outbox) -> Option<NodeId> {
        match what.coordinator() {
            Some(coordinator) => self.transaction.as_ref()?.at(coordinator),
            None => {
                let node = self.least_loaded(out.now());
                if node.is_none() {
                    self.want_any();
                }
                node
            }
        }
    }

    /// The coordinator is looked for first; the sender goes on with that.
    fn look_up(&mut self, ask: Ask) -> bool {
        if let Some(transaction) = &mut self.transaction {
            transaction.look_up(ask.what);
        }
        true
    }

    fn put_back(&mut self, ask: Ask) {
        if let Some(transaction) = &mut self.transaction {
            transaction.asks.push_front(ask);
        }
    }

    fn request_of(&self, what: &What) -> Request {
        let id = self.transaction.as_ref().map(|t| Rc::clone(&t.id));
        let id = id.unwrap_or_else(|| Rc::from(""));
        let request = match what {
            What::FindCoordinator(Coordinator::OfGroup(group)) => {
                let group = *group;
                return Request::Group(Rc::new(GroupRequest::FindCoordinator { group }));
            }
            What::FindCoordinator(Coordinator::OfTransaction) => {
                TransactionRequest::FindCoordinator { id }
            }
            What::InitProducerId => TransactionRequest::InitProducerId {
                id,
                timeout_ms: self.config.transaction_timeout_ms,
            },
            What::End { commit, producer } => TransactionRequest::EndTxn {
                id,
                producer: *producer,
                commit: *commit,
            },
            What::CommitOffsets(commit) => {
                let producer = self.identity().unwrap_or_default();
                let commit = (**commit).clone();
                let request = TxnOffsetCommitRequest {
                    id,
                    producer,
                    commit,
                };
                return Request::Group(Rc::new(GroupRequest::TxnOffsetCommit(request)));
            }
        };
        Request::Transaction(Rc::new(request))
    }

    /// Fails what was never sent, once the transaction is to be aborted.
    fn drop_unsent(&mut self, out: &mut Outbox) {
        let error = self
            .transaction
            .as_ref()
            .and_then(Transaction::drops_unsent);
        if let Some(error) = error {
            for id in self.queues.take_unnumbered() {
                self.fail_unsent(id, error, out);
            }
        }
    }

    /// Fails everything: the producer will never send again.
    fn drop_everything(&mut self, out: &mut Outbox) {
        let error = self.transaction.as_ref().and_then(|t| t.error);
        let error = error.unwrap_or(ClientError::Transaction);
        self.abandon(error, out);
        while let Some(ask) = self.transaction.as_mut().and_then(|t| t.asks.pop_front()) {
            if let Some(transaction) = &mut self.transaction {
                transaction.resolve(&ask.what, Err(error));
            }
        }
    }

    /// The request under way will get no answer.
    pub fn transactional_request_lost(&mut self) {
        if let Some(transaction) = &mut self.transaction
            && let Some(ask) = transaction.in_flight.take()
        {
            transaction.look_up(ask.what);
        }
    }

    /// The request under way was answered.
    pub fn transactional_request_answered(&mut self, response: &Response) {
        let Some(transaction) = &mut self.transaction else {
            return;
        };
        let Some(ask) = transaction.in_flight.take() else {
            return;
        };
        let (error, producer) = match (&ask.what, response) {
            (What::FindCoordinator(which), response) => {
                let (error, node) = coordinator_in(response);
                transaction.found(*which, node);
                (error, None)
            }
            (_, Response::Transaction(response)) => match &**response {
                TransactionResponse::InitProducerId(result)
                | TransactionResponse::EndTxn(result) => match result {
                    Ok(producer) => (ErrorCode::None, Some(*producer)),
                    Err(error) => (*error, None),
                },
                _ => (ErrorCode::NetworkException, None),
            },
            (_, Response::Group(response)) => match &**response {
                GroupResponse::OffsetCommit(error) => (*error, None),
                _ => (ErrorCode::NetworkException, None),
            },
            _ => (ErrorCode::NetworkException, None),
        };
        if let (Some(producer), Some(idempotence)) = (producer, &mut self.idempotence) {
            idempotence.start_anew(producer);
        }
        transaction.answered(ask.what, error);
    }
}

impl Transaction {
    /// The next request to be sent. The end of a transaction waits for every batch; requests that an error has made
    /// pointless fail.
    fn next(&mut self, incomplete: bool) -> Option<Ask> {
        loop {
            let first = self.asks.front()?;
            let ends = matches!(first.what, What::End { .. });
            if ends && incomplete {
                return None;
            }
            let ask = self.asks.pop_front()?;
            let finds = matches!(ask.what, What::FindCoordinator(_));
            if self.state == State::AbortableError && !finds {
                let error = self.error.unwrap_or(ClientError::Transaction);
                self.resolve(&ask.what, Err(error));
                continue;
            }
            if ends && !self.started {
                self.resolve(&ask.what, Ok(()));
                self.ended();
                continue;
            }
            return Some(ask);
        }
    }

    /// What an answer means (`TxnRequestHandler.handleResponse`).
    fn answered(&mut self, what: What, error: ErrorCode) {
        use ErrorCode as E;
        let aborts = matches!(what, What::End { commit: false, .. });
        let offsets = matches!(what, What::CommitOffsets(_));
        let finds = matches!(what, What::FindCoordinator(_));
        match error {
            E::None => self.succeeded(&what),
            E::NotCoordinator | E::CoordinatorNotAvailable if !finds => self.look_up(what),
            E::RequestTimedOut if offsets => self.look_up(what),
            _ if error.is_retriable() => self.ask(what, true),
            E::InvalidProducerEpoch | E::ProducerFenced => {
                self.fatal(&what, ClientError::Broker(E::ProducerFenced));
            }
            E::TransactionAbortable if aborts => self.fatal(&what, ClientError::Transaction),
            E::TransactionAbortable => self.abortable(&what, ClientError::Broker(error)),
            E::FencedInstanceId if offsets => self.abortable(&what, ClientError::Broker(error)),
            E::UnknownMemberId | E::IllegalGeneration if offsets => {
                self.abortable(&what, ClientError::CommitFailed);
            }
            E::InvalidTxnState | E::InvalidProducerIdMapping
                if matches!(what, What::End { .. }) =>
            {
                self.fatal(&what, ClientError::Broker(error));
            }
            _ => self.fatal(&what, ClientError::Transaction),
        }
    }

    fn succeeded(&mut self, what: &What) {
        match what {
            What::FindCoordinator(_) | What::CommitOffsets(_) => {}
            What::InitProducerId => (self.state, self.error) = (State::Ready, None),
            What::End { .. } => self.ended(),
        }
        self.resolve(what, Ok(()));
    }

    fn fatal(&mut self, what: &What, error: ClientError) {
        self.resolve(what, Err(error));
        self.fail_fatally(error);
    }

    fn abortable(&mut self, what: &What, error: ClientError) {
        self.resolve(what, Err(error));
        self.fail_abortably(error);
    }
}

fn coordinator_in(response: &Response) -> (ErrorCode, Option<NodeId>) {
    match response {
        Response::Transaction(response) => match **response {
            TransactionResponse::FindCoordinator { error, coordinator } => (error, coordinator),
            _ => (ErrorCode::NetworkException, None),
        },
        Response::Group(response) => match **response {
            GroupResponse::FindCoordinator { error, coordinator } => (error, coordinator),
            _ => (ErrorCode::NetworkException, None),
        },
        _ => (ErrorCode::NetworkException, None),
    }
}
