//! What a sweep draws: a cluster, its configs, and who breaks when. Everything here shrinks.

use acklab::kafka::config::Owner::{
    self, Application, Broker, Consumer, Environment, Producer, Topic,
};
use acklab::lab::experiment::Experiment;
use proptest::prelude::*;
use proptest::sample::select;

/// What kind of trouble there is, and so what is claimed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// One broker at a time; the next fault waits until every ISR is whole again.
    OneAtATime,
    /// With ELR: one machine fails in any way and as often as it likes; the others' processes live, though
    /// they stand still, are cut off or stop in order.
    OneMachine,
    /// Any brokers at once, but machines keep their power and disks: processes and links.
    Processes,
    /// Any brokers at once, power included: even acks=all can lose.
    Together,
    /// As `Together`, with any configs.
    Anything,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 5] = [
        Mode::OneAtATime,
        Mode::OneMachine,
        Mode::Processes,
        Mode::Together,
        Mode::Anything,
    ];

    /// Each kind has its turn.
    pub fn of(seed: u64) -> Mode {
        Mode::ALL[(seed % 5) as usize]
    }

    /// Whether nothing that was acked or committed may be lost.
    pub fn keeps(self) -> bool {
        matches!(self, Mode::OneAtATime | Mode::OneMachine | Mode::Processes)
    }
}

/// What happens to a broker, or around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Kill,
    Pause,
    Stop,
    /// From one other broker.
    CutPeer {
        other: u8,
        both: bool,
    },
    CutPeers,
    CutController {
        both: bool,
    },
    CutClients,
    /// From everybody.
    Isolate,
    SlowDisk,
    KillController,
    KillProducer,
    KillConsumer,
    PauseConsumer,
    PowerOff,
    FullDisk,
    /// Power is lost, and the disk is replaced before it comes back.
    NewDisk {
        keep_identity: bool,
    },
}

/// One fault and its repair.
#[derive(Clone, Debug)]
pub struct Step {
    /// After the step before, or after all is whole again.
    pub gap_ms: u64,
    /// Counted round the brokers.
    pub broker: u8,
    pub fault: Fault,
    pub hold_ms: u64,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: Mode,
    /// Where the world's randomness comes from.
    pub luck: u64,
    pub brokers: u8,
    pub replicas: u8,
    pub partitions: u16,
    pub configs: Vec<(Owner, &'static str, &'static str)>,
    pub steps: Vec<Step>,
}

