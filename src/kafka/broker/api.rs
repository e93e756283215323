//! The smaller requests: offsets, epochs, producer ids, and the group coordinator's.

use std::rc::Rc;

use super::connection::Caller;
use super::fetch::readable_to;
use super::isr::Ask;
use super::process::Broker;
use super::store::Store;
use crate::kafka::group::{GroupRequest, GroupTimer, OffsetsLog, Replies};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::protocol::{
    AllocateProducerIdsResponse, DeleteRecordsRequest, InitProducerIdResponse, Isolation,
    ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse, OffsetSpec, Response,
};
use crate::kafka::record::{BATCH_OVERHEAD_BYTES, Batch, LogEntry, ProducerStamp, Records};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{Deletion, ErrorCode, LeaderEpoch, Offset, Outbox, TopicId, TopicPartition};
use crate::sim::NodeId;

/// Bytes of a record in `__consumer_offsets`, about.
const OFFSET_RECORD_BYTES: u32 = 100;

/// Producer ids got from the controller and not yet given away (`RPCProducerIdManager`).
#[derive(Clone, Debug, Default)]
pub struct ProducerIds {
    next: u64,
    end: u64,
}

impl ProducerIds {
    /// The next one, if there is any left.
    pub(super) fn take(&mut self) -> Option<u64> {
        let id = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        Some(id)
    }
}

impl Broker<'_> {
    /// `Partition.fetchOffsetForTimestamp`.
    pub(super) fn list_offsets(&self, request: &ListOffsetsRequest) -> Response {
        let found = self.offset_for(request);
        Response::ListOffsets(Rc::new(ListOffsetsResponse {
            partition: request.partition,
            error: found.err().unwrap_or(ErrorCode::None),
            offset: found.ok().and_then(|(offset, _)| offset),
            leader_epoch: found.ok().and_then(|(_, epoch)| epoch),
        }))
    }

    fn offset_for(
        &self,
        request: &ListOffsetsRequest,
    ) -> Result<(Option<Offset>, Option<LeaderEpoch>), ErrorCode> {
        let local = self.hosted(request.partition)?;
        let replica = self.store.replica(local);
        let leader = replica.check_leader(request.current_leader_epoch)?;
        let log = &replica.log;
        let to_follower = request.isolation == Isolation::LogEnd;
        let readable = readable_to(replica, request.isolation, self.store.spec.rules);
        // A new leader does not know yet how far its predecessor had committed.
        let unsure = !to_follower && leader.epoch_start > replica.high_watermark;
        match request.spec {
            OffsetSpec::Latest if unsure => Err(ErrorCode::OffsetNotAvailable),
            OffsetSpec::Latest => Ok((Some(readable), Some(leader.state.leader_epoch))),
            OffsetSpec::Earliest => {
                let first = log.entries().next().map(|entry| entry.leader_epoch);
                Ok((Some(log.log_start_offset()), first))
            }
            OffsetSpec::At(time) => {
                let mut entries = log.entries();
                let found = entries.find(|entry| entry.batch.max_timestamp >= time);
                match found.filter(|entry| entry.base_offset < readable) {
                    Some(entry) => Ok((Some(entry.base_offset), Some(entry.leader_epoch))),
                    None if unsure => Err(ErrorCode::OffsetNotAvailable),
                    None => Ok((None, None)),
                }
            }
        }
    }

    /// `Partition.lastOffsetForLeaderEpoch`.
    pub(super) fn offset_for_leader_epoch(
        &self,
        request: &OffsetForLeaderEpochRequest,
    ) -> Response {
        let end = self.hosted(request.partition).and_then(|local| {
            let replica = self.store.replica(local);
            replica.check_leader(request.current_leader_epoch)?;
            Ok(replica.log.end_offset_for_epoch(request.leader_epoch))
        });
        Response::OffsetForLeaderEpoch(Rc::new(OffsetForLeaderEpochResponse {
            partition: request.partition,
            error: end.err().unwrap_or(ErrorCode::None),
            end: end.ok().flatten(),
        }))
    }

    /// `Partition.deleteRecordsOnLeader`: never beyond the high watermark. Followers hear of it
    /// with their next fetch.
    pub(super) fn delete_records(
        &mut self,
        request: &DeleteRecordsRequest,
        out: &mut Outbox,
    ) -> Response {
        let partition = request.partition;
        let local = match self.hosted(partition) {
            Ok(local) => local,
            Err(error) => return Response::DeleteRecords(error),
        };
        let policy = self.store.spec.topic(partition.topic).config.cleanup_policy;
        let replica = self.store.replica_mut(local);
        if let Err(error) = replica.check_leader(None).map(|_| ()) {
            return Response::DeleteRecords(error);
        }
        if policy.compact && !policy.delete {
            return Response::DeleteRecords(ErrorCode::PolicyViolation);
        }
        if request.before_offset > replica.high_watermark {
            return Response::DeleteRecords(ErrorCode::OffsetOutOfRange);
        }
        replica.move_log_start(request.before_offset, Deletion::Request, out);
        Response::DeleteRecords(ErrorCode::None)
    }

    /// Gives the next producer id away; without one the producer is told to come back.
    pub(super) fn init_producer_id(&mut self, out: &mut Outbox) -> Response {
        let id = self.process.producer_ids.take();
        let response = InitProducerIdResponse {
            error: match id {
                Some(_) => ErrorCode::None,
                None => ErrorCode::CoordinatorLoadInProgress,
            },
            producer_id: id.unwrap_or_default(),
            producer_epoch: 0,
        };
        if id.is_none() {
            let cause = out.cause();
            self.ask_controller(Ask::ProducerIds, out);
            out.because(cause);
        }
        Response::InitProducerId(Rc::new(response))
    }

    pub(super) fn producer_ids_allocated(&mut self, answer: &AllocateProducerIdsResponse) {
        if answer.error == ErrorCode::None {
            self.process.producer_ids = ProducerIds {
                next: answer.start,
                end: answer.start + u64::from(answer.len),
            };
        }
    }

    /// The coordinator answers when it can; what comes behind on the same connection waits.
    pub(super) fn group_request(
        &mut self,
        caller: Caller,
        request: &Rc<GroupRequest>,
        out: &mut Outbox,
    ) {
        match &**request {
            GroupRequest::TxnOffsetCommit(commit) => {
                self.process.connections.finish(caller);
                self.commit_offsets_in_transaction(caller, request, commit, out);
            }
            _ => self.ask_group_coordinator(caller, request, out),
        }
    }

    /// For the group coordinator; offsets of a transaction have been added to it.
    pub(super) fn ask_group_coordinator(
        &mut self,
        caller: Caller,
        request: &GroupRequest,
        out: &mut Outbox,
    ) {
        let image = Rc::clone(self.process.lifecycle.image());
        let mut log = Offsets::new(self.store, &image);
        let Caller { conn, correlation } = caller;
        let coordinator = &mut self.process.coordinator;
        let mut replies = Replies::new(out);
        coordinator.on_request(conn, correlation, request, &mut log, &mut replies);
        let answered = replies.answered;
        self.process.connections.answered(&answered, out);
    }

    pub(super) fn group_timer(&mut self, timer: GroupTimer, out: &mut Outbox) {
        let image = Rc::clone(self.process.lifecycle.image());
        let mut log = Offsets::new(self.store, &image);
        let mut replies = Replies::new(out);
        let coordinator = &mut self.process.coordinator;
        coordinator.on_timer(timer, &mut log, &mut replies);
        let answered = replies.answered;
        self.process.connections.answered(&answered, out);
    }

    /// This broker now leads `partition` of `__consumer_offsets`.
    pub(super) fn coordinate(&mut self, partition: TopicPartition, out: &mut Outbox) {
        let image = Rc::clone(self.process.lifecycle.image());
        let mut log = Offsets::new(self.store, &image);
        let coordinator = &mut self.process.coordinator;
        coordinator.became_leader(partition, &mut log, &mut Replies::new(out));
    }
}

