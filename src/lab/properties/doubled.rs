//! The business saw a message's effect twice; without a consumer, the log has it twice.

use super::{Judged, Verdict};
use crate::lab::ledger::Fate;

pub(super) fn judge(seen: &Judged) -> Verdict {
    let twice = seen
        .lives()
        .filter(|(life, fate)| match seen.history.consumed {
            true => life.processed > 1,
            false => *fate == Fate::Twice,
        });
    let (messages, entries): (Vec<_>, Vec<_>) = twice
        .map(|(life, _)| (life.message, life.effects.map(|(_, last)| last)))
        .unzip();
    Verdict::from(messages, entries.into_iter().flatten().min())
}
