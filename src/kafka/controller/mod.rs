//! The controllers: registrations, fencing, elections, ISR and ELR (`QuorumController`).
//!
//! They are the voters of a quorum ([`raft`]) that replicates one log, the cluster's metadata. Its
//! leader is the active controller: every decision is a record in that log and, once it is
//! committed, a journal entry where a person may want to see it ([`decisions`]). Brokers learn of
//! it by fetching the log; who asked for it is answered then as well ([`answers`]).

mod alter_partition;
mod answers;
mod assignments;
mod configs;
pub mod decisions;
mod election;
mod fencing;
mod heartbeat;
mod leadership;
mod partitions;
pub mod raft;
mod registration;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use self::answers::Answers;
use self::decisions::Decided;
use self::heartbeat::Sessions;
use self::raft::fetching::FETCH_WAIT_US;
use self::raft::{Raft, RaftRole, Timeouts};
use super::config::BrokerConfig;
use super::metadata::{Cause, MetadataImage, MetadataRecord, Note, QuorumEpoch};
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
/// The random stream for timeouts of elections.
const ELECTIONS: &str = "quorum election";

/// What a controller's timer is for. Periodic work carries the epoch of the leader that began it.
#[derive(Clone, Copy, Debug)]
pub enum ControllerTimer {
    /// The process has started and takes part in the quorum.
    Join,
    /// The voter has to look what is due.
    Raft,
    /// Gathered records are written.
    Drain,
    /// Written records are on the disk.
    Synced,
    /// A voter's fetch has waited long enough.
    VoterWaited(u32),
    /// A broker's fetch of the metadata log has waited long enough.
    FetchExpired(u32),
    CheckSessions(QuorumEpoch),
    BalanceLeaders(QuorumEpoch),
    ElectUncleanLeaders(QuorumEpoch),
}

/// A controller's machine, whether its process runs or not.
#[derive(Clone)]
pub struct ControllerHost {
    node: NodeId,
    spec: Rc<ClusterSpec>,
    raft: Raft,
    /// What is committed, as far as this controller knows.
    committed: Rc<MetadataImage>,
    /// The active controller's: with all that it decided, committed or not. Any other's is what
    /// is committed.
    image: Rc<MetadataImage>,
    /// The epoch in which it is the active controller.
    active: Option<QuorumEpoch>,
    sessions: Sessions,
    answers: Answers,
    /// What led to what is being decided.
    cause: Cause,
    /// What was decided and waits for its record.
    notes: Vec<Note>,
}

