//! Schedules by chance. They come in families: all but the last fault are the same, so that their run is played once.

use super::spell::Spell;
use super::{Hunt, REST_US};
use crate::sim::order::sort_by_number;
use crate::sim::{Luck, Micros, Stream};

/// Schedules that begin alike.
pub(super) const FAMILY: u64 = 4;

/// What the members of a family have in common.
#[derive(Clone, Debug)]
pub(super) struct Family {
    number: u64,
    most: u64,
    /// Their faults but for the last one.
    pub first: Vec<Spell>,
    /// The last one begins no earlier, in microseconds.
    pub until_us: Micros,
}

impl Family {
    /// Family `number` of the hunt, with at most so many faults.
    pub fn draw(hunt: &Hunt, number: u64, most: u64) -> Family {
        let mut luck = Luck::new(hunt.seed).stream("hunt", number);
        let count = match luck.below(2) {
            0 => most,
            _ => 1 + luck.below(most),
        };
        let first = (1..count).filter_map(|_| spell(hunt, &mut luck));
        let mut first: Vec<Spell> = first.collect();
        sort_by_number(&mut first, |spell| spell.at_us);
        for place in 1..first.len() {
            // Trouble while there is trouble.
            if luck.below(2) == 0 {
                first[place].at_us = within(&first[place - 1], &mut luck);
            }
        }
        sort_by_number(&mut first, |spell| spell.at_us);
        let mut until_us = first.last().map_or(0, |spell| spell.at_us);
        if hunt.budget.one_at_a_time {
            until_us = 0;
            for spell in &mut first {
                spell.at_us = spell.at_us.max(until_us);
                until_us = spell.ends_us() + REST_US;
            }
        }
        Family {
            number,
            most,
            first,
            until_us,
        }
    }

    /// Whether it is this one.
    pub fn is(&self, number: u64, most: u64) -> bool {
        (self.number, self.most) == (number, most)
    }

    /// Its member number `nth`.
    pub fn member(&self, hunt: &Hunt, nth: u64) -> Vec<Spell> {
        let mut luck = Luck::new(hunt.seed).stream("hunt-last", self.number * FAMILY + nth);
        let mut spells = self.first.clone();
        if let Some(mut last) = spell(hunt, &mut luck) {
            if let Some(before) = self.first.last() {
                // Half of them while there is trouble, and whatever would come before it.
                let at_us = within(before, &mut luck);
                if luck.below(2) == 0 || last.at_us < self.until_us {
                    last.at_us = at_us;
                }
            }
            last.at_us = last.at_us.max(self.until_us);
            spells.push(last);
        }
        spells
    }
}

fn spell(hunt: &Hunt, luck: &mut Stream) -> Option<Spell> {
    Spell::draw(hunt.experiment(), &hunt.kinds, &hunt.points, luck)
}

/// Some time while `before` lasts, in microseconds.
fn within(before: &Spell, luck: &mut Stream) -> Micros {
    before.at_us + luck.below(before.lasts_us.unwrap_or(REST_US))
}
