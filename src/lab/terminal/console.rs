//! `kafka-console-consumer` (`ConsoleConsumer`), reading what is there at this moment; `kafka-console-producer` and
//! `kafka-producer-perf-test`, whose records would need a client more than the experiment has.

use super::common::{bootstrap, help_or_version, parse_or_usage};
use super::desk::Desk;
use super::flags::{Flag, Options, maybe, parse, require, switch, usage, value};
use super::pattern::Pattern;
use super::printed::{Printed, Step};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::record::Record;
use crate::kafka::{Offset, TopicPartition};
use crate::lab::text::Text;
use crate::sim::MS;

/// The options of the consumer.
#[rustfmt::skip]
pub const CONSUMER_FLAGS: &[Flag] = &[
    value("bootstrap-server", "String: server to connect to"), value("command-config", "String: config file"),
    value("command-property", "String: consumer_prop"), value("consumer-property", "String: consumer_prop"),
    value("consumer.config", "String: config file"), switch("enable-systest-events"), value("formatter", "String: class"),
    value("formatter-config", "String: config file"), value("formatter-property", "String: prop"), switch("from-beginning"),
    value("group", "String: consumer group id"), switch("help"), value("include", "String: Java regex (String)"),
    value("isolation-level", "String"), value("key-deserializer", "String: deserializer for keys"),
    value("max-messages", "Integer: num_messages"), value("offset", "String: consume offset"),
    value("partition", "Integer: partition"), value("property", "String: prop"), switch("skip-message-on-error"),
    value("timeout-ms", "Long: timeout_ms"), value("topic", "String: topic"),
    value("value-deserializer", "String: deserializer for values"), switch("version"),
];

/// The options of the producer.
#[rustfmt::skip]
pub const PRODUCER_FLAGS: &[Flag] = &[
    value("batch-size", "Integer: size"), value("bootstrap-server", "String: server to connect to"),
    value("command-config", "String: config file"), value("command-property", "String: producer_prop"),
    maybe("compression-codec", "String: compression-codec"), switch("help"), value("line-reader", "String: reader_class"),
    value("max-block-ms", "Long: max block on send"), value("max-memory-bytes", "Long: total memory in bytes"),
    value("max-partition-memory-bytes", "Integer: memory in bytes per partition"), value("message-send-max-retries", "Integer"),
    value("metadata-expiry-ms", "Long: metadata expiration interval"), value("producer-property", "String: producer_prop"),
    value("producer.config", "String: config file"), value("property", "String: prop"), value("reader-config", "String: config file"),
    value("reader-property", "String: prop"), value("request-required-acks", "String: request required acks"),
    value("request-timeout-ms", "Integer: request timeout ms"), value("retry-backoff-ms", "Long"),
    value("socket-buffer-size", "Integer: size"), switch("sync"), value("timeout", "Long: timeout_ms"),
    value("topic", "String: topic"), switch("version"),
];

/// The options of the performance test.
#[rustfmt::skip]
pub const PERF_FLAGS: &[Flag] = &[
    value("bootstrap-server", "BOOTSTRAP-SERVERS"), value("command-config", "CONFIG-FILE"), value("command-property", "PROP"),
    value("num-records", "NUM-RECORDS"), value("payload-file", "PAYLOAD-FILE"), value("record-size", "RECORD-SIZE"),
    switch("print-metrics"), value("throughput", "THROUGHPUT"), value("topic", "TOPIC"),
    value("transactional-id", "TRANSACTIONAL-ID"), value("warmup-records", "WARMUP-RECORDS"),
];

/// Runs `kafka-console-producer`.
pub fn produce(words: &[String], _desk: &Desk, printed: &mut Printed) -> Step {
    let options = parse_or_usage(PRODUCER_FLAGS, words, printed)?;
    let about = "This tool helps to read data from standard input and publish it to Kafka.";
    help_or_version(PRODUCER_FLAGS, &options, about, printed)?;
    require(PRODUCER_FLAGS, &options, &["topic"], printed)?;
    require(PRODUCER_FLAGS, &options, &["bootstrap-server"], printed)?;
    not_another(printed)
}

