//! The life of one message: every entry of the journal that concerns it, as dated sentences.

mod letters;
mod shop;
mod words;

use words::sent;
pub use words::{both, cut, name};

use crate::kafka::broker::log::Cleaning;
use crate::kafka::config::Owner;
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{Entry, FlushedBy, Journal, MessageId, Offset, TopicId, TopicPartition};
use crate::lab::causes::{Cause, Knob};
use crate::lab::experiment::Experiment;
use crate::lab::history::{History, is_elsewhere};
use crate::lab::text::Text;
use crate::sim::journal::{EntryId, Stamped};
use crate::sim::{Micros, NodeId};

/// What a line says of the message; the page gives each its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// It is on its way.
    Send,
    /// It is safe so far.
    Safe,
    /// One failure can take it.
    Risk,
    /// It, or a copy of it, is gone.
    Lost,
    /// A second time.
    Twice,
    /// Neither.
    #[default]
    Plain,
}

/// One dated sentence, tied to the entry it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in microseconds.
    pub at_us: Micros,
    /// The entry.
    pub entry: EntryId,
    /// Its tone.
    pub tone: Tone,
    /// The sentence.
    pub text: Text,
    /// The one that decided.
    pub decisive: bool,
    /// What it blames, where its entry alone does not say so.
    pub blames: Option<Cause>,
}

impl Line {
    /// A line about an entry of `journal`.
    pub fn new(journal: &Journal, entry: EntryId, tone: Tone, text: Text) -> Line {
        let at_us = journal.get(entry).map_or(0, |stamped| stamped.at);
        Line {
            at_us,
            entry,
            tone,
            text,
            decisive: false,
            blames: None,
        }
    }

    /// This line, blaming a knob that would protect at `value`.
    pub fn blaming(self, owner: Owner, name: &'static str, value: &'static str) -> Line {
        let knob = Knob { owner, name, value };
        Line {
            blames: Some(Cause::Knob(knob)),
            ..self
        }
    }
}

/// The life of `message` in the journal's first `until` entries.
pub fn life(
    experiment: &Experiment,
    journal: &Journal,
    until: u32,
    message: MessageId,
) -> Vec<Line> {
    let mut teller = Teller {
        experiment,
        journal,
        message,
        partition: None,
        copies: Vec::new(),
        hw: 0,
        letters: experiment.letters(),
    };
    let entries = journal.entries().iter().take(until as usize);
    let told = entries.enumerate().filter_map(|(place, stamped)| {
        let (tone, text) = teller.tell(stamped)?;
        Some(Line::new(journal, EntryId(place as u32), tone, text))
    });
    told.collect()
}

/// Follows one message through the journal.
struct Teller<'a> {
    experiment: &'a Experiment,
    journal: &'a Journal,
    message: MessageId,
    partition: Option<TopicPartition>,
    /// Who has it, where, and whether on the platter.
    copies: Vec<(NodeId, Offset, bool)>,
    hw: Offset,
    /// The dead-letter topic, where there is one.
    letters: Option<TopicId>,
}

