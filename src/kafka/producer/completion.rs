//! What becomes of batches: success, retry, split or failure (`Sender.completeBatch`).

use crate::kafka::protocol::ProduceResponse;
use crate::kafka::record::Record;
use crate::kafka::{ClientError, Entry, ErrorCode, Offset, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros, NodeId};

use super::batch::BatchId;
use super::client::Client;
use super::connection::{InFlight, Sent, State};

impl Client {
    /// A produce request was answered.
    pub fn produced(
        &mut self,
        batches: &[(TopicPartition, BatchId)],
        response: &ProduceResponse,
        out: &mut Outbox,
    ) {
        for part in &response.partitions {
            let asked = batches
                .iter()
                .find(|(partition, _)| *partition == part.partition);
            if let Some((_, id)) = asked {
                self.complete(*id, part.error, part.base_offset, out);
            }
        }
        let stale = [ErrorCode::NotLeaderOrFollower, ErrorCode::FencedLeaderEpoch];
        for part in response
            .partitions
            .iter()
            .filter(|part| stale.contains(&part.error))
        {
            if let Some((leader, epoch)) = part.current_leader
                && let Some(slot) = self.layout.slot(part.partition)
            {
                self.metadata.hint(slot, leader, epoch);
            }
        }
    }

    /// One batch has an answer, or its connection is gone.
    pub fn complete(
        &mut self,
        id: BatchId,
        error: ErrorCode,
        base_offset: Option<Offset>,
        out: &mut Outbox,
    ) {
        let batch = self.queues.batches.get(id);
        let (slot, divisible) = (batch.slot, batch.count() > 1 && !batch.done);
        self.queues.not_in_flight(id);
        match error {
            ErrorCode::None => self.succeed(id, base_offset, out),
            ErrorCode::MessageTooLarge if divisible => self.split(id, out),
            _ if self.can_retry(id, error, out.now()) => self.retry(id, error, out),
            ErrorCode::DuplicateSequenceNumber => self.succeed(id, None, out),
            _ => {
                let attempts = u64::from(self.queues.batches.get(id).attempts);
                let adjust = attempts < self.config.retries;
                let because = self.cause_or_sent(id, out);
                self.fail(id, ClientError::Broker(error), adjust, because, out);
                self.queues.free(id);
            }
        }
        if points_at_metadata(error) {
            self.metadata.request_update();
        }
        self.queues.mute(slot, false);
    }

