//! A case: the cluster of a story and what is done to it, out of a golden or out of a case file (setup and steps only).
//!
//! Of a golden everything is taken that its steps alone do not tell: which calls were waited for, where the recording looked
//! at a high watermark or at a group's offsets, which internal topics it watched. A case file says such things itself.

mod acts;
mod check;

use crate::course::LookAt;
use crate::golden::{Client, Topic};
use crate::step::Do;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The feature levels of a cluster that was formatted without wishes.
const USUAL_FEATURES: [(&str, u16); 4] = [
    ("eligible.leader.replicas.version", 1),
    ("group.version", 1),
    ("streams.version", 1),
    ("transaction.version", 2),
];
/// What all goldens have unless they say otherwise: internal topics with one partition, so that it is known who coordinates.
const USUAL_CONFIG: [(&str, &str); 3] = [
    ("group.initial.rebalance.delay.ms", "0"),
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.num.partitions", "1"),
];
const KEYS: [&str; 17] = [
    "case",
    "about",
    "kafka",
    "features",
    "brokers",
    "topics",
    "internal_topics",
    "watch",
    "clients",
    "steps",
    "observed",
    "final",
    "repetitions",
    "expect",
    "varied",
    "columns",
    "vectors",
];

pub struct Case {
    pub name: String,
    pub about: String,
    pub content: Content,
}

pub enum Content {
    Story(Box<Story>),
    Vectors(Vectors),
}

/// A story on a cluster.
pub struct Story {
    /// Feature levels to format the cluster with; others are as usual.
    pub features: BTreeMap<String, u16>,
    /// The voters of the quorum; the first leads it when the story begins.
    pub controllers: Vec<i32>,
    pub brokers: Vec<i32>,
    pub storage: Storage,
    pub network: Network,
    /// Log directories of each broker; several have a disk each, and the metadata log lies apart from them.
    pub log_dirs: u8,
    pub config: BTreeMap<String, String>,
    /// Settings of single nodes.
    pub own_config: BTreeMap<i32, BTreeMap<String, String>>,
    pub topics: Vec<Topic>,
    /// Internal topics to create beforehand.
    pub internal_topics: Vec<Topic>,
    /// Internal topics whose changes are part of what is seen.
    pub watch: BTreeSet<String>,
    pub clients: BTreeMap<String, Client>,
    pub acts: Vec<Act>,
}

/// Keys and numbers of partitions, for a table of what the default partitioner makes of them.
pub struct Vectors {
    pub columns: Vec<String>,
    pub counts: Vec<u32>,
    pub keys: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// A plain directory a broker.
    Dir,
    /// An ext4 image a broker, so that a power cut loses exactly what had not been written.
    Disk,
}

#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    Loopback,
    /// A network namespace a node, so that links can be cut.
    Netns,
}

pub enum Act {
    Step(Box<Planned>),
    /// A look between two steps; it is no step itself.
    Look(LookAt),
}

/// A step and how it is to be played.
pub struct Planned {
    /// As written, without the times of another recording.
    pub fields: Map<String, Value>,
    pub action: Do,
    /// Whether the call is waited for, or the story goes on at once.
    pub waits: bool,
    pub patience_ms: i64,
    /// A `process` step whose values are what the client's last poll gave.
    pub of_last_poll: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Brokers {
    #[serde(default = "three")]
    ids: Vec<i32>,
    #[serde(default = "hundred")]
    controller: i32,
    #[serde(default)]
    controllers: Vec<i32>,
    #[serde(default = "dir")]
    storage: Storage,
    #[serde(default = "loopback")]
    network: Network,
    #[serde(default)]
    config: BTreeMap<String, String>,
    #[serde(default)]
    own_config: BTreeMap<i32, BTreeMap<String, String>>,
    #[serde(default = "one")]
    log_dirs: u8,
}

fn one() -> u8 {
    1
}

fn three() -> Vec<i32> {
    vec![1, 2, 3]
}

fn hundred() -> i32 {
    100
}

fn dir() -> Storage {
    Storage::Dir
}

fn loopback() -> Network {
    Network::Loopback
}

impl Case {
    /// Reads a golden or a case file; an error says what in it is not understood.
    pub fn parse(name: &str, text: &str) -> Result<Case> {
        let json: Value = serde_json::from_str(text).context("this is no JSON")?;
        let Value::Object(fields) = &json else {
            bail!("a case is a JSON object")
        };
        if let Some(unknown) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
            bail!(
                "\"{unknown}\" is not known; a case has {}",
                KEYS[1..10].join(", ")
            );
        }
        let about = json["about"]
            .as_str()
            .context("\"about\" is missing: one sentence that says what happens")?
            .to_owned();
        let content = if fields.contains_key("vectors") {
            Content::Vectors(Vectors::parse(&json)?)
        } else {
            let story = Story::parse(&json)?;
            check::story(&story)?;
            Content::Story(Box::new(story))
        };
        Ok(Case {
            name: name.to_owned(),
            about,
            content,
        })
    }

    pub fn needs_root(&self) -> bool {
        match &self.content {
            Content::Story(story) => {
                story.storage == Storage::Disk || story.network == Network::Netns
            }
            Content::Vectors(_) => false,
        }
    }
}

