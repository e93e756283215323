//! Where consumers read, commit and start again.

use super::*;
use crate::kafka::{Answer, ClientError, CommitHow, ErrorCode};

fn by_hand() -> ConsumerConfig {
    ConsumerConfig {
        enable_auto_commit: false,
        ..quick()
    }
}

fn poll(timeout_ms: u64) -> Call {
    Call::Poll { timeout_ms }
}

#[test]
fn a_poll_gives_at_most_max_poll_records_and_the_rest_comes_without_another_fetch() {
    let mut rig = Plan::scripted(1, by_hand()).build();
    rig.write(0, 15);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(5_000));
    rig.pass_ms(2_000);
    assert_eq!(rig.polled(C1), (0..10).collect::<Vec<_>>());
    rig.call(C1, poll(0));
    assert_eq!(rig.polled(C1), (0..15).collect::<Vec<_>>());
}

#[test]
fn without_a_group_assign_and_seek_do() {
    let plan = Plan {
        in_group: false,
        ..Plan::scripted(1, quick())
    };
    let mut rig = plan.build();
    rig.write(0, 5);
    rig.call(C1, Call::Assign(vec![t(0)]));
    rig.call(C1, Call::Seek(t(0), 3));
    rig.call(C1, poll(1_000));
    rig.pass_ms(1_500);
    assert_eq!(rig.polled(C1), [3, 4]);
    rig.call(C1, Call::CommitSync(None));
    assert!(matches!(
        rig.last(|e| matches!(e, Entry::Thrown { .. })).what,
        Entry::Thrown {
            error: ClientError::IllegalState,
            ..
        }
    ));
}

#[test]
fn an_assigning_consumer_commits_without_being_a_member() {
    let mut rig = Plan::scripted(1, by_hand()).build();
    rig.write(0, 5);
    rig.call(C1, Call::Assign(vec![t(0)]));
    rig.call(C1, poll(5_000));
    rig.call(C1, Call::CommitSync(None));
    rig.pass_ms(2_000);
    assert_eq!(rig.committed(C1), [5]);
    rig.call(C2, Call::Committed(vec![t(0)]));
    rig.pass_ms(1_000);
    let offsets = vec![(t(0), Some(5))];
    assert!(
        !rig.told(C2, |e| match e {
            Entry::Returned { answer, .. } if *answer == Answer::Offsets(offsets.clone()) =>
                Some(()),
            _ => None,
        })
        .is_empty()
    );
}

#[test]
fn a_commit_of_a_lost_membership_is_refused() {
    let config = ConsumerConfig {
        max_poll_interval_ms: 7_000,
        ..by_hand()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.write(0, 5);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(5_000));
    rig.pass_ms(2_000);
    rig.joins(C2);
    rig.pass_ms(10_000);
    assert_eq!(
        rig.polled(C2),
        [0, 1, 2, 3, 4],
        "a second one works on the same"
    );
    rig.call(C1, Call::CommitSync(None));
    rig.pass_ms(1_000);
    let failed = Entry::CommitFailed {
        error: ClientError::CommitFailed,
        how: CommitHow::Sync,
    };
    assert_eq!(
        rig.last(|e| matches!(e, Entry::CommitFailed { .. })).what,
        failed
    );
    rig.call(C1, poll(100));
    rig.pass_ms(1_000);
    assert!(matches!(
        rig.last(|e| matches!(e, Entry::PartitionsLost { .. })).node,
        C1
    ));
}

#[test]
fn an_asynchronous_commit_is_not_tried_again() {
    let mut rig = Plan::scripted(1, by_hand()).build();
    rig.write(0, 5);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(5_000));
    rig.pass_ms(2_000);
    rig.act(Action::Kill(B3));
    rig.call(C1, Call::CommitAsync);
    rig.pass_ms(1_000);
    rig.call(C1, poll(100));
    rig.pass_ms(1_000);
    let failed = Entry::CommitFailed {
        error: ClientError::RetriableCommitFailed,
        how: CommitHow::Async,
    };
    assert_eq!(
        rig.last(|e| matches!(e, Entry::CommitFailed { .. })).what,
        failed
    );
}

#[test]
fn a_consumer_finds_the_new_leader_and_misses_nothing() {
    let mut rig = Plan::scripted(1, quick()).build();
    rig.joins(C1);
    rig.write(0, 4);
    rig.act(Action::Kill(B1));
    rig.pass_ms(12_000);
    rig.write(0, 4);
    rig.pass_ms(3_000);
    assert_eq!(rig.polled(C1), (0..8).collect::<Vec<_>>());
}

