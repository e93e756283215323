//! Why it vanished: from the decision that made the loss final back to what it needed to happen.
//!
//! The journal gives each entry its cause. The walk goes from the entry at which the message was first found lost to
//! the fault at its root, and keeps the entries without which the loss would not have happened: where it was written,
//! what the producer was told, what kept the copies back, what took the last one, who decided that it stays gone.

mod consumed;
mod expired;
mod orders;
mod reordered;
mod transactions;
mod vanished;

use crate::kafka::{Entry, Journal, MessageId};
use crate::lab::experiment::Experiment;
use crate::lab::history::History;
use crate::lab::ledger::{Fate, Life};
use crate::lab::story::{self, Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::NodeId;
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;

/// No explanation is longer than this.
const MOST_LINES: usize = 6;

/// An explanation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// "Why m9 vanished".
    pub title: Text,
    /// Dated sentences in order.
    pub lines: Vec<Line>,
}

/// Explains what became of `message`, by what is known at `history`'s moment.
pub fn explain(
    experiment: &Experiment,
    journal: &Journal,
    history: &History,
    message: MessageId,
) -> Why {
    let Some(life) = history.ledger.get(message) else {
        return Why::default();
    };
    let m = message.0;
    let teller = Explainer {
        experiment,
        journal,
        history,
        life,
        m,
    };
    let fate = history.fate(life);
    (teller.of_the_shop(fate)).unwrap_or_else(|| teller.of_kafka(fate))
}
/// The chain of causes of `entry`, from itself to its root.
pub fn causes(journal: &Journal, entry: EntryId) -> Vec<EntryId> {
    let mut chain = vec![entry];
    let mut at = entry;
    while let Some(cause) = journal.get(at).and_then(|stamped| stamped.cause.known()) {
        // A cause is always older than what it causes.
        if cause >= at {
            break;
        }
        chain.push(cause);
        at = cause;
    }
    chain
}

struct Explainer<'a> {
    experiment: &'a Experiment,
    journal: &'a Journal,
    history: &'a History,
    life: &'a Life,
    m: u32,
}

impl Explainer<'_> {
    /// What Kafka has to do with it.
    fn of_kafka(&self, fate: Fate) -> Why {
        let m = self.m;
        let (title, mut lines) = match fate {
            Fate::Lost | Fate::Doomed => (
                both(format!("Why m{m} vanished"), format!("m{m} 为什么丢失")),
                self.vanished(),
            ),
            Fate::Skipped => (
                both(
                    format!("Why m{m} was never done"),
                    format!("m{m} 为什么没有处理"),
                ),
                self.skipped(),
            ),
            Fate::Expired => (
                both(
                    format!("Why m{m} was never read"),
                    format!("m{m} 为什么没有被读到"),
                ),
                self.expired(),
            ),
            Fate::Twice => (
                both(format!("Why m{m} came twice"), format!("m{m} 为什么重复")),
                self.twice_explained(),
            ),
            Fate::Aborted => (
                both(
                    format!("Why m{m} does not count"),
                    format!("m{m} 为什么不算数"),
                ),
                self.aborted(),
            ),
            Fate::Open => (
                both(
                    format!("Why m{m} is not seen yet"),
                    format!("m{m} 为什么还看不到"),
                ),
                self.open(),
            ),
            Fate::Committed if self.is_hidden() => (
                both(format!("Why m{m} is hidden"), format!("m{m} 为什么被挡住")),
                self.hidden(),
            ),
            _ => self.otherwise(),
        };
        sort_by_number(&mut lines, |line| line.entry.0.into());
        lines.dedup_by_key(|line| line.entry);
        Why { title, lines }
    }

    /// Neither lost nor doubled: worked on too late, or its life.
    fn otherwise(&self) -> (Text, Vec<Line>) {
        let m = self.m;
        if let Some((effect, later)) = self.overtaken() {
            let title = both(
                format!("Why m{m} came after m{}", later.0),
                format!("m{m} 为什么在 m{} 之后", later.0),
            );
            return (title, self.late(effect, later));
        }
        let message = self.life.message;
        let lines = story::life(self.experiment, self.journal, self.history.seen(), message);
        (
            both(format!("The life of m{m}"), format!("m{m} 的经历")),
            lines,
        )
    }

    /// The last thing that ended or stopped `node` before an entry: by cause if the chain shows it.
    pub(super) fn last_fault(&self, node: NodeId, before: EntryId) -> Option<EntryId> {
        let is_fault = |entry: &EntryId| {
            let stamped = self.journal.get(*entry);
            stamped.is_some_and(|s| s.node == node && is_fault(&s.what))
        };
        causes(self.journal, before)
            .into_iter()
            .skip(1) // the entry itself
            .find(is_fault)
            .or_else(|| (0..before.0).rev().map(EntryId).find(is_fault))
    }

    pub(super) fn fault_before(&self, last: EntryId, node: NodeId) -> Option<Line> {
        let entry = self.last_fault(node, last)?;
        let text = fault_words(self.journal, entry, &name(self.experiment, node))?;
        Some(Line::new(self.journal, entry, Tone::Lost, text))
    }

    pub(super) fn decisive(&self, entry: EntryId, text: Text) -> Line {
        Line {
            decisive: true,
            ..Line::new(self.journal, entry, Tone::Lost, text)
        }
    }

    /// At most [`MOST_LINES`], the decisive one and the latest kept.
    pub(super) fn short(&self, mut lines: Vec<Line>) -> Vec<Line> {
        sort_by_number(&mut lines, |line| line.entry.0.into());
        lines.dedup_by_key(|line| line.entry);
        while lines.len() > MOST_LINES {
            let middle = lines
                .iter()
                .skip(1)
                .position(|line| !line.decisive)
                .map_or(0, |n| n + 1);
            lines.remove(middle);
        }
        lines
    }
}

fn is_fault(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Killed
            | Entry::PowerLost
            | Entry::Halted
            | Entry::Stopped
            | Entry::StopAsked
            | Entry::Paused
            | Entry::DiskWiped { .. }
            | Entry::DirectoryOffline
            | Entry::LinkCut { .. }
    )
}

/// What happened to `who`.
fn fault_words(journal: &Journal, entry: EntryId, who: &Text) -> Option<Text> {
    let (en, zh) = match journal.get(entry)?.what {
        Entry::Killed => ("is killed (kill -9)", "被 kill -9"),
        Entry::PowerLost => ("loses power", "断电"),
        Entry::Halted => ("halts after an error", "因错误停止"),
        Entry::Stopped | Entry::StopAsked => ("is stopped in order", "正常停止"),
        Entry::Paused => ("stands still", "停住了"),
        Entry::DiskWiped { .. } => ("gets an empty disk", "换上了空盘"),
        Entry::DirectoryOffline => ("loses its log directory", "的日志目录离线"),
        Entry::LinkCut { .. } => ("is cut off", "被隔离"),
        _ => return None,
    };
    let gap = if zh.is_ascii() { "" } else { " " };
    Some(both(
        format!("{} {en}", who.en),
        format!("{}{gap}{zh}", who.zh),
    ))
}
