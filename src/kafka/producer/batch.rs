//! A batch on the client (`ProducerBatch`), its sizes in message format v2, and where all live.

use std::rc::Rc;

use crate::kafka::TopicPartition;
use crate::kafka::ids::LeaderEpoch;
use crate::kafka::record::{BATCH_OVERHEAD_BYTES, Batch, ProducerStamp, Record, Records};
use crate::sim::{EntryId, MS, Micros};

/// `DefaultRecord.MAX_RECORD_OVERHEAD`.
const MAX_RECORD_OVERHEAD_BYTES: u32 = 21;

/// A batch's place in [`Batches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchId(u32);

/// Records that go to one partition together.
#[derive(Clone, Debug)]
pub(super) struct ProducerBatch {
    pub partition: TopicPartition,
    /// The partition's place among all partitions.
    pub slot: usize,
    /// Orders batches by creation; the parts of a split batch keep its number.
    pub serial: u64,
    pub created_at: Micros,
    /// When it last came (back) to its queue.
    pub last_attempt_at: Micros,
    /// Not before this, after a failed attempt.
    pub retry_at: Micros,
    /// Failed attempts.
    pub attempts: u32,
    pub is_split: bool,
    /// Its success or failure has been told.
    pub done: bool,
    /// Its numbers were rewritten after an epoch bump (`sequenceHasBeenReset`).
    pub renumbered: bool,
    /// What it holds of buffer.memory, in bytes.
    pub memory_bytes: u64,
    /// The journal entry that its next step follows from.
    pub because: EntryId,
    max_record_bytes: u32,
    limit_bytes: u32,
    size_bytes: u32,
    first_timestamp_ms: u64,
    max_timestamp: Micros,
    open: Vec<Record>,
    sealed: Option<Rc<Batch>>,
    leader_epoch: Option<LeaderEpoch>,
    attempts_at_leader_change: u32,
}

impl ProducerBatch {
    /// By how many bytes one more record makes the batch grow; `None` when it does not fit
    /// (`MemoryRecordsBuilder.hasRoomFor`). The first always does.
    fn growth(&self, record: &Record, now: Micros) -> Option<u32> {
        if self.is_full() {
            return None;
        }
        let bytes = self.next_bytes(record, now);
        let fits = self.open.is_empty() || self.limit_bytes >= self.size_bytes + bytes;
        fits.then_some(bytes)
    }

    /// Whether one more record of this size fits.
    pub fn has_room(&self, record: &Record, now: Micros) -> bool {
        self.growth(record, now).is_some()
    }

    /// Adds a record if it fits; returns by how many bytes the batch grew.
    pub fn push_if_room(&mut self, record: Record, now: Micros) -> Option<u32> {
        let bytes = self.growth(&record, now)?;
        self.grow(record, bytes, now);
        Some(bytes)
    }

    /// Adds a record, whether it fits or not.
    pub fn push(&mut self, record: Record, now: Micros) {
        let bytes = self.next_bytes(&record, now);
        self.grow(record, bytes, now);
    }

    fn grow(&mut self, record: Record, bytes: u32, now: Micros) {
        if self.open.is_empty() {
            self.first_timestamp_ms = now / MS;
        }
        self.size_bytes += bytes;
        self.max_record_bytes = self.max_record_bytes.max(upper_bound_bytes(&record));
        self.max_timestamp = self.max_timestamp.max(now);
        self.open.push(record);
    }

    fn next_bytes(&self, record: &Record, now: Micros) -> u32 {
        let first = self.open.is_empty();
        let delta_ms = if first {
            0
        } else {
            (now / MS).saturating_sub(self.first_timestamp_ms)
        };
        record_bytes(record, self.open.len() as u64, delta_ms)
    }

    /// Nothing more fits, or it was closed.
    pub fn is_full(&self) -> bool {
        self.sealed.is_some() || (!self.open.is_empty() && self.limit_bytes <= self.size_bytes)
    }

    /// How many records it has.
    pub fn count(&self) -> u32 {
        self.records().len() as u32
    }

    /// Its records in order.
    pub fn records(&self) -> &[Record] {
        match &self.sealed {
            Some(batch) => batch.data(),
            None => &self.open,
        }
    }

    /// The whole batch, header included, in bytes.
    pub fn size_bytes(&self) -> u32 {
        self.size_bytes
    }

