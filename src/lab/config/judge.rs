//! What becomes of one config: Kafka's own table says whether it exists and takes the value, the registry whether
//! anything depends on it.

use super::account::{Account, State, owner_of};
use super::names::{Known, Names, Section};
use super::quiet;
use crate::kafka::config::{self, Configs, Owner, Problem, Severity};
use crate::lab::text::Text;

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its state.
    pub state: State,
    /// Why.
    pub reason: Text,
    /// The name that was most likely meant.
    pub meant: Option<&'static str>,
    /// What it sets.
    pub sets: Vec<(Owner, String, String)>,
}

impl Claim {
    /// A claim that sets nothing.
    pub fn of(state: State, reason: Text) -> Claim {
        Claim {
            state,
            reason,
            meant: None,
            sets: Vec::new(),
        }
    }
}

/// Broker configs that give topics their defaults (`ServerTopicConfigSynonyms`), where the registry has only the topic's: the
/// broker's name, the topic's, and what the number is multiplied by.
const OF_TOPICS: [(&str, &str, i64); 14] = [
    ("log.retention.hours", "retention.ms", 3_600_000),
    ("log.retention.minutes", "retention.ms", 60_000),
    ("log.retention.ms", "retention.ms", 1),
    ("log.retention.bytes", "retention.bytes", 1),
    ("log.segment.bytes", "segment.bytes", 1),
    ("log.roll.hours", "segment.ms", 3_600_000),
    ("log.roll.ms", "segment.ms", 1),
    ("log.cleanup.policy", "cleanup.policy", 0),
    ("log.cleaner.delete.retention.ms", "delete.retention.ms", 1),
    (
        "log.cleaner.min.compaction.lag.ms",
        "min.compaction.lag.ms",
        1,
    ),
    (
        "log.cleaner.max.compaction.lag.ms",
        "max.compaction.lag.ms",
        1,
    ),
    (
        "log.cleaner.min.cleanable.ratio",
        "min.cleanable.dirty.ratio",
        0,
    ),
    ("min.insync.replicas", "", 0),
    ("unclean.leader.election.enable", "", 0),
];

/// Which of two names for one thing counts: the one with more.
pub fn strength(name: &str) -> usize {
    let place = OF_TOPICS.iter().position(|(broker, ..)| *broker == name);
    place.map_or(0, |place| place + 1)
}

/// Names that say what the cluster is made of.
const OF_THE_CLUSTER: [&str; 6] = [
    "process.roles",
    "node.id",
    "broker.id",
    "controller.quorum.voters",
    "controller.quorum.bootstrap.servers",
    "broker.rack",
];

/// What becomes of `name=value` of `section`.
pub fn judge(names: &Names, section: Section, name: &str, value: &str) -> Claim {
    let Some(known) = names.find(section, name) else {
        return not_known(names, section, name);
    };
    let taken = match resolved(value) {
        Ok(taken) => taken,
        Err(open) => return open,
    };
    if let Some(why) = known.refuse(&taken) {
        return Claim::of(
            State::Refused,
            Text::same(format!("ConfigException: {why}")),
        );
    }
    let mut claim = used(section, known, &taken);
    if taken != value.trim() && claim.state == State::Used {
        claim.reason = Text::new(
            format!("taken as {taken}, the default of the placeholder"),
            format!("按占位符的默认值 {taken} 处理"),
        );
    }
    claim
}

fn used(section: Section, known: &Known, value: &str) -> Claim {
    let (owner, name) = (owner_of(section), known.name);
    let mut claim = Claim::of(State::Used, Text::default());
    let of_topic = OF_TOPICS
        .iter()
        .find(|(broker, topic, _)| *broker == name && !topic.is_empty());
    if let (Section::Broker, Some((_, topic, times))) = (section, of_topic) {
        let number = value.parse::<i64>().ok().filter(|_| *times > 0);
        let value = number.map_or_else(|| value.to_string(), |n| topic_number(n, *times));
        claim.sets = vec![(Owner::Topic, (*topic).into(), value)];
        return claim;
    }
    if let Some(row) = config::row(owner, name) {
        if let Err(problem) = probe(owner, row.name, value) {
            return match known.is_class() {
                true => Claim::of(State::Quiet, not_played(&problem)),
                false => Claim::of(State::Refused, refusal(&problem)),
            };
        }
        claim.sets = vec![(owner, name.into(), value.into())];
        return claim;
    }
    if section == Section::Broker && OF_THE_CLUSTER.contains(&name) {
        return claim;
    }
    Claim::of(State::Quiet, quiet::why(name))
}

/// −1 is for ever.
fn topic_number(n: i64, times: i64) -> String {
    match n {
        ..0 => "-1".into(),
        n => n.saturating_mul(times).to_string(),
    }
}

/// Whether the registry can hold the value at all: a class of the application's own it cannot.
fn probe(owner: Owner, name: &str, value: &str) -> Result<(), Problem> {
    let overrides = config::Overrides::default().with(owner, name, value);
    let (_, problems) = Configs::build(&overrides);
    let reads = format!("Invalid value {value}");
    let refusal = problems.into_iter().find(|problem| {
        problem.severity == Severity::Error
            && problem.name == name
            && problem.en.starts_with(&reads)
    });
    refusal.map_or(Ok(()), Err)
}

