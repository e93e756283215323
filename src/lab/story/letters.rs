//! The lines of a message's life that happen in the dead-letter topic.

use super::{Tone, both, name};
use crate::kafka::{Entry, MessageId, TopicId};
use crate::lab::experiment::{Experiment, LETTERS};
use crate::lab::history::partition_of;
use crate::lab::text::Text;
use crate::sim::Stamped;

pub(super) fn tell(
    experiment: &Experiment,
    letters: TopicId,
    mine: MessageId,
    stamped: &Stamped<Entry>,
) -> Option<(Tone, Text)> {
    partition_of(&stamped.what).filter(|partition| partition.topic == letters)?;
    let (m, who) = (mine.0, name(experiment, stamped.node));
    let (tone, en, zh) = match &stamped.what {
        Entry::Buffered { message, .. } if *message == mine => (
            Tone::Risk,
            format!("{} gives up on m{m} and writes it to {LETTERS}", who.en),
            format!("{} 放弃 m{m}，把它写入 {LETTERS}", who.zh),
        ),
        Entry::Appended { entry, .. } => {
            let (offset, _) = entry.records().find(|(_, record)| record.message == mine)?;
            (
                Tone::Safe,
                format!("{} writes m{m} at offset {offset} of {LETTERS}", who.en),
                format!("{} 把 m{m} 写到 {LETTERS} 的 offset {offset}", who.zh),
            )
        }
        Entry::Failed { message, error, .. } if *message == mine => {
            let class = error.class();
            (
                Tone::Lost,
                format!("the dead letter of m{m} cannot be written: {class}"),
                format!("m{m} 的死信写不进去：{class}"),
            )
        }
        _ => return None,
    };
    Some((tone, both(en, zh)))
}