impl ControllerHost {
    /// The controller `node` of a cluster that is up.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>, image: &Rc<MetadataImage>) -> Self {
        let luck = Luck::new(spec.seed);
        let config = spec.broker(NodeId(1));
        let timeouts = Timeouts {
            election_us: config.controller_quorum_election_timeout_ms * MS,
            fetch_us: config.controller_quorum_fetch_timeout_ms * MS,
            fsync_us: spec.environment.fsync_us(),
        };
        let elections = luck.stream(ELECTIONS, u64::from(node.0));
        ControllerHost {
            node,
            raft: Raft::up(
                node,
                spec.controller_nodes(),
                image,
                (timeouts, spec.rules),
                elections,
            ),
            committed: Rc::clone(image),
            image: Rc::clone(image),
            active: None,
            sessions: Sessions::new(0, luck.stream(SESSIONS, 0)),
            answers: Answers::default(),
            cause: Cause::Entry(EntryId::NONE),
            notes: Vec::new(),
            spec: Rc::clone(spec),
        }
    }

    /// Whether it was elected, though perhaps not yet active.
    pub fn leads_quorum(&self) -> bool {
        self.raft.leads()
    }

    /// Which node it is.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The metadata as decided so far.
    pub fn image(&self) -> &Rc<MetadataImage> {
        &self.image
    }

    /// When it last heard of `broker`, in microseconds; `None` once the broker's session ended.
    pub fn last_heartbeat(&self, broker: NodeId) -> Option<Micros> {
        self.sessions.last_contact(broker)
    }

    /// Whether it is the active controller, as far as it knows itself.
    pub fn is_active(&self) -> bool {
        self.active.is_some()
    }

    /// What it is in the quorum.
    pub fn role(&self) -> &RaftRole {
        &self.raft.role
    }

    /// The epoch of the quorum that it is in.
    pub fn epoch(&self) -> QuorumEpoch {
        self.raft.epoch()
    }

    /// How much of the metadata log is committed, as far as it knows.
    pub fn committed_offset(&self) -> u64 {
        self.committed.offset
    }

    /// Lets an already running process begin its periodic work, at time 0.
    pub fn begin(&mut self, out: &mut Outbox) {
        self.raft.begin(out);
        if self.raft.has_claimed() {
            self.activate(out);
        }
    }

    /// The process was started; its metadata log is as it left it.
    pub fn start(&mut self, out: &mut Outbox) {
        let delay_us = self.spec.environment.broker_startup_ms * MS;
        out.timer(delay_us, Timer::Controller(ControllerTimer::Join));
    }

    /// The process is gone. What it had fsynced stays, whatever happens to the machine.
    pub fn ended(&mut self, power_lost: bool) {
        self.raft.ended(power_lost);
        self.active = None;
        self.answers = Answers::default();
        self.notes.clear();
        self.image = Rc::clone(&self.committed);
    }

    /// An orderly end: a leader asks the others to elect somebody at once.
    pub fn stop(&mut self, decided: &mut Decided, out: &mut Outbox) {
        self.raft.stop(out);
        self.settle(decided, out);
    }

    /// A message, timer or lost connection.
    pub fn handle(&mut self, input: Input, decided: &mut Decided, out: &mut Outbox) {
        self.cause = Cause::Entry(out.cause());
        match input {
            Input::Timer(Timer::Controller(timer)) => self.on_timer(timer, decided, out),
            // Nobody listens yet.
            Input::Message { conn, .. } if !self.raft.is_up() => out.reset(conn),
            Input::Message {
                conn,
                correlation,
                msg: Msg::Request(request),
            } => self.on_request((conn, correlation), request, decided, out),
            Input::Message {
                conn,
                correlation,
                msg: Msg::Response(Response::Raft(response)),
            } => self.raft.on_response(conn, correlation, &response, out),
            Input::Disconnected(conn) => self.raft.on_disconnected(conn, out),
            _ => {}
        }
        self.settle(decided, out);
    }

    fn on_timer(&mut self, timer: ControllerTimer, decided: &mut Decided, out: &mut Outbox) {
        match timer {
            ControllerTimer::Join => {
                let start = u64::from(out.incarnation(self.node)) << 8 | u64::from(self.node.0);
                self.raft.start(out.luck(ELECTIONS, start), out);
            }
            ControllerTimer::Raft => self.raft.on_timer(out),
            ControllerTimer::Drain => self.raft.drain(out),
            ControllerTimer::Synced => self.raft.synced(out),
            ControllerTimer::VoterWaited(nth) => self.raft.waited(nth, out),
            ControllerTimer::FetchExpired(nth) => {
                self.answers.fetch_expired(nth, &self.raft, decided, out);
            }
            ControllerTimer::CheckSessions(epoch)
            | ControllerTimer::BalanceLeaders(epoch)
            | ControllerTimer::ElectUncleanLeaders(epoch)
                if self.active == Some(epoch) =>
            {
                self.periodic_work(timer, out);
            }
            // Another leader's, or its own of an earlier time.
            _ => {}
        }
    }

    fn periodic_work(&mut self, timer: ControllerTimer, out: &mut Outbox) {
        let delay_us = match timer {
            ControllerTimer::CheckSessions(_) => match self.end_one_session(out) {
                true => NEXT_CHECK_US,
                false => self.check_interval_us(),
            },
            ControllerTimer::BalanceLeaders(_) => {
                self.balance_leaders();
                self.config().leader_imbalance_check_interval_seconds * SECOND
            }
            ControllerTimer::ElectUncleanLeaders(_) => {
                self.elect_unclean_leaders();
                self.config().unclean_leader_election_interval_ms * MS
            }
            _ => return,
        };
        self.periodic(delay_us, timer, out);
    }

    fn on_request(
        &mut self,
        caller: (Conn, u32),
        request: Request,
        decided: &mut Decided,
        out: &mut Outbox,
    ) {
        let (conn, correlation) = caller;
        let response = match request {
            Request::Raft(asked) => {
                return self.raft.on_request(conn, correlation, &asked, out);
            }
            Request::FetchMetadata { offset } => {
                let answers = &mut self.answers;
                let fetch = answers.fetch(caller, offset, &self.raft, decided, out);
                if let Some(nth) = fetch {
                    out.because(EntryId::NONE);
                    let expired = ControllerTimer::FetchExpired(nth);
                    out.timer(FETCH_WAIT_US, Timer::Controller(expired));
                }
                return;
            }
            _ if self.active.is_none() => Response::NotController,
            Request::BrokerRegistration(asked) => {
                Response::BrokerRegistration(Rc::new(self.register(&asked, out)))
            }
            Request::BrokerHeartbeat(asked) => {
                Response::BrokerHeartbeat(Rc::new(self.heartbeat(&asked, out)))
            }
            Request::AlterPartition(asked) => {
                Response::AlterPartition(Rc::new(self.alter_partition(&asked)))
            }
            Request::AssignReplicasToDirs(asked) => {
                self.assign_replicas_to_dirs(&asked);
                Response::AssignReplicasToDirs
            }
            Request::AllocateProducerIds => {
                Response::AllocateProducerIds(Rc::new(self.allocate_producer_ids()))
            }
            Request::ElectLeaders(asked) => Response::ElectLeaders(self.elect_leader(&asked)),
            Request::AlterPartitionReassignments(asked) => {
                Response::AlterPartitionReassignments(self.reassign(&asked))
            }
            Request::CreatePartitions(asked) => {
                Response::CreatePartitions(self.create_partitions(&asked))
            }
            Request::AlterConfigs(asked) => Response::AlterConfigs(self.alter_configs(&asked)),
            // The rest is for brokers.
            _ => return,
        };
        if self.active.is_none() {
            return out.respond(conn, correlation, response.into());
        }
        let (answers, cause) = (&mut self.answers, self.cause);
        answers.answer(caller, response, cause, &self.raft, out);
    }

    fn allocate_producer_ids(&mut self) -> AllocateProducerIdsResponse {
        let start = self.image().next_producer_id;
        let next = MetadataRecord::NextProducerId(start + u64::from(PRODUCER_ID_BLOCK));
        self.append(next, self.cause);
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