fn not_played(problem: &Problem) -> Text {
    Text::new(
        format!("not played here, taken as the default ({})", problem.en),
        format!("这里无法模拟，按默认值处理（{}）", problem.zh),
    )
}

fn not_known(names: &Names, section: Section, name: &str) -> Claim {
    if let Some(gone) = quiet::gone(name) {
        return Claim::of(State::Quiet, gone);
    }
    if section == Section::Broker && name.starts_with("listener.name.") {
        return Claim::of(State::Quiet, quiet::why("listener"));
    }
    if let Some(other) = names.elsewhere(name) {
        return Claim::of(State::Quiet, quiet::of_another(other));
    }
    let mut claim = Claim::of(
        State::Unknown,
        Text::fixed(
            "unknown to Kafka 4.3, which ignores it",
            "Kafka 4.3 不认识，会忽略",
        ),
    );
    claim.meant = names.nearest(section, name);
    claim
}

/// A value with its placeholder's default in place, or what is to be said where there is none.
pub fn resolved(value: &str) -> Result<String, Claim> {
    match placeholder(value) {
        Placeholder::None => Ok(value.trim().to_string()),
        Placeholder::Default(taken) => Ok(taken),
        Placeholder::Open => {
            let reason = Text::fixed(
                "its value comes from elsewhere: taken as Kafka's default",
                "取值来自别处：按 Kafka 的默认值处理",
            );
            Err(Claim::of(State::Quiet, reason))
        }
    }
}

/// An exception of its own kind names itself.
fn refusal(problem: &Problem) -> Text {
    match problem.en.contains("Exception: ") {
        true => Text::same(problem.en.clone()),
        false => Text::same(format!("ConfigException: {}", problem.en)),
    }
}

enum Placeholder {
    None,
    /// With a default.
    Default(String),
    /// Without one.
    Open,
}

/// `${ENV}`, `${ENV:default}`, `${ENV:-default}`, `{{ template }}`, `%ENV%`.
fn placeholder(value: &str) -> Placeholder {
    let value = value.trim();
    if value.contains("{{")
        || value.contains("<%")
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
    {
        return Placeholder::Open;
    }
    let Some(start) = value.find("${") else {
        return Placeholder::None;
    };
    let Some(inside) = value[start + 2..].strip_suffix('}').filter(|_| start == 0) else {
        return Placeholder::Open;
    };
    let default = inside.split_once(':').map(|(_, rest)| rest);
    match default.map(|rest| rest.strip_prefix('-').unwrap_or(rest)) {
        // `${file:/etc/secrets:key}` is a config provider's.
        Some(rest) if !rest.contains("${") && !rest.contains([':', '/']) => {
            Placeholder::Default(rest.into())
        }
        _ => Placeholder::Open,
    }
}

/// What Kafka says to all settings together: refused ones are taken away, with the exception on their line.
pub fn across(account: &mut Account) {
    for _ in 0..8 {
        let (_, problems) = Configs::build(&account.overrides);
        let mut errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        let Some(problem) = errors.next() else {
            tell(account, &problems);
            return;
        };
        let reason = refusal(problem);
        let name = to_blame(account, problem);
        account.overrides.unset(problem.owner, &name);
        if !account.mark_setting(problem.owner, &name, State::Refused, &reason) {
            account.notes.push(reason);
            // Two defaults cannot contradict each other: nothing is left to take away.
            return;
        }
    }
}

/// The line to take away: the producer or consumer does not start; what is judged is the one that its other lines describe.
fn to_blame(account: &Account, problem: &Problem) -> String {
    let is_set = |name: &str| account.overrides.get(problem.owner, name).is_some();
    if problem.en.contains("idempotent producer") && is_set("enable.idempotence") {
        return "enable.idempotence".into();
    }
    if is_set(&problem.name) {
        return problem.name.clone();
    }
    // A default against what is written: whichever line it goes away without.
    let without = |name: &str| {
        let mut overrides = account.overrides.clone();
        overrides.unset(problem.owner, name);
        let (_, problems) = Configs::build(&overrides);
        !problems.contains(problem)
    };
    let written = account.overrides.of(problem.owner);
    let mut names = written.0.keys();
    let found = names.find(|name| without(name));
    found.unwrap_or(&problem.name).clone()
}

/// What Kafka does without a word stands on the line that makes it.
fn tell(account: &mut Account, problems: &[Problem]) {
    let of_kafka = |problem: &&Problem| problem.owner != Owner::Application;
    for problem in problems.iter().filter(of_kafka) {
        let reason = Text::new(problem.en.clone(), problem.zh.clone());
        let name = match problem.en.contains("because acks") {
            true => "acks",
            false if problem.en.contains("because retries") => "retries",
            false => &problem.name,
        };
        let state = match problem.severity {
            Severity::Warning => State::Risk,
            _ => State::Used,
        };
        if !account.mark_setting(problem.owner, name, state, &reason) {
            account.notes.push(reason);
        }
    }
}
