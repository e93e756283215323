//! A replica's files as its broker has them now.

use crate::kafka::broker::ProcessState;
use crate::kafka::broker::log::Log;
use crate::kafka::record::LogEntry;
use crate::kafka::{ClusterSpec, Offset, TopicPartition, World};
use crate::lab::text::Text;
use crate::sim::NodeId;
use crate::view::Bytes;
use crate::view::files::{BatchView, FileView, FilesView, RecordLine};

/// So many batches are shown: the last ones.
const MOST_BATCHES: usize = 200;

/// The files of `left`'s replica of `partition`, beside those of `right`; none where there is no replica.
pub(super) fn files(
    world: &World,
    partition: TopicPartition,
    left: i32,
    right: Option<i32>,
) -> Option<FilesView> {
    let spec = &world.model.spec;
    let node = |id: i32| u8::try_from(id).ok().map(NodeId);
    let log = |node: NodeId| has(spec, node).then(|| world.model.broker(node).log(partition))?;
    let brokers = spec.broker_nodes().filter(|node| log(*node).is_some());
    let brokers: Vec<i32> = brokers.map(|node| i32::from(node.0)).collect();
    let left = node(left)?;
    let right = right.and_then(node).filter(|right| *right != left);
    let (own, other) = (log(left)?, right.and_then(log));
    let side = |node, log, beside| file(world, partition, node, log, beside);
    Some(FilesView {
        partition: spec.partition_name(partition),
        brokers,
        left: side(left, own, other),
        right: right
            .zip(other)
            .map(|(node, log)| side(node, log, Some(own))),
        apart: other.map(|other| apart(own, other)),
    })
}

fn has(spec: &ClusterSpec, node: NodeId) -> bool {
    spec.broker_nodes().any(|broker| broker == node)
}

fn file(
    world: &World,
    partition: TopicPartition,
    node: NodeId,
    log: &Log,
    beside: Option<&Log>,
) -> FileView {
    let broker = world.model.broker(node);
    let all: Vec<&LogEntry> = log.entries().collect();
    let earlier = all.len().saturating_sub(MOST_BATCHES);
    let batch = |entry: &&LogEntry| batch(entry, log, beside);
    FileView {
        broker: i32::from(node.0),
        running: broker.process_state() == ProcessState::Running,
        log_start: log.log_start_offset(),
        flushed: log.flushed_offset(),
        recovery_point: log.recovery_point(),
        high_watermark: broker.high_watermark(partition),
        log_end: log.log_end_offset(),
        dirty_bytes: log.dirty_bytes(),
        segments: log
            .segments()
            .iter()
            .map(|segment| segment.base_offset)
            .collect(),
        epochs: log.epochs().starts().to_vec(),
        batches: all.iter().skip(earlier).map(batch).collect(),
        earlier: earlier as u64,
    }
}

fn batch(entry: &LogEntry, log: &Log, beside: Option<&Log>) -> BatchView {
    let batch = &entry.batch;
    let end = entry.next_offset();
    let flushed = log.flushed_offset();
    let control = batch.marker().map(|marker| match marker.commit {
        true => Text::fixed("COMMIT marker", "COMMIT 标记"),
        false => Text::fixed("ABORT marker", "ABORT 标记"),
    });
    let producer = batch.producer.map(|stamp| {
        let last = batch.last_sequence().unwrap_or(stamp.base_sequence);
        (
            stamp.producer_id,
            stamp.producer_epoch,
            stamp.base_sequence,
            last,
        )
    });
    let records = entry.records().map(|(offset, record)| RecordLine {
        offset,
        message: u64::from(record.message.0),
        size_bytes: record.size_bytes,
        key: record.key,
        tombstone: record.tombstone,
    });
    BatchView {
        base_offset: entry.base_offset,
        last_offset: end.saturating_sub(1),
        leader_epoch: entry.leader_epoch,
        producer,
        transactional: batch.producer.is_some_and(|stamp| stamp.transactional),
        control,
        records: records.collect(),
        size_bytes: batch.size_bytes,
        bytes: if end <= flushed {
            Bytes::Disk
        } else {
            Bytes::Cache
        },
        differs: beside.is_some_and(|other| !holds(other, entry)),
    }
}

/// Whether a log has this very batch at its place.
fn holds(log: &Log, entry: &LogEntry) -> bool {
    let at = log.entries_from(entry.base_offset).next();
    at.is_some_and(|found| found == entry)
}