impl Vectors {
    fn parse(json: &Value) -> Result<Vectors> {
        let columns: Vec<String> = part(json, "columns")?;
        let counts = columns
            .iter()
            .skip(2)
            .map(|title| title.strip_prefix("of ")?.parse().ok());
        let counts = counts
            .collect::<Option<Vec<u32>>>()
            .context("columns are key, murmur2 and \"of N\"")?;
        let rows: Vec<Vec<Value>> = part(json, "vectors")?;
        let keys = rows
            .iter()
            .map(|row| row.first().and_then(Value::as_str).map(str::to_owned));
        let keys = keys
            .collect::<Option<Vec<_>>>()
            .context("a row of vectors begins with its key")?;
        Ok(Vectors {
            columns,
            counts,
            keys,
        })
    }
}

impl Story {
    fn parse(json: &Value) -> Result<Story> {
        let is_golden = json.get("observed").is_some();
        let brokers: Brokers = match json.get("brokers") {
            Some(_) => part(json, "brokers")?,
            None => serde_json::from_value(json!({}))?,
        };
        let voters = match brokers.controllers.first() {
            Some(first) if *first == brokers.controller => brokers.controllers,
            Some(first) => bail!(
                "\"controller\" is {}, the first of \"controllers\" {first}",
                brokers.controller
            ),
            None => vec![brokers.controller],
        };
        let usual = USUAL_CONFIG
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut config: BTreeMap<String, String> = if is_golden {
            BTreeMap::new()
        } else {
            usual.collect()
        };
        config.extend(brokers.config);
        let topics: Vec<Topic> = match json.get("topics") {
            Some(_) => part(json, "topics")?,
            None => vec![Topic {
                name: "t".into(),
                replicas: vec![vec![1, 2, 3]],
                config: BTreeMap::new(),
            }],
        };
        let mut watch: BTreeSet<String> = part_or_nothing(json, "watch")?;
        watch.extend(watched(json, &topics));
        Ok(Story {
            features: features(json, is_golden)?,
            controllers: voters,
            brokers: brokers.ids,
            storage: brokers.storage,
            network: brokers.network,
            log_dirs: brokers.log_dirs,
            config,
            own_config: brokers.own_config,
            topics,
            internal_topics: part_or_nothing(json, "internal_topics")?,
            watch,
            clients: part_or_nothing(json, "clients")?,
            acts: acts::acts(json, is_golden)?,
        })
    }

    /// The controller to read the metadata log of: one to which nothing happens, if there is one.
    pub fn witness(&self) -> i32 {
        let hurt = |id: &i32| {
            self.acts.iter().any(|act| match act {
                Act::Step(planned) => match &planned.action {
                    Do::Kill(t) | Do::Pause(t) | Do::Stop(t) => t.controller == Some(*id),
                    Do::Cut { between } => between.contains(&json!(id)),
                    _ => false,
                },
                Act::Look(_) => false,
            })
        };
        let spared = self.controllers.iter().rev().find(|id| !hurt(id));
        // There is always one: parsing took it.
        spared
            .or(self.controllers.last())
            .copied()
            .unwrap_or_default()
    }

    /// The names of the story's own partitions.
    pub fn partitions(&self) -> BTreeSet<String> {
        let of = |topic: &Topic| {
            (0..topic.replicas.len())
                .map(|n| format!("{}-{n}", topic.name))
                .collect::<Vec<_>>()
        };
        self.topics.iter().flat_map(of).collect()
    }

    /// The groups of its consumers.
    pub fn groups(&self) -> BTreeSet<&String> {
        let consumers = self.clients.values().filter(|c| c.kind == "consumer");
        consumers.filter_map(|c| c.config.get("group.id")).collect()
    }
}

fn part<T: serde::de::DeserializeOwned>(json: &Value, key: &str) -> Result<T> {
    serde_json::from_value(json[key].clone())
        .with_context(|| format!("\"{key}\" is not understood"))
}

fn part_or_nothing<T: serde::de::DeserializeOwned + Default>(json: &Value, key: &str) -> Result<T> {
    if json.get(key).is_some() {
        part(json, key)
    } else {
        Ok(T::default())
    }
}

/// A golden names all levels that its cluster had, so what it does not name was off; a case names what it wants otherwise.
fn features(json: &Value, is_golden: bool) -> Result<BTreeMap<String, u16>> {
    let named: BTreeMap<String, u16> = part_or_nothing(json, "features")?;
    if !is_golden {
        return Ok(named);
    }
    let unusual = USUAL_FEATURES.iter().filter_map(|(name, usual)| {
        let level = named.get(*name).copied().unwrap_or(0);
        (level != *usual).then(|| ((*name).to_owned(), level))
    });
    Ok(unusual.collect())
}

/// The topics, other than the story's own, whose changes a golden shows.
fn watched(golden: &Value, topics: &[Topic]) -> BTreeSet<String> {
    let events = golden["observed"].as_array().into_iter().flatten();
    let changed = events
        .filter(|e| e["event"] == "partition")
        .filter_map(|e| e["topic"].as_str());
    changed
        .filter(|name| topics.iter().all(|t| t.name != *name))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
#[path = "case/tests.rs"]
mod tests;
