//! One partition: what was committed, who leads, and what the ISR's logs hold.

use std::rc::Rc;

use super::transactions::Pieces;
use super::{Found, Invariant};
use crate::kafka::broker::log::Log;
use crate::kafka::broker::{Replica, ReplicaRole};
use crate::kafka::record::{LogEntry, ProducerStamp, Records};
use crate::kafka::{LeaderEpoch, MessageId, Offset, TopicPartition, World};
use crate::sim::{NodeId, Status};

/// What is known of a partition.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// What a leader's high watermark has passed, oldest first, without a gap.
    committed: Vec<LogEntry>,
    /// The transactions among that.
    pub(super) pieces: Pieces,
    /// What was committed once, and then no later leader had it.
    gone: Vec<LogEntry>,
    has_lost: bool,
    /// Each epoch's leader.
    leaders: Vec<(LeaderEpoch, NodeId)>,
    /// The leader of the latest epoch and its high watermark.
    top: Option<(NodeId, LeaderEpoch, Offset)>,
    /// How many of the committed batches each replica was seen to have.
    checked: Vec<(NodeId, usize)>,
    /// What is committed of each producer session.
    sessions: Vec<Session>,
    /// Whether a message is sent once only by its application.
    sent_once: bool,
}

/// What is committed of a producer's session.
#[derive(Clone, Debug)]
struct Session {
    id: u64,
    epoch: u16,
    /// The log begins with this message, in the middle of the session. A leader that knows nothing of a producer takes
    /// any sequence (`ProducerAppendInfo.checkSequence`), so what was in flight to the one before may come after it.
    guarded: MessageId,
    last: MessageId,
    /// The last of those that come after it.
    straggler: MessageId,
}

impl Session {
    /// A session whose first committed message is this one.
    fn beginning(stamp: &ProducerStamp, first: MessageId) -> Session {
        let begins = stamp.base_sequence == 0;
        Session {
            id: stamp.producer_id,
            epoch: stamp.producer_epoch,
            guarded: if begins { MessageId(0) } else { first },
            last: MessageId(0),
            straggler: MessageId(0),
        }
    }

    /// Whether the producer sends all that was in flight anew, under another epoch: to the leader that took a later
    /// sequence first, the earlier one is out of order (`TransactionManager.canRetry`, `startSequencesAtBeginning`).
    /// What that leader took is then written twice. With Kafka, too.
    fn is_sent_anew(&self, stamp: &ProducerStamp) -> bool {
        self.guarded > MessageId(0) && stamp.producer_epoch > self.epoch
    }

    /// Takes the next message. If it should have come earlier: it, and the one that it came after.
    fn follows(&mut self, message: MessageId) -> Option<(MessageId, MessageId)> {
        let last = match message < self.guarded {
            true => &mut self.straggler,
            false => &mut self.last,
        };
        let before = std::mem::replace(last, message.max(*last));
        (message <= before).then_some((message, before))
    }
}

impl Part {
    pub(super) fn new(sent_once: bool) -> Self {
        Part {
            committed: Vec::new(),
            pieces: Pieces::default(),
            gone: Vec::new(),
            has_lost: false,
            leaders: Vec::new(),
            top: None,
            checked: Vec::new(),
            sessions: Vec::new(),
            sent_once,
        }
    }

    /// What a leader's high watermark has passed.
    pub(super) fn committed(&self) -> &[LogEntry] {
        &self.committed
    }

    fn end(&self) -> Offset {
        self.committed.last().map_or(0, LogEntry::next_offset)
    }

    /// A leader's high watermark is at `offset` now.
    pub(super) fn high_watermark(
        &mut self,
        partition: TopicPartition,
        node: NodeId,
        offset: Offset,
        world: &World,
    ) -> Option<Found> {
        let replica = world.model.broker(node).replica(partition)?;
        let passed = |from| {
            let beyond = replica.log.entries_from(from);
            beyond
                .take_while(|entry| entry.next_offset() <= offset)
                .cloned()
        };
        let new = passed(self.end());
        match &mut self.top {
            Some((leader, epoch, top)) if *leader == node => {
                let fell = offset < *top;
                let what =
                    || format!("{node:?} leads in epoch {epoch}: high watermark {top} to {offset}");
                let found = fell.then(|| Found(Invariant::HighWatermarkRises, what()));
                *top = offset;
                found.or(self.commit(new.collect()))
            }
            // One that does not know yet that it leads no more: who still asks it reads this.
            _ => {
                let unknown = passed(0).filter(|entry| !self.gone.contains(entry));
                let unknown: Vec<LogEntry> = unknown.collect();
                self.gone.extend(unknown);
                None
            }
        }
    }

