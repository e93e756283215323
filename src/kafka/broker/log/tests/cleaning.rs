//! What a cleaner leaves of transactions and of committed offsets.

use super::*;

/// Cleans all but the last segment of a log of one batch a segment.
fn cleaned(batches: Vec<Rc<Batch>>) -> Log {
    let config = TopicConfig {
        segment_bytes: 1,
        ..TopicConfig::default()
    };
    let mut log = Log::new();
    for batch in batches {
        log.roll_if_due((batch.size_bytes, 0), &config);
        log.append_as_leader(batch, 0, 0);
    }
    let end = log.log_end_offset();
    log.replicated_to(end);
    let cleanable = log.cleanable(&config, log.last_stable_offset(end), 0);
    log.clean(cleanable, &config, 0);
    log
}

fn keyed(mut batch: Rc<Batch>, key: u32) -> Rc<Batch> {
    if let Records::Data(records) = &mut Rc::make_mut(&mut batch).records {
        for record in records {
            record.key = Some(key);
        }
    }
    batch
}

fn messages(log: &Log) -> Vec<u32> {
    let records = log.entries().flat_map(|entry| entry.records());
    records.map(|(_, record)| record.message.0).collect()
}

#[test]
fn an_aborted_value_goes_and_takes_no_other_s_place() {
    let log = cleaned(vec![
        keyed(batch(1..2), 7),
        keyed(in_transaction(2..3, 0, 0), 7),
        marker(false, 1),
        keyed(batch(4..5), 8),
    ]);
    assert_eq!(messages(&log), [1, 4]);
    let committed = cleaned(vec![
        keyed(batch(1..2), 7),
        keyed(in_transaction(2..3, 0, 0), 7),
        marker(true, 1),
        keyed(batch(4..5), 8),
    ]);
    assert_eq!(messages(&committed), [2, 4]);
}

#[test]
fn nothing_of_an_open_transaction_is_cleaned_nor_anything_after_it() {
    let log = cleaned(vec![
        keyed(batch(1..2), 7),
        keyed(batch(2..3), 7),
        keyed(in_transaction(3..4, 0, 0), 7),
        keyed(batch(4..5), 7),
        keyed(batch(5..6), 7),
    ]);
    assert_eq!(messages(&log), [2, 3, 4, 5]);
}

#[test]
fn committed_offsets_are_compacted_by_group_and_partition() {
    use crate::kafka::record::OffsetCommitRecord;
    use crate::kafka::{GroupId, TopicId, TopicPartition};
    let commit = |partition: u16, offset: Option<Offset>| OffsetCommitRecord {
        group: GroupId(0),
        partition: TopicPartition::new(TopicId(0), partition),
        offset,
        leader_epoch: None,
    };
    let write = |commits: &[OffsetCommitRecord]| {
        Rc::new(Batch {
            records: Records::Offsets(commits.into()),
            ..(*batch(0..1)).clone()
        })
    };
    let log = cleaned(vec![
        write(&[commit(0, Some(1)), commit(1, Some(1))]),
        write(&[commit(0, Some(2))]),
        write(&[commit(0, Some(3))]),
    ]);
    let kept = log.entries().map(|entry| match entry.batch.kept() {
        Records::Offsets(commits) => (entry.base_offset, commits.to_vec()),
        other => panic!("not commits: {other:?}"),
    });
    let kept: Vec<_> = kept.collect();
    let expected = [
        (0, vec![commit(1, Some(1))]),
        (2, vec![commit(0, Some(2))]),
        (3, vec![commit(0, Some(3))]),
    ];
    assert_eq!(kept, expected, "the last one lies in the active segment");
}
