//! Retention: which segments go, when, and what that does to followers and readers.

use super::durability::{alone, restart};
use super::*;
use crate::kafka::{Deletion, ErrorCode};

/// Looks for old segments every second, from the first second on.
fn looking(mut spec: ClusterSpec) -> ClusterSpec {
    for broker in &mut spec.brokers {
        broker.log_initial_task_delay_ms = 1_000;
        broker.log_retention_check_interval_ms = 1_000;
    }
    spec
}

fn log_start(lab: &Lab, broker: NodeId) -> Offset {
    let log = lab.world.model.broker(broker).log(T0).unwrap();
    log.log_start_offset()
}

fn deletions(lab: &Lab, broker: NodeId) -> Vec<(Offset, Deletion)> {
    let of_broker = lab.journal.entries().iter().filter(|e| e.node == broker);
    let moved = of_broker.filter_map(|entry| match entry.what {
        Entry::LogStartMoved { offset, why, .. } => Some((offset, why)),
        _ => None,
    });
    moved.collect()
}

#[test]
fn one_young_record_keeps_its_whole_segment_and_an_old_active_segment_goes() {
    let mut spec = looking(alone());
    spec.topics[0].config.retention_ms = 5_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(4_000);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(4_000);
    assert_eq!(lab.log(B1), [1, 2]);
    lab.pass_ms(3_000);
    assert!(lab.log(B1).is_empty());
    assert_eq!(deletions(&lab, B1), [(2, Deletion::RetentionMs)]);
    lab.produce(B1, Acks::Leader, 3);
    lab.pass_ms(100);
    assert_eq!(lab.last_produced().base_offset, Some(2));
    assert_eq!(lab.log(B1), [3]);
}

#[test]
fn retention_bytes_keeps_at_least_that_much() {
    let mut spec = looking(alone());
    spec.topics[0].config.segment_bytes = 400;
    spec.topics[0].config.retention_bytes = 500;
    let mut lab = Lab::new(spec);
    for message in 1..=9 {
        lab.produce(B1, Acks::Leader, message);
    }
    lab.pass_ms(3_000);
    // 161 bytes each, two to a segment: 1449 bytes; without the first two segments 805, without
    // the third 483, which is less than asked for.
    assert_eq!(lab.log(B1), [5, 6, 7, 8, 9]);
    assert_eq!(deletions(&lab, B1), [(4, Deletion::RetentionBytes)]);
}

#[test]
fn every_replica_deletes_on_its_own() {
    let mut spec = looking(three_brokers(1));
    spec.topics[0].config.retention_ms = 5_000;
    spec.brokers[1].log_retention_check_interval_ms = 300_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(7_000);
    assert_eq!([B1, B2, B3].map(|b| log_start(&lab, b)), [1, 1, 1]);
    assert_eq!(deletions(&lab, B1), [(1, Deletion::RetentionMs)]);
    assert_eq!(deletions(&lab, B2), [(1, Deletion::Leader)]);
}

#[test]
fn nothing_above_the_high_watermark_is_deleted() {
    let mut spec = looking(three_brokers(2));
    spec.topics[0].config.retention_ms = 1_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(600);
    lab.act(Action::Kill(B2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    assert_eq!((log_start(&lab, B1), lab.isr()), (1, vec![1]));
    // One in-sync replica is below min.insync.replicas: the high watermark stands still.
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(10_000);
    assert_eq!((lab.log(B1), log_start(&lab, B1)), (vec![2], 1));
}

#[test]
fn a_reader_below_the_log_start_is_out_of_range() {
    let mut spec = looking(alone());
    spec.topics[0].config.retention_ms = 1_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(4_000);
    assert_eq!(lab.fetch(B1, 0).error, ErrorCode::OffsetOutOfRange);
    let fetched = lab.fetch(B1, 1);
    assert_eq!(
        (fetched.error, fetched.log_start_offset),
        (ErrorCode::None, 1)
    );
}

#[test]
fn a_follower_behind_the_leaders_log_start_begins_anew_there() {
    let mut spec = looking(three_brokers(1));
    spec.topics[0].config.retention_ms = 2_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    for message in 2..=4 {
        lab.produce(B1, Acks::All, message);
        lab.pass_ms(100);
    }
    lab.pass_ms(6_000);
    assert_eq!(log_start(&lab, B1), 4);
    lab.act(Action::Start(B3));
    lab.pass_ms(6_000);
    lab.produce(B1, Acks::All, 5);
    lab.pass_ms(1_000);
    assert_eq!((lab.log(B3), log_start(&lab, B3)), (vec![5], 4));
    assert_eq!(lab.isr(), [1, 2, 3]);
}

#[test]
fn deleted_segments_do_not_come_back_with_a_restart() {
    let mut spec = looking(alone());
    spec.topics[0].config.retention_ms = 2_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(5_000);
    assert_eq!(log_start(&lab, B1), 1);
    lab.act(Action::Kill(B1));
    restart(&mut lab);
    assert_eq!(log_start(&lab, B1), 1);
    assert_eq!(lab.fetch(B1, 0).error, ErrorCode::OffsetOutOfRange);
}

#[test]
fn epochs_before_the_log_start_are_forgotten_but_for_the_one_it_lies_in() {
    let mut spec = looking(three_brokers(1));
    spec.topics[0].config.retention_ms = 20_000;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(600);
    lab.act(Action::Kill(B1));
    lab.pass_ms(12_000);
    lab.produce(B2, Acks::All, 2);
    lab.pass_ms(22_000);
    lab.produce(B2, Acks::All, 3);
    lab.pass_ms(100);
    let log = lab.world.model.broker(B2).log(T0).unwrap();
    let epoch = log.latest_epoch().unwrap();
    assert_eq!(log.epochs().starts(), [(epoch, 2)]);
}
