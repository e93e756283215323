//! What is under way to brokers, and which brokers are not to be tried yet (`NetworkClient`).

use std::rc::Rc;

use super::commits::CommitInFlight;
use super::subscriptions::Position;
use crate::kafka::config::ConsumerConfig;
use crate::kafka::protocol::{FetchRequest, OffsetSpec, Request};
use crate::kafka::{Entry, Outbox, TopicPartition};
use crate::sim::net::CHANNELS;
use crate::sim::{MS, Micros, NodeId, Stream};

/// What a request was sent for.
#[derive(Clone, Debug)]
pub enum Purpose {
    Metadata,
    Fetch(Rc<FetchRequest>),
    /// ListOffsets for a position that is to be reset.
    Reset(TopicPartition, OffsetSpec),
    /// OffsetForLeaderEpoch for this position.
    Validate(TopicPartition, Position),
    /// ListOffsets for `endOffsets`.
    EndOffset(TopicPartition),
    FindCoordinator,
    Join,
    /// SyncGroup of this generation.
    Sync(u32),
    /// A heartbeat of this generation.
    Heartbeat(u32),
    Leave,
    /// ConsumerGroupHeartbeat whose answer counts.
    ConsumerHeartbeat,
    Commit(Rc<CommitInFlight>),
    /// OffsetFetch for positions to start from, or for `committed`.
    OffsetFetch {
        for_call: bool,
    },
}

/// A request without its answer.
#[derive(Clone, Debug)]
pub struct InFlight {
    pub correlation: u32,
    pub node: NodeId,
    pub channel: u8,
    pub deadline: Micros,
    pub purpose: Purpose,
}

/// The consumer's connections.
#[derive(Clone, Debug)]
pub struct Network {
    in_flight: Vec<InFlight>,
    last_correlation: u32,
    setup_ms: (u64, u64),
    /// By broker number, from 1.
    brokers: Vec<Broker>,
    luck: Stream,
}

#[derive(Clone, Debug, Default)]
struct Broker {
    /// Connections lost in a row.
    failures: u32,
    /// Handshakes that came to nothing, in a row.
    setup_failures: u32,
    /// Channels on which something was answered since they were opened.
    answered: [bool; CHANNELS],
    /// No new connection before this.
    retry_at: Micros,
}

/// `base * 2^attempt`, at most `max`, give or take a fifth (`ExponentialBackoff`), in microseconds.
pub fn backoff_us(base_ms: u64, max_ms: u64, attempt: u32, luck: &mut Stream) -> Micros {
    let grown_ms = base_ms.saturating_mul(1 << attempt.min(20)).min(max_ms);
    let grown_us = grown_ms * MS;
    grown_us * 4 / 5 + luck.below(grown_us * 2 / 5 + 1)
}

impl Network {
    /// No connections yet to any of so many brokers.
    pub fn new(brokers: usize, config: &ConsumerConfig, luck: Stream) -> Self {
        Network {
            in_flight: Vec::new(),
            last_correlation: 0,
            setup_ms: (
                config.socket_connection_setup_timeout_ms,
                config.socket_connection_setup_timeout_max_ms,
            ),
            brokers: vec![Broker::default(); brokers],
            luck,
        }
    }

    /// Sends a request. A broker that is being let alone for a while gets none; see
    /// [`Network::is_available`].
    pub fn send(
        &mut self,
        node: NodeId,
        channel: u8,
        request: Request,
        timeout_us: Micros,
        purpose: Purpose,
        out: &mut Outbox,
    ) {
        let timeout_us = timeout_us.min(self.setup_timeout_us(node, channel, out));
        self.last_correlation = self.last_correlation.wrapping_add(1);
        let correlation = self.last_correlation;
        self.in_flight.push(InFlight {
            correlation,
            node,
            channel,
            deadline: out.now() + timeout_us,
            purpose,
        });
        out.request(node, channel, correlation, request.into());
    }

