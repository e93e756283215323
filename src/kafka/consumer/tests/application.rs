//! Applications around the consumer: what crashes and exceptions cost, by how they commit.

use super::*;
use crate::kafka::config::{CommitMode, OnError};
use std::collections::BTreeSet;

const NONE: [u32; 0] = [];

fn slow(commit_mode: CommitMode) -> AppConfig {
    AppConfig {
        commit_mode,
        handler_time_ms: 100,
        ..AppConfig::default()
    }
}

fn commits(commit_mode: CommitMode) -> ConsumerConfig {
    ConsumerConfig {
        enable_auto_commit: commit_mode == CommitMode::Auto,
        ..quick()
    }
}

/// Thirty messages; the first consumer is killed in the middle of its second batch, the second
/// one takes over.
fn killed_in_the_second_batch(app: AppConfig) -> Rig {
    let mut rig = Plan::running(commits(app.commit_mode), app).build();
    rig.write(0, 30);
    let done = |rig: &Rig| rig.processed(C1).len() >= 15;
    while !done(&rig) && rig.world.now() < 60_000 * MS {
        rig.pass_ms(10);
    }
    rig.act(Action::Kill(C1));
    rig.act(Action::Start(C2));
    rig.pass_ms(20_000);
    rig
}

fn missed(rig: &Rig) -> Vec<u32> {
    let done: BTreeSet<u32> = [rig.processed(C1), rig.processed(C2)]
        .concat()
        .into_iter()
        .collect();
    (0..rig.next_message)
        .filter(|m| !done.contains(m))
        .collect()
}

fn repeated(rig: &Rig) -> Vec<u32> {
    let first = rig.processed(C1);
    rig.processed(C2)
        .into_iter()
        .filter(|m| first.contains(m))
        .collect()
}

#[test]
fn auto_commit_in_a_plain_loop_repeats_and_loses_nothing() {
    let rig = killed_in_the_second_batch(slow(CommitMode::Auto));
    assert_eq!(missed(&rig), NONE);
    assert_eq!(repeated(&rig), (10..15).collect::<Vec<_>>());
}

#[test]
fn auto_commit_with_hand_off_loses_what_the_worker_had_not_done() {
    let app = AppConfig {
        handler_handoff: true,
        ..slow(CommitMode::Auto)
    };
    let mut rig = Plan::running(quick(), app).build();
    rig.write(0, 30);
    rig.pass_ms(2_000);
    let done = rig.processed(C1).len() as u32;
    assert!(done < 30);
    rig.act(Action::Kill(C1));
    rig.act(Action::Start(C2));
    rig.pass_ms(20_000);
    assert_eq!(
        rig.committed(C1),
        [30],
        "all was polled, and committed by a later poll"
    );
    assert_eq!(missed(&rig), (done..30).collect::<Vec<_>>());
}

#[test]
fn commit_after_the_work_repeats_what_was_not_committed() {
    let rig = killed_in_the_second_batch(slow(CommitMode::SyncAfter));
    assert_eq!(missed(&rig), NONE);
    assert_eq!(repeated(&rig), (10..15).collect::<Vec<_>>());
    assert_eq!(rig.committed(C1), [10]);
}

#[test]
fn commit_before_the_work_loses_the_rest_of_the_batch() {
    let rig = killed_in_the_second_batch(slow(CommitMode::Before));
    assert_eq!(missed(&rig), (15..20).collect::<Vec<_>>());
    assert_eq!(repeated(&rig), NONE);
}

#[test]
fn an_idempotent_handler_ignores_what_was_done_before() {
    let app = AppConfig {
        handler_idempotent: true,
        ..slow(CommitMode::SyncAfter)
    };
    let rig = killed_in_the_second_batch(app);
    assert_eq!(missed(&rig), NONE);
    assert_eq!(repeated(&rig), NONE);
    let ignored = rig.told(C2, |e| match e {
        Entry::Ignored { message, .. } => Some(message.0),
        _ => None,
    });
    assert_eq!(ignored, (10..15).collect::<Vec<_>>());
}

#[test]
fn closing_after_an_exception_commits_the_rest_of_the_batch_unprocessed() {
    let app = AppConfig {
        handler_on_error: OnError::Close,
        ..slow(CommitMode::Auto)
    };
    let config = ConsumerConfig {
        auto_commit_interval_ms: 60_000,
        ..quick()
    };
    let mut rig = Plan::running(config, app).build();
    rig.write(0, 12);
    let done = rig.processed(C1).len() as u32;
    assert!(done < 10);
    rig.act(Action::Throw(C1));
    rig.pass_ms(1_000);
    assert_eq!(rig.world.status(C1).0, crate::sim::Status::Down);
    assert_eq!(rig.committed(C1), [10]);
    rig.act(Action::Start(C2));
    rig.pass_ms(10_000);
    assert_eq!(missed(&rig), (done..10).collect::<Vec<_>>());
}