/// Runs `kafka-producer-perf-test`.
pub fn perf(words: &[String], _desk: &Desk, printed: &mut Printed) -> Step {
    if let Err((_, why)) = parse(PERF_FLAGS, words) {
        printed.err(format!("producer-performance: error: {why}"));
        return printed.exit(1);
    }
    not_another(printed)
}

fn not_another<T>(printed: &mut Printed) -> Step<T> {
    printed.not_modelled(Text::fixed(
        "a producer more than the experiment has; its own producers are in the knobs",
        "实验之外再多一个 producer；实验自己的 producer 在旋钮里设置",
    ))
}

/// Runs `kafka-console-consumer`.
pub fn consume(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let flags = CONSUMER_FLAGS;
    let options = parse_or_usage(flags, words, printed)?;
    let about = "This tool helps to read data from Kafka topics and outputs it to standard output.";
    help_or_version(flags, &options, about, printed)?;
    if options.count(&["topic", "include"]) != 1 {
        let why = "Exactly one of the following arguments is required: [topic], [include]";
        return usage(flags, why, printed);
    }
    if options.has("partition") && !options.has("topic") {
        return usage(
            flags,
            "The topic is required when partition is specified.",
            printed,
        );
    }
    if options.has("partition") && options.has("from-beginning") && options.has("offset") {
        return usage(
            flags,
            "Options from-beginning and offset cannot be specified together.",
            printed,
        );
    }
    if !options.has("partition") && options.has("offset") {
        return usage(
            flags,
            "The partition is required when offset is specified.",
            printed,
        );
    }
    require(flags, &options, &["bootstrap-server"], printed)?;
    if options.has("group") {
        return printed.not_modelled(Text::fixed(
            "a member more than the group has",
            "group 之外再多一个成员",
        ));
    }
    let from = start(&options, printed)?;
    let Some(asked) = bootstrap(&options, desk) else {
        printed.err("Processed a total of 0 messages");
        return Ok(());
    };
    let image = desk.image(asked);
    let most = options
        .get("max-messages")
        .and_then(|most| most.parse().ok())
        .unwrap_or(usize::MAX);
    let records = records(&options, from, desk, image);
    let formatter = Formatter::of(&options);
    let read = records.len().min(most);
    for record in records.into_iter().take(most) {
        printed.out(formatter.line(&record, desk));
    }
    if read < most && !options.has("timeout-ms") {
        printed.lab(Text::fixed(
            "(the real one would wait for more; --timeout-ms ends it)",
            "（真实的工具会继续等待；--timeout-ms 让它结束）",
        ));
    }
    printed.err(format!("Processed a total of {read} messages"));
    Ok(())
}

/// Where to begin.
enum Start {
    Earliest,
    Latest,
    At(Offset),
}

fn start(options: &Options, printed: &mut Printed) -> Step<Start> {
    let Some(text) = options.get("offset") else {
        let begins = options.has("from-beginning");
        return Ok(if begins {
            Start::Earliest
        } else {
            Start::Latest
        });
    };
    match text.to_lowercase().as_str() {
        "earliest" => Ok(Start::Earliest),
        "latest" => Ok(Start::Latest),
        number => match number.parse() {
            Ok(offset) => Ok(Start::At(offset)),
            Err(_) => {
                let why = format!(
                    "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."
                );
                usage(CONSUMER_FLAGS, &why, printed)
            }
        },
    }
}

/// A record that was read.
struct Read {
    partition: TopicPartition,
    offset: Offset,
    epoch: u32,
    at_ms: u64,
    record: Record,
}

