//! A broker's process: takes one event, serves it, then looks at what waited for what has changed.

use std::rc::Rc;

use super::BrokerTimer;
use super::api::ProducerIds;
use super::connection::{Arrived, Caller, Connections};
use super::delayed::Purgatory;
use super::fetcher::Fetcher;
use super::isr::ControllerQueue;
use super::lifecycle::{Lifecycle, LifecycleEvent};
use super::replica::Surroundings;
use super::store::{Local, Store};
use super::transactions::Transactions;
use crate::kafka::group::{Coordinator, Replies};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::protocol::{Msg, Request, Response, channel};
use crate::kafka::spec::OFFSETS_TOPIC;
use crate::kafka::{ClusterSpec, Entry, Input, Outbox, Timer, TopicId};
use crate::sim::{Conn, MS, Micros, NodeId};

/// From a failed write to the end of the process (`LogDirFailureHandler`).
pub(super) const HALT_US: Micros = 5 * MS;

/// How a process ends of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order.
    Stopped,
    /// Its log directory failed.
    Halted,
}

/// What ends with the process.
#[derive(Clone)]
pub struct Process {
    pub(super) lifecycle: Lifecycle,
    pub(super) connections: Connections,
    pub(super) purgatory: Purgatory,
    pub(super) fetchers: Vec<Fetcher>,
    /// The connection that each follower fetches on.
    pub(super) sessions: Vec<Conn>,
    pub(super) asks: ControllerQueue,
    pub(super) producer_ids: ProducerIds,
    pub(super) coordinator: Coordinator,
    pub(super) offsets_topic: Option<TopicId>,
    pub(super) transactions: Transactions,
    /// Whether connections are accepted: logs are loaded.
    pub(super) serving: bool,
    /// The last part of an orderly stop: logs are fsynced, nobody is served any more.
    pub(super) closing: bool,
    pub(super) stopping: bool,
    pub(super) end: Option<End>,
}

/// The process at work on its machine.
pub struct Broker<'a> {
    pub(super) store: &'a mut Store,
    pub(super) process: &'a mut Process,
}

impl Process {
    /// A process that has just started.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>, lifecycle: Lifecycle) -> Self {
        Process {
            lifecycle,
            connections: Connections::default(),
            purgatory: Purgatory::default(),
            fetchers: Vec::new(),
            sessions: Vec::new(),
            asks: ControllerQueue::default(),
            producer_ids: ProducerIds::default(),
            coordinator: Coordinator::new(node, spec),
            offsets_topic: spec.topic_named(OFFSETS_TOPIC),
            transactions: Transactions::new(spec),
            serving: false,
            closing: false,
            stopping: false,
            end: None,
        }
    }
}