    fn commit(&mut self, passed: Vec<LogEntry>) -> Option<Found> {
        let mut found = None;
        for entry in passed {
            found = found.or(self.in_order(&entry)).or(self.pieces.add(&entry));
            self.committed.push(entry);
        }
        found
    }

    /// Whether an idempotent batch is the next of its session.
    fn in_order(&mut self, entry: &LogEntry) -> Option<Found> {
        let stamp = entry.batch.producer.filter(|_| self.sent_once)?;
        let first = entry.batch.data().first()?.message;
        let id = stamp.producer_id;
        let known = self.sessions.iter().position(|known| known.id == id);
        let place = known.unwrap_or_else(|| {
            self.sessions.push(Session::beginning(&stamp, first));
            self.sessions.len() - 1
        });
        let session = &mut self.sessions[place];
        if session.is_sent_anew(&stamp) {
            *session = Session::beginning(&stamp, first);
        }
        let mut messages = entry.batch.data().iter().map(|record| record.message);
        let (message, last) = messages.find_map(|message| session.follows(message))?;
        let what = format!(
            "message {} of producer {id} is at offset {}, after {}",
            message.0, entry.base_offset, last.0
        );
        Some(Found(Invariant::OnceInOrder, what))
    }

    /// `node` leads from now on. Whether the epoch had another leader; what it lacks.
    pub(super) fn took_over(
        &mut self,
        partition: TopicPartition,
        node: NodeId,
        epoch: LeaderEpoch,
        world: &World,
    ) -> (Option<Found>, Option<Found>) {
        let other = self
            .leaders
            .iter()
            .find(|(known, other)| *known == epoch && *other != node);
        let twice = other.map(|(_, other)| {
            let what = format!("{node:?} and {other:?} lead {partition:?} in epoch {epoch}");
            Found(Invariant::OneLeader, what)
        });
        self.leaders.push((epoch, node));
        if self.top.is_some_and(|(_, latest, _)| epoch < latest) {
            return (twice, None);
        }
        let Some(replica) = world.model.broker(node).replica(partition) else {
            return (twice, None);
        };
        // Where it stands now may be behind entries of the same event that are yet to be read.
        self.top = Some((node, epoch, 0));
        let Some(lacking) = lacking(&self.committed, 0, &replica.log, 0) else {
            self.readable_at_once(replica);
            return (twice, None);
        };
        let what = format!(
            "{node:?} leads {partition:?} in epoch {epoch} without the committed offset {} (they go to {})",
            self.committed[lacking].base_offset,
            self.end()
        );
        self.forget(lacking);
        self.readable_at_once(replica);
        (twice, Some(Found(Invariant::Kept, what)))
    }

    /// A new leader's high watermark is its own, perhaps out of a checkpoint. In a log that has lost its tail with the
    /// power it may cover what was written since and what nobody has committed: readers get that all the same.
    fn readable_at_once(&mut self, replica: &Replica) {
        let beyond = replica.log.entries_from(self.end());
        let below = beyond.take_while(|entry| entry.next_offset() <= replica.high_watermark);
        let unknown: Vec<LogEntry> = below.cloned().collect();
        self.gone.extend(unknown);
    }

    /// Committed batches from this one on are lost for good.
    fn forget(&mut self, from: usize) {
        self.has_lost = true;
        self.gone.extend(self.committed.drain(from..));
        for (_, checked) in &mut self.checked {
            *checked = from.min(*checked);
        }
        self.sessions.clear();
        self.pieces = Pieces::default();
        let kept = std::mem::take(&mut self.committed);
        for entry in kept {
            self.in_order(&entry);
            self.pieces.add(&entry);
            self.committed.push(entry);
        }
    }

    /// The log of `node` ends at `offset` now.
    pub(super) fn cut(&mut self, node: NodeId, offset: Offset) {
        let below = self
            .committed
            .partition_point(|entry| entry.next_offset() <= offset);
        for (_, checked) in self.checked.iter_mut().filter(|(known, _)| *known == node) {
            *checked = below.min(*checked);
        }
    }

