//! Compaction: the last value of each key stays, deletes stay for a while, offsets have gaps.

use super::durability::{alone, restart};
use super::*;
use crate::kafka::config::{CleanupPolicy, Ppm};
use crate::kafka::{Deletion, ErrorCode};

/// A compacted topic: two batches to a segment, cleaned every second once anything is dirty.
fn compacting(mut spec: ClusterSpec) -> ClusterSpec {
    let config = &mut spec.topics[0].config;
    config.cleanup_policy = CleanupPolicy::COMPACT;
    config.segment_bytes = 400;
    config.min_cleanable_dirty_ratio = Ppm(0);
    for broker in &mut spec.brokers {
        broker.log_cleaner_backoff_ms = 1_000;
    }
    spec
}

/// Message `number` with this key; a tombstone deletes it.
fn keyed(number: u32, key: u32, tombstone: bool, now: Micros) -> Batch {
    let mut batch = plain(&[number], now);
    if let Records::Data(records) = &mut batch.records {
        (records[0].key, records[0].tombstone) = (Some(key), tombstone);
    }
    batch
}

impl Lab {
    fn put(&mut self, number: u32, key: u32) {
        let batch = keyed(number, key, false, self.world.now());
        self.produce_batch(B1, Acks::Leader, batch);
        self.pass_ms(10);
    }

    fn delete(&mut self, number: u32, key: u32) {
        let batch = keyed(number, key, true, self.world.now());
        self.produce_batch(B1, Acks::Leader, batch);
        self.pass_ms(10);
    }

    /// Offset and number of every record on `broker`.
    fn placed(&self, broker: NodeId) -> Vec<(Offset, u32)> {
        let log = self.world.model.broker(broker).log(T0).unwrap();
        let records = log.entries().flat_map(|entry| entry.records());
        records
            .map(|(offset, record)| (offset, record.message.0))
            .collect()
    }
}

#[test]
fn the_last_value_of_each_key_stays_at_its_offset_and_the_active_segment_is_left_alone() {
    let mut lab = Lab::new(compacting(alone()));
    for (number, key) in [(1, 7), (2, 8), (3, 7), (4, 7), (5, 8)] {
        lab.put(number, key);
    }
    lab.pass_ms(1_100);
    // 5 replaces 2, but lies in the active segment: not seen yet.
    assert_eq!(lab.placed(B1), [(1, 2), (3, 4), (4, 5)]);
    let log = lab.world.model.broker(B1).log(T0).unwrap();
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (0, 5));
    let noted = lab.journal.entries().iter().find_map(|e| match &e.what {
        Entry::Compacted { cleaning, .. } => Some(cleaning.superseded.clone()),
        _ => None,
    });
    assert_eq!(noted, Some(vec![0, 2]));
}

#[test]
fn readers_go_over_the_gaps_and_get_one_segment_at_a_time() {
    let mut lab = Lab::new(compacting(alone()));
    for number in 1..=5 {
        lab.put(number, 7);
    }
    lab.pass_ms(1_100);
    assert_eq!(lab.placed(B1), [(3, 4), (4, 5)]);
    for (from, found) in [(0, 3), (4, 4)] {
        let fetched = lab.fetch(B1, from);
        assert_eq!(fetched.error, ErrorCode::None);
        let offsets: Vec<_> = fetched.entries.iter().map(|e| e.base_offset).collect();
        assert_eq!(offsets, [found]);
    }
}

#[test]
fn a_record_without_a_key_is_refused() {
    let mut lab = Lab::new(compacting(alone()));
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(10);
    assert_eq!(lab.last_produced().error, ErrorCode::InvalidRecord);
}

#[test]
fn nothing_is_cleaned_before_enough_is_dirty_or_a_record_has_waited_too_long() {
    let cleaned = |ratio: u32, longest_ms: u64| {
        let mut spec = compacting(alone());
        spec.topics[0].config.min_cleanable_dirty_ratio = Ppm(ratio);
        spec.topics[0].config.max_compaction_lag_ms = longest_ms;
        let mut lab = Lab::new(spec);
        for number in 1..=20 {
            // Ten keys, each written twice: half of it goes, and then ten batches are clean.
            lab.put(number, number % 10);
        }
        lab.pass_ms(1_100);
        for number in 21..=24 {
            lab.put(number, number % 10);
        }
        lab.pass_ms(5_000);
        lab.count(|e| matches!(e, Entry::Compacted { .. }))
    };
    assert_eq!(cleaned(100_000, u64::MAX), 2);
    assert_eq!(cleaned(500_000, u64::MAX), 1);
    assert_eq!(cleaned(500_000, 3_000), 2);
}

#[test]
fn young_records_are_left_alone_for_min_compaction_lag_ms() {
    let mut spec = compacting(alone());
    spec.topics[0].config.min_compaction_lag_ms = 5_000;
    let mut lab = Lab::new(spec);
    for number in 1..=5 {
        lab.put(number, 7);
    }
    lab.pass_ms(4_000);
    assert_eq!(lab.placed(B1).len(), 5);
    lab.pass_ms(3_000);
    assert_eq!(lab.placed(B1), [(3, 4), (4, 5)]);
}

