//! What must be true of a cluster at every step, whatever is done to it.
//!
//! Where [`super::properties`] judge what clients and the business saw of a whole run, these look into
//! logs and roles after each event. A [`Watch`] reads the journal's new entries, and the world only for what
//! they touch, so that it can go along with every step: debug builds do so in every run, the sweeps of
//! `tests/properties.rs` do so over generated clusters.
//!
//! [`Invariant::Kept`], and what leans on it ([`Invariant::is_conditional`]), depends on what is done: it is claimed for acks=all, min.insync.replicas >= 2,
//! more replicas than that, no unclean election, and faults of one broker at a time.

mod part;
mod readers;
mod shop;
mod transactions;

use part::Part;
use readers::Readers;
use shop::Shop;
use transactions::Promises;
pub use transactions::all_ended;

use crate::kafka::config::{IsolationLevel, Truncation};
use crate::kafka::metadata::QuorumEpoch;
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, Entry, Journal, MessageId, Offset, TopicPartition, World};
use crate::lab::experiment::TOPIC;
use crate::sim::journal::{EntryId, Stamped};
use crate::sim::{Micros, NodeId};

/// Something that must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// What was acked, or below a high watermark, is in the log of every later leader.
    Kept,
    /// What is below the high watermark is in the log of every ISR member, the same at the same offset.
    LogMatching,
    /// The high watermark never falls on a leader within its epoch.
    HighWatermarkRises,
    /// An epoch has one leader.
    OneLeader,
    /// A consumer is given nothing above the high watermark.
    ReadsCommitted,
    /// An idempotent producer's records are in the log once and in order, within one session.
    OnceInOrder,
    /// Auto-commit commits only what earlier polls gave out: with one thread, what is done.
    CommitsLag,
    /// A read_committed consumer is given nothing behind an open transaction, and nothing that was aborted.
    ReadsStable,
    /// A transaction ends the same way in all its partitions, and as its producer heard. Claimed where records are
    /// kept.
    AllOrNothing,
    /// What an application writes in transactions with its offsets comes once of each message. Claimed where records
    /// are kept.
    ExactlyOnce,
    /// An epoch of the metadata quorum has one leader, and so one active controller.
    OneController,
    /// Every row of the outbox is published at least once, when everything is whole and time was given.
    RowsPublished,
    /// The job sends a row only while no earlier send of it is in flight: pressing the desk's button twice resends once.
    SentOnceAtATime,
    /// Where dead letters are waited for, nobody commits past a message that was neither worked on nor set aside.
    SetAsideFirst,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Invariant; 14] = [
        Invariant::Kept,
        Invariant::LogMatching,
        Invariant::HighWatermarkRises,
        Invariant::OneLeader,
        Invariant::ReadsCommitted,
        Invariant::OnceInOrder,
        Invariant::CommitsLag,
        Invariant::ReadsStable,
        Invariant::AllOrNothing,
        Invariant::ExactlyOnce,
        Invariant::OneController,
        Invariant::RowsPublished,
        Invariant::SentOnceAtATime,
        Invariant::SetAsideFirst,
    ];

    /// Whether it may be broken where records may be lost: its own logs are not safe there either.
    pub fn is_conditional(self) -> bool {
        matches!(
            self,
            Invariant::Kept
                | Invariant::AllOrNothing
                | Invariant::ExactlyOnce
                | Invariant::SetAsideFirst
        )
    }
}

/// An invariant that was found broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub invariant: Invariant,
    /// Where, if it is about one partition.
    pub partition: Option<TopicPartition>,
    /// The entry that showed it.
    pub entry: EntryId,
    /// In a few words.
    pub what: String,
}

/// Goes along with a run.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The rule that is history broke what holds today.
    by_epoch: bool,
    seen: u32,
    parts: Vec<(TopicPartition, Part)>,
    readers: Readers,
    /// Consumers with isolation.level=read_committed.
    careful: Vec<NodeId>,
    promises: Promises,
    shop: Shop,
    /// Each epoch's active controller.
    controllers: Vec<(QuorumEpoch, NodeId)>,
    /// Whether voters were ever asked for their votes.
    elections: bool,
    /// An epoch that was found with two leaders.
    torn_quorum: Option<QuorumEpoch>,
    acked: Vec<(MessageId, TopicPartition, Offset)>,
    breaches: Vec<Breach>,
}

