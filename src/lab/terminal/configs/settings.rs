//! Where a topic's settings come from (`ConfigEntry.ConfigSource`).

use crate::kafka::TopicId;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::spec::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC};
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::java::{in_hash_order, text_hash};

/// A value and where it comes from, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `DYNAMIC_TOPIC_CONFIG` and so on.
    pub from: &'static str,
    /// The setting's name there.
    pub name: String,
    pub value: String,
}

/// A setting with all its sources, the one that counts first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub sources: Vec<Source>,
}

pub const TOPIC: &str = "DYNAMIC_TOPIC_CONFIG";
pub const CLUSTER: &str = "DYNAMIC_DEFAULT_BROKER_CONFIG";
pub const STATIC: &str = "STATIC_BROKER_CONFIG";
pub const DEFAULT: &str = "DEFAULT_CONFIG";

pub const MIN_ISR: &str = "min.insync.replicas";
pub const UNCLEAN: &str = "unclean.leader.election.enable";

/// What the model lets an operator set for all brokers.
pub const BROKER_WIDE: [&str; 2] = [MIN_ISR, UNCLEAN];

/// All settings of a topic.
pub struct TopicSettings(pub Vec<Setting>);

impl Setting {
    /// The value that counts.
    pub fn value(&self) -> &str {
        self.sources.first().map_or("", |source| &source.value)
    }

    /// Where it comes from.
    pub fn from(&self) -> &'static str {
        self.sources.first().map_or(DEFAULT, |source| source.from)
    }
}

impl TopicSettings {
    /// Names and values of what is not at Kafka's default, as `kafka-topics` lists them.
    pub fn set(&self) -> Vec<(&str, &str)> {
        let set = self.0.iter().filter(|setting| setting.from() != DEFAULT);
        set.map(|setting| (setting.name.as_str(), setting.value()))
            .collect()
    }

    /// min.insync.replicas.
    pub fn min_isr(&self) -> usize {
        let found = self.0.iter().find(|setting| setting.name == MIN_ISR);
        found
            .and_then(|setting| setting.value().parse().ok())
            .unwrap_or(1)
    }
}

/// The names of the topic settings that Kafka 4.3 has, with the broker's setting that each falls back to
/// (`ServerTopicConfigSynonyms`), and its default.
#[rustfmt::skip]
pub const NAMES: [(&str, &str, &str); 33] = [
    ("cleanup.policy", "log.cleanup.policy", "delete"),
    ("compression.gzip.level", "compression.gzip.level", "-1"),
    ("compression.lz4.level", "compression.lz4.level", "9"),
    ("compression.type", "compression.type", "producer"),
    ("compression.zstd.level", "compression.zstd.level", "3"),
    ("delete.retention.ms", "log.cleaner.delete.retention.ms", "86400000"),
    ("file.delete.delay.ms", "log.segment.delete.delay.ms", "60000"),
    ("flush.messages", "log.flush.interval.messages", "9223372036854775807"),
    ("flush.ms", "log.flush.interval.ms", "9223372036854775807"),
    ("follower.replication.throttled.replicas", "", ""),
    ("index.interval.bytes", "log.index.interval.bytes", "4096"),
    ("leader.replication.throttled.replicas", "", ""),
    ("local.retention.bytes", "log.local.retention.bytes", "-2"),
    ("local.retention.ms", "log.local.retention.ms", "-2"),
    ("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", "9223372036854775807"),
    ("max.message.bytes", "message.max.bytes", "1048588"),
    ("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", "3600000"),
    ("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms", "9223372036854775807"),
    ("message.timestamp.type", "log.message.timestamp.type", "CreateTime"),
    ("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", "0.5"),
    ("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", "0"),
    (MIN_ISR, MIN_ISR, "1"),
    ("preallocate", "log.preallocate", "false"),
    ("remote.log.copy.disable", "", "false"),
    ("remote.log.delete.on.disable", "", "false"),
    ("remote.storage.enable", "", "false"),
    ("retention.bytes", "log.retention.bytes", "-1"),
    ("retention.ms", "log.retention.ms", "604800000"),
    ("segment.bytes", "log.segment.bytes", "1073741824"),
    ("segment.index.bytes", "log.index.size.max.bytes", "10485760"),
    ("segment.jitter.ms", "log.roll.jitter.ms", "0"),
    ("segment.ms", "log.roll.ms", "604800000"),
    (UNCLEAN, UNCLEAN, "false"),
];

/// A topic's settings at this moment, as a broker with this metadata describes them.
pub fn of_topic(desk: &Desk, image: &MetadataImage, topic: TopicId) -> TopicSettings {
    let created = desk.topics.iter().find(|(id, _)| *id == topic);
    let created = created
        .map(|(_, named)| named.as_slice())
        .unwrap_or_default();
    let all = NAMES.iter().map(|(name, broker_name, default)| {
        let mut sources = Vec::new();
        let mut add = |from, name: &str, value: Option<String>| {
            let name = name.to_owned();
            sources.extend(value.map(|value| Source { from, name, value }));
        };
        let as_created = find(created, name);
        add(TOPIC, name, dynamic(image, topic, name).or(as_created));
        if !broker_name.is_empty() {
            add(CLUSTER, broker_name, of_cluster(desk, image, broker_name));
            add(STATIC, broker_name, find(&desk.brokers, broker_name));
        }
        let default_name = if broker_name.is_empty() {
            name
        } else {
            broker_name
        };
        add(DEFAULT, default_name, Some((*default).to_owned()));
        Setting {
            name: (*name).to_owned(),
            sources,
        }
    });
    let all = in_hash_order(all.collect(), |setting: &Setting| text_hash(&setting.name));
    TopicSettings(all)
}

/// What brokers give a topic of their own when they create it; nothing for any other topic.
pub fn of_internal(name: &str) -> Vec<(String, String)> {
    let compression = match name {
        OFFSETS_TOPIC => "producer",
        TRANSACTIONS_TOPIC => "uncompressed",
        _ => return Vec::new(),
    };
    let mut named = vec![
        ("cleanup.policy", "compact"),
        ("compression.type", compression),
        ("segment.bytes", "104857600"),
    ];
    if name == TRANSACTIONS_TOPIC {
        named.extend([(MIN_ISR, "2"), (UNCLEAN, "false")]);
    }
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    named.into_iter().map(owned).collect()
}

fn find(named: &[(String, String)], name: &str) -> Option<String> {
    let found = named.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

/// What was changed of a topic while the cluster ran.
fn dynamic(image: &MetadataImage, topic: TopicId, name: &str) -> Option<String> {
    match name {
        MIN_ISR => image.min_isr.get(&topic).map(u32::to_string),
        UNCLEAN => unclean(image, Some(topic)),
        _ => None,
    }
}

/// What counts for all brokers (`--entity-default`). A cluster with eligible leader replicas is formatted with
/// min.insync.replicas there (KIP-966), so that no broker may have its own.
pub fn of_cluster(desk: &Desk, image: &MetadataImage, name: &str) -> Option<String> {
    match name {
        UNCLEAN => unclean(image, None),
        MIN_ISR if desk.spec().elr => {
            Some(find(&desk.brokers, MIN_ISR).unwrap_or_else(|| "1".to_owned()))
        }
        _ => None,
    }
}

fn unclean(image: &MetadataImage, of: Option<TopicId>) -> Option<String> {
    let found = image.unclean.iter().find(|(known, _)| *known == of);
    found.map(|(_, allowed)| allowed.to_string())
}
