//! The event queue, ordered by (time, order of scheduling).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Micros;

/// When an event is due, its place in the order of scheduling, and its slot, in one number: a comparison is then one
/// subtraction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

/// More events never wait at once.
const SLOT_BITS: u32 = 24;

impl Key {
    fn new(at: Micros, seq: u64, slot: u32) -> Key {
        debug_assert!(slot >> SLOT_BITS == 0 && seq >> (64 - SLOT_BITS) == 0);
        Key(u128::from(at) << 64 | u128::from(seq << SLOT_BITS | u64::from(slot)))
    }

    fn at(self) -> Micros {
        (self.0 >> 64) as Micros
    }

    fn seq(self) -> u64 {
        self.0 as u64 >> SLOT_BITS
    }

    fn slot(self) -> usize {
        (self.0 as u64 & ((1 << SLOT_BITS) - 1)) as usize
    }
}

/// Events wait here; equal times leave in the order they came.
///
/// Keys and events are kept apart: the heap moves 16-byte keys, events stay in their slot.
#[derive(Clone)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<Key>>,
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
        self.heap.push(Reverse(Key::new(at, self.next_seq, slot)));
        self.next_seq += 1;
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(Micros, E)> {
        let Reverse(key) = self.heap.pop()?;
        self.free.push(key.slot() as u32);
        let event = self.slots[key.slot()].take();
        debug_assert!(event.is_some(), "a key in the heap owns a full slot");
        event.map(|event| (key.at(), event))
    }

    /// When the earliest event is due.
    pub fn next_at(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(key)| key.at())
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
        self.heap.iter().filter_map(|Reverse(key)| {
            let event = self.slots[key.slot()].as_ref()?;
            Some((key.at(), key.seq(), event))
        })
    }
}