impl Watch {
    /// Before anything has happened.
    pub fn new(spec: &ClusterSpec) -> Self {
        let resends = spec.clients.iter().any(|client| match &client.kind {
            ClientKind::Producer { work, .. } => {
                (work.as_ref()).is_some_and(|w| w.app.resend_on_failure || w.relays)
            }
            ClientKind::Consumer { .. } => false,
        });
        // What an application writes for what it reads comes in the order of reading.
        let ordered = |of: TopicPartition| !resends && of.topic == TOPIC;
        let part = |partition| (partition, Part::new(ordered(partition)));
        Watch {
            by_epoch: spec.environment.history_truncation == Truncation::LeaderEpoch,
            seen: 0,
            parts: spec.partitions().map(part).collect(),
            readers: Readers::new(spec),
            careful: careful(spec),
            promises: Promises::new(spec),
            shop: Shop::new(spec),
            controllers: Vec::new(),
            elections: false,
            torn_quorum: None,
            acked: Vec::new(),
            breaches: Vec::new(),
        }
    }

    /// Looks at what the last event did. To be called after each.
    pub fn follow(&mut self, world: &World, journal: &Journal) {
        let entries = journal.entries();
        let mut touched: Vec<(TopicPartition, EntryId)> = Vec::new();
        while self.seen < world.entries() {
            let id = EntryId(self.seen);
            let stamped = &entries[self.seen as usize]; // the world wrote that many
            self.seen += 1;
            if let Some(partition) = self.read(id, stamped, world)
                && touched.iter().all(|(known, _)| *known != partition)
            {
                touched.push((partition, id));
            }
        }
        if self.elections {
            let found = self.one_elected(world);
            let last = EntryId(self.seen.saturating_sub(1));
            self.breaches
                .extend(found.map(|found| found.at(last, None)));
        }
        for (partition, id) in touched {
            if let Some(part) = part_mut(&mut self.parts, partition) {
                let found = part.compare(partition, world);
                self.breaches
                    .extend(found.map(|found| found.at(id, Some(partition))));
            }
        }
    }

    /// One entry. Returns the partition whose logs have to be compared, if any.
    fn read(
        &mut self,
        id: EntryId,
        stamped: &Stamped<Entry>,
        world: &World,
    ) -> Option<TopicPartition> {
        let node = stamped.node;
        let mut found = self.shop.read(node, &stamped.what);
        let mut touched = None;
        match &stamped.what {
            Entry::HighWatermark { partition, offset } => {
                touched = Some(*partition);
                let part = part_mut(&mut self.parts, *partition)?;
                found = part.high_watermark(*partition, node, *offset, world);
            }
            Entry::BecameLeader {
                partition, epoch, ..
            } => {
                touched = Some(*partition);
                let part = part_mut(&mut self.parts, *partition)?;
                let (twice, lacks) = part.took_over(*partition, node, *epoch, world);
                self.breaches
                    .extend(twice.map(|found| found.at(id, touched)));
                found = lacks;
            }
            Entry::LogCut {
                partition, offset, ..
            } => {
                touched = Some(*partition);
                part_mut(&mut self.parts, *partition)?.cut(node, *offset);
            }
            Entry::Partition { partition, .. } | Entry::BecameFollower { partition, .. } => {
                touched = Some(*partition);
            }
            Entry::Acked {
                message,
                partition,
                offset: Some(offset),
            } => self.acked.push((*message, *partition, *offset)),
            Entry::Polled {
                partition, records, ..
            } => {
                self.readers.polled(node, *partition, records);
                let careful = self.careful.contains(&node);
                let part = part_mut(&mut self.parts, *partition)?;
                found = part.polled(records, careful);
            }
            Entry::ControllerActive { epoch } => found = self.one_controller(node, *epoch),
            Entry::VotesAsked { .. } => self.elections = true,
            other => {
                self.promises.read(node, other);
                found = found.or(self.readers.read(node, other));
            }
        }
        self.breaches
            .extend(found.map(|found| found.at(id, touched)));
        touched
    }

