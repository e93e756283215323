//! Skipped or doubled: what a group did with a message that its log kept.

use super::Explainer;
use crate::kafka::config::{CommitMode, Configs, OnError, Owner};
use crate::kafka::{Entry, Offset};
use crate::lab::experiment::OUTPUT;
use crate::lab::history::is_elsewhere;
use crate::lab::moments::{Moment, On};
use crate::lab::story::{Line, Tone, both, name};
use crate::sim::journal::EntryId;

impl Explainer<'_> {
    /// In the log, and the group went past it.
    pub(super) fn skipped(&self) -> Vec<Line> {
        let mut lines = vec![self.handed_over()];
        let Some(place) = self.life.living_place().or(self.life.places.last()) else {
            return lines;
        };
        lines.push(self.written_at(place.written, place.offset));
        lines.extend(self.polled());
        let reset = self.reset_past(place.offset);
        let is_reset = reset.is_some();
        lines.extend(reset);
        lines.extend(self.offsets_reused(place.written, place.offset));
        let passed = self.committed_past(place.offset);
        if let Some(moment) = passed {
            lines.push(self.counts_as_done(moment, place.offset));
        }
        lines.extend(self.threw());
        let letter = self.letter_lost();
        if !letter.is_empty() {
            lines.extend(letter);
            return self.decided(lines);
        }
        match self.ended_with_it() {
            Some(end) => {
                lines.extend(self.fault_behind(end.entry));
                lines.push(end);
            }
            None if !is_reset && passed.is_none() => lines.extend(self.began_past(place.offset)),
            None => {}
        }
        self.decided(lines)
    }

    pub(super) fn written_at(&self, written: EntryId, offset: Offset) -> Line {
        let (m, who) = (self.m, self.written_by(written));
        let text = both(
            format!("{} writes m{m} at offset {offset}", who.en),
            format!("{} 把 m{m} 写到 offset {offset}", who.zh),
        );
        Line::new(self.journal, written, Tone::Plain, text)
    }

    fn polled(&self) -> Option<Line> {
        let (m, polled) = (self.m, self.life.polled?);
        let who = self.written_by(polled);
        let text = both(
            format!("a poll of {} returns m{m}", who.en),
            format!("{} 的 poll 返回 m{m}", who.zh),
        );
        Some(Line::new(self.journal, polled, Tone::Plain, text))
    }

    /// The first commit that counts it as done, since it is there.
    fn committed_past(&self, offset: Offset) -> Option<&Moment> {
        let mut moments = self.history.moments.iter();
        moments.find(|moment| {
            moment.on == On::Committed
                && moment.partition == self.life.partition
                && moment.offset > offset
                && moment.entry > self.life.buffered
        })
    }

    fn counts_as_done(&self, moment: &Moment, offset: Offset) -> Line {
        let (m, to) = (self.m, moment.offset);
        let text = both(
            format!("offset {to} is committed: m{m} (offset {offset}) counts as done"),
            format!("提交了 offset {to}：m{m}（offset {offset}）被算作处理完"),
        );
        let line = Line::new(self.journal, moment.entry, Tone::Risk, text);
        if self.life.polled.is_none() {
            return line;
        }
        let (configs, _) = Configs::build(&self.experiment.configs);
        match configs.app.commit_mode {
            CommitMode::Before | CommitMode::AsyncAfter => {
                line.blaming(Owner::Application, "commit.mode", "sync-after")
            }
            _ if configs.app.handler_handoff => {
                line.blaming(Owner::Application, "handler.handoff", "false")
            }
            _ => line,
        }
    }

    /// The consumer's position was set past it: nothing was committed, or what was is out of range.
    fn reset_past(&self, offset: Offset) -> Option<Line> {
        let ids = (0..self.history.seen()).rev().map(EntryId);
        let mut resets = ids.filter_map(|id| {
            let stamped = self.journal.get(id)?;
            match stamped.what {
                Entry::PositionReset {
                    partition,
                    from,
                    to,
                } => {
                    let past = Some(partition) == self.life.partition && to > offset;
                    past.then_some((id, stamped.node, from, to))
                }
                _ => None,
            }
        });
        // Who had it in hand before was not set past it.
        let polled = self.life.polled;
        let (id, node, from, to) =
            resets.find(|(id, ..)| polled.is_none_or(|polled| *id > polled))?;
        let who = name(self.experiment, node);
        let (configs, _) = Configs::build(&self.experiment.configs);
        let policy = crate::kafka::config::ConfigValue::text(&configs.consumer.auto_offset_reset);
        let m = self.m;
        let text = match from {
            Some(from) => both(
                format!(
                    "{} finds its position {from} out of range; auto.offset.reset={policy} puts it at {to}, past m{m}",
                    who.en
                ),
                format!(
                    "{} 的位置 {from} 超出范围；auto.offset.reset={policy} 把它移到 {to}，越过了 m{m}",
                    who.zh
                ),
            ),
            None => both(
                format!(
                    "the group has committed nothing here; auto.offset.reset={policy} lets {} begin at {to}, past m{m}",
                    who.en
                ),
                format!(
                    "group 在这里没有提交过；auto.offset.reset={policy} 让 {} 从 {to} 开始，越过了 m{m}",
                    who.zh
                ),
            ),
        };
        let line = Line::new(self.journal, id, Tone::Lost, text);
        let line = Line {
            decisive: true,
            ..line
        };
        Some(line.blaming(Owner::Consumer, "auto.offset.reset", "earliest"))
    }

    /// The log was cut after the group had read further: the offsets behind the cut are given out a second time.
    pub(super) fn offsets_reused(&self, written: EntryId, offset: Offset) -> Vec<Line> {
        let before =
            |moment: &&Moment| moment.entry < written && moment.partition == self.life.partition;
        let mut moments = self.history.moments.iter().rev().filter(before);
        let read = |moment: &&Moment| {
            matches!(moment.on, On::Committed | On::FirstPoll) && moment.offset > offset
        };
        let Some(read) = moments.clone().find(read) else {
            return Vec::new();
        };
        let m = self.m;
        let mut lines = Vec::new();
        let to = read.offset;
        let text = both(
            format!("the group has read up to offset {to} already"),
            format!("group 已经读到 offset {to}"),
        );
        lines.push(Line::new(self.journal, read.entry, Tone::Plain, text));
        let cut = moments.find(|moment| {
            matches!(moment.on, On::Truncated | On::TailLost) && moment.offset <= offset
        });
        if let Some(cut) = cut {
            let who = name(self.experiment, cut.node);
            let (from, to) = (cut.before, cut.offset);
            let text = both(
                format!(
                    "the log of {} is cut from {from} to {to}: offset {offset} is given out again, to m{m}",
                    who.en
                ),
                format!(
                    "{} 的日志从 {from} 截到 {to}：offset {offset} 又分给了 m{m}",
                    who.zh
                ),
            );
            if let Some(stamped) = self.journal.get(cut.entry)
                && let Entry::LogCut { why, .. } = stamped.what
            {
                lines.extend(self.why_cut(cut.entry, why, cut.node));
            }
            lines.push(Line::new(self.journal, cut.entry, Tone::Risk, text));
        }
        lines
    }

    fn threw(&self) -> Option<Line> {
        let message = Some(self.life.message);
        let mut moments = self.history.moments.iter().rev();
        let threw =
            moments.find(|moment| moment.on == On::HandlerThrew && moment.message == message)?;
        let (configs, _) = Configs::build(&self.experiment.configs);
        let m = self.m;
        let text = match configs.app.handler_on_error {
            OnError::Crash => both(
                format!("the handler throws at m{m}"),
                format!("处理 m{m} 时抛出异常"),
            ),
            OnError::Skip => both(
                format!(
                    "the handler throws at m{m}; the exception is swallowed and the loop goes on"
                ),
                format!("处理 m{m} 时抛出异常；异常被吞掉，循环继续"),
            ),
            OnError::Close => both(
                format!("the handler throws at m{m}; close() commits what poll() has returned"),
                format!("处理 m{m} 时抛出异常；close() 提交了 poll() 返回过的位置"),
            ),
            OnError::DeadLetter => return None,
        };
        let line = self.decisive(threw.entry, text);
        Some(match configs.app.handler_on_error {
            OnError::Crash => line,
            _ => line.blaming(Owner::Application, "handler.on.error", "crash"),
        })
    }

    /// The process that had it in hand ended.
    fn ended_with_it(&self) -> Option<Line> {
        let polled = self.life.polled?;
        let holder = self.journal.get(polled)?.node;
        let ids = (polled.0..self.history.seen()).map(EntryId);
        let mut ends = ids.filter_map(|id| {
            let stamped = self.journal.get(id)?;
            let ended = matches!(
                stamped.what,
                Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted
            );
            (ended && stamped.node == holder).then_some(id)
        });
        let entry = ends.next()?;
        let (m, who) = (self.m, name(self.experiment, holder));
        let text = both(
            format!("{} ends before the work on m{m} is done", who.en),
            format!("{} 在处理完 m{m} 之前结束", who.zh),
        );
        Some(self.decisive(entry, text))
    }

    /// What a process ended of, if not of itself.
    fn fault_behind(&self, end: EntryId) -> Option<Line> {
        let stamped = self.journal.get(end)?;
        match stamped.what {
            Entry::Halted | Entry::Stopped => self.last_wrong(end, stamped.node),
            _ => None,
        }
    }

    /// Reading began behind it.
    fn began_past(&self, offset: Offset) -> Option<Line> {
        let mut moments = self.history.moments.iter();
        let first = moments.find(|moment| {
            moment.on == On::FirstPoll
                && moment.partition == self.life.partition
                && moment.offset > offset
        })?;
        let (m, to) = (self.m, first.offset);
        let text = both(
            format!("reading goes on at offset {to}: nobody will poll m{m} again"),
            format!("从 offset {to} 继续读：m{m} 不会再被 poll 到"),
        );
        let line = self.decisive(first.entry, text);
        Some(line.blaming(Owner::Consumer, "auto.offset.reset", "earliest"))
    }

    /// Written twice, or its effect seen twice.
    pub(super) fn twice(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for place in &self.life.places {
            lines.push(self.written_at(place.written, place.offset));
        }
        let Some((first, last)) = self.life.effects.filter(|(first, last)| first != last) else {
            return self.written_twice(lines);
        };
        let twice_written = self.life.places.len() > 1;
        let polled = |entry: EntryId| {
            let stamped = self.journal.get(entry);
            stamped.is_some_and(|stamped| matches!(stamped.what, Entry::Processed { .. }))
        };
        if !twice_written && polled(first) && polled(last) {
            return self.repeated(first, last);
        }
        if twice_written {
            lines.extend(self.sent_again(last));
        } else {
            lines.truncate(1);
        }
        let invoice = self.written_for(first);
        lines.push(invoice.unwrap_or_else(|| self.worked_on(first)));
        lines.extend(self.written_for(last));
        let from = if twice_written {
            self.life.buffered
        } else {
            first
        };
        let wrong = self.wrong((from, last), 2, |_| true);
        let blameless = wrong.is_empty();
        lines.extend(wrong);
        lines.extend(self.taken_away(first, last));
        let back = |partition| self.went_back((first, last), partition);
        lines.extend(self.life.partition.and_then(back));
        let line = self.again(last);
        let forgotten = self.done_forgotten(first, last);
        let knew = forgotten.is_some();
        lines.extend(forgotten);
        lines.push(match blameless && !knew {
            true => line.blaming(Owner::Application, "handler.idempotent", "true"),
            false => line,
        });
        self.short(lines)
    }

    /// No consumer: the log has it twice.
    fn written_twice(&self, mut lines: Vec<Line>) -> Vec<Line> {
        let Some(last) = lines.last_mut() else {
            return lines;
        };
        let until = last.entry;
        (last.decisive, last.tone) = (true, Tone::Twice);
        lines.extend(self.sent_again(until));
        lines.extend(self.wrong((self.life.buffered, until), 2, |node| {
            !self.is_consumer(node)
        }));
        self.short(lines)
    }

    /// The first worker lost the partition.
    fn taken_away(&self, first: EntryId, last: EntryId) -> Option<Line> {
        let partition = self.life.partition?;
        let ids = (first.0..last.0).map(EntryId);
        let mut lost = ids.filter_map(|id| {
            let stamped = self.journal.get(id)?;
            match &stamped.what {
                Entry::PartitionsLost { partitions } | Entry::Revoked { partitions } => partitions
                    .contains(&partition)
                    .then_some((id, stamped.node)),
                _ => None,
            }
        });
        let (id, node) = lost.next()?;
        let who = name(self.experiment, node);
        let text = both(
            format!("{} loses the partition in a rebalance", who.en),
            format!("{} 在 rebalance 中失去该 partition", who.zh),
        );
        Some(Line::new(self.journal, id, Tone::Risk, text))
    }

    /// The effect was a record that an application wrote for it.
    pub(super) fn written_for(&self, effect: EntryId) -> Option<Line> {
        let stamped = self.journal.get(effect)?;
        let Entry::Appended { entry, .. } = &stamped.what else {
            return None;
        };
        let m = self.m;
        let mut records = entry.records();
        let (offset, _) = records.find(|(_, record)| record.message == self.life.message)?;
        let text = both(
            format!("an invoice for m{m} is written at offset {offset} of {OUTPUT}"),
            format!("m{m} 的发票写到 {OUTPUT} 的 offset {offset}"),
        );
        is_elsewhere(&stamped.what).then(|| Line::new(self.journal, effect, Tone::Safe, text))
    }
}
