//! Replicas that move to other brokers, and partitions that are added.

use super::cluster::Story;
use super::*;
use crate::kafka::broker::ReplicaRole;

/// Four brokers; the partition is on 1, 2, 3.
fn four() -> Story {
    Story::with(ClusterSpec {
        brokers: vec![BrokerConfig::default(); 4],
        ..spec()
    })
}

fn nodes(ids: &[u8]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

impl Story {
    fn reassign(&mut self, replicas: &[u8]) {
        self.does(Action::Reassign {
            partition: PARTITION,
            replicas: nodes(replicas),
        });
    }

    fn add_partitions(&mut self, count: u16, assignment: &[&[u8]]) {
        self.does(Action::CreatePartitions {
            topic: PARTITION.topic,
            count,
            assignment: assignment.iter().map(|ids| nodes(ids)).collect(),
        });
        self.wait_ms(1_000);
    }

    fn partition(&self) -> &PartitionState {
        &self.image().partitions[&PARTITION]
    }

    fn has_replica(&self, broker: u8, partition: TopicPartition) -> bool {
        self.world
            .model
            .broker(NodeId(broker))
            .replica(partition)
            .is_some()
    }
}

#[test]
fn a_replica_moves_to_another_broker_once_that_one_is_in_sync() {
    let mut story = four();
    story.reassign(&[1, 2, 4]);
    story.wait_ms(3_000);
    let state = story.partition();
    assert_eq!(state.replicas, nodes(&[1, 2, 4]));
    assert_eq!((state.adding.len(), state.removing.len()), (0, 0));
    let mut isr = state.isr.clone();
    isr.sort_unstable();
    assert_eq!(isr, nodes(&[1, 2, 4]));
    assert_eq!(state.leader, Some(NodeId(1)));
    assert!(story.has_replica(4, PARTITION));
    assert!(!story.has_replica(3, PARTITION), "it deletes what it had");
}

#[test]
fn a_leader_that_is_moved_away_hands_over() {
    let mut story = four();
    story.reassign(&[4, 2, 3]);
    story.wait_ms(3_000);
    let state = story.partition();
    assert_eq!(state.replicas, nodes(&[4, 2, 3]));
    assert_eq!(state.leader, Some(NodeId(4)), "the first of the new list");
    assert_eq!(state.leader_epoch, 1);
    let role = story.world.model.broker(NodeId(4)).role(PARTITION);
    assert!(matches!(role, Some(ReplicaRole::Leader(_))));
    assert!(!story.has_replica(1, PARTITION));
}

#[test]
fn a_reassignment_waits_for_a_broker_that_is_down() {
    let mut story = four();
    story.lose(4);
    story.reassign(&[1, 2, 4]);
    story.wait_ms(5_000);
    let state = story.partition();
    assert_eq!(state.replicas, nodes(&[1, 2, 4, 3]), "all of them, for now");
    assert_eq!(
        (&state.adding, &state.removing),
        (&nodes(&[4]), &nodes(&[3]))
    );
    assert_eq!(state.isr.len(), 3, "3 goes on");
    story.start(4);
    story.wait_ms(15_000);
    assert_eq!(story.partition().replicas, nodes(&[1, 2, 4]));
    assert!(
        story.has_replica(4, PARTITION),
        "it heard of it when it came back"
    );
}

#[test]
fn a_broker_that_was_down_when_its_replica_left_deletes_it_when_it_returns() {
    let mut story = four();
    story.lose(3);
    story.reassign(&[1, 2]);
    story.wait_ms(3_000);
    assert_eq!(story.partition().replicas, nodes(&[1, 2]));
    story.start(3);
    story.wait_ms(15_000);
    assert!(!story.has_replica(3, PARTITION));
}

#[test]
fn added_partitions_have_leaders_and_replicas_at_once() {
    let mut story = four();
    story.add_partitions(3, &[&[4, 1, 2], &[2, 3, 4]]);
    for (partition, leader) in [(1, 4), (2, 2)] {
        let partition = TopicPartition::new(PARTITION.topic, partition);
        let state = &story.image().partitions[&partition];
        assert_eq!((state.leader, state.isr.len()), (Some(NodeId(leader)), 3));
        let role = story.world.model.broker(NodeId(leader)).role(partition);
        assert!(matches!(role, Some(ReplicaRole::Leader(_))));
        assert!(story.has_replica(2, partition));
    }
    let second = TopicPartition::new(PARTITION.topic, 1);
    assert!(!story.has_replica(3, second));
    story.add_partitions(4, &[]);
    assert_eq!(
        story.image().count(PARTITION.topic),
        4,
        "the controller places it"
    );
}

#[test]
fn what_can_not_be_an_assignment_is_refused() {
    let mut story = four();
    let before = story.image().clone();
    for replicas in [&[][..], &[1, 1], &[1, 9]] {
        story.reassign(replicas);
        story.wait_ms(1_000);
    }
    story.add_partitions(1, &[]);
    story.add_partitions(2, &[&[1, 2]]);
    story.add_partitions(3, &[&[1, 2, 3]]);
    assert_eq!(story.image().partitions, before.partitions);
}

#[test]
fn a_cancelled_reassignment_leaves_the_replicas_of_before() {
    let mut story = four();
    story.lose(4);
    story.reassign(&[1, 2, 4]);
    story.wait_ms(1_000);
    story.does(Action::CancelReassignment(PARTITION));
    story.wait_ms(1_000);
    let state = story.partition().clone();
    assert_eq!(state.replicas, nodes(&[1, 2, 3]));
    assert_eq!((state.adding.len(), state.removing.len()), (0, 0));
    assert_eq!(state.isr.len(), 3);
    story.start(4);
    story.wait_ms(15_000);
    assert!(!story.has_replica(4, PARTITION));
    let before = story.partition().clone();
    story.does(Action::CancelReassignment(PARTITION));
    story.wait_ms(1_000);
    assert_eq!(*story.partition(), before, "there is nothing to cancel");
}
