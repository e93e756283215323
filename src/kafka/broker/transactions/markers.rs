//! Having the end of a transaction written into each of its partitions (`TransactionMarkerChannelManager`). What is
//! decided is carried out, however long a leader cannot be reached; only then may the next transaction begin.

use std::rc::Rc;

use super::super::process::Broker;
use super::writes::Then;
use super::{Known, RETRY_US, Shard, TransactionTimer, set_timer};
use crate::kafka::protocol::channel;
use crate::kafka::transaction::protocol::TxnMarker;
use crate::kafka::transaction::{TransactionRequest, TransactionalId};
use crate::kafka::{ErrorCode, LeaderEpoch, Outbox, Rule, TopicPartition};
use crate::sim::{EntryId, Micros, NodeId};

/// A partition without its marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    partition: TopicPartition,
    /// The request that asks for it.
    asked: Option<u32>,
    /// Not asked for again before this.
    not_before: Micros,
}

/// Markers of one transaction for one leader.
struct ForLeader {
    shard: TopicPartition,
    id: TransactionalId,
    leader: NodeId,
    marker: TxnMarker,
    because: EntryId,
}

impl Broker<'_> {
    /// It is decided: every partition of the transaction is to hear of it.
    pub(super) fn mark(&mut self, shard: TopicPartition, id: &str, out: &mut Outbox) {
        let everywhere = self.store.spec.rules.keep(Rule::MarkersEverywhere);
        let shard = self.process.transactions.shard(shard);
        if let Some(known) = shard.and_then(|shard| shard.known(id)) {
            known.pending = true;
            let mark = |partition: &TopicPartition| Mark {
                partition: *partition,
                asked: None,
                not_before: 0,
            };
            known.marks = known.now.partitions.iter().map(mark).collect();
            if !everywhere && known.marks.len() > 1 {
                known.marks.pop();
            }
            self.send_markers(out);
        }
    }

    /// Asks the leaders of all partitions that wait for a marker. A partition without a leader waits.
    pub(super) fn send_markers(&mut self, out: &mut Outbox) {
        let cause = out.cause();
        let due = self.due_markers(out.now());
        for ForLeader {
            shard,
            id,
            leader,
            marker,
            because,
        } in due
        {
            out.because(because);
            let partitions = marker.partitions.clone();
            let request = TransactionRequest::WriteTxnMarkers(marker);
            let correlation = self.ask_peer(leader, channel::COORDINATOR, request, out);
            let shard = self.process.transactions.shard(shard);
            let known = shard.and_then(|shard| shard.known(&id));
            for mark in known.into_iter().flat_map(|known| &mut known.marks) {
                if partitions.contains(&mark.partition) {
                    mark.asked = Some(correlation);
                }
            }
        }
        self.complete_marked(out);
        out.because(cause);
        let mut left = self.process.transactions.marks();
        let waits = left.any(|mark| mark.asked.is_none() && mark.not_before < Micros::MAX);
        drop(left);
        if waits {
            self.process.transactions.retry_markers(out);
        }
    }

    fn due_markers(&self, now: Micros) -> Vec<ForLeader> {
        let mut due: Vec<ForLeader> = Vec::new();
        for shard in &self.process.transactions.shards {
            for known in &shard.known {
                let Some(commit) = known.now.decision() else {
                    continue;
                };
                for mark in known.marks.iter().filter(|mark| mark.is_due(now)) {
                    let Some(leader) = self.unfenced_leader(mark.partition) else {
                        continue;
                    };
                    let same =
                        |other: &&mut ForLeader| other.leader == leader && other.id == known.now.id;
                    match due.iter_mut().find(same) {
                        Some(other) => other.marker.partitions.push(mark.partition),
                        None => due.push(known.for_leader(shard, leader, mark.partition, commit)),
                    }
                }
            }
        }
        due
    }

    /// Writes the completion of what has all its markers.
    fn complete_marked(&mut self, out: &mut Outbox) {
        let mut complete = Vec::new();
        for shard in &self.process.transactions.shards {
            for known in &shard.known {
                let decided = known.now.decision().is_some() && known.pending;
                if decided && known.marks.is_empty() && !shard.is_writing(&known.now.id) {
                    complete.push((shard.partition, Rc::clone(&known.now), known.because));
                }
            }
        }
        for (partition, now, because) in complete {
            out.because(because);
            self.write_transaction(partition, now.completed(), Then::Completed, out);
        }
    }

    /// A leader answered.
    pub(super) fn marked(
        &mut self,
        correlation: u32,
        results: &[(TopicPartition, ErrorCode)],
        out: &mut Outbox,
    ) {
        let retry_at = out.now() + RETRY_US;
        let shards = self.process.transactions.shards.iter_mut();
        for known in shards.flat_map(|shard| &mut shard.known) {
            let result_of = |mark: &Mark| {
                let mine = mark.asked == Some(correlation);
                let mut results = results.iter().filter(|_| mine);
                let result = results.find(|(partition, _)| *partition == mark.partition);
                result.map(|(_, error)| *error)
            };
            known.marks.retain_mut(|mark| {
                let error = result_of(mark);
                if let Some(error) = error {
                    mark.asked = None;
                    mark.not_before = match error {
                        // Someone newer has taken over; this coordinator's word counts no more.
                        ErrorCode::InvalidProducerEpoch
                        | ErrorCode::TransactionCoordinatorFenced => Micros::MAX,
                        _ => retry_at,
                    };
                }
                error != Some(ErrorCode::None)
            });
        }
        self.send_markers(out);
    }

    /// A leader cannot be reached: its successor, or itself, is asked again.
    pub(super) fn marks_lost(&mut self, correlation: u32, out: &mut Outbox) {
        let retry_at = out.now() + RETRY_US;
        for mark in self.process.transactions.marks() {
            if mark.asked == Some(correlation) {
                (mark.asked, mark.not_before) = (None, retry_at);
            }
        }
        self.process.transactions.retry_markers(out);
    }
}

impl super::Transactions {
    pub(super) fn retry_markers(&mut self, out: &mut Outbox) {
        if !std::mem::replace(&mut self.retries, true) {
            set_timer(RETRY_US, TransactionTimer::Markers, out);
        }
    }

    fn marks(&mut self) -> impl Iterator<Item = &mut Mark> {
        let known = self.shards.iter_mut().flat_map(|shard| &mut shard.known);
        known.flat_map(|known| &mut known.marks)
    }
}

impl Mark {
    fn is_due(&self, now: Micros) -> bool {
        self.asked.is_none() && self.not_before <= now
    }
}

impl Known {
    fn for_leader(
        &self,
        shard: &Shard,
        leader: NodeId,
        partition: TopicPartition,
        commit: bool,
    ) -> ForLeader {
        let coordinator_epoch: LeaderEpoch = shard.epoch;
        ForLeader {
            shard: shard.partition,
            id: Rc::clone(&self.now.id),
            leader,
            marker: TxnMarker {
                producer: self.now.producer(),
                coordinator_epoch,
                commit,
                partitions: vec![partition],
            },
            because: self.because,
        }
    }
}
