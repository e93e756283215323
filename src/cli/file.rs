//! An experiment as a file: what a link holds, as an object with names.
//!
//! Numbers, values and actions are written as a link writes them and read by the same code, so that a file can hold
//! what a link can. `docs/experiment.schema.json` describes it to editors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BadInput;
use crate::lab::experiment::VERSION;
use crate::lab::share::{self, escape, unescape};

/// Owners of configs as a file and as a link names them.
const OWNERS: [(&str, &str); 6] = [
    ("producer", "p"),
    ("consumer", "c"),
    ("broker", "b"),
    ("topic", "t"),
    ("environment", "e"),
    ("application", "a"),
];

/// The members of an experiment file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
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
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    configs: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// What is done to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Step>,
    /// What the lesson does to it and this does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<Step>,
}

/// An action at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Step {
    at_seconds: serde_json::Number,
    /// As in a link: `kill:1`.
    action: String,
}

/// The fragment of a link for what a file holds.
pub(super) fn to_link(text: &str) -> Result<String, BadInput> {
    let text = text.trim_start_matches('\u{feff}');
    let file: ExperimentFile =
        serde_json::from_str(text).map_err(|error| BadInput(format!("no experiment: {error}")))?;
    if file.acklab > VERSION {
        let why = format!("written by a newer acklab (version {})", file.acklab);
        return Err(BadInput(why));
    }
    let mut parts = vec![
        format!("v={}", file.acklab),
        format!("x={}", escape(&file.from)),
    ];
    let end = file.end_seconds.as_ref().map(ToString::to_string);
    parts.extend(end.map(|seconds| format!("end={seconds}")));
    for (name, value) in file.numbers() {
        parts.extend(value.map(|value| format!("{name}={value}")));
    }
    for (owner, settings) in &file.configs {
        let known = OWNERS.iter().find(|(name, _)| name == owner);
        let Some((_, letter)) = known else {
            let all = OWNERS.map(|(name, _)| name).join(", ");
            return Err(BadInput(format!(
                "configs of `{owner}`: the owners are {all}"
            )));
        };
        for (name, value) in settings {
            let value = value.as_ref().map_or("~".into(), |value| escape(value));
            parts.push(format!("{letter}.{}={value}", escape(name)));
        }
    }
    for (verb, steps) in [("do", &file.actions), ("not", &file.without)] {
        let written = |step: &Step| format!("{verb}={}:{}", step.at_seconds, step.action);
        parts.extend(steps.iter().map(written));
    }
    Ok(share::sealed(&parts))
}

/// The file for what a link holds.
pub(super) fn from_link(fragment: &str) -> String {
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
    /// Numbers as a link names them.
    fn numbers(&self) -> [(&'static str, Option<u64>); 7] {
        [
            ("seed", self.seed),
            ("brokers", self.brokers),
            ("controllers", self.controllers),
            ("partitions", self.partitions),
            ("rf", self.replication_factor),
            ("producers", self.producers),
            ("consumers", self.consumers),
        ]
    }

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
mod tests {
    use super::*;
    use crate::lab::lessons;

    #[test]
    fn a_file_gives_back_the_link_that_it_was_made_of() {
        for lesson in lessons::all() {
            let sandbox = lessons::find("sandbox").expect("a lesson");
            for base in [&lesson, &sandbox] {
                let link = share::write(base, &lesson.experiment, 0);
                let again = to_link(&from_link(&link)).expect("a file");
                let (one, other) = (share::read(&link), share::read(&again));
                assert_eq!(one.experiment, other.experiment, "{}", lesson.id);
                assert_eq!(other.problems, Vec::new(), "{}", lesson.id);
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let why = |text: &str| to_link(text).expect_err("it is wrong").0;
        assert!(why("{").starts_with("no experiment: EOF"));
        assert!(why(r#"{"acklab": 1, "from": "acks", "sed": 1}"#).contains("unknown field `sed`"));
        assert!(why(r#"{"acklab": 99, "from": "acks"}"#).contains("newer"));
        let owner = r#"{"acklab": 1, "from": "acks", "configs": {"prodcer": {}}}"#;
        assert!(why(owner).contains("the owners are producer,"));
    }

    #[test]
    fn the_schema_names_every_member() {
        let text = include_str!("../../docs/experiment.schema.json");
        let schema: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let named = |at: &str| -> Vec<String> {
            let members = schema.pointer(at).and_then(|members| members.as_object());
            members.expect("members").keys().cloned().collect()
        };
        let number = || Some(serde_json::Number::from(1));
        let step = || Step {
            at_seconds: 1.into(),
            action: "kill:1".into(),
        };
        let full = ExperimentFile {
            acklab: VERSION,
            from: "acks".into(),
            seed: Some(1),
            end_seconds: number(),
            brokers: Some(1),
            controllers: Some(1),
            partitions: Some(1),
            replication_factor: Some(1),
            producers: Some(1),
            consumers: Some(1),
            configs: OWNERS
                .map(|(owner, _)| (owner.into(), BTreeMap::new()))
                .into(),
            actions: vec![step()],
            without: vec![step()],
        };
        let written = serde_json::to_value(&full).expect("it can be written");
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value
                .as_object()
                .expect("members")
                .keys()
                .cloned()
                .collect()
        };
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert_eq!(sorted(named("/properties")), sorted(keys(&written)));
        let owners = named("/properties/configs/properties");
        assert_eq!(sorted(owners), sorted(keys(&written["configs"])));
        assert_eq!(
            sorted(named("/$defs/step/properties")),
            sorted(keys(&written["actions"][0]))
        );
    }
}
