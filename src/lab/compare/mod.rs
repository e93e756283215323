//! Two runs beside each other: the same faults and the same luck, other settings. Where do they part for the first time?
//!
//! Small shifts in time are everywhere as soon as one knob is turned, so journals are not compared entry by entry. The
//! two ledgers say which messages end otherwise; what was done about such a message, and who led its partition, is
//! walked in both journals side by side until the two say something else.

mod facts;
#[cfg(test)]
mod tests;
mod words;

use facts::{Dated, Fact, facts_of, leaders};

use super::experiment::{Experiment, TOPIC};
use super::history::History;
use super::knobs::{COUNTS, count, find, handle};
use super::ledger::{Fate, Life};
use super::moments::Moment;
use super::run::Run;
use super::script::{decisive, spoken};
use super::text::Text;
use super::what_if::current;
use crate::kafka::config::Configs;
use crate::kafka::{Journal, MessageId, TopicPartition};
use crate::sim::Micros;

/// One of the two runs, known to its horizon.
pub struct Side {
    run: Run,
    history: History,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// When the first of the two does what the other one does not, in microseconds.
    pub at_us: Micros,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// It decides what becomes of the message: it ends otherwise.
    pub decides: bool,
    /// What A does: "answers m8 at once. It is on broker 1 alone."
    pub a: Text,
    /// What B does.
    pub b: Text,
}

/// A knob that stands otherwise in B than in A.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its handle.
    pub handle: String,
    /// Its value in A.
    pub a: String,
    /// Its value in B.
    pub b: String,
}

impl Side {
    /// This experiment, played to its horizon.
    pub fn of(experiment: &Experiment) -> Side {
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        let mut history = History::new(experiment);
        history.follow(run.journal(), run.entries());
        Side { run, history }
    }

    /// The run, at its horizon.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What is known of it there.
    pub fn history(&self) -> &History {
        &self.history
    }

    fn experiment(&self) -> &Experiment {
        self.run.experiment()
    }

    fn journal(&self) -> &Journal {
        self.run.journal()
    }

    fn end(&self, message: MessageId) -> End {
        let life = self.history.ledger.get(message);
        let fate = life.map_or(Fate::NotSent, |life| self.history.fate(life));
        let mut late = self.history.reordered.iter();
        End {
            kind: Kind::of(fate),
            late: late.any(|(_, moved, _)| *moved == message),
        }
    }

    fn partition(&self, message: MessageId) -> Option<TopicPartition> {
        self.history.ledger.get(message)?.partition
    }
}

/// How a message ended, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
struct End {
    kind: Kind,
    late: bool,
}

/// Fates that mean the same to the business.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lost,
    Twice,
    Failed,
    Aside,
    /// There, or on its way.
    Fine,
}

impl Kind {
    fn of(fate: Fate) -> Kind {
        match fate {
            fate if fate.is_lost() => Kind::Lost,
            Fate::Twice | Fate::Phantom => Kind::Twice,
            Fate::Failed | Fate::InDoubt | Fate::Aborted => Kind::Failed,
            Fate::Dead | Fate::SetAside => Kind::Aside,
            _ => Kind::Fine,
        }
    }
}

impl End {
    /// The application was promised it, or the business was harmed.
    fn is_harm(self) -> bool {
        self.late || matches!(self.kind, Kind::Lost | Kind::Twice)
    }
}

/// So many messages are looked at, spread over all that end otherwise.
const MOST_ASKED: usize = 48;

/// Where A and B part: what is done first about a message that harm comes to in one of them alone; else about one that
/// ends otherwise; else about any; else what decides in one of them alone. None where the two do the same.
pub fn first_difference(a: &Side, b: &Side) -> Option<Difference> {
    let all = |side: &Side| -> Vec<MessageId> {
        let lives = side.history.ledger.iter();
        lives.map(|life: &Life| life.message).collect()
    };
    let (of_a, of_b) = (all(a), all(b));
    let messages = if of_a.len() < of_b.len() { of_b } else { of_a };
    let other: Vec<(MessageId, bool)> = messages
        .iter()
        .filter_map(|message| {
            let (in_a, in_b) = (a.end(*message), b.end(*message));
            (in_a != in_b).then_some((*message, in_a.is_harm() || in_b.is_harm()))
        })
        .collect();
    let harmed = || other.iter().filter(|(_, harmed)| *harmed);
    let asked: Vec<MessageId> = match harmed().next() {
        Some(_) => harmed().map(|(message, _)| *message).collect(),
        None => other.iter().map(|(message, _)| *message).collect(),
    };
    if let Some(found) = earliest(a, b, &asked) {
        return Some(found.told(a, b, true));
    }
    match earliest(a, b, &messages).or_else(|| parting(a, b, None)) {
        Some(found) => Some(found.told(a, b, !other.is_empty())),
        None => decided(a, b),
    }
}

fn earliest(a: &Side, b: &Side, messages: &[MessageId]) -> Option<Parting> {
    let apart = messages.len().div_ceil(MOST_ASKED).max(1);
    let asked = messages.iter().step_by(apart);
    let found = asked.filter_map(|message| parting(a, b, Some(*message)));
    found.min_by_key(Parting::at_us)
}

