//! The points of a run at which a fault could matter.

use std::mem::{Discriminant, discriminant};

use crate::kafka::{Entry, Journal};
use crate::lab::experiment::TOPIC;
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, NodeId, Stamped};

/// What was decided at one instant.
type Decided = Vec<(Discriminant<Entry>, NodeId)>;

/// Every distinct decisive point of a run, in microseconds: between two instants at which something was decided. Two
/// points between the same decisions of the same nodes count as one, the first of them: a fault meets the same state
/// there, some messages later.
pub fn decisive_points(journal: &Journal) -> Vec<Micros> {
    decisive_points_from(journal, 0)
}

/// The same of what comes after `from_us`: where a cluster is already at work.
pub fn decisive_points_from(journal: &Journal, from_us: Micros) -> Vec<Micros> {
    let entries = journal.entries();
    let begins = entries.partition_point(|stamped| stamped.at < from_us);
    let entries = &entries[begins..];
    let instants: Vec<(Micros, Decided)> = entries
        .chunk_by(|one, next| one.at == next.at)
        .map(|group| (group[0].at, decided(group))) // chunks are never empty
        .collect();
    let mut known: Vec<(&Decided, &Decided)> = Vec::new();
    let mut points = Vec::new();
    for pair in instants.windows(2) {
        let around = (&pair[0].1, &pair[1].1);
        if !known.contains(&around) {
            known.push(around);
            points.push(pair[0].0);
        }
    }
    points
}

/// Moments at which a leader has just written what no follower has, and none will have for longest: at most `most`, in order of
/// time.
pub fn exposed_points(journal: &Journal, from_us: Micros, most: usize) -> Vec<Micros> {
    let entries = journal.entries();
    let begins = entries.partition_point(|stamped| stamped.at < from_us);
    let entries = &entries[begins..];
    let mut exposed: Vec<(Micros, Micros)> = Vec::new();
    for (place, stamped) in entries.iter().enumerate() {
        let Entry::Appended { partition, entry } = &stamped.what else {
            continue;
        };
        if partition.topic != TOPIC {
            continue;
        }
        let copied = entries[place..].iter().find(|later| match &later.what {
            Entry::Replicated {
                partition: of,
                entries,
            } => {
                of == partition
                    && entries
                        .iter()
                        .any(|copy| copy.base_offset == entry.base_offset)
            }
            _ => false,
        });
        if let Some(copied) = copied {
            exposed.push((copied.at - stamped.at, stamped.at));
        }
    }
    sort_by_number(&mut exposed, |(for_us, _)| Micros::MAX - for_us);
    exposed.truncate(most);
    sort_by_number(&mut exposed, |(_, at_us)| *at_us);
    exposed.into_iter().map(|(_, at_us)| at_us).collect()
}

fn decided(group: &[Stamped<Entry>]) -> Decided {
    let mut all: Decided = Vec::new();
    for stamped in group {
        let one = (discriminant(&stamped.what), stamped.node);
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