#[test]
fn a_swallowed_exception_skips_one_message_for_good() {
    let app = AppConfig {
        handler_on_error: OnError::Skip,
        handler_threads: 4,
        ..slow(CommitMode::Auto)
    };
    let mut rig = Plan::running(quick(), app).build();
    rig.act(Action::Throw(C1));
    rig.write(0, 20);
    rig.pass_ms(5_000);
    assert_eq!(missed(&rig).len(), 1);
    assert_eq!(rig.processed(C1).len(), 19);
}

#[test]
fn an_uncaught_exception_ends_the_process() {
    let mut rig =
        Plan::running(commits(CommitMode::SyncAfter), slow(CommitMode::SyncAfter)).build();
    rig.write(0, 10);
    rig.act(Action::Throw(C1));
    rig.pass_ms(2_000);
    assert_eq!(rig.world.status(C1).0, crate::sim::Status::Down);
    let halted = rig.last(|e| *e == Entry::Halted);
    assert!(
        rig.causes(halted)
            .any(|e| matches!(e, Entry::HandlerThrew { .. }))
    );
}

#[test]
fn four_workers_take_a_quarter_of_the_time() {
    let time_for = |threads| {
        let app = AppConfig {
            handler_threads: threads,
            ..slow(CommitMode::Auto)
        };
        let mut rig = Plan::running(quick(), app).build();
        rig.write(0, 40);
        while rig.processed(C1).len() < 40 {
            rig.pass_ms(10);
        }
        let first = rig
            .journal
            .entries()
            .iter()
            .find(|e| matches!(e.what, Entry::Polled { .. }));
        (rig.world.now() - first.map_or(0, |e| e.at)) / MS
    };
    let (one, four) = (time_for(1), time_for(4));
    assert!(one >= 4_000 && four * 3 < one, "{one} ms, {four} ms");
}

#[test]
fn a_handler_too_slow_for_max_poll_interval_makes_two_work_on_the_same() {
    let config = ConsumerConfig {
        max_poll_interval_ms: 7_000,
        ..commits(CommitMode::SyncAfter)
    };
    let mut rig = Plan::running(config, slow(CommitMode::SyncAfter)).build();
    rig.act(Action::SlowHandler {
        client: C1,
        time_ms: 1_500,
    });
    rig.write(0, 10);
    rig.act(Action::Start(C2));
    rig.pass_ms(40_000);
    assert_eq!(repeated(&rig), (0..10).collect::<Vec<_>>());
    assert!(
        !rig.told(C1, |e| matches!(e, Entry::CommitFailed { .. })
            .then_some(()))
            .is_empty()
    );
}

#[test]
fn a_stopped_application_finishes_its_batch_commits_and_leaves() {
    let mut rig = Plan::running(quick(), slow(CommitMode::Auto)).build();
    rig.write(0, 25);
    rig.act(Action::Stop(C1));
    rig.pass_ms(5_000);
    assert_eq!(rig.world.status(C1).0, crate::sim::Status::Down);
    let done = rig.processed(C1).len() as u64;
    assert!(done > 0 && done < 25, "{done}");
    assert_eq!(rig.committed(C1).last(), Some(&done));
}

#[test]
fn what_is_processed_comes_of_the_poll_and_that_of_what_was_written() {
    let mut rig = Plan::running(quick(), slow(CommitMode::Auto)).build();
    rig.write(0, 1);
    let processed = rig.last(|e| matches!(e, Entry::Processed { .. }));
    let causes: Vec<&Entry> = rig.causes(processed).collect();
    assert!(matches!(causes[1], Entry::Polled { .. }), "{causes:?}");
    assert!(
        causes.iter().any(|e| matches!(e, Entry::Appended { .. })),
        "{causes:?}"
    );
}

#[test]
fn the_same_start_gives_the_same_journal_and_a_copy_goes_on_like_the_original() {
    let run = || {
        let mut rig = Plan::running(quick(), slow(CommitMode::Auto)).build();
        rig.write(0, 20);
        rig
    };
    let (mut one, other) = (run(), run());
    assert_eq!(one.journal.hash(), other.journal.hash());
    let mut copy = other.world.clone();
    let mut journal = other.journal;
    one.pass_ms(10_000);
    copy.run_until(one.world.now(), &mut journal);
    assert_eq!(one.journal.hash(), journal.hash());
}