    /// The batch as it travels; from now on nothing can be added.
    pub fn seal(&mut self) -> &Rc<Batch> {
        let (open, size_bytes) = (&mut self.open, self.size_bytes);
        let max_timestamp = self.max_timestamp;
        self.sealed.get_or_insert_with(|| {
            let records = Records::Data(open.as_slice().into());
            open.clear();
            Rc::new(Batch {
                producer: None,
                records,
                size_bytes,
                max_timestamp,
            })
        })
    }

    /// Its numbers, once it was drained by an idempotent producer.
    pub fn stamp(&self) -> Option<ProducerStamp> {
        self.sealed.as_ref().and_then(|batch| batch.producer)
    }

    /// Gives it numbers. What is under way keeps its old ones.
    pub fn set_stamp(&mut self, stamp: ProducerStamp) {
        self.seal();
        if let Some(batch) = &mut self.sealed {
            Rc::make_mut(batch).producer = Some(stamp);
        }
    }

    /// The sequence number after its last record.
    pub fn next_sequence(&self) -> Option<u32> {
        self.stamp()
            .map(|stamp| add_sequence(stamp.base_sequence, self.count()))
    }

    /// Learns of the leader epoch that metadata shows (`maybeUpdateLeaderEpoch`).
    pub fn see_leader(&mut self, epoch: Option<LeaderEpoch>) {
        if epoch > self.leader_epoch {
            self.attempts_at_leader_change = self.attempts;
            self.leader_epoch = epoch;
        }
    }

    /// Whether it still has to wait after a failed attempt; a new leader ends the wait
    /// (`RecordAccumulator.shouldBackoff`).
    pub fn backs_off(&self, now: Micros) -> bool {
        let leader_changed = self.attempts == self.attempts_at_leader_change;
        self.attempts > 0 && now < self.retry_at && !leader_changed
    }

    /// A batch that is split again is halved (`RecordAccumulator.splitAndReenqueue`).
    pub fn split_target_bytes(&self, batch_size: u32) -> u32 {
        if self.is_split {
            self.max_record_bytes.max(self.size_bytes / 2)
        } else {
            batch_size
        }
    }
}

/// A sequence number further on; they wrap at `i32::MAX` (`DefaultRecordBatch.incrementSequence`).
pub(super) fn add_sequence(sequence: u32, count: u32) -> u32 {
    ((u64::from(sequence) + u64::from(count)) % (1 << 31)) as u32
}

/// `AbstractRecords.estimateSizeInBytesUpperBound` for one record in a batch of its own.
pub(super) fn upper_bound_bytes(record: &Record) -> u32 {
    let (key, value) = key_and_value_bytes(record);
    let key_bytes = key.map_or(1, |len| varint_bytes(len.into()) + len);
    let no_headers_bytes = 1;
    BATCH_OVERHEAD_BYTES
        + MAX_RECORD_OVERHEAD_BYTES
        + key_bytes
        + varint_bytes(value.into())
        + value
        + no_headers_bytes
}

/// `DefaultRecord.sizeInBytes`: attributes, deltas, key, value, headers, and the length in front.
fn record_bytes(record: &Record, offset_delta: u64, timestamp_delta_ms: u64) -> u32 {
    let (key, value) = key_and_value_bytes(record);
    let key_bytes = key.map_or(1, |len| varint_bytes(len.into()) + len);
    let deltas_bytes = varint_bytes(timestamp_delta_ms) + varint_bytes(offset_delta);
    let body_bytes = 2 + deltas_bytes + key_bytes + varint_bytes(value.into()) + value;
    varint_bytes(body_bytes.into()) + body_bytes
}

fn key_and_value_bytes(record: &Record) -> (Option<u32>, u32) {
    let key = record.key.map(|key| key.checked_ilog10().unwrap_or(0) + 1);
    (key, record.size_bytes.saturating_sub(key.unwrap_or(0)))
}

/// The length of a zigzag varint (`ByteUtils.sizeOfVarint`) of a number that is not negative.
fn varint_bytes(value: u64) -> u32 {
    // Most are short, and every record has several.
    if value < 64 {
        return 1;
    }
    if value < 8192 {
        return 2;
    }
    let bits = 64 - (value << 1).leading_zeros();
    bits.div_ceil(7).max(1)
}

