//! Changing the ISR: only the controller can, the leader asks (`Partition.maybeShrinkIsr`,
//! `maybeExpandIsr`, `AlterPartitionManager`).
//!
//! Here too is the queue of what this broker asks of the controller: one request at a time, tried
//! again until it is answered (`NodeToControllerChannelManager`).

use std::collections::VecDeque;
use std::rc::Rc;

use super::BrokerTimer;
use super::process::Broker;
use super::replica::{Leader, Surroundings};
use super::store::Local;
use crate::kafka::metadata::Recovery;
use crate::kafka::protocol::{
    AlterPartitionRequest, AlterPartitionResponse, Request, Response, channel,
};
use crate::kafka::{Entry, ErrorCode, Offset, Outbox};
use crate::sim::order::sort_by_number;
use crate::sim::{EntryId, MS, Micros, NodeId};

/// Wait before the controller is tried again after a lost connection.
const RECONNECT_US: Micros = 50 * MS;
/// Wait before a refused AlterPartition is sent again (`DefaultAlterPartitionManager`).
const RESEND_US: Micros = 50 * MS;

/// What the controller is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The pending ISR of this partition.
    AlterPartition(Local),
    /// A block of producer ids.
    ProducerIds,
}

/// What waits to be asked, the first being asked now.
#[derive(Clone, Debug, Default)]
pub struct ControllerQueue {
    waiting: VecDeque<(Ask, EntryId)>,
    /// Whom it asks: kept until that fails, whoever may lead meanwhile.
    controller: Option<NodeId>,
    /// Correlation and time of sending of the request in flight.
    in_flight: Option<(u32, Micros)>,
    last_correlation: u32,
    /// Nothing is sent before.
    wait_until: Micros,
}

