//! Heartbeats, sessions, registrations.

use super::*;

#[test]
fn a_broker_is_fenced_once_nothing_was_heard_of_it_for_longer_than_its_session() {
    let mut lab = Lab::new();
    lab.wait_ms(9_000);
    for alive in [2, 3] {
        lab.lives(alive);
    }
    lab.check_sessions();
    assert_eq!(
        lab.shown(),
        (Some(1), vec![1, 2, 3], vec![]),
        "9 s exactly is not too long"
    );
    lab.wait_ms(1);
    lab.check_sessions();
    assert_eq!(lab.shown(), (Some(2), vec![2, 3], vec![]));
    assert_eq!(lab.fencings(1), 1);
}

#[test]
fn sessions_end_one_at_a_time_and_the_last_one_in_sync_is_remembered() {
    let mut lab = Lab::new();
    lab.wait_ms(10_000);
    let mut sizes = Vec::new();
    while lab.ask(|controller, out| controller.end_one_session(out)) {
        sizes.push(lab.state().isr.len());
    }
    assert_eq!(sizes, [2, 1, 0]);
    assert_eq!(lab.state().leader, None);
    assert_eq!(lab.state().last_known_elr.len(), 1);
}

#[test]
fn a_new_process_is_refused_while_the_session_of_the_old_one_runs() {
    let mut lab = Lab::new();
    lab.wait_ms(1_000);
    let refused = lab.register(1, false);
    assert_eq!(refused.error, ErrorCode::DuplicateBrokerRegistration);
    lab.silence(1, &[2, 3]);
    let accepted = lab.register(1, false);
    assert_eq!(accepted.error, ErrorCode::None);
    assert_eq!(accepted.broker_epoch, lab.epoch_of(1));
    assert!(
        lab.controller.image().brokers[&NodeId(1)].fenced,
        "it still has to show that it lives"
    );
}

#[test]
fn a_new_process_is_refused_after_an_orderly_stop_too() {
    let mut lab = Lab::new();
    assert!(lab.wants_to_stop(3).should_shut_down, "it leads nothing");
    assert_eq!(
        (lab.shown(), lab.fencings(3)),
        ((Some(1), vec![1, 2], vec![]), 1)
    );
    assert_eq!(
        lab.register(3, true).error,
        ErrorCode::DuplicateBrokerRegistration
    );
    lab.silence(3, &[1, 2]);
    assert_eq!(lab.fencings(3), 2, "its session has ended as well");
    assert_eq!(lab.register(3, true).error, ErrorCode::None);
}

#[test]
fn the_answer_to_a_registration_may_be_lost_and_asked_for_again() {
    let mut lab = Lab::new();
    lab.silence(1, &[2, 3]);
    let first = lab.register(1, false);
    lab.incarnations[0] -= 1;
    let second = lab.register(1, false);
    assert_eq!(
        (second.error, second.broker_epoch),
        (ErrorCode::None, first.broker_epoch)
    );
}

#[test]
fn heartbeats_of_a_former_process_count_for_nothing() {
    let mut lab = Lab::new();
    let former = lab.epoch_of(1);
    lab.silence(1, &[2, 3]);
    lab.returns(1, false);
    let answer = lab.heartbeat(1, |request| request.broker_epoch = former);
    assert_eq!(answer.error, ErrorCode::StaleBrokerEpoch);
}

#[test]
fn a_broker_stays_fenced_until_it_knows_of_its_own_registration() {
    let mut lab = Lab::new();
    lab.silence(3, &[1, 2]);
    lab.register(3, false);
    let registered_at = lab.controller.image().offset;
    let behind = lab.heartbeat(3, |request| {
        request.current_metadata_offset = registered_at - 1
    });
    assert!(behind.is_fenced && !behind.is_caught_up);
    let loading = lab.heartbeat(3, |request| request.want_fence = true);
    assert!(loading.is_fenced && loading.is_caught_up);
    assert!(!lab.lives(3).is_fenced);
}

#[test]
fn a_leader_that_wants_to_stop_may_when_the_others_know_that_it_leads_nothing() {
    let mut lab = Lab::new();
    for broker in [1, 2, 3] {
        lab.lives(broker);
    }
    assert!(!lab.wants_to_stop(1).should_shut_down);
    assert_eq!(
        lab.shown(),
        (Some(2), vec![2, 3], vec![]),
        "leadership moved at once"
    );
    assert!(
        !lab.wants_to_stop(1).should_shut_down,
        "2 and 3 have not heard of it"
    );
    lab.lives(2);
    assert!(!lab.wants_to_stop(1).should_shut_down, "3 has not");
    lab.lives(3);
    assert!(lab.wants_to_stop(1).should_shut_down);
    assert_eq!(lab.fencings(1), 1);
}

#[test]
fn a_broker_with_its_log_directory_offline_leaves_the_isr() {
    let mut lab = Lab::new();
    lab.heartbeat(1, |request| {
        request.offline_directories = vec![DirectoryId(1)];
    });
    assert_eq!(lab.shown(), (Some(2), vec![2, 3], vec![]));
    assert_eq!(lab.fencings(1), 0);
}
