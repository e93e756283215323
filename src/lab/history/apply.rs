//! How each journal entry changes the state.

use super::{Fate, History, LogMirror, Place, Slot, Standing, Told};
use crate::kafka::metadata::PartitionState;
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{Cut, Entry, MessageId, Offset, TopicPartition};
use crate::lab::moments::{Moment, On};
use crate::sim::journal::{EntryId, Stamped};
use crate::sim::{Micros, NodeId};

/// Where and when an entry was written.
#[derive(Clone, Copy)]
pub(super) struct Here {
    pub id: EntryId,
    pub at_us: Micros,
    pub node: NodeId,
}

impl Here {
    fn moment(self, on: On) -> Moment {
        Moment::new(on, self.id, self.at_us, self.node)
    }
}

impl History {
    pub(super) fn apply(&mut self, id: EntryId, stamped: &Stamped<Entry>) {
        let here = Here {
            id,
            at_us: stamped.at,
            node: stamped.node,
        };
        self.now_us = stamped.at;
        match &stamped.what {
            Entry::Appended { partition, entry } => self.written(here, *partition, entry),
            Entry::Replicated { partition, entries } => {
                entries
                    .iter()
                    .for_each(|entry| self.written(here, *partition, entry));
            }
            Entry::HighWatermark { partition, offset } => self.watermark(here, *partition, *offset),
            Entry::Flushed {
                partition, offset, ..
            } => {
                if let Some(log) = self.logs.get_mut(&(*partition, here.node)) {
                    log.flushed = *offset;
                }
            }
            Entry::LogCut {
                partition,
                offset,
                before,
                why,
            } => {
                self.log_cut(here, *partition, *offset, *before, *why);
            }
            Entry::BecameLeader {
                partition, log_end, ..
            } => {
                self.took_over(here, *partition, *log_end);
            }
            Entry::IsrAsked { partition, isr } => {
                if let Some(part) = self.parts.get_mut(partition) {
                    part.asked(isr);
                }
            }
            Entry::Partition {
                partition,
                before,
                after,
                unclean,
            } => {
                self.decided(here, *partition, before, after, *unclean);
            }
            Entry::Fenced { broker } => self.fenced(here, *broker, true),
            Entry::Unfenced { broker } => self.fenced(here, *broker, false),
            other => {
                let _ = self.of_clients(here, other) || self.of_machines(here, other);
            }
        }
    }

    /// Calls, callbacks and polls. Returns whether the entry was one of these.
    fn of_clients(&mut self, here: Here, entry: &Entry) -> bool {
        match entry {
            Entry::Buffered { message, partition } => {
                self.ledger.enter(*message, here.id, here.at_us);
                self.senders.insert(producer_of(*message), here.node);
                if let Some(life) = self.ledger.get_mut(*message) {
                    life.partition = Some(*partition);
                }
            }
            Entry::BatchSent { batch, broker, .. } => self.sent(here, batch, *broker),
            Entry::Acked {
                message, offset, ..
            } => self.acked(here, *message, *offset),
            Entry::BelievedSent { message } => self.believed(here, *message),
            Entry::Failed { message, .. } => self.failed(here, *message),
            Entry::Assigned { partitions } => {
                for partition in partitions {
                    if let Some(part) = self.parts.get_mut(partition) {
                        part.freshly_assigned = true;
                    }
                }
            }
            Entry::Polled {
                partition, records, ..
            } => self.polled(here, *partition, records),
            Entry::PositionReset { partition, to, .. } => {
                if let Some(part) = self.parts.get_mut(partition) {
                    part.passed = *to;
                }
            }
            Entry::Processed {
                message, partition, ..
            } => {
                self.processed(here, *message, *partition);
            }
            Entry::Ignored { message, .. } => self.out_of_hand(*message),
            Entry::HandlerThrew {
                message,
                partition,
                offset,
            } => {
                self.out_of_hand(*message);
                let moment = here.moment(On::HandlerThrew);
                let (message, partition) = (Some(*message), Some(*partition));
                self.moments.push(Moment {
                    message,
                    partition,
                    offset: *offset,
                    ..moment
                });
                self.find_lost(here, message.as_slice());
            }
            Entry::Committed { offsets, .. } => {
                offsets
                    .iter()
                    .for_each(|(partition, to)| self.committed(here, *partition, *to));
            }
            _ => return false,
        }
        true
    }

