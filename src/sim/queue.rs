//! The event queue, ordered by (time, order of scheduling).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Micros;

/// Events wait here; equal times leave in the order they came.
///
/// Keys and events are kept apart: the heap moves 24-byte keys, events stay in their slot.
#[derive(Clone)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<(Micros, u64, u32)>>,
    slots: Vec<Option<E>>,
    free: Vec<u32>,
    next_seq: u64,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        EventQueue {
            heap: BinaryHeap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            next_seq: 0,
        }
    }
}

impl<E> EventQueue<E> {
    /// Adds `event`, due at `at`.
    pub fn push(&mut self, at: Micros, event: E) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(event);
                slot
            }
            None => {
                self.slots.push(Some(event));
                (self.slots.len() - 1) as u32
            }
        };
        self.heap.push(Reverse((at, self.next_seq, slot)));
        self.next_seq += 1;
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(Micros, E)> {
        let Reverse((at, _, slot)) = self.heap.pop()?;
        self.free.push(slot);
        let event = self.slots[slot as usize].take();
        debug_assert!(event.is_some(), "a key in the heap owns a full slot");
        event.map(|event| (at, event))
    }

    /// When the earliest event is due.
    pub fn next_at(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// All that waits as (time, order of scheduling, event), in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Micros, u64, &E)> {
        self.heap.iter().filter_map(|Reverse((at, seq, slot))| {
            self.slots[*slot as usize]
                .as_ref()
                .map(|event| (*at, *seq, event))
        })
    }
}
