//! When a message is lost.

use super::apply::Here;
use super::{History, Told};
use crate::kafka::MessageId;
use crate::lab::ledger::Life;
use crate::lab::moments::{Moment, On};
use crate::sim::NodeId;

impl History {
    /// Which of these are lost now and were not before: one moment for all of them.
    pub(super) fn find_lost(&mut self, here: Here, messages: &[MessageId]) {
        let (mut first, mut count) = (None, 0);
        for message in messages {
            let Some(life) = self.ledger.get(*message) else {
                continue;
            };
            let fate = self.fate(life);
            let is_lost = fate.is_lost();
            let known = life.lost.is_some();
            if let Some(life) = self.ledger.get_mut(*message)
                && is_lost != known
            {
                life.lost = is_lost.then_some(here.id);
                if is_lost {
                    first = first.or(Some(*message));
                    count += 1;
                }
            }
        }
        if count > 0 {
            let life = first.and_then(|message| self.ledger.get(message));
            let partition = life.and_then(|life| life.partition);
            let part = partition.and_then(|partition| self.parts.get(&partition));
            let other = part.and_then(|part| part.leader_before);
            let moment = here.moment(On::Lost);
            self.moments.push(Moment {
                message: first,
                count,
                partition,
                other,
                ..moment
            });
        }
    }
}

/// Which producer numbered this message.
pub(super) fn producer_of(message: MessageId) -> u32 {
    message.0.saturating_sub(1) / crate::lab::experiment::MESSAGES_EACH
}

impl Life {
    /// Whether the end of `node` takes it away: it is in the memory of its producer, or (with acks=0) in the socket of
    /// the broker that should read it.
    pub(super) fn dies_with(&self, node: NodeId, is_sender: bool) -> bool {
        let left = self.acks0 && self.sent.is_some();
        let unread = left && self.sent.is_some_and(|(_, to)| to == node);
        let ended = matches!(self.told, Told::Acked(_) | Told::Failed(_));
        self.places.is_empty() && (unread || (is_sender && !left && !ended))
    }
}
