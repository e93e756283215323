//! Records on their way: batches, partitions, sizes, acks.

use super::rig::*;
use crate::kafka::{Entry, ErrorCode, TopicPartition};
use crate::sim::{NodeId, Stamped};

#[test]
fn records_sent_together_go_in_one_batch_and_are_acknowledged_in_order() {
    let mut rig = producer(1, &[]);
    rig.send(&[1, 2, 3]);
    rig.run_ms(100);
    assert_eq!((rig.acked(), rig.batch_sizes()), (vec![1, 2, 3], vec![3]));
    let offsets = rig.told(|entry| match entry {
        Entry::Acked { offset, .. } => Some(*offset),
        _ => None,
    });
    assert_eq!(offsets, [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_batch_waits_for_linger_ms() {
    let mut rig = producer(1, &[("linger.ms", "300")]);
    rig.warm_up();
    rig.send(&[1]);
    rig.run_ms(200);
    rig.send(&[2]);
    assert_eq!(rig.sent(), 0);
    rig.run_ms(101);
    assert_eq!((rig.acked(), rig.batch_sizes()), (vec![1, 2], vec![2]));
}

#[test]
fn a_full_batch_does_not_wait() {
    let mut rig = producer(1, &[("linger.ms", "30000"), ("batch.size", "1000")]);
    rig.learn_metadata();
    rig.send_sized(&[1, 2, 3], 400, Some(0));
    rig.run_ms(10);
    assert_eq!(rig.acked(), [1, 2]);
}

#[test]
fn batches_for_partitions_of_one_broker_share_a_request() {
    let mut rig = producer(4, &[]);
    rig.warm_up();
    rig.send_sized(&[1], 10, Some(0));
    rig.send_sized(&[2], 10, Some(3));
    rig.run_ms(100);
    assert_eq!(rig.acked().len(), 2);
    // Both answers came in one response.
    let answered = |entry: &&Stamped<Entry>| matches!(entry.what, Entry::Acked { .. });
    let entries = rig.journal.entries().iter().rev().filter(answered);
    let times: Vec<_> = entries.take(2).map(|entry| entry.at).collect();
    assert_eq!(times[0], times[1]);
}

#[test]
fn no_more_than_five_requests_are_under_way_to_one_broker() {
    let mut rig = producer(1, &[("linger.ms", "0")]);
    rig.warm_up();
    rig.world(|out| out.pause_process(LEADER));
    for message in 0..8 {
        rig.send(&[message]);
        rig.run_ms(20);
    }
    assert_eq!(rig.producer.in_flight(LEADER).count(), 5);
    assert_eq!(rig.sent(), 5);
    rig.world(|out| out.resume_process(LEADER));
    rig.run_ms(100);
    assert_eq!(
        (rig.acked(), rig.batch_sizes()),
        ((0..8).collect(), vec![1, 1, 1, 1, 1, 3])
    );
}

#[test]
fn without_keys_a_partition_is_kept_until_batch_size_bytes_are_sent() {
    let mut rig = producer(3, &[("batch.size", "2000"), ("linger.ms", "0")]);
    rig.learn_metadata();
    for message in 0..60 {
        rig.send_sized(&[message], 500, None);
        rig.run_ms(20);
    }
    let order: Vec<u16> = rig
        .log
        .iter()
        .map(|(_, partition, _)| partition.partition)
        .collect();
    let mut runs: Vec<usize> = Vec::new();
    for (nth, partition) in order.iter().enumerate() {
        match nth.checked_sub(1).map(|before| order[before] == *partition) {
            Some(true) => *runs.last_mut().expect("a run has begun") += 1,
            _ => runs.push(1),
        }
    }
    assert_eq!(order.len(), 60);
    assert!((1..=3).all(|p| order.contains(&(p - 1))), "{order:?}");
    // 2000 bytes are reached with the fourth record; chance may choose the same one again.
    assert!(runs.iter().all(|run| run % 4 == 0), "{runs:?}");
}

#[test]
fn round_robin_takes_each_partition_in_turn() {
    let mut rig = producer(
        3,
        &[
            ("partitioner.class", "RoundRobinPartitioner"),
            ("linger.ms", "0"),
        ],
    );
    rig.learn_metadata();
    for message in 0..6 {
        rig.send_sized(&[message], 10, None);
        rig.run_ms(20);
    }
    let order: Vec<u16> = rig
        .log
        .iter()
        .map(|(_, partition, _)| partition.partition)
        .collect();
    assert_eq!(order, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_record_over_max_request_size_fails_in_the_client() {
    let mut rig = producer(1, &[("max.request.size", "3085")]);
    rig.learn_metadata();
    rig.send_sized(&[1], 3000, Some(0));
    rig.send_sized(&[2], 2999, Some(0));
    rig.run_ms(100);
    assert_eq!(
        (rig.failed(), rig.acked()),
        (vec![(1, "RecordTooLargeException")], vec![2])
    );
    assert_eq!(rig.written(), [2]);
}

#[test]
fn acks_0_is_done_when_the_bytes_are_in_the_socket() {
    let mut rig = producer(1, &[("acks", "0")]);
    rig.warm_up();
    rig.world(|out| out.pause_process(LEADER));
    rig.send(&[1, 2]);
    rig.run_ms(10);
    assert_eq!((rig.acked(), rig.written()), (vec![1, 2], vec![]));
    rig.world(|out| out.end_process(LEADER, false));
    rig.run_ms(1000);
    assert_eq!(
        (rig.written(), rig.failed()),
        (vec![], vec![]),
        "nobody hears of the loss"
    );
}

#[test]
fn acks_0_keeps_what_has_not_left_yet() {
    let mut rig = producer(1, &[("acks", "0")]);
    rig.learn_metadata();
    rig.world(|out| out.end_process(LEADER, false));
    rig.run_ms(5);
    rig.send(&[1]);
    rig.run_ms(3000);
    assert_eq!(rig.acked(), [0u32; 0]);
    rig.world(|out| out.start_process(LEADER));
    rig.run_ms(3000);
    assert_eq!((rig.acked(), rig.written()), (vec![1], vec![1]));
}

#[test]
fn a_batch_over_the_brokers_limit_is_split_until_it_fits() {
    let mut rig = producer(1, &[("linger.ms", "300")]);
    rig.max_message_bytes = 1000;
    rig.learn_metadata();
    rig.send_sized(&[0, 1, 2, 3, 4, 5], 300, Some(0));
    rig.run_ms(2000);
    assert_eq!(rig.acked(), [0, 1, 2, 3, 4, 5]);
    // As the real client does: first as one batch again, then halves of it.
    assert_eq!(rig.batch_sizes(), [2, 2, 2]);
}

#[test]
fn a_single_record_over_the_brokers_limit_fails_and_the_next_one_has_a_new_epoch() {
    let mut rig = producer(1, &[]);
    rig.max_message_bytes = 1000;
    rig.send_sized(&[1], 3000, Some(0));
    rig.run_ms(500);
    rig.send(&[2]);
    rig.run_ms(500);
    assert_eq!(
        (rig.failed(), rig.acked()),
        (vec![(1, "RecordTooLargeException")], vec![2])
    );
    let stamp = rig.log[0].2.producer.expect("idempotence is on");
    assert_eq!((stamp.producer_epoch, stamp.base_sequence), (1, 0));
}

#[test]
fn without_idempotence_a_split_batch_is_overtaken_by_the_next() {
    assert_eq!(overtaken(false), [4, 1, 2, 3]);
}

#[test]
fn with_idempotence_the_order_is_kept() {
    assert_eq!(overtaken(true), [1, 2, 3, 4]);
}

fn overtaken(idempotence: bool) -> Vec<u32> {
    let idempotence = idempotence.to_string();
    let mut rig = producer(
        1,
        &[("enable.idempotence", &idempotence), ("linger.ms", "100")],
    );
    rig.max_message_bytes = 1000;
    rig.warm_up();
    rig.world(|out| out.pause_process(LEADER));
    rig.send_sized(&[1, 2, 3], 500, Some(0));
    rig.run_ms(400);
    rig.send(&[4]);
    rig.run_ms(400);
    rig.world(|out| out.resume_process(LEADER));
    rig.run_ms(5000);
    assert_eq!(rig.acked(), rig.written());
    rig.written()
}

#[test]
fn an_error_that_names_the_new_leader_is_followed_without_waiting() {
    let mut rig = producer(
        1,
        &[
            ("retry.backoff.ms", "5000"),
            ("retry.backoff.max.ms", "5000"),
        ],
    );
    rig.learn_metadata();
    rig.script.push_back(Reply::PointTo(NodeId(2), 1));
    rig.send(&[1]);
    rig.run_ms(100);
    assert_eq!((rig.acked(), rig.log[0].0), (vec![1], NodeId(2)));
    let partition = TopicPartition::new(T, 0);
    assert_eq!(rig.producer.believed_leader(partition), Some(NodeId(2)));
    let retried = rig.told(|entry| match entry {
        Entry::BatchRetried { error, .. } => Some(*error),
        _ => None,
    });
    assert_eq!(retried, [ErrorCode::NotLeaderOrFollower]);
}

#[test]
fn records_without_keys_avoid_a_broker_that_takes_nothing() {
    let slow = ("partitioner.availability.timeout.ms", "500");
    for (settings, avoids) in [(vec![slow], true), (vec![], false)] {
        let common = [
            ("batch.size", "500"),
            ("linger.ms", "0"),
            ("max.block.ms", "0"),
        ];
        let mut rig = producer(3, &[&common[..], &settings].concat());
        rig.warm_up();
        rig.world(|out| out.end_process(NodeId(2), false));
        rig.run_ms(10);
        rig.send_sized(&[0], 10, Some(1));
        rig.run_ms(1000);
        (1..101).for_each(|message| {
            rig.send_sized(&[message], 600, None);
            rig.run_ms(20);
        });
        let partition = TopicPartition::new(T, 1);
        let stuck = rig.producer.buffered(partition).count() - 1;
        assert_eq!(stuck < 5, avoids, "{stuck} wait for the dead broker");
    }
}
