//! What heartbeats change, and what their absence does: fencing, unfencing, controlled shutdown,
//! offline directories.

use std::rc::Rc;

use super::ControllerHost;
use super::heartbeat::ControlState;
use super::partitions::Happened;
use crate::kafka::metadata::{BrokerRegistration, Cause, MetadataRecord, PartitionState};
use crate::kafka::protocol::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};
use crate::kafka::{DirectoryId, Entry, ErrorCode, Outbox};
use crate::sim::{EntryId, Micros, NodeId, SECOND};

/// A heartbeat that left before a fault may still arrive after it.
const UNDER_WAY_US: Micros = SECOND;

impl ControllerHost {
    /// A broker says that it lives, and what it wants.
    pub(super) fn heartbeat(
        &mut self,
        asked: &BrokerHeartbeatRequest,
        out: &mut Outbox,
    ) -> BrokerHeartbeatResponse {
        let broker = asked.broker;
        let error = self.check_broker_epoch(broker, asked.broker_epoch);
        if error != ErrorCode::None {
            return BrokerHeartbeatResponse {
                error,
                is_caught_up: false,
                is_fenced: true,
                should_shut_down: false,
            };
        }
        let known = self.image.brokers.get(&broker);
        let registered_at = known.map_or(0, |known| known.registered_at);
        let led = |state: &Rc<PartitionState>| state.leader == Some(broker);
        let leads = asked.want_shut_down && self.image().partitions.values().any(led);
        let brokers = &self.image.brokers;
        let (now_is, next) = self
            .sessions
            .next_state(asked, registered_at, leads, brokers);
        self.sessions
            .touch(broker, asked.current_metadata_offset, out.now());
        if now_is != next {
            self.enter(broker, next);
        }
        if !asked.offline_directories.is_empty() {
            self.directories_offline(broker, &asked.offline_directories);
        }
        BrokerHeartbeatResponse {
            error: ErrorCode::None,
            is_caught_up: asked.current_metadata_offset >= registered_at,
            is_fenced: matches!(next, ControlState::Fenced | ControlState::ShutdownNow),
            should_shut_down: next == ControlState::ShutdownNow,
        }
    }

    fn enter(&mut self, broker: NodeId, state: ControlState) {
        match state {
            ControlState::Fenced | ControlState::ShutdownNow => self.fence(broker),
            ControlState::Unfenced => {
                let unfenced = self.decide(Entry::Unfenced { broker });
                self.change_registration(broker, unfenced, |known| known.fenced = false);
                self.react(Happened::Back(broker));
            }
            ControlState::ControlledShutdown => {
                let cause = self.cause;
                self.change_registration(broker, cause, |known| {
                    known.in_controlled_shutdown = true
                });
                self.react(Happened::Gone(broker));
                let log_end = self.log_end();
                self.sessions.shutting_down(broker, log_end);
            }
        }
    }

    /// The broker leaves every ISR and leads nothing any more. A broker that stopped in order is
    /// fenced a second time when its session ends.
    fn fence(&mut self, broker: NodeId) {
        let fenced = self.decide(Entry::Fenced { broker });
        self.react(Happened::Gone(broker));
        self.change_registration(broker, fenced, |known| known.fenced = true);
        self.sessions.fenced(broker);
    }

    /// Looks for one session that has run out. One at a time, so that what follows from it is
    /// there before the next is looked at.
    pub(super) fn end_one_session(&mut self, out: &mut Outbox) -> bool {
        let Some((broker, contact_at)) = self.sessions.end_one_expired(out.now()) else {
            return false;
        };
        self.cause = Cause::Entry(self.what_silenced(broker, contact_at, out));
        self.fence(broker);
        true
    }

    /// The fault since the last heartbeat: of the broker, or else of a controller.
    fn what_silenced(&self, broker: NodeId, contact_at: Micros, out: &Outbox) -> EntryId {
        let since = |node: NodeId| {
            let (fault, at) = out.last_fault(node)?;
            (at + UNDER_WAY_US >= contact_at).then_some(fault)
        };
        since(broker)
            .or_else(|| self.spec.controller_nodes().find_map(since))
            .unwrap_or(EntryId::NONE)
    }

    /// The broker leaves the ISR of whatever lies in these (`handleDirectoriesOffline`).
    fn directories_offline(&mut self, broker: NodeId, offline: &[DirectoryId]) {
        let Some(known) = self.image().brokers.get(&broker) else {
            return;
        };
        let is_offline = |directory: &DirectoryId| offline.contains(directory);
        let (gone, online): (Vec<_>, Vec<_>) =
            known.directories.iter().copied().partition(is_offline);
        if gone.is_empty() {
            return;
        }
        for directory in gone {
            self.react(Happened::DirectoryGone(broker, directory));
        }
        // A record without directories changes none: a broker that has lost all of them ends anyway.
        if !online.is_empty() {
            let cause = self.cause;
            self.change_registration(broker, cause, |known| known.directories = online);
        }
    }

    fn change_registration(
        &mut self,
        broker: NodeId,
        decision: Cause,
        change: impl FnOnce(&mut BrokerRegistration),
    ) {
        if let Some(mut known) = self.image().brokers.get(&broker).cloned() {
            change(&mut known);
            self.append(MetadataRecord::Broker(broker, known), decision);
        }
    }
}
