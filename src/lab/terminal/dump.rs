//! `kafka-dump-log` (`org.apache.kafka.tools.DumpLogSegments`): a segment of a replica, as it lies in the page cache and
//! on the disk. `/data/1/orders-0/00000000000000000000.log` is on broker 1.

use super::common::{die, help_or_version, parse_or_die};
use super::desk::Desk;
use super::flags::{Flag, maybe, require, switch, value};
use super::printed::{Printed, Step};
use crate::kafka::record::{LogEntry, Record, Records};
use crate::kafka::{MessageId, Offset, TopicId, TopicPartition};
use crate::lab::text::Text;
use crate::sim::{MS, NodeId};

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    switch("cluster-metadata-decoder"), switch("deep-iteration"), value("files", "String: file1, file2, ..."), switch("help"),
    switch("index-sanity-check"), maybe("key-decoder-class", "String"), value("max-bytes", "Integer: size"),
    value("max-message-size", "Integer: size"), switch("offsets-decoder"), switch("print-data-log"),
    switch("remote-log-metadata-decoder"), switch("share-group-state-decoder"), switch("skip-record-metadata"),
    switch("transaction-log-decoder"), maybe("value-decoder-class", "String"), switch("verify-index-only"), switch("version"),
];

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let options = parse_or_die(FLAGS, words, printed)?;
    let about = "This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.";
    help_or_version(FLAGS, &options, about, printed)?;
    require(FLAGS, &options, &["files"], printed)?;
    let decoders = [
        "offsets-decoder",
        "transaction-log-decoder",
        "cluster-metadata-decoder",
    ];
    if options.count(&decoders) > 0 {
        return printed.not_modelled(Text::fixed(
            "decoders of internal topics",
            "内部 topic 的解码器",
        ));
    }
    for file in options.get("files").unwrap_or_default().split(',') {
        printed.out(format!("Dumping {file}"));
        if !file.ends_with(".log") {
            return printed.not_modelled(Text::fixed(
                "indexes and snapshots; give a .log",
                "索引与快照；请指定 .log",
            ));
        }
        let Some(segment) = find(file, desk) else {
            let class = "java.nio.file.NoSuchFileException";
            return die(class, file, printed);
        };
        dump(&segment, options.has("print-data-log"), desk, printed);
    }
    Ok(())
}

/// A segment: whose, from which offset, up to which.
struct Segment {
    broker: NodeId,
    partition: TopicPartition,
    from: Offset,
    to: Option<Offset>,
}

fn find(file: &str, desk: &Desk) -> Option<Segment> {
    let mut parts = file.trim_start_matches("/data/").split('/');
    let broker = parts.next()?.parse().ok().map(NodeId)?;
    let (topic, number) = parts.next()?.rsplit_once('-')?;
    let from = parts.next()?.strip_suffix(".log")?.parse().ok()?;
    let place = desk
        .spec()
        .topics
        .iter()
        .position(|known| known.name == topic)?;
    let partition = TopicPartition::new(TopicId(place as u16), number.parse().ok()?);
    let is_there = desk.spec().broker_nodes().any(|known| known == broker);
    let log = is_there.then(|| desk.world.model.broker(broker).log(partition))??;
    let mut starts = log.segments().iter().map(|segment| segment.base_offset);
    starts.find(|start| *start == from)?;
    Some(Segment {
        broker,
        partition,
        from,
        to: starts.next(),
    })
}

fn dump(segment: &Segment, prints: bool, desk: &Desk, printed: &mut Printed) {
    printed.out(format!("Log starting offset: {}", segment.from));
    let Some(log) = desk
        .world
        .model
        .broker(segment.broker)
        .log(segment.partition)
    else {
        return;
    };
    let mut position = 0;
    let within = |entry: &&LogEntry| segment.to.is_none_or(|to| entry.base_offset < to);
    for entry in log.entries_from(segment.from).filter(within) {
        batch(entry, position, desk, printed);
        if prints {
            records(entry, desk, printed);
        }
        position += u64::from(entry.batch.size_bytes);
    }
}

