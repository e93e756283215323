//! `StickyAssignor` and `CooperativeStickyAssignor`: balanced first, then as few moves as can be.

use crate::sim::order::{Map, Set};
use std::collections::VecDeque;

use super::{PartitionCounts, all_partitions, topics_of};
use crate::kafka::TopicPartition;
use crate::kafka::group::protocol::{Assignment, JoinedMember, MemberId};

/// What each member holds, or will hold.
type Holdings = Map<MemberId, Vec<TopicPartition>>;

/// Eager: what was held last time comes from the user data.
pub fn assign(members: &[&JoinedMember], counts: &PartitionCounts) -> Assignment {
    let held = claims(members, |member| &member.subscription.prior);
    balance(members, &held, counts).into_iter().collect()
}

/// Cooperative: a partition that moves is first only taken away; the rebalance that follows gives
/// it to its new owner (`CooperativeStickyAssignor.adjustAssignment`).
pub fn assign_cooperatively(members: &[&JoinedMember], counts: &PartitionCounts) -> Assignment {
    let held = claims(members, |member| &member.subscription.owned);
    let mut wanted = balance(members, &held, counts);
    for (member, partitions) in &mut wanted {
        let elsewhere = |p: &TopicPartition| {
            let mut others = held.iter().filter(|(other, _)| *other != member);
            others.any(|(_, theirs)| theirs.contains(p))
        };
        partitions.retain(|partition| !elsewhere(partition));
    }
    wanted.into_iter().collect()
}

/// What members say they hold; only those of the latest generation are believed, and nobody where
/// two of them claim the same.
fn claims<'a>(
    members: &[&'a JoinedMember],
    said: impl Fn(&'a JoinedMember) -> &'a Vec<TopicPartition>,
) -> Holdings {
    let latest = members
        .iter()
        .filter_map(|m| m.subscription.generation)
        .max();
    let current = |m: &&&JoinedMember| m.subscription.generation == latest;
    let mut held: Holdings = members.iter().map(|m| (m.member, Vec::new())).collect();
    let mut claimants = Map::<TopicPartition, usize>::new();
    for member in members.iter().filter(current) {
        for partition in said(member) {
            *claimants.get_or_default(*partition) += 1;
        }
    }
    for member in members.iter().filter(current) {
        let alone = |p: &&TopicPartition| claimants.get(*p) == Some(&1);
        let topics = &member.subscription.topics;
        let mut mine: Vec<TopicPartition> = said(member).iter().filter(alone).copied().collect();
        mine.retain(|partition| topics.contains(&partition.topic));
        mine.sort();
        held.insert(member.member, mine);
    }
    held
}

fn balance(members: &[&JoinedMember], held: &Holdings, counts: &PartitionCounts) -> Holdings {
    let mut all = topics_of(members);
    all.dedup();
    let first = members.first().map(|m| &m.subscription.topics);
    let partitions: Vec<TopicPartition> = all
        .iter()
        .flat_map(|topic| all_partitions(*topic, counts))
        .collect();
    match members
        .iter()
        .all(|m| Some(&m.subscription.topics) == first)
    {
        true => constrained(members, held, &partitions),
        false => general(members, held, &partitions),
    }
}

/// All members want the same topics (`ConstrainedAssignmentBuilder`).
fn constrained(members: &[&JoinedMember], held: &Holdings, all: &[TopicPartition]) -> Holdings {
    let least = all.len() / members.len();
    let most = all.len().div_ceil(members.len());
    let may_have_most = all.len() % members.len();
    let mut have_most = 0;
    let mut assignment = Holdings::new();
    let (mut under, mut even) = (VecDeque::new(), VecDeque::new());
    for (member, owned) in held {
        let owned: Vec<TopicPartition> =
            owned.iter().filter(|p| all.contains(p)).copied().collect();
        let keep = if owned.len() < least {
            under.push_back(*member);
            owned.len()
        } else if owned.len() >= most && have_most < may_have_most {
            have_most += 1;
            most
        } else {
            even.push_back(*member);
            least
        };
        assignment.insert(*member, owned.into_iter().take(keep).collect());
    }
    for partition in unassigned(&assignment, all) {
        // First whoever has too little, in turn; then those one above it, once each.
        let Some(member) = under.pop_front().or_else(|| even.pop_front()) else {
            break;
        };
        let mine = assignment.get_or_default(member);
        mine.push(partition);
        match mine.len() {
            count if count < least => under.push_back(member),
            count if count == least => even.push_back(member),
            _ => {}
        }
    }
    assignment
}

/// Members want different topics: each keeps what it may, the rest goes to whoever has least, and
/// then partitions move while that evens things out.
fn general(members: &[&JoinedMember], held: &Holdings, all: &[TopicPartition]) -> Holdings {
    let wants = |member: MemberId, partition: TopicPartition| {
        let mut that = members.iter().filter(|m| m.member == member);
        that.any(|m| m.subscription.topics.contains(&partition.topic))
    };
    let mut assignment = held.clone();
    for partition in unassigned(&assignment, all) {
        let takers = assignment
            .iter()
            .filter(|(member, _)| wants(**member, partition));
        let poorest = takers
            .min_by_key(|(_, mine)| mine.len())
            .map(|(member, _)| *member);
        if let Some(member) = poorest {
            assignment.get_or_default(member).push(partition);
        }
    }
    while let Some((from, to, partition)) = evening_move(&assignment, &wants) {
        assignment.get_or_default(from).retain(|p| *p != partition);
        assignment.get_or_default(to).push(partition);
    }
    assignment
}

fn evening_move(
    assignment: &Holdings,
    wants: &impl Fn(MemberId, TopicPartition) -> bool,
) -> Option<(MemberId, MemberId, TopicPartition)> {
    for (rich, theirs) in assignment {
        for (poor, mine) in assignment {
            if theirs.len() < mine.len() + 2 {
                continue;
            }
            if let Some(partition) = theirs.iter().rev().find(|p| wants(*poor, **p)) {
                return Some((*rich, *poor, *partition));
            }
        }
    }
    None
}

fn unassigned(assignment: &Holdings, all: &[TopicPartition]) -> Vec<TopicPartition> {
    let taken: Set<&TopicPartition> = assignment.values().flatten().collect();
    all.iter()
        .filter(|partition| !taken.contains(partition))
        .copied()
        .collect()
}
