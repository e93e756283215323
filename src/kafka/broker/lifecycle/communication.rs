//! Registration and heartbeats, one at a time (`BrokerLifecycleManager`).

use std::rc::Rc;

use super::{Lifecycle, LifecycleEvent, LifecycleTimer, Phase, timer};
use crate::kafka::protocol::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    BrokerRegistrationResponse, Request, channel,
};
use crate::kafka::{DirectoryId, ErrorCode, Outbox};
use crate::sim::{EntryId, MS, Micros, NodeId};

/// Wait between heartbeats of a process that starts and has nothing to recover.
const STARTING_US: Micros = 10 * MS;
/// Wait after the first answer to an orderly stop.
const FIRST_SHUTDOWN_WAIT_US: Micros = 50 * MS;
/// Wait before the next attempt to connect (`NodeToControllerChannelManager`).
const RECONNECT_US: Micros = 50 * MS;
/// The longest such wait.
const RECONNECT_MAX_US: Micros = 500 * MS;

/// What is under way between a broker and its controller.
#[derive(Clone)]
pub(super) struct Communication {
    /// The log directories that could be read at the start.
    pub directories: Vec<DirectoryId>,
    /// Those that have failed since, and whether the controller has heard of it.
    offline: Vec<(DirectoryId, bool)>,
    /// Logs are loaded: the broker wants to be unfenced.
    pub ready: bool,
    previous_broker_epoch: Option<u64>,
    /// Whom it talks to: kept until that fails, whoever may lead meanwhile.
    controller: Option<NodeId>,
    /// The correlation of the request that waits for its answer.
    in_flight: Option<u32>,
    /// How many of `offline` it tells of.
    telling: usize,
    last_correlation: u32,
    /// The scheduled communication that counts; each new one replaces the one before.
    scheduled: u32,
    /// What was to be sent at once has to wait for the answer under way.
    then_at_once: bool,
    lost_connections: u32,
    got_shutdown_answer: bool,
}

impl Communication {
    pub fn new(
        directories: Vec<DirectoryId>,
        previous_broker_epoch: Option<u64>,
        ready: bool,
    ) -> Self {
        Communication {
            directories,
            offline: Vec::new(),
            ready,
            previous_broker_epoch,
            controller: None,
            in_flight: None,
            telling: 0,
            last_correlation: 0,
            scheduled: 0,
            then_at_once: false,
            lost_connections: 0,
            got_shutdown_answer: false,
        }
    }
}

impl Lifecycle {
    /// Schedules the next registration or heartbeat; what was scheduled before is off.
    pub(super) fn communicate_in(&mut self, delay_us: Micros, out: &mut Outbox) {
        let at_once = std::mem::take(&mut self.communication.then_at_once);
        self.communication.scheduled += 1;
        let due = LifecycleTimer::Communicate(self.communication.scheduled);
        out.timer(if at_once { 0 } else { delay_us }, timer(due));
    }

    fn communicate_after_success(&mut self, out: &mut Outbox) {
        let interval_us = self.config().broker_heartbeat_interval_ms * MS;
        let cause = out.cause();
        if self.phase == Phase::Running {
            // The usual heartbeat is nobody's doing.
            out.because(EntryId::NONE);
        }
        self.communicate_in(interval_us, out);
        out.because(cause);
    }

    /// Errors are answered with patience: the next try is as far away as a heartbeat.
    fn communicate_after_failure(&mut self, out: &mut Outbox) {
        let interval_us = self.config().broker_heartbeat_interval_ms * MS;
        self.communication.then_at_once = false;
        self.communicate_in(interval_us, out);
    }

    pub(super) fn communicate(&mut self, nth: u32, out: &mut Outbox) {
        if nth != self.communication.scheduled || self.phase == Phase::ShuttingDown {
            return;
        }
        if self.communication.in_flight.is_some() {
            self.communication.then_at_once = true;
            return;
        }
        let Some(controller) = self.communication.controller.or(self.metadata.leader) else {
            return self.communicate_in(RECONNECT_US, out);
        };
        self.communication.controller = Some(controller);
        let request = match self.broker_epoch {
            None => Request::BrokerRegistration(Rc::new(self.registration(out))),
            Some(broker_epoch) => Request::BrokerHeartbeat(Rc::new(self.heartbeat(broker_epoch))),
        };
        self.communication.last_correlation += 1;
        let correlation = self.communication.last_correlation;
        self.communication.in_flight = Some(correlation);
        self.communication.telling = self.communication.offline.len();
        out.request(controller, channel::DATA, correlation, request.into());
        // The heartbeat channel gives up after half a session (`BrokerServer.startup`).
        let patience_us = self.config().broker_session_timeout_ms * MS / 2;
        out.timer(patience_us, timer(LifecycleTimer::Unanswered(correlation)));
    }

    fn registration(&self, out: &Outbox) -> BrokerRegistrationRequest {
        BrokerRegistrationRequest {
            broker: self.node,
            incarnation: out.incarnation(self.node),
            directories: self.communication.directories.clone(),
            previous_broker_epoch: self.communication.previous_broker_epoch,
        }
    }

