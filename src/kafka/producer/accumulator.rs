//! The records that wait, by partition, and the memory they hold (`RecordAccumulator`,
//! `BufferPool`).

use std::collections::VecDeque;

use crate::kafka::TopicPartition;
use crate::kafka::config::ProducerConfig;
use crate::kafka::record::Record;
use crate::sim::order::sort_by_number;
use crate::sim::{MS, Micros};

use super::batch::{BatchId, Batches, NewBatch, ProducerBatch, upper_bound_bytes};
use super::layout::Layout;

/// Queues of batches, one a partition.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    pub batches: Batches,
    layout: Layout,
    queues: Vec<Queue>,
    /// Places of the partitions that had a record once, in order.
    used: Vec<usize>,
    batch_size: u32,
    linger_us: Micros,
    buffer_memory_bytes: u64,
    memory_used_bytes: u64,
    /// A `send()` waits for memory: everything is sent at once.
    pub exhausted: bool,
    /// A `flush()` waits.
    pub flushing: bool,
    /// A transaction is being committed or aborted: everything is sent at once.
    pub completing: bool,
    /// `close()` was called: everything is sent, nothing is taken.
    pub closed: bool,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    waiting: VecDeque<BatchId>,
    /// Sent and not yet told, in order of sending.
    in_flight: Vec<BatchId>,
    /// max.in.flight=1 keeps the order: nothing is sent while a batch is under way.
    muted: bool,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Appended {
    pub batch: BatchId,
    /// By how many bytes the batch grew; for a new batch its whole size.
    pub bytes: u32,
}

/// buffer.memory has no room for a new batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoMemory;

impl Accumulator {
    pub fn new(config: &ProducerConfig, layout: &Layout) -> Self {
        Accumulator {
            batches: Batches::default(),
            layout: layout.clone(),
            queues: vec![Queue::default(); layout.partitions().len()],
            used: Vec::new(),
            batch_size: u32::try_from(config.batch_size).unwrap_or(u32::MAX),
            linger_us: config.linger_ms.saturating_mul(MS),
            buffer_memory_bytes: config.buffer_memory,
            memory_used_bytes: 0,
            exhausted: false,
            flushing: false,
            completing: false,
            closed: false,
        }
    }

    /// Adds a record to the last batch of its partition, or to a new one.
    pub fn append(
        &mut self,
        slot: usize,
        record: Record,
        now: Micros,
    ) -> Result<Appended, NoMemory> {
        if let Some(&last) = self.queues[slot].waiting.back() {
            let batch = self.batches.get_mut(last);
            if let Some(bytes) = batch.push_if_room(record, now) {
                return Ok(Appended { batch: last, bytes });
            }
            batch.seal();
        }
        let limit_bytes = self.batch_size.max(upper_bound_bytes(&record));
        let memory_bytes = u64::from(limit_bytes);
        if self.memory_used_bytes + memory_bytes > self.buffer_memory_bytes {
            return Err(NoMemory);
        }
        self.memory_used_bytes += memory_bytes;
        let batch = self.batches.create(NewBatch {
            partition: self.layout.partitions()[slot],
            slot,
            created_at: now,
            limit_bytes,
            memory_bytes,
            split_of: None,
        });
        self.batches.get_mut(batch).push(record, now);
        if let Err(place) = self.used.binary_search(&slot) {
            self.used.insert(place, slot);
        }
        self.queues[slot].waiting.push_back(batch);
        let bytes = self.batches.get(batch).size_bytes();
        Ok(Appended { batch, bytes })
    }

    /// When the first batch of a queue can be sent; `None` when there is nothing, or when it is
    /// muted (`batchReady`).
    pub fn ready_at(&self, slot: usize, now: Micros) -> Option<Micros> {
        let queue = &self.queues[slot];
        let first = self.batches.get(*queue.waiting.front()?);
        if queue.muted {
            return None;
        }
        if first.backs_off(now) {
            return Some(first.retry_at);
        }
        let full = queue.waiting.len() > 1 || first.is_full();
        if full || self.exhausted || self.flushing || self.completing || self.closed {
            return Some(now);
        }
        Some(first.last_attempt_at.saturating_add(self.linger_us))
    }

