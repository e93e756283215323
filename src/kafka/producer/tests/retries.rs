//! What fails, and what is tried again.

use super::rig::*;
use crate::kafka::{Entry, ErrorCode};

#[test]
fn a_retriable_error_is_retried_after_a_backoff() {
    let mut rig = producer(1, &[]);
    rig.learn_metadata();
    rig.script.extend([
        Reply::Refuse(ErrorCode::NotEnoughReplicas),
        Reply::Refuse(ErrorCode::NotEnoughReplicas),
    ]);
    rig.send(&[1]);
    rig.run_ms(70);
    assert_eq!(rig.sent(), 1, "the first wait is 80 to 120 ms");
    rig.run_ms(900);
    assert_eq!((rig.sent(), rig.acked()), (3, vec![1]));
}

#[test]
fn with_retries_0_the_application_hears_the_brokers_error() {
    let mut rig = producer(1, &[("retries", "0")]);
    rig.learn_metadata();
    rig.script
        .push_back(Reply::Refuse(ErrorCode::NotEnoughReplicas));
    rig.send(&[1, 2]);
    rig.run_ms(5000);
    let class = "NotEnoughReplicasException";
    assert_eq!(
        (rig.failed(), rig.sent()),
        (vec![(1, class), (2, class)], 1)
    );
}

#[test]
fn three_retries_are_soon_used_up() {
    let mut rig = producer(1, &[("retries", "3")]);
    rig.learn_metadata();
    rig.script
        .extend((0..9).map(|_| Reply::Refuse(ErrorCode::NotEnoughReplicas)));
    rig.send(&[1]);
    rig.run_ms(1000);
    assert_eq!(
        (rig.failed(), rig.sent()),
        (vec![(1, "NotEnoughReplicasException")], 4)
    );
}

#[test]
fn an_error_that_is_not_retriable_fails_at_once() {
    let mut rig = producer(1, &[]);
    rig.learn_metadata();
    rig.script
        .push_back(Reply::Refuse(ErrorCode::InvalidRequiredAcks));
    rig.send(&[1]);
    rig.run_ms(100);
    assert_eq!(rig.failed(), [(1, "InvalidRequiredAcksException")]);
}

#[test]
fn an_unanswered_request_closes_the_connection_and_is_sent_again() {
    let settings = [("request.timeout.ms", "1000"), ("linger.ms", "0")];
    let mut rig = producer(
        1,
        &[&settings[..], &[("enable.idempotence", "false")]].concat(),
    );
    rig.learn_metadata();
    rig.script.extend([Reply::WriteOnly, Reply::WriteOnly]);
    rig.send(&[1]);
    rig.run_ms(5000);
    assert_eq!((rig.acked(), rig.written()), (vec![1], vec![1, 1, 1]));
    let timeouts = rig.told(|entry| matches!(entry, Entry::RequestTimedOut { .. }).then_some(()));
    assert_eq!(timeouts.len(), 2);
}

#[test]
fn with_idempotence_the_same_retries_are_written_once() {
    let mut rig = producer(1, &[("request.timeout.ms", "1000"), ("linger.ms", "0")]);
    rig.learn_metadata();
    rig.script.extend([Reply::WriteOnly, Reply::WriteOnly]);
    rig.send(&[1]);
    rig.run_ms(5000);
    assert_eq!(
        (rig.acked(), rig.written(), rig.sent()),
        (vec![1], vec![1], 3)
    );
}

#[test]
fn a_timeout_takes_every_request_on_the_connection_with_it() {
    let mut rig = producer(1, &[("request.timeout.ms", "1000"), ("linger.ms", "0")]);
    rig.learn_metadata();
    rig.script.push_back(Reply::Ignore);
    rig.script.push_back(Reply::Ignore);
    rig.send(&[1]);
    rig.run_ms(900);
    rig.send(&[2]);
    rig.run_ms(150);
    let retried = rig.told(|entry| matches!(entry, Entry::BatchRetried { .. }).then_some(()));
    assert_eq!(retried.len(), 2);
    rig.run_ms(2000);
    assert_eq!((rig.acked(), rig.written()), (vec![1, 2], vec![1, 2]));
}

#[test]
fn a_stopped_broker_accepts_a_connection_but_gets_nothing_more() {
    let settings = [
        ("request.timeout.ms", "2000"),
        ("delivery.timeout.ms", "6000"),
    ];
    let mut rig = producer(
        1,
        &[&settings[..], &[("enable.idempotence", "false")]].concat(),
    );
    rig.warm_up();
    rig.world(|out| out.pause_process(LEADER));
    rig.send(&[1]);
    rig.run_ms(7000);
    assert_eq!(
        (rig.failed(), rig.sent()),
        (vec![(1, "TimeoutException")], 1)
    );
    rig.world(|out| out.resume_process(LEADER));
    rig.run_ms(2000);
    assert_eq!(
        rig.written(),
        [1],
        "what lay in its socket is written, once"
    );
}

#[test]
fn delivery_timeout_ends_what_waits_and_what_is_under_way() {
    let settings = [
        ("request.timeout.ms", "3000"),
        ("delivery.timeout.ms", "6000"),
    ];
    let mut rig = producer(1, &[&settings[..], &[("linger.ms", "0")]].concat());
    rig.learn_metadata();
    rig.script.extend((0..20).map(|_| Reply::WriteOnly));
    let sent_at = rig.sim.now() / crate::sim::MS;
    rig.send(&[1]);
    rig.run_ms(8000);
    assert_eq!(rig.failed(), [(1, "TimeoutException")]);
    let failed_at = rig.at_ms(|entry| matches!(entry, Entry::Failed { .. }));
    assert_eq!(failed_at, Some(sent_at + 6000));
    assert_eq!(rig.written(), [1], "failed, yet written");
    rig.script.clear();
    rig.send(&[2]);
    rig.run_ms(2000);
    assert_eq!((rig.acked(), rig.written()), (vec![2], vec![1, 2]));
}

