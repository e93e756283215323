//! When an explanation has to be made anew.

use crate::kafka::MessageId;
use crate::lab::history::History;
use crate::sim::EntryId;

/// What an explanation depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Explained {
    message: Option<MessageId>,
    lost: Option<EntryId>,
    steps: usize,
}

impl Explained {
    /// What the explanation of this message depends on now.
    pub fn of(history: &History, message: Option<MessageId>) -> Self {
        let life = message.and_then(|message| history.ledger.get(message));
        Explained {
            message,
            lost: life.and_then(|life| life.lost),
            steps: life.map_or(0, |life| {
                let copies: u32 = life.places.iter().map(|place| place.holders.len()).sum();
                let told = usize::from(life.told != Default::default());
                life.places.len() * 64
                    + copies as usize * 8
                    + usize::from(life.processed) * 2
                    + told
            }),
        }
    }
}
