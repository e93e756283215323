//! Faults at random: what Kafka promises must hold whatever happens.

use std::collections::BTreeSet;

use super::*;
use crate::kafka::Cut;
use crate::sim::luck::Luck;
use crate::sim::{Status, Stream};

/// How long faults go on, in milliseconds.
const FAULTS_MS: u64 = 90_000;

/// How many runs each promise is tried on.
const SEEDS: u64 = 25;

/// What may happen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Processes end, stop, stand still; links are cut.
    Processes,
    /// Machines lose power as well, one at a time, and come back before the next does.
    Power,
}

/// A cluster under fire, written to all the time; healed and quiet at the end.
fn survived(seed: u64, acks: Acks, kind: Kind) -> Lab {
    let spec = ClusterSpec {
        seed,
        ..three_brokers(2)
    };
    let mut lab = Lab::new(spec);
    let mut luck = Luck::new(seed).stream("chaos", 0);
    let mut next_fault_at = 1_000 * MS;
    let mut message = 0;
    while lab.world.now() < FAULTS_MS * MS {
        if lab.world.now() >= next_fault_at {
            lab.break_or_mend(&mut luck, kind);
            next_fault_at = lab.world.now() + (200 + luck.below(4_000)) * MS;
        }
        message += 1;
        let leader = lab.leader().unwrap_or(B1);
        lab.produce_within(leader, acks, message);
        lab.pass_ms(40);
    }
    // A stop that was under way may only now come to its end.
    for _ in 0..2 {
        lab.heal();
        lab.pass_ms(60_000);
    }
    lab
}

impl Lab {
    /// Produces on one of several connections, so that one that hangs holds no others.
    fn produce_within(&mut self, broker: NodeId, acks: Acks, message: u32) {
        let batch = Rc::new(plain(&[message], self.world.now()));
        let request = ProduceRequest {
            transactional_id: None,
            acks,
            timeout_ms: 2_000,
            batches: vec![(T0, batch)],
        };
        let channel = (message % 4) as u8;
        self.ask(broker, channel, Request::Produce(Rc::new(request)));
    }

    fn break_or_mend(&mut self, luck: &mut Stream, kind: Kind) {
        let brokers = [B1, B2, B3];
        let broker = brokers[luck.below(3) as usize];
        let other = [B1, B2, B3, CONTROLLER][luck.below(4) as usize];
        let what = luck.below(10);
        let status = self.world.status(broker).0;
        let off = |lab: &Lab, node: &NodeId| lab.world.status(*node).0 == Status::Off;
        let all_have_power = !brokers.iter().any(|node| off(self, node)) && self.isr().len() == 3;
        self.act(match (what, status) {
            (_, Status::Down | Status::Off) => Action::Start(broker),
            (_, Status::Paused) => Action::Resume(broker),
            (0 | 1, _) if kind == Kind::Power && all_have_power => Action::PowerOff(broker),
            (0..=2, _) => Action::Kill(broker),
            (3 | 4, _) => Action::Pause(broker),
            (5, _) => Action::Stop(broker),
            (6 | 7, _) if other != broker => Action::CutLink {
                from: broker,
                to: other,
                both: what == 6,
            },
            _ => Action::HealLink {
                from: broker,
                to: other,
            },
        });
    }

    fn heal(&mut self) {
        for broker in [B1, B2, B3] {
            for other in [B1, B2, B3, CONTROLLER] {
                self.act(Action::HealLink {
                    from: broker,
                    to: other,
                });
            }
            self.act(Action::Resume(broker));
            self.act(Action::Start(broker));
        }
    }

    /// All replicas hold the same and are in sync.
    fn assert_agreed(&self, seed: u64) {
        assert_eq!(self.isr(), [1, 2, 3], "seed {seed}");
        let log = self.log(B1);
        for broker in [B1, B2, B3] {
            assert_eq!(self.log(broker), log, "seed {seed}");
        }
        let host = self.world.model.broker(self.leader().expect("a leader"));
        let end = host.log(T0).expect("a replica").log_end_offset();
        assert_eq!(host.high_watermark(T0), Some(end), "seed {seed}");
    }
}

/// Acked messages that no replica has.
fn lost(lab: &Lab) -> Vec<u32> {
    let kept: BTreeSet<u32> = lab.log(B1).into_iter().collect();
    let acked = lab.acked.iter().copied();
    acked.filter(|message| !kept.contains(message)).collect()
}

#[test]
fn acks_all_with_two_in_sync_loses_nothing_while_page_caches_live() {
    let mut acked = 0;
    for seed in 0..SEEDS {
        let lab = survived(seed, Acks::All, Kind::Processes);
        lab.assert_agreed(seed);
        assert_eq!(lost(&lab), [0u32; 0], "seed {seed}");
        acked += lab.acked.len();
    }
    assert!(acked > 3_000, "{acked} acked");
}

#[test]
fn acks_1_loses_something_sooner_or_later() {
    let loses = |seed: &u64| {
        let lab = survived(*seed, Acks::Leader, Kind::Processes);
        lab.assert_agreed(*seed);
        !lost(&lab).is_empty()
    };
    assert!((0..SEEDS).any(|seed| loses(&seed)));
}

#[test]
fn whatever_power_losses_take_the_replicas_agree_in_the_end() {
    let mut cut = 0;
    for seed in 0..SEEDS {
        let lab = survived(seed, Acks::All, Kind::Power);
        lab.assert_agreed(seed);
        cut += lab.count(|e| {
            matches!(
                e,
                Entry::LogCut {
                    why: Cut::PowerLost,
                    ..
                }
            )
        });
    }
    assert!(cut > 0, "no power loss took anything");
}
