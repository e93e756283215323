//! Why it vanished: from the decision that made the loss final back to what it needed to happen.
//!
//! The journal gives each entry its cause. The walk goes from the entry at which the message was first found lost to
//! the fault at its root, and keeps the entries without which the loss would not have happened: where it was written,
//! what the producer was told, what kept the copies back, what took the last one, who decided that it stays gone.

mod again;
mod consumed;
mod disagree;
mod expired;
mod letters;
mod orders;
mod proven;
mod reordered;
mod seen;
mod transactions;
mod vanished;
mod waited;
mod wrong;

pub use proven::proof_text;

use crate::kafka::{Entry, Journal, MessageId};
use crate::lab::causes::{self, Cause};
use crate::lab::experiment::Experiment;
use crate::lab::harm::Harm;
use crate::lab::history::History;
use crate::lab::ledger::{Fate, Life};
use crate::lab::story::{self, Line, Tone, both};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, NodeId};

/// No explanation is longer than this.
const MOST_LINES: usize = 6;

/// An explanation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// "Why m9 vanished".
    pub title: Text,
    /// Dated sentences in order.
    pub lines: Vec<Line>,
    /// The harm that they explain, and whose; none where nothing is wrong.
    pub about: Option<(Harm, MessageId)>,
}

impl Why {
    /// What its sentences blame: what was done, and knobs.
    pub fn causes(&self, experiment: &Experiment, journal: &Journal) -> Vec<Cause> {
        let mut causes = Vec::new();
        for line in &self.lines {
            for cause in blamed(experiment, journal, line) {
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            }
        }
        causes
    }

    /// The moment of its decisive sentence, or of its last.
    pub fn at_us(&self) -> Micros {
        let decisive = self.lines.iter().find(|line| line.decisive);
        let line = decisive.or(self.lines.last());
        line.map_or(0, |line| line.at_us)
    }
}

/// What one sentence blames.
fn blamed(experiment: &Experiment, journal: &Journal, line: &Line) -> Vec<Cause> {
    let stamped = journal.get(line.entry);
    let timed = stamped.and_then(|stamped| match stamped.what {
        // These have come of something; so has what decided.
        Entry::Halted | Entry::Stopped | Entry::DirectoryOffline { .. } => {
            causes::action_of(experiment, journal, line.entry)
        }
        _ if line.decisive => causes::action_of(experiment, journal, line.entry),
        _ => causes::done_at(experiment, stamped).cloned(),
    });
    let action = timed.map(Cause::Action).into_iter();
    action.chain(line.blames.clone()).collect()
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
    let teller = Explainer::new(experiment, journal, history, life);
    let m = message.0;
    let fate = history.fate(life);
    let harm = match fate {
        Fate::Phantom => Harm::Orderless,
        Fate::Dead => Harm::Dead,
        Fate::Lost | Fate::Doomed => Harm::Vanished,
        Fate::Skipped => Harm::Skipped,
        Fate::Expired => Harm::Expired,
        Fate::Twice => Harm::Twice,
        Fate::Aborted => Harm::Aborted,
        Fate::Open => {
            let title = both(
                format!("Why m{m} is not seen yet"),
                format!("m{m} 为什么还看不到"),
            );
            return teller.why(title, teller.open());
        }
        Fate::Committed if teller.is_hidden() => {
            let title = both(format!("Why m{m} is hidden"), format!("m{m} 为什么被挡住"));
            return teller.why(title, teller.hidden());
        }
        _ if teller.overtaken().is_some() => Harm::Reordered,
        _ if teller.has_diverged() => Harm::Diverged,
        _ => {
            let title = both(format!("The life of m{m}"), format!("m{m} 的经历"));
            let lines = story::life(experiment, journal, history.seen(), message);
            return teller.why(title, lines);
        }
    };
    explain_harm(experiment, journal, history, message, harm)
}

/// Explains how this harm came to `message`.
pub fn explain_harm(
    experiment: &Experiment,
    journal: &Journal,
    history: &History,
    message: MessageId,
    harm: Harm,
) -> Why {
    let Some(life) = history.ledger.get(message) else {
        return Why::default();
    };
    let teller = Explainer::new(experiment, journal, history, life);
    let lines = match harm {
        Harm::Vanished if teller.is_order_alone() => teller.order_alone(),
        Harm::Vanished => teller.vanished(),
        Harm::Skipped => teller.skipped(),
        Harm::Expired => teller.expired(),
        Harm::Twice => teller.twice_explained(),
        Harm::Phantom => teller.phantom(),
        Harm::Diverged => teller.disagreed(),
        Harm::Orderless => teller.message_alone(),
        Harm::Dead => teller.dead_row(),
        Harm::Reordered => teller.out_of_order(),
        Harm::Stuck => teller.stuck(),
        Harm::Failed => teller.failed(),
        Harm::Aborted => teller.aborted(),
        Harm::Late => teller.late(),
    };
    let lines = teller.decided_once(lines);
    let title = match harm {
        Harm::Vanished if teller.is_order_alone() => order_alone_title(message.0),
        _ => title(harm, message.0),
    };
    Why {
        about: Some((harm, message)),
        ..teller.why(title, lines)
    }
}

