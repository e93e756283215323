//! Requests to the other voters: one in flight to each, and a pause after one that failed
//! (`RequestManager`).

use std::rc::Rc;

use crate::kafka::Outbox;
use crate::kafka::protocol::{RaftRequest, Request, channel};
use crate::sim::{EntryId, MS, Micros, NodeId};

/// controller.quorum.request.timeout.ms.
const PATIENCE_US: Micros = 2_000 * MS;
/// controller.quorum.retry.backoff.ms, and what opening a connection anew takes its time for.
const BACKOFF_US: Micros = 50 * MS;

/// Another voter.
#[derive(Clone, Debug)]
struct Peer {
    node: NodeId,
    /// Correlation and time of sending.
    in_flight: Option<(u32, Micros)>,
    /// Nothing is sent before.
    ready_at: Micros,
}

/// All other voters.
#[derive(Clone, Debug)]
pub struct Peers {
    all: Vec<Peer>,
    last_correlation: u32,
    /// Whom a fetch without a leader asks next.
    next: usize,
}

impl Peers {
    /// The voters other than oneself.
    pub fn new(nodes: impl Iterator<Item = NodeId>) -> Self {
        let peer = |node| Peer {
            node,
            in_flight: None,
            ready_at: 0,
        };
        Peers {
            all: nodes.map(peer).collect(),
            last_correlation: 0,
            next: 0,
        }
    }

    /// All of them.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.all.iter().map(|peer| peer.node)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// A new state begins: what is in flight is answered to nobody.
    pub fn reset(&mut self) {
        for peer in &mut self.all {
            peer.in_flight = None;
            peer.ready_at = 0;
        }
    }

    /// Whether a request could leave for `node` now.
    pub fn is_ready(&self, node: NodeId, now: Micros) -> bool {
        let mut all = self.all.iter();
        all.any(|peer| peer.node == node && peer.in_flight.is_none() && peer.ready_at <= now)
    }

    /// Whether the last request to `node` failed a moment ago.
    pub fn is_backing_off(&self, node: NodeId, now: Micros) -> bool {
        let mut all = self.all.iter();
        all.any(|peer| peer.node == node && peer.ready_at > now)
    }

    /// Whether any request waits for its answer.
    pub fn any_in_flight(&self) -> bool {
        self.all.iter().any(|peer| peer.in_flight.is_some())
    }

    /// Somebody who can be asked, in turn.
    pub fn any_ready(&mut self, now: Micros) -> Option<NodeId> {
        let count = self.all.len();
        let found = (0..count).find_map(|step| {
            let place = (self.next + step) % count;
            let peer = &self.all[place];
            let ready = peer.in_flight.is_none() && peer.ready_at <= now;
            ready.then_some((place, peer.node))
        });
        let (place, node) = found?;
        self.next = (place + 1) % count;
        Some(node)
    }

    /// Sends a request; only to somebody who is ready.
    pub fn send(&mut self, node: NodeId, request: RaftRequest, out: &mut Outbox) {
        let Some(peer) = self.all.iter_mut().find(|peer| peer.node == node) else {
            return;
        };
        self.last_correlation += 1;
        peer.in_flight = Some((self.last_correlation, out.now()));
        let request = Request::Raft(Rc::new(request));
        out.request(
            node,
            channel::METADATA,
            self.last_correlation,
            request.into(),
        );
    }

    /// An answer came: whether anybody still waits for it.
    pub fn answered(&mut self, node: NodeId, correlation: u32) -> bool {
        let Some(peer) = self.all.iter_mut().find(|peer| peer.node == node) else {
            return false;
        };
        let flight = peer.in_flight.take_if(|(known, _)| *known == correlation);
        flight.is_some()
    }

    /// The connection to `node` broke, or it could not help: it is left alone for a moment.
    pub fn back_off(&mut self, node: NodeId, now: Micros) {
        let mut all = self.all.iter_mut();
        if let Some(peer) = all.find(|peer| peer.node == node) {
            peer.in_flight = None;
            peer.ready_at = now + BACKOFF_US;
        }
    }

    /// Gives up what has waited too long.
    pub fn expire(&mut self, out: &mut Outbox) {
        let now = out.now();
        for peer in &mut self.all {
            let late = peer
                .in_flight
                .is_some_and(|(_, at)| at + PATIENCE_US <= now);
            if late {
                peer.in_flight = None;
                peer.ready_at = now + BACKOFF_US;
                out.close(peer.node, channel::METADATA);
            }
        }
    }

    /// When the next of them can be asked, or has to be given up.
    pub fn next_due(&self, now: Micros) -> Option<Micros> {
        let due = |peer: &Peer| match peer.in_flight {
            Some((_, sent_at)) => Some(sent_at + PATIENCE_US),
            None => (peer.ready_at > now).then_some(peer.ready_at),
        };
        self.all.iter().filter_map(due).min()
    }

    /// The last fault that may keep us from hearing of `who`, or of anybody: of a link, of the
    /// other, or our own.
    pub fn what_silences(&self, who: Option<NodeId>, out: &Outbox) -> EntryId {
        let me = out.me();
        let last = |node| out.last_fault(node).map(|(fault, _)| fault);
        let asked = self
            .nodes()
            .filter(|node| who.is_none_or(|who| who == *node));
        let faults = asked.flat_map(|node| {
            let links = [out.link_fault(node, me), out.link_fault(me, node)];
            links.into_iter().chain([last(node)])
        });
        // Later entries have higher numbers.
        let latest = faults.chain([last(me)]).flatten().max();
        latest.unwrap_or(EntryId::NONE)
    }
}