#[test]
fn nothing_above_the_high_watermark_is_cleaned() {
    let mut lab = Lab::new(compacting(three_brokers(2)));
    lab.pass_ms(600);
    lab.act(Action::Kill(B2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    for number in 1..=5 {
        lab.put(number, 7);
    }
    lab.pass_ms(5_000);
    assert_eq!(lab.high_watermark(B1), 0);
    assert_eq!(lab.placed(B1).len(), 5);
}

#[test]
fn a_delete_stays_for_delete_retention_ms_after_the_first_cleaning_that_saw_it() {
    let mut spec = compacting(alone());
    spec.topics[0].config.delete_retention_ms = 10_000;
    let mut lab = Lab::new(spec);
    lab.put(1, 7);
    lab.delete(2, 7);
    lab.put(3, 8);
    lab.pass_ms(1_100);
    assert_eq!(lab.placed(B1), [(1, 2), (2, 3)]);
    lab.pass_ms(12_000);
    assert_eq!(lab.placed(B1), [(1, 2), (2, 3)], "no cleaning, no removal");
    lab.put(4, 9);
    lab.put(5, 9);
    lab.pass_ms(1_100);
    assert_eq!(lab.placed(B1), [(2, 3), (3, 4), (4, 5)]);
    let tombstones = lab.journal.entries().iter().find_map(|e| match &e.what {
        Entry::Compacted { cleaning, .. } => {
            (!cleaning.tombstones.is_empty()).then(|| cleaning.tombstones.clone())
        }
        _ => None,
    });
    assert_eq!(tombstones, Some(vec![1]));
}

#[test]
fn a_producers_last_batch_stays_empty_so_that_its_sequence_is_known() {
    let mut lab = Lab::new(compacting(alone()));
    let mut batch = idempotent(&[1], 0, 0);
    batch.records = keyed(1, 7, false, 0).records;
    lab.produce_batch(B1, Acks::Leader, batch);
    lab.pass_ms(10);
    for number in 2..=4 {
        lab.put(number, 7);
    }
    lab.pass_ms(1_100);
    assert_eq!(lab.placed(B1), [(1, 2), (2, 3), (3, 4)]);
    let log = lab.world.model.broker(B1).log(T0).unwrap();
    let bases: Vec<_> = log.entries().map(|entry| entry.base_offset).collect();
    assert_eq!(bases, [0, 1, 2, 3]);
}

#[test]
fn a_follower_that_comes_late_copies_the_gaps() {
    let mut lab = Lab::new(compacting(three_brokers(1)));
    lab.put(1, 7);
    lab.pass_ms(600);
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    for number in 2..=6 {
        lab.put(number, 7);
    }
    lab.pass_ms(2_000);
    lab.act(Action::Start(B3));
    lab.pass_ms(12_000);
    assert_eq!(lab.isr(), [1, 2, 3]);
    let leaders = lab.placed(B1);
    assert_eq!(leaders.last(), Some(&(5, 6)));
    assert!(lab.placed(B3).ends_with(&leaders));
    lab.act(Action::Kill(B1));
    lab.act(Action::Kill(B2));
    lab.pass_ms(12_000);
    assert_eq!(lab.leader(), Some(B3));
    assert_eq!(lab.high_watermark(B3), 6);
}

#[test]
fn with_both_policies_old_segments_are_deleted_as_well() {
    let mut spec = compacting(alone());
    spec.topics[0].config.cleanup_policy.delete = true;
    spec.topics[0].config.retention_ms = 5_000;
    let mut lab = Lab::new(spec);
    for number in 1..=4 {
        lab.put(number, number);
    }
    lab.pass_ms(7_000);
    assert!(lab.placed(B1).is_empty());
    let age = Deletion::RetentionMs;
    assert_eq!(
        lab.count(|e| matches!(e, Entry::LogStartMoved { why, .. } if *why == age)),
        1
    );
}

#[test]
fn what_was_cleaned_survives_power_loss() {
    let mut lab = Lab::new(compacting(alone()));
    for number in 1..=9 {
        lab.put(number, number % 2);
    }
    lab.pass_ms(1_100);
    let placed = lab.placed(B1);
    assert_eq!(placed, [(6, 7), (7, 8), (8, 9)]);
    lab.act(Action::PowerOff(B1));
    restart(&mut lab);
    // The active segment was in the page cache alone.
    assert_eq!(lab.placed(B1), placed[..2]);
}

#[test]
fn segments_that_have_become_small_become_one_at_the_next_cleaning() {
    let mut lab = Lab::new(compacting(alone()));
    let segments = |lab: &Lab| {
        let log = lab.world.model.broker(B1).log(T0).unwrap();
        log.segments().iter().count()
    };
    for number in 1..=9 {
        lab.put(number, number % 2);
    }
    lab.pass_ms(1_100);
    assert_eq!(segments(&lab), 5);
    lab.put(10, 0);
    lab.put(11, 0);
    lab.pass_ms(1_100);
    assert_eq!(segments(&lab), 3);
}

#[test]
fn records_of_a_topic_that_is_only_compacted_cannot_be_deleted_by_request() {
    let mut lab = Lab::new(compacting(alone()));
    lab.put(1, 7);
    let (partition, offset) = (T0, 1);
    lab.act(Action::DeleteRecords { partition, offset });
    lab.pass_ms(100);
    assert_eq!(lab.placed(B1), [(0, 1)]);
    assert_eq!(lab.count(|e| matches!(e, Entry::LogStartMoved { .. })), 0);
}
