//! Fetching ahead and handing out (`Fetcher`, `FetchCollector`): one fetch in flight a broker; a
//! partition is fetched again once what was fetched of it has been handed out.

use std::collections::VecDeque;
use std::rc::Rc;

use super::client::KafkaConsumer;
use super::network::Purpose;
use super::subscriptions::{FetchState, Position};
use crate::kafka::config::OffsetReset;
use crate::kafka::protocol::{FetchPartition, FetchRequest, FetchResponse, Request, channel};
use crate::kafka::record::LogEntry;
use crate::kafka::{ClientError, ErrorCode, MessageId, Offset, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros, NodeId};

/// The pause before a partition is fetched again after an error. Kafka has none and goes round as
/// fast as the network allows; the model is spared that.
const ERROR_PAUSE_US: Micros = 10 * MS;

/// Fetched, not handed out yet.
#[derive(Clone, Debug, Default)]
pub struct FetchBuffer {
    completed: VecDeque<Completed>,
    /// Whether a position has moved since the last look, be it over control records alone.
    advanced: bool,
}

/// One partition of a fetch response.
#[derive(Clone, Debug)]
struct Completed {
    partition: TopicPartition,
    response: Rc<FetchResponse>,
    /// Its place in the response.
    place: usize,
    /// What is handed out next.
    next: Offset,
    next_entry: usize,
    /// Producers whose aborted transaction is being read (`CompletedFetch`).
    aborting: Vec<u64>,
    /// How many of the response's aborted transactions have begun.
    aborted_seen: usize,
    cause: EntryId,
}

/// What one poll returns of one partition.
#[derive(Clone, Debug)]
pub struct PolledPartition {
    pub partition: TopicPartition,
    pub records: Vec<(Offset, MessageId)>,
    pub position: Offset,
    /// What brought the records.
    pub cause: EntryId,
}

impl KafkaConsumer {
    /// Fetches every partition that has a position and nothing buffered.
    pub(super) fn send_fetches(&mut self, out: &mut Outbox) {
        if self.awaits_revocation() {
            return;
        }
        self.leave_absent_replicas(out.now());
        for place in 0..self.metadata.brokers.len() {
            let node = self.metadata.brokers[place];
            let is_fetch = |p: &Purpose| matches!(p, Purpose::Fetch(_));
            let under_way = self.net.any(|r| r.node == node && is_fetch(&r.purpose));
            if under_way || !self.net.is_available(node, out.now()) {
                continue;
            }
            let partitions = self.fetchable_from(node, out.now());
            if !partitions.is_empty() {
                self.send_fetch(node, partitions, out);
            }
        }
        self.look_for_leaders();
    }

    fn fetchable_from(&self, node: NodeId, now: Micros) -> Vec<FetchPartition> {
        let mut found = Vec::new();
        for (partition, assigned) in &self.subs.partitions {
            let Some(position) = assigned.fetchable_position() else {
                continue;
            };
            let read_from = assigned.preferred.map(|(node, _)| node);
            let here = read_from.or(position.leader.leader) == Some(node);
            if here && assigned.retry_at <= now && !self.fetched.holds(*partition) {
                found.push(FetchPartition {
                    partition: *partition,
                    fetch_offset: position.offset,
                    current_leader_epoch: position.leader.epoch,
                    // Consumers check for divergence with OffsetForLeaderEpoch instead.
                    last_fetched_epoch: None,
                    max_bytes: self.config.max_partition_fetch_bytes as u32,
                    cause: EntryId::NONE,
                });
            }
        }
        found
    }

    /// `selectReadReplica`: whoever is not there, or was preferred too long ago, is not read from.
    fn leave_absent_replicas(&mut self, now: Micros) {
        let mut absent = false;
        for assigned in self.subs.partitions.values_mut() {
            let Some((node, until)) = assigned.preferred else {
                continue;
            };
            let gone = !self.metadata.brokers.contains(&node);
            if gone || now > until {
                assigned.preferred = None;
            }
            absent |= gone;
        }
        if absent {
            self.metadata.want_update();
        }
    }

    /// A fetch got no answer: the leader will know from where to read.
    pub(super) fn read_from_leader_again(&mut self, asked: &FetchRequest) {
        for part in &asked.partitions {
            if let Some(assigned) = self.subs.partitions.get_mut(&part.partition) {
                assigned.preferred = None;
            }
        }
    }

