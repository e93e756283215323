//! The shop's outbox, and the dead letters of those who read from it.

use super::{Found, Invariant};
use crate::kafka::config::{Acks, LetterLost};
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, Entry, MessageId, Offset, TopicId, TopicPartition, World};
use crate::sim::NodeId;
use crate::sim::order::Set;

/// What is known of rows and of dead letters.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    relay: Option<NodeId>,
    /// Rows that were committed with their orders.
    stored: Vec<MessageId>,
    /// What Kafka has acked, or service B has answered.
    published: Set<MessageId>,
    /// What the job has sent and not heard of.
    in_flight: Vec<MessageId>,
    /// Where dead letters go, if whoever commits has to wait for their acks.
    letters: Option<TopicId>,
    /// What a handler threw at and did not do afterwards, nor set aside.
    open: Vec<(NodeId, TopicPartition, Offset, MessageId)>,
}

impl Shop {
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        Shop {
            relay: spec.relay().map(|place| spec.client_node(place)),
            stored: Vec::new(),
            published: Set::new(),
            in_flight: Vec::new(),
            letters: awaited_letters(spec),
            open: Vec::new(),
        }
    }

    pub(super) fn read(&mut self, node: NodeId, entry: &Entry) -> Option<Found> {
        if self.relay.is_some() {
            let found = self.read_outbox(node, entry);
            if found.is_some() {
                return found;
            }
        }
        let letters = self.letters?;
        self.read_letters(letters, node, entry)
    }

    fn read_outbox(&mut self, node: NodeId, entry: &Entry) -> Option<Found> {
        let is_relay = self.relay == Some(node);
        match entry {
            Entry::OrderStored {
                message,
                outbox: true,
            } => self.stored.push(*message),
            Entry::Buffered { message, .. } if is_relay => {
                if self.in_flight.contains(message) {
                    let what = format!("row m{} is sent while its send is in flight", message.0);
                    return Some(Found(Invariant::SentOnceAtATime, what));
                }
                self.in_flight.push(*message);
            }
            Entry::Acked { message, .. } if is_relay => {
                self.published.insert(*message);
                self.in_flight.retain(|sent| sent != message);
            }
            Entry::Failed { message, .. } if is_relay => {
                self.in_flight.retain(|sent| sent != message);
            }
            Entry::Served { message, .. } => {
                self.published.insert(*message);
            }
            Entry::Started if is_relay => self.in_flight.clear(),
            _ => {}
        }
        None
    }

    fn read_letters(&mut self, letters: TopicId, node: NodeId, entry: &Entry) -> Option<Found> {
        match entry {
            Entry::HandlerThrew {
                message,
                partition,
                offset,
            } => {
                let threw = (node, *partition, *offset, *message);
                if !self.open.contains(&threw) {
                    self.open.push(threw);
                }
            }
            Entry::Processed { message, .. } | Entry::Ignored { message, .. } => {
                self.open.retain(|(_, _, _, open)| open != message);
            }
            Entry::Acked {
                message, partition, ..
            } if partition.topic == letters => {
                self.open.retain(|(_, _, _, open)| open != message);
            }
            Entry::Started | Entry::Halted | Entry::Killed => {
                self.open.retain(|(by, ..)| *by != node);
            }
            Entry::Committed { offsets, .. } => {
                let past = |(by, partition, offset, _): &&(NodeId, TopicPartition, Offset, _)| {
                    let mut offsets = offsets.iter();
                    *by == node && offsets.any(|(of, to)| of == partition && *to > Some(*offset))
                };
                let (.., message) = self.open.iter().find(past)?;
                let what = format!(
                    "{node:?} committed past m{}, at which its handler threw, without a dead letter",
                    message.0
                );
                return Some(Found(Invariant::SetAsideFirst, what));
            }
            _ => {}
        }
        None
    }

    /// Everything is whole, and time was given: is every row gone, and was it published?
    pub(super) fn at_the_end(&self, world: &World) -> Option<Found> {
        let mut rows = world.model.business.database.rows();
        let left = rows.next().map(|row| row.record.message);
        let lost = || {
            let mut stored = self.stored.iter();
            stored.find(|row| !self.published.contains(row)).copied()
        };
        let (message, how) = match left {
            Some(message) => (message, "is still in the outbox"),
            None => (lost()?, "is gone from the outbox and was never published"),
        };
        let what = format!("row m{} {how}", message.0);
        Some(Found(Invariant::RowsPublished, what))
    }
}

/// The dead-letter topic, where a commit waits for the acks of all its replicas.
fn awaited_letters(spec: &ClusterSpec) -> Option<TopicId> {
    spec.clients.iter().find_map(|client| {
        let ClientKind::Consumer {
            work: Some(work), ..
        } = &client.kind
        else {
            return None;
        };
        let writer = work.writer.as_ref()?;
        let app = &work.app;
        let awaits = writer.config.acks == Acks::All
            && writer.config.transactional_id.is_none()
            && app.dead_letter_on_failure == LetterLost::Crash
            && !app.handler_handoff;
        writer.letters.filter(|_| awaits)
    })
}
