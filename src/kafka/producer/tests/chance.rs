//! What must hold whatever happens: many small worlds with faults by chance.

use super::rig::*;
use crate::kafka::{Entry, ErrorCode};
use crate::sim::{Luck, NodeId, Status, Stream};

/// A message every 7 ms for a while, under faults by chance; then everything is whole again.
fn played(seed: u64, settings: &[(&str, &str)]) -> Rig {
    let mut luck = Luck::new(seed).stream("faults", 0);
    let mut rig = producer(4, settings);
    // A broker that knows nothing of a producer takes any number from it (`checkSequence`), even
    // the second batch while the first is being split; so each partition gets one beforehand.
    rig.warm_up();
    if seed % 2 == 1 {
        rig.max_message_bytes = 1500;
    }
    for message in 0..400 {
        let size_bytes = 10 + luck.below(700) as u32;
        rig.send_sized(&[message], size_bytes, Some(luck.below(4) as u16));
        if luck.chance_ppm(60_000) {
            fault(&mut rig, &mut luck);
        }
        rig.run_ms(7);
    }
    rig.script.clear();
    for node in (1..=3).map(NodeId) {
        heal(&mut rig, node);
    }
    rig.run_ms(200_000);
    rig
}

fn fault(rig: &mut Rig, luck: &mut Stream) {
    let node = NodeId(1 + luck.below(3) as u8);
    match luck.below(9) {
        0 => rig
            .script
            .push_back(Reply::Refuse(ErrorCode::NotEnoughReplicas)),
        1 => rig.script.push_back(Reply::WriteOnly),
        2 => rig.script.push_back(Reply::Ignore),
        3 => rig
            .script
            .push_back(Reply::WriteAndSay(ErrorCode::NotEnoughReplicasAfterAppend)),
        4 => rig
            .script
            .push_back(Reply::Refuse(ErrorCode::KafkaStorageError)),
        5 if rig.sim.status(node).0 == Status::Up => rig.world(|out| out.pause_process(node)),
        6 => rig.world(|out| out.end_process(node, false)),
        7 => rig.world(|out| out.change_link(PRODUCER, node, |link| link.cut = true)),
        _ => heal(rig, node),
    }
}

fn heal(rig: &mut Rig, node: NodeId) {
    rig.world(|out| out.change_link(PRODUCER, node, |link| link.cut = false));
    match rig.sim.status(node).0 {
        Status::Paused => rig.world(|out| out.resume_process(node)),
        Status::Down | Status::Off => rig.world(|out| out.start_process(node)),
        Status::Up => {}
    }
}

/// Every message is told of once, what was acked is written, and nothing stays behind.
fn check(rig: &Rig, seed: u64) {
    let mut told = rig.acked();
    told.extend(rig.failed().iter().map(|(message, _)| *message));
    told.sort_unstable();
    assert_eq!(told, (0..400).collect::<Vec<_>>(), "seed {seed}");
    assert_eq!(rig.producer.memory_used_bytes(), 0, "seed {seed}");
    let written = rig.written();
    let missing: Vec<u32> = rig
        .acked()
        .into_iter()
        .filter(|m| !written.contains(m))
        .collect();
    assert_eq!(missing, [0u32; 0], "seed {seed}");
    assert!(rig.producer.is_idle(), "seed {seed}");
}

/// Each partition's log has every message once at most, in the order of sending.
fn in_order(rig: &Rig, seed: u64) {
    for partition in 0..4 {
        let log = rig
            .log
            .iter()
            .filter(|(_, part, _)| part.partition == partition);
        let records = log.flat_map(|(_, _, batch)| batch.data());
        let order: Vec<u32> = records.map(|record| record.message.0).collect();
        assert!(order.is_sorted_by(|a, b| a < b), "seed {seed}: {order:?}");
    }
}

#[test]
fn every_message_is_told_of_once_and_written_once() {
    let mut retried = 0;
    for seed in 0..60 {
        let settings = [
            ("request.timeout.ms", "700"),
            ("delivery.timeout.ms", "100000"),
        ];
        let rig = played(
            seed,
            &[&settings[..], &[("max.block.ms", "200000")]].concat(),
        );
        check(&rig, seed);
        assert_eq!(rig.failed(), [], "seed {seed}");
        in_order(&rig, seed);
        retried += rig
            .told(|e| matches!(e, Entry::BatchRetried { .. }).then_some(()))
            .len();
    }
    assert!(retried > 600, "the faults did hit: {retried} retries");
}

#[test]
fn with_short_deadlines_messages_fail_and_the_rest_goes_on_in_order() {
    let mut failed = 0;
    for seed in 0..60 {
        let settings = [
            ("request.timeout.ms", "300"),
            ("delivery.timeout.ms", "400"),
        ];
        let rig = played(seed, &[&settings[..], &[("linger.ms", "0")]].concat());
        check(&rig, seed);
        failed += rig.failed().len();
        in_order(&rig, seed);
    }
    assert!(failed > 100, "the faults did hit: {failed} failures");
}

#[test]
fn without_idempotence_nothing_acked_is_missing_either() {
    let mut twice = 0;
    for seed in 0..60 {
        let settings = [
            ("request.timeout.ms", "700"),
            ("enable.idempotence", "false"),
        ];
        let rig = played(
            seed,
            &[&settings[..], &[("max.block.ms", "200000")]].concat(),
        );
        check(&rig, seed);
        twice += rig.written().len() - 400;
    }
    assert!(twice > 50, "the faults did hit: {twice} written twice");
}
