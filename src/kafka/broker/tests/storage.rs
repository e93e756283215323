//! Segments, recovery points and the small files: what a start has to read again, and how long
//! that and an orderly stop take.

use super::durability::{alone, restart};
use super::*;
use crate::kafka::{ErrorCode, FlushedBy};

/// One broker whose segments are closed after a second.
fn rolling() -> ClusterSpec {
    let mut spec = alone();
    spec.topics[0].config.segment_ms = 1_000;
    spec
}

fn base_offsets(lab: &Lab) -> Vec<Offset> {
    let log = lab.world.model.broker(B1).log(T0).unwrap();
    log.segments().iter().map(|s| s.base_offset).collect()
}

fn recovered_bytes(lab: &Lab) -> Vec<u64> {
    let entries = lab.journal.entries().iter();
    let began = entries.filter_map(|entry| match entry.what {
        Entry::RecoveryBegan { bytes } => Some(bytes),
        _ => None,
    });
    began.collect()
}

/// How long broker 1's recovery took, if there was one, in milliseconds.
fn recovery_ms(lab: &Lab) -> Option<u64> {
    let began = lab.when(|e| matches!(e, Entry::RecoveryBegan { .. }))?;
    let loaded = lab.when(|e| matches!(e, Entry::LogsLoaded { .. }))?;
    Some((loaded - began) / MS)
}

#[test]
fn a_full_or_old_segment_is_closed_and_fsynced_in_the_background() {
    let mut lab = Lab::new(rolling());
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(1_000);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(10);
    assert_eq!(base_offsets(&lab), [0]);
    lab.produce(B1, Acks::Leader, 3);
    lab.pass_ms(10);
    assert_eq!(base_offsets(&lab), [0, 2]);
    let kafka = FlushedBy::Kafka;
    let flushed = |e: &Entry| matches!(e, Entry::Flushed { offset: 2, by, .. } if *by == kafka);
    assert_eq!(lab.count(flushed), 1);
    lab.act(Action::PowerOff(B1));
    assert_eq!(lab.log(B1), [1, 2]);
}

#[test]
fn a_segment_is_closed_before_the_batch_that_would_make_it_too_large() {
    let mut spec = alone();
    spec.topics[0].config.segment_bytes = 400;
    let mut lab = Lab::new(spec);
    for message in 1..=5 {
        lab.produce(B1, Acks::Leader, message);
        lab.pass_ms(10);
    }
    // 161 bytes each: two to a segment.
    assert_eq!(base_offsets(&lab), [0, 2, 4]);
    lab.produce_batch(B1, Acks::Leader, plain(&[6, 7, 8, 9], lab.world.now()));
    lab.pass_ms(10);
    assert_eq!(lab.last_produced().error, ErrorCode::RecordListTooLarge);
}

#[test]
fn an_unclean_start_reads_from_the_segment_of_the_checkpointed_recovery_point() {
    let mut lab = Lab::new(rolling());
    for message in 1..=4 {
        lab.produce(B1, Acks::Leader, message);
        lab.pass_ms(600);
    }
    assert_eq!(base_offsets(&lab), [0, 2]);
    // The fsync of the first segment is not in the checkpoint yet.
    lab.act(Action::Kill(B1));
    restart(&mut lab);
    assert_eq!(recovered_bytes(&lab), [4 * 161]);
    lab.produce(B1, Acks::Leader, 5);
    lab.pass_ms(1_100);
    lab.produce(B1, Acks::Leader, 6);
    lab.pass_ms(61_000);
    lab.act(Action::Kill(B1));
    restart(&mut lab);
    assert_eq!(recovered_bytes(&lab), [4 * 161, 161]);
}

#[test]
fn recovery_takes_time_by_bytes_and_threads_and_a_clean_start_takes_none() {
    let recovery_after = |end: Action, threads: u64, times: u32| {
        let mut spec = alone();
        spec.topics[0].assignment = vec![vec![B1]; 2];
        spec.environment.recovery_bytes_per_ms = 1;
        spec.brokers[0].num_recovery_threads_per_data_dir = threads;
        let mut lab = Lab::new(spec);
        for partition in 0..2 {
            let batch = Rc::new(plain(&[1, 2, 3, 4], 0));
            let partition = TopicPartition::new(TopicId(0), partition);
            let request = ProduceRequest {
                transactional_id: None,
                acks: Acks::Leader,
                timeout_ms: 1_000,
                batches: vec![(partition, batch)],
            };
            lab.ask(B1, channel::REPLICA, Request::Produce(Rc::new(request)));
        }
        lab.pass_ms(3_000);
        lab.act(Action::SlowDisk { broker: B1, times });
        lab.act(end);
        lab.pass_ms(5_000);
        restart(&mut lab);
        recovery_ms(&lab)
    };
    assert_eq!(recovery_after(Action::Stop(B1), 1, 1), None);
    assert_eq!(recovery_after(Action::Kill(B1), 1, 1), Some(2 * 461));
    assert_eq!(recovery_after(Action::Kill(B1), 2, 1), Some(461));
    let slow_disk_ms = recovery_after(Action::Kill(B1), 2, 400_000);
    assert_eq!(slow_disk_ms, Some(922), "922 bytes at 1 byte a millisecond");
}

#[test]
fn recovery_makes_nothing_safer_a_second_power_loss_takes_what_kill_9_had_left() {
    let mut lab = Lab::new(alone());
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(100);
    lab.act(Action::Kill(B1));
    restart(&mut lab);
    assert_eq!(lab.log(B1), [1]);
    lab.act(Action::PowerOff(B1));
    assert!(lab.log(B1).is_empty());
}

