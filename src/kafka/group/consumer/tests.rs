//! Groups of the consumer protocol, heartbeat by heartbeat, without a cluster.

use super::assignor::{Candidate, assign};
use super::heartbeat::{Around, Outcome};
use super::*;
use crate::kafka::config::{BrokerConfig, RemoteAssignor};
use crate::kafka::group::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use crate::sim::{NodeId, SECOND};

const T: TopicId = TopicId(0);
const U: TopicId = TopicId(1);
const A: MemberId = member(1);
const B: MemberId = member(2);
const C: MemberId = member(3);

const fn member(node: u8) -> MemberId {
    let node = NodeId(node);
    MemberId { node, nth: 0 }
}

fn t(partitions: impl IntoIterator<Item = u16>) -> Vec<TopicPartition> {
    let partitions = partitions.into_iter();
    partitions.map(|p| TopicPartition::new(T, p)).collect()
}

/// A group over topic `t`, as its coordinator has it, and the clock.
struct Rig {
    group: ConsumerGroup,
    config: BrokerConfig,
    partitions: u16,
    now: Micros,
}

impl Rig {
    fn new(partitions: u16) -> Self {
        Rig {
            group: ConsumerGroup::new(GroupId(0)),
            config: BrokerConfig::default(),
            partitions,
            now: 0,
        }
    }

    /// A heartbeat that says everything.
    fn full(id: MemberId, epoch: i32, owned: Vec<TopicPartition>) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            rebalance_timeout_ms: Some(300_000),
            topics: Some(vec![T]),
            owned: Some(owned),
            ..Rig::nothing_new(id, epoch)
        }
    }

    fn nothing_new(id: MemberId, epoch: i32) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group: GroupId(0),
            member: id,
            epoch,
            instance: None,
            rebalance_timeout_ms: None,
            topics: None,
            assignor: None,
            owned: None,
        }
    }

    /// Two seconds later, a heartbeat comes and is written down.
    fn hear(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, ErrorCode> {
        self.now += 2 * SECOND;
        let partitions = self.partitions;
        let around = Around {
            config: &self.config,
            count: &|_| partitions,
            now: self.now,
        };
        let Outcome {
            records, response, ..
        } = self.group.heartbeat(request, &around)?;
        for record in &records {
            self.group.replay(record);
        }
        Ok(response)
    }

    fn joins(&mut self, id: MemberId) -> ConsumerGroupHeartbeatResponse {
        self.hear(&Rig::full(id, JOIN_EPOCH, Vec::new()))
            .expect("whoever is new may join")
    }

    /// Nothing has changed at the member.
    fn goes_on(&mut self, id: MemberId) -> ConsumerGroupHeartbeatResponse {
        let epoch = self.group.members[&id].current.epoch;
        self.hear(&Rig::nothing_new(id, epoch)).expect("a member")
    }

    /// The member now has exactly this.
    fn has(&mut self, id: MemberId, owned: Vec<TopicPartition>) -> ConsumerGroupHeartbeatResponse {
        let request = ConsumerGroupHeartbeatRequest {
            owned: Some(owned),
            ..Rig::nothing_new(id, self.group.members[&id].current.epoch)
        };
        self.hear(&request).expect("a member")
    }

    fn leaves(&mut self, id: MemberId) {
        self.group.replay(&ConsumerGroupRecord::Gone(id));
        let (epoch, topics) = (self.group.epoch + 1, self.group.topics.clone());
        self.group
            .replay(&ConsumerGroupRecord::Epoch { epoch, topics });
    }

    /// Whoever had it a moment ago must have given it up before another has it.
    fn nothing_is_held_twice(&self) {
        let mut held: Vec<TopicPartition> = Vec::new();
        for member in self.group.members.values() {
            let all = member
                .current
                .assigned
                .iter()
                .chain(&member.current.revoking);
            held.extend(all.map(|(partition, _)| *partition));
        }
        let count = held.len();
        held.sort_unstable();
        held.dedup();
        assert_eq!(held.len(), count, "{:?}", self.group.members);
    }
}

