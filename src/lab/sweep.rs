//! Experiments drawn by chance: clusters, configs and fault schedules that nobody thought of.
//!
//! The same seed gives the same experiment on every platform. Sweeps print the seed of what they
//! find, so that it can be played again.

use super::experiment::{Experiment, TOPIC};
use crate::kafka::config::Owner::{Application, Broker, Consumer, Producer, Topic};
use crate::kafka::{Action, TopicPartition};
use crate::sim::{Luck, MS, Micros, NodeId, Stream};

/// Faults happen from here on, in microseconds.
const FIRST_FAULT_US: Micros = 300 * MS;
/// Faults happen up to here.
const LAST_FAULT_US: Micros = 20_000 * MS;
/// The end of the run: late enough for a fenced leader's successor and a restart.
const HORIZON_MS: u64 = 40_000;
/// No more faults than this.
const MOST_FAULTS: u64 = 6;

/// The experiment of `seed`.
pub fn by_chance(seed: u64) -> Experiment {
    let mut luck = Luck::new(seed).stream("experiment", 0);
    let brokers = 1 + luck.below(4) as u8;
    let mut experiment = Experiment::brokers(brokers).until_ms(HORIZON_MS);
    experiment.seed = seed;
    experiment.topology.partitions = 1 + luck.below(3) as u16;
    experiment.topology.replication_factor = 1 + luck.below(u64::from(brokers.min(3))) as u8;
    experiment.topology.consumers = 1 + luck.below(2) as u8;
    let mut quorum = Luck::new(seed).stream("controllers", 0);
    if quorum.below(3) == 0 {
        experiment.topology.controllers = 3;
    }
    let configured = configs(experiment, &mut luck);
    let configured = with_group(configured, &mut Luck::new(seed).stream("groups", 0));
    let faults = luck.below(MOST_FAULTS + 1);
    let with_faults = (0..faults).fold(configured, |experiment, _| {
        with_fault(experiment, &mut luck, &mut quorum)
    });
    with_moves(with_faults, &mut Luck::new(seed).stream("moves", 0))
}

/// Half of the groups are assigned to by their coordinator; some consumers read from their own rack.
fn with_group(mut experiment: Experiment, luck: &mut Stream) -> Experiment {
    if luck.below(2) == 0 {
        experiment = experiment.with(Consumer, "group.protocol", "consumer");
    }
    if luck.below(4) == 0 {
        let selector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
        experiment = experiment
            .with(Broker, "replica.selector.class", selector)
            .with(Broker, "broker.rack", "a,b,c")
            .with(Consumer, "client.rack", "b");
    }
    experiment
}

/// Sometimes a partition moves to other brokers, or partitions are added.
fn with_moves(mut experiment: Experiment, luck: &mut Stream) -> Experiment {
    let brokers = experiment.topology.brokers;
    if luck.below(4) == 0 {
        let count = u64::from(experiment.topology.partitions);
        let partition = TopicPartition::new(TOPIC, luck.below(count) as u16);
        let first = luck.below(u64::from(brokers)) as u8;
        let factor = 1 + luck.below(u64::from(brokers.min(3))) as u8;
        let replicas = (0..factor).map(|nth| NodeId(1 + (first + nth) % brokers));
        let moves = Action::Reassign {
            partition,
            replicas: replicas.collect(),
        };
        let at_us = FIRST_FAULT_US + luck.below(LAST_FAULT_US - FIRST_FAULT_US);
        experiment = experiment.at_us(at_us, moves);
    }
    if luck.below(6) == 0 {
        let more = Action::CreatePartitions {
            topic: TOPIC,
            count: experiment.topology.partitions + 1,
            assignment: Vec::new(),
        };
        let at_us = FIRST_FAULT_US + luck.below(LAST_FAULT_US - FIRST_FAULT_US);
        experiment = experiment.at_us(at_us, more);
    }
    experiment
}

fn configs(mut experiment: Experiment, luck: &mut Stream) -> Experiment {
    let choices: [(_, &str, &[&str]); 13] = [
        (Producer, "acks", &["0", "1", "all", "all"]),
        (Producer, "enable.idempotence", &["", "", "false"]),
        (Producer, "linger.ms", &["0", "5", "50"]),
        (Producer, "retries", &["", "", "0", "3"]),
        (Producer, "delivery.timeout.ms", &["", "", "31000"]),
        (Topic, "min.insync.replicas", &["1", "2"]),
        (
            Topic,
            "unclean.leader.election.enable",
            &["false", "false", "true"],
        ),
        (Topic, "flush.messages", &["", "", "1"]),
        (Consumer, "auto.offset.reset", &["earliest", "latest"]),
        (Consumer, "enable.auto.commit", &["true", "false"]),
        (
            Application,
            "commit.mode",
            &["auto", "sync-after", "async-after", "before"],
        ),
        (Application, "send.mode", &["callback", "forget", "sync"]),
        (Application, "send.rate", &["5", "20", "50"]),
    ];
    for (owner, name, values) in choices {
        let value = values[luck.below(values.len() as u64) as usize];
        if !value.is_empty() {
            experiment = experiment.with(owner, name, value);
        }
    }
    experiment.with(Application, "send.count", "200")
}

/// One more fault, and in most cases its repair some time later.
fn with_fault(experiment: Experiment, luck: &mut Stream, quorum: &mut Stream) -> Experiment {
    let at_us = FIRST_FAULT_US + luck.below(LAST_FAULT_US - FIRST_FAULT_US);
    let later_us = at_us + 100 * MS + luck.below(15_000 * MS);
    let brokers = u64::from(experiment.topology.brokers);
    let broker = NodeId(1 + luck.below(brokers) as u8);
    let other = NodeId(1 + luck.below(brokers) as u8);
    let clients = u64::from(experiment.topology.producers + experiment.topology.consumers);
    let client = NodeId(experiment.producer_node(0).0 + luck.below(clients) as u8);
    let first = experiment.controller_node().0;
    let controllers = u64::from(experiment.topology.controllers);
    let controller = NodeId(first + quorum.below(controllers) as u8);
    let (fault, repair) = match luck.below(12) {
        0 | 1 => (Action::Kill(broker), Action::Start(broker)),
        2 | 3 => (Action::PowerOff(broker), Action::Start(broker)),
        4 => (Action::Pause(broker), Action::Resume(broker)),
        5 => (Action::Stop(broker), Action::Start(broker)),
        6 if broker != other => (
            Action::CutLink {
                from: broker,
                to: other,
                both: luck.below(2) == 0,
            },
            Action::HealLink {
                from: broker,
                to: other,
            },
        ),
        7 => (
            Action::CutLink {
                from: broker,
                to: controller,
                both: true,
            },
            Action::HealLink {
                from: broker,
                to: controller,
            },
        ),
        8 => (
            Action::CutLink {
                from: client,
                to: broker,
                both: true,
            },
            Action::HealLink {
                from: client,
                to: broker,
            },
        ),
        9 => (Action::Kill(client), Action::Start(client)),
        10 => (Action::Kill(controller), Action::Start(controller)),
        _ => (
            Action::SlowDisk { broker, times: 20 },
            Action::SlowDisk { broker, times: 1 },
        ),
    };
    let experiment = experiment.at_us(at_us, fault);
    if luck.below(5) == 0 {
        experiment
    } else {
        experiment.at_us(later_us, repair)
    }
}