#[test]
fn a_lost_batch_leaves_a_gap_that_the_producer_crosses_with_a_new_epoch() {
    let settings = [
        ("request.timeout.ms", "3000"),
        ("delivery.timeout.ms", "6000"),
    ];
    let mut rig = producer(1, &[&settings[..], &[("linger.ms", "0")]].concat());
    rig.learn_metadata();
    rig.send(&[0]);
    rig.run_ms(100);
    rig.script.extend((0..3).map(|_| Reply::Ignore));
    rig.send(&[1]);
    rig.run_ms(7000);
    rig.script.clear();
    rig.send(&[2]);
    rig.run_ms(3000);
    assert_eq!(
        (rig.failed(), rig.acked()),
        (vec![(1, "TimeoutException")], vec![0, 2])
    );
    let stamps: Vec<_> = rig
        .log
        .iter()
        .filter_map(|(_, _, batch)| batch.producer)
        .collect();
    let numbers: Vec<_> = stamps
        .iter()
        .map(|s| (s.producer_epoch, s.base_sequence))
        .collect();
    assert_eq!(numbers, [(0, 0), (1, 0)]);
}

#[test]
fn a_leader_that_dies_is_replaced_when_metadata_says_so() {
    let mut rig = producer(1, &[]);
    rig.learn_metadata();
    rig.script.push_back(Reply::Ignore);
    rig.send(&[1]);
    rig.run_ms(100);
    rig.world(|out| out.end_process(LEADER, false));
    rig.run_ms(5000);
    assert_eq!(rig.acked(), [0u32; 0]);
    elect(&mut rig, 2, 1);
    rig.run_ms(2000);
    assert_eq!(
        (rig.acked(), rig.log[0].0),
        (vec![1], crate::sim::NodeId(2))
    );
}

/// The controller fences broker 1 and broker `leader` leads partition 0 in `epoch`.
fn elect(rig: &mut Rig, leader: u8, epoch: u32) {
    let partition = crate::kafka::TopicPartition::new(T, 0);
    if let Some(broker) = rig.image.brokers.get_mut(&LEADER) {
        broker.fenced = true;
    }
    if let Some(state) = rig.image.partitions.get_mut(&partition) {
        let state = std::rc::Rc::make_mut(state);
        (state.leader, state.leader_epoch) = (Some(crate::sim::NodeId(leader)), epoch);
    }
}

#[test]
fn out_of_order_batches_are_sent_again_in_order() {
    let mut rig = producer(1, &[("linger.ms", "0")]);
    rig.warm_up();
    rig.script
        .push_back(Reply::Refuse(ErrorCode::NotEnoughReplicas));
    rig.world(|out| out.pause_process(LEADER));
    for message in 0..5 {
        rig.send(&[message]);
        rig.run_ms(10);
    }
    rig.world(|out| out.resume_process(LEADER));
    rig.run_ms(5000);
    assert_eq!(
        (rig.acked(), rig.written()),
        ((0..5).collect(), (0..5).collect())
    );
}

#[test]
fn without_idempotence_one_request_at_a_time_keeps_the_order() {
    let settings = [("enable.idempotence", "false"), ("linger.ms", "0")];
    let one = [("max.in.flight.requests.per.connection", "1")];
    for (settings, order) in [
        (settings.to_vec(), vec![1, 2, 0]),
        ([&settings[..], &one[..]].concat(), vec![0, 1, 2]),
    ] {
        let mut rig = producer(1, &settings);
        rig.warm_up();
        rig.script
            .push_back(Reply::Refuse(ErrorCode::NotEnoughReplicas));
        rig.world(|out| out.pause_process(LEADER));
        for message in 0..3 {
            rig.send(&[message]);
            rig.run_ms(10);
        }
        rig.world(|out| out.resume_process(LEADER));
        rig.run_ms(2000);
        assert_eq!(rig.written(), order);
    }
}

#[test]
fn a_broker_behind_a_cut_link_is_given_up_when_the_client_looks_at_the_time() {
    let mut rig = producer(1, &[("request.timeout.ms", "5000")]);
    rig.warm_up();
    rig.world(|out| out.change_link(PRODUCER, LEADER, |link| link.cut = true));
    let cut_at = rig.sim.now() / crate::sim::MS;
    rig.send(&[1]);
    rig.run_ms(5100);
    assert_eq!(rig.sent(), 1);
    elect(&mut rig, 2, 1);
    rig.run_ms(20_000);
    // Setting up the new connection may take 8 to 12 s, but the client sleeps 5 s at a time.
    let acked_at = rig
        .at_ms(|entry| matches!(entry, Entry::Acked { .. }))
        .unwrap_or(0);
    let took = acked_at - cut_at;
    let looks = [15_000..15_400, 20_000..20_400];
    assert!(looks.iter().any(|range| range.contains(&took)), "{took} ms");
}

#[test]
fn three_retries_outlast_a_dead_leader_since_only_sent_batches_use_them_up() {
    let mut rig = producer(1, &[("retries", "3")]);
    rig.warm_up();
    rig.script.push_back(Reply::Ignore);
    rig.send(&[1]);
    rig.run_ms(100);
    rig.world(|out| out.end_process(LEADER, false));
    rig.run_ms(9000);
    assert_eq!(
        (rig.sent(), rig.failed()),
        (1, vec![]),
        "nobody to send it to"
    );
    elect(&mut rig, 2, 1);
    rig.run_ms(2000);
    assert_eq!((rig.sent(), rig.acked()), (2, vec![1]));
}