fn time_ms(entry: &LogEntry, desk: &Desk) -> u64 {
    desk.epoch_ms + entry.batch.max_timestamp / MS
}

fn batch(entry: &LogEntry, position: u64, desk: &Desk, printed: &mut Printed) {
    let batch = &entry.batch;
    let last = entry.next_offset().saturating_sub(1);
    let count = entry.offsets().count();
    let span = entry.next_offset() - entry.base_offset;
    let or_none = |number: Option<u64>| number.map_or("-1".to_owned(), |number| number.to_string());
    let stamp = batch.producer;
    let is_control = matches!(batch.records, Records::Marker(_));
    let first_sequence = stamp
        .filter(|_| !is_control)
        .map(|stamp| u64::from(stamp.base_sequence));
    let horizon = match &batch.records {
        Records::Cleaned(cleaned) => cleaned.delete_horizon,
        _ => None,
    };
    let horizon = horizon.map_or("OptionalLong.empty".to_owned(), |at| {
        format!("OptionalLong[{}]", desk.epoch_ms + at / MS)
    });
    printed.out(format!(
        "baseOffset: {} lastOffset: {last} count: {count} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {is_control} deleteHorizonMs: {horizon} position: {position} CreateTime: {} size: {} magic: 2 compresscodec: none crc: {} isvalid: true",
        entry.base_offset,
        or_none(first_sequence),
        or_none(first_sequence.map(|first| first + span - 1)),
        or_none(stamp.map(|stamp| stamp.producer_id)),
        or_none(stamp.map(|stamp| stamp.producer_epoch.into())),
        entry.leader_epoch,
        stamp.is_some_and(|stamp| stamp.transactional),
        time_ms(entry, desk),
        batch.size_bytes,
        checksum(entry),
    ));
}

/// Stands for the CRC-32C: the model has no bytes to make it of.
fn checksum(entry: &LogEntry) -> u32 {
    let seed = entry.base_offset as u32 ^ entry.batch.size_bytes.rotate_left(16);
    seed.wrapping_mul(0x9e37_79b1) ^ (entry.batch.max_timestamp as u32)
}

fn records(entry: &LogEntry, desk: &Desk, printed: &mut Printed) {
    let at_ms = time_ms(entry, desk);
    let first = entry.batch.producer.map(|stamp| stamp.base_sequence);
    if let Records::Marker(marker) = &entry.batch.records {
        let kind = if marker.commit { "COMMIT" } else { "ABORT" };
        printed.out(format!(
            "| offset: {} CreateTime: {at_ms} keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: {kind} coordinatorEpoch: {}",
            entry.base_offset, marker.coordinator_epoch
        ));
        return;
    }
    for (offset, record) in entry.records() {
        let delta = (offset - entry.base_offset) as u32;
        let sequence = first.map_or("-1".to_owned(), |first| (first + delta).to_string());
        printed.out(line(offset, &sequence, at_ms, record, desk));
    }
}

fn line(offset: Offset, sequence: &str, at_ms: u64, record: &Record, desk: &Desk) -> String {
    let value = value_of(record.message, desk);
    let key = record.key.map(|key| key.to_string());
    let key_size = key
        .as_ref()
        .map_or("-1".to_owned(), |key| key.len().to_string());
    let value_size = if record.tombstone {
        "-1".to_owned()
    } else {
        value.len().to_string()
    };
    let key = key.map(|key| format!(" key: {key}")).unwrap_or_default();
    let payload = if record.tombstone {
        String::new()
    } else {
        format!(" payload: {value}")
    };
    format!(
        "| offset: {offset} CreateTime: {at_ms} keySize: {key_size} valueSize: {value_size} sequence: {sequence} headerKeys: []{key}{payload}"
    )
}

fn value_of(message: MessageId, desk: &Desk) -> String {
    (desk.text)(message)
}
