//! The application's thread: calls that block, and applications that send of their own accord.

use super::rig::*;
use crate::kafka::{Action, Call, Entry};
use crate::sim::{MS, NodeId};

fn kill_all(rig: &mut Rig) {
    rig.world(|out| (1..=3).for_each(|node| out.end_process(NodeId(node), false)));
}

#[test]
fn send_blocks_for_metadata_and_fails_after_max_block_ms() {
    let mut rig = producer(1, &[("max.block.ms", "3000")]);
    kill_all(&mut rig);
    rig.send(&[1]);
    rig.run_ms(2900);
    assert_eq!(
        (rig.failed(), rig.producer.blocked_in()),
        (vec![], Some("send"))
    );
    rig.run_ms(200);
    assert_eq!(rig.failed(), [(1, "TimeoutException")]);
    let returned = rig.told(|entry| match entry {
        Entry::Returned { call, .. } => Some(*call),
        _ => None,
    });
    assert_eq!(
        returned,
        ["send"],
        "the error is in the callback, nothing is thrown"
    );
}

#[test]
fn partitions_for_throws_after_max_block_ms() {
    let mut rig = producer(1, &[("max.block.ms", "3000")]);
    kill_all(&mut rig);
    rig.act(|producer, out| producer.call(Call::PartitionsFor(T), out));
    rig.run_ms(3100);
    let thrown = rig.told(|entry| match entry {
        Entry::Thrown { call, error } => Some((*call, error.class())),
        _ => None,
    });
    assert_eq!(thrown, [("partitionsFor", "TimeoutException")]);
}

#[test]
fn a_full_buffer_blocks_send_until_there_is_room() {
    let settings = [("buffer.memory", "32768"), ("linger.ms", "0")];
    let mut rig = producer(1, &[&settings[..], &[("max.block.ms", "2000")]].concat());
    rig.learn_metadata();
    rig.world(|out| out.pause_process(LEADER));
    for message in 0..3 {
        rig.send_sized(&[message], 16000, Some(0));
        rig.run_ms(10);
    }
    assert_eq!(rig.producer.blocked_in(), Some("send"));
    assert_eq!(rig.producer.memory_used_bytes(), 32768);
    rig.run_ms(500);
    rig.world(|out| out.resume_process(LEADER));
    rig.run_ms(500);
    assert_eq!(rig.acked(), [0, 1, 2]);
    assert_eq!(rig.producer.memory_used_bytes(), 0);
}

#[test]
fn a_buffer_that_stays_full_is_an_error_in_the_callback() {
    let settings = [("buffer.memory", "16384"), ("linger.ms", "0")];
    let mut rig = producer(1, &[&settings[..], &[("max.block.ms", "2000")]].concat());
    rig.learn_metadata();
    rig.world(|out| out.pause_process(LEADER));
    rig.send_sized(&[0, 1], 16000, Some(0));
    rig.run_ms(2100);
    assert_eq!(rig.failed(), [(1, "BufferExhaustedException")]);
}

#[test]
fn flush_sends_at_once_and_waits_for_all() {
    let mut rig = producer(1, &[("linger.ms", "60000")]);
    rig.learn_metadata();
    rig.send(&[1, 2]);
    rig.act(|producer, out| producer.call(Call::Flush, out));
    rig.send(&[3]);
    rig.run_ms(100);
    assert_eq!((rig.acked(), rig.producer.blocked_in()), (vec![1, 2], None));
}

#[test]
fn close_sends_what_is_buffered() {
    let mut rig = producer(1, &[("linger.ms", "60000")]);
    rig.learn_metadata();
    rig.send(&[1, 2]);
    rig.act(|producer, out| producer.call(Call::Close { timeout_ms: None }, out));
    rig.run_ms(100);
    assert_eq!((rig.acked(), rig.producer.is_open()), (vec![1, 2], false));
}

