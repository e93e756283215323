//! What handlers have done to the business: the seen-table of idempotent handlers. It lies in the
//! application's database, which all members of a group share and which outlives them.

use crate::sim::order::Map;
use std::rc::Rc;

use crate::kafka::{GroupId, MessageId};

/// Messages a page of the table.
const PAGE_MESSAGES: u32 = 4096;

type Page = [u64; PAGE_MESSAGES as usize / 64];

/// Which messages each group has worked on. Pages are shared between copies of a world.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pages: Map<(Option<GroupId>, u32), Rc<Page>>,
}

impl Effects {
    /// Remembers `message`; false if it was there already.
    pub fn insert(&mut self, group: Option<GroupId>, message: MessageId) -> bool {
        let (page, place) = (message.0 / PAGE_MESSAGES, message.0 % PAGE_MESSAGES);
        let empty = || Rc::new([0; PAGE_MESSAGES as usize / 64]);
        let page = Rc::make_mut(self.pages.get_or_insert_with((group, page), empty));
        let word = &mut page[place as usize / 64];
        let bit = 1 << (place % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_new_once_in_each_group() {
        let (mut effects, one) = (Effects::default(), Some(GroupId(1)));
        for message in [0, 63, 64, 4095, 4096, u32::MAX] {
            assert!(effects.insert(one, MessageId(message)));
            assert!(!effects.insert(one, MessageId(message)));
            assert!(effects.insert(None, MessageId(message)));
        }
    }

    #[test]
    fn a_copy_goes_its_own_way() {
        let mut effects = Effects::default();
        effects.insert(None, MessageId(1));
        let mut copy = effects.clone();
        assert!(copy.insert(None, MessageId(2)));
        assert!(!copy.insert(None, MessageId(1)));
        assert!(effects.insert(None, MessageId(2)));
    }
}