impl Broker<'_> {
    /// Followers that have lagged for too long are to leave the ISR.
    pub(super) fn shrink_isrs(&mut self, out: &mut Outbox) {
        let cause = out.cause();
        for local in self.store.locals() {
            if let Some(isr) = self.store.replica(local).shrunk_isr(self.around(out)) {
                out.because(self.why_it_lags(local, &isr, out));
                self.ask_for_isr(local, isr, out);
            }
        }
        out.because(cause);
        let period_us = self.store.config().replica_lag_time_max_ms / 2 * MS;
        out.timer(period_us, BrokerTimer::ShrinkIsr.into());
    }

    /// What the rules of ISR and high watermark depend on.
    fn around(&self, out: &Outbox) -> Surroundings<'_> {
        Surroundings {
            image: self.image(),
            lag_max_us: self.store.config().replica_lag_time_max_ms * MS,
            now: out.now(),
            rules: self.store.spec.rules,
        }
    }

    /// What keeps the first follower that leaves from fetching: the link between us, a fault of its
    /// own since its last fetch; else the little that it fetched.
    fn why_it_lags(&self, local: Local, isr: &[NodeId], out: &Outbox) -> EntryId {
        let leader = self.store.replica(local).leader();
        let followers = leader.into_iter().flat_map(|leader| &leader.followers);
        let mut leaving = followers.filter(|f| f.in_maximal_isr && !isr.contains(&f.node));
        let Some(follower) = leaving.next() else {
            return EntryId::NONE;
        };
        let (me, it) = (self.store.node, follower.node);
        let link = out.link_fault(it, me).or(out.link_fault(me, it));
        let since = |(_, at): &(EntryId, Micros)| *at >= follower.last_fetch_at;
        let fault = out.last_fault(it).filter(since);
        let fault = link.or(fault.map(|(fault, _)| fault));
        fault.unwrap_or(follower.last_seen)
    }

    /// A follower outside of the ISR fetched: it may have caught up.
    pub(super) fn expand_isr(&mut self, local: Local, node: NodeId, out: &mut Outbox) {
        let isr = self
            .store
            .replica(local)
            .expanded_isr(node, self.around(out));
        if let Some(isr) = isr {
            let cause = out.cause();
            self.ask_for_isr(local, isr, out);
            out.because(cause);
        }
    }

    fn ask_for_isr(&mut self, local: Local, isr: Vec<NodeId>, out: &mut Outbox) {
        let replica = self.store.replica_mut(local);
        let partition = replica.partition;
        if let Some(leader) = replica.leader_mut() {
            leader.ask(isr.clone());
            out.decide(Entry::IsrAsked { partition, isr });
            self.ask_controller(Ask::AlterPartition(local), out);
        }
    }

    /// Puts a request for the controller into the queue, unless it is there already.
    pub(super) fn ask_controller(&mut self, ask: Ask, out: &mut Outbox) {
        let asks = &mut self.process.asks;
        // What is in flight asks for something older.
        let mut unsent = asks.waiting.iter().skip(asks.in_flight.iter().count());
        if !unsent.any(|(known, _)| *known == ask) {
            asks.waiting.push_back((ask, out.cause()));
            self.ask_next(out);
        }
    }

    fn ask_next(&mut self, out: &mut Outbox) {
        let asks = &mut self.process.asks;
        if asks.in_flight.is_some() || asks.wait_until > out.now() || asks.waiting.is_empty() {
            return;
        }
        let known = asks.controller.or(self.process.lifecycle.controller());
        let Some(controller) = known else {
            return self.ask_later(out);
        };
        while let Some((ask, cause)) = self.process.asks.waiting.front().copied() {
            let Some(request) = self.asking(ask) else {
                // What was to be asked is moot: leadership or ISR have changed.
                self.process.asks.waiting.pop_front();
                continue;
            };
            let asks = &mut self.process.asks;
            asks.last_correlation += 1;
            let correlation = asks.last_correlation;
            asks.in_flight = Some((correlation, out.now()));
            asks.controller = Some(controller);
            if let Ask::AlterPartition(local) = ask
                && let Some(leader) = self.store.replica_mut(local).leader_mut()
                && let Some(pending) = &mut leader.pending
            {
                pending.correlation = Some(correlation);
            }
            out.because(cause);
            out.request(
                controller,
                channel::COORDINATOR,
                correlation,
                request.into(),
            );
            let timeout_us = self.store.config().request_timeout_ms * MS;
            out.timer(timeout_us, BrokerTimer::AskController.into());
            return;
        }
    }

    fn asking(&self, ask: Ask) -> Option<Request> {
        let broker_epoch = self.process.lifecycle.broker_epoch()?;
        let local = match ask {
            Ask::ProducerIds => return Some(Request::AllocateProducerIds),
            Ask::AlterPartition(local) => local,
        };
        let replica = self.store.replica(local);
        let leader = replica.leader()?;
        let pending = leader.pending.as_ref()?;
        let with_epoch = |node: &NodeId| {
            let seen = leader.followers.iter().find(|f| f.node == *node);
            // A member that has not fetched yet is taken as registered (epoch -1 in Kafka).
            let registered = self.image().brokers.get(node).map(|b| b.broker_epoch);
            let own = (*node == self.store.node).then_some(broker_epoch);
            let epoch = own.or(seen.and_then(|f| f.broker_epoch)).or(registered);
            (*node, epoch.unwrap_or(0))
        };
        Some(Request::AlterPartition(Rc::new(AlterPartitionRequest {
            broker: self.store.node,
            broker_epoch,
            partition: replica.partition,
            leader_epoch: leader.state.leader_epoch,
            partition_epoch: leader.state.partition_epoch,
            new_isr: pending.isr.iter().map(with_epoch).collect(),
            // There is no recovery strategy yet: whoever leads counts as recovered
            // (`Partition.makeLeader`).
            recovery: Recovery::Recovered,
        })))
    }

    /// The controller answered what is first in the queue.
    pub(super) fn controller_answered(
        &mut self,
        correlation: u32,
        response: &Response,
        out: &mut Outbox,
    ) {
        let asks = &mut self.process.asks;
        if asks
            .in_flight
            .is_none_or(|(awaited, _)| awaited != correlation)
        {
            return;
        }
        asks.in_flight = None;
        if matches!(response, Response::NotController) {
            asks.controller = None;
            return self.ask_later(out);
        }
        let Some((ask, _)) = asks.waiting.pop_front() else {
            return;
        };
        let cause = out.cause();
        match (ask, response) {
            (Ask::AlterPartition(local), Response::AlterPartition(answer)) => {
                self.isr_answered(local, correlation, answer, out);
            }
            (Ask::ProducerIds, Response::AllocateProducerIds(answer)) => {
                self.producer_ids_allocated(answer);
            }
            _ => {}
        }
        self.ask_next(out);
        out.because(cause);
    }

    /// `Partition.handleAlterPartitionUpdate` and `handleAlterPartitionError`.
    fn isr_answered(
        &mut self,
        local: Local,
        correlation: u32,
        answer: &AlterPartitionResponse,
        out: &mut Outbox,
    ) {
        let Some(leader) = self.store.replica_mut(local).leader_mut() else {
            return;
        };
        let pending = leader.pending.as_ref();
        let current = pending.is_some_and(|pending| pending.correlation == Some(correlation));
        match (answer.error, &answer.state) {
            (ErrorCode::None, Some(state)) => {
                let known = &leader.state;
                // At the same epoch the metadata log was faster; what is pending now is newer.
                let stale = state.leader_epoch != known.leader_epoch
                    || state.partition_epoch < known.partition_epoch
                    || (state.partition_epoch == known.partition_epoch && !current);
                if !stale {
                    leader.commit(Rc::clone(state));
                    self.store.changed(local, out);
                }
            }
            // The answer to a request that something newer has replaced.
            _ if !current => {}
            (ErrorCode::IneligibleReplica, _) => {
                leader.revert();
                self.store.changed(local, out);
            }
            // What the metadata log says next settles it.
            (
                ErrorCode::FencedLeaderEpoch
                | ErrorCode::InvalidUpdateVersion
                | ErrorCode::NewLeaderElected
                | ErrorCode::UnknownTopicOrPartition
                | ErrorCode::UnknownTopicId,
                _,
            ) => {}
            _ => {
                let asks = &mut self.process.asks;
                asks.waiting
                    .push_back((Ask::AlterPartition(local), out.cause()));
                asks.wait_until = out.now() + RESEND_US;
                out.timer(RESEND_US, BrokerTimer::AskController.into());
            }
        }
    }

    pub(super) fn controller_disconnected(&mut self, from: NodeId, out: &mut Outbox) {
        let asks = &mut self.process.asks;
        if asks.controller == Some(from) {
            asks.controller = None;
            if asks.in_flight.take().is_some() {
                self.ask_later(out);
            }
        }
    }

    /// Whom to ask is not known, or cannot be reached: tries again in a moment.
    fn ask_later(&mut self, out: &mut Outbox) {
        self.process.asks.wait_until = out.now() + RECONNECT_US;
        out.timer(RECONNECT_US, BrokerTimer::AskController.into());
    }

    /// A wait is over: for an answer, or before the next try.
    pub(super) fn ask_again(&mut self, out: &mut Outbox) {
        let timeout_us = self.store.config().request_timeout_ms * MS;
        let asks = &mut self.process.asks;
        let late = |(_, sent_at): (u32, Micros)| sent_at + timeout_us <= out.now();
        if asks.in_flight.is_some_and(late) {
            asks.in_flight = None;
            if let Some(controller) = asks.controller.take() {
                out.close(controller, channel::COORDINATOR);
            }
        }
        self.ask_next(out);
    }
}

impl Leader {
    /// What so many replicas have, this leader's log that ends at `log_end` included.
    pub(super) fn held_by(&self, replicas: usize, log_end: Offset) -> Offset {
        let ends = self.followers.iter().filter_map(|f| f.log_end);
        let mut ends: Vec<Offset> = ends.chain([log_end]).collect();
        sort_by_number(&mut ends, |end| Offset::MAX - *end);
        ends.get(replicas - 1).copied().unwrap_or(0)
    }
}
