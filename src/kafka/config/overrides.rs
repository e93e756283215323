//! What was set explicitly, and the typed configs that come of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::{self, Problem};
use super::{
    AppConfig, BrokerConfig, ConfigSet, ConsumerConfig, Environment, Owner, ProducerConfig,
    TopicConfig,
};

/// Explicit settings of one owner: Kafka's name and the value as text, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings(pub BTreeMap<String, String>);

impl Settings {
    /// These settings and one more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_string(), value.to_string());
        self
    }

    /// The explicit value of a config, if it has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// True when the config was set explicitly.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// These settings, those of `other` winning.
    pub fn overlaid(&self, other: &Settings) -> Settings {
        let mut both = self.clone();
        both.0.extend(other.0.clone());
        both
    }
}

/// Explicit settings of every owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Overrides(pub BTreeMap<Owner, Settings>);

impl Overrides {
    /// These overrides and one more.
    pub fn with(mut self, owner: Owner, name: &str, value: &str) -> Self {
        self.set(owner, name, value);
        self
    }

    /// Sets one config.
    pub fn set(&mut self, owner: Owner, name: &str, value: &str) {
        let settings = self.0.entry(owner).or_default();
        settings.0.insert(name.to_string(), value.to_string());
    }

    /// Takes one config back to its default.
    pub fn unset(&mut self, owner: Owner, name: &str) {
        if let Some(settings) = self.0.get_mut(&owner) {
            settings.0.remove(name);
            if settings.0.is_empty() {
                self.0.remove(&owner);
            }
        }
    }

    /// The settings of one owner.
    pub fn of(&self, owner: Owner) -> Settings {
        self.0.get(&owner).cloned().unwrap_or_default()
    }

    /// The explicit value of one config.
    pub fn get(&self, owner: Owner, name: &str) -> Option<&str> {
        self.0.get(&owner).and_then(|settings| settings.get(name))
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (Owner, &str, &str)> {
        self.0.iter().flat_map(|(owner, settings)| {
            let entries = settings.0.iter();
            entries.map(|(name, value)| (*owner, name.as_str(), value.as_str()))
        })
    }

    /// These overrides, those of `other` winning.
    pub fn overlaid(&self, other: &Overrides) -> Overrides {
        let mut both = self.clone();
        for (owner, name, value) in other.iter() {
            both.set(owner, name, value);
        }
        both
    }
}

/// One set of typed configs of every owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Configs {
    /// For every producer.
    pub producer: ProducerConfig,
    /// For every consumer.
    pub consumer: ConsumerConfig,
    /// For every broker and controller.
    pub broker: BrokerConfig,
    /// For the topic.
    pub topic: TopicConfig,
    /// Links, disks, operating system.
    pub environment: Environment,
    /// The application around the clients.
    pub app: AppConfig,
}

impl Configs {
    /// Typed values of all overrides, and every problem met on the way. A refused value is left at its default.
    pub fn build(overrides: &Overrides) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut take = |found: Vec<Problem>| problems.extend(found);
        let (broker, found) = BrokerConfig::build(&overrides.of(Owner::Broker));
        take(found);
        let broker_settings = overrides.of(Owner::Broker);
        let (topic, found) = TopicConfig::build(&broker_settings, &overrides.of(Owner::Topic));
        take(found);
        let (producer, found) = ProducerConfig::build(&overrides.of(Owner::Producer));
        take(found);
        let (consumer, found) = ConsumerConfig::build(&overrides.of(Owner::Consumer));
        take(found);
        let (environment, found) = read_all(&overrides.of(Owner::Environment));
        take(found);
        let (app, found) = read_all(&overrides.of(Owner::Application));
        take(found);
        let configs = Self {
            producer,
            consumer,
            broker,
            topic,
            environment,
            app,
        };
        problems.extend(check::across(&configs));
        (configs, problems)
    }
}

impl ProducerConfig {
    /// A producer's configs with Kafka's couplings applied.
    pub fn build(settings: &Settings) -> (Self, Vec<Problem>) {
        let (mut config, mut problems) = read_all::<Self>(settings);
        problems.extend(check::producer(settings, &mut config));
        (config, problems)
    }
}

impl ConsumerConfig {
    /// A consumer's configs, checked against each other.
    pub fn build(settings: &Settings) -> (Self, Vec<Problem>) {
        let (mut config, mut problems) = read_all::<Self>(settings);
        problems.extend(check::consumer(settings, &mut config));
        (config, problems)
    }
}

impl BrokerConfig {
    /// The cluster's configs, checked against each other.
    pub fn build(settings: &Settings) -> (Self, Vec<Problem>) {
        let (mut config, mut problems) = read_all::<Self>(settings);
        problems.extend(check::broker(&mut config));
        (config, problems)
    }
}

impl TopicConfig {
    /// A topic's configs: its own settings over what the broker sets explicitly for all topics.
    pub fn build(broker: &Settings, topic: &Settings) -> (Self, Vec<Problem>) {
        let mut config = Self::default();
        for (broker_name, topic_name) in BROKER_DEFAULTS_OF_TOPICS {
            if let Some(value) = broker.get(broker_name) {
                // What the broker refuses is reported there, once.
                let _ = config.set(topic_name, value);
            }
        }
        let problems = apply(&mut config, topic);
        (config, problems)
    }
}

/// Broker names that give topics their defaults (`ServerTopicConfigSynonyms`), the weaker of two synonyms first.
const BROKER_DEFAULTS_OF_TOPICS: [(&str, &str); 6] = [
    ("min.insync.replicas", "min.insync.replicas"),
    (
        "unclean.leader.election.enable",
        "unclean.leader.election.enable",
    ),
    ("message.max.bytes", "max.message.bytes"),
    ("log.flush.interval.messages", "flush.messages"),
    ("log.flush.scheduler.interval.ms", "flush.ms"),
    ("log.flush.interval.ms", "flush.ms"),
];

fn read_all<C: ConfigSet>(settings: &Settings) -> (C, Vec<Problem>) {
    let mut config = C::default();
    let problems = apply(&mut config, settings);
    (config, problems)
}

fn apply<C: ConfigSet>(config: &mut C, settings: &Settings) -> Vec<Problem> {
    let entries = settings.0.iter();
    entries
        .filter_map(|(name, value)| config.set(name, value).err())
        .collect()
}
