//! The shop's database: orders, rows of the outbox, direct calls of service B.

use super::apply::Here;
use super::loss::producer_of;
use super::{Fate, History};
use crate::kafka::config::OrderStore;
use crate::kafka::shop::RowMark;
use crate::kafka::{Entry, MessageId, TopicPartition};
use crate::lab::ledger::{Life, Order, RowState, Told};
use crate::lab::moments::{Moment, On};

impl History {
    /// The database, its job, its desk. Returns whether the entry was one of these.
    pub(super) fn of_the_shop(&mut self, here: Here, entry: &Entry) -> bool {
        let is_the_shops = matches!(
            entry,
            Entry::OrderStored { .. }
                | Entry::RowMarked { .. }
                | Entry::AlarmRang { .. }
                | Entry::AlarmEnded
                | Entry::Resent { .. }
                | Entry::Called { .. }
                | Entry::CallFailed { .. }
                | Entry::Served { .. }
        );
        if is_the_shops {
            self.in_the_shop(here, entry);
        }
        is_the_shops
    }

    #[inline(never)]
    fn in_the_shop(&mut self, here: Here, entry: &Entry) {
        match entry {
            Entry::OrderStored { message, outbox } => self.order_stored(here, *message, *outbox),
            Entry::RowMarked { message, mark } => self.row_marked(here, *message, *mark),
            Entry::AlarmRang { rows, oldest } => {
                self.alarm = Some(here.id);
                self.moments.push(Moment {
                    message: Some(*oldest),
                    count: *rows,
                    ..here.moment(On::AlarmRang)
                });
            }
            Entry::AlarmEnded => self.alarm = None,
            Entry::Resent { rows, left_alone } => self.resent(here, rows, left_alone.len()),
            Entry::Called { message, .. } => self.tell(here, On::Called, *message),
            Entry::CallFailed { message, .. } => self.tell(here, On::CallFailed, *message),
            Entry::Served { message, effect } => self.served(here, *message, *effect),
            _ => {}
        }
    }

    fn tell(&mut self, here: Here, on: On, message: MessageId) {
        self.moments.push(Moment {
            message: Some(message),
            ..here.moment(on)
        });
    }

    fn order_stored(&mut self, here: Here, message: MessageId, outbox: bool) {
        self.ledger.enter(message, here.id, here.at_us);
        if !outbox {
            self.senders.insert(producer_of(message), here.node);
        }
        if let Some(life) = self.ledger.get_mut(message) {
            life.order = Order::Stored(here.id);
            life.row = outbox.then_some((RowState::Waiting, here.id));
        }
        self.tell(here, On::OrderStored, message);
        // Its send may have failed before.
        self.find_lost(here, &[message]);
    }

    /// `send()` was called for it: by the job, or by a shop that writes the row afterwards.
    pub(super) fn order_sent(&mut self, here: Here, message: MessageId) {
        let send_first = self.store == OrderStore::SendFirst;
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        if life.row.is_some() {
            life.row = Some((RowState::InFlight, here.id));
        } else if send_first && life.order == Order::None {
            life.order = Order::Unwritten;
        }
    }

    fn row_marked(&mut self, here: Here, message: MessageId, mark: RowMark) {
        let state = match mark {
            RowMark::Sent => RowState::Sent,
            RowMark::Delivered => RowState::Delivered,
            RowMark::Tried { .. } => RowState::Waiting,
            RowMark::Dead { .. } => RowState::Dead,
        };
        if let Some(life) = self.ledger.get_mut(message) {
            life.row = Some((state, here.id));
        }
        let on = match state {
            RowState::Sent => On::RowSent,
            RowState::Dead => On::RowDead,
            _ => return,
        };
        self.tell(here, on, message);
    }

    fn resent(&mut self, here: Here, rows: &[MessageId], left_alone: usize) {
        for message in rows {
            if let Some(life) = self.ledger.get_mut(*message) {
                life.row = Some((RowState::Waiting, here.id));
            }
        }
        self.moments.push(Moment {
            message: rows.first().copied(),
            count: rows.len() as u32,
            before: left_alone as u64,
            ..here.moment(On::Resent)
        });
    }

    fn served(&mut self, here: Here, message: MessageId, effect: bool) {
        let only = self.only_partition();
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        life.direct.get_or_insert(here.id);
        let partition = life.partition.or(only);
        if effect {
            self.worked_on(here, here.id, message, partition);
        }
    }

    /// Where a message belongs that Kafka has not seen; with several partitions nobody can say.
    fn only_partition(&self) -> Option<TopicPartition> {
        let mut all = self.parts.keys();
        let only = all.next().copied();
        only.filter(|_| all.next().is_none())
    }

    /// The process is gone that had begun this order or was sending this row.
    pub(super) fn order_interrupted(&mut self, here: Here, message: MessageId) {
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        match life.row {
            Some(_) => life.row = Some((RowState::Waiting, here.id)),
            None => {
                life.order = Order::Never(here.id);
                self.tell(here, On::Phantom, message);
            }
        }
    }
}

impl Life {
    /// One of its two writes is done and the other is not.
    pub(super) fn is_begun(&self) -> bool {
        self.order == Order::Unwritten || self.row_state() == Some(RowState::InFlight)
    }
}

/// What the shop's database says of a message that no log has.
pub(super) fn stored_only(life: &Life, resends: bool) -> Option<Fate> {
    if life.direct.is_some() {
        return Some(Fate::Processed);
    }
    match life.row_state() {
        Some(RowState::Waiting) => return Some(Fate::Stored),
        Some(RowState::Dead) => return Some(Fate::Dead),
        // Its last try failed, and this one is under way.
        Some(RowState::InFlight) if matches!(life.told, Told::Failed(_)) => {
            return Some(Fate::Buffered);
        }
        Some(_) => return None,
        None => {}
    }
    match (life.order, life.told) {
        (Order::Never(_), _) => Some(Fate::Failed),
        // The order stays, and nobody will ever send its message.
        (Order::Stored(_), Told::Failed(_)) if !resends => Some(Fate::Lost),
        (Order::Stored(_), _) if life.died_with.is_some() => Some(Fate::Lost),
        (Order::Stored(_), Told::Failed(_)) => Some(Fate::InDoubt),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
