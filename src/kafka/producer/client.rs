//! `KafkaProducer`: all that lives and dies with the process.

use std::rc::Rc;

use crate::kafka::cluster::Timer;
use crate::kafka::config::ProducerConfig;
use crate::kafka::protocol::{Msg, Response, channel};
use crate::kafka::{ClusterSpec, Input, Outbox};
use crate::sim::{Conn, EntryId, MS, Micros, NodeId, Stream};

use super::ProducerTimer;
use super::accumulator::Accumulator;
use super::app::App;
use super::backoff::Backoff;
use super::calls::Thread;
use super::connection::{Connection, InFlight, Limits, Sent, State};
use super::idempotence::Idempotence;
use super::layout::Layout;
use super::metadata::Metadata;
use super::partitioner::Partitioner;
use super::transaction::Transaction;

/// The client, its sender thread and the application's thread.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Which of the process' connections are its own.
    pub channel: u8,
    pub config: Rc<ProducerConfig>,
    pub layout: Layout,
    pub queues: Accumulator,
    pub partitioner: Partitioner,
    pub metadata: Metadata,
    /// Broker 1 first.
    pub connections: Vec<Connection>,
    pub limits: Limits,
    pub retry: Backoff,
    /// `None` when enable.idempotence is off.
    pub idempotence: Option<Idempotence>,
    /// With a transactional.id.
    pub transaction: Option<Transaction>,
    /// InitProducerId is not asked for again before this.
    pub producer_id_not_before: Micros,
    pub thread: Thread,
    pub app: Option<App>,
    /// `close()` has returned.
    pub closed: bool,
    /// The application has ended in order.
    pub exited: bool,
    pub luck: Stream,
    next_correlation: u32,
    /// When timers are set to run out.
    wakes: Vec<Micros>,
}

impl Client {
    /// `new KafkaProducer(...)`.
    pub fn new(
        config: &Rc<ProducerConfig>,
        spec: &ClusterSpec,
        app: Option<App>,
        out: &Outbox,
    ) -> Self {
        let layout = Layout::new(spec);
        // Each process has luck of its own.
        let who = u64::from(out.me().0) | u64::from(out.incarnation(out.me())) << 8;
        let luck = |what| out.luck(what, who);
        let brokers: Vec<NodeId> = spec.broker_nodes().collect();
        let idempotent = config.enable_idempotence;
        let id = config.transactional_id.as_deref().map(Rc::from);
        let slots = layout.partitions().len();
        Client {
            channel: channel::DATA,
            queues: Accumulator::new(config, &layout),
            partitioner: Partitioner::new(config, Rc::clone(&layout.created), luck("partitioner")),
            connections: vec![Connection::default(); brokers.len()],
            metadata: Metadata::new(config, &layout, brokers, luck("producer metadata")),
            limits: Limits::new(config),
            retry: Backoff::new(config.retry_backoff_ms, config.retry_backoff_max_ms),
            idempotence: idempotent.then(|| Idempotence::new(slots, id.is_some())),
            transaction: id.map(Transaction::new),
            producer_id_not_before: 0,
            thread: Thread::default(),
            app,
            closed: false,
            exited: false,
            luck: luck("producer"),
            next_correlation: 0,
            wakes: Vec::new(),
            layout,
            config: Rc::clone(config),
        }
    }