/// Its order stays, and the message was never written.
fn order_alone_title(m: u32) -> Text {
    both(
        format!("Why order m{m} has no message"),
        format!("订单 m{m} 为什么没有消息"),
    )
}

/// "Why m9 vanished".
fn title(harm: Harm, m: u32) -> Text {
    let (en, zh) = match harm {
        Harm::Vanished => ("vanished", "丢失"),
        Harm::Skipped => ("was never done", "没有处理"),
        Harm::Expired => ("was never read", "没有被读到"),
        Harm::Twice => ("came twice", "重复"),
        Harm::Phantom => ("was read and is gone", "读到之后又消失"),
        Harm::Diverged => ("is not the same on every replica", "在各副本上不一样"),
        Harm::Orderless => ("has no order", "没有订单"),
        Harm::Dead => ("is still in the outbox", "还在 outbox 里"),
        Harm::Reordered => ("came out of order", "乱序"),
        Harm::Stuck => ("is stuck", "停滞不前"),
        Harm::Failed => ("failed", "发送失败"),
        Harm::Aborted => ("does not count", "不算数"),
        Harm::Late => ("came late", "迟到"),
    };
    both(format!("Why m{m} {en}"), format!("m{m} 为什么{zh}"))
}

/// The chain of causes of `entry`, from itself to its root.
pub fn chain(journal: &Journal, entry: EntryId) -> Vec<EntryId> {
    let mut found = vec![entry];
    let mut at = entry;
    while let Some(cause) = journal.get(at).and_then(|stamped| stamped.cause.known()) {
        // A cause is always older than what it causes.
        if cause >= at {
            break;
        }
        found.push(cause);
        at = cause;
    }
    found
}

struct Explainer<'a> {
    experiment: &'a Experiment,
    journal: &'a Journal,
    history: &'a History,
    life: &'a Life,
    m: u32,
}

impl<'a> Explainer<'a> {
    fn new(
        experiment: &'a Experiment,
        journal: &'a Journal,
        history: &'a History,
        life: &'a Life,
    ) -> Self {
        let m = life.message.0;
        Explainer {
            experiment,
            journal,
            history,
            life,
            m,
        }
    }

    /// The sentences in order, and what they blame.
    fn why(&self, title: Text, mut lines: Vec<Line>) -> Why {
        sort_by_number(&mut lines, |line| line.entry.0.into());
        lines.dedup_by(|one, other| one.entry == other.entry && one.text == other.text);
        Why {
            title,
            lines,
            about: None,
        }
    }
}

impl Explainer<'_> {
    /// One sentence decides: the one at which it was found lost, or the first that might, or the last of all.
    fn decided_once(&self, mut lines: Vec<Line>) -> Vec<Line> {
        let found = lines
            .iter()
            .position(|line| line.decisive && Some(line.entry) == self.life.lost);
        let first = lines.iter().position(|line| line.decisive);
        let chosen = found.or(first).or(lines.len().checked_sub(1));
        for (place, line) in lines.iter_mut().enumerate() {
            line.decisive = Some(place) == chosen;
        }
        lines
    }

    /// The last thing that ended or stopped `node` before an entry: by cause if the chain shows it.
    pub(super) fn last_fault(&self, node: NodeId, before: EntryId) -> Option<EntryId> {
        let is_fault = |entry: &EntryId| {
            let stamped = self.journal.get(*entry);
            stamped.is_some_and(|s| s.node == node && is_fault(&s.what))
        };
        chain(self.journal, before)
            .into_iter()
            .skip(1) // the entry itself
            .find(is_fault)
            .or_else(|| (0..before.0).rev().map(EntryId).find(is_fault))
    }

    pub(super) fn fault_before(&self, last: EntryId, node: NodeId) -> Option<Line> {
        let entry = self.last_fault(node, last)?;
        self.wrong_line(entry)
    }

    /// What went wrong at `node` last before an entry, that entry not counted.
    pub(super) fn last_wrong(&self, before: EntryId, node: NodeId) -> Option<Line> {
        let mut wrong = self.wrong((EntryId(0), before), usize::MAX, |at| at == node);
        wrong.retain(|line| line.entry < before);
        wrong.pop()
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
        lines.dedup_by(|one, other| one.entry == other.entry && one.text == other.text);
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
            | Entry::DirectoryOffline { .. }
            | Entry::LinkCut { .. }
    )
}

/// What happened to `who`.
fn fault_words(entry: &Entry, who: &Text) -> Option<Text> {
    let (en, zh) = match entry {
        Entry::Killed => ("is killed (kill -9)", "被 kill -9"),
        Entry::PowerLost => ("loses power", "断电"),
        Entry::Halted => ("halts after an error", "因错误停止"),
        Entry::Stopped | Entry::StopAsked => ("is stopped in order", "正常停止"),
        Entry::Paused => ("stands still", "停住了"),
        Entry::DiskWiped { .. } => ("gets an empty disk", "换上了空盘"),
        Entry::DirectoryOffline { left: 0 } => ("loses its log directory", "的日志目录离线"),
        Entry::DirectoryOffline { .. } => {
            ("loses one of its log directories", "的一个日志目录离线")
        }
        _ => return None,
    };
    let gap = if zh.is_ascii() { "" } else { " " };
    Some(both(
        format!("{} {en}", who.en),
        format!("{}{gap}{zh}", who.zh),
    ))
}
