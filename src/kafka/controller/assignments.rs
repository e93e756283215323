//! Partitions that are added, and replicas that move to other brokers
//! (`ReplicationControlManager.createPartitions`, `alterPartitionReassignment`).
//!
//! A reassignment only widens the replica list at first. It is complete once all that were added
//! are in the ISR; then those to be removed leave it (see [`super::election`]).

use std::rc::Rc;

use super::ControllerHost;
use super::election::{Election, Wish};
use crate::kafka::metadata::{MetadataRecord, PartitionState};
use crate::kafka::protocol::{AlterPartitionReassignmentsRequest, CreatePartitionsRequest};
use crate::kafka::{DirectoryId, Entry, ErrorCode, TopicId, TopicPartition};
use crate::sim::NodeId;

impl ControllerHost {
    /// `kafka-reassign-partitions --execute` for one partition.
    pub(super) fn reassign(&mut self, asked: &AlterPartitionReassignmentsRequest) -> ErrorCode {
        let Some(before) = self.image().partitions.get(&asked.partition).cloned() else {
            return ErrorCode::UnknownTopicOrPartition;
        };
        let Some(replicas) = &asked.replicas else {
            return self.cancel_reassignment(asked.partition, before);
        };
        if !self.is_assignment(replicas) {
            return ErrorCode::InvalidReplicaAssignment;
        }
        let not_in = |list: &[NodeId], other: &[NodeId]| -> Vec<NodeId> {
            let mut found: Vec<NodeId> = list.to_vec();
            found.retain(|node| !other.contains(node));
            found.sort_unstable();
            found
        };
        let mut wish = Wish::none(&before);
        wish.adding = not_in(replicas, &before.replicas);
        wish.removing = not_in(&before.replicas, replicas);
        wish.replicas.clone_from(replicas);
        wish.replicas.extend(&wish.removing);
        let known = |node: &NodeId| {
            let place = before.replicas.iter().position(|known| known == node);
            let told = place.and_then(|place| before.directories.get(place).copied());
            told.unwrap_or(self.directory_of(*node))
        };
        wish.directories = wish.replicas.iter().map(known).collect();
        let election = self.usual_election(asked.partition);
        let active = |node| self.image().is_active(node);
        let change = self.changed(asked.partition, &before, &wish, election, &active);
        if let Some(change) = change {
            self.write_change(asked.partition, before, change);
        }
        ErrorCode::None
    }

    /// `kafka-reassign-partitions --cancel`: whoever was to be added goes, whoever was to be removed stays
    /// (`PartitionReassignmentRevert`). If only added ones are in sync, that takes an unclean election.
    fn cancel_reassignment(
        &mut self,
        partition: TopicPartition,
        before: Rc<PartitionState>,
    ) -> ErrorCode {
        if before.adding.is_empty() && before.removing.is_empty() {
            return ErrorCode::NoReassignmentInProgress;
        }
        let mut wish = Wish::none(&before);
        let stays = |node: &NodeId| !before.adding.contains(node);
        let places = before.replicas.iter().zip(&before.directories);
        let places = places.filter(|(node, _)| stays(node));
        (wish.replicas, wish.directories) = places.map(|(node, dir)| (*node, *dir)).unzip();
        wish.isr.retain(stays);
        (wish.adding, wish.removing) = (Vec::new(), Vec::new());
        let election = self.usual_election(partition);
        if wish.isr.is_empty() {
            if election != Election::Unclean {
                return ErrorCode::InvalidReplicaAssignment;
            }
            wish.isr.extend(wish.replicas.first());
        }
        let active = |node| self.image().is_active(node);
        if let Some(change) = self.changed(partition, &before, &wish, election, &active) {
            self.write_change(partition, before, change);
        }
        ErrorCode::None
    }

    /// `kafka-topics --alter --partitions`.
    pub(super) fn create_partitions(&mut self, asked: &CreatePartitionsRequest) -> ErrorCode {
        let topic = asked.topic;
        let present = self.image().count(topic);
        if present == 0 {
            return ErrorCode::UnknownTopicOrPartition;
        }
        if asked.count <= present {
            return ErrorCode::InvalidPartitions;
        }
        let wanted = usize::from(asked.count - present);
        let first = TopicPartition::new(topic, 0);
        let factor = self.image().partitions.get(&first);
        let factor = factor.map_or(1, |state| state.replicas.len());
        let sound = |list: &Vec<NodeId>| {
            let alive = list.iter().any(|node| self.image().is_active(*node));
            list.len() == factor && self.is_assignment(list) && alive
        };
        let manual = &asked.assignment;
        if !manual.is_empty() && (manual.len() != wanted || !manual.iter().all(sound)) {
            return ErrorCode::InvalidReplicaAssignment;
        }
        for nth in 0..wanted {
            let partition = present + nth as u16;
            let replicas = manual.get(nth).cloned();
            let replicas = replicas.unwrap_or_else(|| self.placed(partition, factor));
            self.create_partition(topic, partition, replicas);
        }
        ErrorCode::None
    }

    fn create_partition(&mut self, topic: TopicId, partition: u16, replicas: Vec<NodeId>) {
        let mut isr = replicas.clone();
        isr.retain(|node| self.image().is_active(*node));
        let directories = replicas.iter().map(|node| self.directory_of(*node));
        let state = Rc::new(PartitionState {
            leader: isr.first().copied(),
            directories: directories.collect(),
            replicas,
            isr,
            ..PartitionState::default()
        });
        let partition = TopicPartition::new(topic, partition);
        let decision = self.note(Entry::Partition {
            partition,
            before: Rc::default(),
            after: Rc::clone(&state),
            unclean: false,
        });
        self.append(MetadataRecord::Partition(partition, state), decision);
    }

    /// Brokers in turn, those that live before the others (`StripedReplicaPlacer`, which begins at
    /// a random one).
    fn placed(&self, partition: u16, factor: usize) -> Vec<NodeId> {
        let brokers: Vec<NodeId> = self.image().brokers.keys().copied().collect();
        let turn = usize::from(partition) % brokers.len().max(1);
        let in_turn = brokers[turn..].iter().chain(&brokers[..turn]).copied();
        let alive = |node: &NodeId| self.image().is_active(*node);
        let (mut list, others): (Vec<NodeId>, Vec<NodeId>) = in_turn.partition(alive);
        list.extend(others);
        list.truncate(factor);
        list
    }

    /// Whether this can be a replica list: of registered brokers, none twice.
    fn is_assignment(&self, replicas: &[NodeId]) -> bool {
        let known = |node: &NodeId| self.image().brokers.contains_key(node);
        let twice = (1..replicas.len()).any(|place| replicas[..place].contains(&replicas[place]));
        !replicas.is_empty() && !twice && replicas.iter().all(known)
    }

    /// Where a new replica of `node` will lie.
    fn directory_of(&self, node: NodeId) -> DirectoryId {
        let known = self.image().brokers.get(&node);
        match known.map_or(&[][..], |known| &known.directories) {
            [only] => *only,
            // It will say itself (`ClusterControlManager.defaultDir`).
            _ => DirectoryId::UNASSIGNED,
        }
    }
}