    fn heartbeat(&self, broker_epoch: u64) -> BrokerHeartbeatRequest {
        BrokerHeartbeatRequest {
            broker: self.node,
            broker_epoch,
            current_metadata_offset: self.metadata.image.offset,
            want_fence: !self.communication.ready,
            want_shut_down: self.phase == Phase::PendingControlledShutdown,
            offline_directories: self
                .communication
                .offline
                .iter()
                .map(|known| known.0)
                .collect(),
        }
    }

    /// No answer in time: the connection is given up.
    pub(super) fn communication_failed(&mut self, correlation: u32, out: &mut Outbox) {
        if self.communication.in_flight == Some(correlation) {
            self.communication.in_flight = None;
            if let Some(controller) = self.communication.controller.take() {
                out.close(controller, channel::DATA);
            }
            self.communicate_after_failure(out);
        }
    }

    /// Refused or reset: the request is sent again on a new connection.
    pub(super) fn communication_lost(&mut self, from: NodeId, out: &mut Outbox) {
        if self.communication.controller != Some(from) {
            return;
        }
        self.communication.controller = None;
        if self.communication.in_flight.take().is_some() {
            let doublings = self.communication.lost_connections.min(10);
            self.communication.lost_connections += 1;
            self.communicate_in((RECONNECT_US << doublings).min(RECONNECT_MAX_US), out);
        }
    }

    /// Another controller is the active one: the request goes there once it is known.
    pub(super) fn not_controller(&mut self, correlation: u32, out: &mut Outbox) {
        if self.answered(correlation) {
            self.communication.controller = None;
            self.communicate_in(RECONNECT_US, out);
        }
    }

    /// One of several log directories has failed: the controller is to hear of it at once, and if that cannot be
    /// done for log.dir.failure.timeout.ms the broker stops (`propagateDirectoryFailure`).
    pub fn directory_failed(&mut self, directory: DirectoryId, out: &mut Outbox) {
        self.communication.offline.push((directory, false));
        let patience_us = self.config().log_dir_failure_timeout_ms.saturating_mul(MS);
        out.timer(
            patience_us,
            timer(LifecycleTimer::DirectoryUntold(directory)),
        );
        if self.broker_epoch.is_some() {
            self.communicate_in(0, out);
        }
    }

    /// Whether the controller has heard that this directory failed.
    pub(super) fn is_told(&self, directory: DirectoryId) -> bool {
        self.communication.offline.contains(&(directory, true))
    }

    fn answered(&mut self, correlation: u32) -> bool {
        let awaited = self.communication.in_flight == Some(correlation);
        if awaited {
            self.communication.in_flight = None;
            self.communication.lost_connections = 0;
        }
        awaited
    }

    pub(super) fn registered(
        &mut self,
        correlation: u32,
        answer: &BrokerRegistrationResponse,
        out: &mut Outbox,
    ) -> Vec<LifecycleEvent> {
        if !self.answered(correlation) {
            return Vec::new();
        }
        if answer.error != ErrorCode::None {
            self.communicate_after_failure(out);
            return Vec::new();
        }
        self.broker_epoch = Some(answer.broker_epoch);
        self.communicate_in(0, out);
        vec![LifecycleEvent::Registered {
            broker_epoch: answer.broker_epoch,
        }]
    }

    pub(super) fn heartbeat_answered(
        &mut self,
        correlation: u32,
        answer: &BrokerHeartbeatResponse,
        out: &mut Outbox,
    ) -> Vec<LifecycleEvent> {
        if !self.answered(correlation) {
            return Vec::new();
        }
        if answer.error != ErrorCode::None {
            self.communicate_after_failure(out);
            return Vec::new();
        }
        let told = self.communication.telling;
        for (_, known) in self.communication.offline.iter_mut().take(told) {
            *known = true;
        }
        match self.phase {
            Phase::Starting => {
                self.communicate_in(STARTING_US, out);
                if answer.is_caught_up {
                    self.phase = Phase::Recovery;
                    return vec![LifecycleEvent::CaughtUp];
                }
            }
            Phase::Recovery => {
                self.communicate_after_success(out);
                if !answer.is_fenced {
                    self.phase = Phase::Running;
                    return vec![LifecycleEvent::Unfenced];
                }
            }
            Phase::Running => self.communicate_after_success(out),
            Phase::PendingControlledShutdown => return self.shutdown_answered(answer, out),
            Phase::ShuttingDown => {}
        }
        Vec::new()
    }

    fn shutdown_answered(
        &mut self,
        answer: &BrokerHeartbeatResponse,
        out: &mut Outbox,
    ) -> Vec<LifecycleEvent> {
        if answer.should_shut_down {
            return self.may_shut_down();
        }
        if std::mem::replace(&mut self.communication.got_shutdown_answer, true) {
            self.communicate_after_success(out);
        } else {
            self.communicate_in(FIRST_SHUTDOWN_WAIT_US, out);
        }
        Vec::new()
    }
}