/// What a fetch gives now: up to the high watermark, or the last stable offset with read_committed.
fn records(options: &Options, from: Start, desk: &Desk, image: &MetadataImage) -> Vec<Read> {
    let include = options.get("include").map(Pattern::new);
    let topics = desk
        .topic_names(image)
        .into_iter()
        .filter(|(name, _)| match &include {
            Some(pattern) => pattern.matches(name),
            None => options.get("topic") == Some(name),
        });
    let only: Option<u16> = options
        .get("partition")
        .and_then(|number| number.parse().ok());
    let committed = options.get("isolation-level") == Some("read_committed");
    let mut found = Vec::new();
    for (_, topic) in topics {
        for (partition, _) in desk.partitions(image, topic) {
            if only.is_none_or(|only| only == partition.partition) {
                read(partition, &from, committed, desk, image, &mut found);
            }
        }
    }
    found
}

fn read(
    partition: TopicPartition,
    from: &Start,
    committed: bool,
    desk: &Desk,
    image: &MetadataImage,
    found: &mut Vec<Read>,
) {
    let Some(leader) = desk.leader(image, partition) else {
        return;
    };
    let host = desk.world.model.broker(leader);
    let (Some(log), Some(high)) = (host.log(partition), host.high_watermark(partition)) else {
        return;
    };
    let end = if committed {
        log.last_stable_offset(high)
    } else {
        high
    };
    let begin = match from {
        Start::Earliest => log.log_start_offset(),
        Start::Latest => high,
        Start::At(offset) => *offset,
    };
    let aborted = if committed {
        log.aborted_between(begin, end)
    } else {
        Vec::new()
    };
    for entry in log.entries_from(begin) {
        let stamp = entry.batch.producer.filter(|stamp| stamp.transactional);
        // `FetchedRecords`: a batch of a producer whose transaction was aborted from here on is left out.
        let is_aborted = stamp.is_some_and(|stamp| {
            aborted
                .iter()
                .any(|(id, first)| *id == stamp.producer_id && entry.base_offset >= *first)
        });
        if is_aborted {
            continue;
        }
        for (offset, record) in entry
            .records()
            .filter(|(offset, _)| (begin..end).contains(offset))
        {
            found.push(Read {
                partition,
                offset,
                epoch: entry.leader_epoch,
                at_ms: desk.epoch_ms + entry.batch.max_timestamp / MS,
                record: *record,
            });
        }
    }
}

/// `DefaultMessageFormatter`.
struct Formatter {
    timestamp: bool,
    partition: bool,
    offset: bool,
    epoch: bool,
    headers: bool,
    key: bool,
    value: bool,
    separator: String,
}

impl Formatter {
    fn of(options: &Options) -> Self {
        let properties = [options.all("formatter-property"), options.all("property")].concat();
        let get = |name: &str| {
            let found = properties
                .iter()
                .filter_map(|property| property.split_once('='));
            found
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| value)
                .next_back()
        };
        let on = |name: &str| get(name) == Some("true");
        Formatter {
            timestamp: on("print.timestamp"),
            partition: on("print.partition"),
            offset: on("print.offset"),
            epoch: on("print.epoch"),
            headers: on("print.headers"),
            key: on("print.key"),
            value: get("print.value") != Some("false"),
            separator: get("key.separator").unwrap_or("\t").to_owned(),
        }
    }

    fn line(&self, read: &Read, desk: &Desk) -> String {
        let mut parts = Vec::new();
        let mut add = |wanted: bool, part: String| parts.extend(wanted.then_some(part));
        add(self.timestamp, format!("CreateTime:{}", read.at_ms));
        add(
            self.partition,
            format!("Partition:{}", read.partition.partition),
        );
        add(self.offset, format!("Offset:{}", read.offset));
        add(self.epoch, format!("Epoch:{}", read.epoch));
        add(self.headers, "NO_HEADERS".to_owned());
        let key = read
            .record
            .key
            .map_or("null".to_owned(), |key| key.to_string());
        add(self.key, key);
        let value = match read.record.tombstone {
            true => "null".to_owned(),
            false => (desk.text)(read.record.message),
        };
        add(self.value, value);
        parts.join(&self.separator)
    }
}
