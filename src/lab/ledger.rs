//! The message ledger: what became of each message, from the journal alone.

use crate::kafka::{LeaderEpoch, MessageId, Offset, TopicPartition};
use crate::lab::experiment::MESSAGES_EACH;
use crate::sim::journal::EntryId;
use crate::sim::{Micros, NodeId};

/// A set of brokers, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Brokers(pub u16);

impl Brokers {
    /// With `node`.
    pub fn insert(&mut self, node: NodeId) {
        self.0 |= 1 << (node.0 & 15);
    }
    /// Without `node`.
    pub fn remove(&mut self, node: NodeId) {
        self.0 &= !(1 << (node.0 & 15));
    }
    /// Whether `node` is in it.
    pub fn has(self, node: NodeId) -> bool {
        self.0 & (1 << (node.0 & 15)) != 0
    }
    /// How many there are.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether all of `others` are in it.
    pub fn covers(self, others: Brokers) -> bool {
        others.0 & !self.0 == 0
    }
    /// Its members, in order.
    pub fn iter(self) -> impl Iterator<Item = NodeId> {
        (0..16).map(NodeId).filter(move |node| self.has(*node))
    }
}

/// What the application was told about a send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Success, with an offset: a broker said so.
    Acked(EntryId),
    /// Success without an offset (acks=0), or the application never looks: it counts as sent.
    Believed(EntryId),
    /// An error.
    Failed(EntryId),
}

impl Told {
    /// The application counts the message as sent.
    pub fn counts(self) -> bool {
        matches!(self, Told::Acked(_) | Told::Believed(_))
    }
}

/// One place in a partition where a message was written. A retry that is not recognised makes a second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its offset.
    pub offset: Offset,
    /// The epoch of the leader that wrote it.
    pub epoch: LeaderEpoch,
    /// The brokers whose log has it now.
    pub holders: Brokers,
    /// When it was first written.
    pub written: EntryId,
    /// What took it out of a log last.
    pub cut: Option<EntryId>,
    /// The high watermark passed it.
    pub committed: Option<EntryId>,
    /// The producer id under which it is part of a transaction.
    pub transaction: Option<u64>,
}

/// What the application knows of the transaction that it sent a message in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    /// There is none: an ack is all there is to hear.
    #[default]
    Free,
    /// Not ended yet, as far as it knows: an ack promises nothing.
    Open,
    /// `commitTransaction` returned.
    Committed,
    /// `abortTransaction` returned.
    Aborted,
}

/// The order that a message is about, in the shop's database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// There is no database.
    #[default]
    None,
    /// The message was handed over first; the order's row is not written yet.
    Unwritten,
    /// Its row was committed.
    Stored(EntryId),
    /// The process ended before it wrote the row: there is no such order.
    Never(EntryId),
}

/// A message that could not be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aside {
    /// It was given to a producer of dead letters, the last time.
    pub given: EntryId,
    /// Which process gave it.
    pub by: NodeId,
    /// How many dead letters of it the leader of their topic has.
    pub copies: u16,
    /// Its last dead letter could not be written.
    pub failed: Option<EntryId>,
    /// A new leader of their topic does not have it.
    pub gone: Option<EntryId>,
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// The job has yet to take it.
    Waiting,
    /// Handed to the job's producer, not heard of.
    InFlight,
    /// Marked as sent.
    Sent,
    /// Marked as delivered by a direct call.
    Delivered,
    /// It failed too often: it waits for somebody at the desk.
    Dead,
}

/// One message's life so far.
#[derive(Clone, Debug)]
pub struct Life {
    /// Its number.
    pub message: MessageId,
    /// Its key, once it was sent.
    pub key: Option<u32>,
    /// Its partition, once chosen.
    pub partition: Option<TopicPartition>,
    /// The application called `send()`.
    pub buffered: EntryId,
    /// When that was, in microseconds.
    pub buffered_us: Micros,
    /// It left in a produce request for the last time, and to which broker.
    pub sent: Option<(EntryId, NodeId)>,
    /// It was sent with acks=0: no answer will come.
    pub acks0: bool,
    /// What the application was told.
    pub told: Told,
    /// When it was told, in microseconds.
    pub told_us: Micros,
    /// What it knows of the transaction.
    pub bound: Bound,
    /// Where it was written.
    pub places: Vec<Place>,
    /// The consumer process that holds it between poll and the end of its work.
    pub hand: Option<NodeId>,
    /// How many records were written for it that nobody has read yet.
    pub unread_outputs: u16,
    /// When a poll returned it last.
    pub polled: Option<EntryId>,
    /// How often the business saw its effect.
    pub processed: u16,
    /// How often an idempotent handler saw that it had been there before.
    pub ignored: u16,
    /// The first and the last effect.
    pub effects: Option<(EntryId, EntryId)>,
    /// It was taken by the death of a process: in the producer's memory, or in the socket of a broker that never read
    /// it.
    pub died_with: Option<EntryId>,
    /// The moment it was first found to be lost.
    pub lost: Option<EntryId>,
    /// The order that it is about.
    pub order: Order,
    /// Its row of the outbox: how it stands, and what said so.
    pub row: Option<(RowState, EntryId)>,
    /// It could not be worked on.
    pub aside: Option<Aside>,
    /// Service B was called with it and took it.
    pub direct: Option<EntryId>,
    /// What deleted it from its leader's log, and whether its reader had not come to it yet.
    pub deleted: Option<(EntryId, bool)>,
}

