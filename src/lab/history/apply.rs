//! How each journal entry changes the state.

use super::loss::producer_of;
use super::{History, Standing, is_elsewhere};
use crate::kafka::Entry;
use crate::kafka::metadata::QuorumEpoch;
use crate::lab::moments::{Moment, On};
use crate::sim::journal::{EntryId, Stamped};
use crate::sim::{Micros, NodeId};

/// Where and when an entry was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    pub id: EntryId,
    pub at_us: Micros,
    pub node: NodeId,
}

impl Here {
    fn of(id: EntryId, stamped: &Stamped<Entry>) -> Self {
        let (at_us, node) = (stamped.at, stamped.node);
        Here { id, at_us, node }
    }

    pub(super) fn moment(self, on: On) -> Moment {
        Moment::new(on, self.id, self.at_us, self.node)
    }
}

impl History {
    pub(super) fn apply(&mut self, id: EntryId, stamped: &Stamped<Entry>) {
        let here = Here::of(id, stamped);
        self.now_us = stamped.at;
        if is_elsewhere(&stamped.what) {
            return self.elsewhere(here, &stamped.what);
        }
        match &stamped.what {
            Entry::Appended { partition, entry } => self.written(here, *partition, entry),
            Entry::Replicated { partition, entries } => {
                self.joined(here, *partition, entries);
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
            Entry::BecameFollower {
                partition, leader, ..
            } => self.joins(here, *partition, *leader),
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
            Entry::MinIsrSet { topic, min_isr } => {
                // It follows one topic's partitions only.
                if *topic == crate::lab::experiment::TOPIC {
                    for part in self.parts.values_mut() {
                        part.min_isr = part.replicas.len().min(*min_isr as usize);
                    }
                }
            }
            Entry::ControllerActive { epoch } => self.quorum(here, On::ControllerActive, *epoch, 0),
            Entry::ControllerResigned { epoch, uncommitted } => {
                self.quorum(here, On::ControllerResigned, *epoch, *uncommitted);
            }
            other => self.of_the_rest(here, other),
        }
    }

    fn of_the_rest(&mut self, here: Here, entry: &Entry) {
        let _ = self.of_deletion(here, entry)
            || self.of_clients(here, entry)
            || self.of_machines(here, entry)
            || self.of_the_shop(here, entry);
    }

    /// Retention and compaction. Returns whether the entry was one of these.
    fn of_deletion(&mut self, here: Here, entry: &Entry) -> bool {
        match entry {
            Entry::Compacted {
                partition,
                cleaning,
            } => self.cleaned(here, *partition, cleaning),
            Entry::LogStartMoved {
                partition, offset, ..
            } => self.log_start_moved(here, *partition, *offset),
            _ => return false,
        }
        true
    }

    /// Who leads the controllers has changed.
    fn quorum(&mut self, here: Here, on: On, epoch: QuorumEpoch, count: u32) {
        let moment = here.moment(on);
        self.moments.push(Moment {
            epoch,
            count,
            ..moment
        });
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
                self.order_sent(here, *message);
                self.bind(here.node, *message);
            }
            Entry::TransactionBegan => self.transaction_began(here.node),
            Entry::TransactionEnded { commit } => {
                self.transaction_ended(here, *commit);
            }
            Entry::BatchSent { batch, broker, .. } => self.sent(here, batch, *broker),
            Entry::ProduceRefused { batch, .. } => self.refused(here, batch),
            Entry::Acked {
                message, offset, ..
            } => self.acked(here, *message, *offset),
            Entry::BelievedSent { message } => self.believed(here, *message),
            Entry::Failed { message, .. } => self.failed(here, *message),
            Entry::Assigned { partitions } => self.assigned(here, partitions),
            Entry::Revoked { partitions } | Entry::PartitionsLost { partitions } => {
                self.given_up(here, partitions);
            }
            Entry::Polled {
                partition, records, ..
            } => self.polled(here, *partition, records),
            Entry::PositionReset { partition, to, .. } => {
                self.position_reset(here, *partition, *to);
            }
            Entry::Processed {
                message, partition, ..
            } => {
                self.processed(here, *message, *partition);
            }
            Entry::Ignored { message, .. } => self.ignored(*message),
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
                for (partition, to) in offsets {
                    if let Some(to) = to {
                        self.committed(here, *partition, *to);
                    }
                }
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
            Entry::Fenced { broker } => self.fenced(here, *broker, true),
            Entry::Unfenced { broker } => self.fenced(here, *broker, false),
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
            | Entry::DirectoryFailed(_)
            | Entry::DirectoryOffline { .. } => {
                self.disk(here, entry);
                self.moments.push(here.moment(On::DiskTrouble));
            }
            Entry::DiskFreed | Entry::DiskSlow { .. } => self.disk(here, entry),
            Entry::HandlerSlowed { .. } => self.node_mut(here.node).handler_slow = true,
            _ => return false,
        }
        true
    }
}
