//! Sequence numbers (`TransactionManager` without transactions, `TxnPartitionEntry`; KIP-98,
//! KIP-360).
//!
//! A batch gets its numbers when it is first drained and keeps them while its outcome is unknown.
//! After a failure that leaves a gap the producer raises its own epoch and numbers what is left
//! from 0: later records are written although an earlier one failed.

use crate::sim::order::Map;

use crate::kafka::ErrorCode;
use crate::kafka::record::ProducerStamp;

use super::accumulator::Accumulator;
use super::batch::{BatchId, ProducerBatch, add_sequence};

/// Producer id and epoch.
pub(super) type Identity = (u64, u16);

/// The state of an idempotent producer.
#[derive(Clone, Debug, Default)]
pub(super) struct Idempotence {
    /// The coordinator gives the epochs; nothing is renumbered.
    transactional: bool,
    identity: Option<Identity>,
    /// InitProducerId is under way.
    pub asking: bool,
    partitions: Vec<Numbers>,
    epoch_bump_required: bool,
    to_renumber: Vec<usize>,
    /// A batch expired whose numbers the broker may or may not have: the next number expected.
    unresolved: Map<usize, u32>,
}

/// One partition's numbers.
#[derive(Clone, Debug, Default)]
struct Numbers {
    identity: Option<Identity>,
    next: u32,
    last_acked: Option<u32>,
    /// Numbered and not told, by sequence; those that wait for a retry are among them.
    in_flight: Vec<BatchId>,
}

impl Idempotence {
    pub fn new(slots: usize, transactional: bool) -> Self {
        Idempotence {
            transactional,
            partitions: vec![Numbers::default(); slots],
            ..Idempotence::default()
        }
    }

    /// Producer id and epoch, once known.
    pub fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// InitProducerId was answered.
    pub fn set_identity(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.asking = false;
    }

    /// A coordinator gave this epoch: every partition starts at 0 (`resetSequenceNumbers`).
    pub fn start_anew(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.partitions.fill_with(Numbers::default);
        self.unresolved.clear();
    }

    /// What is done before each drain: settle unresolved numbers, then raise the epoch if that
    /// is due (`maybeResolveSequences`, `bumpIdempotentEpochAndResetIdIfNeeded`). True: numbers of a transaction
    /// are missing for good.
    pub fn keep(&mut self, queues: &mut Accumulator) -> bool {
        if !self.unresolved.is_empty() {
            self.resolve();
        }
        let due = std::mem::take(&mut self.epoch_bump_required);
        if due && !self.transactional {
            self.bump(queues);
        }
        due && self.transactional
    }

    fn resolve(&mut self) {
        let Idempotence {
            partitions,
            to_renumber,
            epoch_bump_required,
            ..
        } = self;
        self.unresolved.retain(|slot, _| {
            let numbers = &partitions[*slot];
            if !numbers.in_flight.is_empty() {
                return true;
            }
            if !numbers.is_next(numbers.next) {
                *epoch_bump_required = true;
                to_renumber.push(*slot);
            }
            false
        });
    }

    fn bump(&mut self, queues: &mut Accumulator) {
        self.identity = match self.identity {
            // Java's short has no epoch above; a new id is asked for.
            Some((_, epoch)) if epoch == i16::MAX as u16 => None,
            Some((id, epoch)) => Some((id, epoch + 1)),
            None => None,
        };
        for slot in std::mem::take(&mut self.to_renumber) {
            self.unresolved.remove(&slot);
            self.start_over(slot, queues);
        }
    }

    /// `startSequencesAtBeginning`.
    fn start_over(&mut self, slot: usize, queues: &mut Accumulator) {
        let numbers = &mut self.partitions[slot];
        let mut next = 0;
        if let Some((producer_id, producer_epoch)) = self.identity {
            for id in &numbers.in_flight {
                let batch = queues.batches.get_mut(*id);
                let base_sequence = next;
                batch.set_stamp(ProducerStamp {
                    producer_id,
                    producer_epoch,
                    base_sequence,
                    transactional: self.transactional,
                });
                batch.renumbered = true;
                next = add_sequence(next, batch.count());
            }
        }
        numbers.identity = self.identity;
        numbers.next = next;
        numbers.last_acked = None;
    }

    /// Whether the first batch of a partition has to wait
    /// (`shouldStopDrainBatchesForPartition`).
    pub fn must_wait(&self, slot: usize, first: &ProducerBatch, queues: &Accumulator) -> bool {
        if self.identity.is_none() {
            return true;
        }
        let numbers = &self.partitions[slot];
        match first.stamp() {
            None => {
                let stale = numbers.identity != self.identity;
                (!numbers.in_flight.is_empty() && stale) || self.unresolved.contains_key(&slot)
            }
            // After a retry one at a time, in order.
            Some(stamp) => numbers.in_flight.first().is_some_and(|id| {
                let first_in_flight = queues.batches.get(*id).stamp();
                first_in_flight.is_some_and(|other| other.base_sequence != stamp.base_sequence)
            }),
        }
    }

