//! An experiment as a file: what a link holds, as an object with names.
//!
//! Numbers, values and actions are written as a link writes them and read by the same code, so that a file can hold
//! what a link can. `docs/experiment.schema.json` describes it to editors. As of a link, what cannot be read is named
//! and the rest is opened; a file that breaks off is read up to there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{escape, sealed, unescape};
use crate::lab::experiment::VERSION;
use crate::lab::story::both;
use crate::lab::text::Text;

/// Owners of configs as a file and as a link names them.
const OWNERS: [(&str, &str); 6] = [
    ("producer", "p"),
    ("consumer", "c"),
    ("broker", "b"),
    ("topic", "t"),
    ("environment", "e"),
    ("application", "a"),
];
/// Numbers as a file and as a link names them.
const NUMBERS: [(&str, &str); 7] = [
    ("seed", "seed"),
    ("brokers", "brokers"),
    ("controllers", "controllers"),
    ("partitions", "partitions"),
    ("replicationFactor", "rf"),
    ("producers", "producers"),
    ("consumers", "consumers"),
];
/// A file longer than this is no experiment.
const MOST_BYTES: usize = 1 << 18;

/// The members of an experiment file, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExperimentFile {
    /// The version of the format.
    acklab: u16,
    /// The lesson it starts from; all else is what differs.
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_seconds: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brokers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controllers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partitions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_factor: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    producers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumers: Option<u64>,
    /// By owner and name; null is Kafka's default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    configs: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// What is done to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Step>,
    /// What the lesson does to it and this does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<Step>,
}

/// An action at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    at_seconds: serde_json::Number,
    /// As in a link: `kill:1`.
    action: String,
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The fragment of a link that holds the same.
    pub link: String,
    /// What could not be read.
    pub problems: Vec<Text>,
}

/// Reads a file, as far as it can be read; an error when it is no experiment at all.
pub fn to_link(text: &str) -> Result<Unpacked, Text> {
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > MOST_BYTES {
        return Err(Text::fixed(
            "The file is too long for an experiment.",
            "文件太长，不是实验文件。",
        ));
    }
    let mut reader = Reader::default();
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => reader.read_up_to(text, &error),
    };
    let Value::Object(members) = value else {
        return Err(reader.why_none());
    };
    if !members.contains_key("acklab") {
        return Err(reader.why_none());
    }
    reader.take(&members);
    Ok(Unpacked {
        link: sealed(&reader.parts),
        problems: reader.problems,
    })
}

/// The parts of a link, as they are found in a file.
#[derive(Default)]
struct Reader {
    parts: Vec<String>,
    problems: Vec<Text>,
}

impl Reader {
    /// What stands whole before the place where the file breaks off or is damaged.
    fn read_up_to(&mut self, text: &str, error: &serde_json::Error) -> Value {
        let (line, column) = (error.line(), error.column());
        self.problems.push(both(
            format!("The file cannot be read from line {line}, column {column} on ({error}); what follows is left out."),
            format!("文件从第 {line} 行第 {column} 列起无法读取（{error}），之后的内容已忽略。"),
        ));
        let whole = mended(upto(text, line, column));
        serde_json::from_str(&whole).unwrap_or_default()
    }

    /// Why there is nothing to open.
    fn why_none(self) -> Text {
        let none = Text::fixed("The file holds no experiment.", "文件里没有实验。");
        let mut problems = self.problems;
        problems.pop().unwrap_or(none)
    }

    fn take(&mut self, members: &Map<String, Value>) {
        // The version and the lesson come first in a link.
        for name in ["acklab", "from"] {
            if let Some(value) = members.get(name) {
                self.member(name, value);
            }
        }
        let rest = members
            .iter()
            .filter(|(name, _)| !matches!(&***name, "acklab" | "from"));
        for (name, value) in rest {
            self.member(name, value);
        }
    }

