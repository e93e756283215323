//! One look at every message: what producers wait with, what consumers hold, what was done.
//!
//! A stage is made for every frame, and a run can have a hundred thousand messages: everything
//! that has to look at each of them is gathered here in a single pass.

use super::outbox::Rows;
use super::scene::Scene;
use crate::kafka::Offset;
use crate::lab::experiment::MESSAGES_EACH;
use crate::lab::ledger::{Life, Told};
use crate::sim::NodeId;
use crate::sim::order::sort_by_number;
use crate::view::Fate;

/// Records shown in a buffer or in a consumer's hand.
const SHOWN: usize = 8;
/// Entries of the business ledger shown.
const ENTRIES: usize = 24;

/// What the messages of one producer are at.
#[derive(Default)]
pub(super) struct Sending<'a> {
    /// Orders in its database.
    pub orders: usize,
    pub buffered: usize,
    pub in_flight: usize,
    /// The first few that are buffered.
    pub first: Vec<&'a Life>,
}

/// An effect on the business: its journal entry, its message, whether it was one too many.
type Effect<'a> = (u32, &'a Life, bool);

/// What one look told.
#[derive(Default)]
pub(super) struct Census<'a> {
    /// By place among the producers.
    pub sending: Vec<Sending<'a>>,
    /// The shop's outbox.
    pub rows: Rows<'a>,
    /// The first few messages in each consumer's hand, by node number.
    pub hands: Vec<Vec<&'a Life>>,
    /// How many messages were worked on.
    pub done: usize,
    /// After the last record of the partition shown that any poll returned.
    pub position: Option<Offset>,
    /// The last effects, in their order.
    pub effects: Vec<Effect<'a>>,
    /// How many effects came before those.
    pub earlier: usize,
}

impl<'a> Census<'a> {
    /// Looks at every message of the scene once.
    pub fn of(scene: &Scene<'a>) -> Self {
        let mut census = Census::default();
        for life in scene.history.ledger.iter() {
            census.rows.look(life);
            census.sending(scene, life);
            census.held(life);
            census.polled(scene, life);
            census.effect(life);
        }
        let last = census.effects.len().min(ENTRIES);
        census.keep_last(last);
        census
    }

    /// The messages in the hand of `node`.
    pub fn hand(&self, node: NodeId) -> &[&'a Life] {
        self.hands
            .get(usize::from(node.0))
            .map_or(&[], Vec::as_slice)
    }

    fn sending(&mut self, scene: &Scene<'a>, life: &'a Life) {
        let place = ((life.message.0 - 1) / MESSAGES_EACH) as usize;
        if self.sending.len() <= place {
            self.sending.resize_with(place + 1, Sending::default);
        }
        let sending = match life.row {
            Some(_) => {
                self.sending[place].orders += 1;
                &mut self.rows.sending
            }
            None => &mut self.sending[place],
        };
        // What lies in a log and has its answer is no longer the producer's.
        if life.processed > 0 || !(life.places.is_empty() || life.told == Told::Nothing) {
            return;
        }
        match scene.history.fate(life) {
            Fate::Buffered => {
                sending.buffered += 1;
                if sending.first.len() < SHOWN {
                    sending.first.push(life);
                }
            }
            Fate::InFlight => sending.in_flight += 1,
            _ => {}
        }
    }

    fn held(&mut self, life: &'a Life) {
        let Some(node) = life.hand else { return };
        let place = usize::from(node.0);
        if self.hands.len() <= place {
            self.hands.resize_with(place + 1, Vec::new);
        }
        if self.hands[place].len() < SHOWN {
            self.hands[place].push(life);
        }
    }

    fn polled(&mut self, scene: &Scene<'a>, life: &Life) {
        if life.polled.is_some()
            && life.partition == Some(scene.shown)
            && let Some(place) = life.places.last()
        {
            self.position = self.position.max(Some(place.offset + 1));
        }
    }

    fn effect(&mut self, life: &'a Life) {
        let Some((first, last)) = life.effects else {
            return;
        };
        self.done += 1;
        self.effects.push((first.0, life, false));
        if last != first {
            self.effects.push((last.0, life, true));
        }
        // Enough for the last few, whatever the order in which messages were worked on.
        if self.effects.len() >= 8 * ENTRIES {
            self.keep_last(ENTRIES);
        }
    }

    fn keep_last(&mut self, count: usize) {
        sort_by_number(&mut self.effects, |(entry, ..)| (*entry).into());
        let surplus = self.effects.len() - count;
        self.effects.drain(..surplus);
        self.earlier += surplus;
    }
}
