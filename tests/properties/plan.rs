//! What a sweep draws: a cluster, its configs, and who breaks when. Everything here shrinks.

use crate::choices::{self, Setting};
use acklab::kafka::config::Owner;
use acklab::lab::experiment::Experiment;
use proptest::prelude::*;

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
    /// From one controller, or from all.
    CutController {
        which: u8,
        both: bool,
    },
    CutClients,
    /// From everybody.
    Isolate,
    SlowDisk,
    KillController(u8),
    PowerOffController(u8),
    StopController(u8),
    PauseController(u8),
    /// From the other controllers.
    CutVoter {
        which: u8,
        both: bool,
    },
    KillProducer,
    PauseProducer,
    KillConsumer(u8),
    StopConsumer(u8),
    PauseConsumer(u8),
    KillRelay,
    PauseRelay,
    /// Somebody presses the desk's button, twice.
    PressDesk,
    PowerOff,
    /// Of several disks one fails, and an empty one takes its place.
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

/// What the applications do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// One sends, others process.
    Plain,
    /// What is sent is put into transactions, some of which are aborted.
    Transactions,
    /// Others read, process and write: offsets and results in one transaction.
    Transform,
    /// A shop with an outbox, its relay, its desk; what cannot be worked on becomes a dead letter.
    Shop,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: Mode,
    /// Where the world's randomness comes from.
    pub luck: u64,
    pub controllers: u8,
    pub consumers: u8,
    pub brokers: u8,
    pub replicas: u8,
    pub partitions: u16,
    pub configs: Vec<Setting>,
    /// Log directories of each broker.
    pub directories: u8,
    pub steps: Vec<Step>,
}

/// The plans of a mode, without a shop.
pub fn plans(mode: Mode) -> BoxedStrategy<Plan> {
    plans_of(mode, work().boxed(), step(mode, blow(mode)))
}

/// The plans of a mode with a shop.
pub fn shops(mode: Mode) -> BoxedStrategy<Plan> {
    let trouble = prop_oneof![
        3 => blow(mode),
        1 => Just((0, Fault::KillRelay)),
        1 => Just((0, Fault::PauseRelay)),
        1 => Just((0, Fault::KillProducer)),
        1 => Just((0, Fault::PressDesk)),
    ];
    plans_of(mode, Just(Work::Shop).boxed(), step(mode, trouble.boxed()))
}

fn plans_of(
    mode: Mode,
    work: BoxedStrategy<Work>,
    step: BoxedStrategy<Step>,
) -> BoxedStrategy<Plan> {
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
    let kind = (work, prop_oneof![2 => Just(1u8), 1 => Just(3u8)], 1..=2u8);
    let cluster = (any::<u16>(), brokers, replicas, 1..=2u16);
    let drawn = kind.prop_flat_map(move |kind| (Just(kind), choices::configs(mode, kind.0)));
    let directories = prop_oneof![3 => Just(1u8), 1 => Just(2u8)];
    let steps = prop::collection::vec(step, steps);
    (cluster, drawn, steps, directories)
        .prop_map(move |(cluster, (kind, configs), steps, directories)| {
            let (luck, brokers, replicas, partitions) = cluster;
            let (_, controllers, consumers) = kind;
            Plan {
                mode,
                luck: luck.into(),
                controllers,
                consumers,
                brokers,
                replicas: replicas.min(brokers),
                partitions,
                configs,
                directories,
                steps,
            }
        })
        .boxed()
}

fn work() -> impl Strategy<Value = Work> {
    prop_oneof![
        4 => Just(Work::Plain),
        2 => Just(Work::Transactions),
        2 => Just(Work::Transform),
    ]
}

fn step(mode: Mode, blow: BoxedStrategy<(u8, Fault)>) -> BoxedStrategy<Step> {
    let gap_ms = match mode {
        Mode::OneAtATime => 0..1_500u64,
        _ => 0..4_000u64,
    };
    // Longer than sessions of brokers, and sometimes than those of consumers.
    let hold_ms = prop_oneof![5 => 1..7_000u64, 1 => 6_000..15_000u64];
    (gap_ms, blow, hold_ms)
        .prop_map(|(gap_ms, (broker, fault), hold_ms)| Step {
            gap_ms,
            broker,
            fault,
            hold_ms,
        })
        .boxed()
}

fn controller() -> impl Strategy<Value = Fault> {
    (0..3u8, 0..5u8, any::<bool>()).prop_map(|(which, kind, both)| match kind {
        0 => Fault::KillController(which),
        1 => Fault::PowerOffController(which),
        2 => Fault::StopController(which),
        3 => Fault::PauseController(which),
        _ => Fault::CutVoter { which, both },
    })
}

/// A fault and whom it hits.
fn blow(mode: Mode) -> BoxedStrategy<(u8, Fault)> {
    let orderly = || {
        prop_oneof![
            3 => Just(Fault::Pause),
            2 => Just(Fault::Stop),
            2 => (0..3u8, any::<bool>()).prop_map(|(other, both)| Fault::CutPeer { other, both }),
            2 => Just(Fault::CutPeers),
            2 => (0..4u8, any::<bool>())
                .prop_map(|(which, both)| Fault::CutController { which, both }),
            1 => Just(Fault::CutClients),
            2 => Just(Fault::Isolate),
            1 => Just(Fault::SlowDisk),
            1 => Just(Fault::KillProducer),
            1 => Just(Fault::PauseProducer),
            1 => (0..2u8).prop_map(Fault::KillConsumer),
            1 => (0..2u8).prop_map(Fault::StopConsumer),
            1 => (0..2u8).prop_map(Fault::PauseConsumer),
            3 => controller(),
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
        experiment.topology.controllers = self.controllers;
        experiment.topology.consumers = self.consumers;
        experiment.topology.replication_factor = self.replicas;
        experiment.topology.partitions = self.partitions;
        if self.directories > 1 {
            experiment = experiment.with(Owner::Broker, "log.dirs", "/data/1,/data/2");
            // Else in the first of them: with that one the broker ends.
            if self.luck.is_multiple_of(2) {
                experiment = experiment.with(Owner::Broker, "metadata.log.dir", "/metadata");
            }
        }
        let configs = self.configs.iter();
        configs.fold(experiment, |experiment, (owner, name, value)| {
            experiment.with(*owner, name, value)
        })
    }
}