    /// Numbers a batch that is drained for the first time.
    pub fn number(&mut self, slot: usize, id: BatchId, queues: &mut Accumulator) {
        let Some((producer_id, producer_epoch)) = self.identity else {
            return;
        };
        if queues.batches.get(id).stamp().is_some() {
            return;
        }
        let numbers = &self.partitions[slot];
        if numbers.identity != self.identity && numbers.in_flight.is_empty() {
            self.start_over(slot, queues);
        }
        let numbers = &mut self.partitions[slot];
        let batch = queues.batches.get_mut(id);
        let base_sequence = numbers.next;
        batch.set_stamp(ProducerStamp {
            producer_id,
            producer_epoch,
            base_sequence,
            transactional: self.transactional,
        });
        numbers.next = add_sequence(numbers.next, batch.count());
        self.track(slot, id, queues);
    }

    /// Numbers the parts of a split batch from its own number on, and tracks them in its place.
    pub fn number_parts(&mut self, whole: BatchId, parts: &[BatchId], queues: &mut Accumulator) {
        let batch = queues.batches.get(whole);
        let slot = batch.slot;
        let Some(mut stamp) = batch.stamp() else {
            return;
        };
        self.forget(slot, whole);
        for part in parts {
            let batch = queues.batches.get_mut(*part);
            batch.set_stamp(stamp);
            stamp.base_sequence = add_sequence(stamp.base_sequence, batch.count());
            self.track(slot, *part, queues);
        }
    }

    fn track(&mut self, slot: usize, id: BatchId, queues: &Accumulator) {
        let key = |id: BatchId| {
            let stamp = queues.batches.get(id).stamp();
            stamp.map(|s| (s.producer_id, s.producer_epoch, s.base_sequence))
        };
        let in_flight = &mut self.partitions[slot].in_flight;
        let place = in_flight.partition_point(|other| key(*other) < key(id));
        in_flight.insert(place, id);
    }

    fn forget(&mut self, slot: usize, id: BatchId) {
        self.partitions[slot].in_flight.retain(|other| *other != id);
    }

    /// A broker has written the batch (`handleCompletedBatch`).
    pub fn completed(&mut self, id: BatchId, batch: &ProducerBatch) {
        let numbers = &mut self.partitions[batch.slot];
        let last = batch
            .stamp()
            .map(|stamp| add_sequence(stamp.base_sequence, batch.count() - 1));
        numbers.last_acked = numbers.last_acked.max(last);
        self.forget(batch.slot, id);
    }

    /// The batch has failed for good (`handleFailedBatch`); `adjust`: its numbers are known to be
    /// unused.
    pub fn failed(
        &mut self,
        id: BatchId,
        batch: &ProducerBatch,
        error: Option<ErrorCode>,
        adjust: bool,
    ) {
        self.forget(batch.slot, id);
        if self.transactional {
            // The transaction will be aborted, and what follows gets a new epoch.
            return;
        }
        match error {
            Some(ErrorCode::UnknownProducerId) => {
                self.partitions[batch.slot] = Numbers::default();
                self.unresolved.remove(&batch.slot);
            }
            Some(ErrorCode::OutOfOrderSequenceNumber) => self.request_bump(batch.slot),
            _ if adjust => self.request_bump(batch.slot),
            _ => {}
        }
    }

    /// A retried batch has expired: nothing new is numbered until what is in flight is told
    /// (`markSequenceUnresolved`).
    pub fn unresolved(&mut self, slot: usize, next_sequence: Option<u32>) {
        if let Some(next) = next_sequence {
            let expected = self.unresolved.get_or_insert_with(slot, || next);
            *expected = next.max(*expected);
        }
    }

    fn request_bump(&mut self, slot: usize) {
        self.epoch_bump_required = true;
        if !self.to_renumber.contains(&slot) {
            self.to_renumber.push(slot);
        }
    }

    /// Whether a refused batch may be sent again (`canRetry`).
    pub fn can_retry(&mut self, batch: &ProducerBatch, error: ErrorCode) -> bool {
        match (error, batch.stamp()) {
            (ErrorCode::UnknownProducerId, _) => {
                if !batch.renumbered {
                    self.request_bump(batch.slot);
                }
                true
            }
            (ErrorCode::OutOfOrderSequenceNumber, Some(stamp)) => {
                let expected = self.unresolved.get(&batch.slot).copied();
                let is_next = self.partitions[batch.slot].is_next(stamp.base_sequence);
                // Batches before it are on their way: it will fit once they are written.
                let others_first = expected.is_none() && (batch.renumbered || !is_next);
                let gap_is_its_own = expected.is_none_or(|next| next == stamp.base_sequence);
                if self.transactional {
                    return others_first;
                }
                if !others_first && gap_is_its_own {
                    self.request_bump(batch.slot);
                }
                true
            }
            (error, _) => error.is_retriable(),
        }
    }
}

impl Numbers {
    /// Whether `sequence` follows what was acknowledged last (`isNextSequence`).
    fn is_next(&self, sequence: u32) -> bool {
        sequence == self.last_acked.map_or(0, |last| add_sequence(last, 1))
    }
}
