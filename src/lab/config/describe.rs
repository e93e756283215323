//! Reads what `kafka-topics --describe` and `kafka-configs --describe` print.

use std::ops::Range;

use super::source::{Broken, Entry, Parsed, lines};

/// `kafka-topics --describe`: topic and partition lines. Keys are the labels; configs keep their names.
pub fn topics(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for (place, line) in lines(text).into_iter().enumerate() {
        let shown = &text[line.clone()];
        if !shown.contains("Topic:") {
            if !is_noise(shown) {
                parsed.broken.push(not_printed(place + 1));
            }
            continue;
        }
        let fields = fields(shown, line.start);
        let topic = fields.iter().find(|(label, ..)| *label == "Topic");
        let topic = topic.map(|(_, value, _)| value.to_string());
        for (label, value, at) in &fields {
            let mut add = |key: &str, value: &str, at: Range<usize>| {
                parsed.entries.push(Entry {
                    key: key.into(),
                    value: value.into(),
                    line: place + 1,
                    last: place + 1,
                    at,
                    document: 0,
                    of: topic.clone(),
                });
            };
            match *label {
                "Configs" => {
                    for (name, value, at) in configs_of(value, at.start) {
                        add(name, value, at);
                    }
                }
                label => add(&format!("{label}:"), value, at.clone()),
            }
        }
    }
    parsed
}

/// What the tools print around it.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with(['#', '$', '>', '['])
        || line.contains("kafka-topics")
        || line.contains("kafka-configs")
}

fn not_printed(line: usize) -> Broken {
    Broken {
        line,
        last: line,
        why: String::new(),
    }
}

/// Labels of a partition or topic line.
const LABELS: [&str; 13] = [
    "LastKnownElr",
    "TopicId",
    "Topic",
    "PartitionCount",
    "ReplicationFactor",
    "Configs",
    "Partition",
    "Leader",
    "Replicas",
    "Isr",
    "Elr",
    "Adding Replicas",
    "Removing Replicas",
];

/// Labels with their values. Tabs part them; pasted text often has blanks instead.
fn fields(line: &str, start: usize) -> Vec<(&'static str, &str, Range<usize>)> {
    let mut found: Vec<(usize, usize, &'static str)> = Vec::new();
    for label in LABELS {
        let mut from = 0;
        while let Some(place) = line[from..].find(label).map(|place| place + from) {
            let end = place + label.len();
            from = end;
            let begins = line[..place]
                .chars()
                .next_back()
                .is_none_or(|c| c.is_whitespace());
            let inside = found.iter().any(|(at, to, _)| (*at..*to).contains(&place));
            if begins && !inside && line[end..].starts_with(':') {
                found.push((place, end + 1, label));
            }
        }
    }
    found.sort_unstable();
    let mut all = Vec::new();
    for (nth, (_, begins, label)) in found.iter().enumerate() {
        let ends = found.get(nth + 1).map_or(line.len(), |(next, ..)| *next);
        let whole = &line[*begins..ends];
        let value = whole.trim();
        let at = start + begins + (whole.len() - whole.trim_start().len());
        all.push((*label, value, at..at + value.len()));
    }
    all
}

/// `a=1,b=x,y,c=2`: a part without `=` belongs to the value before it.
fn configs_of(text: &str, start: usize) -> Vec<(&str, &str, Range<usize>)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    for part in text.split(',') {
        let to = from + part.len();
        match all.last_mut() {
            Some(last) if !part.contains('=') => last.1 = to,
            _ => all.push((from, to)),
        }
        from = to + 1;
    }
    let pair = |(from, to): (usize, usize)| {
        let (name, value) = text[from..to].split_once('=')?;
        let at = start + from + name.len() + 1;
        Some((name.trim(), value.trim(), at..start + to))
    };
    all.into_iter().filter_map(pair).collect()
}