#[test]
fn the_first_member_gets_everything_with_its_first_heartbeat() {
    let mut rig = Rig::new(3);
    let told = rig.joins(A);
    assert_eq!(told.assignment, Some(t(0..3)));
    assert_eq!(
        (told.epoch, rig.group.epoch, rig.group.target_epoch),
        (1, 1, 1)
    );
    assert_eq!(rig.goes_on(A).assignment, None, "no news is not told");
}

#[test]
fn a_second_member_waits_until_the_first_has_given_up_what_is_to_be_its() {
    let mut rig = Rig::new(4);
    rig.joins(A);
    rig.has(A, t(0..4));
    assert_eq!(
        rig.joins(B).assignment,
        Some(Vec::new()),
        "all is still taken"
    );
    let told = rig.goes_on(A);
    assert_eq!(told.assignment, Some(t(0..2)));
    assert_eq!(
        told.epoch, 1,
        "it stays behind until it has given up the rest"
    );
    assert_eq!(rig.goes_on(B).assignment, None);
    assert_eq!(rig.has(A, t(0..2)).epoch, 2);
    assert_eq!(rig.goes_on(B).assignment, Some(t(2..4)));
    rig.nothing_is_held_twice();
}

#[test]
fn two_members_that_swap_partitions_never_both_have_one() {
    let mut rig = Rig::new(2);
    rig.joins(A);
    rig.has(A, t(0..2));
    rig.joins(B);
    rig.goes_on(A);
    rig.has(A, t(0..1));
    rig.goes_on(B);
    rig.has(B, t(1..2));
    // The target is turned round: each is to have what the other has.
    let epoch = rig.group.epoch + 1;
    let (topics, at) = (rig.group.topics.clone(), rig.now);
    for record in [
        ConsumerGroupRecord::Epoch { epoch, topics },
        ConsumerGroupRecord::Target(A, t(1..2)),
        ConsumerGroupRecord::Target(B, t(0..1)),
        ConsumerGroupRecord::TargetEpoch { epoch, at },
    ] {
        rig.group.replay(&record);
    }
    let mut owned = [(A, t(0..1)), (B, t(1..2))];
    for turn in 0..8 {
        let place = turn % 2;
        let mut told = rig.goes_on(owned[place].0).assignment;
        while let Some(assignment) = told {
            owned[place].1 = assignment;
            let others = &owned[1 - place].1;
            assert!(owned[place].1.iter().all(|p| !others.contains(p)));
            let (id, has) = owned[place].clone();
            told = rig.has(id, has).assignment;
            rig.nothing_is_held_twice();
        }
    }
    assert_eq!(owned, [(A, t(1..2)), (B, t(0..1))]);
}

#[test]
fn members_that_come_one_right_after_the_other_are_shared_out_to_at_once() {
    let mut rig = Rig::new(2);
    rig.joins(A);
    // Within group.consumer.assignment.interval.ms of the last one nothing is computed.
    rig.now -= 2 * SECOND;
    rig.joins(B);
    assert_eq!((rig.group.epoch, rig.group.target_epoch), (2, 1));
    assert_eq!(rig.goes_on(A).assignment, Some(t(0..1)));
    assert_eq!(rig.group.target_epoch, 2);
}

#[test]
fn a_member_with_a_wrong_epoch_is_fenced_unless_the_answer_that_raised_it_was_lost() {
    let mut rig = Rig::new(2);
    rig.joins(A);
    rig.has(A, t(0..2));
    rig.joins(B);
    rig.goes_on(A);
    assert_eq!(rig.has(A, t(0..1)).epoch, 2);
    let fenced = Some(ErrorCode::FencedMemberEpoch);
    let too_new = rig.hear(&Rig::nothing_new(A, 3));
    assert_eq!(too_new.err(), fenced);
    let behind = rig.hear(&Rig::nothing_new(A, 1));
    assert_eq!(behind.err(), fenced, "it does not say what it has");
    let told = rig.hear(&Rig::full(A, 1, t(0..1))).expect("let through");
    assert_eq!((told.epoch, told.assignment), (2, Some(t(0..1))));
    let unknown = rig.hear(&Rig::nothing_new(C, 1));
    assert_eq!(unknown.err(), Some(ErrorCode::UnknownMemberId));
    assert_eq!(
        rig.joins(A).epoch,
        2,
        "who is fenced joins again with epoch 0"
    );
}