#[test]
fn close_0_gives_up_what_is_buffered() {
    let mut rig = producer(1, &[("linger.ms", "60000")]);
    rig.learn_metadata();
    rig.send(&[1, 2]);
    rig.act(|producer, out| {
        producer.call(
            Call::Close {
                timeout_ms: Some(0),
            },
            out,
        )
    });
    rig.run_ms(100);
    assert_eq!(rig.failed(), [(1, "KafkaException"), (2, "KafkaException")]);
    assert_eq!(rig.written(), [0u32; 0]);
}

#[test]
fn close_with_a_time_limit_gives_up_at_that_time() {
    let mut rig = producer(1, &[]);
    rig.learn_metadata();
    rig.world(|out| out.pause_process(LEADER));
    rig.send(&[1]);
    rig.act(|producer, out| {
        producer.call(
            Call::Close {
                timeout_ms: Some(500),
            },
            out,
        )
    });
    rig.run_ms(400);
    assert_eq!(rig.failed(), []);
    rig.run_ms(200);
    assert_eq!(rig.failed(), [(1, "KafkaException")]);
}

#[test]
fn a_closed_producer_throws() {
    let mut rig = producer(1, &[]);
    rig.act(|producer, out| producer.call(Call::Close { timeout_ms: None }, out));
    rig.run_ms(100);
    rig.send(&[1]);
    rig.run_ms(100);
    let thrown = rig.told(|entry| match entry {
        Entry::Thrown { call, error } => Some((*call, error.class())),
        _ => None,
    });
    assert_eq!(thrown, [("send", "IllegalStateException")]);
}

#[test]
fn buffered_records_die_with_the_process() {
    let mut rig = producer(1, &[("linger.ms", "60000")]);
    rig.learn_metadata();
    rig.send(&[1, 2]);
    rig.world(|out| out.end_process(PRODUCER, false));
    rig.act(|producer, out| producer.ended(out));
    rig.run_ms(1000);
    assert_eq!(
        (rig.acked(), rig.failed(), rig.written()),
        (vec![], vec![], vec![])
    );
}

#[test]
fn an_application_sends_at_its_rate_until_its_count() {
    let mut rig = application(&[], &[("send.rate", "100"), ("send.count", "30")]);
    rig.run_ms(155);
    let sent = rig
        .told(|entry| matches!(entry, Entry::Buffered { .. }).then_some(()))
        .len();
    assert!((14..=16).contains(&sent), "{sent} after 155 ms");
    rig.run_ms(5000);
    assert_eq!(rig.acked(), (0..30).collect::<Vec<_>>());
}

#[test]
fn a_fast_application_sends_several_messages_at_once() {
    let mut rig = application(&[], &[("send.rate", "50000"), ("send.count", "5000")]);
    rig.run_ms(1000);
    assert_eq!(rig.acked(), (0..5000).collect::<Vec<_>>());
    assert!(rig.batch_sizes().iter().any(|count| *count > 20));
}

#[test]
fn fire_and_forget_believes_what_it_sent() {
    let mut rig = application(
        &[("acks", "0")],
        &[
            ("send.rate", "1000"),
            ("send.count", "3"),
            ("send.mode", "forget"),
        ],
    );
    rig.run_ms(1000);
    let believed = rig.told(|entry| match entry {
        Entry::BelievedSent { message } => Some(message.0),
        _ => None,
    });
    assert_eq!(believed, [0, 1, 2]);
}

#[test]
fn a_synchronous_application_has_one_message_under_way() {
    let mut rig = application(
        &[("linger.ms", "0")],
        &[
            ("send.rate", "1000"),
            ("send.count", "20"),
            ("send.mode", "sync"),
        ],
    );
    rig.run_ms(1000);
    assert_eq!((rig.acked().len(), rig.batch_sizes()), (20, vec![1; 20]));
}

