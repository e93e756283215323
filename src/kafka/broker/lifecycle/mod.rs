//! A broker process and the controller: registration, heartbeats, the metadata log, an orderly
//! leave (`BrokerLifecycleManager`, `MetadataLoader`, `AssignmentsManager`).
//!
//! The owner (the broker) hands over every timer, response and lost connection for which
//! [`Lifecycle::handles`] says yes, and acts on the [`LifecycleEvent`]s it gets back:
//!
//! 1. a process that starts calls [`Lifecycle::starting`]; it registers, follows the metadata log
//!    and at [`LifecycleEvent::CaughtUp`] the broker loads its logs and takes the whole image;
//! 2. the broker calls [`Lifecycle::ready`]; the controller unfences it: [`LifecycleEvent::Unfenced`];
//! 3. from then on [`LifecycleEvent::Metadata`] says what changed;
//! 4. an orderly stop calls [`Lifecycle::begin_controlled_shutdown`]; at
//!    [`LifecycleEvent::MayShutDown`] the process fsyncs its logs and ends.
//!
//! It talks to the controller on the channels DATA and METADATA; COORDINATOR is the broker's.

mod communication;
mod metadata;

use std::rc::Rc;

use crate::kafka::broker::BrokerTimer;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::protocol::{Response, channel};
use crate::kafka::{ClusterSpec, DirectoryId, Outbox, Role, Timer, TopicPartition};
use crate::sim::{Conn, EntryId, MS, Micros, NodeId, SECOND};

use communication::Communication;
use metadata::MetadataFetcher;

/// How long an orderly stop waits for the controller (`BrokerServer.shutdown`).
const SHUTDOWN_PATIENCE_US: Micros = 300 * SECOND;

/// The slowest start of a process takes this much longer than the quickest, in a million.
const STARTUP_SPREAD_PPM: u64 = 50_000;

/// What a timer of the lifecycle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleTimer {
    /// Registration or heartbeat number so many is due.
    Communicate(u32),
    /// The registration or heartbeat with this correlation got no answer in time.
    Unanswered(u32),
    /// The metadata log may be asked again.
    FetchMetadata,
    /// The fetch with this correlation got no answer in time.
    MetadataUnanswered(u32),
    /// Replicas in a new directory are due to be reported again.
    AssignDirectories,
    /// An orderly stop has waited long enough.
    ShutdownDeadline,
    /// The controller should know by now that this log directory failed.
    DirectoryUntold(DirectoryId),
}

/// A partition whose state changed, and the journal entry of that decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionChange {
    pub partition: TopicPartition,
    pub decision: EntryId,
}

/// What the broker must react to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// The controller accepted the registration; fetches carry this epoch from now on (KIP-903).
    Registered { broker_epoch: u64 },
    /// The image holds at least our own registration: load the logs, take every partition of the
    /// image that has a replica here, then call [`Lifecycle::ready`].
    CaughtUp,
    /// The controller counts us as alive.
    Unfenced,
    /// The image has moved on. Comes only after [`LifecycleEvent::CaughtUp`]; each partition at
    /// most once, in order, with the last decision about it. `brokers`: whose registrations changed.
    Metadata {
        changed: Vec<PartitionChange>,
        brokers: Vec<NodeId>,
    },
    /// The orderly stop may go on: nothing is led here any more (or nobody answers).
    MayShutDown,
    /// The controller could not be told of a log directory that failed: the broker is to stop.
    DirectoryUntold,
}

/// `BrokerState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not yet registered, or behind the metadata log.
    Starting,
    /// Caught up; loading logs or waiting to be unfenced.
    Recovery,
    Running,
    PendingControlledShutdown,
    ShuttingDown,
}

/// What a broker process is to its controller. Ends with the process.
#[derive(Clone)]
pub struct Lifecycle {
    node: NodeId,
    spec: Rc<ClusterSpec>,
    phase: Phase,
    broker_epoch: Option<u64>,
    communication: Communication,
    metadata: MetadataFetcher,
    /// Which directory each replica lies in, where there are several.
    placed: Option<Vec<(TopicPartition, DirectoryId)>>,
}

impl Lifecycle {
    /// A broker that is registered and unfenced in `image`, at time 0.
    pub fn already_up(node: NodeId, spec: &Rc<ClusterSpec>, image: &Rc<MetadataImage>) -> Self {
        let registration = &image.brokers[&node];
        Lifecycle {
            node,
            spec: Rc::clone(spec),
            phase: Phase::Running,
            broker_epoch: Some(registration.broker_epoch),
            communication: Communication::new(registration.directories.clone(), None, true),
            metadata: MetadataFetcher::new(
                image,
                Some(spec.controller_node()),
                spec.controller_node(),
            ),
            placed: None,
        }
    }

    /// Begins heartbeats and the fetching of metadata of a broker that is already up, each at a
    /// random point of its interval.
    pub fn begin(&mut self, out: &mut Outbox) {
        let mut luck = out.luck("heartbeat", u64::from(self.node.0));
        let interval_us = self.config().broker_heartbeat_interval_ms * MS;
        self.communicate_in(luck.below(interval_us), out);
        self.fetch_metadata(out);
    }