    fn send_fetch(&mut self, node: NodeId, partitions: Vec<FetchPartition>, out: &mut Outbox) {
        let request = Rc::new(FetchRequest {
            replica: None,
            max_wait_ms: self.config.fetch_max_wait_ms as u32,
            min_bytes: self.config.fetch_min_bytes as u32,
            max_bytes: self.config.fetch_max_bytes as u32,
            isolation: self.isolation(),
            rack: self.rack.clone(),
            partitions,
        });
        let purpose = Purpose::Fetch(Rc::clone(&request));
        self.send(node, channel::DATA, Request::Fetch(request), purpose, out);
    }

    /// Partitions whose leader is not known, or not there any more, need metadata.
    fn look_for_leaders(&mut self) {
        let lost = self.subs.partitions.values().any(|assigned| {
            let leader = assigned
                .valid_position()
                .map(|position| position.leader.leader);
            leader.is_some_and(|l| l.is_none_or(|node| !self.metadata.brokers.contains(&node)))
        });
        if lost {
            self.metadata.want_update();
        }
    }

    pub(super) fn on_fetch(
        &mut self,
        asked: &FetchRequest,
        response: Rc<FetchResponse>,
        out: &mut Outbox,
    ) {
        for (place, fetched) in response.partitions.iter().enumerate() {
            self.hear_of_leader(fetched.partition, fetched.current_leader);
            let same = |p: &&FetchPartition| p.partition == fetched.partition;
            let Some(part) = asked.partitions.iter().find(same) else {
                continue;
            };
            if let Some(node) = fetched.preferred_read_replica {
                self.prefer(fetched.partition, node, out.now());
            }
            if fetched.error == ErrorCode::None && fetched.entries.is_empty() {
                continue;
            }
            if fetched.error != ErrorCode::None {
                self.try_again_at(fetched.partition, out.now() + ERROR_PAUSE_US);
            }
            self.fetched.completed.push_back(Completed {
                partition: fetched.partition,
                response: Rc::clone(&response),
                place,
                next: part.fetch_offset,
                next_entry: 0,
                aborting: Vec::new(),
                aborted_seen: 0,
                cause: out.cause(),
            });
        }
    }

    fn prefer(&mut self, partition: TopicPartition, node: NodeId, now: Micros) {
        let until = now + self.config.metadata_max_age_ms * MS;
        if let Some(assigned) = self.subs.partitions.get_mut(&partition)
            && assigned.preferred.is_none_or(|(known, _)| known != node)
        {
            assigned.preferred = Some((node, until));
        }
    }

    /// Hands out up to max.poll.records. An error is thrown only when there is nothing else.
    pub(super) fn collect(&mut self) -> Result<Vec<PolledPartition>, ClientError> {
        let mut polled: Vec<PolledPartition> = Vec::new();
        let mut room = self.config.max_poll_records as usize;
        while room > 0 && !self.awaits_revocation() {
            let Some(mut completed) = self.fetched.completed.pop_front() else {
                break;
            };
            let Some(position) = self.position_to_read(&completed) else {
                // Meanwhile revoked, or sought elsewhere.
                continue;
            };
            let error = completed.response.partitions[completed.place].error;
            if error != ErrorCode::None {
                match self.fetch_error(completed.partition, error) {
                    Some(thrown) if polled.is_empty() => return Err(thrown),
                    Some(_) => {
                        self.fetched.completed.push_front(completed);
                        break;
                    }
                    None => continue,
                }
            }
            let records = completed.take(room);
            self.fetched.advanced |= completed.next > position.offset;
            self.advance(&completed, position);
            room -= records.len();
            if !records.is_empty() {
                polled.push(PolledPartition {
                    partition: completed.partition,
                    records,
                    position: completed.next,
                    cause: completed.cause,
                });
            }
            if !completed.is_exhausted() {
                self.fetched.completed.push_front(completed);
            }
        }
        Ok(polled)
    }

    fn position_to_read(&self, completed: &Completed) -> Option<Position> {
        let assigned = self.subs.partitions.get(&completed.partition)?;
        let position = assigned.fetchable_position()?;
        (position.offset == completed.next).then_some(position)
    }

    fn advance(&mut self, completed: &Completed, position: Position) {
        if let Some(assigned) = self.subs.partitions.get_mut(&completed.partition) {
            let offset_epoch = completed.last_epoch().or(position.offset_epoch);
            assigned.position = Some(Position {
                offset: completed.next,
                offset_epoch,
                leader: position.leader,
            });
        }
    }

