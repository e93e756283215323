//! The sender thread: what is ready goes out, one request a broker at a time (`Sender`,
//! `RecordAccumulator.drainBatchesForOneNode`).

use std::rc::Rc;

use crate::kafka::config::Acks;
use crate::kafka::protocol::{InitProducerIdResponse, ProduceRequest, Request};
use crate::kafka::{ClientError, Entry, ErrorCode, Outbox, TopicPartition};
use crate::sim::{EntryId, Micros, NodeId};

use super::batch::BatchId;
use super::client::Client;
use super::connection::{InFlight, Sent, State};
use super::idempotence::Identity;
use super::txn_requests::Turn;

impl Client {
    /// Sends all that can be sent now.
    pub fn run_sender(&mut self, out: &mut Outbox) {
        let because = out.cause();
        loop {
            if let Some(idempotence) = &mut self.idempotence
                && idempotence.keep(&mut self.queues)
                && let Some(transaction) = &mut self.transaction
            {
                transaction.fail_abortably(ClientError::Transaction);
            }
            let turn = self.transaction_turn(out);
            self.find_ready(out.now());
            self.ask_for_producer_id(out);
            self.ask_for_metadata(out);
            let sent = turn == Turn::Free && self.send_ready(out);
            out.because(because);
            if !sent {
                break;
            }
        }
    }

    /// Whether one more turn of the sender would find what the last one found, given that nothing was added: it asks
    /// nobody for anything.
    pub fn sender_rests(&self, now: Micros) -> bool {
        self.transaction.is_none() && !self.metadata.is_update_due(now) && !self.needs_producer_id()
    }

    /// Marks the brokers that something waits for (`RecordAccumulator.ready`).
    fn find_ready(&mut self, now: Micros) {
        self.connections
            .iter_mut()
            .for_each(|connection| connection.wanted = false);
        for place in 0..self.queues.used().len() {
            let slot = self.queues.used()[place];
            let epoch = self.metadata.leader_epoch(slot);
            let Some((_, first)) = self.queues.first(slot) else {
                continue;
            };
            first.see_leader(epoch);
            match self.metadata.leader(slot) {
                None => {
                    let topic = self.layout.partitions()[slot].topic;
                    self.metadata.want(topic, now);
                    self.metadata.request_update();
                }
                Some(leader) => {
                    if self.queues.ready_at(slot, now).is_some_and(|at| at <= now) {
                        self.connection(leader).wanted = true;
                    }
                }
            }
        }
    }

    /// One request to each broker that something waits for and that can take it. Returns whether
    /// anything was sent.
    fn send_ready(&mut self, out: &mut Outbox) -> bool {
        let mut sent = false;
        for broker in (1..=self.connections.len() as u8).map(NodeId) {
            let (limits, now) = (self.limits, out.now());
            let connection = self.connection(broker);
            if !connection.wanted {
                continue;
            }
            let can_send = connection.can_send(&limits);
            let waited_us = connection.waited_us(can_send, now);
            self.metadata.note_wait(broker, waited_us);
            if can_send {
                // A metadata request goes first (`NetworkClient.isReady`).
                if !self.metadata.is_update_due(now) {
                    let batches = self.drain(broker, now);
                    sent |= !batches.is_empty();
                    self.send_produce(broker, batches, out);
                }
            } else if self.connection(broker).can_connect(now) {
                self.connect(broker, out);
            }
        }
        sent
    }