    /// A message, a timer or a lost connection; then both threads go as far as they can.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        match input {
            Input::Message {
                conn,
                correlation,
                msg: Msg::Response(response),
            } => {
                self.answer(conn, correlation, response, out);
            }
            Input::Message { .. } | Input::Action(_) => {}
            Input::Disconnected(conn) => self.disconnected(conn, out),
            Input::Timer(Timer::Producer(ProducerTimer::Wake { due })) => {
                self.wakes.retain(|wake| *wake > due);
                if out.now() > due {
                    // The process stood still: what its sockets received comes first.
                    return self.wake_at(out.now(), out);
                }
                self.give_up_requests(out);
                self.expire(out);
            }
            Input::Timer(_) => {}
        }
        self.go_on(out);
    }

    /// Both threads go as far as they can, then the next wake-up is set.
    pub fn go_on(&mut self, out: &mut Outbox) {
        self.run_thread(out);
        if !self.closed {
            self.run_sender(out);
            // What was completed may have unblocked the application, and that the sender.
            if self.run_thread(out) || !self.sender_rests(out.now()) {
                self.run_sender(out);
            }
        }
        out.because(EntryId::NONE);
        if let Some(at) = self.next_wake(out.now()) {
            self.wake_at(at, out);
        }
    }

    fn answer(&mut self, conn: Conn, correlation: u32, response: Response, out: &mut Outbox) {
        let Some(connection) = self.connection_mut(conn) else {
            return;
        };
        if let State::Connecting {
            correlation: expected,
            ..
        } = connection.state
        {
            if expected == correlation {
                connection.ready();
            }
            return;
        }
        let Some(request) = connection.answered(correlation) else {
            return;
        };
        match (request.what, response) {
            (Sent::Produce(batches), Response::Produce(response)) => {
                self.produced(&batches, &response, out);
            }
            (Sent::Metadata, Response::Metadata(image)) => self.metadata.update(&image, out.now()),
            (Sent::InitProducerId, Response::InitProducerId(response)) => {
                self.got_producer_id(&response, out.now());
            }
            (Sent::Transactional, response) => self.transactional_request_answered(&response),
            (what, _) => self.unanswered(InFlight { what, ..request }, false, out),
        }
    }

    fn disconnected(&mut self, conn: Conn, out: &mut Outbox) {
        if self.connection_mut(conn).is_some() {
            self.lose(conn.server, out.cause(), false, out);
        }
    }

    fn connection_mut(&mut self, conn: Conn) -> Option<&mut Connection> {
        let mine = conn.channel == self.channel;
        let place = usize::from(conn.server.0).checked_sub(1)?;
        self.connections.get_mut(place).filter(|_| mine)
    }

    /// The connection to a broker of the spec.
    pub fn connection(&mut self, broker: NodeId) -> &mut Connection {
        &mut self.connections[usize::from(broker.0) - 1]
    }

    /// A new correlation id.
    pub fn correlation(&mut self) -> u32 {
        self.next_correlation = self.next_correlation.wrapping_add(1);
        self.next_correlation
    }

    /// Sets a timer unless an earlier one is set.
    pub fn wake_at(&mut self, at: Micros, out: &mut Outbox) {
        if !self.wakes.iter().any(|wake| *wake <= at) {
            self.wakes.push(at);
            let timer = Timer::Producer(ProducerTimer::Wake { due: at });
            out.timer(at.saturating_sub(out.now()), timer);
        }
    }

    /// When something has to be done although nothing arrives.
    fn next_wake(&self, now: Micros) -> Option<Micros> {
        const NEVER: Micros = Micros::MAX;
        let app = self.app.as_ref().and_then(|app| app.next_at(now));
        let mut next = app.unwrap_or(NEVER);
        next = next.min(self.thread_wakes_at().unwrap_or(NEVER));
        let mut sooner = |at: Option<Micros>| {
            // What is overdue waits for an answer, which wakes too.
            if let Some(at) = at
                && at > now
            {
                next = next.min(at);
            }
        };
        if !self.closed {
            let delivery_timeout_us = self.config.delivery_timeout_ms.saturating_mul(MS);
            // What is over already (the parts of a split batch may be) ends at the next wake-up.
            let expiry = self.queues.next_expiry_at(delivery_timeout_us);
            sooner(expiry.map(|at| at.max(now + 1)));
            sooner(self.metadata.next_update_at());
            sooner(self.producer_id_wakes_at());
            sooner(self.transaction.as_ref().and_then(|t| t.sleeps_until));
            for slot in self.queues.used() {
                sooner(self.queues.ready_at(*slot, now));
            }
        }
        for connection in &self.connections {
            sooner(
                connection
                    .times_out_at(&self.limits)
                    .map(|at| at.max(now + 1)),
            );
            sooner(connection.wakes_at().filter(|_| !self.closed));
        }
        (next != NEVER).then(|| next.max(now + 1))
    }
}
