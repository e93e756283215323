//! What a journal says of one message, as far as two runs can be compared by it.
//!
//! Which follower copied first, and when, is luck; what is left is what somebody promised, did or undid.

use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{Entry, FlushedBy, Journal, MessageId, Offset, TopicPartition};
use crate::lab::history::is_elsewhere;
use crate::lab::ledger::Brokers;
use crate::sim::journal::Stamped;
use crate::sim::{Micros, NodeId};

/// Something that was done about a message, and when.
#[derive(Clone, Debug)]
pub struct Dated {
    pub at_us: Micros,
    pub fact: Fact,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A leader wrote it, into this partition.
    Written(NodeId, TopicPartition),
    /// The producer heard that it is written.
    Answered(Answered),
    /// Nobody asked for an answer, or looks at it.
    Believed,
    /// The callback heard this error.
    Failed(&'static str),
    /// The producer will send it again, after this error.
    Retried(&'static str),
    /// A broker saw that it has it already.
    Recognised(NodeId),
    /// A broker's copy left its log.
    Cut(NodeId),
    /// A leader's log begins after it.
    Deleted(NodeId),
    /// A consumer did the work, for so many times now.
    Worked(u32),
    /// A consumer committed an offset behind it.
    Committed,
    /// A consumer's position was set to an offset behind it.
    PassedOver,
    /// The handler threw at it.
    Threw,
    /// An idempotent handler had seen it before.
    Ignored,
    /// Another broker leads its partition.
    Elected { leader: NodeId, unclean: bool },
}

/// How things stood when a message was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// Running brokers whose log had it, and the one that answered.
    pub holders: Brokers,
    /// The leader had called fsync for it.
    pub on_disk: bool,
    /// How long after it was sent for the last time, in microseconds.
    pub took_us: Micros,
}

impl Fact {
    /// Whether the two say the same, times and luck aside.
    pub fn is_like(&self, other: &Fact) -> bool {
        use Fact::*;
        match (self, other) {
            (Answered(a), Answered(b)) => (a.is_alone(), a.on_disk) == (b.is_alone(), b.on_disk),
            (Worked(a), Worked(b)) => a == b,
            (Failed(a), Failed(b)) | (Retried(a), Retried(b)) => a == b,
            (Written(a, of), Written(b, other)) => (a, of) == (b, other),
            (Cut(a), Cut(b)) | (Deleted(a), Deleted(b)) => a == b,
            (
                Elected { leader, unclean },
                Elected {
                    leader: other,
                    unclean: too,
                },
            ) => (leader, unclean) == (other, too),
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }
}

impl Answered {
    /// One broker had it.
    pub fn is_alone(&self) -> bool {
        self.holders.len() <= 1
    }
}

/// Who led `partition` after whom.
pub fn leaders(journal: &Journal, partition: TopicPartition) -> Vec<Dated> {
    let mut last = None;
    let mut all = Vec::new();
    for stamped in journal.entries() {
        let Entry::Partition {
            partition: of,
            before,
            after,
            unclean,
        } = &stamped.what
        else {
            continue;
        };
        let Some(leader) = after.leader.filter(|_| *of == partition) else {
            continue;
        };
        let known = last.or(before.leader);
        last = Some(leader);
        if known != Some(leader) {
            let unclean = *unclean;
            all.push(Dated {
                at_us: stamped.at,
                fact: Fact::Elected { leader, unclean },
            });
        }
    }
    all
}

/// All that was done about `message`, in order.
pub fn facts_of(journal: &Journal, message: MessageId) -> Vec<Dated> {
    let mut reader = Reader {
        message,
        partition: None,
        copies: Vec::new(),
        down: Brokers::default(),
        asked: None,
        sent_us: 0,
        worked: 0,
        committed: false,
    };
    let facts = journal.entries().iter().filter_map(|stamped| {
        let fact = reader.read(stamped)?;
        Some(Dated {
            at_us: stamped.at,
            fact,
        })
    });
    facts.collect()
}

/// Follows one message.
struct Reader {
    message: MessageId,
    partition: Option<TopicPartition>,
    /// Who has it, where, and whether an fsync was called for it.
    copies: Vec<(NodeId, Offset, bool)>,
    down: Brokers,
    /// Whom it was sent to last, and when.
    asked: Option<NodeId>,
    sent_us: Micros,
    worked: u32,
    committed: bool,
}

impl Reader {
    fn read(&mut self, stamped: &Stamped<Entry>) -> Option<Fact> {
        if is_elsewhere(&stamped.what) {
            return None;
        }
        let node = stamped.node;
        match &stamped.what {
            Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted => {
                self.down.insert(node);
                None
            }
            Entry::Started => {
                self.down.remove(node);
                None
            }
            Entry::BatchSent { batch, broker, .. } if self.is_in(batch) => {
                self.asked = Some(*broker);
                self.sent_us = stamped.at;
                None
            }
            Entry::Acked { .. }
            | Entry::BelievedSent { .. }
            | Entry::Failed { .. }
            | Entry::BatchRetried { .. } => self.told(stamped),
            Entry::Appended { .. }
            | Entry::Replicated { .. }
            | Entry::DuplicateDropped { .. }
            | Entry::Flushed { .. }
            | Entry::LogCut { .. }
            | Entry::LogStartMoved { .. } => self.logged(node, &stamped.what),
            other => self.consumed(other),
        }
    }

