//! Who gets what.

use super::*;
use crate::sim::NodeId;

const BOTH: [TopicId; 2] = [TopicId(0), TopicId(1)];

fn id(nth: u8) -> MemberId {
    MemberId {
        node: NodeId(nth),
        nth: 1,
    }
}

fn p(topic: u16, partition: u16) -> TopicPartition {
    TopicPartition::new(TopicId(topic), partition)
}

fn member(nth: u8, topics: &[TopicId], owned: &[TopicPartition]) -> JoinedMember {
    JoinedMember {
        member: id(nth),
        instance: None,
        subscription: Subscription {
            topics: topics.to_vec(),
            owned: owned.to_vec(),
            prior: owned.to_vec(),
            generation: (!owned.is_empty()).then_some(1),
        },
    }
}

fn counts(first: u16, second: u16) -> PartitionCounts {
    [(TopicId(0), first), (TopicId(1), second)]
        .into_iter()
        .collect()
}

fn shares(assignment: &Assignment) -> Vec<usize> {
    assignment
        .iter()
        .map(|(_, partitions)| partitions.len())
        .collect()
}

fn of(assignment: &Assignment, nth: u8) -> Vec<TopicPartition> {
    let mut mine = assignment.iter().filter(|(member, _)| *member == id(nth));
    mine.next()
        .map(|(_, partitions)| partitions.clone())
        .unwrap_or_default()
}

#[test]
fn range_favours_the_first_in_every_topic_and_round_robin_does_not() {
    let members = [member(1, &BOTH, &[]), member(2, &BOTH, &[])];
    let ranges = assign(Assignor::Range, &members, &counts(3, 3));
    assert_eq!(shares(&ranges), [4, 2]);
    assert_eq!(of(&ranges, 2), [p(0, 2), p(1, 2)]);
    let in_turn = assign(Assignor::RoundRobin, &members, &counts(3, 3));
    assert_eq!(shares(&in_turn), [3, 3]);
    assert_eq!(of(&in_turn, 1), [p(0, 0), p(0, 2), p(1, 1)]);
}

#[test]
fn nobody_gets_partitions_of_a_topic_it_does_not_want() {
    let members = [member(1, &BOTH, &[]), member(2, &BOTH[..1], &[])];
    for assignor in [
        Assignor::Range,
        Assignor::RoundRobin,
        Assignor::Sticky,
        Assignor::CooperativeSticky,
    ] {
        let given = assign(assignor, &members, &counts(2, 2));
        assert!(
            of(&given, 2).iter().all(|p| p.topic == TopicId(0)),
            "{assignor:?}"
        );
        assert_eq!(shares(&given).iter().sum::<usize>(), 4, "{assignor:?}");
    }
}

#[test]
fn sticky_moves_no_more_than_balance_needs() {
    let held: Vec<_> = (0..5).map(|nth| p(0, nth)).collect();
    let topic = &BOTH[..1];
    let members = [member(1, topic, &held), member(2, topic, &[])];
    let given = assign(Assignor::Sticky, &members, &counts(5, 0));
    assert_eq!(of(&given, 1), held[..3]);
    assert_eq!(of(&given, 2), held[3..]);
}

#[test]
fn cooperative_takes_away_first_and_gives_in_the_next_round() {
    let held: Vec<_> = (0..5).map(|nth| p(0, nth)).collect();
    let topic = &BOTH[..1];
    let first = [member(1, topic, &held), member(2, topic, &[])];
    let given = assign(Assignor::CooperativeSticky, &first, &counts(5, 0));
    assert_eq!(of(&given, 1), held[..3]);
    assert_eq!(of(&given, 2), []);
    let second = [member(1, topic, &held[..3]), member(2, topic, &[])];
    let given = assign(Assignor::CooperativeSticky, &second, &counts(5, 0));
    assert_eq!(of(&given, 1), held[..3]);
    assert_eq!(of(&given, 2), held[3..]);
}

#[test]
fn what_two_claim_is_believed_of_neither() {
    let topic = &BOTH[..1];
    let members = [
        member(1, topic, &[p(0, 0)]),
        member(2, topic, &[p(0, 0), p(0, 1)]),
    ];
    let given = assign(Assignor::CooperativeSticky, &members, &counts(2, 0));
    assert_eq!(of(&given, 2), [p(0, 1)]);
}

#[test]
fn with_more_members_than_partitions_some_have_nothing() {
    let members: Vec<_> = (1..=4).map(|nth| member(nth, &BOTH[..1], &[])).collect();
    for assignor in [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky] {
        let mut shares = shares(&assign(assignor, &members, &counts(2, 0)));
        shares.sort();
        assert_eq!(shares, [0, 0, 1, 1], "{assignor:?}");
    }
}
