//! Before the first batch of a transaction is appended to a partition, its leader has the coordinator add the
//! partition to the transaction (`AddPartitionsToTxnManager`, KIP-890): nothing late can be written outside of one.

use std::rc::Rc;

use super::super::connection::Caller;
use super::super::process::Broker;
use super::{TransactionTimer, set_timer};
use crate::kafka::group::protocol::{GroupRequest, TxnOffsetCommitRequest};
use crate::kafka::group::{group_partition, refuse};
use crate::kafka::protocol::{ProduceRequest, channel};
use crate::kafka::transaction::{ProducerIdAndEpoch, TransactionRequest, TransactionalId};
use crate::kafka::{ErrorCode, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros};

/// Between two tries while the transaction before is being completed
/// (add.partitions.to.txn.retry.backoff.ms).
const RETRY_US: Micros = 20 * MS;
/// For so long at most (add.partitions.to.txn.retry.backoff.max.ms).
const RETRY_MAX_US: Micros = 100 * MS;

/// What waits for a coordinator's word.
#[derive(Clone, Debug)]
pub struct Verifying {
    caller: Caller,
    what: What,
    partitions: Vec<TopicPartition>,
    since: Micros,
    /// The request that asks; `None`: it will be asked again at `again_at`.
    asked: Option<u32>,
    again_at: Micros,
    cause: EntryId,
}

#[derive(Clone, Debug)]
enum What {
    /// Batches; some partitions are refused already.
    Produce(Rc<ProduceRequest>, Vec<(TopicPartition, ErrorCode)>),
    /// Offsets of a group.
    Offsets(Rc<GroupRequest>),
}

