//! A message had its first effect after a later one of the same producer and partition, or of the same producer and key.

use super::{Judged, Verdict};

pub(super) fn judge(seen: &Judged) -> Verdict {
    let reordered = &seen.history.reordered;
    let messages = reordered.iter().map(|(_, message, _)| *message).collect();
    Verdict::from(messages, reordered.first().map(|(entry, ..)| *entry))
}
