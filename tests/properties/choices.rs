//! The configs that a plan draws.

use crate::plan::{Mode, Work};
use acklab::kafka::config::Owner::{
    self, Application, Broker, Consumer, Environment, Producer, Topic,
};
use proptest::prelude::*;
use proptest::sample::select;

/// Whose, which, and its value.
pub type Setting = (Owner, &'static str, &'static str);

/// The values that a config may have, each as likely; an empty one leaves it unset.
type Choice = (Owner, &'static str, &'static [&'static str]);

/// Clocks that make seconds of what is minutes by default, so that much happens in a short run.
const CLOCKS: [Choice; 17] = [
    (Environment, "link.delay.us", &["250", "250", "15000"]),
    (Broker, "broker.session.timeout.ms", &["2000", "4000"]),
    (Broker, "broker.heartbeat.interval.ms", &["500", "300"]),
    (Broker, "replica.lag.time.max.ms", &["2000", "1000", "5000"]),
    (Broker, "replica.fetch.wait.max.ms", &["500", "100"]),
    (Broker, "replica.fetch.backoff.ms", &["200", "1000"]),
    (
        Broker,
        "controller.quorum.election.timeout.ms",
        &["1000", "100"],
    ),
    (
        Broker,
        "controller.quorum.fetch.timeout.ms",
        &["2000", "700"],
    ),
    (Broker, "group.initial.rebalance.delay.ms", &["0"]),
    (
        Broker,
        "group.consumer.min.heartbeat.interval.ms",
        &["1000"],
    ),
    (Broker, "group.consumer.min.session.timeout.ms", &["6000"]),
    (Broker, "group.consumer.heartbeat.interval.ms", &["1000"]),
    (Broker, "group.consumer.session.timeout.ms", &["6000"]),
    (Environment, "broker.startup.ms", &["300", "1500"]),
    (Producer, "request.timeout.ms", &["2000", "700", "5000"]),
    (Producer, "delivery.timeout.ms", &["20000", "8000"]),
    (Consumer, "auto.commit.interval.ms", &["500", "100", "3000"]),
];

/// What may differ without any claim being touched.
const HARMLESS: [Choice; 12] = [
    (Producer, "linger.ms", &["5", "0", "50"]),
    (
        Producer,
        "max.in.flight.requests.per.connection",
        &["5", "1"],
    ),
    (Producer, "retry.backoff.ms", &["100", "10"]),
    (Topic, "flush.messages", &["", "", "1"]),
    (Consumer, "auto.offset.reset", &["earliest", "latest"]),
    (Consumer, "max.poll.records", &["500", "3"]),
    (Application, "handler.time.ms", &["5", "1", "40"]),
    (Application, "send.rate", &["20", "5", "60"]),
    (Application, "send.count", &["120"]),
    (Environment, "os.writeback.age.ms", &["30000", "1000"]),
    (
        Environment,
        "power.loss.closes.connections",
        &["false", "true"],
    ),
    (Environment, "power.loss.tears.tail", &["false", "true"]),
];

/// Members of a group of either protocol.
const CLASSIC: [Choice; 3] = [
    (Consumer, "group.protocol", &["classic"]),
    (Consumer, "session.timeout.ms", &["6000", ""]),
    (
        Consumer,
        "partition.assignment.strategy",
        &["", "cooperative-sticky", "roundrobin"],
    ),
];
const ASSIGNED_BY_BROKERS: [Choice; 1] = [(Consumer, "group.protocol", &["consumer"])];

/// Who commits offsets.
const COMMITS: Choice = (
    Application,
    "commit.mode",
    &["auto", "auto", "sync-after", "async-after"],
);

const ISOLATION: Choice = (
    Consumer,
    "isolation.level",
    &["read_committed", "read_committed", "read_uncommitted"],
);

/// Of producers that put messages into transactions.
const TRANSACTIONS: [Choice; 4] = [
    (Producer, "transactional.id", &["orders"]),
    (Application, "transaction.size", &["5", "1", "20"]),
    (Application, "transaction.abort.every", &["0", "3"]),
    (Application, "resend.on.failure", &["false", "true"]),
];

const TRANSACTION_TIMEOUT: Choice = (
    Producer,
    "transaction.timeout.ms",
    &["10000", "3000", "60000"],
);

/// Of applications that read, process and write.
const TRANSFORM: [Choice; 1] = [(Application, "commit.mode", &["transaction"])];

/// Of a shop with an outbox, and of those who read from it.
const SHOP: [Choice; 13] = [
    (Application, "order.store", &["outbox"]),
    (Application, "order.step.ms", &["20", "200"]),
    (Application, "relay.interval.ms", &["1000", "200"]),
    (Application, "relay.batch", &["50", "10"]),
    (Application, "relay.tries", &["2", "1", "0"]),
    (Application, "outbox.alarm.ms", &["3000", "1000"]),
    (Application, "desk.after.ms", &["2000", "500"]),
    (Application, "direct.call", &["false", "false", "true"]),
    (Application, "direct.after.ms", &["2000", "500"]),
    (Application, "handler.idempotent", &["true", "false"]),
    (Application, "handler.on.error", &["dead-letter"]),
    (Application, "record.poison.every", &["0", "25"]),
    (Application, "handler.threads", &["1", "4"]),
];

/// What makes acks=all safe.
const SAFE: [Choice; 4] = [
    (Broker, "min.insync.replicas", &["2", "1"]),
    (Producer, "acks", &["all"]),
    (Topic, "min.insync.replicas", &["2"]),
    (Broker, "eligible.leader.replicas.version", &["1", "0"]),
];

/// What may make it unsafe.
const ANY: [Choice; 3] = [
    (Topic, "min.insync.replicas", &["1", "2", "3"]),
    (Topic, "unclean.leader.election.enable", &["false", "true"]),
    (Broker, "eligible.leader.replicas.version", &["1", "0"]),
];

/// What makes a producer unsafe, which one with transactions cannot be.
const ANY_PRODUCER: [Choice; 4] = [
    (Producer, "acks", &["all", "1", "0"]),
    (Producer, "enable.idempotence", &["", "false"]),
    (Producer, "retries", &["", "0", "3"]),
    (Application, "send.mode", &["callback", "forget", "sync"]),
];

/// The configs of a plan.
pub fn configs(mode: Mode, work: Work) -> BoxedStrategy<Vec<Setting>> {
    any::<bool>()
        .prop_flat_map(move |classic| {
            let each = choices(mode, work, classic).into_iter().map(setting);
            each.collect::<Vec<_>>()
        })
        .prop_map(|all| {
            let set = all.into_iter().filter(|(.., value)| !value.is_empty());
            set.collect()
        })
        .boxed()
}

fn choices(mode: Mode, work: Work, classic: bool) -> Vec<Choice> {
    let mut choices: Vec<Choice> = CLOCKS.into_iter().chain(HARMLESS).collect();
    choices.extend_from_slice(if classic {
        &CLASSIC
    } else {
        &ASSIGNED_BY_BROKERS
    });
    match work {
        Work::Plain => choices.push(COMMITS),
        Work::Transactions => {
            choices.extend(TRANSACTIONS);
            choices.extend([COMMITS, ISOLATION, TRANSACTION_TIMEOUT]);
        }
        Work::Shop => {
            choices.extend(SHOP);
            choices.push(COMMITS);
        }
        Work::Transform => {
            choices.extend(TRANSFORM);
            choices.extend([ISOLATION, TRANSACTION_TIMEOUT]);
        }
    }
    match mode {
        Mode::Anything => {
            choices.extend(ANY);
            if work == Work::Plain {
                choices.extend(ANY_PRODUCER);
            }
        }
        _ => choices.extend(SAFE),
    }
    if mode == Mode::OneMachine {
        // Without ELR one machine alone can lose what only it has.
        choices.pop();
    }
    choices
}

fn setting((owner, name, values): Choice) -> BoxedStrategy<Setting> {
    let value = if values.len() == 1 {
        Just(values[0]).boxed()
    } else {
        select(values).boxed()
    };
    value.prop_map(move |value| (owner, name, value)).boxed()
}
