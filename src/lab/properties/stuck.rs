//! Everything is healed and quiet, and a message still has not come to its end.

use super::{Judged, Verdict};
use crate::lab::ledger::Fate;

pub(super) fn judge(seen: &Judged) -> Verdict {
    let waiting = seen
        .lives()
        .filter(|(_, fate)| *fate == Fate::Dead || is_waiting(*fate, seen.history.consumed));
    Verdict::from(waiting.map(|(life, _)| life.message).collect(), None)
}

/// Whether a message with this fate still has a way to go.
pub fn is_waiting(fate: Fate, consumed: bool) -> bool {
    match fate {
        Fate::NotSent | Fate::Stored | Fate::Buffered | Fate::InFlight => true,
        Fate::Written | Fate::OnDisk | Fate::OneCopy | Fate::Open => true,
        Fate::Committed | Fate::Visible => consumed,
        _ => false,
    }
}
