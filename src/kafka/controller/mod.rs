//! The controller: registrations, fencing, elections, ISR and ELR (`QuorumController`).
//!
//! Every decision is a record in the metadata log ([`log`]) and, where a person may want to see
//! it, a journal entry. Brokers learn of it by fetching the log; who asked for it is answered
//! once it is committed.

mod alter_partition;
mod configs;
mod election;
mod fencing;
mod heartbeat;
mod log;
mod partitions;
mod registration;
#[cfg(test)]
mod tests;

use crate::sim::order::Map;
use std::rc::Rc;

use self::heartbeat::Sessions;
use self::log::{APPEND_LINGER_US, Commits, FETCH_WAIT_US, MetadataLog};
use super::config::BrokerConfig;
use super::metadata::{MetadataImage, MetadataRecord};
use super::protocol::{AllocateProducerIdsResponse, Msg, Request, Response};
use super::{ClusterSpec, ErrorCode, Input, Outbox, Timer};
use crate::sim::{Conn, EntryId, Luck, MS, Micros, NodeId, SECOND};

/// Ids a broker gets at a time (`ProducerIdControlManager`).
const PRODUCER_ID_BLOCK: u32 = 1_000;
/// Sessions are looked at so many times in one session timeout.
const CHECKS_A_SESSION: u64 = 8;
/// After one session has ended the next is looked at this soon (`PeriodicTaskControlManager`).
const NEXT_CHECK_US: Micros = 10 * MS;

/// The random stream for the order in which expired sessions end.
const SESSIONS: &str = "expired sessions";

/// What a controller's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum ControllerTimer {
    /// The process has started and won the election of its quorum.
    Activate,
    /// Gathered records are on the disk.
    Commit,
    /// A fetch of the metadata log has waited long enough.
    FetchExpired(u32),
    CheckSessions,
    BalanceLeaders,
    ElectUncleanLeaders,
}

/// A controller's machine, whether its process runs or not.
#[derive(Clone)]
pub struct ControllerHost {
    node: NodeId,
    spec: Rc<ClusterSpec>,
    log: MetadataLog,
    /// The log end after each broker's last registration: it is alive once it has applied that.
    registered_at: Map<NodeId, u64>,
    /// Whether a process runs here that leads the metadata quorum.
    active: bool,
    sessions: Sessions,
    commits: Commits,
}

