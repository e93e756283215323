//! What a log remembers of its producers: sequences, to drop repeats and refuse gaps; open transactions, for the
//! last stable offset (`ProducerStateManager`, `ProducerStateEntry`, `ProducerAppendInfo`).

use crate::sim::Micros;
use crate::sim::order::{Map, sort_by_number};
use std::collections::VecDeque;
use std::rc::Rc;

use crate::kafka::record::{Batch, LogEntry, Marker, ProducerStamp};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{ErrorCode, LeaderEpoch, Offset};

/// How many batches are remembered for each producer (`NUM_BATCHES_TO_RETAIN`).
const BATCHES_REMEMBERED: usize = 5;
/// Sequences go on at 0 after this one.
const LAST_SEQUENCE: u32 = i32::MAX as u32;

/// One producer's last batches in this log.
#[derive(Clone, Debug)]
struct ProducerState {
    epoch: u16,
    /// The latest timestamp of what it wrote last.
    last_timestamp: Micros,
    /// Of the last marker; an older coordinator may write none.
    coordinator_epoch: Option<LeaderEpoch>,
    /// (first sequence, last sequence, base offset), oldest first.
    batches: VecDeque<(u32, u32, Offset)>,
}

/// An aborted transaction (`AbortedTxn`, the transaction index).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aborted {
    producer_id: u64,
    first: Offset,
    marker: Offset,
}

/// All producers of one log, by producer id.
#[derive(Clone, Debug, Default)]
pub struct ProducerStates {
    states: Map<u64, Rc<ProducerState>>,
    /// Transactions without a marker: first offset and producer id, by offset.
    open: Vec<(Offset, u64)>,
    /// Ended, the high watermark not yet beyond the marker: first offset and marker.
    unreplicated: Vec<(Offset, Offset)>,
    aborted: Rc<Vec<Aborted>>,
}

