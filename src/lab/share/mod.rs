//! A whole experiment as the fragment of a link: `v=1&x=acks&p.acks=all&do=1.300000:kill:1`.
//!
//! A link holds only what differs from the lesson it starts from, in words that can be read and edited. Each part
//! stands alone: what cannot be read is named, and the rest is opened. The last part is a checksum, so that a link
//! that was cut short says so.

pub mod file;
mod words;

use words::{action_words, checksum, cut, micros, read_action, seconds};
pub use words::{escape, unescape};

use crate::kafka::config::Owner;
use crate::lab::experiment::{Experiment, Timed, VERSION};
use crate::lab::lessons;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::sim::Micros;

/// A link longer than this is not read to its end.
const MOST_BYTES: usize = 32_768;
/// Where two runs are compared, the page's address begins like this.
pub const COMPARED: &str = "compare&";
/// Begins a part that is about the run beside.
const BESIDE: &str = "vs";
/// No more actions than this are read.
const MOST_ACTIONS: usize = 256;

/// What a link holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The lesson it starts from.
    pub lesson: String,
    /// The experiment.
    pub experiment: Experiment,
    /// The moment that was shown, in microseconds.
    pub at_us: Micros,
    /// The run beside it, where two are compared.
    pub beside: Option<Experiment>,
    /// What could not be read.
    pub problems: Vec<Text>,
}

/// The fragment (without `#`) for an experiment that started from `lesson`, seen at `at_us`.
pub fn write(lesson: &lessons::Lesson, experiment: &Experiment, at_us: Micros) -> String {
    sealed(&parts(lesson, experiment, at_us))
}

/// The same with another run beside it: `vs=p.acks=all`, a part for each difference between the two.
pub fn write_beside(
    lesson: &lessons::Lesson,
    experiment: &Experiment,
    at_us: Micros,
    other: &Experiment,
) -> String {
    let mut parts = parts(lesson, experiment, at_us);
    let apart = differences(experiment, other);
    parts.extend(apart.iter().map(|part| format!("{BESIDE}={part}")));
    if apart.is_empty() {
        parts.push(format!("{BESIDE}="));
    }
    sealed(&parts)
}

fn parts(lesson: &lessons::Lesson, experiment: &Experiment, at_us: Micros) -> Vec<String> {
    let mut parts = vec![format!("v={VERSION}"), format!("x={}", escape(lesson.id))];
    parts.extend(differences(&lesson.experiment, experiment));
    if at_us > 0 {
        parts.push(format!("at={}", seconds(at_us)));
    }
    parts
}

/// A part for all that `experiment` has otherwise than `base`.
fn differences(base: &Experiment, experiment: &Experiment) -> Vec<String> {
    let mut parts = Vec::new();
    if experiment.seed != base.seed {
        parts.push(format!("seed={}", experiment.seed));
    }
    if experiment.horizon_us != base.horizon_us {
        parts.push(format!("end={}", seconds(experiment.horizon_us)));
    }
    for (name, value, usual) in numbers(experiment, base) {
        if value != usual {
            parts.push(format!("{name}={value}"));
        }
    }
    for (owner, name, value) in experiment.configs.iter() {
        if base.configs.get(owner, name) != Some(value) {
            parts.push(format!(
                "{}.{}={}",
                letter(owner),
                escape(name),
                escape(value)
            ));
        }
    }
    for (owner, name, _) in base.configs.iter() {
        if experiment.configs.get(owner, name).is_none() {
            parts.push(format!("{}.{}=~", letter(owner), escape(name)));
        }
    }
    let story = |timed: &&Timed| !base.actions.contains(timed);
    for timed in experiment.actions.iter().filter(story) {
        if let Some(words) = action_words(&timed.action) {
            parts.push(format!("do={}:{words}", seconds(timed.at_us)));
        }
    }
    for timed in base
        .actions
        .iter()
        .filter(|timed| !experiment.actions.contains(timed))
    {
        if let Some(words) = action_words(&timed.action) {
            parts.push(format!("not={}:{words}", seconds(timed.at_us)));
        }
    }
    parts
}

/// A fragment of these parts, with their checksum.
pub fn sealed(parts: &[String]) -> String {
    let text = parts.join("&");
    let sum = checksum(&text);
    format!("{text}&c={sum:04x}")
}

/// Opens a fragment. Never fails: what is not understood is named in `problems`.
pub fn read(fragment: &str) -> Opened {
    let fragment = cut(fragment.trim_start_matches('#'));
    let fragment = fragment.strip_prefix(COMPARED).unwrap_or(fragment);
    let mut opened = Opened {
        lesson: "sandbox".into(),
        experiment: Experiment::three_brokers(),
        at_us: 0,
        beside: None,
        problems: Vec::new(),
    };
    let parts: Vec<(&str, &str)> = fragment
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .collect();
    opened.check_whole(fragment, &parts);
    opened.start_from(&parts);
    let (beside, own): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(name, _)| *name == BESIDE);
    for (name, value) in own {
        if !matches!(name, "v" | "x" | "c") && opened.part(name, value).is_none() {
            opened.not_read(name, value);
        }
    }
    if !beside.is_empty() {
        opened.read_beside(&beside);
    }
    let (_, problems) = opened.experiment.spec();
    let told = problems
        .into_iter()
        .filter(|p| p.severity == crate::kafka::config::Severity::Error);
    opened
        .problems
        .extend(told.map(|problem| both(problem.en, problem.zh)));
    opened.at_us = opened.at_us.min(opened.experiment.horizon_us);
    opened
}

