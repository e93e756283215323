//! What a coordinator decides: who the producer is, which partitions belong to its transaction, how it ends.

use std::rc::Rc;

use super::super::connection::Caller;
use super::super::isr::Ask;
use super::super::process::Broker;
use super::writes::Then;
use super::{Known, LOOK_FOR_TIMED_OUT_US, TransactionTimer, set_timer};
use crate::kafka::transaction::metadata::Init;
use crate::kafka::transaction::{
    ProducerIdAndEpoch, TransactionMetadata, TransactionResponse, TransactionState,
    TransactionalId, transaction_partition,
};
use crate::kafka::{Entry, ErrorCode, Outbox, TopicPartition, TransactionEnd};
use crate::sim::{EntryId, MS};

impl Broker<'_> {
    /// InitProducerId: the producer gets the next epoch, and whoever had the one before is fenced.
    pub(super) fn init_transactional(
        &mut self,
        caller: Caller,
        id: &TransactionalId,
        timeout_ms: u64,
        out: &mut Outbox,
    ) {
        let refused = |error| TransactionResponse::InitProducerId(Err(error));
        let max_ms = self.store.config().transaction_max_timeout_ms;
        if timeout_ms == 0 || timeout_ms > max_ms {
            let response = refused(ErrorCode::InvalidTransactionTimeout);
            return self.answer_transaction(caller, response, out);
        }
        let next = self.initialised(id, timeout_ms, out);
        match next {
            Err(error) => self.answer_transaction(caller, refused(error), out),
            Ok((partition, Init::Granted(next))) => {
                self.write_transaction(partition, next, Then::Init(caller), out);
            }
            Ok((partition, Init::Fence)) => {
                // The open transaction is aborted; the producer comes again.
                self.fence(partition, id, TransactionEnd::Fenced, Some(caller), out);
            }
        }
    }

    fn initialised(
        &mut self,
        id: &TransactionalId,
        timeout_ms: u64,
        out: &mut Outbox,
    ) -> Result<(TopicPartition, Init), ErrorCode> {
        let partition = transaction_partition(&self.store.spec, id);
        let partition = partition.ok_or(ErrorCode::NotCoordinator)?;
        let shard = self.process.transactions.shard(partition);
        let known = shard.ok_or(ErrorCode::NotCoordinator)?.known(id);
        let needs_id = known.as_ref().is_none_or(|known| known.now.is_exhausted());
        if known.as_ref().is_some_and(|known| known.pending) {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        let now = known.map(|known| Rc::clone(&known.now));
        let fresh = match needs_id {
            true => Some(self.fresh_producer_id(out)?),
            false => None,
        };
        let now = now.unwrap_or_else(|| {
            Rc::new(TransactionMetadata::new(
                Rc::clone(id),
                fresh.unwrap_or_default(),
            ))
        });
        let next = now.initialised(timeout_ms, fresh)?;
        if now.epoch.is_none()
            && let Some(shard) = self.process.transactions.shard(partition)
            && shard.known(id).is_none()
        {
            shard.known.push(Known {
                now,
                pending: false,
                marks: Vec::new(),
                because: EntryId::NONE,
            });
        }
        Ok((partition, next))
    }

    /// A new producer id; without one the producer is told to come back.
    fn fresh_producer_id(&mut self, out: &mut Outbox) -> Result<u64, ErrorCode> {
        if let Some(id) = self.process.producer_ids.take() {
            return Ok(id);
        }
        let cause = out.cause();
        self.ask_controller(Ask::ProducerIds, out);
        out.because(cause);
        Err(ErrorCode::CoordinatorLoadInProgress)
    }

    /// AddPartitionsToTxn, as a leader asks for it.
    pub(super) fn add_partitions(
        &mut self,
        caller: Caller,
        id: &TransactionalId,
        producer: ProducerIdAndEpoch,
        partitions: &[TopicPartition],
        out: &mut Outbox,
    ) {
        let at = out.now();
        let next = self.look_up(id).and_then(|(partition, known)| {
            if known.pending {
                return Err(ErrorCode::ConcurrentTransactions);
            }
            let next = known.now.with_partitions(producer, partitions, at)?;
            Ok((partition, next))
        });
        match next {
            Ok((partition, Some(next))) => {
                self.write_transaction(partition, next, Then::Added(caller), out);
            }
            Ok((_, None)) => {
                let response = TransactionResponse::AddPartitionsToTxn(ErrorCode::None);
                self.answer_transaction(caller, response, out);
            }
            Err(error) => {
                let response = TransactionResponse::AddPartitionsToTxn(error);
                self.answer_transaction(caller, response, out);
            }
        }
    }

    /// EndTxn: from the write of the decision on there is no way back. The producer hears of it then, not when
    /// the markers are written.
    pub(super) fn end_transaction(
        &mut self,
        caller: Caller,
        id: &TransactionalId,
        producer: ProducerIdAndEpoch,
        commit: bool,
        out: &mut Outbox,
    ) {
        let at = out.now();
        let next = self.look_up(id).and_then(|(partition, known)| {
            if known.pending {
                return Err(ErrorCode::ConcurrentTransactions);
            }
            let next = known.now.ended_by(producer, commit, at)?;
            Ok(next.map(|next| (partition, next)))
        });
        match next {
            Ok(Some((partition, next))) => {
                self.decide(partition, next, TransactionEnd::Asked, Some(caller), out);
            }
            Ok(None) => {
                let known = self.look_up(id).map(|(_, known)| known.now.producer());
                let response = TransactionResponse::EndTxn(known);
                self.answer_transaction(caller, response, out);
            }
            Err(error) => {
                let response = TransactionResponse::EndTxn(Err(error));
                self.answer_transaction(caller, response, out);
            }
        }
    }

    fn look_up(&mut self, id: &str) -> Result<(TopicPartition, &mut Known), ErrorCode> {
        let partition = transaction_partition(&self.store.spec, id);
        let partition = partition.ok_or(ErrorCode::NotCoordinator)?;
        let shard = self.process.transactions.shard(partition);
        let known = shard.ok_or(ErrorCode::NotCoordinator)?.known(id);
        let known = known.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        Ok((partition, known))
    }

    /// Aborts a transaction that its producer did not end (`prepareFenceProducerEpoch`).
    fn fence(
        &mut self,
        partition: TopicPartition,
        id: &str,
        why: TransactionEnd,
        caller: Option<Caller>,
        out: &mut Outbox,
    ) {
        let at = out.now();
        let shard = self.process.transactions.shard(partition);
        if let Some(known) = shard.and_then(|shard| shard.known(id)) {
            let next = known.now.decided(false, at);
            self.decide(partition, next, why, caller, out);
        }
    }

    fn decide(
        &mut self,
        partition: TopicPartition,
        mut next: TransactionMetadata,
        why: TransactionEnd,
        caller: Option<Caller>,
        out: &mut Outbox,
    ) {
        let cause = out.cause();
        // Counted against the epoch before this decision.
        if next.epoch.is_some_and(|epoch| epoch > i16::MAX as u16 - 1) {
            match self.fresh_producer_id(out) {
                Ok(fresh) => next.next_producer_id = Some(fresh),
                Err(error) => {
                    if let Some(caller) = caller {
                        let response = TransactionResponse::EndTxn(Err(error));
                        self.answer_transaction(caller, response, out);
                    }
                    return;
                }
            }
        }
        let (id, producer_id) = (Rc::clone(&next.id), next.producer_id);
        let commit = next.state == TransactionState::PrepareCommit;
        out.decide(Entry::TransactionDecided {
            id,
            producer_id,
            commit,
            why,
        });
        let then = Then::Decided(caller, why);
        self.write_transaction(partition, next, then, out);
        out.because(cause);
    }

    /// Aborts what is open for longer than its transaction.timeout.ms.
    pub(super) fn abort_timed_out(&mut self, out: &mut Outbox) {
        let at = out.now();
        self.process.transactions.look_at = None;
        let mut late = Vec::new();
        let mut open = false;
        for shard in &self.process.transactions.shards {
            for known in &shard.known {
                if known.now.is_timed_out(at) && !known.pending {
                    late.push((shard.partition, Rc::clone(&known.now.id), known.because));
                }
                open |= known.now.state == TransactionState::Ongoing;
            }
        }
        for (partition, id, because) in late {
            out.because(because);
            self.fence(partition, &id, TransactionEnd::TimedOut, None, out);
        }
        if open {
            self.look_for_timed_out(out);
        }
    }

    /// Forgets transactional ids that nobody has used for transactional.id.expiration.ms
    /// (`TransactionStateManager.removeExpiredTransactionalIds`).
    pub(super) fn expire_ids(&mut self, out: &mut Outbox) {
        self.process.transactions.looks_for_expired = false;
        let idle_us = self.store.config().transactional_id_expiration_ms * MS;
        let mut expired = Vec::new();
        let mut any = false;
        for shard in &self.process.transactions.shards {
            for known in shard.known.iter().filter(|known| !known.pending) {
                any = true;
                let before = out.now().checked_sub(idle_us);
                let tombstone = before.and_then(|before| known.now.expired(before));
                expired.extend(tombstone.map(|tombstone| (shard.partition, tombstone)));
            }
        }
        for (partition, tombstone) in expired {
            self.write_transaction(partition, tombstone, Then::Expired, out);
        }
        if any {
            self.look_for_expired(out);
        }
    }

    /// The looks come since the process started, while there is something to look at.
    pub(super) fn look_for_expired(&mut self, out: &mut Outbox) {
        if std::mem::replace(&mut self.process.transactions.looks_for_expired, true) {
            return;
        }
        let config = self.store.config();
        let interval_us = config.transaction_remove_expired_transaction_cleanup_interval_ms * MS;
        let running_us = out.now() - self.process.transactions.since;
        let left_us = interval_us - running_us % interval_us;
        let cause = out.cause();
        out.because(EntryId::NONE);
        set_timer(left_us, TransactionTimer::Expired, out);
        out.because(cause);
    }

    /// The looks come every ten seconds since the process started, while there is something to look at.
    pub(super) fn look_for_timed_out(&mut self, out: &mut Outbox) {
        if self.process.transactions.look_at.is_some() {
            return;
        }
        let now = out.now();
        let running_us = now - self.process.transactions.since;
        let next = (running_us / LOOK_FOR_TIMED_OUT_US + 1) * LOOK_FOR_TIMED_OUT_US;
        self.process.transactions.look_at = Some(self.process.transactions.since + next);
        set_timer(next - running_us, TransactionTimer::TimedOut, out);
    }
}