    /// How long a handshake that gets no answer is waited for (KIP-601), if there is to be one.
    fn setup_timeout_us(&mut self, node: NodeId, channel: u8, out: &Outbox) -> Micros {
        let Some(broker) = self.broker_mut(node) else {
            return Micros::MAX;
        };
        if broker.answered[usize::from(channel)] || out.is_reachable(node) {
            return Micros::MAX;
        }
        let failures = broker.setup_failures;
        backoff_us(self.setup_ms.0, self.setup_ms.1, failures, &mut self.luck)
    }

    /// The request that a response with `correlation` answers.
    pub fn answered(&mut self, correlation: u32) -> Option<InFlight> {
        let place = self
            .in_flight
            .iter()
            .position(|r| r.correlation == correlation)?;
        let request = self.in_flight.remove(place);
        if let Some(broker) = self.broker_mut(request.node) {
            (broker.failures, broker.setup_failures) = (0, 0);
            broker.answered[usize::from(request.channel)] = true;
        }
        Some(request)
    }

    /// A connection is gone, with all that was in flight on it.
    pub fn disconnected(
        &mut self,
        node: NodeId,
        channel: u8,
        config: &ConsumerConfig,
        now: Micros,
    ) -> Vec<InFlight> {
        let (base_ms, max_ms) = (config.reconnect_backoff_ms, config.reconnect_backoff_max_ms);
        let failures = self.broker_mut(node).map_or(0, |broker| broker.failures);
        let wait_us = backoff_us(base_ms, max_ms, failures, &mut self.luck);
        if let Some(broker) = self.broker_mut(node) {
            broker.failures += 1;
            let answered = std::mem::take(&mut broker.answered[usize::from(channel)]);
            broker.setup_failures += u32::from(!answered);
            broker.retry_at = now + wait_us;
        }
        let gone = |r: &InFlight| r.node == node && r.channel == channel;
        let (lost, kept) = std::mem::take(&mut self.in_flight)
            .into_iter()
            .partition(gone);
        self.in_flight = kept;
        lost
    }

    /// Gives up connections whose oldest request has been unanswered for too long. All that was
    /// in flight on them fails as well.
    pub fn time_out(&mut self, config: &ConsumerConfig, out: &mut Outbox) -> Vec<InFlight> {
        let now = out.now();
        let mut lost = Vec::new();
        while let Some(late) = self.in_flight.iter().find(|r| r.deadline <= now) {
            let (broker, channel) = (late.node, late.channel);
            out.decide(Entry::RequestTimedOut { broker });
            out.close(broker, channel);
            lost.append(&mut self.disconnected(broker, channel, config, now));
        }
        lost
    }

    /// When the first unanswered request is given up.
    pub fn next_timeout(&self) -> Option<Micros> {
        self.in_flight.iter().map(|r| r.deadline).min()
    }

    /// Whether `node` may be sent to: it was not lost a moment ago.
    pub fn is_available(&self, node: NodeId, now: Micros) -> bool {
        self.retry_at(node) <= now
    }

    /// When `node` may be sent to again.
    pub fn retry_at(&self, node: NodeId) -> Micros {
        let place = usize::from(node.0).checked_sub(1);
        let broker = place.and_then(|place| self.brokers.get(place));
        broker.map_or(0, |broker| broker.retry_at)
    }

    /// Whether something for which `is` holds is in flight.
    pub fn any(&self, is: impl Fn(&InFlight) -> bool) -> bool {
        self.in_flight.iter().any(is)
    }

    /// An available broker with little in flight (`leastLoadedNode`), among `known`.
    pub fn least_loaded(&mut self, known: &[NodeId], now: Micros) -> Option<NodeId> {
        let first = self.luck.below(known.len() as u64) as usize;
        let order = (0..known.len()).map(|i| known[(first + i) % known.len()]);
        let load = |node: &NodeId| self.in_flight.iter().filter(|r| r.node == *node).count();
        order
            .filter(|node| self.is_available(*node, now))
            .min_by_key(load)
    }

    /// Forgets everything that is in flight.
    pub fn forget_all(&mut self) {
        self.in_flight.clear();
    }

    fn broker_mut(&mut self, node: NodeId) -> Option<&mut Broker> {
        let place = usize::from(node.0).checked_sub(1)?;
        self.brokers.get_mut(place)
    }
}