#[test]
fn a_failed_message_is_sent_again_under_the_same_name() {
    let mut rig = application(
        &[("retries", "0")],
        &[
            ("send.rate", "1"),
            ("send.count", "1"),
            ("resend.on.failure", "true"),
        ],
    );
    rig.script
        .push_back(Reply::WriteAndSay(crate::kafka::ErrorCode::RequestTimedOut));
    rig.run_ms(2000);
    assert_eq!(
        (rig.failed(), rig.acked()),
        (vec![(0, "TimeoutException")], vec![0])
    );
    assert_eq!(rig.written(), [0, 0], "the first one was there already");
}

#[test]
fn a_burst_comes_on_top() {
    let mut rig = application(&[], &[("send.rate", "0")]);
    rig.run_ms(100);
    let burst = Action::Burst {
        client: PRODUCER,
        messages: 7,
    };
    rig.act(|producer, out| producer.application_action(&burst, out));
    rig.run_ms(100);
    assert_eq!(rig.acked(), (0..7).collect::<Vec<_>>());
}

#[test]
fn messages_go_on_where_they_were_after_a_restart() {
    let mut rig = application(&[], &[("send.rate", "100"), ("send.count", "20")]);
    rig.run_ms(105);
    rig.world(|out| out.end_process(PRODUCER, false));
    rig.act(|producer, out| producer.ended(out));
    rig.run_ms(1000);
    rig.world(|out| out.start_process(PRODUCER));
    rig.act(|producer, out| producer.start(out));
    rig.run_ms(1000);
    let sent = rig.told(|entry| match entry {
        Entry::Buffered { message, .. } => Some(message.0),
        _ => None,
    });
    assert_eq!(sent, (0..20).collect::<Vec<_>>());
}

#[test]
fn an_orderly_stop_flushes_only_if_the_application_cares() {
    for (flush, acked) in [("true", 5), ("false", 0)] {
        let mut rig = application(
            &[("linger.ms", "60000")],
            &[
                ("send.rate", "1000"),
                ("send.count", "5"),
                ("shutdown.flush", flush),
            ],
        );
        rig.run_ms(500);
        rig.act(|producer, out| producer.stop(out));
        rig.run_ms(500);
        assert_eq!((rig.acked().len(), rig.producer.is_open()), (acked, false));
        assert!(rig.at_ms(|entry| *entry == Entry::Stopped).is_some());
    }
}

#[test]
fn a_process_that_stood_still_reads_its_sockets_before_it_gives_up() {
    let mut rig = producer(1, &[("request.timeout.ms", "1000"), ("linger.ms", "0")]);
    rig.learn_metadata();
    rig.send(&[1]);
    rig.world(|out| out.pause_process(PRODUCER));
    rig.run_ms(5000);
    rig.world(|out| out.resume_process(PRODUCER));
    rig.run_ms(100);
    assert_eq!((rig.acked(), rig.sent()), (vec![1], 1));
}

#[test]
fn an_idle_producer_writes_nothing_into_the_journal_and_hardly_wakes() {
    let mut rig = producer(1, &[]);
    rig.learn_metadata();
    let (entries, handled) = (rig.journal.len(), rig.sim.core.handled);
    rig.run_ms(60_000);
    assert_eq!(rig.journal.len(), entries);
    assert!(rig.sim.core.handled - handled < 10);
    assert!(
        rig.sim
            .next_at()
            .is_none_or(|at| at > rig.sim.now() + 100 * MS)
    );
}

#[test]
fn what_is_buffered_while_all_brokers_are_gone_is_sent_when_they_are_back() {
    let mut rig = producer(1, &[]);
    rig.warm_up();
    kill_all(&mut rig);
    rig.run_ms(5000);
    rig.send(&[1, 2]);
    rig.run_ms(60_000);
    assert_eq!((rig.acked(), rig.failed(), rig.sent()), (vec![], vec![], 0));
    rig.world(|out| (1..=3).for_each(|node| out.start_process(NodeId(node))));
    rig.run_ms(5000);
    assert_eq!(rig.acked(), [1, 2]);
}
