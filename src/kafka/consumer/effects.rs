//! What handlers have done to the business: the seen-table of idempotent handlers. It lies in the
//! application's database, which all members of a group share and which outlives them.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::kafka::{GroupId, MessageId};
use crate::sim::order::Map;

/// Messages a page of the table.
const PAGE_MESSAGES: u32 = 4096;

type Page = [u64; PAGE_MESSAGES as usize / 64];

/// Which messages each group has worked on. Pages are shared between copies of a world.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pages: Map<(Option<GroupId>, u32), Rc<Page>>,
    /// Where a table has a size: what is in it, the oldest first.
    recent: Vec<(Option<GroupId>, VecDeque<MessageId>)>,
}

impl Effects {
    /// Remembers `message`; false if it was there already. A table with a `memory` keeps so many, and forgets the
    /// oldest; with 0 it keeps all.
    pub fn insert(&mut self, group: Option<GroupId>, message: MessageId, memory: usize) -> bool {
        let (word, bit) = self.word(group, message);
        let new = *word & bit == 0;
        *word |= bit;
        if new && memory > 0 {
            self.forget_beyond(group, message, memory);
        }
        new
    }

    fn word(&mut self, group: Option<GroupId>, message: MessageId) -> (&mut u64, u64) {
        let (page, place) = (message.0 / PAGE_MESSAGES, message.0 % PAGE_MESSAGES);
        let empty = || Rc::new([0; PAGE_MESSAGES as usize / 64]);
        let page = Rc::make_mut(self.pages.get_or_insert_with((group, page), empty));
        (&mut page[place as usize / 64], 1 << (place % 64))
    }

    fn forget_beyond(&mut self, group: Option<GroupId>, newest: MessageId, memory: usize) {
        let known = self.recent.iter().position(|(of, _)| *of == group);
        let place = known.unwrap_or_else(|| {
            self.recent.push((group, VecDeque::new()));
            self.recent.len() - 1
        });
        let recent = &mut self.recent[place].1;
        recent.push_back(newest);
        let forgotten = (recent.len() > memory).then(|| recent.pop_front());
        if let Some(oldest) = forgotten.flatten() {
            let (word, bit) = self.word(group, oldest);
            *word &= !bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_new_once_in_each_group() {
        let (mut effects, one) = (Effects::default(), Some(GroupId(1)));
        for message in [0, 63, 64, 4095, 4096, u32::MAX] {
            assert!(effects.insert(one, MessageId(message), 0));
            assert!(!effects.insert(one, MessageId(message), 0));
            assert!(effects.insert(None, MessageId(message), 0));
        }
    }

    #[test]
    fn a_copy_goes_its_own_way() {
        let mut effects = Effects::default();
        effects.insert(None, MessageId(1), 0);
        let mut copy = effects.clone();
        assert!(copy.insert(None, MessageId(2), 0));
        assert!(!copy.insert(None, MessageId(1), 0));
        assert!(effects.insert(None, MessageId(2), 0));
    }

    #[test]
    fn a_table_with_a_size_forgets_the_oldest() {
        let mut effects = Effects::default();
        for message in 1..=4 {
            assert!(effects.insert(None, MessageId(message), 3));
        }
        assert!(!effects.insert(None, MessageId(2), 3), "2 is still there");
        assert!(effects.insert(None, MessageId(1), 3), "1 was forgotten");
        assert!(effects.insert(None, MessageId(2), 3), "and now 2 is");
    }
}