/// Every batch that is not yet told, or whose request is not yet answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Batches {
    places: Vec<Option<ProducerBatch>>,
    free: Vec<u32>,
    /// Emptied record lists, used again.
    spare: Vec<Vec<Record>>,
    next_serial: u64,
}

/// What a new batch starts from.
pub(super) struct NewBatch {
    pub partition: TopicPartition,
    pub slot: usize,
    pub created_at: Micros,
    pub limit_bytes: u32,
    pub memory_bytes: u64,
    /// The number of the batch it is a part of.
    pub split_of: Option<u64>,
}

impl Batches {
    /// Adds an empty batch.
    pub fn create(&mut self, new: NewBatch) -> BatchId {
        let serial = new.split_of.unwrap_or(self.next_serial);
        self.next_serial = self.next_serial.max(serial + 1);
        let batch = ProducerBatch {
            partition: new.partition,
            slot: new.slot,
            serial,
            created_at: new.created_at,
            last_attempt_at: new.created_at,
            retry_at: 0,
            attempts: 0,
            is_split: new.split_of.is_some(),
            done: false,
            renumbered: false,
            memory_bytes: new.memory_bytes,
            because: EntryId::NONE,
            max_record_bytes: 0,
            limit_bytes: new.limit_bytes,
            size_bytes: BATCH_OVERHEAD_BYTES,
            first_timestamp_ms: 0,
            max_timestamp: 0,
            open: self.spare.pop().unwrap_or_default(),
            sealed: None,
            leader_epoch: None,
            attempts_at_leader_change: 0,
        };
        match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = Some(batch);
                BatchId(place)
            }
            None => {
                self.places.push(Some(batch));
                BatchId(self.places.len() as u32 - 1)
            }
        }
    }

    /// The batch `id`: ids are kept only by queues and requests, and dropped with their batch.
    pub fn get(&self, id: BatchId) -> &ProducerBatch {
        self.places[id.0 as usize]
            .as_ref()
            .expect("an id in use names a batch")
    }

    /// The batch `id`, to change it.
    pub fn get_mut(&mut self, id: BatchId) -> &mut ProducerBatch {
        self.places[id.0 as usize]
            .as_mut()
            .expect("an id in use names a batch")
    }

    /// Drops a batch that nothing refers to any more.
    pub fn remove(&mut self, id: BatchId) {
        if let Some(batch) = self.places[id.0 as usize].take() {
            let mut records = batch.open;
            records.clear();
            self.spare.push(records);
            self.free.push(id.0);
        }
    }

    /// The number of the next batch.
    pub fn next_serial(&self) -> u64 {
        self.next_serial
    }

    /// All batches with their ids, in no order that matters to Kafka.
    pub fn iter(&self) -> impl Iterator<Item = (BatchId, &ProducerBatch)> {
        let ids = (0..).map(BatchId).zip(&self.places);
        ids.filter_map(|(id, batch)| batch.as_ref().map(|batch| (id, batch)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::MessageId;

    fn record(size_bytes: u32, key: Option<u32>) -> Record {
        let message = MessageId(0);
        Record {
            message,
            key,
            size_bytes,
            tombstone: false,
        }
    }

    #[test]
    fn the_upper_bound_is_the_number_in_kafkas_exception() {
        // "The message is 3086 bytes when serialized": a value of 3000 bytes, no key.
        assert_eq!(upper_bound_bytes(&record(3000, None)), 3086);
    }

    #[test]
    fn a_record_takes_seven_bytes_and_its_value() {
        assert_eq!(record_bytes(&record(2, None), 0, 0), 2 + 7);
        assert_eq!(record_bytes(&record(300, None), 1, 1), 300 + 9);
    }

    #[test]
    fn a_key_counts_within_the_size() {
        assert_eq!(key_and_value_bytes(&record(100, Some(4711))), (Some(4), 96));
        assert_eq!(key_and_value_bytes(&record(100, Some(0))), (Some(1), 99));
    }

    #[test]
    fn varints_grow_every_seven_bits() {
        assert_eq!([0, 63, 64, 8191, 8192].map(varint_bytes), [1, 1, 2, 2, 3]);
    }

    #[test]
    fn sequences_wrap_where_java_ints_do() {
        assert_eq!(add_sequence(i32::MAX as u32, 1), 0);
    }
}
