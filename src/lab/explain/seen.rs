//! Seen and then not there, or seen in the wrong order.

use super::Explainer;
use crate::kafka::config::Owner;
use crate::kafka::{Cut, Entry};
use crate::lab::ledger::Life;
use crate::lab::moments::On;
use crate::lab::story::{self, Line, Tone, both, name};
use crate::sim::NodeId;
use crate::sim::journal::EntryId;

impl Explainer<'_> {
    /// The business worked on it, and it is in no log that lives on.
    pub(super) fn phantom(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .life
            .effects
            .iter()
            .map(|(first, _)| self.worked_on(*first))
            .collect();
        if self.is_aborted() {
            lines.extend(self.read_uncommitted());
            lines.extend(self.aborted());
            return self.short(lines);
        }
        let Some(entry) = self.life.last_cut() else {
            return self.short(lines);
        };
        lines.extend(self.written_and_told());
        if let Some(stamped) = self.journal.get(entry)
            && let Entry::LogCut { why, .. } = stamped.what
        {
            let who = name(self.experiment, stamped.node);
            lines.extend(self.why_cut(entry, why, stamped.node));
            lines.push(self.decisive(entry, story::cut(self.experiment, self.m, &who, why)));
        }
        self.short(lines)
    }

    /// What made a log end before it.
    pub(super) fn why_cut(&self, entry: EntryId, why: Cut, node: NodeId) -> Vec<Line> {
        let Cut::Truncated { leader, .. } = why else {
            let from = self
                .life
                .places
                .last()
                .map_or(self.life.buffered, |place| place.written);
            return self.wrong((from, entry), 2, |at| at == node);
        };
        // Its new leader had less: what had taken the old one away, and what had kept or cut the new one's copy.
        let elected = self.history.moments.iter().rev().find(|moment| {
            moment.entry < entry
                && moment.partition == self.life.partition
                && moment.node == leader
                && matches!(moment.on, On::Elected | On::ElectedUnclean)
        });
        let mut lines = Vec::new();
        let until = elected.map_or(entry, |moment| moment.entry);
        if let Some(moment) = elected {
            let (who, m) = (name(self.experiment, leader), self.m);
            let how = match moment.on {
                On::ElectedUnclean => (" unclean", "（unclean 选举）"),
                _ => ("", ""),
            };
            let (epoch, end) = (moment.epoch, moment.offset);
            let text = both(
                format!(
                    "{} leads epoch {epoch}{} with log end {end}: m{m} is not in it",
                    who.en, how.0
                ),
                format!(
                    "{} 成为 epoch {epoch} 的 leader{}，LEO 是 {end}，没有 m{m}",
                    who.zh, how.1
                ),
            );
            lines.push(Line::new(self.journal, moment.entry, Tone::Lost, text));
        }
        let places = self.life.places.iter().rev();
        let written = places
            .map(|place| place.written)
            .find(|written| *written < until);
        let from = written.unwrap_or(self.life.buffered);
        lines.extend(self.wrong((from, until), 3, |node| !self.is_client(node)));
        lines
    }

    pub(super) fn is_client(&self, node: NodeId) -> bool {
        node.0 >= self.experiment.producer_node(0).0
    }

    /// "the consumer does the work on m9".
    pub(super) fn worked_on(&self, effect: EntryId) -> Line {
        let m = self.m;
        let who = self.written_by(effect);
        let text = both(
            format!("{} does the work on m{m}", who.en),
            format!("{} 处理 m{m}", who.zh),
        );
        Line::new(self.journal, effect, Tone::Risk, text)
    }

    /// What it was part of was aborted, and who reads everything saw it all the same.
    fn read_uncommitted(&self) -> Option<Line> {
        let (m, polled) = (self.m, self.life.polled?);
        let text = both(
            format!(
                "a poll returns m{m}, whose transaction is not committed: isolation.level=read_uncommitted asks for that"
            ),
            format!(
                "poll 返回了 m{m}，它的事务并未提交：isolation.level=read_uncommitted 就是如此"
            ),
        );
        let line = Line::new(self.journal, polled, Tone::Risk, text);
        Some(line.blaming(Owner::Consumer, "isolation.level", "read_committed"))
    }

    /// Its first effect came after that of a later message.
    pub(super) fn reordered(&self) -> Vec<Line> {
        let mut all = self.history.reordered.iter();
        let Some((effect, _, later)) = all.find(|(_, message, _)| *message == self.life.message)
        else {
            return Vec::new();
        };
        let Some(other) = self.history.ledger.get(*later) else {
            return Vec::new();
        };
        let (m, n) = (self.m, later.0);
        let mut lines = vec![self.handed_over()];
        lines.extend(self.both_written(other));
        lines.extend(self.sent_again(*effect));
        if let Some((first, _)) = other.effects {
            let who = self.written_by(first);
            let text = both(
                format!(
                    "{} does the work on m{n}, which was sent after m{m}",
                    who.en
                ),
                format!("{} 处理 m{n}，而它是在 m{m} 之后发送的", who.zh),
            );
            lines.push(Line::new(self.journal, first, Tone::Risk, text));
        }
        lines.extend(self.wrong((self.life.buffered, *effect), 2, |_| true));
        let text = both(
            format!("only now the work on m{m} is done: after m{n}"),
            format!("m{m} 到现在才处理完：排在 m{n} 之后"),
        );
        let line = self.decisive(*effect, text);
        lines.push(match self.is_behind(other) {
            true => line.blaming(Owner::Producer, "enable.idempotence", "true"),
            false => line,
        });
        self.short(lines)
    }

    /// Whether the log itself has it after the later message.
    fn is_behind(&self, other: &Life) -> bool {
        let offset = |life: &Life| life.living_place().map(|place| place.offset);
        offset(self.life) > offset(other)
    }

    /// In the log it lies behind the later message.
    fn both_written(&self, other: &Life) -> Option<Line> {
        let (here, there) = (self.life.living_place()?, other.living_place()?);
        if here.offset <= there.offset {
            return None;
        }
        let (m, n) = (self.m, other.message.0);
        let (at, behind) = (here.offset, there.offset);
        let text = both(
            format!("m{m} is written at offset {at}, behind m{n} at offset {behind}"),
            format!("m{m} 写到 offset {at}，排在 offset {behind} 的 m{n} 之后"),
        );
        Some(Line::new(self.journal, here.written, Tone::Risk, text))
    }
}