    fn one_controller(&mut self, node: NodeId, epoch: QuorumEpoch) -> Option<Found> {
        let mut known = self.controllers.iter();
        let other = known.find(|(known, other)| *known == epoch && *other != node);
        let what = other.map(|(_, other)| {
            format!("{node:?} and {other:?} are active controllers in epoch {epoch}")
        });
        self.controllers.push((epoch, node));
        Some(Found(Invariant::OneController, what?))
    }

    /// An epoch elects one voter, whether or not it gets as far as to be active.
    fn one_elected(&mut self, world: &World) -> Option<Found> {
        let voters = world.model.controllers();
        let elected = voters.iter().filter(|voter| voter.leads_quorum());
        let mut elected = elected.map(|voter| (voter.epoch(), voter.node()));
        let (first, other) = (elected.next()?, elected.next()?);
        if first.0 != other.0 || self.torn_quorum == Some(first.0) {
            return None;
        }
        self.torn_quorum = Some(first.0);
        let what = format!(
            "{:?} and {:?} are both elected in epoch {}",
            first.1, other.1, first.0
        );
        Some(Found(Invariant::OneController, what))
    }

    /// Everything is healed and quiet: is what was acked still there, and what was committed as promised?
    pub fn at_the_end(&mut self, world: &World) {
        self.look_for_acked(world);
        if all_ended(world) {
            let found = self.promises.clone().at_the_end(&self.parts);
            let found = found.into_iter();
            self.breaches
                .extend(found.map(|(found, partition)| found.at(EntryId::NONE, Some(partition))));
        }
    }

    /// Everything is whole, and the shop had time to send what it has.
    pub fn rows_at_the_end(&mut self, world: &World) {
        let found = self.shop.at_the_end(world);
        self.breaches
            .extend(found.map(|found| found.at(EntryId::NONE, None)));
    }

    fn look_for_acked(&mut self, world: &World) {
        for (message, partition, offset) in &self.acked {
            let image = world.model.controller().image();
            let leader = image.partitions.get(partition).and_then(|p| p.leader);
            // Without a leader nobody knows yet what the log will be.
            let log = leader.and_then(|leader| world.model.broker(leader).log(*partition));
            let Some(log) = log.filter(|log| log.first_dirty_offset() <= *offset) else {
                continue;
            };
            let kept = log
                .read(*offset, *offset + 1, 1)
                .first()
                .is_some_and(|entry| {
                    let mut records = entry.records();
                    records.any(|(at, record)| at == *offset && record.message == *message)
                });
            if !kept {
                let what = format!(
                    "message {} was acked at {partition:?} offset {offset} and is not in its leader's log",
                    message.0
                );
                self.breaches
                    .push(Found(Invariant::Kept, what).at(EntryId::NONE, Some(*partition)));
            }
        }
    }

    /// What was found so far.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// The first breach of what holds whatever is done, by the rules of today.
    pub fn first_unconditional(&self) -> Option<&Breach> {
        let mut breaches = self.breaches.iter().filter(|_| self.by_epoch);
        breaches.find(|breach| !breach.invariant.is_conditional())
    }

    /// How many messages were acked with an offset.
    pub fn acked(&self) -> usize {
        self.acked.len()
    }
}

/// A breach, before it is known at which entry.
struct Found(Invariant, String);

impl Found {
    fn at(self, entry: EntryId, partition: Option<TopicPartition>) -> Breach {
        Breach {
            invariant: self.0,
            partition,
            entry,
            what: self.1,
        }
    }
}

fn part_mut(parts: &mut [(TopicPartition, Part)], partition: TopicPartition) -> Option<&mut Part> {
    let mut parts = parts.iter_mut();
    parts.find_map(|(known, part)| (*known == partition).then_some(part))
}

fn careful(spec: &ClusterSpec) -> Vec<NodeId> {
    let is_careful = |place: &usize| match &spec.clients[*place].kind {
        ClientKind::Consumer { config, .. } => {
            config.isolation_level == IsolationLevel::ReadCommitted
        }
        ClientKind::Producer { .. } => false,
    };
    let places = (0..spec.clients.len()).filter(is_careful);
    places.map(|place| spec.client_node(place)).collect()
}

/// When an entry was written, and where.
pub fn told(breach: &Breach, journal: &Journal) -> Option<(Micros, NodeId)> {
    let stamped = journal.get(breach.entry.known()?)?;
    Some((stamped.at, stamped.node))
}
