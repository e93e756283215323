//! Following the metadata log (`MetadataLoader`), and telling the controller where replicas lie.

use std::rc::Rc;

use super::{Lifecycle, LifecycleEvent, LifecycleTimer, PartitionChange, Phase, timer};
use crate::kafka::metadata::{MetadataImage, MetadataRecord, QuorumEpoch};
use crate::kafka::protocol::{
    AssignReplicasToDirsRequest, FetchMetadataResponse, Request, channel,
};
use crate::kafka::{DirectoryId, ErrorCode, Outbox, TopicPartition};
use crate::sim::order::sort_by_number;
use crate::sim::{EntryId, MS, Micros, NodeId};

/// controller.quorum.request.timeout.ms.
const PATIENCE_US: Micros = 2_000 * MS;
/// First wait after a lost connection (`KafkaRaftManager`); it doubles.
const RETRY_US: Micros = 50 * MS;
/// The longest such wait.
const RETRY_MAX_US: Micros = 500 * MS;
/// Wait before replicas that are still unknown there are reported again (`AssignmentsManager`).
const ASSIGN_US: Micros = 500 * MS;
/// Correlation of assignments; their answer says nothing that is needed.
const ASSIGN_CORRELATION: u32 = 0;

/// A broker's copy of the metadata log, applied.
#[derive(Clone)]
pub(super) struct MetadataFetcher {
    pub image: Rc<MetadataImage>,
    /// The active controller, as far as is known.
    pub leader: Option<NodeId>,
    /// The latest epoch of the quorum that was heard of.
    epoch: QuorumEpoch,
    /// The controller that is asked.
    source: NodeId,
    in_flight: Option<u32>,
    last_correlation: u32,
    lost_connections: u32,
}

impl MetadataFetcher {
    /// `leader`: the active controller, if it is known; else `source` is asked first.
    pub fn new(image: &Rc<MetadataImage>, leader: Option<NodeId>, source: NodeId) -> Self {
        MetadataFetcher {
            image: Rc::clone(image),
            leader,
            epoch: 0,
            source,
            in_flight: None,
            last_correlation: 0,
            lost_connections: 0,
        }
    }
}

impl Lifecycle {
    pub(super) fn fetch_metadata(&mut self, out: &mut Outbox) {
        if self.metadata.in_flight.is_some() {
            return;
        }
        self.metadata.last_correlation += 1;
        let correlation = self.metadata.last_correlation;
        self.metadata.in_flight = Some(correlation);
        let request = Request::FetchMetadata {
            offset: self.metadata.image.offset,
        };
        // A fetch is nobody's doing: what it brings carries its own causes.
        out.because(EntryId::NONE);
        let source = self.metadata.source;
        out.request(source, channel::METADATA, correlation, request.into());
        out.timer(
            PATIENCE_US,
            timer(LifecycleTimer::MetadataUnanswered(correlation)),
        );
    }

    pub(super) fn metadata_failed(&mut self, correlation: u32, out: &mut Outbox) {
        if self.metadata.in_flight == Some(correlation) {
            let source = self.metadata.source;
            out.close(source, channel::METADATA);
            self.metadata_disconnected(source, out);
        }
    }

    /// The connection to a controller broke: another may know who leads now.
    pub(super) fn metadata_disconnected(&mut self, from: NodeId, out: &mut Outbox) {
        if from == self.metadata.source && self.metadata.in_flight.take().is_some() {
            let controllers = u32::from(self.spec.controllers);
            let doublings = (self.metadata.lost_connections / controllers).min(10);
            self.metadata.lost_connections += 1;
            self.ask_the_next();
            let delay_us = (RETRY_US << doublings).min(RETRY_MAX_US);
            out.timer(delay_us, timer(LifecycleTimer::FetchMetadata));
        }
    }

    fn ask_the_next(&mut self) {
        let first = self.spec.controller_node().0;
        let place = (self.metadata.source.0 - first + 1) % self.spec.controllers;
        self.metadata.source = NodeId(first + place);
    }

    /// Who leads, as the asked controller sees it. One that is behind, or knows of nobody, does
    /// not help; then the next is asked a little later.
    fn hear_of_leader(&mut self, answer: &FetchMetadataResponse, out: &mut Outbox) {
        let news = answer.epoch > self.metadata.epoch;
        if news {
            self.metadata.epoch = answer.epoch;
            self.metadata.leader = answer.leader;
        }
        match answer.leader {
            Some(leader) if news && leader != self.metadata.source => {
                self.metadata.source = leader;
                self.fetch_metadata(out);
            }
            _ => {
                self.ask_the_next();
                out.timer(RETRY_US, timer(LifecycleTimer::FetchMetadata));
            }
        }
    }