    /// Takes the first batch of each partition that `broker` leads, up to max.request.size.
    fn drain(&mut self, broker: NodeId, now: Micros) -> Vec<(TopicPartition, BatchId)> {
        let (mut taken, mut size_bytes) = (Vec::new(), 0);
        // Each broker's partitions in turn, so that none starves.
        let from = self.connection(broker).drain_from;
        let (used, start) = self.queues.used_from(from);
        for place in (0..used).map(|step| (start + step) % used) {
            let slot = self.queues.used()[place];
            if self.metadata.leader(slot) != Some(broker) {
                continue;
            }
            self.connection(broker).drain_from = slot;
            let muted = self.queues.is_muted(slot);
            let Some((id, first)) = self.queues.first(slot).filter(|_| !muted) else {
                continue;
            };
            if first.backs_off(now) {
                continue;
            }
            let first_bytes = u64::from(first.size_bytes());
            let too_much = size_bytes + first_bytes > self.config.max_request_size;
            if (too_much && !taken.is_empty()) || self.must_wait(slot, id) {
                break;
            }
            self.queues.drain(slot);
            if let Some(idempotence) = &mut self.idempotence {
                idempotence.number(slot, id, &mut self.queues);
            }
            if self.config.max_in_flight_requests_per_connection == 1 {
                self.queues.mute(slot, true);
            }
            size_bytes += first_bytes;
            taken.push((self.layout.partitions()[slot], id));
        }
        taken
    }

    fn must_wait(&self, slot: usize, first: BatchId) -> bool {
        let batch = self.queues.batches.get(first);
        let numbers = self.idempotence.as_ref();
        numbers.is_some_and(|numbers| numbers.must_wait(slot, batch, &self.queues))
    }

    fn send_produce(
        &mut self,
        broker: NodeId,
        batches: Vec<(TopicPartition, BatchId)>,
        out: &mut Outbox,
    ) {
        let Some(&(_, first)) = batches.first() else {
            return;
        };
        let mut parts = Vec::with_capacity(batches.len());
        for (partition, id) in &batches {
            let batch = self.queues.batches.get_mut(*id);
            let (partition, attempt) = (*partition, batch.attempts + 1);
            let sent = Rc::clone(batch.seal());
            parts.push((partition, Rc::clone(&sent)));
            let entry = Entry::BatchSent {
                partition,
                batch: sent,
                broker,
                attempt,
            };
            batch.because = out.note_because(entry, batch.because);
        }
        let entry = self.queues.batches.get(first).because;
        let request = Request::Produce(Rc::new(ProduceRequest {
            transactional_id: self.transaction.as_ref().map(|t| Rc::clone(&t.id)),
            acks: self.config.acks,
            timeout_ms: u32::try_from(self.config.request_timeout_ms).unwrap_or(u32::MAX),
            batches: parts,
        }));
        out.because(entry);
        if self.config.acks == Acks::None {
            // No answer will come: with the bytes in the socket all is done
            // (`NetworkClient.handleCompletedSends`).
            let correlation = self.correlation();
            out.request(broker, self.channel, correlation, request.into());
            for (_, id) in batches {
                out.because(self.queues.batches.get(id).because);
                self.complete(id, ErrorCode::None, None, out);
            }
        } else {
            self.send(broker, request, Sent::Produce(batches), out);
        }
    }

    /// Sends a request that is answered, on a ready connection.
    pub fn send(&mut self, broker: NodeId, request: Request, what: Sent, out: &mut Outbox) {
        let (correlation, sent_at, entry) = (self.correlation(), out.now(), out.cause());
        out.request(broker, self.channel, correlation, request.into());
        let in_flight = InFlight {
            correlation,
            sent_at,
            what,
            entry,
        };
        self.connection(broker).in_flight.push_back(in_flight);
    }

    /// Opens a connection: TCP, then ApiVersions. Nothing else is sent until that is answered.
    fn connect(&mut self, broker: NodeId, out: &mut Outbox) {
        let (correlation, limits) = (self.correlation(), self.limits);
        let connection = &mut self.connections[usize::from(broker.0) - 1];
        connection.connecting(correlation, out.now(), &limits, &mut self.luck);
        out.request(
            broker,
            self.channel,
            correlation,
            Request::ApiVersions.into(),
        );
    }

    fn ask_for_metadata(&mut self, out: &mut Outbox) {
        let now = out.now();
        if !self.metadata.is_update_due(now) {
            return;
        }
        let mut broker = self.least_loaded(now);
        if broker.is_none() && !self.connections.iter().any(|c| c.state == State::Ready) {
            self.metadata.rebootstrap();
            broker = self.least_loaded(now);
        }
        let Some(broker) = broker else {
            return self.want_any();
        };
        if self.ready_or_connect(broker, out) {
            self.metadata.asked();
            out.because(EntryId::NONE);
            self.send(broker, Request::Metadata, Sent::Metadata, out);
        }
    }

