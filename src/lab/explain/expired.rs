//! Deleted unread: the log went on without the reader.

use super::Explainer;
use crate::kafka::config::{ConfigValue, Configs, Owner};
use crate::kafka::{Deletion, Entry, Offset};
use crate::lab::causes::{Cause, Knob};
use crate::lab::moments::On;
use crate::lab::story::{self, Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::NodeId;
use crate::sim::journal::EntryId;

impl Explainer<'_> {
    /// Its leader deleted it before a poll returned it.
    pub(super) fn expired(&self) -> Vec<Line> {
        let mut lines = self.written_and_told();
        let Some((entry, _)) = self.life.deleted else {
            return lines;
        };
        lines.extend(self.reader_stood(entry));
        lines.extend(self.reader_was_at(entry));
        let stamped = self.journal.get(entry);
        let knob = self.deleting_knob(entry);
        let text = stamped.and_then(|stamped| match stamped.what {
            Entry::LogStartMoved { offset, why, .. } => {
                Some(self.deletes(stamped.node, offset, why))
            }
            Entry::Compacted { .. } => Some(self.drops_tombstone(stamped.node)),
            _ => None,
        });
        lines.extend(text.map(|text| Line {
            blames: knob.map(Cause::Knob),
            ..self.decisive(entry, text)
        }));
        lines.extend(self.reader_went_on(entry));
        self.short(lines)
    }

    /// Which knob let it be deleted, at the value that keeps it.
    fn deleting_knob(&self, entry: EntryId) -> Option<Knob> {
        let owner = Owner::Topic;
        let (name, value) = match self.journal.get(entry)?.what {
            Entry::LogStartMoved { why, .. } => match why {
                Deletion::RetentionMs => ("retention.ms", "-1"),
                Deletion::RetentionBytes => ("retention.bytes", "-1"),
                Deletion::Request | Deletion::Leader => return None,
            },
            Entry::Compacted { .. } => ("delete.retention.ms", "86400000"),
            _ => return None,
        };
        Some(Knob { owner, name, value })
    }

    fn offset(&self) -> Offset {
        self.life.places.last().map_or(0, |place| place.offset)
    }

    /// A consumer whose process did not run then.
    fn reader_stood(&self, entry: EntryId) -> Option<Line> {
        let then = story::at(self.experiment, self.journal, entry);
        let first = self.experiment.consumer_node(0).0;
        let consumers = (0..self.experiment.topology.consumers).map(|n| NodeId(first + n));
        let stood = consumers.filter(|node| !then.nodes[usize::from(node.0)].is_running());
        stood
            .filter_map(|node| self.fault_before(entry, node))
            .next()
    }

    /// How far the group had committed.
    fn reader_was_at(&self, entry: EntryId) -> Option<Line> {
        let mut before = self.history.moments.iter().rev();
        let last = before.find(|moment| moment.on == On::Committed && moment.entry < entry)?;
        let (m, offset, to) = (self.m, self.offset(), last.offset);
        let text = both(
            format!("the group has committed offset {to}; m{m} lies at offset {offset}"),
            format!("group 提交到 offset {to}；m{m} 在 offset {offset}"),
        );
        Some(Line::new(self.journal, last.entry, Tone::Risk, text))
    }

    fn deletes(&self, node: NodeId, to: Offset, why: Deletion) -> Text {
        let who = name(self.experiment, node);
        let (configs, _) = Configs::build(&self.experiment.configs);
        let topic = &configs.topic;
        let because = match why {
            Deletion::RetentionMs => format!("retention.ms={}", topic.retention_ms.text()),
            Deletion::RetentionBytes => format!("retention.bytes={}", topic.retention_bytes.text()),
            Deletion::Request | Deletion::Leader => "DeleteRecords".to_owned(),
        };
        let m = self.m;
        both(
            format!(
                "{} deletes everything before offset {to} ({because}), m{m} with it; it does not ask who has read it",
                who.en
            ),
            format!(
                "{} 删除 offset {to} 之前的全部记录（{because}），包括 m{m}；它不管有没有人读过",
                who.zh
            ),
        )
    }

    fn drops_tombstone(&self, node: NodeId) -> Text {
        let who = name(self.experiment, node);
        let (configs, _) = Configs::build(&self.experiment.configs);
        let (m, kept_ms) = (self.m, configs.topic.delete_retention_ms);
        both(
            format!(
                "the cleaner of {} drops m{m}, a delete, delete.retention.ms={kept_ms} after it first saw it: who had not read it keeps the old value for ever",
                who.en
            ),
            format!(
                "{} 的清理线程丢弃了 m{m}（一条删除），距首次清理已过 delete.retention.ms={kept_ms}：没读到它的人会永远保留旧值",
                who.zh
            ),
        )
    }

    /// Where reading went on.
    fn reader_went_on(&self, entry: EntryId) -> Option<Line> {
        let from = entry.0 as usize + 1;
        let later = self.journal.entries().iter().enumerate().skip(from);
        let mut resets = later.filter_map(|(place, stamped)| match stamped.what {
            Entry::PositionReset { partition, to, .. }
                if Some(partition) == self.life.partition =>
            {
                Some((EntryId(place as u32), stamped.node, to))
            }
            _ => None,
        });
        let (reset, node, to) = resets.find(|(_, _, to)| *to > self.offset())?;
        let who = name(self.experiment, node);
        let (configs, _) = Configs::build(&self.experiment.configs);
        let policy = configs.consumer.auto_offset_reset.text();
        let text = both(
            format!(
                "{} finds its position out of range; auto.offset.reset={policy} puts it at {to}, without a word to the application",
                who.en
            ),
            format!(
                "{} 的位置超出范围；auto.offset.reset={policy} 把它移到 {to}，应用毫不知情",
                who.zh
            ),
        );
        Some(Line::new(self.journal, reset, Tone::Lost, text))
    }
}