    /// Whether every ISR member has what is committed.
    pub(super) fn compare(&mut self, partition: TopicPartition, world: &World) -> Option<Found> {
        // An active controller that was elected just now may not have heard yet of all that was committed.
        let controllers = world.model.controllers().iter();
        let knows_most = controllers.max_by_key(|controller| controller.committed_offset())?;
        let state = knows_most.image().partitions.get(&partition)?;
        let (leader, latest, _) = self.top?;
        if state.leader != Some(leader) || state.leader_epoch != latest {
            return None;
        }
        // Who comes back joins the ISR by the end of its log; that its start is behind it hears with the next answer.
        let led = world.model.broker(leader).replica(partition);
        let deleted = led.map_or(0, |led| led.log.log_start_offset());
        for node in &state.isr {
            let Some(replica) = world.model.broker(*node).replica(partition) else {
                continue;
            };
            if !takes_part(replica, *node, (leader, latest), world) {
                continue;
            }
            let all = self.committed.len();
            let from = std::mem::replace(self.checked_of(*node), all);
            if let Some(lacking) = lacking(&self.committed, from, &replica.log, deleted) {
                let what = format!(
                    "{node:?} is in the ISR of {partition:?} without the committed offset {}",
                    self.committed[lacking].base_offset
                );
                return Some(Found(Invariant::LogMatching, what));
            }
        }
        None
    }

    fn checked_of(&mut self, node: NodeId) -> &mut usize {
        let place = self.checked.iter().position(|(known, _)| *known == node);
        let place = place.unwrap_or_else(|| {
            self.checked.push((node, 0));
            self.checked.len() - 1
        });
        &mut self.checked[place].1
    }

    /// A poll gave these records, to a read_committed consumer if it is a `careful` one.
    pub(super) fn polled(&self, records: &[(Offset, MessageId)], careful: bool) -> Option<Found> {
        let uncommitted = self.never_committed(records);
        uncommitted.or_else(|| {
            // Whose log has lost something may have lost a marker, too.
            let sure = careful && !self.has_lost;
            let mut entries = records.iter().filter(|_| sure).filter_map(|(offset, _)| {
                let place = self
                    .committed
                    .partition_point(|e| e.next_offset() <= *offset);
                self.committed
                    .get(place)
                    .filter(|e| e.base_offset <= *offset)
            });
            entries.find_map(|entry| self.pieces.read(entry, &self.gone))
        })
    }

    fn never_committed(&self, records: &[(Offset, MessageId)]) -> Option<Found> {
        let (offset, message) = records.iter().find(|(offset, message)| {
            let place = self
                .committed
                .partition_point(|e| e.next_offset() <= *offset);
            let kept = self.committed.get(place);
            let holds = |entry: &LogEntry| {
                let mut records = entry.records();
                records.any(|(at, record)| at == *offset && record.message == *message)
            };
            !kept.is_some_and(holds) && !self.gone.iter().any(holds)
        })?;
        let what = format!(
            "message {} at offset {offset} was read, and was never committed",
            message.0
        );
        Some(Found(Invariant::ReadsCommitted, what))
    }
}

/// The first committed batch from `from` on that `log` does not hold, where neither it nor its leader has deleted it.
fn lacking(committed: &[LogEntry], from: usize, log: &Log, deleted: Offset) -> Option<usize> {
    let start = log.log_start_offset().max(deleted);
    let deleted = committed.partition_point(|entry| entry.base_offset < start);
    let from = from.max(deleted);
    let first = committed.get(from)?;
    let held: Vec<&LogEntry> = log.entries_from(first.base_offset).collect();
    if was_cleaned(log, &held) {
        return None;
    }
    let mut held = held.into_iter();
    let differs = |entry: &LogEntry| {
        !held.next().is_some_and(|held| {
            held.base_offset == entry.base_offset
                && held.leader_epoch == entry.leader_epoch
                && (Rc::ptr_eq(&held.batch, &entry.batch) || held.batch == entry.batch)
        })
    };
    Some(from + committed[from..].iter().position(differs)?)
}

/// Whether a cleaner has been at the log, here or where it was copied from: then only the last
/// value of each key has to be there.
fn was_cleaned(log: &Log, held: &[&LogEntry]) -> bool {
    let gap = |pair: &[&LogEntry]| pair[0].next_offset() != pair[1].base_offset;
    let thinned = |entry: &&LogEntry| matches!(entry.batch.records, Records::Cleaned(_));
    log.first_dirty_offset() > log.log_start_offset()
        || held.iter().any(thinned)
        || held.windows(2).any(gap)
}

/// Whether the replica leads or follows in this epoch, in a process that runs.
fn takes_part(
    replica: &Replica,
    node: NodeId,
    (leader, epoch): (NodeId, LeaderEpoch),
    world: &World,
) -> bool {
    let runs = matches!(world.status(node).0, Status::Up | Status::Paused);
    runs && match &replica.role {
        ReplicaRole::Leader(_) => node == leader && replica.leader_epoch() == Some(epoch),
        ReplicaRole::Follower(known) => known.leader == Some(leader) && known.epoch == epoch,
        ReplicaRole::Unknown | ReplicaRole::Offline => false,
    }
}
