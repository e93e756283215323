//! Connections to brokers and what is in flight on them (`NetworkClient`,
//! `ClusterConnectionStates`, `InFlightRequests`).

use std::collections::VecDeque;

use crate::kafka::TopicPartition;
use crate::kafka::config::ProducerConfig;
use crate::sim::{EntryId, MS, Micros, Stream};

use super::backoff::Backoff;
use super::batch::BatchId;

/// One broker's connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub state: State,
    /// Sent and not answered, in order of sending.
    pub in_flight: VecDeque<InFlight>,
    /// What ended it last.
    pub down_because: EntryId,
    /// Where the next drain begins, by partition place.
    pub drain_from: usize,
    /// Something waits for it.
    pub wanted: bool,
    failures: u32,
    setup_failures: u32,
    last_attempt_at: Micros,
    not_before: Micros,
    /// Since when batches for it could not be sent.
    blocked_since: Option<Micros>,
}

/// Whether requests can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Disconnected,
    /// Waits for the answer to ApiVersions.
    Connecting {
        correlation: u32,
        /// When socket.connection.setup.timeout.ms is over.
        deadline: Micros,
        /// When the client looks whether it is: it may sleep in `poll()` for as long as
        /// request.timeout.ms.
        look_at: Micros,
    },
    Ready,
}

/// A request without an answer.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    pub correlation: u32,
    pub sent_at: Micros,
    pub what: Sent,
    /// The journal entry that says it was sent.
    pub entry: EntryId,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(super) enum Sent {
    /// At most one batch a partition.
    Produce(Vec<(TopicPartition, BatchId)>),
    Metadata,
    InitProducerId,
    /// The one request about the transaction.
    Transactional,
}

/// Limits that all connections share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    max_in_flight: usize,
    pub request_timeout_us: Micros,
    reconnect: Backoff,
    setup: Backoff,
}

impl Limits {
    pub fn new(config: &ProducerConfig) -> Self {
        Limits {
            max_in_flight: config.max_in_flight_requests_per_connection as usize,
            request_timeout_us: config.request_timeout_ms.saturating_mul(MS),
            reconnect: Backoff::new(config.reconnect_backoff_ms, config.reconnect_backoff_max_ms),
            setup: Backoff::new(
                config.socket_connection_setup_timeout_ms,
                config.socket_connection_setup_timeout_max_ms,
            ),
        }
    }
}

impl Default for Connection {
    fn default() -> Self {
        Connection {
            state: State::Disconnected,
            in_flight: VecDeque::new(),
            down_because: EntryId::NONE,
            drain_from: 0,
            wanted: false,
            failures: 0,
            setup_failures: 0,
            last_attempt_at: 0,
            not_before: 0,
            blocked_since: None,
        }
    }
}

impl Connection {
    /// Whether one more request may be sent.
    pub fn can_send(&self, limits: &Limits) -> bool {
        self.state == State::Ready && self.in_flight.len() < limits.max_in_flight
    }

    /// Whether it is down and may be opened again.
    pub fn can_connect(&self, now: Micros) -> bool {
        self.state == State::Disconnected && now >= self.not_before
    }

    /// It is being opened.
    pub fn connecting(
        &mut self,
        correlation: u32,
        now: Micros,
        limits: &Limits,
        luck: &mut Stream,
    ) {
        let setup_us = limits.setup.delay_us(self.setup_failures, luck);
        self.last_attempt_at = now;
        self.state = State::Connecting {
            correlation,
            deadline: now.saturating_add(setup_us),
            look_at: now.saturating_add(setup_us.min(limits.request_timeout_us)),
        };
    }

    /// The client has looked at the time: whether it gives up what it waits for.
    pub fn is_over(&mut self, now: Micros, limits: &Limits) -> bool {
        if let State::Connecting {
            deadline, look_at, ..
        } = &mut self.state
        {
            if now >= *look_at {
                *look_at = now.saturating_add(limits.request_timeout_us);
            }
            return now >= *deadline;
        }
        self.times_out_at(limits).is_some_and(|at| at <= now)
    }

    /// The broker answered ApiVersions.
    pub fn ready(&mut self) {
        self.state = State::Ready;
        (self.failures, self.setup_failures) = (0, 0);
    }

    /// It is gone, with all that was in flight on it.
    pub fn disconnected(
        &mut self,
        now: Micros,
        because: EntryId,
        limits: &Limits,
        luck: &mut Stream,
    ) -> VecDeque<InFlight> {
        match self.state {
            State::Connecting { .. } => self.setup_failures += 1,
            _ => self.setup_failures = 0,
        }
        self.state = State::Disconnected;
        self.down_because = because;
        self.not_before = now + limits.reconnect.delay_us(self.failures, luck);
        self.failures += 1;
        std::mem::take(&mut self.in_flight)
    }

    /// Takes the request that a response belongs to.
    pub fn answered(&mut self, correlation: u32) -> Option<InFlight> {
        let mut all = self.in_flight.iter();
        let place = all.position(|request| request.correlation == correlation)?;
        self.in_flight.remove(place)
    }

    /// When its oldest request times out, or the attempt to connect is looked at.
    pub fn times_out_at(&self, limits: &Limits) -> Option<Micros> {
        match self.state {
            State::Connecting { look_at, .. } => Some(look_at),
            _ => {
                let oldest = self.in_flight.front()?;
                Some(oldest.sent_at.saturating_add(limits.request_timeout_us))
            }
        }
    }

    /// When it may be opened again, if something waits for that.
    pub fn wakes_at(&self) -> Option<Micros> {
        (self.wanted && self.state == State::Disconnected).then_some(self.not_before)
    }

    /// How long batches that were ready have found no way to this broker (`NodeLatencyStats`).
    pub fn waited_us(&mut self, can_send: bool, now: Micros) -> Micros {
        self.blocked_since = self.blocked_since.or(Some(now)).filter(|_| !can_send);
        self.blocked_since.map_or(0, |since| now - since)
    }

    /// When it was last tried.
    pub fn last_attempt_at(&self) -> Micros {
        self.last_attempt_at
    }
}
