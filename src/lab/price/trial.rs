//! The runs that an alternative is measured by: a calm one, one under full load, the same story, one fault at a time.

use super::Price;
use crate::kafka::config::Owner::Application;
use crate::kafka::{Action, Entry};
use crate::lab::experiment::{Experiment, TOPIC, broker};
use crate::lab::history::History;
use crate::lab::judge::Judgement;
use crate::lab::ledger::{Life, Told};
use crate::lab::run::Run;
use crate::sim::{Micros, NodeId, SECOND};

/// Clients and followers know each other by then.
const WARM_US: Micros = SECOND;
/// Orders a second of the calm run, and how many.
const CALM_RATE: &str = "50";
const CALM_COUNT: &str = "400";
/// By then all of them were handed over.
const CALM_SENT_US: Micros = 9 * SECOND;
/// The calm run goes on for so long at most.
const CALM_END_US: Micros = 20 * SECOND;
/// Orders of a run under full load, all handed over at once.
pub const LOAD_ORDERS: u32 = 5_000;
/// It goes on for so long at most.
const LOAD_END_US: Micros = 6 * SECOND;

/// How many orders are written a second when as many wait as there can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Orders a second.
    pub orders_per_s: u64,
    /// How many were measured.
    pub orders: u64,
    /// How long they took, in microseconds.
    pub took_us: Micros,
    /// Fsyncs for all of them, on all brokers.
    pub fsyncs: u64,
}

/// A fault, alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blow {
    /// kill -9 of the leader.
    Killed,
    /// The leader loses power.
    PowerLost,
    /// The leader's disk is gone.
    DiskGone,
    /// All brokers lose power at once.
    AllPowerLost,
}

impl Blow {
    /// All of them, the mildest first.
    pub const ALL: [Blow; 4] = [
        Blow::Killed,
        Blow::PowerLost,
        Blow::DiskGone,
        Blow::AllPowerLost,
    ];
}

/// A calm run: nobody acts, fifty orders a second.
pub fn calm(experiment: &Experiment) -> Price {
    let mut calm = experiment
        .clone()
        .with(Application, "send.rate", CALM_RATE)
        .with(Application, "send.count", CALM_COUNT);
    calm.actions.clear();
    calm.horizon_us = CALM_END_US;
    let (run, history) = played_until_told(calm, CALM_SENT_US);
    Price::measured_from(WARM_US, run.experiment(), run.journal(), &history)
}

/// As many orders as fit, all at once, and nobody to read them: it is the logs that are asked for.
fn loaded(experiment: &Experiment) -> Experiment {
    let mut loaded = experiment.clone().with(Application, "send.rate", "0");
    loaded.actions.clear();
    loaded.topology.consumers = 0;
    loaded.horizon_us = LOAD_END_US;
    (0..loaded.topology.producers).fold(loaded.clone(), |experiment, place| {
        let burst = Action::Burst {
            client: experiment.producer_node(place),
            messages: LOAD_ORDERS / u32::from(loaded.topology.producers.max(1)),
        };
        experiment.at_us(WARM_US, burst)
    })
}

/// How many orders a second go through.
pub fn load(experiment: &Experiment) -> Load {
    let (run, history) = played_until_told(loaded(experiment), 2 * WARM_US);
    let price = Price::measured(run.experiment(), run.journal(), &history);
    let written = run.journal().entries().iter().rev();
    let last_written = written
        .filter(|stamped| is_written(&stamped.what))
        .map(|stamped| stamped.at)
        .next();
    let lives: Vec<&Life> = history
        .ledger
        .iter()
        .filter(|life| life.told.counts())
        .collect();
    let from_us = lives.iter().map(|life| life.buffered_us).min().unwrap_or(0);
    let told_us = lives.iter().map(|life| life.told_us).max().unwrap_or(0);
    let took_us = told_us
        .max(last_written.unwrap_or(0))
        .saturating_sub(from_us);
    Load {
        orders_per_s: lives.len() as u64 * SECOND / took_us.max(1),
        orders: lives.len() as u64,
        took_us,
        fsyncs: price.fsyncs,
    }
}

/// A leader writes orders.
fn is_written(entry: &Entry) -> bool {
    matches!(entry, Entry::Appended { partition, .. } if partition.topic == TOPIC)
}

/// The same faults at the same moments.
pub(super) fn story(experiment: &Experiment) -> Price {
    Price::of(&Judgement::of(&Run::new(experiment.clone())))
}

/// How many acked orders one fault takes from a run under full load, half of the time through: some are acked by then, and
/// some are on their way.
pub(super) fn blow(experiment: &Experiment, load: &Load, blow: Blow) -> u64 {
    let at_us = WARM_US + load.took_us / 2;
    let (spec, _) = experiment.spec();
    let first = spec
        .topic(TOPIC)
        .assignment
        .first()
        .and_then(|replicas| replicas.first());
    let leader = first.copied().unwrap_or(broker(1));
    let mut struck = loaded(experiment);
    struck.horizon_us = at_us + 20 * SECOND;
    let wiped = |node| Action::WipeDisk {
        broker: node,
        keep_identity: false,
    };
    let struck = match blow {
        Blow::Killed => struck.at_us(at_us, Action::Kill(leader)),
        Blow::PowerLost => struck.at_us(at_us, Action::PowerOff(leader)),
        Blow::DiskGone => struck
            .at_us(at_us, Action::Kill(leader))
            .at_us(at_us, wiped(leader)),
        Blow::AllPowerLost => (1..=experiment.topology.brokers).fold(struck, |struck, id| {
            struck.at_us(at_us, Action::PowerOff(NodeId(id)))
        }),
    };
    Judgement::of(&Run::new(struck)).tally.lost()
}

/// Plays until every order that was handed over has its answer, `from_us` at the earliest, or to the horizon.
fn played_until_told(experiment: Experiment, from_us: Micros) -> (Run, History) {
    let end_us = experiment.horizon_us;
    let mut history = History::new(&experiment);
    let mut run = Run::new(experiment);
    while run.now_us() < end_us {
        run.seek((run.now_us() + SECOND).min(end_us));
        history.follow(run.journal(), run.entries());
        let waits = |life: &Life| life.told == Told::Nothing;
        if run.now_us() >= from_us && !history.ledger.iter().any(waits) {
            break;
        }
    }
    (run, history)
}