/// `kafka-configs --describe`: what is set of each topic or broker, and where it comes from. An entry at Kafka's default
/// has its key in brackets.
pub fn configs(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut of: Option<String> = None;
    for (place, line) in lines(text).into_iter().enumerate() {
        let shown = &text[line.clone()];
        if let Some(whose) = heading(shown) {
            of = Some(whose);
            continue;
        }
        match setting(shown) {
            Some((key, value, is_default)) => {
                let at = line.start + shown.find('=').unwrap_or(0) + 1;
                let key = if is_default {
                    format!("({key})")
                } else {
                    key.into()
                };
                parsed.entries.push(Entry {
                    key,
                    value: value.into(),
                    line: place + 1,
                    last: place + 1,
                    at: at..at + value.len(),
                    document: 0,
                    of: of.clone(),
                });
            }
            None if is_noise(shown) => {}
            None => parsed.broken.push(not_printed(place + 1)),
        }
    }
    parsed
}

/// `All configs for topic orders are:`, `Dynamic configs for broker 1 are:`, `Default configs for brokers in the cluster
/// are:`, as `topic orders`, `broker 1`, `broker`.
pub fn heading(line: &str) -> Option<String> {
    let (_, rest) = line.trim().split_once("onfigs for ")?;
    let rest = rest.strip_suffix(':')?.strip_suffix(" are")?;
    Some(match rest.strip_suffix(" in the cluster") {
        Some(kind) => kind.trim_end_matches('s').to_string(),
        None => rest.to_string(),
    })
}

/// `  name=value sensitive=false synonyms={SOURCE:name=value, …}`.
fn setting(line: &str) -> Option<(&str, &str, bool)> {
    let (pair, rest) = line.split_once(" sensitive=")?;
    let (key, value) = pair.trim_start().split_once('=')?;
    let synonyms = rest.split_once("synonyms={").map_or("", |(_, all)| all);
    let first = synonyms.split(',').next().unwrap_or("");
    Some((key, value, first.starts_with("DEFAULT_CONFIG:")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "Topic: orders\tTopicId: x1\tPartitionCount: 2\tReplicationFactor: 3\tConfigs: \
                         cleanup.policy=compact,delete,min.insync.replicas=2\n\tTopic: orders\tPartition: 0\tLeader: 1\t\
                         Replicas: 1,2,3\tIsr: 1,2\tElr: \tLastKnownElr: \n";

    #[test]
    fn topics_are_read_with_tabs_and_with_blanks() {
        for text in [TOPIC.to_string(), TOPIC.replace('\t', "  ")] {
            let parsed = topics(&text);
            let get = |key: &str| {
                let entry = parsed.entries.iter().find(|entry| entry.key == key);
                entry.map(|entry| entry.value.as_str())
            };
            assert_eq!(get("cleanup.policy"), Some("compact,delete"));
            assert_eq!(get("min.insync.replicas"), Some("2"));
            assert_eq!(get("Replicas:"), Some("1,2,3"));
            assert_eq!(get("Elr:"), Some(""));
            let min_isr = parsed
                .entries
                .iter()
                .find(|e| e.key == "min.insync.replicas");
            assert_eq!(&text[min_isr.expect("read").at.clone()], "2");
            assert!(
                parsed
                    .entries
                    .iter()
                    .all(|e| e.of.as_deref() == Some("orders"))
            );
        }
    }

    #[test]
    fn configs_know_whose_they_are_and_which_are_defaults() {
        let text = "All configs for topic orders are:\n  min.insync.replicas=2 sensitive=false \
                    synonyms={DYNAMIC_TOPIC_CONFIG:min.insync.replicas=2, DEFAULT_CONFIG:min.insync.replicas=1}\n  flush.ms=9 \
                    sensitive=false synonyms={DEFAULT_CONFIG:flush.ms=9}\n";
        let parsed = configs(text);
        let keys: Vec<&str> = parsed.entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["min.insync.replicas", "(flush.ms)"]);
        assert_eq!(parsed.entries[0].of.as_deref(), Some("topic orders"));
        assert_eq!(&text[parsed.entries[0].at.clone()], "2");
    }
}
