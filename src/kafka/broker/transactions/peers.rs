//! Requests of this broker to others about transactions (`InterBrokerSendThread`).

use std::rc::Rc;

use super::super::process::Broker;
use super::{TransactionTimer, set_timer};
use crate::kafka::protocol::{Request, Response, channel};
use crate::kafka::transaction::{TransactionRequest, TransactionResponse};
use crate::kafka::{ErrorCode, Outbox};
use crate::sim::{Conn, MS, Micros, NodeId};

/// Not answered yet.
#[derive(Clone, Debug)]
struct InFlight {
    correlation: u32,
    node: NodeId,
    channel: u8,
    deadline: Micros,
}

/// All requests to other brokers that are not answered yet.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    in_flight: Vec<InFlight>,
    last_correlation: u32,
}

impl Broker<'_> {
    /// Sends a request to another broker, or to this one. Returns its correlation.
    pub(super) fn ask_peer(
        &mut self,
        node: NodeId,
        channel: u8,
        request: TransactionRequest,
        out: &mut Outbox,
    ) -> u32 {
        let timeout_us = self.store.config().request_timeout_ms * MS;
        let peers = &mut self.process.transactions.peers;
        peers.last_correlation = peers.last_correlation.wrapping_add(1);
        let correlation = peers.last_correlation;
        if peers.in_flight.is_empty() {
            set_timer(timeout_us, TransactionTimer::Peers, out);
        }
        peers.in_flight.push(InFlight {
            correlation,
            node,
            channel,
            deadline: out.now() + timeout_us,
        });
        let request = Request::Transaction(Rc::new(request));
        out.request(node, channel, correlation, request.into());
        correlation
    }

    /// Another broker answered.
    pub(in crate::kafka::broker) fn peer_answered(
        &mut self,
        correlation: u32,
        response: &Response,
        out: &mut Outbox,
    ) {
        let in_flight = &mut self.process.transactions.peers.in_flight;
        let Some(place) = in_flight.iter().position(|r| r.correlation == correlation) else {
            return;
        };
        in_flight.remove(place);
        match response {
            Response::Transaction(response) => match &**response {
                TransactionResponse::AddPartitionsToTxn(error) => {
                    self.verified(correlation, *error, out);
                }
                TransactionResponse::WriteTxnMarkers(results) => {
                    self.marked(correlation, results, out);
                }
                _ => {}
            },
            _ => self.peer_lost(channel::DATA, correlation, out),
        }
    }

    /// The connection to another broker is gone.
    pub(in crate::kafka::broker) fn peer_disconnected(&mut self, conn: Conn, out: &mut Outbox) {
        self.lose_peer(conn.server, conn.channel, out);
    }

    fn lose_peer(&mut self, node: NodeId, channel: u8, out: &mut Outbox) {
        let in_flight = std::mem::take(&mut self.process.transactions.peers.in_flight);
        let gone = |r: &InFlight| r.node == node && r.channel == channel;
        let (lost, kept) = in_flight.into_iter().partition(gone);
        self.process.transactions.peers.in_flight = kept;
        let lost: Vec<InFlight> = lost;
        for request in lost {
            self.peer_lost(request.channel, request.correlation, out);
        }
    }

    fn peer_lost(&mut self, channel: u8, correlation: u32, out: &mut Outbox) {
        match channel {
            channel::DATA => self.verified(correlation, ErrorCode::NetworkException, out),
            _ => self.marks_lost(correlation, out),
        }
    }

    /// Closes connections on which nothing was answered for request.timeout.ms.
    pub(super) fn give_up_peers(&mut self, out: &mut Outbox) {
        let now = out.now();
        let late = |r: &&InFlight| r.deadline <= now;
        while let Some(request) = self.process.transactions.peers.in_flight.iter().find(late) {
            let (node, channel) = (request.node, request.channel);
            out.close(node, channel);
            self.lose_peer(node, channel, out);
        }
        let left = self.process.transactions.peers.in_flight.iter();
        if let Some(next) = left.map(|request| request.deadline).min() {
            set_timer(next - now, TransactionTimer::Peers, out);
        }
    }

    /// Whether a connection of this process leads to a broker, about transactions.
    pub(in crate::kafka::broker) fn is_peer(&self, conn: Conn) -> bool {
        let brokers = self.store.spec.brokers.len();
        usize::from(conn.server.0) <= brokers && conn.channel != channel::REPLICA
    }
}