    fn succeed(&mut self, id: BatchId, base_offset: Option<Offset>, out: &mut Outbox) {
        let because = self.cause_or_sent(id, out);
        let batch = self.queues.batches.get(id);
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.completed(id, batch);
        }
        // A batch that has expired meanwhile stays failed.
        if !batch.done {
            let partition = batch.partition;
            for place in 0..batch.count() {
                let record = self.queues.batches.get(id).records()[place as usize];
                let offset = base_offset.map(|base| base + u64::from(place));
                let message = record.message;
                let acked = Entry::Acked {
                    message,
                    partition,
                    offset,
                };
                let entry = out.note_because(acked, because);
                self.heard(&record, None, entry, out.now());
            }
        }
        self.queues.free(id);
    }

    /// Tells all records of a batch that it has failed; its memory stays with the request, if one
    /// is under way (KAFKA-19012).
    fn fail(
        &mut self,
        id: BatchId,
        error: ClientError,
        adjust: bool,
        because: EntryId,
        out: &mut Outbox,
    ) {
        let batch = self.queues.batches.get_mut(id);
        if std::mem::replace(&mut batch.done, true) {
            return;
        }
        let (partition, count) = (batch.partition, batch.count());
        for place in 0..count as usize {
            let record = self.queues.batches.get(id).records()[place];
            self.tell_failure(&record, Some(partition), error, because, out);
        }
        let code = match error {
            ClientError::Broker(code) => Some(code),
            _ => None,
        };
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.failed(id, self.queues.batches.get(id), code, adjust);
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.batch_failed(error);
        }
    }

    /// A batch that was never sent fails with its transaction.
    pub fn fail_unsent(&mut self, id: BatchId, error: ClientError, out: &mut Outbox) {
        let because = self.cause_or_sent(id, out);
        self.fail(id, error, false, because, out);
        self.queues.free(id);
    }

    /// The callback of one record hears an error.
    pub fn tell_failure(
        &mut self,
        record: &Record,
        partition: Option<TopicPartition>,
        error: ClientError,
        because: EntryId,
        out: &mut Outbox,
    ) {
        let message = record.message;
        let failed = Entry::Failed {
            message,
            partition,
            error,
        };
        let entry = out.note_because(failed, because);
        self.heard(record, Some(error), entry, out.now());
    }

    fn can_retry(&mut self, id: BatchId, error: ErrorCode, now: Micros) -> bool {
        let batch = self.queues.batches.get(id);
        let in_time = now < batch.created_at.saturating_add(self.delivery_timeout_us());
        let attempts_left = u64::from(batch.attempts) < self.config.retries;
        in_time
            && attempts_left
            && !batch.done
            && match &mut self.idempotence {
                Some(idempotence) => idempotence.can_retry(batch, error),
                None => error.is_retriable(),
            }
    }

    fn retry(&mut self, id: BatchId, error: ErrorCode, out: &mut Outbox) {
        let (now, because) = (out.now(), self.cause_or_sent(id, out));
        let attempts = self.queues.batches.get(id).attempts;
        let delay_us = self.retry.delay_us(attempts, &mut self.luck);
        let batch = self.queues.batches.get_mut(id);
        batch.attempts += 1;
        batch.last_attempt_at = now;
        batch.retry_at = now + delay_us;
        let (partition, sent) = (batch.partition, batch.seal().clone());
        let entry = Entry::BatchRetried {
            partition,
            batch: sent,
            error,
        };
        batch.because = out.note_because(entry, because);
        self.queues.put_back(id);
    }

    fn split(&mut self, id: BatchId, out: &mut Outbox) {
        let because = self.cause_or_sent(id, out);
        let batch = self.queues.batches.get_mut(id);
        let (partition, sent) = (batch.partition, batch.seal().clone());
        let error = ErrorCode::MessageTooLarge;
        let entry = Entry::BatchRetried {
            partition,
            batch: sent,
            error,
        };
        batch.because = out.note_because(entry, because);
        let parts = self.queues.split(id);
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.number_parts(id, &parts, &mut self.queues);
        }
        for part in parts.iter().rev() {
            self.queues.put_back(*part);
        }
        self.queues.free(id);
    }

    /// Batches older than delivery.timeout.ms fail, wherever they are: a broker may have, or may
    /// yet write, what is under way (`Sender.failExpiredBatches`).
    pub fn expire(&mut self, out: &mut Outbox) {
        let (now, limit_us) = (out.now(), self.delivery_timeout_us());
        while let Some((id, in_flight)) = self.queues.take_expired(now, limit_us) {
            let because = self.why_expired(id, in_flight);
            let batch = self.queues.batches.get(id);
            let (slot, next) = (batch.slot, batch.next_sequence());
            let retried = batch.attempts > 0;
            self.fail(id, ClientError::Timeout, false, because, out);
            if let Some(idempotence) = self.idempotence.as_mut().filter(|_| retried) {
                idempotence.unresolved(slot, next);
            }
            if !in_flight {
                self.queues.free(id);
            }
        }
    }

    /// What a batch waited for in vain: an answer, or the connection to its leader.
    fn why_expired(&self, id: BatchId, in_flight: bool) -> EntryId {
        let batch = self.queues.batches.get(id);
        let leader = self.metadata.leader(batch.slot).filter(|_| !in_flight);
        let connection = leader.map(|leader| &self.connections[usize::from(leader.0) - 1]);
        let down = connection.filter(|connection| connection.state != State::Ready);
        down.and_then(|connection| connection.down_because.known())
            .unwrap_or(batch.because)
    }

    /// Connections whose oldest request has waited for request.timeout.ms are closed
    /// (`NetworkClient.handleTimedOutRequests`).
    pub fn give_up_requests(&mut self, out: &mut Outbox) {
        for broker in (1..=self.connections.len() as u8).map(NodeId) {
            let (limits, now) = (self.limits, out.now());
            let connection = self.connection(broker);
            if !connection.is_over(now, &limits) {
                continue;
            }
            let because = match connection.in_flight.front() {
                Some(oldest) => {
                    let entry = oldest.entry;
                    out.note_because(Entry::RequestTimedOut { broker }, entry)
                }
                None => connection.down_because,
            };
            out.close(broker, self.channel);
            self.lose(broker, because, true, out);
        }
    }

    /// A connection is gone: everything in flight on it has failed, one way or the other.
    pub fn lose(&mut self, broker: NodeId, because: EntryId, timed_out: bool, out: &mut Outbox) {
        let (limits, now) = (self.limits, out.now());
        let connection = &mut self.connections[usize::from(broker.0) - 1];
        let lost = connection.disconnected(now, because, &limits, &mut self.luck);
        if self.metadata.is_update_due(now) {
            self.metadata.failed(now);
        }
        self.metadata.request_update();
        out.because(because);
        for request in lost {
            self.unanswered(request, timed_out, out);
        }
    }

    /// A request will get no answer.
    pub fn unanswered(&mut self, request: InFlight, timed_out: bool, out: &mut Outbox) {
        match request.what {
            Sent::Produce(batches) => {
                let error = if timed_out {
                    ErrorCode::RequestTimedOut
                } else {
                    ErrorCode::NetworkException
                };
                for (_, id) in batches {
                    self.complete(id, error, None, out);
                }
            }
            Sent::Metadata => self.metadata.failed(out.now()),
            Sent::InitProducerId => self.no_producer_id(out.now()),
            Sent::Transactional => self.transactional_request_lost(),
        }
    }

    /// `close()` ran out of time, or the producer is fenced: what is not told yet fails, and nothing more is heard
    /// (`abortIncompleteBatches`).
    pub fn abandon(&mut self, error: ClientError, out: &mut Outbox) {
        for id in self.queues.abandon() {
            let because = self.cause_or_sent(id, out);
            self.fail(id, error, false, because, out);
        }
    }

    /// All connections are closed.
    pub fn disconnect(&mut self, out: &mut Outbox) {
        for broker in (1..=self.connections.len() as u8).map(NodeId) {
            if self.connection(broker).state != State::Disconnected {
                out.close(broker, self.channel);
            }
            *self.connection(broker) = super::connection::Connection::default();
        }
    }

    /// What led here, or else the last thing known of the batch.
    fn cause_or_sent(&self, id: BatchId, out: &Outbox) -> EntryId {
        let known = self.queues.batches.get(id).because;
        out.cause().known().unwrap_or(known)
    }

    /// delivery.timeout.ms.
    pub fn delivery_timeout_us(&self) -> Micros {
        self.config.delivery_timeout_ms.saturating_mul(MS)
    }
}

/// Whether its exception is an `InvalidMetadataException`.
fn points_at_metadata(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::KafkaStorageError
            | ErrorCode::NetworkException
    )
}
