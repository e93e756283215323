//! Two replicas in sync hold different records at one offset below the high watermark.

use super::{Judged, Verdict};
use crate::kafka::{MessageId, TopicPartition};
use crate::lab::history::Part;
use crate::lab::moments::On;
use crate::sim::order::sort_by_number;

pub(super) fn judge(seen: &Judged) -> Verdict {
    let messages = differing(seen);
    let mut moments = seen.history.moments.iter();
    let shown = moments.find(|moment| moment.on == On::Diverged);
    Verdict::from(messages, shown.map(|moment| moment.entry))
}

/// What leaders have where one of their followers in sync has something else, in order.
pub fn differing(seen: &Judged) -> Vec<MessageId> {
    let parts = seen.history.parts.iter();
    let mut messages: Vec<MessageId> = parts
        .flat_map(|(partition, part)| disagreed(seen, *partition, part))
        .collect();
    sort_by_number(&mut messages, |message| message.0.into());
    messages.dedup();
    messages
}

/// What the leader has where a follower in sync has something else. Where a cleaner was, or the log is deleted, nothing
/// is compared.
fn disagreed(seen: &Judged, partition: TopicPartition, part: &Part) -> Vec<MessageId> {
    let Some((leader, own)) = seen.history.leader_log(partition) else {
        return Vec::new();
    };
    let others = part.isr.iter().filter(|node| *node != leader);
    let logs = others.filter_map(|node| seen.history.logs.get(&(partition, node)));
    let differing = logs.flat_map(|log| {
        let below = own
            .messages()
            .take_while(|(offset, _)| *offset < part.high_watermark);
        below.filter(|(offset, slot)| {
            log.at(*offset)
                .is_some_and(|other| other.message != slot.message)
        })
    });
    differing.map(|(_, slot)| slot.message).collect()
}
