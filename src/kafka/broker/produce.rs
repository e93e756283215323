//! Produce: what a leader checks, writes and answers (`ReplicaManager.appendRecords`,
//! `Partition.appendRecordsToLeader`).

use std::rc::Rc;

use super::connection::Caller;
use super::delayed::{Acking, Delayed, Waiting};
use super::process::Broker;
use super::store::Local;
use crate::kafka::config::Acks;
use crate::kafka::protocol::{ProduceRequest, ProduceResponse, ProducedPartition, Response};
use crate::kafka::record::Batch;
use crate::kafka::{Entry, ErrorCode, Offset, Outbox, Rule, TopicPartition};
use crate::sim::{MS, Micros};

/// A batch that is in the leader's log.
struct Appended {
    local: Local,
    base_offset: Offset,
    /// Until when the append waits for its fsync.
    synced_at: Option<Micros>,
}

impl Broker<'_> {
    /// Batches of a transaction wait until its coordinator knows of their partitions.
    pub(super) fn produce(
        &mut self,
        caller: Caller,
        request: Rc<ProduceRequest>,
        out: &mut Outbox,
    ) {
        match request.transactional_id {
            Some(_) => self.produce_in_transaction(caller, request, out.now(), out),
            None => self.append_all(caller, &request, &[], out),
        }
    }

    /// Appends each batch, but for the partitions that are refused already; with acks=all the answer waits for the
    /// high watermark.
    pub(super) fn append_all(
        &mut self,
        caller: Caller,
        request: &ProduceRequest,
        refused: &[(TopicPartition, ErrorCode)],
        out: &mut Outbox,
    ) {
        let cause = out.cause();
        let mut acking = Vec::with_capacity(request.batches.len());
        let mut synced_at = None;
        for (partition, batch) in &request.batches {
            let refused = refused.iter().find(|(refused, _)| refused == partition);
            let refused = refused.map(|(_, error)| *error);
            let appended = self.append(*partition, batch, request.acks, refused, out);
            synced_at = synced_at.max(appended.as_ref().ok().and_then(|done| done.synced_at));
            acking.push(self.acking(*partition, batch, appended));
        }
        let waits = acking.iter().any(|one| one.required.is_some())
            && self.store.spec.rules.keep(Rule::AckWaitsForIsr);
        if request.acks == Acks::All && waits {
            let deadline = out.now() + u64::from(request.timeout_ms) * MS;
            let (cause, what) = (out.cause(), Waiting::Replicas(acking));
            let delayed = Delayed {
                caller,
                deadline,
                cause,
                what,
            };
            return self.delay(delayed, out);
        }
        let produced = acking.into_iter().map(|one| one.produced).collect();
        match synced_at {
            Some(deadline) => {
                let acks = request.acks;
                let (cause, what) = (out.cause(), Waiting::Disk { acks, produced });
                let delayed = Delayed {
                    caller,
                    deadline,
                    cause,
                    what,
                };
                self.delay(delayed, out);
            }
            None => self.answer_produce(caller, request.acks, produced, out),
        }
        out.because(cause);
    }

    /// One batch through all checks, in Kafka's order.
    fn append(
        &mut self,
        partition: TopicPartition,
        batch: &Rc<Batch>,
        acks: Acks,
        refused: Option<ErrorCode>,
        out: &mut Outbox,
    ) -> Result<Appended, ErrorCode> {
        let appended = match refused {
            Some(error) => Err(error),
            None => self.try_append(partition, batch, acks, out),
        };
        if let Err(error) = appended {
            let batch = Rc::clone(batch);
            out.decide(Entry::ProduceRefused {
                partition,
                batch,
                error,
            });
        }
        appended
    }

    fn try_append(
        &mut self,
        partition: TopicPartition,
        batch: &Rc<Batch>,
        acks: Acks,
        out: &mut Outbox,
    ) -> Result<Appended, ErrorCode> {
        let local = self.hosted(partition)?;
        let replica = self.store.replica(local);
        replica.check_leader(None)?;
        // Before the check for repeats: a retry of what was appended is refused as well.
        if acks == Acks::All && replica.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let config = &self.store.spec.topic(partition.topic).config;
        let size_bytes = u64::from(batch.size_bytes);
        if size_bytes > config.max_message_bytes {
            return Err(ErrorCode::MessageTooLarge);
        }
        if size_bytes > config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        let keyless = || batch.data().iter().any(|record| record.key.is_none());
        if config.cleanup_policy.compact && keyless() {
            return Err(ErrorCode::InvalidRecord);
        }
        if self.store.spec.rules.keep(Rule::SequencesChecked)
            && let Some(base_offset) = replica.log.check_producer(batch)?
        {
            let batch = Rc::clone(batch);
            out.decide(Entry::DuplicateDropped {
                partition,
                batch,
                base_offset,
            });
            // The high watermark may have passed it already.
            self.store.changed(local, out);
            return Ok(Appended {
                local,
                base_offset,
                synced_at: None,
            });
        }
        let (entry, synced_at) = self.store.append(local, Rc::clone(batch), out)?;
        let base_offset = entry.base_offset;
        Ok(Appended {
            local,
            base_offset,
            synced_at,
        })
    }

    fn acking(
        &self,
        partition: TopicPartition,
        batch: &Batch,
        appended: Result<Appended, ErrorCode>,
    ) -> Acking {
        let produced = ProducedPartition {
            partition,
            error: appended.as_ref().err().copied().unwrap_or(ErrorCode::None),
            base_offset: appended.as_ref().ok().map(|done| done.base_offset),
            current_leader: None,
        };
        let end = |done: Appended| (done.local, done.base_offset + u64::from(batch.count()));
        Acking {
            produced,
            required: appended.ok().map(end),
        }
    }

    /// Answers a produce. With acks=0 there is no answer: an error ends the connection.
    pub(super) fn answer_produce(
        &mut self,
        caller: Caller,
        acks: Acks,
        mut partitions: Vec<ProducedPartition>,
        out: &mut Outbox,
    ) {
        if acks == Acks::None {
            let failed = partitions.iter().any(|one| one.error != ErrorCode::None);
            return match failed {
                true => self.process.connections.close(caller, out),
                false => self.process.connections.finish(caller),
            };
        }
        for produced in &mut partitions {
            if produced.error == ErrorCode::NotLeaderOrFollower {
                produced.current_leader = self.leader_of(produced.partition);
            }
        }
        let response = Response::Produce(Rc::new(ProduceResponse { partitions }));
        self.process.connections.answer(caller, response, out);
    }
}
