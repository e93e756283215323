//! How the leader of a classic group shares partitions among members
//! (`ConsumerPartitionAssignor`).

mod simple;
mod sticky;
#[cfg(test)]
mod tests;

use crate::sim::order::{Map, sort_by_number};

use crate::kafka::config::Assignor;
use crate::kafka::group::protocol::{Assignment, JoinedMember, MemberId, Subscription};
use crate::kafka::{TopicId, TopicPartition};

/// How many partitions each topic has.
pub type PartitionCounts = Map<TopicId, u16>;

/// Shares the partitions of all subscribed topics among `members`.
pub fn assign(
    assignor: Assignor,
    members: &[JoinedMember],
    counts: &PartitionCounts,
) -> Assignment {
    let mut ordered: Vec<&JoinedMember> = members.iter().collect();
    // `MemberInfo` sorts static members by their instance id, the others by member id.
    ordered.sort_by(|a, b| match (&a.instance, &b.instance) {
        (Some(one), Some(other)) => one.cmp(other),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.member.cmp(&b.member),
    });
    match assignor {
        Assignor::Range => simple::range(&ordered, counts),
        Assignor::RoundRobin => simple::round_robin(&ordered, counts),
        Assignor::Sticky => sticky::assign(&ordered, counts),
        Assignor::CooperativeSticky => sticky::assign_cooperatively(&ordered, counts),
    }
}

/// Whether members keep what they own while they join again (KIP-429).
pub fn is_cooperative(assignor: Assignor) -> bool {
    assignor == Assignor::CooperativeSticky
}

/// What a member tells the leader.
pub fn subscription(
    assignor: Assignor,
    topics: &[TopicId],
    owned: &[TopicPartition],
    prior: &[TopicPartition],
    generation: Option<u32>,
) -> Subscription {
    let prior = match assignor {
        Assignor::Sticky => prior.to_vec(),
        _ => Vec::new(),
    };
    Subscription {
        topics: topics.to_vec(),
        owned: owned.to_vec(),
        prior,
        generation,
    }
}

fn all_partitions(
    topic: TopicId,
    counts: &PartitionCounts,
) -> impl Iterator<Item = TopicPartition> {
    let count = counts.get(&topic).copied().unwrap_or(0);
    (0..count).map(move |partition| TopicPartition::new(topic, partition))
}

/// Every member with nothing yet, in the order given.
fn nothing_yet(members: &[&JoinedMember]) -> Assignment {
    members.iter().map(|m| (m.member, Vec::new())).collect()
}

fn give(assignment: &mut Assignment, to: MemberId, partition: TopicPartition) {
    if let Some((_, partitions)) = assignment.iter_mut().find(|(member, _)| *member == to) {
        partitions.push(partition);
    }
}

/// All topics anyone subscribed to, in order.
fn topics_of(members: &[&JoinedMember]) -> Vec<TopicId> {
    let mut topics: Vec<TopicId> = Vec::new();
    topics.extend(members.iter().flat_map(|m| &m.subscription.topics));
    sort_by_number(&mut topics, |topic| topic.0.into());
    topics.dedup();
    topics
}
