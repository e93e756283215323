//! A leader writes the end of a transaction into its log (`KafkaApis.handleWriteTxnMarkersRequest`).

use std::rc::Rc;

use super::super::connection::Caller;
use super::super::delayed::{Acking, Delayed, Waiting};
use super::super::process::Broker;
use super::super::store::Local;
use crate::kafka::group::Replies;
use crate::kafka::protocol::ProducedPartition;
use crate::kafka::record::{BATCH_OVERHEAD_BYTES, Batch, Marker, ProducerStamp, Records};
use crate::kafka::transaction::TransactionResponse;
use crate::kafka::transaction::protocol::TxnMarker;
use crate::kafka::{ErrorCode, Offset, Outbox, TopicPartition};
use crate::sim::MS;

/// Bytes of a control record.
const MARKER_BYTES: u32 = 17;

impl Broker<'_> {
    /// Writes the marker into every partition; answered when all in-sync replicas have it.
    pub(super) fn write_markers(&mut self, caller: Caller, marker: &TxnMarker, out: &mut Outbox) {
        let cause = out.cause();
        let mut acking = Vec::with_capacity(marker.partitions.len());
        for partition in &marker.partitions {
            let appended = self.append_marker(*partition, marker, out);
            acking.push(Acking {
                produced: ProducedPartition {
                    partition: *partition,
                    error: appended.err().unwrap_or(ErrorCode::None),
                    base_offset: None,
                    current_leader: None,
                },
                required: appended.ok(),
            });
        }
        if acking.iter().any(|one| one.required.is_some()) {
            let timeout_us = self.store.config().request_timeout_ms * MS;
            let delayed = Delayed {
                caller,
                deadline: out.now() + timeout_us,
                cause: out.cause(),
                what: Waiting::Markers(acking),
            };
            self.delay(delayed, out);
        } else {
            self.answer_markers(caller, acking, out);
        }
        out.because(cause);
    }

    pub(in crate::kafka::broker) fn answer_markers(
        &mut self,
        caller: Caller,
        acking: Vec<Acking>,
        out: &mut Outbox,
    ) {
        let results = acking.into_iter().map(|one| {
            let error = match one.required {
                Some(_) => ErrorCode::RequestTimedOut,
                None => one.produced.error,
            };
            (one.produced.partition, error)
        });
        let response = TransactionResponse::WriteTxnMarkers(results.collect());
        self.answer_transaction(caller, response, out);
    }

    fn append_marker(
        &mut self,
        partition: TopicPartition,
        marker: &TxnMarker,
        out: &mut Outbox,
    ) -> Result<(Local, Offset), ErrorCode> {
        let local = self.store.local(partition);
        let local = local.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let replica = self.store.replica(local);
        replica.check_leader(None)?;
        let of_groups = Some(partition.topic) == self.process.offsets_topic;
        // The group coordinator writes without that check, as with every commit.
        if !of_groups && replica.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let (producer_id, producer_epoch) = marker.producer;
        let stamp = ProducerStamp {
            producer_id,
            producer_epoch,
            base_sequence: 0,
            transactional: true,
        };
        let (commit, coordinator_epoch) = (marker.commit, marker.coordinator_epoch);
        let marker = Marker {
            commit,
            coordinator_epoch,
        };
        replica.log.check_marker(stamp, marker)?;
        let batch = Batch {
            producer: Some(stamp),
            records: Records::Marker(marker),
            size_bytes: BATCH_OVERHEAD_BYTES + MARKER_BYTES,
            max_timestamp: out.now(),
        };
        let (entry, _) = self.store.append(local, Rc::new(batch), out)?;
        let end = entry.next_offset();
        if of_groups {
            let coordinator = &mut self.process.coordinator;
            let mut replies = Replies::new(out);
            coordinator.transaction_ended(partition, producer_id, commit, end, &mut replies);
        }
        Ok((local, end))
    }
}
