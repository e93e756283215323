//! Trouble drawn by chance, of every kind that the model knows: what explanations are tried on.
//!
//! [`super::sweep::by_chance`] draws the cluster and its first faults; on top of these come, by turns, transactions,
//! retention, handlers that fail, senders that give up, disks, slow links, operators, shops with a database, and the rule
//! of truncation that is history.

use super::experiment::{Experiment, TOPIC, Timed};
use super::sweep::by_chance;
use crate::kafka::config::Owner::{
    self, Application, Broker, Consumer, Environment, Producer, Topic,
};
use crate::kafka::config::Severity;
use crate::kafka::{Action, TopicPartition};
use crate::sim::{Luck, MS, Micros, NodeId, Stream};

type Choice = (Owner, &'static str, &'static [&'static str]);

const TRANSACTIONS: [Choice; 7] = [
    (Producer, "transactional.id", &["orders"]),
    (Producer, "acks", &["all"]),
    (Producer, "enable.idempotence", &["true"]),
    (Producer, "transaction.timeout.ms", &["60000", "5000"]),
    (
        Consumer,
        "isolation.level",
        &["read_committed", "read_uncommitted"],
    ),
    (Application, "transaction.abort.every", &["0", "0", "3"]),
    (Application, "transaction.size", &["5", "40"]),
];

const RETENTION: [Choice; 9] = [
    (Topic, "segment.ms", &["1000"]),
    (Topic, "retention.ms", &["2000", "8000"]),
    (Broker, "log.initial.task.delay.ms", &["1000"]),
    (Broker, "log.retention.check.interval.ms", &["1000"]),
    (Consumer, "max.poll.records", &["5", "500"]),
    (Consumer, "max.partition.fetch.bytes", &["1000", "1048576"]),
    (Application, "handler.time.ms", &["5", "300"]),
    (Consumer, "auto.offset.reset", &["earliest", "latest"]),
    (Application, "send.rate", &["20"]),
];

const HANDLERS: [Choice; 8] = [
    (Consumer, "auto.offset.reset", &["earliest"]),
    (Consumer, "auto.commit.interval.ms", &["100", "5000"]),
    (Consumer, "max.poll.records", &["500", "20"]),
    (Consumer, "max.poll.interval.ms", &["300000", "4000"]),
    (Application, "handler.time.ms", &["5", "100", "400"]),
    (Application, "handler.threads", &["1", "4"]),
    (Application, "handler.handoff", &["false", "true"]),
    (Application, "handler.on.error", &["crash", "skip", "close"]),
];

const SENDERS: [Choice; 9] = [
    (Application, "record.size.bytes", &["200", "200", "2000000"]),
    (Producer, "max.request.size", &["1048576", "5000000"]),
    (Producer, "retries", &["0", "3", "2147483647"]),
    (Producer, "enable.idempotence", &["false"]),
    (Producer, "request.timeout.ms", &["700", "30000"]),
    (Producer, "delivery.timeout.ms", &["8000", "31000"]),
    (Producer, "max.block.ms", &["60000", "500"]),
    (Producer, "buffer.memory", &["33554432", "40000"]),
    (Application, "resend.on.failure", &["false", "true"]),
];

const SHOPS: [Choice; 13] = [
    (
        Application,
        "order.store",
        &["outbox", "outbox", "row-first", "send-first"],
    ),
    (Application, "order.step.ms", &["2", "200"]),
    (Application, "relay.interval.ms", &["200", "3000"]),
    (Application, "relay.batch", &["1", "50"]),
    (Application, "relay.tries", &["2", "5", "0"]),
    (Application, "outbox.alarm.ms", &["3000", "10000"]),
    (Application, "desk.after.ms", &["0", "0", "5000"]),
    (Application, "direct.call", &["false", "false", "true"]),
    (Application, "handler.idempotent", &["false", "true"]),
    (Application, "send.rate", &["2", "5"]),
    (Producer, "request.timeout.ms", &["1500"]),
    (Producer, "delivery.timeout.ms", &["2000", "31000"]),
    (Producer, "linger.ms", &["0", "5"]),
];

const HISTORY: [Choice; 6] = [
    (Environment, "history.truncation", &["high-watermark"]),
    (Producer, "acks", &["1", "all"]),
    (Topic, "flush.messages", &["9223372036854775807"]),
    (Topic, "min.insync.replicas", &["1"]),
    (Topic, "unclean.leader.election.enable", &["true", "false"]),
    (Application, "send.rate", &["5", "20"]),
];

/// The experiment of `seed`.
pub fn trouble(seed: u64) -> Experiment {
    let mut luck = Luck::new(seed).stream("trouble", 0);
    let experiment = by_chance(seed);
    // Of the last eighth, which was without more trouble, two thirds have some.
    let kind = match luck.below(8) {
        7 => 7 + luck.below(3),
        kind => kind,
    };
    let choices: &[Choice] = match kind {
        0 => &TRANSACTIONS,
        1 => &RETENTION,
        2 => &HANDLERS,
        3 => &SENDERS,
        8 => &SHOPS,
        9 => &HISTORY,
        _ => &[],
    };
    let configured = choices
        .iter()
        .fold(experiment, |experiment, (owner, name, values)| {
            let value = values[luck.below(values.len() as u64) as usize];
            experiment.with(*owner, name, value)
        });
    let configured = as_kafka_takes_it(configured);
    match kind {
        0 | 3 => with_clients(configured, &mut luck),
        1 => with_deletion(configured, &mut luck),
        2 => with_clients(with_handlers(configured, &mut luck), &mut luck),
        4 => with_disks(configured, &mut luck),
        5 => with_links(configured, &mut luck),
        6 => with_operators(configured, &mut luck),
        8 => with_a_shop(configured, &mut luck),
        9 => with_outages(configured, &mut luck),
        _ => configured,
    }
}

/// Without the settings that Kafka refuses.
fn as_kafka_takes_it(mut experiment: Experiment) -> Experiment {
    let (_, problems) = experiment.spec();
    for problem in problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
    {
        experiment.configs.unset(problem.owner, &problem.name);
    }
    experiment
}

fn when(luck: &mut Stream) -> Micros {
    300 * MS + luck.below(15_000 * MS)
}

fn a_client(experiment: &Experiment, luck: &mut Stream) -> NodeId {
    let clients = u64::from(experiment.topology.producers + experiment.topology.consumers);
    NodeId(experiment.producer_node(0).0 + luck.below(clients) as u8)
}

fn a_consumer(experiment: &Experiment, luck: &mut Stream) -> NodeId {
    experiment.consumer_node(luck.below(u64::from(experiment.topology.consumers)) as u8)
}

fn a_broker(experiment: &Experiment, luck: &mut Stream) -> NodeId {
    NodeId(1 + luck.below(u64::from(experiment.topology.brokers)) as u8)
}

fn a_partition(experiment: &Experiment, luck: &mut Stream) -> TopicPartition {
    let count = u64::from(experiment.topology.partitions);
    TopicPartition::new(TOPIC, luck.below(count) as u16)
}

/// A client that dies, stands still, or stops, and goes on.
fn with_clients(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let (client, at_us) = (a_client(&experiment, luck), when(luck));
    let (end, again) = match luck.below(3) {
        0 => (Action::Kill(client), Action::Start(client)),
        1 => (Action::Stop(client), Action::Start(client)),
        _ => (Action::Pause(client), Action::Resume(client)),
    };
    let again_us = at_us + 200 * MS + luck.below(10_000 * MS);
    experiment.at_us(at_us, end).at_us(again_us, again)
}

/// The shop dies between its steps, or the job that empties its outbox, or nothing passes between that and the brokers.
fn with_a_shop(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let mut experiment = with_clients(experiment, luck);
    if luck.below(3) == 0 {
        let (relay, at_us) = (experiment.relay_node(), when(luck));
        let later_us = at_us + 1_000 * MS + luck.below(12_000 * MS);
        for id in 1..=experiment.topology.brokers {
            let (from, to) = (relay, NodeId(id));
            let both = true;
            experiment = experiment
                .at_us(at_us, Action::CutLink { from, to, both })
                .at_us(later_us, Action::HealLink { from, to });
        }
        return experiment;
    }
    let (node, at_us) = match luck.below(3) {
        0 => (experiment.producer_node(0), when(luck)),
        _ => (experiment.relay_node(), when(luck)),
    };
    let again_us = at_us + 200 * MS + luck.below(10_000 * MS);
    experiment
        .at_us(at_us, Action::Kill(node))
        .at_us(again_us, Action::Start(node))
}

/// All machines lose power one after the other, each with another part of the log on its disk, and come back.
fn with_outages(mut experiment: Experiment, luck: &mut Stream) -> Experiment {
    let brokers = experiment.topology.brokers;
    let outage_us = 6_000 * MS + luck.below(3_000 * MS);
    let first_us = outage_us + 1_000 * MS;
    for id in 1..=brokers {
        let written_us = 500 * MS + luck.below(outage_us - 500 * MS);
        let off_us = outage_us + luck.below(20 * MS);
        let on_us = first_us + luck.below(4) * 4_000 * MS;
        experiment = experiment
            .at_us(written_us, Action::OsWriteBack(NodeId(id)))
            .at_us(off_us, Action::PowerOff(NodeId(id)))
            .at_us(on_us, Action::Start(NodeId(id)));
    }
    experiment
}

fn with_handlers(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let (client, at_us) = (a_consumer(&experiment, luck), 4_000 * MS + when(luck));
    let time_ms = 500 + luck.below(4_000);
    let action = match luck.below(3) {
        0 => Action::SlowHandler { client, time_ms },
        _ => Action::Throw(client),
    };
    experiment.at_us(at_us, action)
}

fn with_deletion(experiment: Experiment, luck: &mut Stream) -> Experiment {
    // What a cleaner leaves is not followed through a power cut by the invariants that debug builds watch.
    let is_cut = |timed: &Timed| matches!(timed.action, Action::PowerOff(_));
    let whole = !experiment.actions.iter().any(is_cut);
    let experiment = match luck.below(3) {
        0 if whole => experiment
            .with(Topic, "cleanup.policy", "compact")
            .with(Topic, "min.cleanable.dirty.ratio", "0.01")
            .with(Topic, "delete.retention.ms", "2000")
            .with(Broker, "log.cleaner.backoff.ms", "500")
            .with(Application, "record.keys", "50")
            .with(Application, "record.tombstone.every", "10"),
        _ => experiment,
    };
    let (partition, at_us) = (a_partition(&experiment, luck), when(luck));
    let offset = luck.below(60);
    let experiment = match luck.below(3) {
        0 => experiment.at_us(at_us, Action::DeleteRecords { partition, offset }),
        _ => experiment,
    };
    let (client, at_us) = (a_consumer(&experiment, luck), when(luck));
    let again_us = at_us + 1_000 * MS + luck.below(15_000 * MS);
    experiment
        .at_us(at_us, Action::Pause(client))
        .at_us(again_us, Action::Resume(client))
}

fn with_disks(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let (broker, at_us) = (a_broker(&experiment, luck), when(luck));
    let later_us = at_us + 500 * MS + luck.below(6_000 * MS);
    match luck.below(3) {
        0 => experiment
            .at_us(at_us, Action::FillDisk(broker))
            .at_us(later_us, Action::FreeDisk(broker)),
        1 => experiment.at_us(at_us, Action::FailDisk(broker)),
        _ => {
            let keep_identity = luck.below(2) == 0;
            experiment
                .at_us(at_us, Action::PowerOff(broker))
                .at_us(
                    later_us,
                    Action::WipeDisk {
                        broker,
                        keep_identity,
                    },
                )
                .at_us(later_us, Action::Start(broker))
        }
    }
}

fn with_links(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let (from, at_us) = (a_broker(&experiment, luck), when(luck));
    let last = experiment.consumer_node(experiment.topology.consumers).0;
    let to = NodeId(1 + luck.below(u64::from(last - 1)) as u8);
    if from == to {
        return experiment;
    }
    let later_us = at_us + 500 * MS + luck.below(12_000 * MS);
    let loss_ppm = 200_000 + luck.below(500_000) as u32;
    let extra_us = 200 * MS + luck.below(2_000 * MS);
    let action = match luck.below(3) {
        0 => Action::LossyLink { from, to, loss_ppm },
        1 => Action::SlowLink { from, to, extra_us },
        _ => Action::CutLink {
            from,
            to,
            both: false,
        },
    };
    experiment
        .at_us(at_us, action)
        .at_us(later_us, Action::HealLink { from, to })
}

fn with_operators(experiment: Experiment, luck: &mut Stream) -> Experiment {
    let (partition, at_us) = (a_partition(&experiment, luck), when(luck));
    let min_isr = 1 + luck.below(3) as u32;
    let action = match luck.below(4) {
        0 => Action::ElectLeader {
            partition,
            unclean: false,
        },
        1 => Action::ElectLeader {
            partition,
            unclean: true,
        },
        2 => Action::SetMinIsr {
            topic: TOPIC,
            min_isr,
        },
        _ => Action::Stop(a_broker(&experiment, luck)),
    };
    experiment.at_us(at_us, action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafka_takes_nearly_all_of_these_configs() {
        let refused = |seed: &u64| crate::lab::experiment::refused(&trouble(*seed).spec().1);
        let refused: Vec<u64> = (0..400).filter(refused).collect();
        let first = refused.first().map(|seed| trouble(*seed).spec().1);
        assert!(refused.len() < 40, "{} {first:?}", refused.len());
    }
}
