//! Writing with acks, replication, the high watermark.

use super::*;
use crate::kafka::ErrorCode;

#[test]
fn acks_all_is_answered_once_every_replica_has_it() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(50);
    let answer = lab.last_produced();
    assert_eq!(
        (answer.error, answer.base_offset),
        (ErrorCode::None, Some(0))
    );
    for broker in [B1, B2, B3] {
        assert_eq!(lab.log(broker), [1]);
    }
    assert_eq!(lab.high_watermark(B1), 1);
    // Data, then the fetch that tells of it: two round trips after the append, not one.
    let appended = lab.when(|e| matches!(e, Entry::Appended { .. })).unwrap();
    let committed = lab
        .when(|e| matches!(e, Entry::HighWatermark { .. }))
        .unwrap();
    assert!(committed - appended >= 500, "{}", committed - appended);
}

#[test]
fn followers_learn_of_the_high_watermark_with_their_next_answer() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(20);
    assert_eq!((lab.high_watermark(B1), lab.high_watermark(B2)), (1, 0));
    lab.pass_ms(600);
    assert_eq!(lab.high_watermark(B2), 1);
}

#[test]
fn a_consumer_reads_up_to_the_high_watermark() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    let read = lab.fetch(B1, 0);
    assert_eq!((read.entries.len(), read.high_watermark), (1, 1));
    lab.act(Action::Pause(B2));
    lab.pass_ms(600);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(50);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    let read = lab.fetch(B1, 1);
    assert_eq!((read.entries.len(), read.high_watermark), (0, 1));
}

#[test]
fn an_idle_cluster_writes_nothing_into_the_journal() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    let before = lab.journal.len();
    lab.pass_ms(60_000);
    assert_eq!(lab.journal.len(), before);
}

#[test]
fn a_dead_follower_holds_acks_all_until_it_is_fenced() {
    let mut lab = Lab::new(three_brokers(2));
    lab.pass_ms(1_000);
    lab.act(Action::Kill(B3));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(6_000);
    assert!(lab.produced().is_empty());
    lab.pass_ms(6_000);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    assert_eq!(lab.isr(), [1, 2]);
}

#[test]
fn below_min_isr_acks_all_is_refused_and_acks_1_stays_invisible() {
    let mut lab = Lab::new(three_brokers(2));
    lab.act(Action::Kill(B2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(15_000);
    assert_eq!(lab.isr(), [1]);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(50);
    assert_eq!(lab.last_produced().error, ErrorCode::NotEnoughReplicas);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(50);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    assert_eq!((lab.log(B1), lab.high_watermark(B1)), (vec![2], 0));
}

#[test]
fn min_insync_replicas_changes_while_the_cluster_runs() {
    let mut lab = Lab::new(three_brokers(1));
    lab.act(Action::Kill(B2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    let topic = crate::kafka::TopicId(0);
    lab.act(Action::SetMinIsr { topic, min_isr: 2 });
    lab.pass_ms(1_000);
    lab.produce(B1, Acks::All, 2);
    lab.produce(B1, Acks::Leader, 3);
    lab.pass_ms(100);
    let refused = lab.produced().into_iter().rev().nth(1).unwrap().error;
    assert_eq!(refused, ErrorCode::NotEnoughReplicas);
    assert_eq!(lab.high_watermark(B1), 1);
    lab.act(Action::SetMinIsr { topic, min_isr: 1 });
    lab.pass_ms(1_000);
    assert_eq!(lab.high_watermark(B1), 2);
}

#[test]
fn a_killed_follower_comes_back_and_joins_the_isr() {
    let mut lab = Lab::new(three_brokers(2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(12_000);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    assert_eq!(lab.isr(), [1, 2]);
    lab.act(Action::Start(B3));
    lab.pass_ms(10_000);
    assert_eq!(lab.isr(), [1, 2, 3]);
    assert_eq!(lab.log(B3), [1]);
}

#[test]
fn what_only_the_killed_leader_had_is_cut_when_it_returns() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(1_000);
    lab.act(Action::Pause(B2));
    lab.act(Action::Pause(B3));
    lab.pass_ms(800);
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(10);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    lab.act(Action::Kill(B1));
    lab.act(Action::Resume(B2));
    lab.act(Action::Resume(B3));
    lab.pass_ms(12_000);
    assert_eq!(lab.leader(), Some(B2));
    lab.act(Action::Start(B1));
    lab.pass_ms(10_000);
    assert_eq!((lab.log(B1), lab.isr()), (vec![1], vec![1, 2, 3]));
    assert_eq!(lab.count(|e| matches!(e, Entry::LogCut { .. })), 1);
}

#[test]
fn a_repeated_batch_is_dropped_and_answered_as_before() {
    let mut lab = Lab::new(three_brokers(1));
    for _ in 0..2 {
        lab.produce_batch(B1, Acks::All, idempotent(&[1, 2], 0, 0));
        lab.pass_ms(100);
        let answer = lab.last_produced();
        assert_eq!(
            (answer.error, answer.base_offset),
            (ErrorCode::None, Some(0))
        );
    }
    assert_eq!(lab.log(B1), [1, 2]);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DuplicateDropped { .. })),
        1
    );
}

#[test]
fn causes_tell_from_the_ack_back_to_the_write() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    let entries = lab.journal.entries();
    let committed = entries
        .iter()
        .find(|entry| matches!(entry.what, Entry::HighWatermark { .. }))
        .unwrap();
    let copied = lab.journal.get(committed.cause).unwrap();
    assert!(matches!(copied.what, Entry::Replicated { .. }));
    let written = lab.journal.get(copied.cause).unwrap();
    assert!(matches!(written.what, Entry::Appended { .. }));
}

#[test]
fn causes_tell_from_the_cut_back_to_the_kill() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::Pause(B3));
    lab.pass_ms(800);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(50);
    // Broker 2 has it and is gone for long; broker 3 leads without it.
    lab.act(Action::Kill(B2));
    lab.act(Action::Resume(B3));
    lab.act(Action::CutLink {
        from: B1,
        to: B3,
        both: true,
    });
    lab.act(Action::Kill(B1));
    lab.pass_ms(12_000);
    assert_eq!(lab.leader(), Some(B3));
    lab.act(Action::Start(B2));
    lab.pass_ms(15_000);
    let cut = lab
        .journal
        .entries()
        .iter()
        .rposition(|entry| matches!(entry.what, Entry::LogCut { .. }) && entry.node == B2);
    let mut chain = Vec::new();
    let mut at = crate::sim::EntryId(cut.expect("broker 2 cuts its log") as u32);
    while let Some(entry) = lab.journal.get(at) {
        chain.push(&entry.what);
        at = entry.cause;
    }
    let kinds = |is: fn(&Entry) -> bool| chain.iter().any(|entry| is(entry));
    assert!(
        kinds(|e| matches!(e, Entry::BecameFollower { .. })),
        "{chain:?}"
    );
    assert!(kinds(|e| matches!(e, Entry::Started)), "{chain:?}");
}
