//! What holds while nothing fails.

use super::*;
use crate::kafka::ErrorCode;

#[test]
fn a_transaction_is_seen_when_it_is_committed_and_not_before() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1, 2]);
    story.send(P1, U, &[3]);
    assert_eq!(story.read(COMMITTED), [0_u32; 0]);
    assert_eq!(story.read(UNCOMMITTED), [1, 2, 3]);
    story.commit(P1);
    let mut read = story.read(COMMITTED);
    read.sort_unstable();
    assert_eq!(read, [1, 2, 3]);
    assert_eq!(story.returned(P1, "commitTransaction"), 1);
}

#[test]
fn an_aborted_transaction_is_never_seen_and_the_next_one_is() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1, 2]);
    story.abort(P1);
    story.call(P1, Call::BeginTransaction);
    story.send(P1, T, &[3]);
    story.commit(P1);
    assert_eq!(story.read(COMMITTED), [3]);
    assert_eq!(story.read(UNCOMMITTED), [1, 2, 3]);
}

#[test]
fn what_follows_an_open_transaction_waits_although_it_belongs_to_none() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.send(PLAIN, T, &[2]);
    story.send(PLAIN, U, &[3]);
    assert_eq!(story.read(COMMITTED), [3], "the other partition is free");
    story.abort(P1);
    assert_eq!(story.read(COMMITTED), [3, 2]);
}

#[test]
fn every_end_of_a_transaction_raises_the_epoch() {
    let mut story = Story::new();
    story.begun(P1);
    for message in [1, 2, 3] {
        story.send(P1, T, &[message]);
        story.commit(P1);
        story.call(P1, Call::BeginTransaction);
    }
    let log = story.world.model.broker(B1).log(T0).expect("a replica");
    let epochs = log.entries().filter_map(|entry| entry.batch.producer);
    let epochs: Vec<u16> = epochs.map(|stamp| stamp.producer_epoch).collect();
    assert_eq!(epochs, [0, 1, 1, 2, 2, 3], "each batch and its marker");
}

#[test]
fn nothing_can_be_sent_outside_of_a_transaction() {
    let mut story = Story::new();
    story.call(P1, Call::InitTransactions);
    story.pass_ms(1_000);
    story.send(P1, T, &[1]);
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(100);
    let illegal = ClientError::IllegalState;
    assert_eq!(
        story.thrown(P1),
        [("send", illegal), ("commitTransaction", illegal)]
    );
}

#[test]
fn an_empty_transaction_ends_without_asking_anybody() {
    let mut story = Story::new();
    story.begun(P1);
    story.commit(P1);
    assert_eq!(story.returned(P1, "commitTransaction"), 1);
    assert_eq!(story.decisions(), [false; 0]);
}

#[test]
fn close_aborts_what_is_open() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.call(P1, Call::Close { timeout_ms: None });
    story.pass_ms(500);
    assert_eq!(story.decisions(), [false]);
    story.send(PLAIN, T, &[2]);
    assert_eq!(story.read(COMMITTED), [2]);
}

#[test]
fn the_coordinator_refuses_a_timeout_above_its_limit() {
    let mut story = Story::of(ProducerConfig {
        transaction_timeout_ms: 900_001,
        ..ProducerConfig::default()
    });
    story.begun(P1);
    let error = ClientError::Transaction;
    assert_eq!(
        story.thrown(P1),
        [("initTransactions", error), ("beginTransaction", error)]
    );
}

#[test]
fn a_second_producer_with_the_same_id_fences_the_first() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.begun(P2);
    assert_eq!(story.decisions(), [false], "what was open is aborted");
    story.send(P2, T, &[2]);
    story.send(P1, T, &[3]);
    let old_epoch = ClientError::Broker(ErrorCode::InvalidProducerEpoch);
    assert_eq!(story.failed(P1), [(3, old_epoch)]);
    story.abort(P1);
    let fenced = ClientError::Broker(ErrorCode::ProducerFenced);
    assert_eq!(story.thrown(P1), [("abortTransaction", fenced)]);
    story.commit(P2);
    assert_eq!(story.read(COMMITTED), [2]);
}

#[test]
fn a_hanging_transaction_is_aborted_after_its_timeout_and_its_producer_must_abort_too() {
    let mut story = Story::of(ProducerConfig {
        transaction_timeout_ms: 5_000,
        ..ProducerConfig::default()
    });
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.send(PLAIN, T, &[2]);
    story.pass_ms(4_000);
    assert_eq!(story.read(COMMITTED), [0_u32; 0]);
    story.pass_ms(12_000);
    assert_eq!(story.read(COMMITTED), [2]);
    story.commit(P1);
    let thrown = story.thrown(P1);
    assert_eq!(thrown.len(), 1, "the commit is refused: {thrown:?}");
    assert_eq!(story.decisions(), [false]);
}

#[test]
fn an_idle_cluster_with_transactions_behind_it_writes_nothing_into_the_journal() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.commit(P1);
    story.pass_ms(2_000);
    let before = story.journal.len();
    story.pass_ms(25_000);
    let new = &story.journal.entries()[before..];
    assert!(new.is_empty(), "{new:?}");
}
