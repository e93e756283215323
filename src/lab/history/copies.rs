//! Logs and leadership: who has which record, and what the controller decides.

use super::apply::Here;
use super::{History, LogMirror, Part, Place, Slot};
use crate::kafka::broker::log::Cleaning;
use crate::kafka::metadata::PartitionState;
use crate::kafka::record::LogEntry;
use crate::kafka::{Cut, MessageId, Offset, TopicPartition};
use crate::lab::ledger::Life;
use crate::lab::moments::{Moment, On};
use crate::sim::NodeId;
use crate::sim::order::sort_by_number;

impl History {
    /// A partition may be new, or have moved.
    fn replicas_are(&mut self, partition: TopicPartition, replicas: &[NodeId]) {
        let set = self.parts.values().map(|part| part.min_isr).next();
        let min_isr = set.unwrap_or(1).min(replicas.len());
        let part = self
            .parts
            .get_or_insert_with(partition, || Part::new(replicas, min_isr));
        if part.replicas != replicas {
            part.replicas = replicas.to_vec();
        }
        for node in replicas {
            self.logs.get_or_default((partition, *node));
        }
    }

    pub(super) fn decided(
        &mut self,
        here: Here,
        partition: TopicPartition,
        before: &PartitionState,
        after: &PartitionState,
        unclean: bool,
    ) {
        if partition.topic == crate::lab::experiment::TOPIC {
            if self.parts.get(&partition).is_none() {
                let moment = here.moment(On::PartitionsAdded);
                self.moments.push(Moment {
                    partition: Some(partition),
                    count: self.parts.len() as u32 + 1,
                    ..moment
                });
            }
            self.replicas_are(partition, &after.replicas);
        }
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        part.decided(after, unclean, here.at_us);
        let lacks = after
            .leader
            .is_some_and(|leader| self.lacks(partition, leader));
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        let on = match (before.leader, after.leader) {
            (was, is) if was == is && after.isr.len() < before.isr.len() => On::IsrShrank,
            (was, is) if was == is && after.isr.len() > before.isr.len() => On::IsrGrew,
            (was, is) if was == is => return,
            (_, None) => On::Leaderless,
            (_, Some(_)) if unclean && lacks => On::ElectedUnclean,
            (_, Some(_)) => On::Elected,
        };
        let gone = before.isr.iter().find(|node| !after.isr.contains(node));
        let node = match on {
            On::IsrShrank => gone.copied(),
            On::IsrGrew => after
                .isr
                .iter()
                .find(|node| !before.isr.contains(node))
                .copied(),
            On::Leaderless => before.leader,
            _ => after.leader,
        };
        let moment = Moment {
            other: part.leader_before,
            partition: Some(partition),
            epoch: after.leader_epoch,
            span_us: part.dark_for_us,
            ..Moment::new(on, here.id, here.at_us, node.unwrap_or(here.node))
        };
        let end = |node| self.logs.get(&(partition, node)).map_or(0, LogMirror::end);
        let offset = end(moment.node);
        self.moments.push(Moment { offset, ..moment });
    }

    /// Whether `leader` has less than was committed, or than another replica has. An election of the last known leader
    /// is marked unclean although nothing may be missing.
    fn lacks(&self, partition: TopicPartition, leader: NodeId) -> bool {
        let committed = self
            .parts
            .get(&partition)
            .map_or(0, |part| part.high_watermark);
        let logs = self.logs.iter().filter(|((of, _), _)| *of == partition);
        let longest = logs.map(|(_, log)| log.end()).max().unwrap_or(0);
        let own = self
            .logs
            .get(&(partition, leader))
            .map_or(0, LogMirror::end);
        own < committed.max(longest)
    }