#[test]
fn a_static_member_s_name_is_taken_until_it_leaves_for_a_while() {
    let mut rig = Rig::new(2);
    let named = |id| ConsumerGroupHeartbeatRequest {
        instance: Some("i1".into()),
        ..Rig::full(id, JOIN_EPOCH, Vec::new())
    };
    rig.hear(&named(A)).expect("the name is free");
    let refused = rig.hear(&named(B));
    assert_eq!(refused.err(), Some(ErrorCode::UnreleasedInstanceId));
    let left = Current {
        epoch: LEAVE_STATIC_EPOCH,
        ..(*rig.group.members[&A].current).clone()
    };
    rig.group
        .replay(&ConsumerGroupRecord::Current(A, Rc::new(left)));
    rig.joins(C);
    assert_eq!(
        rig.group.members[&C].current.assigned,
        [],
        "A's part is kept for it"
    );
    let told = rig.hear(&named(B)).expect("the name was given back");
    assert!(told.assignment.is_some_and(|a| !a.is_empty()));
    let old = ConsumerGroupHeartbeatRequest {
        instance: Some("i1".into()),
        ..Rig::nothing_new(A, 1)
    };
    assert_eq!(rig.hear(&old).err(), Some(ErrorCode::FencedInstanceId));
    rig.nothing_is_held_twice();
}

#[test]
fn partitions_that_are_added_are_shared_out_with_the_next_heartbeat() {
    let mut rig = Rig::new(2);
    rig.joins(A);
    rig.partitions = 3;
    assert_eq!(rig.goes_on(A).assignment, Some(t(0..3)));
    assert_eq!(rig.group.epoch, 2);
}

#[test]
fn a_topic_that_a_member_unsubscribes_from_is_taken_from_it() {
    let mut rig = Rig::new(1);
    let both = ConsumerGroupHeartbeatRequest {
        topics: Some(vec![T, U]),
        ..Rig::full(A, JOIN_EPOCH, Vec::new())
    };
    let all = vec![TopicPartition::new(T, 0), TopicPartition::new(U, 0)];
    assert_eq!(rig.hear(&both).expect("it joins").assignment, Some(all));
    let one = ConsumerGroupHeartbeatRequest {
        topics: Some(vec![U]),
        ..Rig::nothing_new(A, 1)
    };
    let told = rig.hear(&one).expect("a member");
    assert_eq!(told.assignment, Some(vec![TopicPartition::new(U, 0)]));
}

#[test]
fn a_commit_needs_the_epoch_at_which_its_partitions_were_assigned() {
    let mut rig = Rig::new(2);
    rig.joins(A);
    rig.has(A, t(0..2));
    rig.joins(B);
    rig.goes_on(A);
    rig.has(A, t(0..1));
    rig.goes_on(B);
    let commit = |id, epoch, p| {
        let partitions = t([p]).into_iter();
        rig.group.validate_commit(Some(id), epoch, partitions)
    };
    let stale = Err(ErrorCode::StaleMemberEpoch);
    assert_eq!(commit(A, Some(2), 0), Ok(()));
    assert_eq!(commit(A, Some(2), 1), Ok(()), "nobody asks whose it is");
    assert_eq!(
        commit(A, Some(1), 0),
        Ok(()),
        "it has had t-0 since epoch 1"
    );
    assert_eq!(commit(A, Some(1), 1), stale, "and t-1 no more");
    assert_eq!(commit(B, Some(1), 1), stale, "B has it since epoch 2");
    assert_eq!(commit(A, Some(3), 0), stale);
    let unknown = Err(ErrorCode::UnknownMemberId);
    assert_eq!(commit(C, Some(2), 0), unknown);
    assert_eq!(commit(A, None, 0), unknown, "a member that left");
    rig.leaves(A);
    rig.leaves(B);
    let nobody_there = rig.group.validate_commit(None, None, t([0]).into_iter());
    assert_eq!(nobody_there, Ok(()));
}

