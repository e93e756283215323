//! What the application's own memory of its work did: dead letters that are gone, ids that were forgotten.

use super::Explainer;
use crate::kafka::config::{Acks, Configs, Owner, SeenIn};
use crate::kafka::{Entry, MessageId};
use crate::lab::experiment::LETTERS;
use crate::lab::history::partition_of;
use crate::lab::ledger::Aside;
use crate::lab::story::{Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::{MS, Micros};

impl Explainer<'_> {
    /// With a decisive one: the last, where none is.
    pub(super) fn decided(&self, mut lines: Vec<Line>) -> Vec<Line> {
        if !lines.iter().any(|line| line.decisive)
            && let Some(last) = lines.last_mut()
        {
            last.decisive = true;
        }
        self.short(lines)
    }

    /// It was set aside, and its dead letter is not there.
    pub(super) fn letter_lost(&self) -> Vec<Line> {
        let Some(aside) = self.life.aside.filter(|aside| aside.copies == 0) else {
            return Vec::new();
        };
        let (m, who) = (self.m, name(self.experiment, aside.by));
        let text = both(
            format!("{} gives up on m{m} and writes it to {LETTERS}", who.en),
            format!("{} 放弃 m{m}，把它写入 {LETTERS}", who.zh),
        );
        let mut lines = vec![Line::new(self.journal, aside.given, Tone::Risk, text)];
        lines.extend(self.what_took_the_letter(&aside));
        lines
    }

    fn what_took_the_letter(&self, aside: &Aside) -> Vec<Line> {
        if let Some(failed) = aside.failed {
            return vec![self.letter_unwritten(failed)];
        }
        let m = self.m;
        let end = aside.gone.unwrap_or(EntryId(self.history.seen()));
        let mut lines = self.wrong((aside.given, end), 2, |_| true);
        let acked = (aside.given.0..end.0).map(EntryId).find(|id| {
            let entry = self.journal.get(*id).map(|stamped| &stamped.what);
            entry.is_some_and(|entry| self.acks_letter(entry))
        });
        let (configs, _) = Configs::build(&self.experiment.configs);
        let acks = configs.app.dead_letter_acks;
        let knob = |line: Line| match acks {
            Acks::All => line,
            _ => line.blaming(Owner::Application, "dead.letter.acks", "all"),
        };
        if let Some(acked) = acked {
            let text = match acks {
                Acks::None => both(
                    format!("acks=0: the dead letter of m{m} counts as written once it has left"),
                    format!("acks=0：m{m} 的死信一发出就算写入"),
                ),
                _ => both(
                    format!("the dead letter of m{m} is acked"),
                    format!("m{m} 的死信收到 ack"),
                ),
            };
            lines.push(knob(Line::new(self.journal, acked, Tone::Risk, text)));
        }
        if let Some(gone) = aside.gone {
            let who = self.written_by(gone);
            let text = both(
                format!("{} leads {LETTERS} without the dead letter of m{m}", who.en),
                format!("{} 成为 {LETTERS} 的 leader，没有 m{m} 的死信", who.zh),
            );
            lines.push(self.decisive(gone, text));
        }
        lines
    }

    fn acks_letter(&self, entry: &Entry) -> bool {
        let is_elsewhere = partition_of(entry).map(|of| of.topic) == self.history.letters.topic;
        let is_mine = |message: MessageId| message == self.life.message;
        matches!(entry, Entry::Acked { message, .. } if is_elsewhere && is_mine(*message))
    }

    fn letter_unwritten(&self, failed: EntryId) -> Line {
        let m = self.m;
        let error = match self.journal.get(failed).map(|stamped| &stamped.what) {
            Some(Entry::Failed { error, .. }) => error.class(),
            _ => "",
        };
        let text = both(
            format!("its dead letter cannot be written ({error}), and the loop goes on without it"),
            format!("m{m} 的死信写不进去（{error}），循环不管它继续"),
        );
        let line = self.decisive(failed, text);
        line.blaming(Owner::Application, "dead.letter.on.failure", "crash")
    }

    /// An idempotent handler did it again: it did not know it any more.
    pub(super) fn done_forgotten(&self, first: EntryId, last: EntryId) -> Option<Line> {
        let (configs, _) = Configs::build(&self.experiment.configs);
        let app = &configs.app;
        if !app.handler_idempotent {
            return None;
        }
        let (done, again) = (self.journal.get(first)?, self.journal.get(last)?);
        let m = self.m;
        let past = |limit_us: Micros| limit_us > 0 && again.at >= done.at.saturating_add(limit_us);
        let (knob, value, text) = if app.handler_seen_in == SeenIn::Memory {
            (
                "handler.seen.in",
                "database",
                Text::new(
                    format!("that m{m} was done stood in the memory of a process alone"),
                    format!("m{m} 处理过这件事只记在一个进程的内存里"),
                ),
            )
        } else if past(app.handler_memory_ms.saturating_mul(MS)) {
            (
                "handler.memory.ms",
                "0",
                Text::new(
                    format!(
                        "handler.memory.ms={}: that m{m} was done is forgotten",
                        app.handler_memory_ms
                    ),
                    format!(
                        "handler.memory.ms={}：m{m} 处理过这件事已被忘记",
                        app.handler_memory_ms
                    ),
                ),
            )
        } else if app.handler_memory > 0 {
            (
                "handler.memory",
                "0",
                Text::new(
                    format!(
                        "handler.memory={}: newer messages have pushed m{m} out of the table",
                        app.handler_memory
                    ),
                    format!(
                        "handler.memory={}：更新的消息把 m{m} 挤出了表",
                        app.handler_memory
                    ),
                ),
            )
        } else {
            return None;
        };
        let line = Line::new(self.journal, last, Tone::Risk, text);
        Some(line.blaming(Owner::Application, knob, value))
    }
}