impl ProducerStates {
    /// The state that a log of these batches implies.
    pub fn rebuilt<'a>(entries: impl Iterator<Item = &'a LogEntry>) -> Self {
        let mut states = ProducerStates::default();
        for entry in entries {
            states.update(entry);
        }
        states
    }

    /// Whether the leader may append `batch`: `Ok(None)` it may, `Ok(Some(offset))` it is there
    /// already.
    pub fn check(&self, batch: &Batch) -> Result<Option<Offset>, ErrorCode> {
        let (Some(stamp), Some(last)) = (batch.producer, batch.last_sequence()) else {
            return Ok(None);
        };
        let first = stamp.base_sequence;
        let Some(state) = self.states.get(&stamp.producer_id) else {
            // An unknown producer may start anywhere: its state can have expired or been deleted. In a
            // transaction it is new (KIP-890).
            return starts_at_0_or(first, !stamp.transactional);
        };
        if stamp.producer_epoch < state.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if stamp.producer_epoch > state.epoch {
            return starts_at_0_or(first, false);
        }
        let mut known = state.batches.iter();
        if let Some((_, _, offset)) = known.find(|(f, l, _)| (*f, *l) == (first, last)) {
            return Ok(Some(*offset));
        }
        if !stamp.transactional && self.opened_at(stamp.producer_id).is_some() {
            return Err(ErrorCode::InvalidTxnState);
        }
        let last = state.batches.back();
        match last.map_or(0, |(_, last, _)| next_sequence(*last)) {
            expected if expected != first => Err(ErrorCode::OutOfOrderSequenceNumber),
            _ => Ok(None),
        }
    }

    /// Whether the coordinator has to be told before a batch of this producer's transaction is appended
    /// (`UnifiedLog.maybeStartTransactionVerification`).
    pub fn must_be_added(&self, producer: ProducerIdAndEpoch) -> Result<bool, ErrorCode> {
        match self.states.get(&producer.0) {
            Some(state) if producer.1 < state.epoch => Err(ErrorCode::InvalidProducerEpoch),
            Some(state) if producer.1 == state.epoch => Ok(self.opened_at(producer.0).is_none()),
            _ => Ok(true),
        }
    }

    /// Whether a coordinator may end this producer's transaction here: its epoch must be above all that is in the
    /// log, so that a late marker cannot end what came after (KIP-890).
    pub fn check_marker(&self, stamp: ProducerStamp, marker: Marker) -> Result<(), ErrorCode> {
        let Some(state) = self.states.get(&stamp.producer_id) else {
            return Ok(());
        };
        // The same marker once more does no harm.
        let again =
            stamp.producer_epoch == state.epoch && self.opened_at(stamp.producer_id).is_none();
        if stamp.producer_epoch <= state.epoch && !again {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        match state.coordinator_epoch > Some(marker.coordinator_epoch) {
            true => Err(ErrorCode::TransactionCoordinatorFenced),
            false => Ok(()),
        }
    }

    /// Remembers an appended batch.
    pub fn update(&mut self, entry: &LogEntry) {
        let Some(stamp) = entry.batch.producer else {
            return;
        };
        let epoch = stamp.producer_epoch;
        let state = self.states.get_or_insert_with(stamp.producer_id, || {
            Rc::new(ProducerState {
                epoch,
                last_timestamp: 0,
                coordinator_epoch: None,
                batches: VecDeque::with_capacity(BATCHES_REMEMBERED),
            })
        });
        let state = Rc::make_mut(state);
        if state.epoch != epoch {
            state.epoch = epoch;
            state.batches.clear();
        }
        state.last_timestamp = entry.batch.max_timestamp;
        if let Some(marker) = entry.batch.marker() {
            state.coordinator_epoch = Some(marker.coordinator_epoch);
            return self.end(stamp.producer_id, marker, entry.base_offset);
        }
        let Some(last) = entry.batch.last_sequence() else {
            return;
        };
        if state.batches.len() == BATCHES_REMEMBERED {
            state.batches.pop_front();
        }
        state
            .batches
            .push_back((stamp.base_sequence, last, entry.base_offset));
        if stamp.transactional && self.opened_at(stamp.producer_id).is_none() {
            self.open.push((entry.base_offset, stamp.producer_id));
        }
    }

    fn end(&mut self, producer_id: u64, marker: Marker, offset: Offset) {
        let Some(place) = self.open.iter().position(|(_, id)| *id == producer_id) else {
            return;
        };
        let (first, _) = self.open.remove(place);
        self.unreplicated.push((first, offset));
        if !marker.commit {
            let marker = offset;
            Rc::make_mut(&mut self.aborted).push(Aborted {
                producer_id,
                first,
                marker,
            });
        }
    }

    /// Forgets producers that have written nothing since `before` and have no open transaction
    /// (`ProducerStateManager.removeExpiredProducers`); says which.
    pub fn expire(&mut self, before: Micros) -> Vec<u64> {
        let is_over = |(id, state): &(&u64, &Rc<ProducerState>)| {
            state.last_timestamp <= before && self.opened_at(**id).is_none()
        };
        let expired: Vec<u64> = self
            .states
            .iter()
            .filter(is_over)
            .map(|(id, _)| *id)
            .collect();
        for id in &expired {
            self.states.remove(id);
        }
        expired
    }

    fn opened_at(&self, producer_id: u64) -> Option<Offset> {
        let mut open = self.open.iter();
        open.find(|(_, id)| *id == producer_id)
            .map(|(first, _)| *first)
    }

    /// The high watermark has come to `offset`: markers below it count.
    pub fn replicated_to(&mut self, offset: Offset) {
        self.unreplicated.retain(|(_, marker)| *marker >= offset);
    }

    /// Where the oldest transaction begins that is open, or whose marker is not below the high watermark.
    pub fn first_unstable_offset(&self, high_watermark: Offset) -> Option<Offset> {
        let open = self.open.first().map(|(first, _)| *first);
        let ended = self.unreplicated.iter();
        let ended = ended.filter(|(_, marker)| *marker >= high_watermark);
        open.into_iter().chain(ended.map(|(first, _)| *first)).min()
    }

    /// Aborted transactions with records from `from` on and below `to`, as producer id and first offset, by offset.
    pub fn aborted_between(&self, from: Offset, to: Offset) -> Vec<(u64, Offset)> {
        let inside = |aborted: &&Aborted| aborted.marker >= from && aborted.first < to;
        let aborted = self.aborted.iter().filter(inside);
        let mut aborted: Vec<_> = aborted.map(|a| (a.producer_id, a.first)).collect();
        sort_by_number(&mut aborted, |(_, first)| *first);
        aborted
    }
}

fn starts_at_0_or(first: u32, anywhere: bool) -> Result<Option<Offset>, ErrorCode> {
    match first == 0 || anywhere {
        true => Ok(None),
        false => Err(ErrorCode::OutOfOrderSequenceNumber),
    }
}

fn next_sequence(sequence: u32) -> u32 {
    if sequence == LAST_SEQUENCE {
        0
    } else {
        sequence + 1
    }
}
