//! The points of a run at which a fault could matter.

use std::mem::{Discriminant, discriminant};

use crate::kafka::{Entry, Journal};
use crate::sim::{Micros, NodeId, Stamped};

/// What was decided at one instant.
type Decided = Vec<(Discriminant<Entry>, NodeId)>;

/// Every distinct decisive point of a run, in microseconds: between two instants at which something was decided. Two
/// points between the same decisions of the same nodes count as one, the first of them: a fault meets the same state
/// there, some messages later.
pub fn decisive_points(journal: &Journal) -> Vec<Micros> {
    let entries = journal.entries();
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