    pub(super) fn metadata_fetched(
        &mut self,
        correlation: u32,
        answer: &FetchMetadataResponse,
        out: &mut Outbox,
    ) -> Vec<LifecycleEvent> {
        if self.metadata.in_flight != Some(correlation) {
            return Vec::new();
        }
        self.metadata.in_flight = None;
        self.metadata.lost_connections = 0;
        if answer.error != ErrorCode::None {
            self.hear_of_leader(answer, out);
            return Vec::new();
        }
        self.metadata.epoch = answer.epoch;
        self.metadata.leader = Some(self.metadata.source);
        let change = self.apply(answer);
        let cause = out.cause();
        self.fetch_metadata(out);
        out.because(cause);
        change.into_iter().collect()
    }

    /// Applies fetched records; what they change is told once the broker works with the image.
    fn apply(&mut self, answer: &FetchMetadataResponse) -> Option<LifecycleEvent> {
        if answer.records.is_empty() {
            return None;
        }
        let image = Rc::make_mut(&mut self.metadata.image);
        let mut changed: Vec<PartitionChange> = Vec::new();
        let mut brokers: Vec<NodeId> = Vec::new();
        for (record, decision) in &answer.records {
            image.apply(record);
            match record {
                MetadataRecord::Broker(node, _) => brokers.push(*node),
                MetadataRecord::Partition(partition, _) => {
                    let (partition, decision) = (*partition, *decision);
                    changed.retain(|change| change.partition != partition);
                    changed.push(PartitionChange {
                        partition,
                        decision,
                    });
                }
                MetadataRecord::MinIsr(topic, _) => {
                    let partitions = image.partitions.keys().filter(|p| p.topic == *topic);
                    for partition in partitions.copied() {
                        changed.retain(|change| change.partition != partition);
                        changed.push(PartitionChange {
                            partition,
                            decision: *decision,
                        });
                    }
                }
                // The controller alone looks at these.
                MetadataRecord::Unclean(..)
                | MetadataRecord::NextProducerId(_)
                | MetadataRecord::LeaderChange(_) => {}
            }
        }
        changed.sort_by_key(|change| change.partition);
        sort_by_number(&mut brokers, |node| node.0.into());
        brokers.dedup();
        let told = self.phase != Phase::Starting;
        told.then_some(LifecycleEvent::Metadata { changed, brokers })
    }

    /// Partitions with a replica here that the controller believes in another directory, and where they are.
    fn misplaced(&self) -> Vec<(TopicPartition, DirectoryId)> {
        let place = |partition: &TopicPartition| match &self.placed {
            Some(placed) => {
                let known = placed.iter().find(|(known, _)| known == partition);
                known.map(|(_, directory)| *directory)
            }
            None => self.communication.directories.first().copied(),
        };
        let partitions = self.metadata.image.partitions.iter();
        let misplaced = partitions.filter_map(|(partition, state)| {
            let mut places = state.replicas.iter().zip(&state.directories);
            let (_, known) = places.find(|(node, _)| **node == self.node)?;
            let directory = place(partition)?;
            (*known != directory).then_some((*partition, directory))
        });
        misplaced.collect()
    }

    /// Reports until the metadata log shows every replica where it is. Not on the connection of
    /// the heartbeats: which of the two the controller sees first is chance.
    pub fn assign_directories(&mut self, out: &mut Outbox) {
        let misplaced = self.misplaced();
        let Some(broker_epoch) = self.broker_epoch.filter(|_| !misplaced.is_empty()) else {
            return;
        };
        out.timer(ASSIGN_US, timer(LifecycleTimer::AssignDirectories));
        let Some(leader) = self.metadata.leader else {
            return;
        };
        let mut directories: Vec<DirectoryId> = misplaced.iter().map(|known| known.1).collect();
        directories.sort_unstable();
        directories.dedup();
        for directory in directories {
            let here = misplaced.iter().filter(|known| known.1 == directory);
            let request = Request::AssignReplicasToDirs(Rc::new(AssignReplicasToDirsRequest {
                broker: self.node,
                broker_epoch,
                directory,
                partitions: here.map(|known| known.0).collect(),
            }));
            out.request(
                leader,
                channel::METADATA,
                ASSIGN_CORRELATION,
                request.into(),
            );
        }
    }
}
