//! Logs: what they keep through cuts, power loss and repeats.

mod cleaning;

use super::*;
use crate::kafka::MessageId;
use crate::kafka::record::{Marker, ProducerStamp, Record, Records};
use crate::sim::SECOND;

fn batch(messages: std::ops::Range<u32>) -> Rc<Batch> {
    let record = |id| Record {
        message: MessageId(id),
        key: None,
        size_bytes: 10,
        tombstone: false,
    };
    let records = Records::Data(messages.map(record).collect());
    Rc::new(Batch {
        producer: None,
        records,
        size_bytes: 100,
        max_timestamp: 0,
    })
}

fn idempotent(epoch: u16, base_sequence: u32, count: u32) -> Rc<Batch> {
    let producer = Some(ProducerStamp {
        producer_id: 7,
        producer_epoch: epoch,
        base_sequence,
        transactional: false,
    });
    Rc::new(Batch {
        producer,
        ..(*batch(0..count)).clone()
    })
}

fn log_of(batches: u32) -> Log {
    let mut log = Log::new();
    for nth in 0..batches {
        log.append_as_leader(batch(nth..nth + 1), 0, u64::from(nth));
    }
    log
}

#[test]
fn a_long_log_reads_back_from_anywhere() {
    let log = log_of(200);
    for from in [0, 1, 63, 64, 65, 128, 199] {
        let read = log.read(from, log.log_end_offset(), u32::MAX);
        let offsets: Vec<_> = read.iter().map(|entry| entry.base_offset).collect();
        assert_eq!(offsets, (from..200).collect::<Vec<_>>());
    }
    assert!(log.read(200, 200, u32::MAX).is_empty());
    assert_eq!(
        log.read(10, 200, 250).len(),
        2,
        "two batches of 100 bytes fit in 250"
    );
    assert_eq!(
        log.read(10, 200, 1).len(),
        1,
        "one batch is read however large"
    );
}

#[test]
fn a_clone_does_not_see_what_is_written_later() {
    let mut log = log_of(70);
    let kept = log.clone();
    log.truncate_to(10);
    log.append_as_leader(batch(900..901), 1, 0);
    assert_eq!(kept.log_end_offset(), 70);
    assert_eq!(kept.entries().count(), 70);
    assert_eq!(log.entries().count(), 11);
    assert_eq!(log.epochs().starts(), [(0, 0), (1, 10)]);
}

#[test]
fn truncation_takes_the_whole_batch_that_holds_the_offset() {
    let mut log = Log::new();
    log.append_as_leader(batch(0..3), 0, 0);
    log.append_as_leader(batch(3..6), 0, 0);
    assert_eq!(log.truncate_to(4), 6);
    assert_eq!(log.log_end_offset(), 3);
}

#[test]
fn power_loss_keeps_what_is_on_the_platter() {
    let mut log = log_of(10);
    log.mark_flushed(4);
    log.lose_power(0);
    assert_eq!((log.log_end_offset(), log.flushed_offset()), (4, 4));
    assert!(!log.load(0, 0, false).torn);
}

#[test]
fn a_batch_half_written_at_power_loss_is_found_at_the_next_start() {
    let mut log = Log::new();
    log.append_as_leader(batch(0..4), 0, 0);
    log.append_as_leader(batch(4..8), 0, 0);
    log.mark_flushed(4);
    log.lose_power(6);
    assert_eq!(log.log_end_offset(), 4);
    assert!(log.load(0, 0, false).torn);
    assert!(!log.load(0, 0, false).torn);
}

#[test]
fn the_os_writes_only_pages_old_enough() {
    let mut log = log_of(10);
    assert_eq!(log.written_by(4), 5);
    assert!(log.mark_flushed(5));
    assert!(!log.mark_flushed(5));
    assert_eq!(log.flushed_offset(), 5);
    assert_eq!(log.recovery_point(), 0, "the OS does not tell Kafka");
}