#[test]
fn by_duration_starts_at_the_first_record_that_is_young_enough() {
    let config = ConsumerConfig {
        auto_offset_reset: OffsetReset::ByDuration(5_000),
        ..by_hand()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.write(0, 3);
    rig.pass_ms(10_000);
    rig.write(0, 2);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(2_000));
    rig.pass_ms(3_000);
    assert_eq!(rig.polled(C1), [3, 4]);
}

#[test]
fn a_request_that_nobody_answers_gives_the_connection_up() {
    let config = ConsumerConfig {
        request_timeout_ms: 3_000,
        ..by_hand()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.joins(C1);
    rig.pass_ms(3_000);
    rig.act(Action::Pause(B1));
    rig.pass_ms(4_000);
    let given_up = Entry::RequestTimedOut { broker: B1 };
    assert_eq!(
        rig.last(|e| matches!(e, Entry::RequestTimedOut { .. }))
            .what,
        given_up
    );
}

#[test]
fn a_call_after_close_is_refused() {
    let mut rig = Plan::scripted(1, by_hand()).build();
    rig.call(C1, Call::Close { timeout_ms: None });
    rig.call(C1, poll(100));
    rig.pass_ms(100);
    assert_eq!(
        rig.last(|e| matches!(e, Entry::Thrown { .. })).what,
        Entry::Thrown {
            call: "poll",
            error: ClientError::IllegalState,
        }
    );
}

#[test]
fn too_short_a_session_is_refused() {
    let config = ConsumerConfig {
        session_timeout_ms: 100,
        ..by_hand()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(1_000));
    rig.pass_ms(2_000);
    let error = ClientError::Broker(ErrorCode::InvalidSessionTimeout);
    let thrown = Entry::Thrown {
        call: "poll",
        error,
    };
    assert_eq!(rig.last(|e| matches!(e, Entry::Thrown { .. })).what, thrown);
}

#[test]
fn a_machine_that_is_off_is_given_up_sooner_than_one_that_only_stands_still() {
    let gives_up_after_ms = |fault: Action| {
        let mut rig = Plan::scripted(1, by_hand()).build();
        rig.act(fault);
        rig.call(C1, Call::EndOffsets(vec![t(0)]));
        rig.pass_ms(40_000);
        rig.last(|e| matches!(e, Entry::RequestTimedOut { broker: B1 }))
            .at
            / MS
    };
    assert!((8_000..12_100).contains(&gives_up_after_ms(Action::PowerOff(B1))));
    assert!((30_000..31_000).contains(&gives_up_after_ms(Action::Pause(B1))));
}

#[test]
fn a_commit_that_times_out_may_still_take_effect() {
    let config = ConsumerConfig {
        default_api_timeout_ms: 3_000,
        ..by_hand()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.write(0, 5);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, poll(5_000));
    rig.pass_ms(2_000);
    rig.act(Action::Pause(B1));
    rig.act(Action::Pause(B2));
    rig.pass_ms(1_000);
    rig.call(C1, Call::CommitSync(None));
    rig.call(C2, Call::ListGroupOffsets(vec![t(0)]));
    rig.pass_ms(3_500);
    let failed = Entry::CommitFailed {
        error: ClientError::Timeout,
        how: CommitHow::Sync,
    };
    assert_eq!(
        rig.last(|e| matches!(e, Entry::CommitFailed { .. })).what,
        failed
    );
    let answers = |rig: &Rig| {
        rig.told(C2, |e| match e {
            Entry::Returned {
                answer: Answer::Offsets(offsets),
                ..
            } => Some(offsets[0].1),
            _ => None,
        })
    };
    assert_eq!(answers(&rig), [None], "not below the high watermark yet");
    rig.call(C2, Call::Committed(vec![t(0)]));
    rig.pass_ms(1_000);
    assert_eq!(
        answers(&rig),
        [None],
        "a consumer waits until it is certain"
    );
    rig.act(Action::Resume(B1));
    rig.act(Action::Resume(B2));
    rig.pass_ms(2_000);
    assert_eq!(answers(&rig), [None, Some(5)]);
}

#[test]
fn a_consumer_that_knows_only_dead_brokers_starts_over_from_its_bootstrap_servers() {
    let mut rig = Plan::scripted(1, by_hand()).build();
    rig.joins(C1);
    rig.pass_ms(3_000);
    rig.act(Action::Kill(B1));
    rig.act(Action::Kill(B2));
    // It hears that broker 3 is the only one, and asks again only in five minutes.
    rig.pass_ms(20_000);
    rig.act(Action::Start(B1));
    rig.act(Action::Start(B2));
    rig.pass_ms(20_000);
    rig.act(Action::Kill(B3));
    rig.pass_ms(15_000);
    rig.write(0, 2);
    rig.pass_ms(10_000);
    assert_eq!(rig.polled(C1), [0, 1]);
}
