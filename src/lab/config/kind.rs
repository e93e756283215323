//! What a text is: told by what it says, by its name only where that does not decide.

use super::names::{Names, Section};
use super::source::{Entry, File, Parsed};
use super::{describe, properties, yaml};
use crate::lab::text::Text;

/// What somebody pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `server.properties` of a broker or controller.
    Server,
    /// Properties of a producer.
    Producer,
    /// Properties of a consumer.
    Consumer,
    /// Properties of both, in one file.
    Clients,
    /// Spring Boot, as properties.
    SpringProperties,
    /// Spring Boot, as YAML.
    SpringYaml,
    /// `kafka-topics --describe`.
    Topics,
    /// `kafka-configs --describe`.
    Configs,
    /// `name=value` lines of a topic.
    Topic,
    /// Nothing that is known here.
    Unknown,
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Server => "server.properties",
            Kind::Producer => "producer.properties",
            Kind::Consumer => "consumer.properties",
            Kind::Clients => "client.properties",
            Kind::SpringProperties => "application.properties",
            Kind::SpringYaml => "application.yml",
            Kind::Topics => "kafka-topics --describe",
            Kind::Configs => "kafka-configs --describe",
            Kind::Topic => "topic configs",
            Kind::Unknown => "?",
        }
    }
}

/// What `file` is, why, and what stands in it.
pub fn detect(file: &File, names: &Names) -> (Kind, Text, Parsed) {
    let text = &file.text;
    if text.contains("PartitionCount:") || text.contains("Partition:") && text.contains("Replicas:")
    {
        let why = t(
            "It has lines as kafka-topics --describe prints them.",
            "其中有 kafka-topics --describe 打印的行。",
        );
        return (Kind::Topics, why, describe::topics(text));
    }
    let prints = |line: &str| describe::heading(line).is_some() || line.contains(" sensitive=");
    if text.lines().any(prints) {
        let why = t(
            "It has lines as kafka-configs --describe prints them.",
            "其中有 kafka-configs --describe 打印的行。",
        );
        return (Kind::Configs, why, describe::configs(text));
    }
    if is_yaml(file) {
        let parsed = yaml::parse(text);
        let why = t(
            "Its lines are nested keys, as in YAML.",
            "其中的行是嵌套的 key，即 YAML。",
        );
        return (Kind::SpringYaml, why, parsed);
    }
    let parsed = properties::parse(text);
    let (kind, why) = of_properties(&file.name, &parsed.entries, names);
    (kind, why, parsed)
}

const fn t(en: &'static str, zh: &'static str) -> Text {
    Text::fixed(en, zh)
}

fn is_yaml(file: &File) -> bool {
    let name = file.name.to_ascii_lowercase();
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        return true;
    }
    // `key:` alone on its line, and something indented under it.
    let mut lines = file.text.lines().filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    let Some(first) = lines.find(|line| !line.starts_with("---")) else {
        return false;
    };
    let key = first.split(" #").next().unwrap_or("").trim_end();
    key.ends_with(':')
        && !key.contains('=')
        && lines
            .next()
            .is_some_and(|next| next.starts_with([' ', '-']))
}

/// Names that only one of them has say which it is.
fn of_properties(name: &str, entries: &[Entry], names: &Names) -> (Kind, Text) {
    if entries
        .iter()
        .any(|entry| entry.key.starts_with("spring.kafka."))
    {
        return (
            Kind::SpringProperties,
            t(
                "It sets spring.kafka keys.",
                "其中设置了 spring.kafka 的 key。",
            ),
        );
    }
    let has = |section, key: &str| names.find(section, key).is_some();
    let mut only: [(u32, Option<&str>); 4] = [(0, None); 4];
    for entry in entries {
        let key = entry.key.as_str();
        let known = SECTIONS.map(|section| has(section, key));
        for (place, is_known) in known.iter().enumerate() {
            let by_prefix = key.starts_with(PREFIXES[place]);
            if (*is_known && known.iter().filter(|known| **known).count() == 1) || by_prefix {
                only[place].0 += 1;
                only[place].1.get_or_insert(key);
            }
        }
    }
    let because = |kind: Kind, place: usize| {
        let key = only[place].1.unwrap_or("");
        let en = format!("Only {} has {key}.", PLACES[place].0);
        let zh = format!("只有{}有 {key}。", PLACES[place].1);
        (kind, Text::new(en, zh))
    };
    let (producer, consumer, broker, topic) = (only[0].0, only[1].0, only[2].0, only[3].0);
    if broker > producer + consumer && broker >= topic {
        return because(Kind::Server, 2);
    }
    if producer > 0 && consumer > 0 {
        let both = t(
            "It has configs of producers and of consumers.",
            "其中既有 producer 的配置，也有 consumer 的配置。",
        );
        return (Kind::Clients, both);
    }
    match (producer, consumer, topic) {
        (1.., ..) => because(Kind::Producer, 0),
        (_, 1.., _) => because(Kind::Consumer, 1),
        (_, _, 1..) => because(Kind::Topic, 3),
        _ => by_name(name, entries, names),
    }
}

const SECTIONS: [Section; 4] = [
    Section::Producer,
    Section::Consumer,
    Section::Broker,
    Section::Topic,
];
const PREFIXES: [&str; 4] = ["producer.", "consumer.", "zookeeper.", "\0"];
const PLACES: [(&str, &str); 4] = [
    ("a producer", " producer "),
    ("a consumer", " consumer "),
    ("a broker", " broker "),
    ("a topic", " topic "),
];

fn by_name(name: &str, entries: &[Entry], names: &Names) -> (Kind, Text) {
    let name = name.to_ascii_lowercase();
    let words = [
        ("consumer", Kind::Consumer),
        ("producer", Kind::Producer),
        ("server", Kind::Server),
        ("broker", Kind::Server),
        ("controller", Kind::Server),
        ("topic", Kind::Topic),
    ];
    if let Some((word, kind)) = words.into_iter().find(|(word, _)| name.contains(word)) {
        let (en, zh) = (
            format!("Its name says {word}."),
            format!("文件名里有 {word}。"),
        );
        return (kind, Text::new(en, zh));
    }
    let of_clients = entries
        .iter()
        .any(|entry| names.find(Section::Producer, &entry.key).is_some());
    match of_clients {
        true => (
            Kind::Clients,
            t(
                "Producers and consumers both have all of it.",
                "其中的配置 producer 和 consumer 都有。",
            ),
        ),
        false => (
            Kind::Unknown,
            t("No line is one of Kafka's.", "没有一行是 Kafka 的配置。"),
        ),
    }
}
