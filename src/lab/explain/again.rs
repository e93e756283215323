//! Worked on twice: who had it first, how the group came to lose that, and from where it went on.

use super::{Explainer, MOST_LINES};
use crate::kafka::config::{Configs, Owner};
use crate::kafka::{Entry, TopicPartition};
use crate::lab::moments::On;
use crate::lab::story::{Line, Tone, both, name};
use crate::sim::NodeId;
use crate::sim::journal::{EntryId, Stamped};

impl Explainer<'_> {
    /// One record, read and worked on twice.
    pub(super) fn repeated(&self, first: EntryId, last: EntryId) -> Vec<Line> {
        let mut lines = vec![self.worked_on_at(first)];
        let holder = self.journal.get(first).map(|stamped| stamped.node);
        if let (Some(partition), Some(holder)) = (self.life.partition, holder) {
            lines.extend(self.left_the_group((first, last), holder, partition));
            lines.extend(self.commit_before((first, last), holder, partition));
            lines.extend(self.went_back((first, last), partition));
        }
        // Its own holder's trouble first; there is room for what the rest leaves, and the last sentence.
        let room = MOST_LINES - 1 - lines.len();
        let mut wrong = self.wrong((first, last), room, |node| Some(node) == holder);
        if wrong.is_empty() {
            wrong = self.wrong((first, last), room, |_| true);
        }
        let forgotten = self.done_forgotten(first, last);
        let blameless = wrong.is_empty() && forgotten.is_none();
        lines.extend(wrong);
        lines.extend(forgotten);
        let line = self.again(last);
        lines.push(match blameless {
            true => line.blaming(Owner::Application, "handler.idempotent", "true"),
            false => line,
        });
        self.short(lines)
    }

    /// "the consumer does the work on m9 a second time".
    pub(super) fn again(&self, last: EntryId) -> Line {
        let (m, who) = (self.m, self.written_by(last));
        let text = match self.written_for(last) {
            Some(_) => both(
                format!("m{m} has two invoices"),
                format!("m{m} 有了两张发票"),
            ),
            None => both(
                format!("{} does the work on m{m} a second time", who.en),
                format!("{} 第二次处理 m{m}", who.zh),
            ),
        };
        Line {
            tone: Tone::Twice,
            ..self.decisive(last, text)
        }
    }

    fn worked_on_at(&self, first: EntryId) -> Line {
        let line = self.worked_on(first);
        let Some(Entry::Processed { offset, .. }) =
            self.journal.get(first).map(|stamped| &stamped.what)
        else {
            return line;
        };
        let (en, zh) = (&line.text.en, &line.text.zh);
        let text = both(
            format!("{en} (offset {offset})"),
            format!("{zh}（offset {offset}）"),
        );
        Line { text, ..line }
    }

    fn between(
        &self,
        (first, last): (EntryId, EntryId),
    ) -> impl Iterator<Item = (EntryId, &Stamped<Entry>)> {
        let ids = (first.0 + 1..last.0).map(EntryId);
        ids.filter_map(|id| Some((id, self.journal.get(id)?)))
    }

    /// How the first worker came to lose the partition: dropped by the coordinator, gone of its own accord, or a
    /// rebalance that somebody else began.
    fn left_the_group(
        &self,
        span: (EntryId, EntryId),
        holder: NodeId,
        partition: TopicPartition,
    ) -> Option<Line> {
        let who = name(self.experiment, holder);
        let (en, zh) = (&who.en, &who.zh);
        let (configs, _) = Configs::build(&self.experiment.configs);
        let consumer = &configs.consumer;
        let gone = self
            .between(span)
            .find_map(|(id, stamped)| match stamped.what {
                Entry::MemberGone {
                    member, expired, ..
                } if member == holder => Some((id, expired)),
                _ => None,
            });
        let (entry, text) = match gone {
            Some((id, true)) => {
                let limit = consumer.session_timeout_ms;
                let text = both(
                    format!(
                        "the coordinator has heard nothing of {en} for its session timeout ({limit} ms) and gives its partitions to others"
                    ),
                    format!(
                        "coordinator 在会话超时（{limit} ms）内没有收到 {zh} 的心跳，把它的 partition 交给别人"
                    ),
                );
                (id, text)
            }
            Some((id, false)) if self.is_running(holder, id) => {
                let limit = consumer.max_poll_interval_ms;
                let text = both(
                    format!(
                        "{en} has not called poll() for max.poll.interval.ms={limit} and leaves the group with this work in hand"
                    ),
                    format!(
                        "{zh} 超过 max.poll.interval.ms={limit} 没有调用 poll()，带着手上的活离开 group"
                    ),
                );
                let line = Line::new(self.journal, id, Tone::Risk, text);
                return Some(line.blaming(Owner::Consumer, "max.poll.interval.ms", "600000"));
            }
            Some((id, false)) => {
                let text = both(
                    format!("{en} leaves the group: its partitions go to others"),
                    format!("{zh} 离开 group：它的 partition 交给别人"),
                );
                (id, text)
            }
            None => {
                let lost = self.between(span).find(|(_, stamped)| {
                    let given_up = match &stamped.what {
                        Entry::PartitionsLost { partitions } | Entry::Revoked { partitions } => {
                            partitions.contains(&partition)
                        }
                        _ => false,
                    };
                    given_up && stamped.node == holder
                });
                let text = both(
                    format!("{en} loses the partition in a rebalance"),
                    format!("{zh} 在 rebalance 中失去该 partition"),
                );
                (lost?.0, text)
            }
        };
        Some(Line::new(self.journal, entry, Tone::Risk, text))
    }

    /// Neither ended nor asked to end before `entry`.
    fn is_running(&self, node: NodeId, entry: EntryId) -> bool {
        let mut before = (0..entry.0).rev().filter_map(|id| {
            let stamped = self.journal.get(EntryId(id))?;
            let here = stamped.node == node;
            match stamped.what {
                Entry::Started if here => Some(true),
                Entry::Killed
                | Entry::PowerLost
                | Entry::Halted
                | Entry::StopAsked
                | Entry::Stopped
                    if here =>
                {
                    Some(false)
                }
                _ => None,
            }
        });
        before.next().unwrap_or(true)
    }

    /// The commit of the first worker that was refused, or the last one that the group has: neither covers it.
    fn commit_before(
        &self,
        span: (EntryId, EntryId),
        holder: NodeId,
        partition: TopicPartition,
    ) -> Option<Line> {
        let refused = self
            .between(span)
            .find_map(|(id, stamped)| match &stamped.what {
                Entry::CommitFailed { error, .. } if stamped.node == holder => Some((id, *error)),
                _ => None,
            });
        let m = self.m;
        if let Some((id, error)) = refused {
            let (who, class) = (name(self.experiment, holder), error.class());
            let text = both(
                format!(
                    "the commit that would have covered m{m} fails: {} hears {class}",
                    who.en
                ),
                format!("本该覆盖 m{m} 的提交失败：{} 收到 {class}", who.zh),
            );
            return Some(Line::new(self.journal, id, Tone::Risk, text));
        }
        let mut moments = self.history.moments.iter().rev();
        let last = moments.find(|moment| {
            moment.on == On::Committed
                && moment.partition == Some(partition)
                && moment.entry < span.1
        })?;
        let to = last.offset;
        let text = both(
            format!("offset {to} is committed, the last one before: it does not cover m{m}"),
            format!("此前最后一次提交是 offset {to}：没有覆盖 m{m}"),
        );
        let covers = self.life.places.last().is_some_and(|p| p.offset < to);
        (!covers).then(|| Line::new(self.journal, last.entry, Tone::Plain, text))
    }

    /// Reading went on before it.
    pub(super) fn went_back(
        &self,
        (first, last): (EntryId, EntryId),
        partition: TopicPartition,
    ) -> Option<Line> {
        let offset = self.life.places.last().map_or(0, |place| place.offset);
        let moments = self.history.moments.iter();
        let mut between = moments.filter(|moment| first < moment.entry && moment.entry < last);
        let back = between.find(|moment| {
            moment.on == On::FirstPoll
                && moment.partition == Some(partition)
                && moment.offset <= offset
        })?;
        let (m, to, who) = (self.m, back.offset, name(self.experiment, back.node));
        let nth = partition.partition;
        let text = both(
            format!(
                "{} has partition {nth} now and reads on from offset {to}: m{m} comes again",
                who.en
            ),
            format!(
                "partition {nth} 现在归 {}，它从 offset {to} 继续读：m{m} 又来了一次",
                who.zh
            ),
        );
        Some(Line::new(self.journal, back.entry, Tone::Risk, text))
    }
}
