//! A spell of trouble: one fault, when it begins, and when it is repaired.

use crate::kafka::config::Owner;
use crate::kafka::{Action, TopicPartition};
use crate::lab::experiment::{Experiment, TOPIC, Timed};
use crate::sim::{MS, Micros, NodeId, SECOND, Stream};
use serde::{Deserialize, Serialize};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// kill -9 of a broker.
    Kill,
    /// A broker's machine loses power.
    PowerOff,
    /// A broker stands still.
    Pause,
    /// An orderly stop of a broker.
    Stop,
    /// A broker's disk is lost with its machine; an empty one takes its place.
    NewDisk,
    /// One of a broker's several log directories fails (KIP-112, KIP-858); an empty disk takes its place.
    FailDirectory,
    /// Nothing passes between two brokers.
    CutPeers,
    /// What a broker sends does not reach a client; the other way it does.
    CutAnswers,
    /// Nothing passes between a broker and the controller.
    CutController,
    /// The operator gives leadership back to the preferred leader.
    Elect,
    /// kill -9 of a client.
    KillClient,
    /// A client stands still.
    PauseClient,
    /// kill -9 of the controller.
    KillController,
    /// All brokers' machines lose power at once.
    Blackout,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 14] = [
        Kind::Kill,
        Kind::PowerOff,
        Kind::Pause,
        Kind::Stop,
        Kind::NewDisk,
        Kind::FailDirectory,
        Kind::CutPeers,
        Kind::CutAnswers,
        Kind::CutController,
        Kind::Elect,
        Kind::KillClient,
        Kind::PauseClient,
        Kind::KillController,
        Kind::Blackout,
    ];

    /// A fault of one machine, process or link.
    pub fn is_single(self) -> bool {
        self != Kind::Blackout
    }

    /// What it could be done to in `experiment`: a node, and the other end of a link.
    pub fn targets(self, experiment: &Experiment) -> Vec<(NodeId, Option<NodeId>)> {
        let topology = &experiment.topology;
        let brokers = || (1..=topology.brokers).map(NodeId);
        let clients = || {
            // The job that empties the outbox comes after the others.
            let outbox = experiment.configs.get(Owner::Application, "order.store");
            let relays = u8::from(outbox == Some("outbox"));
            let count = topology.producers + topology.consumers + relays;
            let first = experiment.producer_node(0).0;
            (first..first + count).map(NodeId)
        };
        let controllers = || {
            let first = experiment.controller_node().0;
            (first..first + topology.controllers).map(NodeId)
        };
        let alone = |node| (node, None);
        match self {
            Kind::Kill | Kind::PowerOff | Kind::Pause | Kind::Stop | Kind::NewDisk => {
                brokers().map(alone).collect()
            }
            Kind::FailDirectory if directories(experiment) < 2 => Vec::new(),
            Kind::FailDirectory => brokers().map(alone).collect(),
            Kind::CutPeers => pairs(brokers, brokers)
                .filter(|(a, b)| Some(*a) < *b)
                .collect(),
            Kind::CutAnswers => pairs(brokers, clients).collect(),
            Kind::CutController => pairs(brokers, controllers).collect(),
            Kind::KillClient | Kind::PauseClient => clients().map(alone).collect(),
            Kind::KillController => controllers().map(alone).collect(),
            Kind::Elect | Kind::Blackout => vec![alone(NodeId(1))],
        }
    }
}

/// How many log directories a broker has: one that has a single one stops with it, as with its disk.
fn directories(experiment: &Experiment) -> u8 {
    let named = experiment.configs.get(Owner::Broker, "log.dirs");
    named.map_or(1, |named| named.split(',').count().min(255) as u8) // at most 255
}

fn pairs<A: Iterator<Item = NodeId>, B: Iterator<Item = NodeId>>(
    from: impl Fn() -> A,
    to: impl Fn() -> B,
) -> impl Iterator<Item = (NodeId, Option<NodeId>)> {
    from().flat_map(move |from| to().map(move |to| (from, Some(to))))
}

/// One fault and its repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spell {
    /// What breaks.
    pub kind: Kind,
    /// Where.
    pub node: NodeId,
    /// The other end of a link.
    pub other: Option<NodeId>,
    /// Which of its log directories, by its place in log.dirs.
    #[serde(default, skip_serializing_if = "is_first")]
    pub directory: u8,
    /// When, in microseconds.
    pub at_us: Micros,
    /// How long until it is repaired, in microseconds; `None`: when the run is healed at its end.
    pub lasts_us: Option<Micros>,
}

fn is_first(directory: &u8) -> bool {
    *directory == 0
}

/// How long a spell may last: a moment, a request timeout, a failover, an ISR that shrinks.
const LASTS_MS: [u64; 5] = [400, 2_500, 12_000, 22_000, 50_000];

/// Nothing breaks before everybody is at work.
const FIRST_US: Micros = SECOND;

