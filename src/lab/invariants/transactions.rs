//! Transactions: what the logs have of them, what producers were promised, what readers were given.

use super::part::Part;
use super::{Found, Invariant};
use crate::kafka::record::LogEntry;
use crate::kafka::spec::{ClientKind, TRANSACTIONS_TOPIC};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{ClusterSpec, Entry, MessageId, Offset, TopicId, TopicPartition, World};
use crate::lab::experiment::TOPIC;
use crate::sim::NodeId;

/// What one partition has of a transaction.
#[derive(Clone, Copy, Debug)]
struct Piece {
    producer: ProducerIdAndEpoch,
    first: Offset,
    /// Its marker, and whether that commits.
    end: Option<(Offset, bool)>,
}

/// The transactions of a partition, as far as they are below its high watermark.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    all: Vec<Piece>,
    /// Places in `all` of those without a marker.
    open: Vec<usize>,
}

impl Pieces {
    /// One more batch is below the high watermark.
    pub(super) fn add(&mut self, entry: &LogEntry) -> Option<Found> {
        let stamp = entry.batch.transactional()?;
        let producer = (stamp.producer_id, stamp.producer_epoch);
        let of_it = |place: &usize| self.all[*place].producer.0 == producer.0;
        let open = self.open.iter().position(of_it);
        let Some(nth) = open else {
            if entry.batch.marker().is_none() {
                self.open.push(self.all.len());
                self.all.push(Piece {
                    producer,
                    first: entry.base_offset,
                    end: None,
                });
            }
            return None;
        };
        let piece = &mut self.all[self.open[nth]];
        let (epoch, offset) = (piece.producer.1, entry.base_offset);
        // The end of a transaction raises the epoch by one (KIP-890).
        let fits = match entry.batch.marker() {
            Some(marker) => {
                piece.end = Some((offset, marker.commit));
                self.open.remove(nth);
                producer.1 == epoch + 1
            }
            None => producer.1 == epoch,
        };
        let what = || {
            format!(
                "the transaction of producer {} in epoch {epoch} had no end of its own before offset {offset}",
                producer.0
            )
        };
        (!fits).then(|| Found(Invariant::AllOrNothing, what()))
    }

    fn of(&self, entry: &LogEntry) -> Option<&Piece> {
        let id = entry.batch.transactional()?.producer_id;
        let mut all = self.all.iter().rev();
        all.find(|piece| piece.producer.0 == id && piece.first <= entry.base_offset)
    }

    /// Whether a read_committed consumer is to be given this batch in the end.
    pub(super) fn shows(&self, entry: &LogEntry) -> bool {
        let committed = |piece: &Piece| piece.end.is_some_and(|(_, commit)| commit);
        entry.batch.transactional().is_none() || self.of(entry).is_some_and(committed)
    }

    /// A read_committed consumer was given `entry`. `gone`: what stood below a high watermark elsewhere.
    pub(super) fn read(&self, entry: &LogEntry, gone: &[LogEntry]) -> Option<Found> {
        let ended_elsewhere = |piece: &Piece| {
            let ends = |other: &LogEntry| {
                let stamp = other.batch.transactional();
                other.batch.marker().is_some()
                    && other.base_offset > piece.first
                    && stamp.is_some_and(|stamp| stamp.producer_id == piece.producer.0)
            };
            gone.iter().any(ends)
        };
        let open = self.open.iter().map(|place| &self.all[*place]);
        let mut open = open.filter(|piece| piece.first <= entry.base_offset);
        if let Some(piece) = open.find(|piece| !ended_elsewhere(piece)) {
            let what = format!(
                "offset {} was read while a transaction was open since {}",
                entry.base_offset, piece.first
            );
            return Some(Found(Invariant::ReadsStable, what));
        }
        let (marker, _) = self.of(entry)?.end.filter(|(_, commit)| !commit)?;
        let what = format!(
            "offset {} was read, and its transaction was aborted at {marker}",
            entry.base_offset
        );
        Some(Found(Invariant::ReadsStable, what))
    }
}

type Message = (TopicId, MessageId);

/// What producers were told of their transactions.
#[derive(Clone, Debug)]
pub(super) struct Promises {
    /// What each process has put into the transaction that is open.
    open: Vec<(NodeId, Vec<Message>)>,
    committed: Vec<Message>,
    aborted: Vec<Message>,
    /// In transactions that may have ended either way.
    unknown: Vec<Message>,
    /// Where applications write what comes of what they read, in transactions with their offsets.
    output: Option<TopicId>,
}

