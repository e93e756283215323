//! Messages as a stage draws them: who sent what to whom, when it arrives, and how its way ends.
//!
//! Off unless somebody watches, so that plain runs pay nothing. What is remembered is part of the
//! world: set back in time, a world shows the traffic of that time.

use std::collections::VecDeque;

use super::{EntryId, Micros, NodeId};

/// How many messages are remembered.
const REMEMBERED: usize = 400;

/// How a message's way ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It arrives, or has arrived.
    #[default]
    Arrives,
    /// A cut link or a machine without power swallowed it; TCP goes on trying.
    Held,
    /// There was no such process or connection any more.
    Refused,
}

/// One message on its way.
#[derive(Clone, Debug)]
pub struct Flight<T> {
    /// Counts messages of this world.
    pub id: u32,
    pub from: NodeId,
    pub to: NodeId,
    /// When it was put on the wire.
    pub sent_at: Micros,
    /// When it arrives at the other end.
    pub arrives_at: Micros,
    pub ending: Ending,
    pub msg: T,
    /// The journal entry that caused it.
    pub cause: EntryId,
}

/// The last messages of a world.
#[derive(Clone, Debug)]
pub struct Traffic<T> {
    flights: VecDeque<Flight<T>>,
    next_id: u32,
}

impl<T> Default for Traffic<T> {
    fn default() -> Self {
        Traffic {
            flights: VecDeque::with_capacity(REMEMBERED),
            next_id: 0,
        }
    }
}

impl<T> Traffic<T> {
    /// Remembers a message and returns its number.
    pub(crate) fn push(&mut self, mut flight: Flight<T>) -> u32 {
        if self.flights.len() == REMEMBERED {
            self.flights.pop_front();
        }
        flight.id = self.next_id;
        self.next_id += 1;
        self.flights.push_back(flight);
        self.next_id - 1
    }

    /// Notes how the way of message `id` ended, if it is still remembered.
    pub(crate) fn ended(&mut self, id: u32, ending: Ending) {
        if let Some(flight) = self.flights.iter_mut().rev().find(|flight| flight.id == id) {
            flight.ending = ending;
        }
    }

    /// Oldest first.
    pub(crate) fn flights(&self) -> impl Iterator<Item = &Flight<T>> {
        self.flights.iter()
    }
}