    /// The first batch of a queue.
    pub fn first(&mut self, slot: usize) -> Option<(BatchId, &mut ProducerBatch)> {
        let id = *self.queues[slot].waiting.front()?;
        Some((id, self.batches.get_mut(id)))
    }

    /// Takes the first batch out of its queue and counts it as under way.
    pub fn drain(&mut self, slot: usize) {
        let queue = &mut self.queues[slot];
        if let Some(id) = queue.waiting.pop_front() {
            queue.in_flight.push(id);
        }
    }

    /// Nothing of this partition is sent until its batch is told.
    pub fn mute(&mut self, slot: usize, muted: bool) {
        self.queues[slot].muted = muted;
    }

    /// Whether the partition is muted.
    pub fn is_muted(&self, slot: usize) -> bool {
        self.queues[slot].muted
    }

    /// Forgets that a batch is under way.
    pub fn not_in_flight(&mut self, id: BatchId) {
        let slot = self.batches.get(id).slot;
        self.queues[slot].in_flight.retain(|other| *other != id);
    }

    /// Puts a batch back, at its place by sequence number if it has one (`insertInSequenceOrder`),
    /// else at the front.
    pub fn put_back(&mut self, id: BatchId) {
        let batch = self.batches.get(id);
        let (slot, mine) = (batch.slot, batch.stamp().map(|stamp| stamp.base_sequence));
        let sequence_of = |other: &BatchId| {
            let stamp = self.batches.get(*other).stamp();
            stamp.map(|stamp| stamp.base_sequence)
        };
        let before = |other: &&BatchId| match (sequence_of(other), mine) {
            (Some(theirs), Some(mine)) => theirs < mine,
            _ => false,
        };
        let place = self.queues[slot].waiting.iter().take_while(before).count();
        self.queues[slot].waiting.insert(place, id);
    }

    /// Cuts a refused batch into parts that are closed and queued in its place; returns them in
    /// order. The parts hold no memory of the buffer (`ProducerBatch.split`).
    pub fn split(&mut self, id: BatchId) -> Vec<BatchId> {
        let big = self.batches.get(id);
        let target_bytes = big.split_target_bytes(self.batch_size);
        let (partition, slot, created_at) = (big.partition, big.slot, big.created_at);
        let (serial, because) = (big.serial, big.because);
        let records = big.records().to_vec();
        let mut parts: Vec<BatchId> = Vec::new();
        for record in records {
            // The records keep their times; the parts differ from the whole by a few bytes at most.
            let fits = |last: &&BatchId| self.batches.get(**last).has_room(&record, created_at);
            let part = parts.last().filter(fits).copied().unwrap_or_else(|| {
                let part = self.batches.create(NewBatch {
                    partition,
                    slot,
                    created_at,
                    limit_bytes: target_bytes.max(upper_bound_bytes(&record)),
                    memory_bytes: 0,
                    split_of: Some(serial),
                });
                parts.push(part);
                part
            });
            self.batches.get_mut(part).push(record, created_at);
        }
        for part in &parts {
            let batch = self.batches.get_mut(*part);
            batch.because = because;
            batch.seal();
        }
        parts
    }

    /// Takes out the first batch that has reached its deadline, waiting ones first and then those
    /// under way; the second value: whether it was under way.
    pub fn take_expired(
        &mut self,
        now: Micros,
        delivery_timeout_us: Micros,
    ) -> Option<(BatchId, bool)> {
        let batches = &self.batches;
        let expired = |id: &BatchId| {
            now >= batches
                .get(*id)
                .created_at
                .saturating_add(delivery_timeout_us)
        };
        for slot in &self.used {
            let queue = &mut self.queues[*slot];
            if queue.waiting.front().is_some_and(expired) {
                return queue.waiting.pop_front().map(|id| (id, false));
            }
        }
        for slot in &self.used {
            let queue = &mut self.queues[*slot];
            if queue.in_flight.first().is_some_and(expired) {
                return Some((queue.in_flight.remove(0), true));
            }
        }
        None
    }

