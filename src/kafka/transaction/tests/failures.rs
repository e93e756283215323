//! Coordinators and leaders die at every step; a transaction stays whole.

use super::*;
use crate::kafka::ErrorCode;

/// Longer than it takes to fence a broker, elect others, and abort what hangs.
const HEALED_MS: u64 = 30_000;

#[test]
fn a_coordinator_that_dies_before_the_decision_leaves_it_to_the_next_one() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1, 2]);
    story.act(Action::Kill(B3));
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(5_000);
    assert_eq!(story.returned(P1, "commitTransaction"), 0, "it waits");
    story.pass_ms(HEALED_MS);
    assert_eq!(story.returned(P1, "commitTransaction"), 1);
    assert_eq!(story.read(COMMITTED), [1, 2]);
}

#[test]
fn what_a_coordinator_decided_is_carried_out_by_the_next_one() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, U, &[1, 2]);
    // The leader of the partition takes no marker.
    story.act(Action::Pause(B2));
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(100);
    let answered = story.returned(P1, "commitTransaction");
    story.act(Action::Kill(B3));
    story.pass_ms(HEALED_MS);
    story.act(Action::Resume(B2));
    story.act(Action::Start(B3));
    story.pass_ms(HEALED_MS);
    assert!(answered <= story.returned(P1, "commitTransaction"));
    assert_eq!(story.read(COMMITTED), [1, 2]);
    let decided = story.decisions();
    assert!(decided.iter().all(|commit| *commit), "{decided:?}");
}

#[test]
fn a_coordinator_without_enough_replicas_decides_nothing() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.act(Action::Kill(B1));
    story.act(Action::Kill(B2));
    story.pass_ms(15_000);
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(10_000);
    assert_eq!(story.returned(P1, "commitTransaction"), 0);
    story.act(Action::Start(B1));
    story.act(Action::Start(B2));
    story.pass_ms(2 * HEALED_MS);
    assert_eq!(story.returned(P1, "commitTransaction"), 1);
    assert_eq!(story.read(COMMITTED), [1]);
}

#[test]
fn a_batch_that_expires_leaves_only_the_way_to_abort() {
    let mut story = Story::of(ProducerConfig {
        delivery_timeout_ms: 2_000,
        request_timeout_ms: 1_500,
        linger_ms: 0,
        ..ProducerConfig::default()
    });
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.act(Action::Pause(B2));
    story.act(Action::Pause(B3));
    story.send(P1, T, &[2]);
    story.pass_ms(3_000);
    assert_eq!(story.failed(P1), [(2, ClientError::Timeout)]);
    story.act(Action::Resume(B2));
    story.act(Action::Resume(B3));
    story.pass_ms(1_000);
    story.commit(P1);
    assert_eq!(
        story.thrown(P1),
        [("commitTransaction", ClientError::Transaction)]
    );
    story.abort(P1);
    story.call(P1, Call::BeginTransaction);
    story.send(P1, T, &[3]);
    story.commit(P1);
    assert_eq!(story.read(COMMITTED), [3]);
}

#[test]
fn initialising_gives_up_after_max_block_ms_and_can_be_tried_again() {
    let mut story = Story::of(ProducerConfig {
        max_block_ms: 2_000,
        ..ProducerConfig::default()
    });
    story.act(Action::Kill(B1));
    story.act(Action::Kill(B2));
    story.call(P1, Call::InitTransactions);
    story.pass_ms(3_000);
    assert_eq!(
        story.thrown(P1),
        [("initTransactions", ClientError::Timeout)]
    );
    story.call(P1, Call::BeginTransaction);
    story.pass_ms(10);
    let illegal = ("beginTransaction", ClientError::IllegalState);
    assert_eq!(story.thrown(P1).last(), Some(&illegal));
    story.act(Action::Start(B1));
    story.act(Action::Start(B2));
    story.pass_ms(HEALED_MS);
    story.call(P1, Call::InitTransactions);
    story.pass_ms(1_000);
    assert_eq!(story.returned(P1, "initTransactions"), 1);
}

/// Kills `broker` so many milliseconds after a commit over two partitions was asked for, and starts it again.
fn killed_during_commit(broker: NodeId, after_ms: u64) -> Story {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1, 2]);
    story.send(P1, U, &[3, 4]);
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(after_ms);
    story.act(Action::Kill(broker));
    story.pass_ms(HEALED_MS);
    story.act(Action::Start(broker));
    story.pass_ms(HEALED_MS);
    story
}

#[test]
fn a_torn_transaction_is_never_seen_in_part_whoever_dies_while_it_is_committed() {
    for broker in [B1, B2, B3] {
        for after_ms in [0, 1, 2, 3, 4, 6, 9] {
            let story = killed_during_commit(broker, after_ms);
            let mut read = story.read(COMMITTED);
            read.sort_unstable();
            assert_eq!(read, [1, 2, 3, 4], "{broker:?} after {after_ms} ms");
            assert_eq!(story.returned(P1, "commitTransaction"), 1);
        }
    }
}

#[test]
fn a_producer_that_dies_while_it_commits_leaves_all_or_nothing() {
    for after_ms in [0, 1, 2, 3, 5, 50] {
        let mut story = Story::of(ProducerConfig {
            transaction_timeout_ms: 3_000,
            ..ProducerConfig::default()
        });
        story.begun(P1);
        story.send(P1, T, &[1, 2]);
        story.send(P1, U, &[3, 4]);
        story.call(P1, Call::CommitTransaction);
        story.pass_ms(after_ms);
        story.act(Action::Kill(P1));
        story.pass_ms(HEALED_MS);
        let mut read = story.read(COMMITTED);
        read.sort_unstable();
        let whole = read == [1, 2, 3, 4];
        assert!(whole || read.is_empty(), "{read:?} after {after_ms} ms");
        assert_eq!(story.decisions(), [whole]);
    }
}

#[test]
fn a_marker_that_is_lost_with_its_leader_is_no_reason_to_lose_the_commit() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    // The followers get no marker: it is in the leader's page cache alone.
    story.act(Action::Pause(B2));
    story.call(P1, Call::CommitTransaction);
    story.pass_ms(50);
    story.act(Action::Kill(B1));
    story.act(Action::Resume(B2));
    story.pass_ms(HEALED_MS);
    story.act(Action::Start(B1));
    story.pass_ms(HEALED_MS);
    assert_eq!(story.read(COMMITTED), [1]);
}

#[test]
fn a_fenced_producer_stays_fenced_after_the_coordinator_has_moved() {
    let mut story = Story::new();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.begun(P2);
    story.act(Action::Kill(B3));
    story.pass_ms(HEALED_MS);
    story.abort(P1);
    story.pass_ms(1_000);
    let fenced = ClientError::Broker(ErrorCode::ProducerFenced);
    assert_eq!(story.thrown(P1), [("abortTransaction", fenced)]);
}