/// Where two logs part: at the first offset that both have and hold otherwise, or where the shorter one ends.
fn apart(one: &Log, other: &Log) -> Text {
    let from = one.log_start_offset().max(other.log_start_offset());
    let end = one.log_end_offset().min(other.log_end_offset());
    let common = one.entries_from(from).zip(other.entries_from(from));
    let differs = common
        .into_iter()
        .find(|(a, b)| a != b && a.base_offset.max(b.base_offset) < end);
    match differs {
        Some((a, b)) => parted(a, b),
        None if one.log_end_offset() == other.log_end_offset() => Text::new(
            format!("The same batches up to offset {end}."),
            format!("到 offset {end} 为止，batch 完全相同。"),
        ),
        None => {
            let longest = one.log_end_offset().max(other.log_end_offset());
            let more: Offset = longest - end;
            Text::new(
                format!("The same batches up to offset {end}; one log goes on for {more} more."),
                format!("到 offset {end} 为止相同；其中一个日志还多 {more} 条。"),
            )
        }
    }
}

fn parted(a: &LogEntry, b: &LogEntry) -> Text {
    let at = a.base_offset.max(b.base_offset);
    let (one, other) = (a.leader_epoch, b.leader_epoch);
    match one == other {
        true => Text::new(
            format!("They part at offset {at}: other records under the same epoch {one}."),
            format!("从 offset {at} 开始不同：同一个 epoch {one} 下记录不同。"),
        ),
        false => Text::new(
            format!(
                "They part at offset {at}: written under epoch {one} here, under epoch {other} there."
            ),
            format!(
                "从 offset {at} 开始不同：这边是 epoch {one} 写的，那边是 epoch {other} 写的。"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Action;
    use crate::kafka::config::Owner;
    use crate::lab::experiment::{Experiment, TOPIC, broker};
    use crate::lab::lessons;
    use crate::lab::run::Run;

    fn at(experiment: &Experiment, at_us: u64, left: i32, right: Option<i32>) -> FilesView {
        let mut run = Run::new(experiment.clone());
        run.seek(at_us);
        let partition = TopicPartition::new(TOPIC, 0);
        files(run.world(), partition, left, right).expect("a replica")
    }

    #[test]
    fn a_batch_says_who_wrote_it_and_every_offset_is_in_one() {
        let view = at(&Experiment::three_brokers(), 4_000_000, 1, None);
        let file = &view.left;
        assert_eq!(
            (view.partition.as_str(), &view.brokers[..]),
            ("orders-0", &[1, 2, 3][..])
        );
        let mut next = 0;
        for batch in &file.batches {
            assert_eq!(batch.base_offset, next);
            assert_eq!(batch.records.len() as u64, batch.last_offset + 1 - next);
            let (_, epoch, first, last) = batch.producer.expect("idempotence is on");
            assert_eq!((epoch, u64::from(first)), (0, next));
            assert_eq!(u64::from(last), batch.last_offset);
            next = batch.last_offset + 1;
        }
        assert!(next > 5 && next == file.log_end, "{next}");
        assert_eq!(file.epochs, [(0, 0)]);
        assert_eq!(file.recovery_point, 0, "nobody has called fsync");
    }

    #[test]
    fn two_replicas_part_where_the_dead_leader_wrote_alone() {
        let lesson = lessons::find("acks").expect("a lesson");
        let experiment = lesson.experiment;
        let end_us = experiment.actions.iter().map(|timed| timed.at_us).max();
        let dead = experiment.clone().until_ms(16_000);
        let view = at(&dead, end_us.unwrap_or(0).min(11_000_000), 1, Some(2));
        let differs = view.left.batches.iter().find(|batch| batch.differs);
        assert!(differs.is_some(), "{:?}", view.apart);
        let said = view.apart.expect("two are compared").en;
        assert!(said.contains("offset"), "{said}");
    }

    #[test]
    fn an_fsync_moves_the_recovery_point_and_the_page_cache_is_empty() {
        let experiment = Experiment::three_brokers().with(Owner::Topic, "flush.messages", "1");
        let view = at(&experiment, 4_000_000, 1, None);
        assert!(view.left.recovery_point > 0);
        let disk = view
            .left
            .batches
            .iter()
            .filter(|batch| batch.bytes == Bytes::Disk);
        assert!(disk.count() > 3);
    }

    #[test]
    fn a_dead_broker_s_files_can_still_be_read() {
        let experiment = Experiment::three_brokers().at_ms(2_000, Action::Kill(broker(1)));
        let view = at(&experiment, 4_000_000, 1, None);
        assert!(!view.left.running && !view.left.batches.is_empty());
        assert_eq!(view.left.high_watermark.filter(|_| view.left.running), None);
    }
}