    /// Processes, disks and links. Returns whether the entry was one of these.
    fn of_machines(&mut self, here: Here, entry: &Entry) -> bool {
        match entry {
            Entry::Killed | Entry::Halted => {
                self.ended(here, Standing::Down { clean: false }, On::Killed);
            }
            Entry::PowerLost => self.ended(here, Standing::Off, On::PowerLost),
            Entry::Stopped => self.ended(here, Standing::Down { clean: true }, On::Stopping),
            Entry::Started => self.stands(here, Standing::Starting, Some(On::Started)),
            Entry::LogsLoaded { .. } => self.stands(here, Standing::Up, None),
            Entry::StopAsked => self.stands(here, Standing::Stopping, Some(On::Stopping)),
            Entry::Paused => self.stands(here, Standing::Paused, Some(On::Paused)),
            Entry::Resumed => self.stands(here, Standing::Up, Some(On::Resumed)),
            Entry::LinkCut { to, .. } => {
                self.disturbed.insert((here.node, *to));
                let moment = here.moment(On::Cut);
                self.moments.push(Moment {
                    other: Some(*to),
                    ..moment
                });
            }
            Entry::LinkLossy { to, .. } | Entry::LinkSlow { to, .. } => {
                self.disturbed.insert((here.node, *to));
            }
            Entry::LinkHealed { to } => {
                self.disturbed.remove(&(here.node, *to));
                self.disturbed.remove(&(*to, here.node));
            }
            Entry::DiskWiped { .. }
            | Entry::DiskFull
            | Entry::DiskFailed
            | Entry::DirectoryOffline => {
                self.disk(here, entry);
                self.moments.push(here.moment(On::DiskTrouble));
            }
            Entry::DiskFreed | Entry::DiskSlow { .. } => self.disk(here, entry),
            Entry::HandlerSlowed { .. } => self.node_mut(here.node).handler_slow = true,
            _ => return false,
        }
        true
    }

    fn node_mut(&mut self, node: NodeId) -> &mut super::NodeState {
        let place = usize::from(node.0);
        if self.nodes.len() <= place {
            self.nodes.resize(place + 1, super::NodeState::default());
        }
        &mut self.nodes[place]
    }

    fn disk(&mut self, here: Here, entry: &Entry) {
        let node = self.node_mut(here.node);
        match entry {
            Entry::DiskFull => node.disk_full = true,
            Entry::DiskFreed => node.disk_full = false,
            Entry::DiskSlow { times } => node.disk_times = *times,
            Entry::DiskWiped { .. } => (node.disk_failed, node.disk_full) = (false, false),
            _ => node.disk_failed = true,
        }
    }

    fn stands(&mut self, here: Here, standing: Standing, on: Option<On>) {
        let is_broker = self.logs.keys().any(|(_, node)| *node == here.node);
        let standing = match standing {
            // Clients and controllers are there at once; brokers load their logs first.
            Standing::Starting if !is_broker => Standing::Up,
            other => other,
        };
        self.node_mut(here.node).stand(standing, here.at_us);
        if let Some(on) = on {
            self.moments.push(here.moment(on));
        }
    }

    /// A process is gone: what it alone held in memory is gone with it.
    fn ended(&mut self, here: Here, standing: Standing, on: On) {
        let node = self.node_mut(here.node);
        node.stand(standing, here.at_us);
        node.ended = Some(here.id);
        self.moments.push(here.moment(on));
        let mut touched = Vec::new();
        for life in self.ledger.iter_mut() {
            if life.hand == Some(here.node) {
                life.hand = None;
                touched.push(life.message);
            }
            let sender = self.senders.get(&producer_of(life.message));
            if life.dies_with(here.node, sender == Some(&here.node)) {
                life.died_with = Some(here.id);
                touched.push(life.message);
            }
        }
        self.find_lost(here, &touched);
    }