#[test]
fn what_was_written_is_what_the_next_coordinator_knows() {
    let mut rig = Rig::new(4);
    let mut written = Vec::new();
    let requests = [
        Rig::full(A, JOIN_EPOCH, Vec::new()),
        Rig::full(B, JOIN_EPOCH, Vec::new()),
        Rig::nothing_new(A, 1),
    ];
    for request in requests {
        rig.now += 2 * SECOND;
        let around = Around {
            config: &rig.config,
            count: &|_| 4,
            now: rig.now,
        };
        let outcome = rig.group.heartbeat(&request, &around).expect("heard");
        for record in outcome.records {
            rig.group.replay(&record);
            written.push(record);
        }
    }
    let mut next = ConsumerGroup::new(GroupId(0));
    for record in &written {
        next.replay(record);
    }
    // In the middle of a reconciliation: A has not given up anything yet.
    let state = |group: &ConsumerGroup| group.members[&A].current.state;
    assert_eq!(state(&next), MemberState::UnrevokedPartitions);
    rig.group = next;
    assert_eq!(
        rig.goes_on(B).assignment,
        None,
        "nobody gets what A still has"
    );
    rig.has(A, t(0..2));
    assert_eq!(rig.goes_on(B).assignment, Some(t(2..4)));
    rig.nothing_is_held_twice();
}

/// One assignment after the other, each from the one before; gives the last.
fn shared_out(
    assignor: RemoteAssignor,
    rounds: &[&[(MemberId, &[TopicId])]],
    topics: &[(TopicId, u16)],
) -> Vec<Vec<TopicPartition>> {
    let mut before: Vec<(MemberId, Vec<TopicPartition>)> = Vec::new();
    for members in rounds {
        let mut candidates = Vec::new();
        for (id, topics) in *members {
            let known = before.iter().find(|(other, _)| other == id);
            candidates.push(Candidate {
                id: *id,
                instance: None,
                topics,
                target: known.map_or(&[], |(_, target)| target),
            });
        }
        let parts = assign(assignor, &candidates, topics);
        before = members.iter().map(|(id, _)| *id).zip(parts).collect();
    }
    before.into_iter().map(|(_, part)| part).collect()
}

#[test]
fn uniform_shares_evenly_and_moves_as_little_as_it_can() {
    let uniform = |rounds: &[&[(MemberId, &[TopicId])]]| {
        shared_out(RemoteAssignor::Uniform, rounds, &[(T, 5)])
    };
    let (a, b, c): (_, _, (MemberId, &[TopicId])) = ((A, &[T][..]), (B, &[T][..]), (C, &[T]));
    assert_eq!(uniform(&[&[a]]), [t(0..5)]);
    assert_eq!(uniform(&[&[a], &[a, b]]), [t(0..3), t(3..5)]);
    assert_eq!(
        uniform(&[&[a], &[a, b], &[a, b, c]]),
        [t(0..2), t(3..5), t(2..3)]
    );
    assert_eq!(
        uniform(&[&[a], &[a, b], &[a, b, c], &[a, c]]),
        [t(0..2), t(2..5)]
    );
}

#[test]
fn uniform_gives_to_each_only_what_it_wants() {
    let rounds: [&[(MemberId, &[TopicId])]; 2] = [&[(A, &[T, U])], &[(A, &[T, U]), (B, &[U])]];
    let parts = shared_out(RemoteAssignor::Uniform, &rounds, &[(T, 1), (U, 3)]);
    assert!(parts[1].iter().all(|p| p.topic == U));
    let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2]);
}

#[test]
fn range_gives_neighbours_topic_by_topic() {
    let rounds: [&[(MemberId, &[TopicId])]; 1] = [&[(A, &[T, U]), (B, &[T]), (C, &[T, U])]];
    let parts = shared_out(RemoteAssignor::Range, &rounds, &[(T, 5), (U, 1)]);
    let mut of_a = t(0..2);
    of_a.push(TopicPartition::new(U, 0));
    assert_eq!(parts, [of_a, t(2..4), t(4..5)]);
}