    /// A new leader: what it has not is lost, wherever else it may be.
    pub(super) fn took_over(&mut self, here: Here, partition: TopicPartition, log_end: Offset) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        if part.leader != Some(here.node) {
            return;
        }
        part.shortened(log_end);
        let mut lacking: Vec<MessageId> = Vec::new();
        // Where replicas disagreed before, equal tails say nothing of what lies below.
        let anywhere = self.moments.iter().any(|moment| moment.on == On::Diverged);
        for ((of, node), log) in &self.logs {
            if *of == partition && *node != here.node {
                let own = &self.logs[&(partition, here.node)];
                let differs = |(offset, slot): &(u64, Slot)| own.at(*offset) != Some(*slot);
                let tail = log.messages().rev();
                let tail = tail.take_while(|slot| anywhere || differs(slot));
                let tail = tail.filter(differs);
                lacking.extend(tail.map(|(_, slot)| slot.message));
                // Its log may start later: each replica deletes for itself.
                let head = log.messages().take_while(|(offset, _)| *offset < own.start);
                lacking.extend(head.map(|(_, slot)| slot.message));
            }
        }
        sort_by_number(&mut lacking, |message| message.0.into());
        lacking.dedup();
        self.deleted_by_successor(here, partition, &lacking);
        self.find_lost(here, &lacking);
    }

    /// Replicas delete each on its own: a new leader's log may start later than the old one's.
    fn deleted_by_successor(
        &mut self,
        here: Here,
        partition: TopicPartition,
        lacking: &[MessageId],
    ) {
        let start = self.logs[&(partition, here.node)].start;
        let passed = self.parts[&partition].passed;
        for message in lacking {
            let unread = |place: &Place| self.consumed && place.offset >= passed;
            if let Some(life) = self.ledger.get_mut(*message)
                && life.deleted.is_none()
                && let Some(place) = life.living_place().filter(|place| place.offset < start)
            {
                life.deleted = Some((here.id, unread(place)));
            }
        }
    }

    pub(super) fn written(&mut self, here: Here, partition: TopicPartition, entry: &LogEntry) {
        let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
            return;
        };
        let leads = self
            .parts
            .get(&partition)
            .is_some_and(|part| part.leader == Some(here.node));
        let transaction = entry.batch.transactional().map(|stamp| stamp.producer_id);
        if let (Some(producer_id), Some(marker)) = (transaction, entry.batch.marker()) {
            log.mark(entry.base_offset, producer_id, marker.commit);
            return self.transaction_marked(here, partition, entry.base_offset, producer_id);
        }
        for (offset, record) in entry.records() {
            let mut slot = Slot {
                message: record.message,
                place: 0,
                epoch: entry.leader_epoch,
            };
            if let Some(life) = self.ledger.get_mut(record.message) {
                slot.place = life.write(offset, entry.leader_epoch, transaction, here);
                if leads
                    && life
                        .places
                        .iter()
                        .filter(|p| p.holders.has(here.node))
                        .count()
                        == 2
                    // What a transaction sends again counts once, if at all.
                    && transaction.is_none()
                {
                    let (message, partition) = (Some(record.message), Some(partition));
                    let moment = here.moment(On::Twice);
                    self.moments.push(Moment {
                        message,
                        partition,
                        offset,
                        ..moment
                    });
                }
            }
            log.write(offset, slot);
        }
    }

    pub(super) fn watermark(&mut self, here: Here, partition: TopicPartition, offset: Offset) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        if part.leader != Some(here.node) {
            return;
        }
        let from = std::mem::replace(&mut part.high_watermark, offset);
        let Some(log) = self.logs.get(&(partition, here.node)) else {
            return;
        };
        for slot in (from..offset).filter_map(|offset| log.at(offset)) {
            let life = self.ledger.get_mut(slot.message);
            let place = life.and_then(|life| life.places.get_mut(usize::from(slot.place)));
            if let Some(place) = place {
                place.committed.get_or_insert(here.id);
            }
        }
    }

    /// What lay before `offset` is deleted here; if that is at the leader, for every reader.
    pub(super) fn log_start_moved(&mut self, here: Here, partition: TopicPartition, to: Offset) {
        let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
            return;
        };
        let gone = log.starts_at(to);
        let messages = self.deleted_here(here, partition, &gone, true);
        if let Some(first) = messages.first() {
            self.moments.push(Moment {
                partition: Some(partition),
                message: Some(*first),
                count: messages.len() as u32,
                offset: to,
                ..here.moment(On::Deleted)
            });
        }
        self.find_lost(here, &messages);
    }

    /// A cleaner was here. That a later value took a message's place costs no reader anything; that
    /// a delete is gone does.
    pub(super) fn cleaned(&mut self, here: Here, partition: TopicPartition, done: &Cleaning) {
        for (offsets, matters) in [(&done.superseded, false), (&done.tombstones, true)] {
            let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
                return;
            };
            let taken = offsets.iter().filter_map(|at| Some((*at, log.take(*at)?)));
            let gone: Vec<_> = taken.collect();
            let messages = self.deleted_here(here, partition, &gone, matters);
            self.find_lost(here, &messages);
        }
    }

    /// These are in this log no longer. Returns those that are deleted thereby: it is the leader's, or no other has them.
    fn deleted_here(
        &mut self,
        here: Here,
        partition: TopicPartition,
        gone: &[(Offset, Slot)],
        matters: bool,
    ) -> Vec<MessageId> {
        let part = self.parts.get(&partition);
        let leads = part.is_some_and(|part| part.leader == Some(here.node));
        let leaderless = part.is_some_and(|part| part.leader.is_none());
        let passed = part.map_or(0, |part| part.passed);
        let mut messages = Vec::new();
        for (offset, slot) in gone {
            let Some(life) = self.ledger.get_mut(slot.message) else {
                continue;
            };
            if let Some(place) = life.places.get_mut(usize::from(slot.place)) {
                place.holders.remove(here.node);
            }
            // While nobody leads, what nobody has any more is deleted as well.
            if leads || (leaderless && life.living_place().is_none()) {
                let unread = matters && self.consumed && *offset >= passed;
                life.deleted = Some((here.id, unread));
                messages.push(slot.message);
            }
        }
        messages
    }

    pub(super) fn log_cut(
        &mut self,
        here: Here,
        partition: TopicPartition,
        offset: Offset,
        before: Offset,
        why: Cut,
    ) {
        let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
            return;
        };
        let gone = log.cut_to(offset);
        log.was_cut = Some((here.at_us, before));
        for slot in &gone {
            let life = self.ledger.get_mut(slot.message);
            if let Some(place) = life.and_then(|l| l.places.get_mut(usize::from(slot.place))) {
                place.holders.remove(here.node);
                place.cut = Some(here.id);
            }
        }
        if let Some(part) = self.parts.get_mut(&partition)
            && part.leader == Some(here.node)
        {
            part.shortened(offset);
        }
        let (on, other, epoch) = match why {
            Cut::Truncated { leader, epoch } => (On::Truncated, Some(leader), epoch),
            Cut::Overtaken { leader } => (On::Truncated, Some(leader), 0),
            Cut::PowerLost | Cut::Torn | Cut::Wiped | Cut::Removed => (On::TailLost, None, 0),
        };
        if !gone.is_empty() {
            let message = gone.first().map(|slot| slot.message);
            self.moments.push(Moment {
                other,
                partition: Some(partition),
                message,
                count: gone.len() as u32,
                epoch,
                offset,
                before,
                ..here.moment(on)
            });
        }
        let messages: Vec<MessageId> = gone.iter().map(|slot| slot.message).collect();
        self.find_lost(here, &messages);
    }
}

impl Life {
    /// Notes that a log has it at `offset`; returns which of its places that is.
    fn write(&mut self, offset: Offset, epoch: u32, transaction: Option<u64>, here: Here) -> u8 {
        let known = self
            .places
            .iter()
            .position(|p| p.offset == offset && p.epoch == epoch);
        let place = known.unwrap_or_else(|| {
            self.places.push(Place {
                offset,
                epoch,
                holders: Default::default(),
                written: here.id,
                cut: None,
                committed: None,
                transaction,
            });
            self.places.len() - 1
        });
        self.places[place].holders.insert(here.node);
        (self.died_with, self.lost, self.deleted) = (None, None, None);
        place.min(usize::from(u8::MAX)) as u8
    }
}