/// The replicas of `__consumer_offsets` on this machine, for the coordinator.
struct Offsets<'a> {
    store: &'a mut Store,
    image: &'a MetadataImage,
}

impl<'a> Offsets<'a> {
    fn new(store: &'a mut Store, image: &'a MetadataImage) -> Self {
        Offsets { store, image }
    }
}

impl OffsetsLog for Offsets<'_> {
    fn leads(&self, partition: TopicPartition) -> bool {
        let local = self.store.local(partition);
        local.is_some_and(|local| self.store.replica(local).leader().is_some())
    }

    fn leader(&self, partition: TopicPartition) -> Option<NodeId> {
        let leader = self.image.partitions.get(&partition)?.leader?;
        let fenced = self.image.brokers.get(&leader)?.fenced;
        (!fenced).then_some(leader)
    }

    fn append(
        &mut self,
        partition: TopicPartition,
        records: Records,
        producer: Option<ProducerIdAndEpoch>,
        out: &mut Outbox,
    ) -> Result<Offset, ErrorCode> {
        let local = self.store.local(partition);
        let local = local.ok_or(ErrorCode::NotLeaderOrFollower)?;
        self.store.replica(local).check_leader(None)?;
        let stamp = |(producer_id, producer_epoch)| ProducerStamp {
            producer_id,
            producer_epoch,
            base_sequence: 0,
            transactional: true,
        };
        let mut batch = Batch {
            producer: producer.map(stamp),
            records,
            size_bytes: 0,
            max_timestamp: out.now(),
        };
        batch.size_bytes = BATCH_OVERHEAD_BYTES + OFFSET_RECORD_BYTES * batch.count();
        let cause = out.cause();
        let (entry, _) = self.store.append(local, Rc::new(batch), out)?;
        out.because(cause);
        Ok(entry.next_offset())
    }

    fn high_watermark(&self, partition: TopicPartition) -> Offset {
        let local = self.store.local(partition);
        local.map_or(0, |local| self.store.replica(local).high_watermark)
    }

    fn records(&self, partition: TopicPartition) -> u64 {
        self.store.local(partition).map_or(0, |local| {
            let log = &self.store.replica(local).log;
            log.log_end_offset() - log.log_start_offset()
        })
    }

    fn partitions(&self, topic: TopicId) -> u16 {
        let (first, last) = (
            TopicPartition::new(topic, 0),
            TopicPartition::new(topic, u16::MAX),
        );
        self.image.partitions.between(&first, &last).count() as u16
    }

    fn entries(&self, partition: TopicPartition) -> Vec<LogEntry> {
        let Some(local) = self.store.local(partition) else {
            return Vec::new();
        };
        let entries = self.store.replica(local).log.entries();
        entries.cloned().collect()
    }
}
