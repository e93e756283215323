//! What handlers have done to the business: the seen-table of idempotent handlers. It lies in the
//! application's database, which all members of a group share and which outlives them.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::kafka::{GroupId, MessageId};
use crate::sim::Micros;
use crate::sim::order::Map;

/// Messages a page of the table.
const PAGE_MESSAGES: u32 = 4096;

type Page = [u64; PAGE_MESSAGES as usize / 64];

/// How much a table remembers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// So many messages; 0 is all.
    pub most: usize,
    /// For so long; 0 is for ever.
    pub age_us: Micros,
}

/// Messages in the order they came, and when that was.
type Recent = VecDeque<(MessageId, Micros)>;

/// Which messages each group has worked on. Pages are shared between copies of a world.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pages: Map<u64, Rc<Page>>,
    /// Where a table forgets: what is in it, the oldest first.
    recent: Vec<(Option<GroupId>, Recent)>,
}

impl Effects {
    /// Remembers `message` at `now`; false if it was there already.
    pub fn insert(
        &mut self,
        group: Option<GroupId>,
        message: MessageId,
        memory: Memory,
        now: Micros,
    ) -> bool {
        if memory.age_us > 0 {
            let too_old = |at: Micros| at.saturating_add(memory.age_us) <= now;
            self.forget_while(group, |recent| {
                recent.front().is_some_and(|(_, at)| too_old(*at))
            });
        }
        let (word, bit) = self.word(group, message);
        let new = *word & bit == 0;
        *word |= bit;
        if new && (memory.most > 0 || memory.age_us > 0) {
            self.recent_of(group).push_back((message, now));
            self.forget_while(group, |recent| {
                memory.most > 0 && recent.len() > memory.most
            });
        }
        new
    }

    fn word(&mut self, group: Option<GroupId>, message: MessageId) -> (&mut u64, u64) {
        let (page, place) = (message.0 / PAGE_MESSAGES, message.0 % PAGE_MESSAGES);
        let empty = || Rc::new([0; PAGE_MESSAGES as usize / 64]);
        // One number is compared faster than a group and a page.
        let group = group.map_or(0, |group| u64::from(group.0) + 1);
        let page = self
            .pages
            .get_or_insert_with(group << 32 | u64::from(page), empty);
        let page = Rc::make_mut(page);
        (&mut page[place as usize / 64], 1 << (place % 64))
    }

    fn recent_of(&mut self, group: Option<GroupId>) -> &mut Recent {
        let known = self.recent.iter().position(|(of, _)| *of == group);
        let place = known.unwrap_or_else(|| {
            self.recent.push((group, VecDeque::new()));
            self.recent.len() - 1
        });
        &mut self.recent[place].1 // it is there now
    }

    /// Forgets the oldest as long as `goes`.
    fn forget_while(&mut self, group: Option<GroupId>, goes: impl Fn(&Recent) -> bool) {
        while goes(self.recent_of(group)) {
            let Some((oldest, _)) = self.recent_of(group).pop_front() else {
                return;
            };
            let (word, bit) = self.word(group, oldest);
            *word &= !bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Memory = Memory { most: 0, age_us: 0 };
    const THREE: Memory = Memory { most: 3, age_us: 0 };

    #[test]
    fn a_message_is_new_once_in_each_group() {
        let (mut effects, one) = (Effects::default(), Some(GroupId(1)));
        for message in [0, 63, 64, 4095, 4096, u32::MAX] {
            assert!(effects.insert(one, MessageId(message), ALL, 0));
            assert!(!effects.insert(one, MessageId(message), ALL, 0));
            assert!(effects.insert(None, MessageId(message), ALL, 0));
        }
    }

    #[test]
    fn a_copy_goes_its_own_way() {
        let mut effects = Effects::default();
        effects.insert(None, MessageId(1), ALL, 0);
        let mut copy = effects.clone();
        assert!(copy.insert(None, MessageId(2), ALL, 0));
        assert!(!copy.insert(None, MessageId(1), ALL, 0));
        assert!(effects.insert(None, MessageId(2), ALL, 0));
    }

    #[test]
    fn a_table_with_a_size_forgets_the_oldest() {
        let mut effects = Effects::default();
        for message in 1..=4 {
            assert!(effects.insert(None, MessageId(message), THREE, 0));
        }
        assert!(
            !effects.insert(None, MessageId(2), THREE, 0),
            "2 is still there"
        );
        assert!(
            effects.insert(None, MessageId(1), THREE, 0),
            "1 was forgotten"
        );
        assert!(effects.insert(None, MessageId(2), THREE, 0), "and now 2 is");
    }

    #[test]
    fn a_table_with_an_age_forgets_what_is_older() {
        let (mut effects, m) = (Effects::default(), MessageId(7));
        let memory = Memory {
            most: 0,
            age_us: 100,
        };
        assert!(effects.insert(None, m, memory, 1_000));
        assert!(!effects.insert(None, m, memory, 1_099), "still there");
        assert!(effects.insert(None, m, memory, 1_100), "too old");
        assert!(!effects.insert(None, m, memory, 1_199), "and new again");
    }
}