#[test]
fn epochs_end_where_the_next_one_starts() {
    let mut log = log_of(3);
    log.assign_epoch_start(2);
    log.append_as_leader(batch(3..5), 2, 0);
    assert_eq!(log.end_offset_for_epoch(0), Some((0, 3)));
    assert_eq!(log.end_offset_for_epoch(1), Some((0, 3)));
    assert_eq!(log.end_offset_for_epoch(2), Some((2, 5)));
    assert_eq!(log.end_offset_for_epoch(3), None);
    log.truncate_to(3);
    assert_eq!(log.epochs().starts(), [(0, 0)]);
}

#[test]
fn a_leader_that_wrote_nothing_leaves_no_epoch_behind() {
    let mut log = log_of(3);
    log.assign_epoch_start(1);
    log.assign_epoch_start(2);
    assert_eq!(log.epochs().starts(), [(0, 0), (2, 3)]);
}

#[test]
fn one_of_the_last_five_batches_is_a_repeat_an_older_one_is_out_of_order() {
    let mut log = Log::new();
    for nth in 0..6 {
        let next = idempotent(0, nth * 2, 2);
        assert_eq!(log.check_producer(&next), Ok(None));
        log.append_as_leader(next, 0, 0);
    }
    assert_eq!(log.check_producer(&idempotent(0, 2, 2)), Ok(Some(2)));
    assert_eq!(
        log.check_producer(&idempotent(0, 0, 2)),
        Err(ErrorCode::OutOfOrderSequenceNumber)
    );
    assert_eq!(
        log.check_producer(&idempotent(0, 14, 2)),
        Err(ErrorCode::OutOfOrderSequenceNumber)
    );
}

#[test]
fn a_new_producer_epoch_starts_at_zero_and_fences_the_old_one() {
    let mut log = Log::new();
    log.append_as_leader(idempotent(1, 0, 2), 0, 0);
    assert_eq!(
        log.check_producer(&idempotent(0, 2, 2)),
        Err(ErrorCode::InvalidProducerEpoch)
    );
    assert_eq!(
        log.check_producer(&idempotent(2, 2, 2)),
        Err(ErrorCode::OutOfOrderSequenceNumber)
    );
    assert_eq!(log.check_producer(&idempotent(2, 0, 2)), Ok(None));
}

#[test]
fn truncation_forgets_what_the_producer_wrote_after_it() {
    let mut log = Log::new();
    log.append_as_leader(idempotent(0, 0, 2), 0, 0);
    log.append_as_leader(idempotent(0, 2, 2), 0, 0);
    log.truncate_to(2);
    assert_eq!(log.check_producer(&idempotent(0, 2, 2)), Ok(None));
}

#[test]
fn a_former_leader_that_wrote_nothing_forgets_its_epoch_when_it_truncates() {
    let mut log = log_of(3);
    log.assign_epoch_start(7);
    log.truncate_to(3);
    assert_eq!(log.epochs().starts(), [(0, 0)]);
}

// --- transactions ---

/// A batch of producer 9's transaction.
fn in_transaction(messages: std::ops::Range<u32>, epoch: u16, base_sequence: u32) -> Rc<Batch> {
    let stamp = ProducerStamp {
        producer_id: 9,
        producer_epoch: epoch,
        base_sequence,
        transactional: true,
    };
    let plain = batch(messages);
    Rc::new(Batch {
        producer: Some(stamp),
        ..(*plain).clone()
    })
}

fn marker(commit: bool, epoch: u16) -> Rc<Batch> {
    let coordinator_epoch = 0;
    let marker = Marker {
        commit,
        coordinator_epoch,
    };
    let records = Records::Marker(marker);
    let data = in_transaction(0..1, epoch, 0);
    Rc::new(Batch {
        records,
        ..(*data).clone()
    })
}

#[test]
fn the_last_stable_offset_waits_at_the_first_record_of_an_open_transaction() {
    let mut log = Log::new();
    log.append_as_leader(batch(0..2), 0, 0);
    log.append_as_leader(in_transaction(2..4, 0, 0), 0, 0);
    log.append_as_leader(batch(4..5), 0, 0);
    assert_eq!(log.last_stable_offset(5), 2);
    assert_eq!(
        log.last_stable_offset(1),
        1,
        "never beyond the high watermark"
    );
}