impl Broker<'_> {
    /// One event, and all that follows from it here.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        if self.process.closing {
            return self.closing(input, out);
        }
        match input {
            Input::Message {
                conn,
                correlation,
                msg,
            } => match msg {
                Msg::Request(request) => {
                    let caller = Caller { conn, correlation };
                    self.arrives(caller, request, out);
                }
                Msg::Response(response) => self.answered(conn, correlation, response, out),
            },
            Input::Timer(Timer::Broker(timer)) => self.on_timer(timer, out),
            Input::Disconnected(conn) => self.disconnected(conn, out),
            Input::Timer(_) | Input::Action(_) => {}
        }
        self.settle(out);
        while let Some(arrived) = self.process.connections.next() {
            out.because(arrived.cause);
            self.serve(arrived.caller, arrived.request, out);
            self.settle(out);
        }
    }

    fn arrives(&mut self, caller: Caller, request: Request, out: &mut Outbox) {
        if !self.process.serving {
            // The port is not open yet.
            return out.reset(caller.conn);
        }
        let cause = out.cause();
        self.process.connections.arrives(Arrived {
            caller,
            request,
            cause,
        });
    }

    /// One request whose turn has come (`KafkaApis.handle`).
    fn serve(&mut self, caller: Caller, request: Request, out: &mut Outbox) {
        let response = match request {
            Request::Produce(request) => return self.produce(caller, request, out),
            Request::Fetch(request) => return self.fetch(caller, request, out),
            Request::Group(request) => return self.group_request(caller, &request, out),
            Request::Transaction(request) => return self.transaction(caller, request, out),
            Request::ApiVersions => Response::ApiVersions,
            Request::ListOffsets(request) => self.list_offsets(&request),
            Request::OffsetForLeaderEpoch(request) => self.offset_for_leader_epoch(&request),
            Request::Metadata => Response::Metadata(Rc::clone(self.process.lifecycle.image())),
            Request::DescribeTopicPartitions(topics) => {
                Response::DescribeTopicPartitions(self.image().describe(&topics).into())
            }
            Request::DeleteRecords(request) => self.delete_records(&request, out),
            Request::InitProducerId => self.init_producer_id(out),
            // The controller's.
            Request::BrokerRegistration(_)
            | Request::BrokerHeartbeat(_)
            | Request::AlterPartition(_)
            | Request::AssignReplicasToDirs(_)
            | Request::AllocateProducerIds
            | Request::ElectLeaders(_)
            | Request::AlterConfigs(_)
            | Request::AlterPartitionReassignments(_)
            | Request::CreatePartitions(_)
            | Request::FetchMetadata { .. }
            | Request::Order(_)
            | Request::Raft(_) => return self.process.connections.close(caller, out),
        };
        self.process.connections.answer(caller, response, out);
    }

    fn answered(&mut self, conn: Conn, correlation: u32, response: Response, out: &mut Outbox) {
        if self.process.lifecycle.handles(conn) {
            let lifecycle = &mut self.process.lifecycle;
            let events = lifecycle.on_response(correlation, &response, out);
            return self.lifecycle_events(events, out);
        }
        if self.is_peer(conn) {
            self.peer_answered(correlation, &response, out);
        } else if conn.channel == channel::REPLICA {
            self.fetched_from(conn.server, correlation, response, out);
        } else {
            self.controller_answered(correlation, &response, out);
        }
    }

    fn on_timer(&mut self, timer: BrokerTimer, out: &mut Outbox) {
        match timer {
            BrokerTimer::WriteBack | BrokerTimer::WrittenBack => {}
            BrokerTimer::CheckpointHighWatermarks => {
                self.store.checkpoint_high_watermarks();
                for (place, directory) in (0..).zip(&self.store.directories) {
                    if !directory.is_writable() && !directory.offline {
                        self.store.failed_writes.push((place, out.cause()));
                    }
                }
                let ms = self
                    .store
                    .config()
                    .replica_high_watermark_checkpoint_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::CheckpointRecoveryPoints => {
                self.store.checkpoint_recovery_points();
                let ms = self.store.config().log_flush_offset_checkpoint_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::CheckpointLogStarts => {
                self.store.checkpoint_log_starts();
                let config = self.store.config();
                let ms = config.log_flush_start_offset_checkpoint_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::ExpireProducers => {
                self.store.expire_producers(out);
                let ms = self.store.config().producer_id_expiration_check_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::DeleteSegments => {
                self.store.delete_old_segments(out);
                let ms = self.store.config().log_retention_check_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::CleanLogs => {
                self.store.clean_logs(out);
                let ms = self.store.config().log_cleaner_backoff_ms.max(1);
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::LogsLoaded { clean } => self.logs_loaded(clean, out),
            BrokerTimer::LogsClosed => {}
            BrokerTimer::FlushCheck => {
                self.store.flush_dirty_logs(out);
                let ms = self.store.config().log_flush_scheduler_interval_ms;
                out.timer(ms.saturating_mul(MS), timer.into());
            }
            BrokerTimer::Fsynced(local) => self.store.synced(local, out),
            BrokerTimer::ShrinkIsr => self.shrink_isrs(out),
            BrokerTimer::Delayed => self.expire_waiting(out),
            BrokerTimer::Fetcher(source) => self.fetcher_timer(source, out),
            BrokerTimer::AskController => self.ask_again(out),
            BrokerTimer::Halt => {
                out.decide(Entry::Halted);
                self.process.end = Some(End::Halted);
            }
            BrokerTimer::Lifecycle(timer) => {
                let events = self.process.lifecycle.on_timer(timer, out);
                self.lifecycle_events(events, out);
            }
            BrokerTimer::Group(timer) => self.group_timer(timer, out),
            BrokerTimer::Transactions(timer) => self.transaction_timer(timer, out),
        }
    }

    fn disconnected(&mut self, conn: Conn, out: &mut Outbox) {
        if self.process.lifecycle.handles(conn) {
            let events = self.process.lifecycle.on_disconnected(conn, out);
            self.lifecycle_events(events, out);
        } else if self.is_peer(conn) {
            self.peer_disconnected(conn, out);
        } else if conn.channel == channel::REPLICA {
            self.fetcher_disconnected(conn.server, out);
        } else {
            self.controller_disconnected(conn.server, out);
        }
    }

    /// What the controller, or the metadata log, wants of this broker.
    pub(super) fn lifecycle_events(&mut self, events: Vec<LifecycleEvent>, out: &mut Outbox) {
        for event in events {
            match event {
                LifecycleEvent::Registered { .. } | LifecycleEvent::Unfenced => {}
                LifecycleEvent::CaughtUp => {
                    let (clean, took_us) = self.store.load(out);
                    match took_us {
                        0 => self.logs_loaded(clean, out),
                        _ => out.timer(took_us, BrokerTimer::LogsLoaded { clean }.into()),
                    }
                }
                // Until the logs are open the roles wait; then they are taken from the whole image.
                LifecycleEvent::Metadata { .. } if !self.process.serving => {}
                LifecycleEvent::Metadata { changed, .. } => self.metadata_changed(&changed, out),
                LifecycleEvent::MayShutDown => self.shut_down(out),
                LifecycleEvent::DirectoryUntold => self.stop(out),
            }
        }
    }

    /// Logs are loaded: takes every replica's role, opens the port, begins periodic work.
    pub(super) fn take_over(&mut self, out: &mut Outbox) {
        self.process.serving = true;
        self.process.transactions.since = out.now();
        self.take_all_roles(out);
        let config = self.store.config();
        let periods_ms = [
            (
                config.replica_high_watermark_checkpoint_interval_ms,
                BrokerTimer::CheckpointHighWatermarks,
            ),
            (config.replica_lag_time_max_ms / 2, BrokerTimer::ShrinkIsr),
            (config.log_cleaner_backoff_ms, BrokerTimer::CleanLogs),
            (
                config.producer_id_expiration_check_interval_ms,
                BrokerTimer::ExpireProducers,
            ),
        ];
        for (period_ms, timer) in periods_ms {
            out.timer(period_ms.saturating_mul(MS), timer.into());
        }
        let after_us = config.log_initial_task_delay_ms.saturating_mul(MS);
        let of_the_logs = [
            BrokerTimer::CheckpointRecoveryPoints,
            BrokerTimer::CheckpointLogStarts,
            BrokerTimer::DeleteSegments,
            BrokerTimer::FlushCheck,
        ];
        for timer in of_the_logs {
            out.timer(after_us, timer.into());
        }
    }

    /// Looks at what waits for each replica that changed: first whether its high watermark moves,
    /// then who can be answered.
    pub(super) fn settle(&mut self, out: &mut Outbox) {
        let mut place = 0;
        while let Some((local, cause)) = self.store.changed.get(place).copied() {
            place += 1;
            out.because(cause);
            self.advance_high_watermark(local, out);
            self.complete_waiting(local, out);
        }
        self.store.changed.clear();
        if !self.store.failed_writes.is_empty() {
            self.directories_failed(out);
        }
    }

    fn advance_high_watermark(&mut self, local: Local, out: &mut Outbox) {
        let around = Surroundings {
            image: self.process.lifecycle.image(),
            lag_max_us: self.store.config().replica_lag_time_max_ms * MS,
            now: out.now(),
            rules: self.store.spec.rules,
        };
        // Not through `replica_mut`: `around` borrows the process, and this the store alone.
        let replica = &mut self.store.replicas[usize::from(local)];
        if replica.advance_high_watermark(around) {
            let (partition, offset) = (replica.partition, replica.high_watermark);
            out.decide(Entry::HighWatermark { partition, offset });
            if Some(partition.topic) == self.process.offsets_topic {
                let mut replies = Replies::new(out);
                let coordinator = &mut self.process.coordinator;
                coordinator.on_high_watermark(partition, offset, &mut replies);
                let answered = replies.answered;
                self.process.connections.answered(&answered, out);
            } else if Some(partition.topic) == self.process.transactions.topic {
                self.transactions_replicated(partition, offset, out);
            }
        }
    }

    /// An orderly stop was asked for.
    pub fn stop(&mut self, out: &mut Outbox) {
        if self.process.closing {
            return;
        }
        self.process.stopping = true;
        let events = self.process.lifecycle.begin_controlled_shutdown(out);
        self.lifecycle_events(events, out);
        self.settle(out);
    }

    /// The metadata as far as this broker knows it.
    pub(super) fn image(&self) -> &MetadataImage {
        self.process.lifecycle.image()
    }
}
