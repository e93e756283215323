//! The transaction coordinator (`TransactionCoordinator`, `TransactionStateManager`): it lives in the broker that
//! leads the id's partition of `__transaction_state`, and keeps what it decides in that log. Nothing counts before
//! the log has it on every in-sync replica.
//!
//! | module | room for |
//! |---|---|
//! | [`requests`] | InitProducerId, AddPartitionsToTxn, EndTxn, transactions that are open for too long |
//! | [`writes`] | what is on its way into `__transaction_state`, and what follows once it is there; loading |
//! | [`markers`] | having the end of a transaction written into its partitions |
//! | [`leader`] | the other side: a leader that is asked to write a marker |
//! | [`verify`] | a leader that asks a coordinator to add a partition before it appends (KIP-890) |
//! | [`peers`] | requests to other brokers |

mod leader;
mod markers;
mod peers;
mod requests;
mod verify;
mod writes;

use std::rc::Rc;

use super::connection::Caller;
use super::process::Broker;
use crate::kafka::protocol::Response;
use crate::kafka::spec::TRANSACTIONS_TOPIC;
use crate::kafka::transaction::{
    TransactionMetadata, TransactionRequest, TransactionResponse, TransactionalId,
    transaction_partition,
};
use crate::kafka::{ClusterSpec, ErrorCode, LeaderEpoch, Outbox, TopicId, TopicPartition};
use crate::sim::{EntryId, MS, Micros, SECOND};
use markers::Mark;
use peers::Peers;
use verify::Verifying;
use writes::Write;

/// How often the coordinator looks for transactions that are open for too long
/// (transaction.abort.timed.out.transaction.cleanup.interval.ms).
const LOOK_FOR_TIMED_OUT_US: Micros = 10 * SECOND;
/// Wait before something is asked again of a broker that was lost or refused (reconnect.backoff.ms).
const RETRY_US: Micros = 50 * MS;

/// What a timer of transactions is for.
#[derive(Clone, Copy, Debug)]
pub enum TransactionTimer {
    /// Transactions may be open for too long.
    TimedOut,
    /// Transactional ids may have expired.
    Expired,
    /// A write to `__transaction_state` may have waited for too long.
    Writes,
    /// Markers may be sent again.
    Markers,
    /// A coordinator may be asked again to add a partition.
    Verify,
    /// A request to another broker may have waited for request.timeout.ms.
    Peers,
}

/// What ends with the process.
#[derive(Clone, Debug)]
pub struct Transactions {
    pub(super) topic: Option<TopicId>,
    /// Since when the process serves.
    pub(super) since: Micros,
    /// One for each partition of `__transaction_state` that this broker leads.
    shards: Vec<Shard>,
    /// When the next look for transactions that are open for too long is due; `None`: none is open.
    look_at: Option<Micros>,
    /// A look for expired transactional ids is due some time.
    looks_for_expired: bool,
    /// Markers will be sent again by a timer: one is enough.
    retries: bool,
    /// What waits until a coordinator has added its partitions.
    verifying: Vec<Verifying>,
    /// Requests to other brokers.
    peers: Peers,
}

/// The transactional ids of one partition of `__transaction_state`.
#[derive(Clone, Debug)]
struct Shard {
    partition: TopicPartition,
    /// The coordinator epoch: that of the leadership.
    epoch: LeaderEpoch,
    known: Vec<Known>,
    writes: std::collections::VecDeque<Write>,
}

/// One transactional id.
#[derive(Clone, Debug)]
struct Known {
    now: Rc<TransactionMetadata>,
    /// A change is being written, or markers are: nothing else may begin.
    pending: bool,
    /// Where the end of the transaction still has to be written.
    marks: Vec<Mark>,
    /// What led to it: the causes of its markers.
    because: EntryId,
}

impl Transactions {
    /// A coordinator that leads nothing yet.
    pub fn new(spec: &ClusterSpec) -> Self {
        Transactions {
            topic: spec.topic_named(TRANSACTIONS_TOPIC),
            since: 0,
            shards: Vec::new(),
            look_at: None,
            looks_for_expired: false,
            retries: false,
            verifying: Vec::new(),
            peers: Peers::default(),
        }
    }