    fn told(&mut self, stamped: &Stamped<Entry>) -> Option<Fact> {
        match &stamped.what {
            Entry::Acked {
                message, offset, ..
            } if *message == self.message => Some(match offset {
                Some(_) => Fact::Answered(self.answered(stamped.at)),
                None => Fact::Believed,
            }),
            Entry::BelievedSent { message } if *message == self.message => Some(Fact::Believed),
            Entry::Failed { message, error, .. } if *message == self.message => {
                Some(Fact::Failed(error.class()))
            }
            Entry::BatchRetried { batch, error, .. } if self.is_in(batch) => {
                Some(Fact::Retried(error.name()))
            }
            _ => None,
        }
    }

    fn answered(&self, at_us: Micros) -> Answered {
        let mut holders = Brokers::default();
        // Who answers had it then, even if the answer is read after its end.
        let up = |(node, ..): &&(NodeId, Offset, bool)| {
            !self.down.has(*node) || self.asked == Some(*node)
        };
        for (node, ..) in self.copies.iter().filter(up) {
            holders.insert(*node);
        }
        Answered {
            holders,
            on_disk: self.copies.iter().any(|(_, _, flushed)| *flushed),
            took_us: at_us.saturating_sub(self.sent_us),
        }
    }

    fn logged(&mut self, node: NodeId, entry: &Entry) -> Option<Fact> {
        match entry {
            Entry::Appended { partition, entry } if self.is_in(&entry.batch) => {
                self.partition = Some(*partition);
                self.copies.push((node, self.place(entry), false));
                Some(Fact::Written(node, *partition))
            }
            Entry::Replicated { partition, entries } if self.is_mine(*partition) => {
                let entry = entries.iter().find(|entry| self.is_in(&entry.batch))?;
                self.copies.push((node, self.place(entry), false));
                None
            }
            Entry::DuplicateDropped { batch, .. } if self.is_in(batch) => {
                Some(Fact::Recognised(node))
            }
            Entry::Flushed {
                partition,
                offset,
                by: FlushedBy::Kafka,
            } if self.is_mine(*partition) => {
                let mut copies = self.copies.iter_mut();
                let mine = copies.find(|(holder, at, _)| *holder == node && at < offset);
                mine.into_iter().for_each(|copy| copy.2 = true);
                None
            }
            Entry::LogCut {
                partition, offset, ..
            } if self.is_mine(*partition) => {
                let had = self.copies.len();
                let stays = |at: Offset| at < *offset;
                self.copies
                    .retain(|(holder, at, _)| *holder != node || stays(*at));
                (self.copies.len() < had).then_some(Fact::Cut(node))
            }
            Entry::LogStartMoved {
                partition, offset, ..
            } if self.is_mine(*partition) => {
                let had = self.copies.len();
                self.copies
                    .retain(|(holder, at, _)| *holder != node || at >= offset);
                (self.copies.len() < had).then_some(Fact::Deleted(node))
            }
            _ => None,
        }
    }

    fn consumed(&mut self, entry: &Entry) -> Option<Fact> {
        match entry {
            Entry::Processed { message, .. } if *message == self.message => {
                self.worked += 1;
                Some(Fact::Worked(self.worked))
            }
            Entry::HandlerThrew { message, .. } if *message == self.message => Some(Fact::Threw),
            Entry::Ignored { message, .. } if *message == self.message => Some(Fact::Ignored),
            Entry::Committed { offsets, .. } if !self.committed => {
                let passes = |of: &TopicPartition, to: Offset| {
                    let behind = |(_, at, _): &(NodeId, Offset, bool)| *at < to;
                    self.is_mine(*of) && self.copies.iter().any(behind)
                };
                let mut offsets = offsets.iter();
                self.committed = offsets.any(|(of, to)| to.is_some_and(|to| passes(of, to)));
                self.committed.then_some(Fact::Committed)
            }
            Entry::PositionReset {
                partition,
                from,
                to,
            } if self.is_mine(*partition) && self.worked == 0 => {
                let from = from.unwrap_or(0);
                let mut copies = self.copies.iter();
                let jumps = copies.any(|(_, at, _)| from <= *at && at < to);
                jumps.then_some(Fact::PassedOver)
            }
            _ => None,
        }
    }

    fn is_mine(&self, partition: TopicPartition) -> bool {
        self.partition == Some(partition)
    }

    fn is_in(&self, batch: &Batch) -> bool {
        let mut records = batch.data().iter();
        records.any(|record| record.message == self.message)
    }

    fn place(&self, entry: &LogEntry) -> Offset {
        let mut records = entry.records();
        let found = records.find(|(_, record)| record.message == self.message);
        found.map_or(entry.base_offset, |(offset, _)| offset)
    }
}
