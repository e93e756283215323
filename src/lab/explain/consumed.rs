//! Skipped or doubled: what a group did with a message that its log kept.

use super::Explainer;
use crate::kafka::Entry;
use crate::lab::experiment::OUTPUT;
use crate::lab::history::is_elsewhere;
use crate::lab::moments::On;
use crate::lab::story::{self, Line, Tone, both, name};
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;

impl Explainer<'_> {
    /// In the log, and the group went past it.
    pub(super) fn skipped(&self) -> Vec<Line> {
        let (m, mut lines) = (self.m, Vec::new());
        let offset = self.life.places.last().map_or(0, |place| place.offset);
        if let Some(polled) = self.life.polled {
            let text = both(format!("a poll returns m{m}"), format!("poll 返回了 m{m}"));
            lines.push(Line::new(self.journal, polled, Tone::Plain, text));
        }
        let committed = self
            .history
            .moments
            .iter()
            .find(|moment| moment.on == On::Committed && moment.offset > offset);
        if let Some(moment) = committed {
            let to = moment.offset;
            let text = both(
                format!("offset {to} is committed: m{m} (offset {offset}) counts as done"),
                format!("提交了 offset {to}：m{m}（offset {offset}）被算作处理完"),
            );
            lines.push(Line::new(self.journal, moment.entry, Tone::Risk, text));
        }
        if let Some(last) = self.life.lost {
            let node = self
                .journal
                .get(last)
                .map(|stamped| (&stamped.what, stamped.node));
            if let Some((Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted, node)) =
                node
            {
                let who = name(self.experiment, node);
                let text = both(
                    format!("{} ends before the work on m{m} is done", who.en),
                    format!("{} 在处理完 m{m} 之前结束", who.zh),
                );
                lines.push(self.decisive(last, text));
            }
            let resumed = self
                .history
                .moments
                .iter()
                .find(|moment| moment.on == On::FirstPoll && moment.entry > last);
            if let Some(moment) = resumed {
                let to = moment.offset;
                let text = both(
                    format!("reading goes on at offset {to}: nobody will poll m{m} again"),
                    format!("从 offset {to} 继续读：m{m} 不会再被 poll 到"),
                );
                lines.push(Line::new(self.journal, moment.entry, Tone::Lost, text));
            }
        }
        self.short(lines)
    }

    /// Written twice, or its effect seen twice.
    pub(super) fn twice(&self) -> Vec<Line> {
        let lines = story::life(
            self.experiment,
            self.journal,
            self.history.seen(),
            self.life.message,
        );
        let mut kept: Vec<Line> = lines
            .into_iter()
            .filter(|line| {
                let what = self.journal.get(line.entry).map(|stamped| &stamped.what);
                matches!(
                    what,
                    Some(
                        Entry::Appended { .. }
                            | Entry::BatchRetried { .. }
                            | Entry::Processed { .. }
                            | Entry::Polled { .. }
                            | Entry::LogCut { .. }
                    )
                )
            })
            .collect();
        if let Some((first, last)) = self.life.effects
            && first != last
        {
            let first_consumer = self.experiment.consumer_node(0).0;
            let consumers = first_consumer..self.experiment.relay_node().0;
            let between = self.history.moments.iter().filter(|moment| {
                first < moment.entry
                    && moment.entry < last
                    && matches!(moment.on, On::Killed | On::Paused | On::FirstPoll)
                    && (moment.on != On::FirstPoll || moment.partition == self.life.partition)
                    && (moment.on == On::FirstPoll || consumers.contains(&moment.node.0))
            });
            for moment in between {
                let who = name(self.experiment, moment.node);
                let text = match moment.on {
                    On::Killed => both(
                        format!("{} is killed; what it had done is not committed", who.en),
                        format!("{} 被 kill，已做的还没有提交", who.zh),
                    ),
                    On::Paused => both(
                        format!("{} stands still", who.en),
                        format!("{} 停住了", who.zh),
                    ),
                    _ => both(
                        format!(
                            "{} goes on at the committed offset {}",
                            who.en, moment.offset
                        ),
                        format!("{} 从已提交的 offset {} 继续读", who.zh, moment.offset),
                    ),
                };
                kept.push(Line::new(self.journal, moment.entry, Tone::Risk, text));
            }
            kept.extend(self.written_for(first));
            kept.extend(self.written_for(last));
            if let Some(line) = kept.iter_mut().find(|line| line.entry == last) {
                (line.tone, line.decisive) = (Tone::Twice, true);
            }
        }
        sort_by_number(&mut kept, |line| line.entry.0.into());
        self.short(kept)
    }

    /// The effect was a record that an application wrote for it.
    fn written_for(&self, effect: EntryId) -> Option<Line> {
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
