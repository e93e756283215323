//! Not seen: part of a transaction that is open or was aborted, or behind one.

use super::Explainer;
use crate::kafka::config::{Configs, IsolationLevel, Owner};
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClientError, Entry, MessageId, TransactionEnd};
use crate::lab::ledger::Place;
use crate::lab::story::{self, Line, Tone, both};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;

impl Explainer<'_> {
    /// Where it was written, and what its producer heard.
    fn told(&self) -> Vec<Line> {
        let (journal, seen) = (self.journal, self.history.seen());
        let mut lines = story::life(self.experiment, journal, seen, self.life.message);
        lines.retain(|line| {
            let what = self.journal.get(line.entry).map(|stamped| &stamped.what);
            matches!(what, Some(Entry::Appended { .. } | Entry::Acked { .. }))
        });
        lines
    }

    fn bound_place(&self) -> Option<(&Place, u64)> {
        let mut places = self.life.places.iter().rev();
        places.find_map(|place| Some((place, place.transaction?)))
    }

    /// What the coordinator decided about its transaction.
    fn decision(&self) -> Option<(EntryId, TransactionEnd)> {
        let (place, producer) = self.bound_place()?;
        let later = (place.written.0..self.history.seen()).map(EntryId);
        later
            .filter_map(|id| Some((id, self.journal.get(id)?)))
            .find_map(|(id, stamped)| match stamped.what {
                Entry::TransactionDecided {
                    producer_id,
                    commit: false,
                    why,
                    ..
                } if producer_id == producer => Some((id, why)),
                _ => None,
            })
    }

    /// Whether readers of committed records skip it.
    pub(super) fn is_aborted(&self) -> bool {
        let part = self.life.partition.and_then(|p| self.history.parts.get(&p));
        let Some(part) = part else {
            return false;
        };
        let mut places = self.life.places.iter();
        places.any(|place| self.history.counts(part, self.life, place) == Some(false))
    }

    /// Its transaction was aborted.
    pub(super) fn aborted(&self) -> Vec<Line> {
        let mut lines = vec![self.handed_over()];
        lines.extend(self.told());
        lines.extend(self.dropped());
        let heard = self.abort_heard();
        match self.decision() {
            Some((entry, why)) => {
                let abort = self.abort_words(why);
                let line = self.decisive(entry, abort);
                lines.extend(self.asked_for(&line, why));
                lines.push(match why {
                    TransactionEnd::Asked if self.aborts_on_purpose() => {
                        line.blaming(Owner::Application, "transaction.abort.every", "0")
                    }
                    TransactionEnd::TimedOut => {
                        line.blaming(Owner::Producer, "transaction.timeout.ms", "900000")
                    }
                    _ => line,
                });
            }
            None => {
                let m = self.m;
                let line = heard.map(|entry| {
                    let text = both(
                        format!("the application aborts its transaction: m{m} does not count"),
                        format!("应用中止事务：m{m} 不算数"),
                    );
                    self.decisive(entry, text)
                });
                if let Some(line) = line {
                    lines.extend(self.asked_for(&line, TransactionEnd::Asked));
                    lines.push(match self.aborts_on_purpose() {
                        true => line.blaming(Owner::Application, "transaction.abort.every", "0"),
                        false => line,
                    });
                }
            }
        }
        self.short(lines)
    }

    /// It had not left when its transaction was aborted.
    fn dropped(&self) -> Option<Line> {
        let ids = (self.life.buffered.0..self.history.seen()).map(EntryId);
        let mut failed = ids.filter(|id| {
            let stamped = self.journal.get(*id);
            stamped.is_some_and(|stamped| {
                let aborted = ClientError::TransactionAborted;
                matches!(stamped.what, Entry::Failed { message, error, .. }
                    if message == self.life.message && error == aborted)
            })
        });
        let (m, id) = (self.m, failed.next()?);
        let text = both(
            format!("m{m} had not left yet: its callback hears TransactionAbortedException"),
            format!("m{m} 还没有发出：callback 收到 TransactionAbortedException"),
        );
        Some(Line::new(self.journal, id, Tone::Plain, text))
    }

    /// The application asks for the abort before it has left.
    pub(super) fn abort_asked(&self, before: EntryId) -> Option<Line> {
        let id = self.abort_heard().filter(|id| *id < before)?;
        let text = Text::fixed(
            "the application calls abortTransaction()",
            "应用调用 abortTransaction()",
        );
        Some(Line::new(self.journal, id, Tone::Risk, text))
    }

    fn aborts_on_purpose(&self) -> bool {
        let (configs, _) = Configs::build(&self.experiment.configs);
        configs.app.transaction_abort_every > 0
    }

    /// The application asked for the abort of the transaction that it was sent in.
    fn abort_heard(&self) -> Option<EntryId> {
        let sender = self.journal.get(self.life.buffered)?.node;
        let later = (self.life.buffered.0..self.history.seen()).map(EntryId);
        let mut ends = later.filter_map(|id| Some((id, self.journal.get(id)?)));
        let (id, _) = ends.find(|(_, stamped)| {
            stamped.node == sender
                && matches!(stamped.what, Entry::TransactionEnding { commit: false })
        })?;
        Some(id)
    }

    /// What made somebody end it so.
    fn asked_for(&self, end: &Line, why: TransactionEnd) -> Vec<Line> {
        if why == TransactionEnd::Asked && self.aborts_on_purpose() {
            return Vec::new();
        }
        let mut lines = self.wrong((self.life.buffered, end.entry), 2, |node| {
            !self.is_consumer(node)
        });
        let sender = self
            .journal
            .get(self.life.buffered)
            .map(|stamped| stamped.node);
        let ids = (self.life.buffered.0..end.entry.0).rev().map(EntryId);
        let mut failed = ids.filter_map(|id| {
            let stamped = self
                .journal
                .get(id)
                .filter(|stamped| Some(stamped.node) == sender)?;
            match stamped.what {
                Entry::Failed { error, .. } | Entry::Thrown { error, .. } => Some((id, error)),
                _ => None,
            }
        });
        if let Some((id, error)) = failed.next() {
            let class = error.class();
            let text = both(
                format!("the producer hears {class}: the transaction can only be aborted"),
                format!("producer 收到 {class}：事务只能中止"),
            );
            lines.push(Line::new(self.journal, id, Tone::Risk, text));
        }
        lines
    }

    fn abort_words(&self, why: TransactionEnd) -> Text {
        let m = self.m;
        match why {
            TransactionEnd::Asked => both(
                format!(
                    "the application aborts the transaction of m{m}: readers of committed records skip it"
                ),
                format!("应用中止了 m{m} 所在的事务：read_committed 的读者会跳过它"),
            ),
            TransactionEnd::TimedOut => both(
                format!(
                    "m{m}'s transaction was open for longer than transaction.timeout.ms: the coordinator aborts it"
                ),
                format!("m{m} 所在的事务超过了 transaction.timeout.ms：coordinator 将其中止"),
            ),
            TransactionEnd::Fenced => both(
                format!(
                    "a new producer with the same transactional.id begins: the coordinator aborts the transaction of m{m}"
                ),
                format!(
                    "相同 transactional.id 的新 producer 启动：coordinator 中止 m{m} 所在的事务"
                ),
            ),
        }
    }

    /// Its transaction has not ended.
    pub(super) fn open(&self) -> Vec<Line> {
        let (m, mut lines) = (self.m, self.told());
        if let Some((place, _)) = self.bound_place() {
            let text = both(
                format!("m{m} is part of a transaction that is neither committed nor aborted yet"),
                format!("m{m} 所在的事务还没有提交，也没有中止"),
            );
            lines.push(self.decisive(place.written, text));
        }
        if let Some(died) = self.life.died_with {
            let text = both(
                "its producer is gone: the coordinator will abort it after transaction.timeout.ms"
                    .into(),
                "它的 producer 已经不在：coordinator 将在 transaction.timeout.ms 之后中止它".into(),
            );
            lines.push(Line::new(self.journal, died, Tone::Risk, text));
        }
        self.short(lines)
    }

    /// What it waits behind.
    fn behind(&self) -> Option<MessageId> {
        let place = self.life.living_place()?;
        self.history
            .hidden_behind(self.life.partition?, place.offset)
    }

    /// Whether its readers wait for the end of somebody else's transaction.
    pub(super) fn is_hidden(&self) -> bool {
        let (spec, _) = self.experiment.spec();
        let waits = spec.clients.iter().any(|client| match &client.kind {
            ClientKind::Consumer { config, .. } => {
                config.isolation_level == IsolationLevel::ReadCommitted
            }
            ClientKind::Producer { .. } => false,
        });
        waits && self.behind().is_some()
    }

    /// Hidden behind an open transaction.
    pub(super) fn hidden(&self) -> Vec<Line> {
        let (m, mut lines) = (self.m, self.told());
        let first = self
            .behind()
            .and_then(|first| self.history.ledger.get(first));
        if let Some(first) = first
            && let Some(place) = first.living_place()
        {
            let (other, offset) = (first.message.0, place.offset);
            let text = both(
                format!(
                    "m{other} at offset {offset} belongs to a transaction that is neither committed nor aborted: \
                     read_committed stops before it, and m{m} is hidden behind it"
                ),
                format!(
                    "offset {offset} 的 m{other} 属于一个未结束的事务：read_committed 读到它之前为止，m{m} 被挡在后面"
                ),
            );
            lines.push(self.decisive(place.written, text));
            if let Some(died) = first.died_with {
                let text = both(
                    "that transaction's producer is gone: it stays open until transaction.timeout.ms is over".into(),
                    "那个事务的 producer 已经不在：它会一直打开到 transaction.timeout.ms 到期".into(),
                );
                lines.push(Line::new(self.journal, died, Tone::Risk, text));
            }
        }
        self.short(lines)
    }
}