    fn shard(&mut self, partition: TopicPartition) -> Option<&mut Shard> {
        let mut shards = self.shards.iter_mut();
        shards.find(|shard| shard.partition == partition)
    }

    /// What it knows of the transactional ids of `partition`, if it coordinates them.
    pub fn of(
        &self,
        partition: TopicPartition,
    ) -> Option<impl Iterator<Item = &TransactionMetadata>> {
        let mut shards = self.shards.iter();
        let shard = shards.find(|shard| shard.partition == partition)?;
        Some(shard.known.iter().map(|known| &*known.now))
    }

    /// What this coordinator knows of its transactional ids.
    pub fn known(&self) -> impl Iterator<Item = &TransactionMetadata> {
        let known = self.shards.iter().flat_map(|shard| &shard.known);
        known.map(|known| &*known.now)
    }
}

impl Shard {
    fn known(&mut self, id: &str) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| *known.now.id == *id)
    }

    fn is_writing(&self, id: &str) -> bool {
        self.writes.iter().any(|write| *write.next.id == *id)
    }
}

impl Broker<'_> {
    /// A request about a transaction.
    pub(super) fn transaction(
        &mut self,
        caller: Caller,
        request: Rc<TransactionRequest>,
        out: &mut Outbox,
    ) {
        let answered = match &*request {
            TransactionRequest::FindCoordinator { id } => {
                let coordinator = self.transaction_coordinator(id);
                let error = match coordinator {
                    Some(_) => ErrorCode::None,
                    None => ErrorCode::CoordinatorNotAvailable,
                };
                Ok(TransactionResponse::FindCoordinator { error, coordinator })
            }
            TransactionRequest::InitProducerId { id, timeout_ms } => {
                return self.init_transactional(caller, id, *timeout_ms, out);
            }
            TransactionRequest::AddPartitionsToTxn {
                id,
                producer,
                partitions,
            } => {
                return self.add_partitions(caller, id, *producer, partitions, out);
            }
            TransactionRequest::EndTxn {
                id,
                producer,
                commit,
            } => return self.end_transaction(caller, id, *producer, *commit, out),
            TransactionRequest::WriteTxnMarkers(marker) => {
                return self.write_markers(caller, marker, out);
            }
        };
        let response = answered.unwrap_or_else(|error| request.refused(error));
        self.answer_transaction(caller, response, out);
    }

    pub(super) fn answer_transaction(
        &mut self,
        caller: Caller,
        response: TransactionResponse,
        out: &mut Outbox,
    ) {
        let response = Response::Transaction(Rc::new(response));
        self.process.connections.answer(caller, response, out);
    }

    /// The coordinator of `id` as this broker's metadata has it, if it is unfenced.
    fn transaction_coordinator(&self, id: &TransactionalId) -> Option<crate::sim::NodeId> {
        let partition = transaction_partition(&self.store.spec, id)?;
        self.unfenced_leader(partition)
    }

    /// The leader of `partition` as this broker's metadata has it, if it is unfenced.
    fn unfenced_leader(&self, partition: TopicPartition) -> Option<crate::sim::NodeId> {
        let leader = self.image().partitions.get(&partition)?.leader?;
        let fenced = self.image().brokers.get(&leader)?.fenced;
        (!fenced).then_some(leader)
    }

    pub(super) fn transaction_timer(&mut self, timer: TransactionTimer, out: &mut Outbox) {
        match timer {
            TransactionTimer::Expired => self.expire_ids(out),
            TransactionTimer::TimedOut => self.abort_timed_out(out),
            TransactionTimer::Writes => self.give_up_transaction_writes(out),
            TransactionTimer::Markers => {
                self.process.transactions.retries = false;
                self.send_markers(out);
            }
            TransactionTimer::Verify => self.verify_again(out),
            TransactionTimer::Peers => self.give_up_peers(out),
        }
    }
}

fn set_timer(delay_us: Micros, timer: TransactionTimer, out: &mut Outbox) {
    out.timer(delay_us, super::BrokerTimer::Transactions(timer).into());
}
