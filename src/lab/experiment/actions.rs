//! Actions and the nodes they are done to.

use super::{Experiment, TOPIC};
use crate::kafka::spec::ClientKind;
use crate::kafka::{Action, ClusterSpec, Role};
use crate::sim::NodeId;

impl Experiment {
    /// Drops actions on nodes that are not there and on partitions that are not; returns how many.
    pub fn drop_actions_beyond(&mut self, nodes: u8) -> usize {
        let before = self.actions.len();
        let partitions = self.topology.partitions;
        let there = |action: &Action| match action {
            Action::ElectLeader { partition, .. }
            | Action::DeleteRecords { partition, .. }
            | Action::CancelReassignment(partition)
            | Action::Reassign { partition, .. } => {
                partition.topic == TOPIC && partition.partition < partitions
            }
            Action::SetMinIsr { topic, .. } | Action::CreatePartitions { topic, .. } => {
                *topic == TOPIC
            }
            Action::AlterGroupOffsets { offsets, .. } => {
                offsets.iter().all(|(at, _)| at.topic == TOPIC)
            }
            Action::SetUnclean { topic, .. } => topic.is_none_or(|topic| topic == TOPIC),
            Action::Call(..) => false, // scripted calls are for tests, not for an experiment's applications
            _ => true,
        };
        self.actions.retain(|timed| {
            there(&timed.action) && timed.action.nodes().iter().all(|node| node.0 < nodes)
        });
        before - self.actions.len()
    }

    /// Brokers come first, then controllers, producers, consumers and the job of the outbox: actions follow their node
    /// when those numbers change, and are forgotten with it.
    pub fn renumber(&mut self, before: &Experiment) {
        let (old, new) = (kinds(before), kinds(self));
        let moved = |node: NodeId| {
            let kind = old
                .iter()
                .position(|(first, count)| (*first..first + count).contains(&node.0));
            let Some(kind) = kind else {
                return Some(node).filter(|node| node.0 == 0);
            };
            let place = node.0 - old[kind].0;
            (place < new[kind].1).then(|| NodeId(new[kind].0 + place))
        };
        let there = |action: &Action| action.nodes().into_iter().all(|node| moved(node).is_some());
        self.actions.retain(|timed| there(&timed.action));
        for timed in &mut self.actions {
            for node in timed.action.nodes_mut() {
                *node = moved(*node).unwrap_or(*node);
            }
        }
    }
}

/// The first node of each kind, and how many there are. There is one job of the outbox, or may be.
fn kinds(experiment: &Experiment) -> [(u8, u8); 5] {
    let topology = &experiment.topology;
    [
        (1, topology.brokers),
        (experiment.controller_node().0, topology.controllers),
        (experiment.producer_node(0).0, topology.producers),
        (experiment.consumer_node(0).0, topology.consumers),
        (experiment.relay_node().0, 1),
    ]
}

/// How long the handler of this consumer takes, as configured.
pub fn handler_time_ms(spec: &ClusterSpec, node: NodeId) -> u64 {
    let Role::Client(place) = spec.role(node) else {
        return 0;
    };
    match &spec.clients[place].kind {
        ClientKind::Consumer {
            work: Some(work), ..
        } => work.app.handler_time_ms,
        _ => 0,
    }
}