#[cfg(test)]
mod tests {
    use crate::kafka::config::Owner;
    use crate::lab::experiment::Experiment;
    use crate::lab::explain::explain;
    use crate::lab::judge::Judgement;
    use crate::lab::ledger::Fate;
    use crate::lab::properties::Property;
    use crate::lab::run::Run;
    use crate::sim::SECOND;

    /// Twenty messages a second, kept for two seconds; each takes its consumer this long.
    fn retention_against(handler_ms: &str) -> Judgement {
        let settings = [
            (Owner::Topic, "segment.ms", "1000"),
            (Owner::Topic, "retention.ms", "2000"),
            (Owner::Broker, "log.initial.task.delay.ms", "1000"),
            (Owner::Broker, "log.retention.check.interval.ms", "1000"),
            (Owner::Consumer, "auto.offset.reset", "earliest"),
            (Owner::Consumer, "max.poll.records", "5"),
            (Owner::Consumer, "max.partition.fetch.bytes", "1000"),
            (Owner::Application, "handler.time.ms", handler_ms),
        ];
        let mut experiment = Experiment::three_brokers();
        for (owner, name, value) in settings {
            experiment = experiment.with(owner, name, value);
        }
        experiment.horizon_us = 20 * SECOND;
        Judgement::of(&Run::new(experiment))
    }

    #[test]
    fn a_consumer_slower_than_retention_loses_what_it_had_not_read_and_is_told_nothing() {
        let judgement = retention_against("300");
        let (tally, history) = (judgement.tally, &judgement.history);
        assert!(tally.expired > 0);
        assert_eq!(tally.lost_after_ack, tally.expired);
        assert!(judgement.verdict(Property::LostAfterAck).is_violated());
        let mut lives = history.ledger.iter();
        let life = lives.find(|life| history.fate(life) == Fate::Expired);
        let message = life.expect("one expired").message;
        let run = &judgement.healed;
        let why = explain(run.experiment(), run.journal(), history, message);
        let texts: Vec<&str> = why.lines.iter().map(|line| &*line.text.en).collect();
        let decisive = why.lines.iter().find(|line| line.decisive);
        let decisive = decisive.expect("a decisive line").text.en.to_string();
        assert!(decisive.contains("retention.ms=2000"), "{decisive}");
        assert!(
            texts
                .iter()
                .any(|t| t.contains("auto.offset.reset=earliest"))
        );
    }

    #[test]
    fn a_reader_slower_than_delete_retention_misses_deletes_and_nothing_else() {
        let settings = [
            (Owner::Topic, "cleanup.policy", "compact"),
            (Owner::Topic, "segment.ms", "1000"),
            (Owner::Topic, "min.cleanable.dirty.ratio", "0.01"),
            (Owner::Topic, "delete.retention.ms", "2000"),
            (Owner::Broker, "log.cleaner.backoff.ms", "500"),
            (Owner::Consumer, "auto.offset.reset", "earliest"),
            (Owner::Consumer, "max.partition.fetch.bytes", "1000"),
            (Owner::Application, "record.keys", "200"),
            (Owner::Application, "record.tombstone.every", "10"),
            (Owner::Application, "handler.time.ms", "700"),
        ];
        let mut experiment = Experiment::three_brokers();
        for (owner, name, value) in settings {
            experiment = experiment.with(owner, name, value);
        }
        experiment.horizon_us = 20 * SECOND;
        let judgement = Judgement::of(&Run::new(experiment));
        let history = &judgement.history;
        let of_fate = |fate: Fate| -> Vec<u32> {
            let lives = history
                .ledger
                .iter()
                .filter(|life| history.fate(life) == fate);
            lives.map(|life| life.message.0).collect()
        };
        let expired = of_fate(Fate::Expired);
        assert!(!expired.is_empty());
        assert!(expired.iter().all(|m| m % 10 == 0), "{expired:?}");
        assert!(of_fate(Fate::Deleted).len() > 50);
        let run = &judgement.healed;
        let first = crate::kafka::MessageId(expired[0]);
        let why = explain(run.experiment(), run.journal(), history, first);
        let decisive = why.lines.iter().find(|line| line.decisive);
        let decisive = &decisive.expect("a decisive line").text.en;
        assert!(decisive.contains("delete.retention.ms=2000"), "{decisive}");
    }

    #[test]
    fn a_consumer_that_keeps_up_loses_nothing_to_retention() {
        let judgement = retention_against("5");
        assert_eq!(judgement.tally.lost(), 0);
        let phantom = judgement.verdict(Property::PhantomRead);
        assert!(!phantom.is_violated(), "{phantom:?}");
        let fates = judgement.history.ledger.iter();
        let finished = fates.filter(|life| life.deleted.is_some());
        assert!(finished.count() > 100, "it was deleted all the same");
    }
}
