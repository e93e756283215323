//! A producer: Kafka's client and the application around it.
//!
//! The application's thread (`calls`, `app`, `send`) puts records into the `accumulator`, at the
//! partition that the `partitioner` chose; the `sender` takes batches that are ready to the
//! leaders that `metadata` knows, over `connection`s, numbered by `idempotence`;
//! `completion` tells the application what became of them, or sends them again.

mod accumulator;
mod app;
mod backoff;
mod batch;
mod calls;
mod client;
mod completion;
mod connection;
mod idempotence;
mod layout;
mod metadata;
mod orders;
pub mod partitioner;
mod send;
mod sender;
#[cfg(test)]
mod tests;
mod transaction;
mod txn_app;
mod txn_calls;
mod txn_requests;
mod writer;

use std::rc::Rc;

pub use writer::Writer;

use super::config::ProducerConfig;
use super::group::protocol::{OffsetAndEpoch, OffsetCommitRequest};
use super::record::Record;
use super::shop::{Database, direct::Direct};
use super::spec::{ClientKind, ProducerWork, Role};
use super::{Action, Call, ClusterSpec, Entry, Input, Offset, Outbox, Rule, TopicPartition};
use crate::sim::{EntryId, Micros, NodeId, Status};
use app::{App, Source};
use calls::Queued;
use client::Client;
use connection::Sent;

/// What a producer's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum ProducerTimer {
    /// Something is due: a batch, a message of the application, a retry, a deadline.
    Wake {
        /// When the timer runs out; a process that stood still notices that it is later.
        due: Micros,
    },
}

/// A producer's process, whether it runs or not.
#[derive(Clone)]
pub struct ProducerHost {
    node: NodeId,
    spec: Rc<ClusterSpec>,
    config: Rc<ProducerConfig>,
    source: Source,
    client: Option<Box<Client>>,
    /// The job that calls service B, in the process of the one that empties the outbox.
    direct: Option<Direct>,
}

impl ProducerHost {
    /// The producer `node` of the spec, not started yet.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>) -> Self {
        let config = match kind(spec, node) {
            Some(ClientKind::Producer { config, .. }) => config.clone(),
            _ => ProducerConfig::default(),
        };
        ProducerHost {
            node,
            spec: Rc::clone(spec),
            config: Rc::new(config),
            source: Source::default(),
            client: None,
            direct: None,
        }
    }

    /// The process was started: a new client, nothing remembered.
    pub fn start(&mut self, out: &mut Outbox) {
        let work = self.work();
        let transactional = self.config.transactional_id.is_some();
        let app = work.map(|work| App::new(work, self.source, transactional, out.now()));
        let client = Client::new(&self.config, &self.spec, app, out);
        self.direct = work
            .filter(|work| work.relays)
            .and_then(|work| Direct::new(&work.app, consumers(&self.spec)));
        self.client.insert(Box::new(client)).go_on(out);
    }

    /// The process is gone, and all it had in memory.
    pub fn ended(&mut self, _out: &mut Outbox) {
        if let Some(app) = self.client.take().and_then(|client| client.app) {
            self.source = app.source;
        }
    }

    /// A scripted call, to be made after those before it; `close(0)` does not wait for them.
    pub fn call(&mut self, call: Call, out: &mut Outbox) {
        let Some(client) = &mut self.client else {
            return;
        };
        if call
            == (Call::Close {
                timeout_ms: Some(0),
            })
        {
            client.close_now(out);
        } else {
            client.thread.push(Queued::Call(call));
        }
        self.go_on(out);
    }

    /// `sendOffsetsToTransaction` with what a consumer said of its group.
    pub fn send_offsets(
        &mut self,
        mut metadata: OffsetCommitRequest,
        offsets: &[(TopicPartition, Offset)],
        out: &mut Outbox,
    ) {
        let value = |(partition, offset): &(TopicPartition, Offset)| {
            let (offset, leader_epoch) = (*offset, None);
            let value = OffsetAndEpoch {
                offset,
                leader_epoch,
            };
            (*partition, value)
        };
        metadata.offsets = offsets.iter().map(value).collect();
        if let Some(client) = &mut self.client {
            client.thread.push(Queued::Offsets(Box::new(metadata)));
        }
        self.go_on(out);
    }

    /// An orderly end: the application closes its producer, unless it does not care to.
    pub fn stop(&mut self, out: &mut Outbox) {
        let flush = self.work().is_none_or(|work| work.app.shutdown_flush);
        if let Some(client) = &mut self.client {
            client.exited = !flush;
            client.thread.close_and_exit(out.now());
            self.go_on(out);
        }
    }

    /// The operator does something to the application.
    pub fn application_action(&mut self, action: &Action, out: &mut Outbox) {
        let client = self.client.as_mut();
        if let Action::Burst { messages, .. } = action
            && let Some(app) = client.and_then(|client| client.app.as_mut())
        {
            app.burst(*messages);
            self.go_on(out);
        }
    }

    /// A message, timer or lost connection.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        if self
            .direct
            .as_mut()
            .is_some_and(|direct| direct.takes(&input))
        {
            return;
        }
        if let Some(client) = &mut self.client {
            client.handle(input, out);
        }
        self.exit_if_done(out);
    }

    /// After the operator did something: a process that stands still goes on later.
    fn go_on(&mut self, out: &mut Outbox) {
        if let Some(client) = &mut self.client {
            if out.status(self.node) == Status::Up {
                if !client.exited {
                    client.go_on(out);
                }
            } else {
                client.wake_at(out.now(), out);
            }
        }
        self.exit_if_done(out);
    }

    fn exit_if_done(&mut self, out: &mut Outbox) {
        if self.client.as_ref().is_some_and(|client| client.exited) {
            let stopped = out.note(Entry::Stopped);
            out.because(stopped);
            out.end_process(self.node, false);
            self.ended(out);
        }
    }

    /// The rows that its application has just written to the outbox.
    pub fn take_stored(&mut self) -> Vec<Record> {
        let app = self.client.as_mut().and_then(|client| client.app.as_mut());
        app.map_or(Vec::new(), |app| std::mem::take(&mut app.stored))
    }

    /// The desk asks the job for a run now.
    pub fn hurry(&mut self, now: Micros) {
        let app = self.client.as_mut().and_then(|client| client.app.as_mut());
        if let Some(relay) = app.and_then(|app| app.relay.as_mut()) {
            if !self.spec.rules.keep(Rule::DeskLeavesInFlight) {
                relay.forget_run();
            }
            relay.hurry(now);
        }
    }

    /// The jobs on the outbox go on: marks, scans, sends, direct calls.
    pub fn relay(&mut self, database: &mut Database, out: &mut Outbox) {
        let Some(client) = &mut self.client else {
            if self.spec.rules.keep(Rule::LocksEndWithSession) {
                database.release();
            }
            return;
        };
        if out.status(self.node) != Status::Up {
            return;
        }
        if let Some(direct) = &mut self.direct {
            direct.hear(database, out);
        }
        // Time alone causes what follows.
        let because = out.cause();
        out.because(EntryId::NONE);
        let mut wakes_at = None;
        if let Some(direct) = &mut self.direct {
            direct.go_on(database, out);
            wakes_at = direct.wakes_at(database);
            out.because(EntryId::NONE);
        }
        loop {
            let app = client.app.as_mut();
            let Some(relay) = app.and_then(|app| app.relay.as_mut()) else {
                break;
            };
            if relay.go_on(database, out) {
                if !self.spec.rules.keep(Rule::RowGoesAfterAck) {
                    database.drop_locked();
                }
                client.go_on(out);
                continue;
            }
            wakes_at = wakes_at.into_iter().chain(relay.wakes_at()).min();
            break;
        }
        if let Some(at) = wakes_at {
            client.wake_at(at.max(out.now() + 1), out);
        }
        out.because(because);
    }

    fn work(&self) -> Option<&ProducerWork> {
        match kind(&self.spec, self.node)? {
            ClientKind::Producer { work, .. } => work.as_ref(),
            ClientKind::Consumer { .. } => None,
        }
    }
}

