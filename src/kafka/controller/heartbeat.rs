//! Sessions of brokers (`BrokerHeartbeatTracker`) and what a heartbeat leads to
//! (`BrokerHeartbeatManager.calculateNextBrokerState`).

use crate::sim::order::Map;

use crate::kafka::metadata::BrokerRegistration;
use crate::kafka::protocol::BrokerHeartbeatRequest;
use crate::sim::{Micros, NodeId, Stream};

/// What the controller makes of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlState {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

/// What is remembered of a broker between heartbeats.
#[derive(Clone, Copy, Debug)]
struct Seen {
    broker_epoch: u64,
    /// The last heartbeat, in microseconds; `None` before the first and once the session has ended.
    contact_at: Option<Micros>,
    metadata_offset: u64,
    /// The log end at its move into controlled shutdown: the others have to know of that first.
    controlled_shutdown_offset: Option<u64>,
}

/// All sessions. They live in the controller process: a new one gives every broker a fresh one.
#[derive(Clone, Debug)]
pub struct Sessions {
    timeout_us: Micros,
    seen: Map<NodeId, Seen>,
    /// Several expired sessions end in no particular order (a hash map in Kafka).
    luck: Stream,
}

impl Sessions {
    /// No session yet.
    pub fn new(timeout_us: Micros, luck: Stream) -> Self {
        Sessions {
            timeout_us,
            seen: Map::new(),
            luck,
        }
    }

    /// A new incarnation, or a new controller that finds one. Its session begins at `contact_at`,
    /// or with its first heartbeat.
    pub fn begin(&mut self, broker: NodeId, broker_epoch: u64, contact_at: Option<Micros>) {
        let seen = Seen {
            broker_epoch,
            contact_at,
            metadata_offset: 0,
            controlled_shutdown_offset: None,
        };
        self.seen.insert(broker, seen);
    }

    /// A heartbeat of `broker` came at `now`.
    pub fn touch(&mut self, broker: NodeId, metadata_offset: u64, now: Micros) {
        if let Some(seen) = self.seen.get_mut(&broker) {
            seen.contact_at = Some(now);
            seen.metadata_offset = metadata_offset;
        }
    }

    /// When the controller last heard of `broker`, in microseconds; `None` once its session ended.
    pub fn last_contact(&self, broker: NodeId) -> Option<Micros> {
        self.seen.get(&broker)?.contact_at
    }

    /// Whether the session of this incarnation still runs.
    pub fn is_valid(&self, broker: NodeId, broker_epoch: u64, now: Micros) -> bool {
        self.seen.get(&broker).is_some_and(|seen| {
            seen.broker_epoch == broker_epoch
                && !self.expired(seen, now)
                && seen.contact_at.is_some()
        })
    }

    /// Ends one session that has run out, if there is one: the broker and its last heartbeat.
    pub fn end_one_expired(&mut self, now: Micros) -> Option<(NodeId, Micros)> {
        let expired = self.seen.iter().filter(|(_, seen)| self.expired(seen, now));
        let expired: Vec<NodeId> = expired.map(|(broker, _)| *broker).collect();
        let chosen = match expired[..] {
            [] => return None,
            [only] => only,
            _ => expired[self.luck.below(expired.len() as u64) as usize],
        };
        let contact_at = self.seen.get_mut(&chosen)?.contact_at.take()?;
        Some((chosen, contact_at))
    }

    fn expired(&self, seen: &Seen, now: Micros) -> bool {
        seen.contact_at.is_some_and(|at| at + self.timeout_us < now)
    }

    /// The log end that the others have to reach before `broker` may end.
    pub fn shutting_down(&mut self, broker: NodeId, log_end: u64) {
        if let Some(seen) = self.seen.get_mut(&broker) {
            seen.controlled_shutdown_offset.get_or_insert(log_end);
        }
    }

    /// `broker` is fenced: a controlled shutdown is over.
    pub fn fenced(&mut self, broker: NodeId) {
        if let Some(seen) = self.seen.get_mut(&broker) {
            seen.controlled_shutdown_offset = None;
        }
    }

    fn is_shutting_down(&self, broker: NodeId) -> bool {
        let seen = self.seen.get(&broker);
        seen.is_some_and(|seen| seen.controlled_shutdown_offset.is_some())
    }

    /// The lowest metadata offset of all active brokers.
    fn lowest_active_offset(&self, brokers: &Map<NodeId, BrokerRegistration>) -> u64 {
        let active = self.seen.iter().filter(|(broker, seen)| {
            let fenced = brokers.get(broker).is_none_or(|known| known.fenced);
            !fenced && seen.controlled_shutdown_offset.is_none()
        });
        active
            .map(|(_, seen)| seen.metadata_offset)
            .min()
            .unwrap_or(u64::MAX)
    }

    /// The state before `request` and the one it leads to. `registered_at`: the log end after
    /// the broker's registration; `leads`: whether it leads any partition (looked at
    /// only if it wants to stop).
    pub fn next_state(
        &self,
        request: &BrokerHeartbeatRequest,
        registered_at: u64,
        leads: bool,
        brokers: &Map<NodeId, BrokerRegistration>,
    ) -> (ControlState, ControlState) {
        use ControlState::{ControlledShutdown, Fenced, ShutdownNow, Unfenced};
        let broker = request.broker;
        if self.is_shutting_down(broker) {
            let seen = self.seen.get(&broker);
            let goal = seen.and_then(|seen| seen.controlled_shutdown_offset);
            let known = goal.is_none_or(|goal| goal <= self.lowest_active_offset(brokers));
            let next = if leads || !known {
                ControlledShutdown
            } else {
                ShutdownNow
            };
            return (ControlledShutdown, next);
        }
        if brokers.get(&broker).is_none_or(|known| known.fenced) {
            let caught_up = request.current_metadata_offset >= registered_at;
            let next = match (request.want_shut_down, request.want_fence) {
                (true, _) => ShutdownNow,
                (false, false) if caught_up => Unfenced,
                _ => Fenced,
            };
            return (Fenced, next);
        }
        let next = match (request.want_fence, request.want_shut_down) {
            (true, true) => ShutdownNow,
            (true, false) => Fenced,
            (false, true) if leads => ControlledShutdown,
            (false, true) => ShutdownNow,
            (false, false) => Unfenced,
        };
        (Unfenced, next)
    }
}
