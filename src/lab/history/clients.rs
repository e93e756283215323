//! Calls, callbacks and polls: what applications know.

use super::apply::Here;
use super::loss::producer_of;
use super::{Fate, History, Told};
use crate::kafka::record::Batch;
use crate::kafka::{MessageId, Offset, TopicId, TopicPartition};
use crate::lab::moments::{Moment, On};
use crate::sim::NodeId;
use crate::sim::journal::EntryId;

impl History {
    pub(super) fn sent(&mut self, here: Here, batch: &Batch, broker: NodeId) {
        for record in batch.data() {
            let acks0 = self.acks0.get(usize::from(here.node.0)).copied().flatten() == Some(true);
            if let Some(life) = self.ledger.get_mut(record.message) {
                life.sent = Some((here.id, broker));
                life.died_with = None;
                life.acks0 = acks0;
                life.key = record.key;
            }
        }
    }

    /// A broker refuses a batch. With acks=0 nobody hears of it, and nobody sends it again.
    pub(super) fn refused(&mut self, here: Here, batch: &Batch) {
        for record in batch.data() {
            let Some(life) = self.ledger.get_mut(record.message) else {
                continue;
            };
            if life.acks0 && life.places.is_empty() {
                life.died_with = Some(here.id);
                self.find_lost(here, &[record.message]);
            }
        }
    }

    pub(super) fn acked(&mut self, here: Here, message: MessageId, offset: Option<Offset>) {
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        life.told = match offset {
            Some(_) => Told::Acked(here.id),
            None => Told::Believed(here.id),
        };
        life.told_us = here.at_us;
        let life = life.clone();
        let on = match self.fate(&life) {
            _ if offset.is_none() => On::CountedWithoutAck,
            Fate::OneCopy | Fate::Doomed => On::AckedWithOneCopy,
            _ => On::Acked,
        };
        self.moments.push(Moment {
            message: Some(message),
            partition: life.partition,
            offset: offset.unwrap_or_default(),
            ..here.moment(on)
        });
        self.find_lost(here, &[message]);
    }

    pub(super) fn believed(&mut self, here: Here, message: MessageId) {
        self.ledger.enter(message, here.id, here.at_us);
        if let Some(life) = self.ledger.get_mut(message) {
            match life.told {
                Told::Nothing => life.told = Told::Believed(here.id),
                // It failed within `send()`, and nobody looks at that either.
                Told::Failed(failed) => {
                    life.told = Told::Believed(here.id);
                    life.died_with = Some(failed);
                }
                Told::Acked(_) | Told::Believed(_) => {}
            }
            life.told_us = here.at_us;
        }
        let moment = here.moment(On::CountedWithoutAck);
        self.moments.push(Moment {
            message: Some(message),
            ..moment
        });
        self.find_lost(here, &[message]);
    }

    pub(super) fn failed(&mut self, here: Here, message: MessageId) {
        self.ledger.enter(message, here.id, here.at_us);
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        if life.told.counts() {
            // The application does not look; what is in no log is lost with the batch.
            life.died_with = Some(here.id);
        } else {
            life.told = Told::Failed(here.id);
            life.told_us = here.at_us;
        }
        let moment = here.moment(On::SendFailed);
        self.moments.push(Moment {
            message: Some(message),
            ..moment
        });
        self.find_lost(here, &[message]);
    }

    pub(super) fn polled(
        &mut self,
        here: Here,
        partition: TopicPartition,
        records: &[(Offset, MessageId)],
    ) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        let Some((first, _)) = records.first() else {
            return;
        };
        if std::mem::take(&mut part.freshly_assigned) {
            part.passed = *first;
            let moment = here.moment(On::FirstPoll);
            self.moments.push(Moment {
                partition: Some(partition),
                offset: *first,
                ..moment
            });
        }
        for (_, message) in records {
            if let Some(life) = self.ledger.get_mut(*message) {
                life.hand = Some(here.node);
                life.polled = Some(here.id);
                life.lost = None;
            }
        }
    }

    pub(super) fn out_of_hand(&mut self, message: MessageId) {
        if let Some(life) = self.ledger.get_mut(message) {
            life.hand = None;
        }
    }

    pub(super) fn ignored(&mut self, message: MessageId) {
        self.out_of_hand(message);
        if let Some(life) = self.ledger.get_mut(message) {
            life.ignored += 1;
        }
    }

    pub(super) fn processed(&mut self, here: Here, message: MessageId, partition: TopicPartition) {
        self.worked_on(here, here.id, message, Some(partition));
    }

    /// The business sees an effect of the message now, which `entry` brought about.
    pub(super) fn worked_on(
        &mut self,
        here: Here,
        entry: EntryId,
        message: MessageId,
        partition: Option<TopicPartition>,
    ) {
        self.out_of_hand(message);
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        life.processed += 1;
        let first = life.effects.map_or(entry, |(first, _)| first);
        life.effects = Some((first, entry));
        let on = if life.processed == 1 {
            On::Processed
        } else {
            On::Twice
        };
        let first_effect = life.processed == 1;
        self.moments.push(Moment {
            message: Some(message),
            partition,
            ..here.moment(on)
        });
        if let (true, Some(partition)) = (first_effect, partition) {
            self.in_order(here, message, partition);
        }
    }

    /// The first effect of a message: whether it comes after those of all that its producer sent before, within its
    /// partition, and for its key wherever that lies.
    fn in_order(&mut self, here: Here, message: MessageId, partition: TopicPartition) {
        let sender = producer_of(message);
        let key = self.ledger.get(message).and_then(|life| life.key);
        // No topic has this partition: the order of a key is kept there.
        let of_key = key.map(|key| {
            let lane = TopicPartition::new(TopicId(u16::MAX), sender as u16);
            (lane, key)
        });
        let mut later = None;
        for lane in of_key.into_iter().chain([(partition, sender)]) {
            let last = self.last_effect.get_or_insert_with(lane, || message);
            later = later.or((message < *last).then_some(*last));
            *last = (*last).max(message);
        }
        if let Some(later) = later {
            self.reordered.push((here.id, message, later));
            let moment = here.moment(On::OutOfOrder);
            self.moments.push(Moment {
                message: Some(message),
                partition: Some(partition),
                ..moment
            });
        }
    }

    /// The consumer goes on elsewhere: what it jumps over is passed, what it goes back to is not.
    pub(super) fn position_reset(&mut self, here: Here, partition: TopicPartition, to: Offset) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        let passed = std::mem::replace(&mut part.passed, to);
        self.find_passed(here, partition, passed, to);
    }

    fn find_passed(&mut self, here: Here, partition: TopicPartition, from: Offset, to: Offset) {
        let Some((_, log)) = self.leader_log(partition) else {
            return;
        };
        let slots = (from..to.min(log.end())).filter_map(|offset| log.at(offset));
        let messages: Vec<MessageId> = slots.map(|slot| slot.message).collect();
        self.find_lost(here, &messages);
    }

    pub(super) fn committed(&mut self, here: Here, partition: TopicPartition, to: Offset) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        let passed = part.passed;
        part.committed = to;
        part.passed = part.passed.max(to);
        let moment = here.moment(On::Committed);
        self.moments.push(Moment {
            partition: Some(partition),
            offset: to,
            ..moment
        });
        self.find_passed(here, partition, passed, to);
    }
}
