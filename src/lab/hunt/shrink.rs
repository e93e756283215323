//! Making a schedule smaller that is known to break something: fewer actions, simpler faults, rounder times.

use super::spell::{Kind, Spell};
use crate::sim::{MS, Micros, SECOND};

/// What a time is rounded to, the roundest first.
const ROUND_US: [Micros; 7] = [5 * SECOND, SECOND, 500 * MS, 100 * MS, 50 * MS, 10 * MS, MS];

/// Everything one could try to make `spells` smaller, the boldest first.
pub(super) fn candidates(spells: &[Spell]) -> Vec<Vec<Spell>> {
    let mut all = Vec::new();
    let mut offer = |changed: Vec<Spell>| {
        if changed != spells && !all.contains(&changed) {
            all.push(changed);
        }
    };
    for place in 0..spells.len() {
        let mut fewer = spells.to_vec();
        fewer.remove(place);
        offer(fewer);
    }
    for place in 0..spells.len() {
        let with = |change: &dyn Fn(&mut Spell)| {
            let mut changed = spells.to_vec();
            change(&mut changed[place]);
            changed
        };
        let spell = &spells[place];
        offer(with(&|spell| spell.lasts_us = None));
        if let Some(kind) = simpler(spell.kind) {
            offer(with(&|spell| spell.kind = kind));
        }
        for at_us in rounder(spell.at_us) {
            offer(with(&|spell| spell.at_us = at_us));
        }
        for lasts_us in spell.lasts_us.into_iter().flat_map(rounder) {
            offer(with(&|spell| spell.lasts_us = Some(lasts_us)));
        }
    }
    all
}

/// A fault that takes less.
fn simpler(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::NewDisk => Some(Kind::PowerOff),
        Kind::PowerOff => Some(Kind::Kill),
        Kind::Stop => Some(Kind::Kill),
        _ => None,
    }
}

/// Rounder times near this one, down and up, none as round as it is.
fn rounder(time_us: Micros) -> Vec<Micros> {
    let mut all = Vec::new();
    for round_us in ROUND_US {
        if time_us.is_multiple_of(round_us) {
            break;
        }
        let down_us = time_us - time_us % round_us;
        all.extend(
            [down_us, down_us + round_us]
                .into_iter()
                .filter(|us| *us > 0),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NodeId;

    fn spell(at_us: Micros) -> Spell {
        Spell {
            kind: Kind::Kill,
            node: NodeId(1),
            other: None,
            directory: 0,
            at_us,
            lasts_us: Some(2 * SECOND),
        }
    }

    #[test]
    fn whatever_is_offered_is_fewer_simpler_or_rounder_so_that_it_ends() {
        assert!(rounder(5 * SECOND).is_empty());
        assert_eq!(rounder(7 * SECOND), [5 * SECOND, 10 * SECOND]);
        let one = [spell(10 * SECOND)];
        let offered = candidates(&one);
        assert!(offered.contains(&Vec::new()));
        assert!(offered.iter().all(|changed| changed.as_slice() != one));
    }
}
