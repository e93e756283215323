//! Who is to have which partitions in the end: the assignors of the coordinator.

use super::super::protocol::{InstanceId, MemberId};
use crate::kafka::config::RemoteAssignor;
use crate::kafka::{TopicId, TopicPartition};
use crate::sim::order::Set;

/// A member as an assignor sees it.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub id: MemberId,
    pub instance: Option<&'a InstanceId>,
    pub topics: &'a [TopicId],
    /// Its part of the last target.
    pub target: &'a [TopicPartition],
}

impl Candidate<'_> {
    fn wants(&self, partition: TopicPartition) -> bool {
        self.topics.contains(&partition.topic)
    }
}

/// Each member's part, in the order of `members`.
pub(super) fn assign(
    assignor: RemoteAssignor,
    members: &[Candidate],
    topics: &[(TopicId, u16)],
) -> Vec<Vec<TopicPartition>> {
    let alike = members
        .windows(2)
        .all(|pair| pair[0].topics == pair[1].topics);
    let mut parts = match assignor {
        RemoteAssignor::Range => range(members, topics),
        RemoteAssignor::Uniform if alike => uniform_alike(members, topics),
        RemoteAssignor::Uniform => uniform_mixed(members, topics),
    };
    for part in &mut parts {
        part.sort_unstable();
    }
    parts
}

fn partitions_of(topics: &[(TopicId, u16)]) -> impl Iterator<Item = TopicPartition> {
    let of = |(topic, count): &(TopicId, u16)| {
        let topic = *topic;
        (0..*count).map(move |partition| TopicPartition::new(topic, partition))
    };
    topics.iter().flat_map(of)
}

/// `RangeAssignor`: static members by their instance ids come first.
fn range(members: &[Candidate], topics: &[(TopicId, u16)]) -> Vec<Vec<TopicPartition>> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    let key = |place: usize| {
        let member = &members[place];
        (member.instance.is_none(), member.instance, member.id)
    };
    order.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)));
    let mut parts = vec![Vec::new(); members.len()];
    for (topic, count) in topics {
        let takers = order.iter().filter(|m| members[**m].topics.contains(topic));
        let number = takers.clone().count() as u16;
        let mut next = 0;
        for (nth, member) in takers.enumerate() {
            let extra = u16::from((nth as u16) < count % number);
            let end = next + count / number + extra;
            let share = (next..end).map(|partition| TopicPartition::new(*topic, partition));
            parts[*member].extend(share);
            next = end;
        }
    }
    parts
}

/// `UniformHomogeneousAssignmentBuilder`: all want the same topics. Everyone keeps what it had up to
/// its share; what is left over goes to those who have less.
fn uniform_alike(members: &[Candidate], topics: &[(TopicId, u16)]) -> Vec<Vec<TopicPartition>> {
    let assigned: Set<TopicPartition> = members.iter().flat_map(|m| m.target).copied().collect();
    let all = partitions_of(topics).filter(|p| members[0].wants(*p));
    let mut unassigned: Vec<TopicPartition> = Vec::new();
    let mut total = 0;
    for partition in all {
        total += 1;
        if !assigned.contains(&partition) {
            unassigned.push(partition);
        }
    }
    let (share, mut extra) = (total / members.len(), total % members.len());
    let mut parts = Vec::new();
    let mut room = Vec::new();
    for (nth, member) in members.iter().enumerate() {
        let mut has_extra = extra > 0;
        let mut quota = share + usize::from(has_extra);
        let mut kept = Vec::new();
        for partition in member.target.iter().filter(|p| member.wants(**p)) {
            if quota > 0 {
                quota -= 1;
                kept.push(*partition);
            } else {
                unassigned.push(*partition);
            }
        }
        // The extra one is left to a member that has it already, while there may be such.
        if quota > 0 && has_extra && members.len() - nth > extra {
            quota -= 1;
            has_extra = false;
        }
        extra -= usize::from(has_extra);
        parts.push(kept);
        room.push(quota);
    }
    let mut unassigned = unassigned.into_iter();
    for (part, room) in parts.iter_mut().zip(room) {
        part.extend(unassigned.by_ref().take(room));
    }
    parts
}

/// Members want different topics (`UniformHeterogeneousAssignmentBuilder`, told more simply): they
/// keep what they had, the rest goes to whoever has least, and then the full give to the empty.
fn uniform_mixed(members: &[Candidate], topics: &[(TopicId, u16)]) -> Vec<Vec<TopicPartition>> {
    let exists = |p: TopicPartition| {
        topics
            .iter()
            .any(|(t, n)| *t == p.topic && p.partition < *n)
    };
    let keeps = |m: &Candidate| {
        let kept = m.target.iter().copied();
        kept.filter(|p| m.wants(*p) && exists(*p)).collect()
    };
    let mut parts: Vec<Vec<TopicPartition>> = members.iter().map(keeps).collect();
    let least = |parts: &[Vec<TopicPartition>], partition: TopicPartition| {
        let takers = (0..members.len()).filter(|m| members[*m].wants(partition));
        takers.min_by_key(|m| parts[*m].len())
    };
    let holder = |parts: &[Vec<TopicPartition>], p: TopicPartition| {
        parts.iter().position(|part| part.contains(&p))
    };
    for partition in partitions_of(topics) {
        if holder(&parts, partition).is_none()
            && let Some(member) = least(&parts, partition)
        {
            parts[member].push(partition);
        }
    }
    let mut moved = true;
    while moved {
        moved = false;
        for partition in partitions_of(topics) {
            if let (Some(from), Some(to)) = (holder(&parts, partition), least(&parts, partition))
                && parts[from].len() > parts[to].len() + 1
            {
                parts[from].retain(|p| *p != partition);
                parts[to].push(partition);
                moved = true;
            }
        }
    }
    parts
}