impl Spell {
    /// A spell by chance, of one of `kinds`, beginning at one of `points` or anywhere before the last of them.
    pub(super) fn draw(
        experiment: &Experiment,
        kinds: &[Kind],
        points: &[Micros],
        luck: &mut Stream,
    ) -> Option<Spell> {
        let kind = *kinds.get(luck.below(kinds.len() as u64) as usize)?;
        let targets = kind.targets(experiment);
        let (node, other) = *targets.get(luck.below(targets.len() as u64) as usize)?;
        let last_us = points.last().copied()?;
        let at_us = match luck.below(2) {
            0 => luck.below(last_us),
            _ => points[luck.below(points.len() as u64) as usize],
        };
        let about_us = LASTS_MS[luck.below(LASTS_MS.len() as u64) as usize] * MS;
        let lasts_us = about_us / 2 + luck.below(about_us);
        let directory = match kind {
            Kind::FailDirectory => luck.below(directories(experiment).into()) as u8, // of at most 255
            _ => 0,
        };
        Some(Spell {
            kind,
            node,
            other,
            directory,
            at_us: at_us.max(FIRST_US),
            lasts_us: Some(lasts_us),
        })
    }

    /// Everything that `kind` can do in `experiment`, at no particular time.
    pub(super) fn all(experiment: &Experiment, kind: Kind) -> Vec<Spell> {
        let places = match kind {
            Kind::FailDirectory => directories(experiment),
            _ => 1,
        };
        let mut all = Vec::new();
        for (node, other) in kind.targets(experiment) {
            all.extend((0..places).map(|directory| Spell {
                kind,
                node,
                other,
                directory,
                at_us: 0,
                lasts_us: None,
            }));
        }
        all
    }

    /// When it is over, in microseconds.
    pub fn ends_us(&self) -> Micros {
        self.at_us + self.lasts_us.unwrap_or(0)
    }

    /// Fault and repair, as actions.
    pub fn timed(&self, experiment: &Experiment) -> Vec<Timed> {
        let (faults, repairs) = self.actions(experiment);
        let at = |at_us| {
            move |action| Timed {
                at_us,
                action,
                by_hand: false,
            }
        };
        let faults = faults.into_iter().map(at(self.at_us));
        let repairs = repairs.into_iter().filter(|_| self.lasts_us.is_some());
        faults.chain(repairs.map(at(self.ends_us()))).collect()
    }

    fn actions(&self, experiment: &Experiment) -> (Vec<Action>, Vec<Action>) {
        let node = self.node;
        let (from, to) = (node, self.other.unwrap_or(node));
        let cut = |both| vec![Action::CutLink { from, to, both }];
        let started = vec![Action::Start(node)];
        match self.kind {
            Kind::Kill | Kind::KillClient | Kind::KillController => {
                (vec![Action::Kill(node)], started)
            }
            Kind::PowerOff => (vec![Action::PowerOff(node)], started),
            Kind::Stop => (vec![Action::Stop(node)], started),
            Kind::Pause | Kind::PauseClient => {
                (vec![Action::Pause(node)], vec![Action::Resume(node)])
            }
            Kind::NewDisk => {
                let wiped = Action::WipeDisk {
                    broker: node,
                    keep_identity: false,
                };
                (vec![Action::PowerOff(node), wiped], started)
            }
            Kind::FailDirectory => {
                let fails = Action::FailDirectory {
                    broker: node,
                    directory: self.directory,
                };
                // A broker that lives on with its other directories has to end before the failed disk is replaced.
                let replaced = Action::WipeDisk {
                    broker: node,
                    keep_identity: false,
                };
                let repairs = vec![Action::Kill(node), replaced, Action::Start(node)];
                (vec![fails], repairs)
            }
            Kind::CutAnswers => (cut(false), vec![Action::HealLink { from, to }]),
            Kind::CutPeers | Kind::CutController => {
                (cut(true), vec![Action::HealLink { from, to }])
            }
            Kind::Elect => {
                let partition = TopicPartition::new(TOPIC, 0);
                let elect = Action::ElectLeader {
                    partition,
                    unclean: false,
                };
                (vec![elect], Vec::new())
            }
            Kind::Blackout => {
                let brokers = || (1..=experiment.topology.brokers).map(NodeId);
                let off = brokers().map(Action::PowerOff);
                (off.collect(), brokers().map(Action::Start).collect())
            }
        }
    }
}

/// `experiment` with these spells and nothing else done to it, long enough to see what comes of them.
pub fn with(experiment: &Experiment, spells: &[Spell]) -> Experiment {
    let mut played = experiment.clone();
    played.actions.clear();
    for timed in spells.iter().flat_map(|spell| spell.timed(experiment)) {
        played = played.at_us(timed.at_us, timed.action);
    }
    let last_us = spells.iter().map(Spell::ends_us).max().unwrap_or(0);
    played.horizon_us = played.horizon_us.max(last_us + 12 * SECOND);
    played
}
