//! A topic of several partitions on the stage: every replica in a line of its broker's card.

use super::logs::small;
use super::scene::Scene;
use crate::kafka::{Role, TopicPartition};
use crate::lab::history::Part;
use crate::lab::ledger::Brokers;
use crate::sim::NodeId;
use crate::view::{OwnedPartition, PartitionView, ReplicaRole, ReplicaView};

/// Records of a replica that are drawn.
const RECORDS: u64 = 16;

/// Every partition, in order.
pub(super) fn partitions(scene: &Scene<'_>) -> Vec<PartitionView> {
    let parts = scene.history.parts.iter();
    parts
        .map(|(partition, part)| scene.partition(*partition, part))
        .collect()
}

/// The replicas on `node`, by partition.
pub(super) fn replicas(scene: &Scene<'_>, node: NodeId) -> Vec<ReplicaView> {
    let mine = scene.history.parts.iter();
    let mine = mine.filter(|(_, part)| part.replicas.contains(&node));
    mine.map(|(partition, part)| replica(scene, *partition, part, node))
        .collect()
}

fn replica(scene: &Scene<'_>, partition: TopicPartition, part: &Part, node: NodeId) -> ReplicaView {
    let role = match part {
        _ if part.leader == Some(node) => ReplicaRole::Leader,
        _ if part.isr.has(node) => ReplicaRole::InSync,
        _ => ReplicaRole::Out,
    };
    let log = scene.history.logs.get(&(partition, node));
    ReplicaView {
        partition: partition.partition,
        role,
        records: log.map_or(Vec::new(), |log| small(scene, log, RECORDS)),
        log_end: log.map_or(0, |log| log.end()),
    }
}

/// Whoever leads some partition.
pub(super) fn leaders(scene: &Scene<'_>) -> Brokers {
    let mut leaders = Brokers::default();
    for part in scene.history.parts.values() {
        part.leader
            .iter()
            .for_each(|leader| leaders.insert(*leader));
    }
    leaders
}

/// Producers write to every leader, consumers read from the leaders of what they own, followers fetch from leaders.
pub(super) fn pairs(scene: &Scene<'_>, leaders: Brokers, pairs: &mut Vec<(NodeId, NodeId)>) {
    let spec = scene.spec();
    for place in 0..spec.clients.len() {
        let client = spec.client_node(place);
        let reads = |part: &&Part| part.owner == Some(client);
        let mut of_client = Brokers::default();
        for part in scene.history.parts.values().filter(reads) {
            part.leader
                .iter()
                .for_each(|leader| of_client.insert(*leader));
        }
        let is_consumer = matches!(spec.role(client), Role::Client(at) if spec.is_consumer(at));
        let to = if is_consumer { of_client } else { leaders };
        pairs.extend(to.iter().map(|broker| (client, broker)));
    }
    let brokers: Vec<NodeId> = spec.broker_nodes().collect();
    for (nth, one) in brokers.iter().enumerate() {
        pairs.extend(brokers[nth + 1..].iter().map(|other| (*one, *other)));
    }
}

/// What a consumer owns, with the group's committed offset.
pub(super) fn owned(scene: &Scene<'_>, node: NodeId) -> Option<Vec<OwnedPartition>> {
    let mine = scene.history.parts.iter();
    let mine = mine.filter(|(_, part)| part.owner == Some(node));
    let owned = mine.map(|(partition, part)| OwnedPartition {
        partition: partition.partition,
        committed: part.committed,
        lag: part.high_watermark.saturating_sub(part.committed),
    });
    scene.several().then(|| owned.collect())
}

/// The partitions that a producer's last few messages went to.
pub(super) fn written(scene: &Scene<'_>, place: u8) -> Vec<u16> {
    let lives = scene.history.ledger.of_producer(place).iter().rev();
    let recent = lives.take_while(|life| life.buffered_us + 1_000_000 > scene.now_us());
    let mut partitions: Vec<u16> = Vec::new();
    for partition in recent.filter_map(|life| life.partition) {
        let number = partition.partition;
        if let Err(place) = partitions.binary_search(&number) {
            partitions.insert(place, number);
        }
    }
    partitions
}
