//! A consumer worked on a record that is in no log that lives on.

use super::{Judged, Verdict};

pub(super) fn judge(seen: &Judged) -> Verdict {
    let mut messages = Vec::new();
    let mut entries = Vec::new();
    for (life, _) in seen
        .lives()
        .filter(|(life, _)| life.processed > 0 && !life.places.is_empty())
        // What retention deletes was there for as long as was promised.
        .filter(|(life, _)| life.deleted.is_none())
    {
        let leader = life
            .partition
            .and_then(|partition| seen.history.parts.get(&partition)?.leader);
        // Without a leader nobody knows yet what the log will be.
        let Some(leader) = leader else {
            return Verdict::Unknown;
        };
        if !life.places.iter().any(|place| place.holders.has(leader)) {
            messages.push(life.message);
            entries.extend(life.last_cut());
        }
    }
    Verdict::from(messages, entries.into_iter().min())
}
