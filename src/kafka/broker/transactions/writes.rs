//! What is on its way into `__transaction_state` (`TransactionStateManager.appendTransactionToLog`): appended under
//! the rules of acks=all, it counts once the high watermark has passed it.

use std::collections::VecDeque;
use std::rc::Rc;

use super::super::connection::Caller;
use super::super::process::Broker;
use super::{Known, Shard, TransactionTimer, set_timer};
use crate::kafka::record::{BATCH_OVERHEAD_BYTES, Batch, Records};
use crate::kafka::transaction::{TransactionMetadata, TransactionResponse, TransactionState};
use crate::kafka::{Entry, ErrorCode, Offset, Outbox, Rule, TopicPartition, TransactionEnd};
use crate::sim::{EntryId, MS, Micros};

/// Bytes of a record in `__transaction_state`, about.
const RECORD_BYTES: u32 = 100;

/// Appended, not yet below the high watermark.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Where the high watermark must get to.
    until: Offset,
    deadline: Micros,
    pub(super) next: Rc<TransactionMetadata>,
    then: Then,
    cause: EntryId,
}

/// What follows a write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    /// The producer gets its epoch.
    Init(Caller),
    /// The leader may append.
    Added(Caller),
    /// The producer hears that it is decided, and the markers go out.
    Decided(Option<Caller>, TransactionEnd),
    /// All markers are written: the next transaction may begin.
    Completed,
    /// It is forgotten.
    Expired,
}