impl ControllerHost {
    /// The controller `node` of a cluster that is up.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>, image: &Rc<MetadataImage>) -> Self {
        let log = MetadataLog::of(image);
        let epochs = image.brokers.iter();
        let registered_at = epochs.map(|(broker, known)| (*broker, known.broker_epoch + 1));
        ControllerHost {
            node,
            registered_at: registered_at.collect(),
            active: false,
            sessions: Sessions::new(0, Luck::new(spec.seed).stream(SESSIONS, 0)),
            commits: Commits::new(&log),
            spec: Rc::clone(spec),
            log,
        }
    }

    /// The metadata as decided so far.
    pub fn image(&self) -> &Rc<MetadataImage> {
        self.log.image()
    }

    /// When it last heard of `broker`, in microseconds; `None` once the broker's session ended.
    pub fn last_heartbeat(&self, broker: NodeId) -> Option<Micros> {
        self.sessions.last_contact(broker)
    }

    /// Whether it leads the metadata quorum.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Lets an already running process begin its periodic work, at time 0.
    pub fn begin(&mut self, out: &mut Outbox) {
        if self.node == self.spec.controller_node() {
            self.activate(out);
        }
    }

    /// The process was started; its metadata log is as it left it. The only voter leads as soon as
    /// it runs; one of several has to win an election first.
    pub fn start(&mut self, out: &mut Outbox) {
        if self.node != self.spec.controller_node() {
            return;
        }
        let mut delay_us = self.spec.environment.broker_startup_ms * MS;
        if self.spec.controllers > 1 {
            let incarnation = u64::from(out.incarnation(self.node));
            let timeout_us = self.config().controller_quorum_election_timeout_ms * MS;
            let mut luck = out.luck("quorum election", incarnation);
            delay_us += timeout_us + luck.below(timeout_us);
        }
        out.timer(delay_us, Timer::Controller(ControllerTimer::Activate));
    }

    /// The process is gone. The metadata log is fsynced, so nothing of it is lost.
    pub fn ended(&mut self, _out: &mut Outbox) {
        self.active = false;
    }

    /// A message, timer or lost connection.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        match input {
            Input::Timer(Timer::Controller(timer)) => self.on_timer(timer, out),
            Input::Message {
                conn,
                correlation,
                msg: Msg::Request(request),
            } if self.active => self.on_request(conn, correlation, request, out),
            // Nobody listens yet.
            Input::Message { conn, .. } => out.reset(conn),
            _ => {}
        }
        if self.active && self.commits.due(&self.log) {
            let delay_us = APPEND_LINGER_US + self.spec.environment.fsync_us();
            out.because(EntryId::NONE);
            out.timer(delay_us, Timer::Controller(ControllerTimer::Commit));
        }
    }

    fn on_timer(&mut self, timer: ControllerTimer, out: &mut Outbox) {
        match timer {
            ControllerTimer::Activate => self.activate(out),
            ControllerTimer::Commit => self.commits.commit(&self.log, out),
            ControllerTimer::FetchExpired(nth) => {
                self.commits.fetch_expired(nth, &self.log, out);
            }
            ControllerTimer::CheckSessions => {
                let ended = self.end_one_session(out);
                let delay_us = if ended {
                    NEXT_CHECK_US
                } else {
                    self.check_interval_us()
                };
                self.periodic(delay_us, ControllerTimer::CheckSessions, out);
            }
            ControllerTimer::BalanceLeaders => {
                self.balance_leaders(out);
                let delay_us = self.config().leader_imbalance_check_interval_seconds * SECOND;
                self.periodic(delay_us, ControllerTimer::BalanceLeaders, out);
            }
            ControllerTimer::ElectUncleanLeaders => {
                self.elect_unclean_leaders(out);
                let delay_us = self.config().unclean_leader_election_interval_ms * MS;
                self.periodic(delay_us, ControllerTimer::ElectUncleanLeaders, out);
            }
        }
    }

    fn on_request(&mut self, conn: Conn, correlation: u32, request: Request, out: &mut Outbox) {
        let response = match request {
            Request::FetchMetadata { offset } => {
                let fetch = self
                    .commits
                    .fetch(conn, correlation, offset, &self.log, out);
                if let Some(nth) = fetch {
                    out.because(EntryId::NONE);
                    let expired = ControllerTimer::FetchExpired(nth);
                    out.timer(FETCH_WAIT_US, Timer::Controller(expired));
                }
                return;
            }
            Request::BrokerRegistration(asked) => {
                Response::BrokerRegistration(Rc::new(self.register(&asked, out)))
            }
            Request::BrokerHeartbeat(asked) => {
                Response::BrokerHeartbeat(Rc::new(self.heartbeat(&asked, out)))
            }
            Request::AlterPartition(asked) => {
                Response::AlterPartition(Rc::new(self.alter_partition(&asked, out)))
            }
            Request::AssignReplicasToDirs(asked) => {
                self.assign_replicas_to_dirs(&asked, out);
                Response::AssignReplicasToDirs
            }
            Request::AllocateProducerIds => {
                Response::AllocateProducerIds(Rc::new(self.allocate_producer_ids(out)))
            }
            Request::ElectLeaders(asked) => Response::ElectLeaders(self.elect_leader(&asked, out)),
            Request::AlterConfigs(asked) => Response::AlterConfigs(self.set_min_isr(&asked, out)),
            // The rest is for brokers.
            _ => return,
        };
        self.commits
            .answer(conn, correlation, response, &self.log, out);
    }

    /// It leads the quorum from now on: every broker that is not fenced gets a fresh session.
    fn activate(&mut self, out: &mut Outbox) {
        self.active = true;
        let config = self.config();
        let timeout_us = config.broker_session_timeout_ms * MS;
        let balance_us = config.leader_imbalance_check_interval_seconds * SECOND;
        let balance = config.auto_leader_rebalance_enable;
        let unclean_us = config.unclean_leader_election_interval_ms * MS;
        let incarnation = u64::from(out.incarnation(self.node));
        self.sessions = Sessions::new(timeout_us, out.luck(SESSIONS, incarnation));
        self.commits = Commits::new(&self.log);
        for (broker, known) in &self.log.image().brokers {
            let contact_at = (!known.fenced).then(|| out.now());
            self.sessions.begin(*broker, known.broker_epoch, contact_at);
        }
        // A cluster that is up is found somewhere between two checks; a controller that takes over
        // waits for one whole interval first.
        let first_us = match out.now() {
            0 => out
                .luck("session checks", 0)
                .below(self.check_interval_us()),
            _ => self.check_interval_us(),
        };
        self.periodic(first_us, ControllerTimer::CheckSessions, out);
        self.periodic(unclean_us, ControllerTimer::ElectUncleanLeaders, out);
        if balance {
            self.periodic(balance_us, ControllerTimer::BalanceLeaders, out);
        }
    }

    fn allocate_producer_ids(&mut self, out: &mut Outbox) -> AllocateProducerIdsResponse {
        let start = self.image().next_producer_id;
        let next = MetadataRecord::NextProducerId(start + u64::from(PRODUCER_ID_BLOCK));
        self.log.append(next, out.cause());
        AllocateProducerIdsResponse {
            error: ErrorCode::None,
            start,
            len: PRODUCER_ID_BLOCK,
        }
    }

    /// Periodic work is nobody's doing.
    fn periodic(&self, delay_us: Micros, timer: ControllerTimer, out: &mut Outbox) {
        out.because(EntryId::NONE);
        out.timer(delay_us, Timer::Controller(timer));
    }

    fn check_interval_us(&self) -> Micros {
        self.config().broker_session_timeout_ms * MS / CHECKS_A_SESSION
    }

    /// Controllers are given the configs of the first broker.
    fn config(&self) -> &BrokerConfig {
        self.spec.broker(NodeId(1))
    }
}