impl Teller<'_> {
    fn tell(&mut self, stamped: &Stamped<Entry>) -> Option<(Tone, Text)> {
        if is_elsewhere(&stamped.what) {
            let topic = self.letters?;
            return letters::tell(self.experiment, topic, self.message, stamped);
        }
        let node = stamped.node;
        let who = name(self.experiment, node);
        let m = self.message.0;
        match &stamped.what {
            Entry::Buffered { message, partition } if *message == self.message => {
                self.partition = Some(*partition);
                Some((
                    Tone::Plain,
                    both(
                        format!("m{m} is in the accumulator"),
                        format!("m{m} 进入缓冲区"),
                    ),
                ))
            }
            Entry::BatchSent {
                batch,
                broker,
                attempt,
                ..
            } if self.is_in(batch) => {
                let to = name(self.experiment, *broker);
                Some((Tone::Send, sent(m, &to, *attempt)))
            }
            Entry::BatchRetried { batch, error, .. } if self.is_in(batch) => {
                let error = error.name();
                Some((
                    Tone::Risk,
                    both(
                        format!("m{m} will be sent again: {error}"),
                        format!("m{m} 将重试：{error}"),
                    ),
                ))
            }
            Entry::OrderStored { .. }
            | Entry::RowMarked { .. }
            | Entry::Resent { .. }
            | Entry::Called { .. }
            | Entry::Served { .. } => shop::tell(self.experiment, self.message, stamped),
            Entry::Acked { .. } | Entry::Failed { .. } | Entry::BelievedSent { .. } => {
                self.told(stamped)
            }
            other => self
                .tell_copies(node, &who, other)
                .or_else(|| self.tell_logs(node, &who, other))
                .or_else(|| self.tell_consumer(stamped)),
        }
    }

    fn tell_copies(&mut self, node: NodeId, who: &Text, entry: &Entry) -> Option<(Tone, Text)> {
        let m = self.message.0;
        match entry {
            Entry::Appended { partition, entry } if self.is_in(&entry.batch) => {
                let offset = self.place(entry);
                let again = self
                    .copies
                    .iter()
                    .any(|(holder, at, _)| *holder == node && *at != offset);
                self.partition = Some(*partition);
                self.copies.push((node, offset, false));
                let tone = if again { Tone::Twice } else { Tone::Plain };
                Some((
                    tone,
                    both(
                        format!(
                            "{} writes m{m} at offset {offset}, into the page cache",
                            who.en
                        ),
                        format!("{} 把 m{m} 写到 offset {offset}（页缓存）", who.zh),
                    ),
                ))
            }
            Entry::Replicated { entries, .. } => {
                let entry = entries.iter().find(|entry| self.is_in(&entry.batch))?;
                let offset = self.place(entry);
                self.copies.push((node, offset, false));
                Some((
                    Tone::Safe,
                    both(
                        format!("{} has copied m{m}", who.en),
                        format!("{} 复制了 m{m}", who.zh),
                    ),
                ))
            }
            _ => None,
        }
    }

    fn tell_logs(&mut self, node: NodeId, who: &Text, entry: &Entry) -> Option<(Tone, Text)> {
        let m = self.message.0;
        match entry {
            Entry::HighWatermark { partition, offset } if Some(*partition) == self.partition => {
                let here = self.copies.iter().find(|(holder, ..)| *holder == node)?.1;
                let before = std::mem::replace(&mut self.hw, *offset);
                (before <= here && here < *offset).then(|| {
                    (
                        Tone::Safe,
                        both(
                            format!(
                                "m{m} is below the high watermark: every in-sync replica has it"
                            ),
                            format!("m{m} 已在 high watermark 之下：ISR 中的副本都有它"),
                        ),
                    )
                })
            }
            Entry::Flushed {
                partition,
                offset,
                by,
            } if Some(*partition) == self.partition => {
                let copy = self
                    .copies
                    .iter_mut()
                    .find(|(holder, at, flushed)| *holder == node && at < offset && !flushed)?;
                copy.2 = true;
                let by = if *by == FlushedBy::Kafka {
                    "fsync"
                } else {
                    "OS write-back"
                };
                Some((
                    Tone::Safe,
                    both(
                        format!("m{m} is on the disk of {} ({by})", who.en),
                        format!("m{m} 已在 {} 的磁盘上（{by}）", who.zh),
                    ),
                ))
            }
            Entry::LogCut {
                partition,
                offset,
                why,
                ..
            } if Some(*partition) == self.partition => {
                let had = self.copies.len();
                self.copies
                    .retain(|(holder, at, _)| *holder != node || at < offset);
                (self.copies.len() < had).then(|| (Tone::Lost, cut(self.experiment, m, who, *why)))
            }
            Entry::LogStartMoved {
                partition, offset, ..
            } if Some(*partition) == self.partition => self.tell_deletion(node, who, *offset),
            Entry::Compacted {
                partition,
                cleaning,
            } if Some(*partition) == self.partition => self.tell_cleaning(node, who, cleaning),
            _ => None,
        }
    }

    fn tell_cleaning(&mut self, node: NodeId, who: &Text, done: &Cleaning) -> Option<(Tone, Text)> {
        let (m, had) = (self.message.0, self.copies.len());
        let goes = |at: &Offset| done.superseded.contains(at) || done.tombstones.contains(at);
        self.copies
            .retain(|(holder, at, _)| *holder != node || !goes(at));
        let text = both(
            format!("the cleaner of {} takes m{m} out", who.en),
            format!("{} 的清理线程移除了 m{m}", who.zh),
        );
        (self.copies.len() < had).then_some((Tone::Plain, text))
    }

    fn tell_deletion(&mut self, node: NodeId, who: &Text, to: Offset) -> Option<(Tone, Text)> {
        let (m, had) = (self.message.0, self.copies.len());
        self.copies
            .retain(|(holder, at, _)| *holder != node || *at >= to);
        let text = both(
            format!("{} deletes m{m}: its log now starts at {to}", who.en),
            format!("{} 删除 m{m}：日志现在从 {to} 开始", who.zh),
        );
        (self.copies.len() < had).then_some((Tone::Plain, text))
    }

    fn tell_consumer(&mut self, stamped: &Stamped<Entry>) -> Option<(Tone, Text)> {
        let who = name(self.experiment, stamped.node);
        let m = self.message.0;
        match &stamped.what {
            Entry::Polled { records, .. } if records.iter().any(|(_, id)| *id == self.message) => {
                Some((
                    Tone::Plain,
                    both(
                        format!("a poll of {} returns m{m}", who.en),
                        format!("{} 的 poll 返回 m{m}", who.zh),
                    ),
                ))
            }
            Entry::Processed { message, .. } if *message == self.message => Some((
                Tone::Safe,
                both(
                    format!("{} has done the work on m{m}", who.en),
                    format!("{} 处理完 m{m}", who.zh),
                ),
            )),
            Entry::Ignored { message, .. } if *message == self.message => Some((
                Tone::Safe,
                both(
                    format!("m{m} comes again and is ignored"),
                    format!("m{m} 再次到来，被忽略"),
                ),
            )),
            Entry::HandlerThrew { message, .. } if *message == self.message => Some((
                Tone::Risk,
                both(
                    format!("the handler throws at m{m}"),
                    format!("处理 m{m} 时抛出异常"),
                ),
            )),
            _ => None,
        }
    }

    fn told(&self, stamped: &Stamped<Entry>) -> Option<(Tone, Text)> {
        let m = self.message.0;
        match &stamped.what {
            Entry::Acked {
                message,
                offset: Some(_),
                ..
            } if *message == self.message => Some((
                Tone::Safe,
                both(
                    format!("the producer has the ack of m{m}"),
                    format!("producer 收到 m{m} 的 ack"),
                ),
            )),
            Entry::Acked {
                message,
                offset: None,
                ..
            } if *message == self.message => Some((
                Tone::Risk,
                both(
                    format!("m{m} counts as sent: acks=0 asks for no answer"),
                    format!("m{m} 算作已发送：acks=0 不要应答"),
                ),
            )),
            Entry::BelievedSent { message } if *message == self.message => Some((
                Tone::Risk,
                both(
                    format!("the application counts m{m} as sent and looks no further"),
                    format!("应用把 m{m} 算作已发送，不再关心"),
                ),
            )),
            Entry::Failed { message, error, .. } if *message == self.message => {
                let class = error.class();
                Some((
                    Tone::Risk,
                    both(
                        format!("the callback hears {class} for m{m}: outcome unknown"),
                        format!("callback 收到 m{m} 的 {class}：结果未知"),
                    ),
                ))
            }
            _ => None,
        }
    }

    fn is_in(&self, batch: &Batch) -> bool {
        batch
            .data()
            .iter()
            .any(|record| record.message == self.message)
    }

    fn place(&self, entry: &LogEntry) -> Offset {
        debug_assert!(!self.journal.is_empty());
        let mut records = entry.records();
        let found = records.find(|(_, record)| record.message == self.message);
        found.map_or(entry.base_offset, |(offset, _)| offset)
    }
}

/// How a message's life looks at the end of the history: used where a line needs the state at its moment.
pub fn at(experiment: &Experiment, journal: &Journal, entry: EntryId) -> History {
    let mut history = History::new(experiment);
    history.follow(journal, entry.0.saturating_add(1));
    history
}