    /// A process that has just started on a machine whose metadata log is at `image`.
    /// `previous_broker_epoch` is what the marker of an orderly stop holds, if it is there.
    pub fn starting(
        node: NodeId,
        spec: &Rc<ClusterSpec>,
        image: &Rc<MetadataImage>,
        (directories, previous_broker_epoch): (Vec<DirectoryId>, Option<u64>),
        out: &mut Outbox,
    ) -> Self {
        // One of several has to be found; not everybody asks the same first.
        let first = spec.controller_node();
        let only = (spec.controllers == 1).then_some(first);
        let source = NodeId(first.0 + node.0 % spec.controllers);
        let mut lifecycle = Lifecycle {
            node,
            spec: Rc::clone(spec),
            phase: Phase::Starting,
            broker_epoch: None,
            communication: Communication::new(directories, previous_broker_epoch, false),
            metadata: MetadataFetcher::new(image, only, source),
            placed: None,
        };
        let startup_us = startup_us(node, spec, out);
        lifecycle.communicate_in(startup_us, out);
        out.timer(startup_us, timer(LifecycleTimer::FetchMetadata));
        lifecycle
    }

    /// Whether what happens on `conn` is for the lifecycle.
    pub fn handles(&self, conn: Conn) -> bool {
        conn.client == self.node
            && self.spec.role(conn.server) == Role::Controller
            && matches!(conn.channel, channel::DATA | channel::METADATA)
    }

    /// One of its timers ran out.
    pub fn on_timer(&mut self, timer: LifecycleTimer, out: &mut Outbox) -> Vec<LifecycleEvent> {
        match timer {
            LifecycleTimer::Communicate(nth) => self.communicate(nth, out),
            LifecycleTimer::Unanswered(correlation) => self.communication_failed(correlation, out),
            LifecycleTimer::FetchMetadata => self.fetch_metadata(out),
            LifecycleTimer::MetadataUnanswered(correlation) => {
                self.metadata_failed(correlation, out);
            }
            LifecycleTimer::AssignDirectories => self.assign_directories(out),
            LifecycleTimer::ShutdownDeadline => return self.may_shut_down(),
            LifecycleTimer::DirectoryUntold(directory) => {
                if !self.is_told(directory) {
                    return vec![LifecycleEvent::DirectoryUntold];
                }
            }
        }
        Vec::new()
    }

    /// The controller answered.
    pub fn on_response(
        &mut self,
        correlation: u32,
        response: &Response,
        out: &mut Outbox,
    ) -> Vec<LifecycleEvent> {
        match response {
            Response::BrokerRegistration(answer) => self.registered(correlation, answer, out),
            Response::BrokerHeartbeat(answer) => self.heartbeat_answered(correlation, answer, out),
            Response::FetchMetadata(answer) => self.metadata_fetched(correlation, answer, out),
            Response::NotController => {
                self.not_controller(correlation, out);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The connection to the controller broke.
    pub fn on_disconnected(&mut self, conn: Conn, out: &mut Outbox) -> Vec<LifecycleEvent> {
        if conn.channel == channel::METADATA {
            self.metadata_disconnected(conn.server, out);
        } else {
            self.communication_lost(conn.server, out);
        }
        Vec::new()
    }

    /// The logs are loaded and every partition of the image is taken: the broker wants to be
    /// unfenced, and reports replicas that are not where the controller knows them.
    pub fn ready(&mut self, out: &mut Outbox) {
        self.communication.ready = true;
        self.communicate_in(0, out);
        self.assign_directories(out);
    }

    /// Which directory each replica lies in, where there are several.
    pub fn placed(&mut self, placed: Vec<(TopicPartition, DirectoryId)>) {
        self.placed = Some(placed);
    }

    /// An orderly stop: asks the controller to move leadership away, unless there is none yet.
    pub fn begin_controlled_shutdown(&mut self, out: &mut Outbox) -> Vec<LifecycleEvent> {
        let wanted = self.config().controlled_shutdown_enable;
        match self.phase {
            Phase::Running if wanted => {
                self.phase = Phase::PendingControlledShutdown;
                out.timer(
                    SHUTDOWN_PATIENCE_US,
                    timer(LifecycleTimer::ShutdownDeadline),
                );
                self.communicate_in(0, out);
                Vec::new()
            }
            Phase::PendingControlledShutdown => Vec::new(),
            _ => self.may_shut_down(),
        }
    }

    /// The active controller, as far as is known.
    pub fn controller(&self) -> Option<NodeId> {
        self.metadata.leader
    }

    /// The metadata as far as this broker knows it.
    pub fn image(&self) -> &Rc<MetadataImage> {
        &self.metadata.image
    }

    /// The epoch of its registration; `None` until the controller accepted it.
    pub fn broker_epoch(&self) -> Option<u64> {
        self.broker_epoch
    }

    /// How far the broker is in its life.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    fn may_shut_down(&mut self) -> Vec<LifecycleEvent> {
        if self.phase == Phase::ShuttingDown {
            return Vec::new();
        }
        self.phase = Phase::ShuttingDown;
        vec![LifecycleEvent::MayShutDown]
    }

    fn config(&self) -> &crate::kafka::config::BrokerConfig {
        self.spec.broker(self.node)
    }
}

/// How long this start of a process takes until its first registration: no two take quite as long.
fn startup_us(node: NodeId, spec: &ClusterSpec, out: &Outbox) -> Micros {
    let usual_us = spec.environment.broker_startup_ms * MS;
    let spread_us = usual_us * STARTUP_SPREAD_PPM / 1_000_000;
    let start = u64::from(out.incarnation(node)) << 8 | u64::from(node.0);
    usual_us - spread_us / 2 + out.luck("process start", start).below(spread_us + 1)
}

fn timer(timer: LifecycleTimer) -> Timer {
    Timer::Broker(BrokerTimer::Lifecycle(timer))
}