impl Promises {
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        let output = spec.clients.iter().find_map(|client| match &client.kind {
            ClientKind::Consumer { work, .. } => {
                let writer = work.as_ref()?.writer.as_ref()?;
                writer
                    .outputs
                    .filter(|_| writer.config.transactional_id.is_some())
            }
            ClientKind::Producer { .. } => None,
        });
        Promises {
            open: Vec::new(),
            committed: Vec::new(),
            aborted: Vec::new(),
            unknown: Vec::new(),
            output,
        }
    }

    pub(super) fn read(&mut self, node: NodeId, entry: &Entry) {
        let place = self.open.iter().position(|(known, _)| *known == node);
        match (entry, place) {
            (Entry::TransactionBegan, None) => self.open.push((node, Vec::new())),
            (Entry::TransactionBegan, Some(place)) => {
                let left = std::mem::take(&mut self.open[place].1);
                self.unknown.extend(left);
            }
            (Entry::Buffered { message, partition }, Some(place)) => {
                self.open[place].1.push((partition.topic, *message));
            }
            (Entry::TransactionEnded { commit }, Some(place)) => {
                let (_, messages) = self.open.remove(place);
                match commit {
                    true => self.committed.extend(messages),
                    false => self.aborted.extend(messages),
                }
            }
            (
                Entry::Killed | Entry::PowerLost | Entry::Started | Entry::Stopped | Entry::Halted,
                Some(place),
            ) => self.unknown.extend(self.open.remove(place).1),
            _ => {}
        }
    }

    /// Everything is quiet and decided: does a read_committed reader see what was promised?
    pub(super) fn at_the_end(
        mut self,
        parts: &[(TopicPartition, Part)],
    ) -> Vec<(Found, TopicPartition)> {
        let mut found = torn(parts);
        self.unknown
            .extend(self.open.drain(..).flat_map(|(_, open)| open));
        let mut shown = messages(parts, true);
        shown.sort_unstable();
        let is_shown = |message: &&Message| shown.binary_search(message).is_ok();
        let whole = |topic: TopicId| TopicPartition::new(topic, 0);
        let lost = self
            .committed
            .iter()
            .find(|message| !is_shown(message))
            .map(|(topic, message)| {
                let what = format!(
                    "message {} was committed with its transaction and is not to be read",
                    message.0
                );
                (Found(Invariant::AllOrNothing, what), whole(*topic))
            });
        self.unknown.append(&mut self.committed);
        self.unknown.sort_unstable();
        let mut aborted = self.aborted.iter();
        let risen = aborted
            .find(|message| is_shown(message) && self.unknown.binary_search(message).is_err())
            .map(|(topic, message)| {
                let what = format!(
                    "message {} was aborted with its transaction and is to be read",
                    message.0
                );
                (Found(Invariant::AllOrNothing, what), whole(*topic))
            });
        found.extend(lost.into_iter().chain(risen));
        let twice = self.output.and_then(|output| more_than_read(output, parts));
        found.extend(twice.map(|twice| (twice, whole(self.output.unwrap_or(TOPIC)))));
        found
    }
}

/// Transactions that ended one way here and another, or not at all, there.
fn torn(parts: &[(TopicPartition, Part)]) -> Vec<(Found, TopicPartition)> {
    let pieces = parts.iter().flat_map(|(partition, part)| {
        let all = part.pieces.all.iter();
        all.map(move |piece| {
            (
                piece.producer,
                piece.end.map(|(_, commit)| commit),
                *partition,
            )
        })
    });
    let mut pieces: Vec<_> = pieces.collect();
    pieces.sort_unstable();
    let differ = |pair: &&[(ProducerIdAndEpoch, Option<bool>, TopicPartition)]| {
        pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1 && pair[1].1 == Some(true)
    };
    let torn = pieces.windows(2).filter(differ).map(|pair| {
        let (producer, end, partition) = pair[0];
        let how = match end {
            Some(_) => "aborted",
            None => "still open",
        };
        let other = pair[1].2;
        let what = format!(
            "the transaction of producer {producer:?} is committed in {other:?} and {how} in {partition:?}"
        );
        (Found(Invariant::AllOrNothing, what), partition)
    });
    torn.collect()
}

/// All messages below the high watermarks; of transactions only those that are committed, if `shown`.
fn messages(parts: &[(TopicPartition, Part)], shown: bool) -> Vec<Message> {
    let mut all = Vec::new();
    for (partition, part) in parts {
        for entry in part.committed() {
            if !shown || part.pieces.shows(entry) {
                let data = entry.batch.data().iter();
                all.extend(data.map(|record| (partition.topic, record.message)));
            }
        }
    }
    all
}

/// A message of which more came than there was to read.
fn more_than_read(output: TopicId, parts: &[(TopicPartition, Part)]) -> Option<Found> {
    let of = |topic: TopicId, shown: bool| {
        let mut of: Vec<MessageId> = messages(parts, shown)
            .into_iter()
            .filter_map(|(known, message)| (known == topic).then_some(message))
            .collect();
        of.sort_unstable();
        of
    };
    let (read, mut written) = (of(TOPIC, false), of(output, true));
    let count = |all: &[MessageId], message: MessageId| {
        all.partition_point(|m| *m <= message) - all.partition_point(|m| *m < message)
    };
    let more = |message: &MessageId| count(&written, *message) > count(&read, *message);
    let found = written.iter().copied().find(more)?;
    let times = count(&written, found);
    written.clear();
    let what = format!(
        "what came of message {} is to be read {times} times",
        found.0
    );
    Some(Found(Invariant::ExactlyOnce, what))
}

/// Whether every coordinator is there and has no transaction whose end is still being written.
pub fn all_ended(world: &World) -> bool {
    let cluster = &world.model;
    let image = cluster.controller().image();
    let Some(topic) = cluster.spec.topic_named(TRANSACTIONS_TOPIC) else {
        return true;
    };
    let mut coordinated = image.partitions.iter().filter(|(p, _)| p.topic == topic);
    coordinated.all(|(partition, state)| {
        let coordinator = state.leader.map(|leader| cluster.broker(leader));
        let known = coordinator.and_then(|broker| broker.transactions(*partition));
        known.is_some_and(|mut known| known.all(|one| one.decision().is_none()))
    })
}
