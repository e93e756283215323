//! What survives: kill -9, power loss, orderly stops, wiped and failing disks.

use super::*;
use crate::kafka::{Cut, ErrorCode, FlushedBy};

/// One broker, one replica.
pub(super) fn alone() -> ClusterSpec {
    let mut spec = three_brokers(1);
    spec.topics[0].assignment = vec![vec![B1]];
    spec
}

/// Starts broker 1 and gives it the time to lead again.
pub(super) fn restart(lab: &mut Lab) {
    lab.act(Action::Start(B1));
    lab.pass_ms(15_000);
    assert_eq!(lab.leader(), Some(B1));
}

#[test]
fn kill_9_loses_nothing_but_is_an_unclean_end() {
    let mut lab = Lab::new(alone());
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(100);
    lab.act(Action::Kill(B1));
    restart(&mut lab);
    assert_eq!(lab.log(B1), [1]);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::LogsLoaded { clean: false })),
        1
    );
}

#[test]
fn power_loss_takes_what_the_os_had_not_written() {
    let mut lab = Lab::new(alone());
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(40_000);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(100);
    lab.act(Action::PowerOff(B1));
    assert_eq!(lab.log(B1), [1]);
    let os = FlushedBy::OsWriteBack;
    let written = lab.when(|e| matches!(e, Entry::Flushed { by, .. } if *by == os));
    assert!((30_000 * MS..=36_000 * MS).contains(&written.unwrap()));
    restart(&mut lab);
    assert_eq!(lab.log(B1), [1]);
}

#[test]
fn flush_messages_1_answers_after_the_fsync_and_survives_power_loss() {
    let mut spec = alone();
    spec.topics[0].config.flush_messages = 1;
    spec.environment.disk_fsync_us = Some(20_000);
    let mut lab = Lab::new(spec);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(15);
    assert!(lab.produced().is_empty());
    lab.pass_ms(15);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    lab.act(Action::PowerOff(B1));
    assert_eq!(lab.log(B1), [1]);
}

#[test]
fn with_flush_messages_1_acks_all_waits_for_every_disk() {
    let mut spec = three_brokers(1);
    spec.topics[0].config.flush_messages = 1;
    spec.environment.disk_fsync_us = Some(20_000);
    let mut lab = Lab::new(spec);
    // Between two fetches: one that comes while the leader's disk works would read at once.
    lab.pass_ms(1_200);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(40);
    assert!(lab.produced().is_empty());
    lab.pass_ms(10);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    let flushed = |e: &Entry| {
        matches!(
            e,
            Entry::Flushed {
                by: FlushedBy::Kafka,
                ..
            }
        )
    };
    assert_eq!(lab.count(flushed), 3);
}

#[test]
fn flush_ms_does_nothing_after_the_first_look_without_the_scheduler() {
    let flushes = |scheduler_ms: Option<u64>| {
        let mut spec = alone();
        spec.topics[0].config.flush_ms = 1_000;
        if let Some(ms) = scheduler_ms {
            spec.brokers[0].log_flush_scheduler_interval_ms = ms;
        }
        let mut lab = Lab::new(spec);
        lab.pass_ms(31_000);
        lab.produce(B1, Acks::Leader, 1);
        lab.pass_ms(10_000);
        lab.count(|e| matches!(e, Entry::Flushed { .. }))
    };
    assert_eq!((flushes(None), flushes(Some(2_000))), (0, 1));
}

#[test]
fn a_torn_batch_is_found_and_dropped_at_the_next_start() {
    let mut spec = alone();
    spec.environment.power_loss_tears_tail = true;
    let torn = (0..20).filter(|seed| {
        let mut lab = Lab::new(ClusterSpec {
            seed: *seed,
            ..spec.clone()
        });
        lab.produce_batch(B1, Acks::Leader, plain(&[1, 2, 3, 4], 0));
        lab.pass_ms(100);
        lab.act(Action::PowerOff(B1));
        restart(&mut lab);
        assert!(lab.log(B1).is_empty() || lab.log(B1) == [1, 2, 3, 4]);
        lab.count(|e| matches!(e, Entry::LogCut { why: Cut::Torn, .. })) == 1
    });
    assert!(torn.count() > 0, "no seed tears the batch");
}

#[test]
fn an_orderly_stop_moves_leadership_flushes_and_leaves_the_marker() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(3_000);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    lab.act(Action::Stop(B1));
    lab.pass_ms(5_000);
    assert_eq!(lab.leader(), Some(B2));
    assert_eq!(lab.count(|e| matches!(e, Entry::Stopped)), 1);
    let host = lab.world.model.broker(B1);
    assert_eq!(host.process_state(), super::super::ProcessState::NotRunning);
    assert_eq!(host.log(T0).unwrap().unflushed_records(), 0);
    lab.act(Action::Start(B1));
    lab.pass_ms(15_000);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::LogsLoaded { clean: true })),
        1
    );
    assert_eq!(lab.isr(), [1, 2, 3]);
}

#[test]
fn acks_1_is_lost_in_an_orderly_stop_that_outruns_replication() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(3_000);
    lab.act(Action::Pause(B2));
    lab.act(Action::Pause(B3));
    lab.pass_ms(800);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(20);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    lab.act(Action::Stop(B1));
    lab.pass_ms(3_000);
    lab.act(Action::Resume(B2));
    lab.act(Action::Resume(B3));
    lab.pass_ms(5_000);
    lab.act(Action::Start(B1));
    lab.pass_ms(20_000);
    for broker in [B1, B2, B3] {
        assert!(lab.log(broker).is_empty(), "{:?}", lab.log(broker));
    }
}

#[test]
fn a_wiped_disk_is_filled_again_by_the_others() {
    let mut lab = Lab::new(three_brokers(2));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    lab.act(Action::Kill(B3));
    lab.act(Action::WipeDisk {
        broker: B3,
        keep_identity: false,
    });
    assert!(lab.log(B3).is_empty());
    lab.pass_ms(12_000);
    lab.act(Action::Start(B3));
    lab.pass_ms(12_000);
    assert_eq!((lab.log(B3), lab.isr()), (vec![1], vec![1, 2, 3]));
}

#[test]
fn a_full_disk_ends_the_broker_at_its_next_write() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::FillDisk(B1));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    assert_eq!(lab.last_produced().error, ErrorCode::KafkaStorageError);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DirectoryOffline { left: 0 })),
        1
    );
    assert_eq!(lab.count(|e| matches!(e, Entry::Halted)), 1);
    lab.pass_ms(12_000);
    assert_eq!(lab.leader(), Some(B2));
    lab.act(Action::FreeDisk(B1));
    lab.act(Action::Start(B1));
    lab.pass_ms(12_000);
    assert_eq!(lab.isr(), [1, 2, 3]);
}