#[test]
fn what_the_os_wrote_counts_for_power_loss_but_not_for_flush_messages() {
    let mut spec = alone();
    spec.topics[0].config.flush_messages = 2;
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(10);
    lab.act(Action::OsWriteBack(B1));
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(10);
    let kafka = FlushedBy::Kafka;
    let by_kafka = |e: &Entry| matches!(e, Entry::Flushed { by, .. } if *by == kafka);
    assert_eq!(lab.count(by_kafka), 1);
}

#[test]
fn an_orderly_stop_takes_as_long_as_its_fsyncs_and_power_loss_meanwhile_is_unclean() {
    let stopping = || {
        let mut spec = alone();
        spec.environment.disk_fsync_us = Some(500_000);
        let mut lab = Lab::new(spec);
        lab.pass_ms(3_000);
        lab.produce(B1, Acks::Leader, 1);
        lab.pass_ms(100);
        lab.act(Action::Stop(B1));
        lab
    };
    let mut lab = stopping();
    lab.pass_ms(10_000);
    let flushed = lab.when(|e| matches!(e, Entry::Flushed { .. })).unwrap();
    assert_eq!(lab.when(|e| matches!(e, Entry::Stopped)), Some(flushed));
    assert_eq!(lab.log(B1), [1]);
    let mut lab = stopping();
    lab.pass_ms((flushed - lab.world.now()) / MS - 100);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(50);
    assert_eq!(lab.log(B1), [1], "nobody is served any more");
    lab.act(Action::PowerOff(B1));
    assert!(lab.log(B1).is_empty());
    restart(&mut lab);
    let unclean = |e: &Entry| matches!(e, Entry::LogsLoaded { clean: false });
    assert_eq!(lab.count(unclean), 1);
}

#[test]
fn deleted_records_come_back_after_a_crash_before_the_checkpoint_of_the_log_start() {
    let start_after_crash = |wait_ms: u64| {
        let mut lab = Lab::new(alone());
        for message in 1..=3 {
            lab.produce(B1, Acks::Leader, message);
        }
        lab.pass_ms(100);
        let (partition, offset) = (T0, 2);
        lab.act(Action::DeleteRecords { partition, offset });
        lab.pass_ms(wait_ms);
        lab.act(Action::Kill(B1));
        restart(&mut lab);
        let log = lab.world.model.broker(B1).log(T0).unwrap();
        log.log_start_offset()
    };
    assert_eq!(
        (start_after_crash(6_000), start_after_crash(31_000)),
        (0, 2)
    );
}

#[test]
fn a_slow_disk_stalls_writes_only_once_too_much_is_in_the_page_cache() {
    let answered_ms = |limit_bytes: u64| {
        let mut spec = alone();
        spec.environment.os_dirty_limit_bytes = limit_bytes;
        let mut lab = Lab::new(spec);
        let (broker, times) = (B1, 400_000);
        lab.act(Action::SlowDisk { broker, times });
        for message in 1..=4 {
            lab.produce(B1, Acks::Leader, message);
            lab.pass_ms(10);
        }
        let waited = (0..200).find(|_| {
            lab.pass_ms(10);
            lab.produced().len() == 4
        });
        let stalls = lab.count(|e| matches!(e, Entry::WritesStall { .. }));
        (waited.map(|tens| tens * 10), stalls)
    };
    assert_eq!(answered_ms(1_000_000), (Some(0), 0));
    let (waited_ms, stalls) = answered_ms(400);
    // The third makes it 483 bytes, which take the disk 400 ms.
    assert!((350..800).contains(&waited_ms.unwrap()), "{waited_ms:?}");
    assert_eq!(stalls, 1);
}

#[test]
fn what_the_os_writes_keeps_a_slow_disk_busy_and_is_safe_only_when_it_is_done() {
    let mut lab = Lab::new(alone());
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(29_000);
    let (broker, times) = (B1, 10_000_000);
    lab.act(Action::SlowDisk { broker, times });
    lab.pass_ms(6_500);
    assert_eq!(lab.count(|e| matches!(e, Entry::Flushed { .. })), 0);
    let mut powered = Lab::new(alone());
    powered.world = lab.world.clone();
    powered.journal = lab.journal.clone();
    powered.act(Action::PowerOff(B1));
    assert!(powered.log(B1).is_empty());
    lab.pass_ms(10_000);
    assert_eq!(lab.count(|e| matches!(e, Entry::Flushed { .. })), 1);
    lab.act(Action::PowerOff(B1));
    assert_eq!(lab.log(B1), [1]);
}

#[test]
fn a_failed_disk_is_noticed_at_the_next_checkpoint_and_its_broker_cannot_start_again() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::FailDisk(B1));
    lab.pass_ms(5_100);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DirectoryOffline { left: 0 })),
        1
    );
    assert_eq!(lab.count(|e| matches!(e, Entry::Halted)), 1);
    lab.pass_ms(12_000);
    assert_eq!((lab.leader(), lab.isr()), (Some(B2), vec![2, 3]));
    lab.act(Action::Start(B1));
    lab.pass_ms(5_000);
    assert_eq!(lab.count(|e| matches!(e, Entry::Halted)), 2);
    assert_eq!(lab.count(|e| matches!(e, Entry::LogsLoaded { .. })), 0);
}

#[test]
fn an_fsync_that_fails_makes_nothing_durable_and_takes_the_directory_offline() {
    let mut spec = alone();
    spec.topics[0].config.flush_messages = 1;
    spec.environment.disk_fsync_us = Some(20_000);
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(5);
    lab.act(Action::FailDisk(B1));
    lab.pass_ms(30);
    assert_eq!(lab.count(|e| matches!(e, Entry::Flushed { .. })), 0);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DirectoryOffline { left: 0 })),
        1
    );
    assert!(
        lab.produced()
            .iter()
            .all(|answer| answer.error != ErrorCode::None)
    );
}
