//! A consumer worked on a record that is in no log that lives on, or whose transaction was aborted; or somebody read
//! what was written for a record, and that was aborted.

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
        // Without a leader nobody knows yet what the log will be.
        let led = life
            .partition
            .and_then(|partition| seen.history.parts.get(&partition)?.leader);
        if led.is_none() {
            return Verdict::Unknown;
        };
        if !seen.history.stays(life) {
            messages.push(life.message);
            entries.extend(life.last_cut());
        }
    }
    for (message, entry) in &seen.history.outputs.taken_back {
        messages.push(*message);
        entries.push(*entry);
    }
    Verdict::from(messages, entries.into_iter().min())
}