    fn member(&mut self, name: &str, value: &Value) {
        let number = NUMBERS.iter().find(|(known, _)| *known == name);
        match (name, value) {
            ("acklab", Value::Number(version)) => self.parts.push(format!("v={version}")),
            ("from", Value::String(lesson)) => self.parts.push(format!("x={}", escape(lesson))),
            ("endSeconds", Value::Number(seconds)) => self.parts.push(format!("end={seconds}")),
            ("configs", Value::Object(owners)) => self.configs(owners),
            ("actions", Value::Array(steps)) => self.steps("do", name, steps),
            ("without", Value::Array(steps)) => self.steps("not", name, steps),
            (_, Value::Number(value)) if number.is_some_and(|_| value.is_u64()) => {
                let short = number.map_or(name, |(_, short)| short);
                self.parts.push(format!("{short}={value}"));
            }
            _ => self.not_read(name, value),
        }
    }

    fn configs(&mut self, owners: &Map<String, Value>) {
        for (owner, settings) in owners {
            let known = OWNERS.iter().find(|(name, _)| name == owner);
            let (Some((_, letter)), Value::Object(settings)) = (known, settings) else {
                self.not_read(&format!("configs.{owner}"), settings);
                continue;
            };
            for (name, value) in settings {
                let value = match value {
                    Value::Null => "~".to_owned(),
                    Value::String(text) => escape(text),
                    other => {
                        self.not_read(&format!("configs.{owner}.{name}"), other);
                        continue;
                    }
                };
                self.parts
                    .push(format!("{letter}.{}={value}", escape(name)));
            }
        }
    }

    fn steps(&mut self, verb: &str, name: &str, steps: &[Value]) {
        for step in steps {
            let (at, action) = (step.get("atSeconds"), step.get("action"));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == ':';
            match (at, action) {
                (Some(Value::Number(at)), Some(Value::String(action)))
                    if action.chars().all(is_plain) =>
                {
                    self.parts.push(format!("{verb}={at}:{action}"));
                }
                _ => self.not_read(name, step),
            }
        }
    }

    fn not_read(&mut self, name: &str, value: &Value) {
        self.problems
            .push(super::left_out(&format!("{name}: {value}")));
    }
}

/// The text before a place that the reader named; it counts bytes, from 1.
fn upto(text: &str, line: usize, column: usize) -> &str {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let mut end = (start + column).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A text that breaks off, without what is not whole and with what it still has to close.
fn mended(text: &str) -> String {
    let mut open: Vec<char> = Vec::new();
    let mut whole = (0, Vec::new());
    let (mut in_string, mut is_escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_string,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => {
                open.push(if letter == '{' { '}' } else { ']' });
                whole = (at + 1, open.clone());
            }
            // What has been written before a comma is whole.
            ',' => whole = (at, open.clone()),
            '}' | ']' => {
                open.pop();
                whole = (at + 1, open.clone());
            }
            _ => {}
        }
    }
    let (end, open) = whole;
    let closing = open.into_iter().rev();
    text[..end].chars().chain(closing).collect()
}

/// The file for what a link holds.
pub fn from_link(fragment: &str) -> String {
    let mut file = ExperimentFile {
        acklab: VERSION,
        ..ExperimentFile::default()
    };
    let parts = fragment.trim_start_matches('#').split('&');
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        file.take(name, value);
    }
    // Numbers, texts and lists of them can always be written.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

impl ExperimentFile {
    fn take(&mut self, name: &str, value: &str) {
        let number = value.parse().ok();
        match name {
            "x" => self.from = unescape(value),
            "seed" => self.seed = number,
            "brokers" => self.brokers = number,
            "controllers" => self.controllers = number,
            "partitions" => self.partitions = number,
            "rf" => self.replication_factor = number,
            "producers" => self.producers = number,
            "consumers" => self.consumers = number,
            "end" => self.end_seconds = value.parse().ok(),
            "do" => self.actions.extend(step(value)),
            "not" => self.without.extend(step(value)),
            _ => {
                let owner = name.split_once('.').and_then(|(letter, config)| {
                    let known = OWNERS.iter().find(|(_, of)| *of == letter)?;
                    Some((known.0, config))
                });
                if let Some((owner, config)) = owner {
                    let settings = self.configs.entry(owner.into()).or_default();
                    let value = (value != "~").then(|| unescape(value));
                    settings.insert(unescape(config), value);
                }
            }
        }
    }
}

fn step(value: &str) -> Option<Step> {
    let (at, action) = value.split_once(':')?;
    Some(Step {
        at_seconds: at.parse().ok()?,
        action: action.into(),
    })
}

#[cfg(test)]
mod tests;