    /// When the next batch reaches its deadline.
    pub fn next_expiry_at(&self, delivery_timeout_us: Micros) -> Option<Micros> {
        let first_of = |queue: &Queue| {
            let both = queue
                .waiting
                .front()
                .into_iter()
                .chain(queue.in_flight.first());
            both.map(|id| self.batches.get(*id).created_at).min()
        };
        let used = self.used.iter().map(|slot| &self.queues[*slot]);
        let earliest = used.filter_map(first_of).min()?;
        Some(earliest.saturating_add(delivery_timeout_us))
    }

    /// Gives back the memory of a batch and drops it.
    pub fn free(&mut self, id: BatchId) {
        self.memory_used_bytes -= self.batches.get(id).memory_bytes;
        self.batches.remove(id);
    }

    /// Whether anything waits to be sent.
    pub fn has_undrained(&self) -> bool {
        self.used
            .iter()
            .any(|slot| !self.queues[*slot].waiting.is_empty())
    }

    /// Whether a batch made before number `serial` is not told yet.
    pub fn has_untold_before(&self, serial: u64) -> bool {
        let mut all = self.batches.iter();
        all.any(|(_, batch)| !batch.done && batch.serial < serial)
    }

    /// Every batch not told yet, oldest first; their queues are emptied (`abortIncompleteBatches`).
    pub fn abandon(&mut self) -> Vec<BatchId> {
        let untold = self.batches.iter().filter(|(_, batch)| !batch.done);
        let mut untold: Vec<_> = untold.map(|(id, batch)| (batch.serial, id)).collect();
        sort_by_number(&mut untold, |(serial, _)| *serial);
        for queue in &mut self.queues {
            queue.waiting.clear();
            queue.in_flight.clear();
        }
        untold.into_iter().map(|(_, id)| id).collect()
    }

    /// Takes out what waits and was never sent (`abortUndrainedBatches`).
    pub fn take_unnumbered(&mut self) -> Vec<BatchId> {
        let mut taken = Vec::new();
        for slot in &self.used {
            let (batches, waiting) = (&self.batches, &mut self.queues[*slot].waiting);
            waiting.retain(|id| {
                let numbered = batches.get(*id).stamp().is_some();
                taken.extend((!numbered).then_some(*id));
                numbered
            });
        }
        taken
    }

    /// How many of them there are, and which comes first from the partition `from` on.
    pub fn used_from(&self, from: usize) -> (usize, usize) {
        (
            self.used.len(),
            self.used.partition_point(|slot| *slot < from),
        )
    }

    /// The places of all partitions that ever had a record, in order.
    pub fn used(&self) -> &[usize] {
        &self.used
    }

    /// Whether the last batch of the queue is full, or there is none (`allBatchesFull`).
    pub fn all_full(&self, partition: TopicPartition) -> bool {
        let queue = self.queue(partition);
        let last = queue.and_then(|queue| queue.waiting.back());
        last.is_none_or(|id| self.batches.get(*id).is_full())
    }

    /// Whether the partition ever had a record of this producer.
    pub fn was_used(&self, partition: TopicPartition) -> bool {
        let slot = self.layout.slot(partition);
        slot.is_some_and(|slot| self.used.binary_search(&slot).is_ok())
    }

    /// How many batches wait.
    pub fn queue_len(&self, partition: TopicPartition) -> usize {
        self.queue(partition).map_or(0, |queue| queue.waiting.len())
    }

    /// The records that wait, in order.
    pub fn waiting(&self, partition: TopicPartition) -> impl Iterator<Item = &Record> {
        let queue = self.queue(partition).into_iter();
        let ids = queue.flat_map(|queue| &queue.waiting);
        ids.flat_map(|id| self.batches.get(*id).records())
    }

    /// Bytes of buffer.memory in use.
    pub fn memory_used_bytes(&self) -> u64 {
        self.memory_used_bytes
    }

    fn queue(&self, partition: TopicPartition) -> Option<&Queue> {
        self.layout.slot(partition).map(|slot| &self.queues[slot])
    }
}
