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
            | Action::Reassign { partition, .. } => {
                partition.topic == TOPIC && partition.partition < partitions
            }
            Action::SetMinIsr { topic, .. } | Action::CreatePartitions { topic, .. } => {
                *topic == TOPIC
            }
            Action::Call(..) => false, // scripted calls are for tests, not for an experiment's applications
            _ => true,
        };
        self.actions.retain(|timed| {
            there(&timed.action) && nodes_of(&timed.action).iter().all(|node| node.0 < nodes)
        });
        before - self.actions.len()
    }

    /// Clients are numbered behind the controllers, these behind the brokers: actions follow their node when those numbers
    /// change, and are forgotten with it.
    pub fn renumber(&mut self, before: &Experiment) {
        let (old, new) = (&before.topology, self.topology.clone());
        let kept = |node: &NodeId| match node.0.checked_sub(1 + old.brokers) {
            None => node.0 <= new.brokers,
            Some(place) => place < new.controllers || place >= old.controllers,
        };
        self.actions
            .retain(|timed| nodes_of(&timed.action).iter().all(kept));
        let shift = |node: &mut NodeId| {
            let is_behind = node.0 > old.brokers;
            let is_client = node.0 >= before.producer_node(0).0;
            let is_consumer = node.0 >= before.consumer_node(0).0;
            let brokers = i16::from(new.brokers) - i16::from(old.brokers);
            let controllers = i16::from(new.controllers) - i16::from(old.controllers);
            let producers = i16::from(new.producers) - i16::from(old.producers);
            let by = brokers * i16::from(is_behind)
                + controllers * i16::from(is_client)
                + producers * i16::from(is_consumer);
            node.0 = (i16::from(node.0) + by).clamp(0, i16::from(u8::MAX)) as u8;
        };
        for timed in &mut self.actions {
            nodes_mut(&mut timed.action).into_iter().for_each(shift);
        }
    }
}

/// The nodes an action is done to, to change them.
fn nodes_mut(action: &mut Action) -> Vec<&mut NodeId> {
    match action {
        Action::Kill(node)
        | Action::PowerOff(node)
        | Action::Start(node)
        | Action::Stop(node)
        | Action::Pause(node)
        | Action::Resume(node)
        | Action::FillDisk(node)
        | Action::FreeDisk(node)
        | Action::FailDisk(node)
        | Action::OsWriteBack(node)
        | Action::Throw(node)
        | Action::Call(node, _) => vec![node],
        Action::WipeDisk { broker, .. } | Action::SlowDisk { broker, .. } => vec![broker],
        Action::SlowHandler { client, .. } | Action::Burst { client, .. } => vec![client],
        Action::CutLink { from, to, .. }
        | Action::HealLink { from, to }
        | Action::LossyLink { from, to, .. }
        | Action::SlowLink { from, to, .. } => vec![from, to],
        Action::ElectLeader { .. }
        | Action::DeleteRecords { .. }
        | Action::Reassign { .. }
        | Action::CreatePartitions { .. }
        | Action::SetMinIsr { .. } => vec![],
    }
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

/// The nodes an action is done to.
pub fn nodes_of(action: &Action) -> Vec<NodeId> {
    let mut action = action.clone();
    nodes_mut(&mut action)
        .into_iter()
        .map(|node| *node)
        .collect()
}