#[test]
fn a_marker_counts_once_the_high_watermark_has_passed_it() {
    let mut log = Log::new();
    log.append_as_leader(in_transaction(0..2, 0, 0), 0, 0);
    log.append_as_leader(marker(true, 1), 0, 0);
    assert_eq!(log.last_stable_offset(2), 0, "it may yet be cut off");
    assert_eq!(log.last_stable_offset(3), 3);
}

#[test]
fn an_idle_producer_is_forgotten_but_not_one_with_an_open_transaction() {
    let mut log = Log::new();
    log.append_as_leader(in_transaction(0..2, 0, 0), 0, 0);
    assert!(log.expire_producers(SECOND).is_empty(), "it is open");
    log.append_as_leader(marker(true, 1), 0, 0);
    assert!(log.must_be_added((9, 0)).is_err(), "epoch 0 is over");
    assert_eq!(log.expire_producers(SECOND), [9]);
    assert_eq!(log.must_be_added((9, 0)), Ok(true), "nobody remembers");
    assert_eq!(log.last_stable_offset(3), 3);
}

#[test]
fn a_log_that_is_cut_knows_its_open_transactions_again() {
    let mut log = Log::new();
    log.append_as_leader(in_transaction(0..2, 0, 0), 0, 0);
    log.append_as_leader(marker(false, 1), 0, 0);
    assert_eq!(log.aborted_between(0, 3), [(9, 0)]);
    log.truncate_to(2);
    assert_eq!(log.last_stable_offset(2), 0);
    assert!(log.aborted_between(0, 3).is_empty());
}

#[test]
fn only_aborted_transactions_that_reach_into_what_is_read_are_told() {
    let mut log = Log::new();
    for epoch in [0, 1, 2] {
        log.append_as_leader(in_transaction(0..2, epoch, 0), 0, 0);
        log.append_as_leader(marker(epoch == 1, epoch + 1), 0, 0);
    }
    assert_eq!(log.aborted_between(0, 9), [(9, 0), (9, 6)]);
    assert_eq!(log.aborted_between(3, 9), [(9, 6)]);
    assert_eq!(log.aborted_between(0, 6), [(9, 0)]);
}

#[test]
fn the_coordinator_hears_of_a_partition_with_its_first_batch_and_not_again() {
    let mut log = Log::new();
    assert_eq!(log.must_be_added((9, 0)), Ok(true));
    log.append_as_leader(in_transaction(0..2, 0, 0), 0, 0);
    assert_eq!(log.must_be_added((9, 0)), Ok(false));
    log.append_as_leader(marker(true, 1), 0, 0);
    assert_eq!(log.must_be_added((9, 1)), Ok(true));
    let zombie = log.must_be_added((9, 0));
    assert_eq!(zombie, Err(ErrorCode::InvalidProducerEpoch));
}

#[test]
fn a_marker_must_be_above_the_epoch_of_what_it_ends() {
    let mut log = Log::new();
    log.append_as_leader(in_transaction(0..2, 1, 0), 0, 0);
    let check = |log: &Log, epoch, coordinator_epoch| {
        let stamp = in_transaction(0..1, epoch, 0).producer.expect("a producer");
        let commit = true;
        log.check_marker(
            stamp,
            Marker {
                commit,
                coordinator_epoch,
            },
        )
    };
    // A late marker of the transaction before.
    assert_eq!(check(&log, 1, 0), Err(ErrorCode::InvalidProducerEpoch));
    assert_eq!(check(&log, 2, 0), Ok(()));
    log.append_as_leader(marker(true, 2), 0, 0);
    assert_eq!(check(&log, 2, 0), Ok(()), "the same once more");
}

#[test]
fn a_new_transaction_starts_at_sequence_0() {
    let mut log = Log::new();
    let late = log.check_producer(&in_transaction(2..3, 0, 2));
    assert_eq!(late, Err(ErrorCode::OutOfOrderSequenceNumber));
    log.append_as_leader(in_transaction(0..2, 0, 0), 0, 0);
    log.append_as_leader(marker(true, 1), 0, 0);
    let gap = log.check_producer(&in_transaction(2..3, 1, 2));
    assert_eq!(gap, Err(ErrorCode::OutOfOrderSequenceNumber));
    assert_eq!(log.check_producer(&in_transaction(2..3, 1, 0)), Ok(None));
}