impl Opened {
    fn check_whole(&mut self, fragment: &str, parts: &[(&str, &str)]) {
        let version = parts
            .iter()
            .find(|(name, _)| *name == "v")
            .map(|(_, value)| *value);
        match version.map(str::parse::<u16>) {
            Some(Ok(version)) if version > VERSION => self.problems.push(both(
                format!("It was made by a newer acklab (version {version}); what that one knows and this one does not is left out."),
                format!("它由更新版本的 acklab（版本 {version}）生成；此版本不认识的部分会被忽略。"),
            )),
            Some(Ok(_)) => {}
            _ => self.problems.push(Text::fixed(
                "The link does not say which version it is.",
                "链接没有写明版本。",
            )),
        }
        let whole = fragment
            .rsplit_once("&c=")
            .is_some_and(|(text, sum)| u16::from_str_radix(sum, 16) == Ok(checksum(text)));
        if !whole {
            self.problems.push(Text::fixed(
                "The link was changed or cut short: something may be missing.",
                "链接被改动或截断：可能缺少一部分。",
            ));
        }
    }

    fn start_from(&mut self, parts: &[(&str, &str)]) {
        let Some((_, id)) = parts.iter().find(|(name, _)| *name == "x") else {
            return;
        };
        match lessons::find(&unescape(id)) {
            Some(lesson) => {
                self.lesson = lesson.id.into();
                self.experiment = lesson.experiment;
            }
            None => self.not_read("x", id),
        }
    }

    /// What the run beside has otherwise than the first one, which is read by now.
    fn read_beside(&mut self, parts: &[(&str, &str)]) {
        let mut other = Opened {
            problems: Vec::new(),
            ..self.clone()
        };
        for (_, part) in parts.iter().filter(|(_, part)| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if name == "at" || other.part(name, value).is_none() {
                self.not_read(BESIDE, part);
            }
        }
        let (_, problems) = other.experiment.spec();
        let told = problems.into_iter();
        let told = told.filter(|p| p.severity == crate::kafka::config::Severity::Error);
        self.problems
            .extend(told.map(|problem| both(problem.en, problem.zh)));
        self.beside = Some(other.experiment);
    }

    fn not_read(&mut self, name: &str, value: &str) {
        self.problems.push(left_out(&format!("{name}={value}")));
    }

    fn part(&mut self, name: &str, value: &str) -> Option<()> {
        let topology = &mut self.experiment.topology;
        match name {
            "seed" => self.experiment.seed = value.parse().ok()?,
            "end" => self.experiment.horizon_us = micros(value)?,
            "at" => self.at_us = micros(value)?,
            "brokers" => topology.brokers = value.parse().ok()?,
            "controllers" => topology.controllers = value.parse().ok()?,
            "partitions" => topology.partitions = value.parse().ok()?,
            "rf" => topology.replication_factor = value.parse().ok()?,
            "producers" => topology.producers = value.parse().ok()?,
            "consumers" => topology.consumers = value.parse().ok()?,
            "do" | "not" => return self.action(name == "do", value),
            _ => {
                let (owner, config) = name.split_once('.')?;
                let (owner, config) = (owner_of(owner)?, unescape(config));
                crate::kafka::config::row(owner, &config)?;
                match value {
                    "~" => self.experiment.configs.unset(owner, &config),
                    value => self
                        .experiment
                        .configs
                        .set(owner, &config, &unescape(value)),
                }
            }
        }
        Some(())
    }

    fn action(&mut self, done: bool, value: &str) -> Option<()> {
        let (at, words) = value.split_once(':')?;
        let (at_us, action) = (micros(at)?, read_action(words)?);
        let actions = &mut self.experiment.actions;
        if done {
            if actions.len() >= MOST_ACTIONS {
                return None;
            }
            let place = actions.partition_point(|timed| timed.at_us <= at_us);
            actions.insert(
                place,
                Timed {
                    at_us,
                    action,
                    by_hand: true,
                },
            );
        } else {
            actions.retain(|timed| timed.at_us != at_us || timed.action != action);
        }
        Some(())
    }
}

/// Names a part that could not be read.
fn left_out(part: &str) -> Text {
    let shown: String = part.chars().take(60).collect();
    both(
        format!("This part could not be read and is left out: {shown}"),
        format!("这一部分无法读取，已忽略：{shown}"),
    )
}

fn numbers(experiment: &Experiment, base: &Experiment) -> [(&'static str, u64, u64); 6] {
    let (now, usual) = (&experiment.topology, &base.topology);
    [
        ("brokers", now.brokers.into(), usual.brokers.into()),
        (
            "controllers",
            now.controllers.into(),
            usual.controllers.into(),
        ),
        ("partitions", now.partitions.into(), usual.partitions.into()),
        (
            "rf",
            now.replication_factor.into(),
            usual.replication_factor.into(),
        ),
        ("producers", now.producers.into(), usual.producers.into()),
        ("consumers", now.consumers.into(), usual.consumers.into()),
    ]
}

const LETTERS: [(Owner, &str); 6] = [
    (Owner::Producer, "p"),
    (Owner::Consumer, "c"),
    (Owner::Broker, "b"),
    (Owner::Topic, "t"),
    (Owner::Environment, "e"),
    (Owner::Application, "a"),
];

fn letter(owner: Owner) -> &'static str {
    LETTERS
        .iter()
        .find(|(of, _)| *of == owner)
        .map_or("a", |(_, letter)| letter)
}

fn owner_of(letter: &str) -> Option<Owner> {
    LETTERS
        .iter()
        .find(|(_, of)| *of == letter)
        .map(|(owner, _)| *owner)
}

#[cfg(test)]
mod tests;