/// The instances of service B: whoever consumes.
fn consumers(spec: &ClusterSpec) -> Vec<NodeId> {
    let consumes = |place: &usize| matches!(spec.clients[*place].kind, ClientKind::Consumer { .. });
    let places = (0..spec.clients.len()).filter(consumes);
    places.map(|place| spec.client_node(place)).collect()
}

fn kind(spec: &ClusterSpec, node: NodeId) -> Option<&ClientKind> {
    match spec.role(node) {
        Role::Client(place) => spec.clients.get(place).map(|client| &client.kind),
        _ => None,
    }
}

/// What a screen may want to know.
impl ProducerHost {
    /// Whether its process runs and `close()` has not returned.
    pub fn is_open(&self) -> bool {
        self.client.as_ref().is_some_and(|client| !client.closed)
    }

    /// The records of a partition that wait in the accumulator, in order.
    pub fn buffered(&self, partition: TopicPartition) -> impl Iterator<Item = &Record> {
        let client = self.client.iter();
        client.flat_map(move |client| client.queues.waiting(partition))
    }

    /// Batches sent to a broker and not answered, oldest request first.
    pub fn in_flight(&self, broker: NodeId) -> impl Iterator<Item = (TopicPartition, &[Record])> {
        let client = self.client.iter();
        client.flat_map(move |client| {
            let connection = client
                .connections
                .get(usize::from(broker.0).wrapping_sub(1));
            let requests = connection
                .into_iter()
                .flat_map(|connection| &connection.in_flight);
            let batches = requests.filter_map(|request| match &request.what {
                Sent::Produce(batches) => Some(batches),
                _ => None,
            });
            batches.flatten().map(|(_, id)| {
                let batch = client.queues.batches.get(*id);
                (batch.partition, batch.records())
            })
        })
    }

    /// The leader of a partition as this client believes.
    pub fn believed_leader(&self, partition: TopicPartition) -> Option<NodeId> {
        let client = self.client.as_ref()?;
        client.metadata.leader(client.layout.slot(partition)?)
    }

    /// Bytes of buffer.memory in use.
    pub fn memory_used_bytes(&self) -> u64 {
        let client = self.client.as_ref();
        client.map_or(0, |client| client.queues.memory_used_bytes())
    }

    /// The call that the application's thread is blocked in.
    pub fn blocked_in(&self) -> Option<&'static str> {
        self.client.as_ref()?.thread.blocked_in()
    }

    /// Whether no scripted call waits or is under way.
    pub fn is_idle(&self) -> bool {
        self.client
            .as_ref()
            .is_none_or(|client| client.thread.is_free())
    }

    /// Producer id and epoch of an idempotent producer.
    pub fn producer_id(&self) -> Option<(u64, u16)> {
        self.client.as_ref()?.idempotence.as_ref()?.identity()
    }
}