    fn fenced(&mut self, here: Here, broker: NodeId, fenced: bool) {
        let state = self.node_mut(broker);
        let since_us = state.since_us;
        state.fenced = fenced;
        if fenced {
            let span_us = here.at_us.saturating_sub(since_us);
            let moment = Moment::new(On::Fenced, here.id, here.at_us, broker);
            self.moments.push(Moment { span_us, ..moment });
        } else if state.standing == Standing::Starting {
            state.stand(Standing::Up, here.at_us);
        }
    }

    fn decided(
        &mut self,
        here: Here,
        partition: TopicPartition,
        before: &PartitionState,
        after: &PartitionState,
        unclean: bool,
    ) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        part.decided(after, unclean, here.at_us);
        let on = match (before.leader, after.leader) {
            (was, is) if was == is && after.isr.len() < before.isr.len() => On::IsrShrank,
            (was, is) if was == is && after.isr.len() > before.isr.len() => On::IsrGrew,
            (was, is) if was == is => return,
            (_, None) => On::Leaderless,
            (_, Some(_)) if unclean => On::ElectedUnclean,
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
            span_us: part.leaderless_for_us,
            ..Moment::new(on, here.id, here.at_us, node.unwrap_or(here.node))
        };
        let end = |node| self.logs.get(&(partition, node)).map_or(0, LogMirror::end);
        let offset = end(moment.node);
        self.moments.push(Moment { offset, ..moment });
    }

    /// A new leader: what it has not is lost, wherever else it may be.
    fn took_over(&mut self, here: Here, partition: TopicPartition, log_end: Offset) {
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        part.high_watermark = part.high_watermark.min(log_end);
        if part.leader != Some(here.node) {
            return;
        }
        let mut lacking: Vec<MessageId> = Vec::new();
        for ((of, node), log) in &self.logs {
            if *of == partition && *node != here.node {
                let own = &self.logs[&(partition, here.node)];
                let differs =
                    |(nth, slot): &(usize, &Slot)| own.at(log.start + *nth as u64) != Some(**slot);
                let tail = log.slots.iter().enumerate().rev().take_while(differs);
                lacking.extend(tail.map(|(_, slot)| slot.message));
            }
        }
        lacking.sort_unstable();
        lacking.dedup();
        self.find_lost(here, &lacking);
    }

    fn written(&mut self, here: Here, partition: TopicPartition, entry: &LogEntry) {
        let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
            return;
        };
        let leads = self
            .parts
            .get(&partition)
            .is_some_and(|part| part.leader == Some(here.node));
        for (offset, record) in (entry.base_offset..).zip(entry.batch.data()) {
            let mut slot = Slot {
                message: record.message,
                place: 0,
                epoch: entry.leader_epoch,
            };
            if let Some(life) = self.ledger.get_mut(record.message) {
                slot.place = life.write(offset, entry.leader_epoch, here);
                if leads
                    && life
                        .places
                        .iter()
                        .filter(|p| p.holders.has(here.node))
                        .count()
                        == 2
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

    fn watermark(&mut self, here: Here, partition: TopicPartition, offset: Offset) {
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

    fn log_cut(
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
            part.high_watermark = part.high_watermark.min(offset);
        }
        let (on, other, epoch) = match why {
            Cut::Truncated { leader, epoch } => (On::Truncated, Some(leader), epoch),
            Cut::Overtaken { leader } => (On::Truncated, Some(leader), 0),
            Cut::PowerLost | Cut::Torn | Cut::Wiped => (On::TailLost, None, 0),
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

    fn sent(&mut self, here: Here, batch: &Batch, broker: NodeId) {
        for record in batch.data() {
            let acks0 = self.acks0.get(usize::from(here.node.0)).copied().flatten() == Some(true);
            if let Some(life) = self.ledger.get_mut(record.message) {
                life.sent = Some((here.id, broker));
                life.died_with = None;
                life.acks0 = acks0;
            }
        }
    }

    fn acked(&mut self, here: Here, message: MessageId, offset: Option<Offset>) {
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        life.told = match offset {
            Some(_) => Told::Acked(here.id),
            None => Told::Believed(here.id),
        };
        life.told_us = here.at_us;
        self.ack_us.push(
            here.at_us
                .saturating_sub(life.buffered_us)
                .min(u64::from(u32::MAX)) as u32,
        );
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

    fn believed(&mut self, here: Here, message: MessageId) {
        self.ledger.enter(message, here.id, here.at_us);
        if let Some(life) = self.ledger.get_mut(message)
            && life.told == Told::Nothing
        {
            life.told = Told::Believed(here.id);
            life.told_us = here.at_us;
        }
        let moment = here.moment(On::CountedWithoutAck);
        self.moments.push(Moment {
            message: Some(message),
            ..moment
        });
        self.find_lost(here, &[message]);
    }

    fn failed(&mut self, here: Here, message: MessageId) {
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

    fn polled(&mut self, here: Here, partition: TopicPartition, records: &[(Offset, MessageId)]) {
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

    fn out_of_hand(&mut self, message: MessageId) {
        if let Some(life) = self.ledger.get_mut(message) {
            life.hand = None;
        }
    }

    fn processed(&mut self, here: Here, message: MessageId, partition: TopicPartition) {
        self.out_of_hand(message);
        let Some(life) = self.ledger.get_mut(message) else {
            return;
        };
        life.processed += 1;
        let first = life.effects.map_or(here.id, |(first, _)| first);
        life.effects = Some((first, here.id));
        let on = if life.processed == 1 {
            On::Processed
        } else {
            On::Twice
        };
        let first_effect = life.processed == 1;
        let (message, partition_of) = (Some(message), Some(partition));
        self.moments.push(Moment {
            message,
            partition: partition_of,
            ..here.moment(on)
        });
        if let (true, Some(message)) = (first_effect, message) {
            let sender = producer_of(message);
            let last = self
                .last_effect
                .entry((partition, sender))
                .or_insert(message);
            if message < *last {
                self.reordered.push((here.id, message, *last));
            }
            *last = (*last).max(message);
        }
    }

    fn committed(&mut self, here: Here, partition: TopicPartition, to: Offset) {
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
        let Some((_, log)) = self.leader_log(partition) else {
            return;
        };
        let slots = (passed..to).filter_map(|offset| log.at(offset));
        let messages: Vec<MessageId> = slots.map(|slot| slot.message).collect();
        self.find_lost(here, &messages);
    }

    /// Which of these are lost now and were not before: one moment for all of them.
    fn find_lost(&mut self, here: Here, messages: &[MessageId]) {
        let (mut first, mut count) = (None, 0);
        for message in messages {
            let Some(life) = self.ledger.get(*message) else {
                continue;
            };
            let fate = self.fate(life);
            let is_lost = matches!(fate, Fate::Lost | Fate::Doomed | Fate::Skipped);
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
            let moment = here.moment(On::Lost);
            self.moments.push(Moment {
                message: first,
                count,
                ..moment
            });
        }
    }
}

/// Which producer numbered this message.
pub(super) fn producer_of(message: MessageId) -> u32 {
    message.0.saturating_sub(1) / crate::lab::experiment::MESSAGES_EACH
}

impl crate::lab::ledger::Life {
    /// Notes that a log has it at `offset`; returns which of its places that is.
    fn write(&mut self, offset: Offset, epoch: u32, here: Here) -> u8 {
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
            });
            self.places.len() - 1
        });
        self.places[place].holders.insert(here.node);
        (self.died_with, self.lost) = (None, None);
        place.min(usize::from(u8::MAX)) as u8
    }

    /// Whether the end of `node` takes it away: it is in the memory of its producer, or (with acks=0) in the socket of
    /// the broker that should read it.
    fn dies_with(&self, node: NodeId, is_sender: bool) -> bool {
        let left = self.acks0 && self.sent.is_some();
        let unread = left && self.sent.is_some_and(|(_, to)| to == node);
        let ended = matches!(self.told, Told::Acked(_) | Told::Failed(_));
        self.places.is_empty() && (unread || (is_sender && !left && !ended))
    }
}
