//! The dead-letter topic: what applications could not work on and put aside. A message counts as set aside while the
//! topic's leader has its dead letter; when that is gone, it is a message that nobody has worked on.

use super::History;
use super::apply::Here;
use crate::kafka::{ClusterSpec, Entry, MessageId, Offset, TopicId};
use crate::lab::experiment::LETTERS;
use crate::lab::ledger::Aside;
use crate::lab::moments::{Moment, On};

/// The dead-letter topic, as its leader has it.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// Which topic it is, where there is one.
    pub topic: Option<TopicId>,
    /// What is in its log, in order.
    pub records: Vec<(Offset, MessageId)>,
}

impl Letters {
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        Letters {
            topic: spec.topic_named(LETTERS),
            ..Letters::default()
        }
    }
}

impl History {
    /// An entry about the dead-letter topic.
    #[inline(never)]
    pub(super) fn of_letters(&mut self, here: Here, entry: &Entry) {
        match entry {
            Entry::Buffered { message, .. } => {
                if let Some(life) = self.ledger.get_mut(*message) {
                    let copies = life.aside.map_or(0, |aside| aside.copies);
                    life.aside = Some(Aside {
                        given: here.id,
                        by: here.node,
                        copies,
                        failed: None,
                        gone: None,
                    });
                }
            }
            Entry::Failed { message, .. } => {
                self.with_aside(*message, |aside| aside.failed = Some(here.id));
                self.tell_of_letter(here, On::LetterFailed, *message);
                self.find_lost(here, &[*message]);
            }
            Entry::Appended { entry, .. } => {
                for (offset, record) in entry.records() {
                    let message = record.message;
                    self.letters.records.push((offset, message));
                    self.with_aside(message, |aside| aside.copies += 1);
                    self.tell_of_letter(here, On::SetAside, message);
                    self.find_lost(here, &[message]);
                }
            }
            Entry::BecameLeader { log_end, .. } => self.letters_cut(here, *log_end),
            _ => {}
        }
    }

    /// A new leader: what its log does not have is gone.
    fn letters_cut(&mut self, here: Here, log_end: Offset) {
        let all = std::mem::take(&mut self.letters.records);
        let (kept, gone) = all.into_iter().partition(|(offset, _)| *offset < log_end);
        self.letters.records = kept;
        let gone: Vec<(Offset, MessageId)> = gone;
        for (_, message) in gone {
            self.with_aside(message, |aside| {
                aside.copies = aside.copies.saturating_sub(1);
                aside.gone = Some(here.id);
            });
            self.find_lost(here, &[message]);
        }
    }

    fn with_aside(&mut self, message: MessageId, change: impl FnOnce(&mut Aside)) {
        let life = self.ledger.get_mut(message);
        if let Some(aside) = life.and_then(|life| life.aside.as_mut()) {
            change(aside);
        }
    }

    fn tell_of_letter(&mut self, here: Here, on: On, message: MessageId) {
        let life = self.ledger.get(message);
        let (partition, aside) = life.map_or((None, None), |life| (life.partition, life.aside));
        self.moments.push(Moment {
            message: Some(message),
            partition,
            node: aside.map_or(here.node, |aside| aside.by),
            ..here.moment(on)
        });
    }
}

#[cfg(test)]
mod tests;
