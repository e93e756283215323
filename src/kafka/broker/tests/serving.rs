//! Serving clients: connections, acks=0, limits, stale leaders, timeouts.

use super::*;
use crate::kafka::ErrorCode;

#[test]
fn a_connection_has_one_request_in_work() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::Pause(B2));
    lab.pass_ms(600);
    lab.produce(B1, Acks::All, 1);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(2_000);
    // The second waits behind the first, which waits for broker 2.
    assert_eq!((lab.log(B1), lab.produced().len()), (vec![1], 0));
    lab.act(Action::Resume(B2));
    lab.pass_ms(1_000);
    assert_eq!((lab.log(B1), lab.produced().len()), (vec![1, 2], 2));
}

#[test]
fn what_a_gone_client_had_queued_is_dropped() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::Pause(B2));
    lab.pass_ms(600);
    lab.produce(B1, Acks::All, 1);
    lab.produce(B1, Acks::All, 2);
    lab.pass_ms(100);
    lab.act(Action::Kill(CLIENT));
    lab.act(Action::Resume(B2));
    lab.pass_ms(1_000);
    assert_eq!(lab.log(B1), [1]);
}

#[test]
fn acks_0_gets_no_answer_and_an_error_ends_the_connection() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce(B1, Acks::None, 1);
    lab.pass_ms(100);
    assert_eq!((lab.log(B1), lab.produced().len()), (vec![1], 0));
    lab.produce(B2, Acks::None, 2);
    lab.pass_ms(100);
    assert!(lab.log(B2) == [1] && lab.produced().is_empty());
    lab.produce(B2, Acks::None, 3);
    lab.pass_ms(100);
    assert_eq!(lab.count(|e| matches!(e, Entry::ProduceRefused { .. })), 2);
}

#[test]
fn a_batch_over_max_message_bytes_is_refused() {
    let mut spec = three_brokers(1);
    spec.topics[0].config.max_message_bytes = 200;
    let mut lab = Lab::new(spec);
    lab.produce_batch(B1, Acks::All, plain(&[1, 2], 0));
    lab.pass_ms(100);
    assert_eq!(lab.last_produced().error, ErrorCode::MessageTooLarge);
    assert!(lab.log(B1).is_empty());
}

#[test]
fn a_gap_in_the_sequence_is_refused() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce_batch(B1, Acks::All, idempotent(&[1], 0, 0));
    lab.pass_ms(100);
    lab.produce_batch(B1, Acks::All, idempotent(&[3], 2, 0));
    lab.pass_ms(100);
    assert_eq!(
        lab.last_produced().error,
        ErrorCode::OutOfOrderSequenceNumber
    );
}

#[test]
fn who_does_not_lead_says_who_does() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce(B2, Acks::All, 1);
    lab.pass_ms(100);
    let answer = lab.last_produced();
    assert_eq!(answer.error, ErrorCode::NotLeaderOrFollower);
    assert_eq!(answer.current_leader, Some((B1, 0)));
}

#[test]
fn acks_all_times_out_while_the_record_stays_and_commits_later() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::CutLink {
        from: B1,
        to: B2,
        both: true,
    });
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(29_000);
    assert!(lab.produced().is_empty());
    lab.pass_ms(2_000);
    assert_eq!(lab.last_produced().error, ErrorCode::RequestTimedOut);
    assert_eq!((lab.log(B1), lab.high_watermark(B1)), (vec![1], 0));
    // The ISR shrinks after 30 to 45 s, and then it is committed.
    lab.pass_ms(16_000);
    assert_eq!((lab.isr(), lab.high_watermark(B1)), (vec![1, 3], 1));
}

#[test]
fn a_follower_cut_off_without_writes_stays_in_the_isr() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::CutLink {
        from: B1,
        to: B3,
        both: true,
    });
    lab.pass_ms(90_000);
    assert_eq!(lab.isr(), [1, 2, 3]);
}

#[test]
fn a_leader_cut_off_from_all_brokers_acks_1_in_vain_and_never_acks_all() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    for other in [B2, B3, CONTROLLER] {
        lab.act(Action::CutLink {
            from: B1,
            to: other,
            both: true,
        });
    }
    lab.pass_ms(12_000);
    assert_eq!(lab.leader(), Some(B2));
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(10);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    lab.produce(B1, Acks::All, 2);
    lab.pass_ms(20_000);
    assert_eq!(lab.produced().len(), 1);
    for other in [B2, B3, CONTROLLER] {
        lab.act(Action::HealLink {
            from: B1,
            to: other,
        });
    }
    lab.pass_ms(60_000);
    assert!(lab.log(B1).is_empty() && lab.log(B2).is_empty());
    assert_eq!(lab.isr(), [1, 2, 3]);
    assert_eq!(lab.last_produced().error, ErrorCode::NotLeaderOrFollower);
}

#[test]
fn the_same_cluster_lives_the_same_life_twice() {
    let life = || {
        let mut lab = Lab::new(three_brokers(2));
        for message in 0..50 {
            lab.produce(B1, Acks::All, message);
            lab.pass_ms(100);
        }
        lab.act(Action::Kill(B1));
        lab.pass_ms(20_000);
        lab.act(Action::Start(B1));
        lab.pass_ms(20_000);
        lab.journal.hash()
    };
    assert_eq!(life(), life());
}
