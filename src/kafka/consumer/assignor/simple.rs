//! `RangeAssignor` and `RoundRobinAssignor`: what was assigned before plays no part.

use super::{PartitionCounts, all_partitions, give, nothing_yet, topics_of};
use crate::kafka::TopicPartition;
use crate::kafka::group::protocol::{Assignment, JoinedMember};

/// Topic by topic, each member gets a run of partitions; the first get one more where it does not
/// come out even. With many topics that adds up.
pub fn range(members: &[&JoinedMember], counts: &PartitionCounts) -> Assignment {
    let mut assignment = nothing_yet(members);
    for topic in topics_of(members) {
        let wants = |m: &&&JoinedMember| m.subscription.topics.contains(&topic);
        let takers: Vec<&&JoinedMember> = members.iter().filter(wants).collect();
        let partitions: Vec<TopicPartition> = all_partitions(topic, counts).collect();
        let (each, more) = (
            partitions.len() / takers.len(),
            partitions.len() % takers.len(),
        );
        let mut rest = partitions.into_iter();
        for (place, taker) in takers.iter().enumerate() {
            for partition in rest.by_ref().take(each + usize::from(place < more)) {
                give(&mut assignment, taker.member, partition);
            }
        }
    }
    assignment
}

/// All partitions of all topics in one row, dealt out in turn.
pub fn round_robin(members: &[&JoinedMember], counts: &PartitionCounts) -> Assignment {
    let mut assignment = nothing_yet(members);
    let mut next = 0;
    for topic in topics_of(members) {
        for partition in all_partitions(topic, counts) {
            // Someone subscribed to every topic in the list, so this ends.
            let wants = |place: usize| members[place].subscription.topics.contains(&topic);
            while !wants(next % members.len()) {
                next += 1;
            }
            give(
                &mut assignment,
                members[next % members.len()].member,
                partition,
            );
            next += 1;
        }
    }
    assignment
}