impl Broker<'_> {
    /// Writes what a transaction becomes.
    pub(super) fn write_transaction(
        &mut self,
        partition: TopicPartition,
        next: TransactionMetadata,
        then: Then,
        out: &mut Outbox,
    ) {
        let updated_at = out.now();
        let next = TransactionMetadata { updated_at, ..next };
        let (next, cause) = (Rc::new(next), out.cause());
        let records = Records::Transaction(Rc::clone(&next));
        let timeout_us = next.timeout_ms.saturating_mul(MS);
        let deadline = out.now().saturating_add(timeout_us);
        let appended = self.append_transaction(partition, records, out);
        let Some(shard) = self.process.transactions.shard(partition) else {
            return;
        };
        if let Some(known) = shard.known(&next.id) {
            known.pending = true;
        }
        let write = Write {
            until: appended.unwrap_or(Offset::MAX),
            deadline,
            next,
            then,
            cause: out.cause(),
        };
        match appended {
            Ok(_) => {
                if shard.writes.is_empty() {
                    set_timer(timeout_us, TransactionTimer::Writes, out);
                }
                shard.writes.push_back(write);
                if !self.store.spec.rules.keep(Rule::DecisionReplicated) {
                    self.transactions_replicated(partition, Offset::MAX, out);
                }
            }
            Err(error) => self.write_failed(partition, write, error.of_coordinator(), out),
        }
        out.because(cause);
    }

    fn append_transaction(
        &mut self,
        partition: TopicPartition,
        records: Records,
        out: &mut Outbox,
    ) -> Result<Offset, ErrorCode> {
        let local = self.store.local(partition);
        let local = local.ok_or(ErrorCode::NotLeaderOrFollower)?;
        let replica = self.store.replica(local);
        replica.check_leader(None)?;
        if replica.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let batch = Batch {
            producer: None,
            records,
            size_bytes: BATCH_OVERHEAD_BYTES + RECORD_BYTES,
            max_timestamp: out.now(),
        };
        let (entry, _) = self.store.append(local, Rc::new(batch), out)?;
        Ok(entry.next_offset())
    }

    /// The high watermark of a partition of `__transaction_state` has moved.
    pub(in crate::kafka::broker) fn transactions_replicated(
        &mut self,
        partition: TopicPartition,
        offset: Offset,
        out: &mut Outbox,
    ) {
        while let Some(shard) = self.process.transactions.shard(partition) {
            let Some(write) = shard.writes.pop_front_if(|write| write.until <= offset) else {
                break;
            };
            let cause = out.cause();
            if let Some(known) = shard.known(&write.next.id) {
                known.now = Rc::clone(&write.next);
                known.pending = false;
                known.because = write.cause;
            }
            self.written(partition, write, out);
            out.because(cause);
        }
    }

    fn written(&mut self, partition: TopicPartition, write: Write, out: &mut Outbox) {
        let Write { next, then, .. } = write;
        match then {
            Then::Init(caller) => {
                self.look_for_expired(out);
                let response = TransactionResponse::InitProducerId(Ok(next.producer()));
                self.answer_transaction(caller, response, out);
            }
            Then::Added(caller) => {
                self.look_for_timed_out(out);
                let response = TransactionResponse::AddPartitionsToTxn(ErrorCode::None);
                self.answer_transaction(caller, response, out);
            }
            Then::Decided(caller, why) => {
                if let Some(caller) = caller {
                    let response = match why {
                        // It has to ask again once the abort is complete.
                        TransactionEnd::Fenced => {
                            let error = ErrorCode::ConcurrentTransactions;
                            TransactionResponse::InitProducerId(Err(error))
                        }
                        _ => TransactionResponse::EndTxn(Ok(next.completed().producer())),
                    };
                    self.answer_transaction(caller, response, out);
                }
                self.mark(partition, &next.id, out);
            }
            Then::Completed => {}
            Then::Expired => {
                if let Some(shard) = self.process.transactions.shard(partition) {
                    shard.known.retain(|known| known.now.id != next.id);
                }
                let id = Rc::clone(&next.id);
                out.note(Entry::TransactionalIdExpired { id });
            }
        }
    }

    fn write_failed(
        &mut self,
        partition: TopicPartition,
        write: Write,
        error: ErrorCode,
        out: &mut Outbox,
    ) {
        let shard = self.process.transactions.shard(partition);
        let known = shard.and_then(|shard| shard.known(&write.next.id));
        let completes = matches!(write.then, Then::Completed);
        if completes && error == ErrorCode::CoordinatorNotAvailable {
            // The markers are written: this is tried until it succeeds.
            let Some(known) = known else { return };
            known.marks.clear();
            self.process.transactions.retry_markers(out);
            return;
        }
        if let Some(known) = known {
            known.pending = false;
        }
        let response = match write.then {
            Then::Init(caller) | Then::Decided(Some(caller), TransactionEnd::Fenced) => {
                Some((caller, TransactionResponse::InitProducerId(Err(error))))
            }
            Then::Added(caller) => Some((caller, TransactionResponse::AddPartitionsToTxn(error))),
            Then::Decided(Some(caller), _) => {
                Some((caller, TransactionResponse::EndTxn(Err(error))))
            }
            Then::Decided(None, _) | Then::Completed | Then::Expired => None,
        };
        if let Some((caller, response)) = response {
            self.answer_transaction(caller, response, out);
        }
    }

    /// Writes that the high watermark did not pass in time fail; they may still take effect with the next
    /// coordinator.
    pub(super) fn give_up_transaction_writes(&mut self, out: &mut Outbox) {
        let now = out.now();
        let mut failed = Vec::new();
        let mut next = Micros::MAX;
        for shard in &mut self.process.transactions.shards {
            while let Some(write) = shard.writes.pop_front_if(|write| write.deadline <= now) {
                failed.push((shard.partition, write));
            }
            next = next.min(shard.writes.front().map_or(next, |write| write.deadline));
        }
        for (partition, write) in failed {
            out.because(write.cause);
            self.write_failed(partition, write, ErrorCode::CoordinatorNotAvailable, out);
        }
        if next < Micros::MAX {
            set_timer(next - now, TransactionTimer::Writes, out);
        }
    }

    /// This broker now leads `partition` of `__transaction_state`: loads what is in its log, and carries out what
    /// its predecessors decided.
    pub(in crate::kafka::broker) fn coordinate_transactions(
        &mut self,
        partition: TopicPartition,
        out: &mut Outbox,
    ) {
        self.resign_transactions(partition, out);
        let Some(local) = self.store.local(partition) else {
            return;
        };
        let replica = self.store.replica(local);
        let mut known: Vec<Known> = Vec::new();
        for entry in replica.log.entries() {
            let Records::Transaction(metadata) = entry.batch.kept() else {
                continue;
            };
            known.retain(|known| known.now.id != metadata.id);
            if metadata.state == TransactionState::Dead {
                continue;
            }
            known.push(Known {
                now: Rc::clone(metadata),
                pending: false,
                marks: Vec::new(),
                because: out.cause(),
            });
        }
        let shards = &mut self.process.transactions.shards;
        let decided = known.iter().filter(|known| known.now.decision().is_some());
        let decided: Vec<_> = decided.map(|known| Rc::clone(&known.now.id)).collect();
        let open = known
            .iter()
            .any(|k| k.now.state == TransactionState::Ongoing);
        let any = !known.is_empty();
        shards.push(Shard {
            partition,
            epoch: replica.leader_epoch().unwrap_or(0),
            known,
            writes: VecDeque::new(),
        });
        for id in decided {
            self.mark(partition, &id, out);
        }
        if open {
            self.look_for_timed_out(out);
        }
        if any {
            self.look_for_expired(out);
        }
    }

    /// It leads it no more: whoever waits is sent to the next coordinator.
    pub(in crate::kafka::broker) fn resign_transactions(
        &mut self,
        partition: TopicPartition,
        out: &mut Outbox,
    ) {
        let shards = &mut self.process.transactions.shards;
        let Some(place) = shards.iter().position(|s| s.partition == partition) else {
            return;
        };
        for write in shards.remove(place).writes {
            self.write_failed(partition, write, ErrorCode::NotCoordinator, out);
        }
    }
}