type Choice = (Owner, &'static str, &'static [&'static str]);

/// Clocks that make seconds of what is minutes by default, so that much happens in a short run.
const CLOCKS: [Choice; 11] = [
    (Environment, "link.delay.us", &["250", "250", "15000"]),
    (Broker, "broker.session.timeout.ms", &["2000", "4000"]),
    (Broker, "broker.heartbeat.interval.ms", &["500", "300"]),
    (Broker, "replica.lag.time.max.ms", &["2000", "1000", "5000"]),
    (Broker, "replica.fetch.wait.max.ms", &["500", "100"]),
    (Broker, "replica.fetch.backoff.ms", &["200", "1000"]),
    (Broker, "group.initial.rebalance.delay.ms", &["0"]),
    (Environment, "broker.startup.ms", &["300", "1500"]),
    (Producer, "request.timeout.ms", &["2000", "700", "5000"]),
    (Producer, "delivery.timeout.ms", &["20000", "8000"]),
    (Consumer, "auto.commit.interval.ms", &["500", "100", "3000"]),
];

/// What may differ without any claim being touched.
const HARMLESS: [Choice; 13] = [
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
    (
        Application,
        "commit.mode",
        &["auto", "auto", "sync-after", "async-after"],
    ),
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

/// What makes acks=all safe.
const SAFE: [Choice; 4] = [
    (Broker, "min.insync.replicas", &["2", "1"]),
    (Producer, "acks", &["all"]),
    (Topic, "min.insync.replicas", &["2"]),
    (Broker, "eligible.leader.replicas.version", &["1", "0"]),
];

/// What may make it unsafe.
const ANY: [Choice; 7] = [
    (Producer, "acks", &["all", "1", "0"]),
    (Producer, "enable.idempotence", &["", "false"]),
    (Producer, "retries", &["", "0", "3"]),
    (Topic, "min.insync.replicas", &["1", "2", "3"]),
    (Topic, "unclean.leader.election.enable", &["false", "true"]),
    (Broker, "eligible.leader.replicas.version", &["1", "0"]),
    (Application, "send.mode", &["callback", "forget", "sync"]),
];

/// The plans of a mode.
pub fn plans(mode: Mode) -> BoxedStrategy<Plan> {
    let brokers = match mode {
        Mode::Anything => 1..=4u8,
        _ => 3..=4u8,
    };
    let steps = match mode {
        Mode::OneAtATime => 1..=4usize,
        _ => 1..=7usize,
    };
    let replicas = if mode == Mode::Anything {
        1..=4u8
    } else {
        3..=4u8
    };
    let cluster = (any::<u16>(), brokers, replicas, 1..=2u16, configs(mode));
    (cluster, prop::collection::vec(step(mode), steps))
        .prop_map(
            move |((luck, brokers, replicas, partitions, configs), steps)| Plan {
                mode,
                luck: luck.into(),
                brokers,
                replicas: replicas.min(brokers),
                partitions,
                configs,
                steps,
            },
        )
        .boxed()
}

fn configs(mode: Mode) -> BoxedStrategy<Vec<(Owner, &'static str, &'static str)>> {
    let mut choices: Vec<Choice> = CLOCKS.into_iter().chain(HARMLESS).collect();
    match mode {
        Mode::Anything => choices.extend(ANY),
        _ => choices.extend(SAFE),
    }
    if mode == Mode::OneMachine {
        // Without ELR one machine alone can lose what only it has.
        choices.pop();
    }
    let each = choices.into_iter().map(|(owner, name, values)| {
        let value = if values.len() == 1 {
            Just(values[0]).boxed()
        } else {
            select(values).boxed()
        };
        value.prop_map(move |value| (owner, name, value)).boxed()
    });
    let each: Vec<_> = each.collect();
    each.prop_map(|all| {
        all.into_iter()
            .filter(|(.., value)| !value.is_empty())
            .collect()
    })
    .boxed()
}

fn step(mode: Mode) -> BoxedStrategy<Step> {
    let gap_ms = match mode {
        Mode::OneAtATime => 0..1_500u64,
        _ => 0..4_000u64,
    };
    (gap_ms, blow(mode), 1..7_000u64)
        .prop_map(|(gap_ms, (broker, fault), hold_ms)| Step {
            gap_ms,
            broker,
            fault,
            hold_ms,
        })
        .boxed()
}

/// A fault and whom it hits.
fn blow(mode: Mode) -> BoxedStrategy<(u8, Fault)> {
    let orderly = || {
        prop_oneof![
            3 => Just(Fault::Pause),
            2 => Just(Fault::Stop),
            2 => (0..3u8, any::<bool>()).prop_map(|(other, both)| Fault::CutPeer { other, both }),
            2 => Just(Fault::CutPeers),
            2 => any::<bool>().prop_map(|both| Fault::CutController { both }),
            1 => Just(Fault::CutClients),
            2 => Just(Fault::Isolate),
            1 => Just(Fault::SlowDisk),
            1 => Just(Fault::KillController),
            1 => Just(Fault::KillProducer),
            1 => Just(Fault::KillConsumer),
            1 => Just(Fault::PauseConsumer),
        ]
    };
    let machine = || {
        prop_oneof![
            5 => Just(Fault::PowerOff),
            1 => Just(Fault::FullDisk),
            1 => any::<bool>().prop_map(|keep_identity| Fault::NewDisk { keep_identity }),
        ]
    };
    let processes = || prop_oneof![1 => Just(Fault::Kill), 4 => orderly()];
    let anybody = 0..4u8;
    match mode {
        Mode::Processes => (anybody, processes()).boxed(),
        Mode::OneMachine => prop_oneof![
            2 => (anybody, orderly()),
            1 => (Just(0), Just(Fault::Kill)),
            2 => (Just(0), machine()),
        ]
        .boxed(),
        _ => (anybody, prop_oneof![2 => processes(), 1 => machine()]).boxed(),
    }
}

impl Plan {
    /// The experiment without its actions: those depend on how it goes.
    pub fn experiment(&self) -> Experiment {
        let mut experiment = Experiment::brokers(self.brokers).until_ms(3_000_000);
        experiment.seed = self.luck;
        experiment.topology.replication_factor = self.replicas;
        experiment.topology.partitions = self.partitions;
        let configs = self.configs.iter();
        configs.fold(experiment, |experiment, (owner, name, value)| {
            experiment.with(*owner, name, value)
        })
    }
}