/// What has become of one message; the order is that of a life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// The application has not handed it over yet.
    #[default]
    NotSent,
    /// In the outbox, not yet in Kafka.
    Stored,
    /// In the outbox, and only somebody at the desk can send it on.
    Dead,
    /// In the producer's accumulator.
    Buffered,
    /// Sent, no answer yet, in no log that counts.
    InFlight,
    /// In a log's page cache, no ack yet.
    Written,
    /// On a disk, no ack yet.
    OnDisk,
    /// Acked, but not every in-sync replica has it.
    OneCopy,
    /// Every in-sync replica has it.
    Committed,
    /// A poll returned it; the work is not done.
    Visible,
    /// The work is done.
    Processed,
    /// The work is done and the offset committed.
    Finished,
    /// It could not be worked on and is in the dead-letter topic, for somebody to look at.
    SetAside,
    /// Only in logs that will be cut when their broker returns.
    Doomed,
    /// In no log.
    Lost,
    /// Kafka has it, but the group went past it without doing the work.
    Skipped,
    /// Deleted by retention (or by the operator) before its reader came to it.
    Expired,
    /// Deleted in time: nobody waits for it any more.
    Deleted,
    /// Part of a transaction that is neither committed nor aborted.
    Open,
    /// Its transaction was aborted: nobody who reads committed records sees it, and nobody was promised that.
    Aborted,
    /// Written or processed twice.
    Twice,
    /// A message without an order: the shop never wrote the row that it speaks of.
    Phantom,
    /// The callback got an error, yet a log has it: unknown until the leader settles it.
    InDoubt,
    /// The callback got an error, or the process died with it; no log has it.
    Failed,
}

impl Fate {
    /// It, or the work on it, is lost.
    pub fn is_lost(self) -> bool {
        matches!(
            self,
            Fate::Lost | Fate::Doomed | Fate::Skipped | Fate::Expired
        )
    }
}

/// All messages, by producer and number.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    by_producer: Vec<Vec<Life>>,
}

impl Ledger {
    /// The life of a message.
    pub fn get(&self, message: MessageId) -> Option<&Life> {
        let (producer, place) = index(message)?;
        self.by_producer.get(producer)?.get(place)
    }

    pub(crate) fn get_mut(&mut self, message: MessageId) -> Option<&mut Life> {
        let (producer, place) = index(message)?;
        self.by_producer.get_mut(producer)?.get_mut(place)
    }

    /// Enters a message at its `send()`; a second `send()` of the same message keeps its life.
    pub(crate) fn enter(&mut self, message: MessageId, entry: EntryId, at_us: Micros) {
        let Some((producer, place)) = index(message) else {
            return;
        };
        if self.by_producer.len() <= producer {
            self.by_producer.resize_with(producer + 1, Vec::new);
        }
        let lives = &mut self.by_producer[producer];
        // Applications number their messages one after the other, so this adds one life at a time.
        while lives.len() <= place && place - lives.len() < 1_000 {
            let number = producer as u32 * MESSAGES_EACH + 1 + lives.len() as u32;
            lives.push(Life::new(MessageId(number), entry, at_us));
        }
    }

    /// The lives of one producer's messages, in order of number; `place` counts producers from 0.
    pub fn of_producer(&self, place: u8) -> &[Life] {
        self.by_producer
            .get(usize::from(place))
            .map_or(&[], Vec::as_slice)
    }

    /// All lives, in order of producer and number.
    pub fn iter(&self) -> impl Iterator<Item = &Life> {
        self.by_producer.iter().flatten()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Life> {
        self.by_producer.iter_mut().flatten()
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.by_producer.iter().map(Vec::len).sum()
    }

    /// Whether nothing was sent yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Life {
    fn new(message: MessageId, buffered: EntryId, buffered_us: Micros) -> Self {
        Life {
            message,
            key: None,
            partition: None,
            buffered,
            buffered_us,
            sent: None,
            acks0: false,
            told: Told::Nothing,
            told_us: 0,
            bound: Bound::Free,
            places: Vec::new(),
            hand: None,
            unread_outputs: 0,
            polled: None,
            processed: 0,
            ignored: 0,
            effects: None,
            died_with: None,
            lost: None,
            order: Order::None,
            row: None,
            aside: None,
            direct: None,
            deleted: None,
        }
    }

    /// Somebody has read it and works on it, or what was written for it is still to be seen.
    pub fn is_worked_on(&self) -> bool {
        self.hand.is_some() || self.unread_outputs > 0
    }

    /// The business counts on it: its order is stored, or the application counts it as sent.
    pub fn counts(&self) -> bool {
        self.told.counts() || matches!(self.order, Order::Stored(_))
    }

    /// How its row of the outbox stands.
    pub fn row_state(&self) -> Option<RowState> {
        self.row.map(|(state, _)| state)
    }

    /// Nobody has worked on it, and its dead letter waits for somebody.
    pub fn is_set_aside(&self) -> bool {
        let kept = self.aside.is_some_and(|aside| aside.copies > 0);
        kept && self.processed == 0 && self.hand.is_none()
    }

    /// The last place that some log still has.
    pub fn living_place(&self) -> Option<&Place> {
        self.places
            .iter()
            .rev()
            .find(|place| !place.holders.is_empty())
    }

    /// What took it out of its last log.
    pub fn last_cut(&self) -> Option<EntryId> {
        self.places.iter().filter_map(|place| place.cut).max()
    }
}

fn index(message: MessageId) -> Option<(usize, usize)> {
    let number = message.0.checked_sub(1)?;
    Some((
        (number / MESSAGES_EACH) as usize,
        (number % MESSAGES_EACH) as usize,
    ))
}
