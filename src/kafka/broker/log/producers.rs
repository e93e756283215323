//! What a log remembers of its producers, to drop repeats and refuse gaps
//! (`ProducerStateManager`, `ProducerStateEntry`, `ProducerAppendInfo`).

use crate::sim::order::Map;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{ErrorCode, Offset};

/// How many batches are remembered for each producer (`NUM_BATCHES_TO_RETAIN`).
const BATCHES_REMEMBERED: usize = 5;
/// Sequences go on at 0 after this one.
const LAST_SEQUENCE: u32 = i32::MAX as u32;

/// One producer's last batches in this log.
#[derive(Clone, Debug)]
struct ProducerState {
    epoch: u16,
    /// (first sequence, last sequence, base offset), oldest first.
    batches: VecDeque<(u32, u32, Offset)>,
}

/// All producers of one log, by producer id.
#[derive(Clone, Debug, Default)]
pub struct ProducerStates {
    states: Map<u64, Rc<ProducerState>>,
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
        // An unknown producer may start anywhere: its state can have expired or been deleted.
        let Some(state) = self.states.get(&stamp.producer_id) else {
            return Ok(None);
        };
        let first = stamp.base_sequence;
        if stamp.producer_epoch < state.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if stamp.producer_epoch > state.epoch {
            return if first == 0 {
                Ok(None)
            } else {
                Err(ErrorCode::OutOfOrderSequenceNumber)
            };
        }
        let repeat = state
            .batches
            .iter()
            .find(|(f, l, _)| (*f, *l) == (first, last));
        if let Some((_, _, offset)) = repeat {
            return Ok(Some(*offset));
        }
        let expected = state
            .batches
            .back()
            .map(|(_, last, _)| next_sequence(*last));
        match expected {
            Some(expected) if expected != first => Err(ErrorCode::OutOfOrderSequenceNumber),
            _ => Ok(None),
        }
    }

    /// Remembers an appended batch.
    pub fn update(&mut self, entry: &LogEntry) {
        let (Some(stamp), Some(last)) = (entry.batch.producer, entry.batch.last_sequence()) else {
            return;
        };
        let epoch = stamp.producer_epoch;
        let state = self.states.get_or_insert_with(stamp.producer_id, || {
            Rc::new(ProducerState {
                epoch,
                batches: VecDeque::with_capacity(BATCHES_REMEMBERED),
            })
        });
        let state = Rc::make_mut(state);
        if state.epoch != epoch {
            state.epoch = epoch;
            state.batches.clear();
        }
        if state.batches.len() == BATCHES_REMEMBERED {
            state.batches.pop_front();
        }
        state
            .batches
            .push_back((stamp.base_sequence, last, entry.base_offset));
    }
}

fn next_sequence(sequence: u32) -> u32 {
    if sequence == LAST_SEQUENCE {
        0
    } else {
        sequence + 1
    }
}
