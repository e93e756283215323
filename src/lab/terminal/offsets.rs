//! `kafka-get-offsets` (`org.apache.kafka.tools.GetOffsetShell`).

use super::common::bootstrap;
use super::desk::Desk;
use super::flags::{Flag, Options, parse, require, switch, usage, value};
use super::pattern::Pattern;
use super::printed::{Printed, Step};
use super::time;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::{Offset, TopicPartition};
use crate::sim::MS;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    value("bootstrap-server", "String: HOST1:PORT1,...,HOST3:PORT3"), value("command-config", "String: config file"),
    switch("exclude-internal-topics"), switch("help"), value("partitions", "String: partition ids"),
    value("time", "String: <timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload"),
    value("topic", "String: topic"), value("topic-partitions", "String: topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3"),
    switch("version"),
];

/// default.api.timeout.ms of an admin client, in milliseconds.
const PATIENCE_MS: u64 = 60_000;
const ABOUT: &str = "An interactive shell for getting topic-partition offsets.";

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    if words.is_empty() {
        return usage(FLAGS, ABOUT, printed);
    }
    let options = match parse(FLAGS, words) {
        Ok(options) => options,
        Err((_, why)) => return failed(&why, printed),
    };
    super::common::help_or_version(FLAGS, &options, ABOUT, printed)?;
    require(FLAGS, &options, &["bootstrap-server"], printed)?;
    if options.has("topic-partitions") && (options.has("topic") || options.has("partitions")) {
        return failed(
            "--topic-partitions cannot be used with --topic or --partitions",
            printed,
        );
    }
    let spec = spec(&options, printed)?;
    let rules = rules(&options, printed)?;
    let Some(asked) = bootstrap(&options, desk) else {
        let why = "Timed out waiting for a node assignment. Call: listTopics";
        return failed(
            &format!("org.apache.kafka.common.errors.TimeoutException: {why}"),
            printed,
        );
    };
    let image = desk.image(asked);
    let mut found = Vec::new();
    for (name, topic) in desk.topic_names(image) {
        if options.has("exclude-internal-topics") && name.starts_with("__") {
            continue;
        }
        for (partition, _) in desk.partitions(image, topic) {
            let number = i64::from(partition.partition);
            if rules
                .iter()
                .any(|rule| rule.topic.matches(&name) && rule.takes(number))
            {
                found.push((format!("{name}-{number}"), name.clone(), partition));
            }
        }
    }
    if found.is_empty() {
        let why = "Could not match any topic-partitions with the specified filters";
        return failed(why, printed);
    }
    found.sort();
    for (full, name, partition) in found {
        if desk.leader(image, partition).is_none() {
            // The tool asks for a leader over and over, every 100 ms, until its time is up.
            let until_ms = desk.epoch_ms + desk.world.now() / MS + PATIENCE_MS;
            let (tries, next_ms) = (PATIENCE_MS / 100, until_ms + 1000);
            printed.err(format!(
                "Skip getting offsets for topic-partition {full} due to error: org.apache.kafka.common.errors.TimeoutException: Call(callName=listOffsets(api=METADATA), deadlineMs={until_ms}, tries={tries}, nextAllowedTryMs={next_ms}) timed out at {until_ms} after {tries} attempt(s)"
            ));
        } else if let Some(offset) = spec.of(desk, image, partition) {
            printed.out(format!("{name}:{}:{offset}", partition.partition));
        }
    }
    Ok(())
}

fn failed<T>(why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(format!("Error occurred: {why}"));
    printed.exit(1)
}

/// Which offset is asked for (`OffsetSpec`).
enum Spec {
    Earliest,
    Latest,
    MaxTimestamp,
    /// Nothing is tiered here.
    Tiered,
    At(i64),
}

fn spec(options: &Options, printed: &mut Printed) -> Step<Spec> {
    let text = options.get("time").unwrap_or("latest");
    Ok(match text {
        "earliest" | "-2" | "earliest-local" | "-4" => Spec::Earliest,
        "latest" | "-1" => Spec::Latest,
        "max-timestamp" | "-3" => Spec::MaxTimestamp,
        "latest-tiered" | "-5" | "earliest-pending-upload" | "-6" => Spec::Tiered,
        _ => match text.parse() {
            Ok(at_ms) => Spec::At(at_ms),
            Err(_) => {
                return failed(
                    &format!(
                        "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
                    ),
                    printed,
                );
            }
        },
    })
}

impl Spec {
    fn of(&self, desk: &Desk, image: &MetadataImage, partition: TopicPartition) -> Option<Offset> {
        match self {
            Spec::Earliest => desk.earliest(image, partition),
            Spec::Latest => desk.latest(image, partition),
            Spec::Tiered => None,
            Spec::At(at_ms) => time::offset_at(desk, image, partition, *at_ms),
            Spec::MaxTimestamp => {
                let leader = desk.leader(image, partition)?;
                let entries = desk.world.model.broker(leader).log(partition)?.entries();
                let newest = entries.max_by_key(|entry| entry.batch.max_timestamp)?;
                Some(newest.next_offset() - 1)
            }
        }
    }
}

/// Some partitions of some topics.
struct Rule {
    topic: Pattern,
    /// From here, before there.
    ranges: Vec<(i64, i64)>,
}

impl Rule {
    fn takes(&self, number: i64) -> bool {
        let ranges = &self.ranges;
        ranges
            .iter()
            .any(|(from, to)| (*from..*to).contains(&number))
    }
}

const ALL: (i64, i64) = (0, i64::MAX);

fn rules(options: &Options, printed: &mut Printed) -> Step<Vec<Rule>> {
    let Some(list) = options.get("topic-partitions") else {
        let topic = Pattern::include_list(options.get("topic").unwrap_or(".*"));
        let Some(text) = options.get("partitions").filter(|text| !text.is_empty()) else {
            let ranges = vec![ALL];
            return Ok(vec![Rule { topic, ranges }]);
        };
        let numbers = text.split(',').map(|number| number.parse::<i64>());
        return match numbers.collect::<Result<Vec<_>, _>>() {
            Ok(numbers) => {
                let ranges = numbers.into_iter().map(|n| (n, n + 1)).collect();
                Ok(vec![Rule { topic, ranges }])
            }
            Err(_) => failed(
                &format!(
                    "--partitions expects a comma separated list of numeric partition ids, but received: {text}"
                ),
                printed,
            ),
        };
    };
    let mut rules = Vec::new();
    for text in list.split(',') {
        let (topic, partitions) = text.split_once(':').unwrap_or((text, ""));
        let number = |text: &str, instead: i64| match text.is_empty() {
            true => Some(instead),
            false => text.parse().ok(),
        };
        let range = match partitions.split_once('-') {
            Some((from, to)) => number(from, 0).zip(number(to, i64::MAX)),
            None if partitions.is_empty() => Some(ALL),
            None => number(partitions, 0).map(|n| (n, n + 1)),
        };
        let Some(range) = range else {
            return failed(&format!("Invalid rule specification: {text}"), printed);
        };
        let topic = if topic.is_empty() { ".*" } else { topic };
        rules.push(Rule {
            topic: Pattern::include_list(topic),
            ranges: vec![range],
        });
    }
    Ok(rules)
}