impl Broker<'_> {
    /// Batches of a transaction (`ReplicaManager.handleProduceAppend`).
    pub(in crate::kafka::broker) fn produce_in_transaction(
        &mut self,
        caller: Caller,
        request: Rc<ProduceRequest>,
        since: Micros,
        out: &mut Outbox,
    ) {
        let (mut refused, mut new) = (Vec::new(), Vec::new());
        let mut producer = None;
        for (partition, batch) in &request.batches {
            let Some(stamp) = batch.transactional() else {
                continue;
            };
            let who = (stamp.producer_id, stamp.producer_epoch);
            producer = Some(who);
            match self.must_be_added(*partition, who) {
                Ok(true) => new.push(*partition),
                Ok(false) => {}
                Err(error) => refused.push((*partition, error)),
            }
        }
        match (&request.transactional_id, producer) {
            (Some(id), Some(producer)) if !new.is_empty() => {
                let id = Rc::clone(id);
                let what = What::Produce(request, refused);
                self.verify(caller, what, (id, producer), new, since, out);
            }
            _ => self.append_all(caller, &request, &refused, out),
        }
    }

    /// Offsets that a producer commits as part of its transaction.
    pub(in crate::kafka::broker) fn commit_offsets_in_transaction(
        &mut self,
        caller: Caller,
        request: &Rc<GroupRequest>,
        commit: &TxnOffsetCommitRequest,
        out: &mut Outbox,
    ) {
        let partition = group_partition(&self.store.spec, commit.commit.group);
        let partition = partition.filter(|p| self.must_be_added(*p, commit.producer) != NOT_LEADER);
        let Some(partition) = partition else {
            return refuse(
                caller.conn,
                caller.correlation,
                ErrorCode::NotCoordinator,
                out,
            );
        };
        match self.must_be_added(partition, commit.producer) {
            Ok(true) => {
                let (id, now) = (Rc::clone(&commit.id), out.now());
                let what = What::Offsets(Rc::clone(request));
                let who = (id, commit.producer);
                self.verify(caller, what, who, vec![partition], now, out);
            }
            Ok(false) => self.ask_group_coordinator(caller, request, out),
            Err(error) => refuse(caller.conn, caller.correlation, error, out),
        }
    }

    fn must_be_added(
        &self,
        partition: TopicPartition,
        producer: ProducerIdAndEpoch,
    ) -> Result<bool, ErrorCode> {
        let replica = self.store.replica(self.hosted(partition)?);
        replica.check_leader(None)?;
        replica.log.must_be_added(producer)
    }

    fn verify(
        &mut self,
        caller: Caller,
        what: What,
        (id, producer): (TransactionalId, ProducerIdAndEpoch),
        partitions: Vec<TopicPartition>,
        since: Micros,
        out: &mut Outbox,
    ) {
        let mut verifying = Verifying {
            caller,
            what,
            partitions: partitions.clone(),
            since,
            asked: None,
            again_at: 0,
            cause: out.cause(),
        };
        let Some(coordinator) = self.transaction_coordinator(&id) else {
            let error = ErrorCode::CoordinatorNotAvailable;
            return self.go_on_with(verifying, error, out);
        };
        let request = TransactionRequest::AddPartitionsToTxn {
            id,
            producer,
            partitions,
        };
        verifying.asked = Some(self.ask_peer(coordinator, channel::DATA, request, out));
        self.process.transactions.verifying.push(verifying);
    }

    /// The coordinator answered, or cannot be reached.
    pub(super) fn verified(&mut self, correlation: u32, error: ErrorCode, out: &mut Outbox) {
        let all = &mut self.process.transactions.verifying;
        let Some(place) = all.iter().position(|v| v.asked == Some(correlation)) else {
            return;
        };
        let mut verifying = all.remove(place);
        let error = match error {
            ErrorCode::ProducerFenced => ErrorCode::InvalidProducerEpoch,
            other => other,
        };
        let produces = matches!(verifying.what, What::Produce(..));
        let waits = error == ErrorCode::ConcurrentTransactions && produces;
        if waits && out.now() < verifying.since + RETRY_MAX_US {
            (verifying.asked, verifying.again_at) = (None, out.now() + RETRY_US);
            all.push(verifying);
            return set_timer(RETRY_US, TransactionTimer::Verify, out);
        }
        let cause = out.cause();
        self.go_on_with(verifying, error, out);
        out.because(cause);
    }

    fn go_on_with(&mut self, verifying: Verifying, error: ErrorCode, out: &mut Outbox) {
        let caller = verifying.caller;
        out.because(verifying.cause);
        match verifying.what {
            What::Produce(request, mut refused) => {
                let error = as_produce_error(error);
                if error != ErrorCode::None {
                    refused.extend(verifying.partitions.iter().map(|p| (*p, error)));
                }
                self.append_all(caller, &request, &refused, out);
            }
            What::Offsets(request) => match error {
                ErrorCode::None => self.ask_group_coordinator(caller, &request, out),
                // All of these bring the producer back.
                ErrorCode::NetworkException => {
                    let error = ErrorCode::CoordinatorLoadInProgress;
                    refuse(caller.conn, caller.correlation, error, out);
                }
                error => refuse(caller.conn, caller.correlation, error, out),
            },
        }
    }

    /// The transaction before may be complete by now.
    pub(super) fn verify_again(&mut self, out: &mut Outbox) {
        let now = out.now();
        let due = |v: &Verifying| v.asked.is_none() && v.again_at <= now;
        while let Some(place) = self.process.transactions.verifying.iter().position(due) {
            let verifying = self.process.transactions.verifying.remove(place);
            out.because(verifying.cause);
            if let What::Produce(request, _) = verifying.what {
                self.produce_in_transaction(verifying.caller, request, verifying.since, out);
            }
        }
    }
}

const NOT_LEADER: Result<bool, ErrorCode> = Err(ErrorCode::NotLeaderOrFollower);

/// What a producer is told when its partition could not be added: something that it tries again without asking for
/// metadata (`ReplicaManager.handleProduceAppend`).
fn as_produce_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::NetworkException
        | ErrorCode::CoordinatorLoadInProgress
        | ErrorCode::CoordinatorNotAvailable
        | ErrorCode::NotCoordinator => ErrorCode::NotEnoughReplicas,
        other => other,
    }
}