    /// `handleInitializeErrors`: what the poll throws, if anything.
    fn fetch_error(&mut self, partition: TopicPartition, error: ErrorCode) -> Option<ClientError> {
        self.metadata.want_update();
        let assigned = self.subs.partitions.get_mut(&partition);
        let preferred = assigned.and_then(|assigned| assigned.preferred.take());
        if error == ErrorCode::OffsetOutOfRange && preferred.is_some() {
            // That replica lacks it; the leader may not.
            return None;
        }
        if error == ErrorCode::OffsetOutOfRange {
            if self.config.auto_offset_reset == OffsetReset::None {
                return Some(ClientError::OffsetOutOfRange);
            }
            if let Some(assigned) = self.subs.partitions.get_mut(&partition) {
                assigned.await_reset();
            }
            return None;
        }
        (!error.is_retriable()).then_some(ClientError::Broker(error))
    }

    /// Throws away what was fetched of partitions that are not assigned any more.
    pub(super) fn drop_unassigned(&mut self) {
        let partitions = &self.subs.partitions;
        let assigned = |c: &Completed| partitions.contains_key(&c.partition);
        self.fetched.completed.retain(assigned);
    }

    /// What was fetched of `partition` and not handed out yet.
    pub fn buffered(&self, partition: TopicPartition) -> Vec<(Offset, MessageId)> {
        let of_partition = self
            .fetched
            .completed
            .iter()
            .filter(|c| c.partition == partition);
        of_partition
            .flat_map(|c| c.clone().take(usize::MAX))
            .collect()
    }

    /// What this consumer knows to be committed in `partition`.
    pub fn committed(&self, partition: TopicPartition) -> Option<Offset> {
        self.commits.committed.get(&partition).copied()
    }

    /// Where the next poll goes on in `partition`, and whether it can be read from now.
    pub fn position(&self, partition: TopicPartition) -> Option<(Offset, bool)> {
        let assigned = self.subs.partitions.get(&partition)?;
        let position = assigned.position?;
        Some((position.offset, assigned.state == FetchState::Fetching))
    }
}

impl FetchBuffer {
    /// Whether a position has moved since the last look: then `poll` returns, with records or without.
    pub fn take_advanced(&mut self) -> bool {
        std::mem::take(&mut self.advanced)
    }

    fn holds(&self, partition: TopicPartition) -> bool {
        self.completed.iter().any(|c| c.partition == partition)
    }
}

/// Whether nothing of this batch is for a read_committed consumer, because its transaction was aborted
/// (`CompletedFetch.nextFetchedRecord`). `begun`: how many of `aborted` have begun so far; `aborting`: those of which
/// the marker is still to come.
fn is_aborted(
    entry: &LogEntry,
    aborting: &mut Vec<u64>,
    begun: &mut usize,
    aborted: &[(u64, Offset)],
) -> bool {
    while let Some((producer_id, _)) = aborted
        .get(*begun)
        .filter(|(_, first)| *first < entry.next_offset())
    {
        aborting.push(*producer_id);
        *begun += 1;
    }
    let Some(stamp) = entry.batch.transactional() else {
        return false;
    };
    let found = aborting.contains(&stamp.producer_id);
    if entry.batch.marker().is_some() {
        aborting.retain(|id| *id != stamp.producer_id);
    }
    found
}

impl Completed {
    /// The next `room` records at most.
    fn take(&mut self, room: usize) -> Vec<(Offset, MessageId)> {
        let part = &self.response.partitions[self.place];
        let (entries, aborted) = (&part.entries, &part.aborted);
        let mut taken = Vec::new();
        while let Some(entry) = entries.get(self.next_entry) {
            let gone = is_aborted(entry, &mut self.aborting, &mut self.aborted_seen, aborted);
            let first = entry.place_of(self.next);
            let fresh = entry.batch.data().get(first..).filter(|_| !gone);
            let fresh = fresh.unwrap_or_default();
            let some = &fresh[..fresh.len().min(room - taken.len())];
            let places = (first..).zip(some);
            taken.extend(places.map(|(place, record)| (entry.offset_at(place), record.message)));
            if fresh.len() > some.len() {
                self.next = taken.last().map_or(self.next, |(offset, _)| offset + 1);
                return taken;
            }
            self.next = entry.next_offset().max(self.next);
            self.next_entry += 1;
            if taken.len() == room {
                break;
            }
        }
        taken
    }

    fn is_exhausted(&self) -> bool {
        self.next_entry >= self.response.partitions[self.place].entries.len()
    }

    /// The epoch of the batch handed out last.
    fn last_epoch(&self) -> Option<u32> {
        let entries = &self.response.partitions[self.place].entries;
        let entry = entries
            .get(self.next_entry)
            .filter(|e| e.base_offset < self.next);
        let last = self
            .next_entry
            .checked_sub(1)
            .and_then(|nth| entries.get(nth));
        entry.or(last).map(|entry| entry.leader_epoch)
    }
}