    /// Nobody can be asked: all wait for the first broker that may be connected to again.
    pub fn want_any(&mut self) {
        for place in 0..self.metadata.nodes().len() {
            let broker = self.metadata.nodes()[place];
            self.connection(broker).wanted = true;
        }
    }

    /// Whether a request can go out now; else the connection is opened, unless one is being
    /// opened already.
    pub fn ready_or_connect(&mut self, broker: NodeId, out: &mut Outbox) -> bool {
        let (limits, now) = (self.limits, out.now());
        let opening = |connection: &super::connection::Connection| {
            matches!(connection.state, State::Connecting { .. })
        };
        if self.connection(broker).can_send(&limits) {
            return true;
        }
        let any_opening = self.connections.iter().any(opening);
        if !any_opening && self.connection(broker).can_connect(now) {
            self.connect(broker, out);
        }
        false
    }

    /// A broker to ask something that any of them can answer (`NetworkClient.leastLoadedNode`).
    pub fn least_loaded(&mut self, now: Micros) -> Option<NodeId> {
        let nodes = self.metadata.nodes();
        let offset = self.luck.below(nodes.len() as u64) as usize;
        let (mut ready, mut opening, mut closed) = (None, None, None);
        for place in 0..nodes.len() {
            let node = nodes[(offset + place) % nodes.len()];
            let connection = &self.connections[usize::from(node.0) - 1];
            let load = connection.in_flight.len();
            if connection.can_send(&self.limits) {
                if ready.is_none_or(|(least, _)| load < least) {
                    ready = Some((load, node));
                }
            } else if matches!(connection.state, State::Connecting { .. }) {
                opening = Some(node);
            } else if connection.can_connect(now) {
                let tried_at = connection.last_attempt_at();
                if closed.is_none_or(|(earliest, _)| tried_at < earliest) {
                    closed = Some((tried_at, node));
                }
            }
        }
        let ready = ready.map(|(_, node)| node);
        ready.or(opening).or(closed.map(|(_, node)| node))
    }

    fn ask_for_producer_id(&mut self, out: &mut Outbox) {
        let now = out.now();
        let due = now >= self.producer_id_not_before && !self.metadata.is_update_due(now);
        if !self.needs_producer_id() || !due {
            return;
        }
        let Some(broker) = self.least_loaded(now) else {
            return self.want_any();
        };
        if self.ready_or_connect(broker, out)
            && let Some(idempotence) = &mut self.idempotence
        {
            idempotence.asking = true;
            out.because(EntryId::NONE);
            self.send(broker, Request::InitProducerId, Sent::InitProducerId, out);
        }
    }

    /// Producer id and epoch, once known.
    pub fn identity(&self) -> Option<Identity> {
        self.idempotence.as_ref()?.identity()
    }

    fn needs_producer_id(&self) -> bool {
        let numbers = self.idempotence.as_ref();
        self.transaction.is_none()
            && numbers.is_some_and(|numbers| numbers.identity().is_none() && !numbers.asking)
    }

    /// When the producer id is asked for again.
    pub fn producer_id_wakes_at(&self) -> Option<Micros> {
        self.needs_producer_id()
            .then_some(self.producer_id_not_before)
    }

    /// InitProducerId was answered.
    pub fn got_producer_id(&mut self, response: &InitProducerIdResponse, now: Micros) {
        if response.error != ErrorCode::None {
            return self.no_producer_id(now);
        }
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.set_identity((response.producer_id, response.producer_epoch));
        }
    }

    /// InitProducerId failed: again after retry.backoff.ms.
    pub fn no_producer_id(&mut self, now: Micros) {
        self.producer_id_not_before = now + self.retry.delay_us(0, &mut self.luck);
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.asking = false;
        }
    }
}