/// What decides in one of the runs alone, in the words that its timeline has for it.
fn decided(a: &Side, b: &Side) -> Option<Difference> {
    let (of_a, of_b) = (decisive(&a.history), decisive(&b.history));
    let what = |m: &Moment| (m.on, m.node, m.message, m.partition);
    let same = |(one, other): &(&Moment, &Moment)| what(one) == what(other);
    let common = of_a.iter().zip(&of_b).take_while(same).count();
    let (in_a, in_b) = (of_a.get(common), of_b.get(common));
    let at_us = [in_a, in_b].into_iter().flatten().map(|m| m.at_us).min()?;
    let say = |side: &Side, moment: Option<&Moment>| match moment {
        Some(moment) => spoken(side.experiment(), moment),
        None => Text::fixed("nothing of the kind happens.", "没有发生这样的事。"),
    };
    Some(Difference {
        at_us,
        message: None,
        decides: true,
        a: say(a, in_a),
        b: say(b, in_b),
    })
}

/// The two runs do something else from here on.
struct Parting {
    message: Option<MessageId>,
    a: Step,
    b: Step,
}

/// What one side does where the two part.
struct Step {
    /// What it does, if it does anything more.
    now: Option<Dated>,
    /// All that is to come, this step first.
    rest: Vec<Dated>,
    /// Somebody has written the message before.
    wrote: bool,
}

impl Step {
    fn at_us(&self) -> Micros {
        self.now.as_ref().map_or(Micros::MAX, |dated| dated.at_us)
    }
}

impl Parting {
    fn at_us(&self) -> Micros {
        self.a.at_us().min(self.b.at_us())
    }

    fn told(&self, a: &Side, b: &Side, decides: bool) -> Difference {
        let say = |side: &Side, mine: &Step, other: &Step| {
            words::said(side.experiment(), self.message, mine, other)
        };
        Difference {
            at_us: self.at_us(),
            message: self.message,
            decides,
            a: say(a, &self.a, &self.b),
            b: say(b, &self.b, &self.a),
        }
    }
}

/// Where what is done about a message parts, or who leads: whichever is first.
fn parting(a: &Side, b: &Side, message: Option<MessageId>) -> Option<Parting> {
    let of_message = message.and_then(|message| {
        let facts = |side: &Side| facts_of(side.journal(), message);
        let (in_a, in_b) = (facts(a), facts(b));
        // A promise says more than the way to it, which luck takes part in.
        parted(answers(&in_a), answers(&in_b), Some(message))
            .filter(|found| found.a.now.is_some() && found.b.now.is_some())
            .or_else(|| parted(in_a, in_b, Some(message)))
    });
    let partition = message.and_then(|message| a.partition(message).or(b.partition(message)));
    let partition = partition.unwrap_or(TopicPartition::new(TOPIC, 0));
    let led = parted(
        leaders(a.journal(), partition),
        leaders(b.journal(), partition),
        message,
    );
    match (of_message, led) {
        (Some(one), Some(other)) if other.at_us() < one.at_us() => Some(other),
        (one, other) => one.or(other),
    }
}

fn answers(facts: &[Dated]) -> Vec<Dated> {
    let is_answer = |dated: &&Dated| matches!(dated.fact, Fact::Answered(_));
    facts.iter().filter(is_answer).cloned().collect()
}

/// The first place at which two lists of facts say something else.
fn parted(a: Vec<Dated>, b: Vec<Dated>, message: Option<MessageId>) -> Option<Parting> {
    let same = |(one, other): &(&Dated, &Dated)| one.fact.is_like(&other.fact);
    let common = a.iter().zip(&b).take_while(same).count();
    if a.len() == common && b.len() == common {
        return None;
    }
    let is_written = |dated: &Dated| matches!(dated.fact, Fact::Written(..));
    let step = |all: Vec<Dated>| Step {
        now: all.get(common).cloned(),
        wrote: all[..common].iter().any(is_written), // as many as both have
        rest: all[common..].to_vec(),
    };
    let (a, b) = (step(a), step(b));
    Some(Parting { message, a, b })
}

/// The knobs that stand otherwise in `b` than in `a`, by what they really are: a default that is written down is none.
pub fn changes(a: &Experiment, b: &Experiment) -> Vec<Change> {
    let (of_a, of_b) = (Configs::build(&a.configs).0, Configs::build(&b.configs).0);
    let mut all: Vec<Change> = Vec::new();
    for number in &COUNTS {
        let value = |of| count(of, number.name).map_or(String::new(), |n| n.to_string());
        let (a, b) = (value(a), value(b));
        if a != b {
            let handle = number.name.to_string();
            all.push(Change { handle, a, b });
        }
    }
    for (owner, name, _) in a.configs.iter().chain(b.configs.iter()) {
        let handle = handle(owner, name);
        if find(&handle).is_none() || all.iter().any(|change| change.handle == handle) {
            continue;
        }
        let value = |of| current(of, owner, name).unwrap_or_default();
        let (a, b) = (value(&of_a), value(&of_b));
        if a != b {
            all.push(Change { handle, a, b });
        }
    }
    all
}

/// Whether the same is done to both at the same moments.
pub fn same_faults(a: &Experiment, b: &Experiment) -> bool {
    let done = |of: &Experiment| -> Vec<_> {
        let actions = of.actions.iter();
        actions
            .map(|timed| (timed.at_us, timed.action.clone()))
            .collect()
    };
    done(a) == done(b)
}
