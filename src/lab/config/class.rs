//! Classes of faults, and the schedules that each is tried with.

use crate::kafka::Entry;
use crate::kafka::config::Configs;
use crate::kafka::config::Owner::{Application, Broker};
use crate::lab::experiment::{Experiment, TOPIC};
use crate::lab::hunt::{Ground, Kind, Spell, decisive_points_from, exposed_points};
use crate::lab::text::Text;
use crate::sim::{MS, Micros, NodeId, SECOND, Stamped};

/// What could happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing at all.
    Calm,
    /// kill -9 of one broker.
    Killed,
    /// One broker loses power.
    PowerLost,
    /// One broker is cut off from the others, not from clients.
    CutOff,
    /// One broker is stopped in order, and started again.
    Restarted,
    /// One broker's disk is replaced by an empty one.
    DiskLost,
    /// Two brokers lose power, one after the other.
    TwoBrokers,
    /// All followers stand still and are fenced when the leader loses power; they come back first.
    LastStanding,
    /// All brokers of a rack lose power at once; any two of them where no racks are known.
    Rack,
    /// All brokers lose power at once.
    Outage,
    /// kill -9 of the active controller.
    Controller,
    /// Answers do not reach the producer for a while.
    AckLost,
    /// kill -9 of the producer.
    Producer,
    /// kill -9 of a consumer.
    Consumer,
    /// A consumer leaves its group and comes back.
    Rebalance,
}

impl Class {
    /// All of them, as a table shows them.
    pub const ALL: [Class; 15] = [
        Class::Calm,
        Class::Killed,
        Class::PowerLost,
        Class::CutOff,
        Class::Restarted,
        Class::DiskLost,
        Class::TwoBrokers,
        Class::LastStanding,
        Class::Rack,
        Class::Outage,
        Class::Controller,
        Class::AckLost,
        Class::Producer,
        Class::Consumer,
        Class::Rebalance,
    ];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Class::Calm => "none",
            Class::Killed => "kill",
            Class::PowerLost => "power",
            Class::CutOff => "cut",
            Class::Restarted => "restart",
            Class::DiskLost => "disk",
            Class::TwoBrokers => "two",
            Class::LastStanding => "last",
            Class::Rack => "rack",
            Class::Outage => "outage",
            Class::Controller => "controller",
            Class::AckLost => "ack",
            Class::Producer => "producer",
            Class::Consumer => "consumer",
            Class::Rebalance => "rebalance",
        }
    }

    /// A class by its name.
    pub fn find(word: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.word() == word)
    }

    /// What it is called.
    pub fn title(self) -> Text {
        let (en, zh) = match self {
            Class::Calm => ("no fault at all", "没有任何故障"),
            Class::Killed => ("a broker is killed (kill -9)", "一个 broker 被 kill -9"),
            Class::PowerLost => ("a broker loses power", "一个 broker 断电"),
            Class::CutOff => (
                "a broker is cut off from the others",
                "一个 broker 与其他 broker 断开",
            ),
            Class::Restarted => ("planned restart of a broker", "计划内重启一个 broker"),
            Class::DiskLost => (
                "a broker's disk is replaced by an empty one",
                "一个 broker 换上空盘",
            ),
            Class::TwoBrokers => (
                "two brokers lose power, one after the other",
                "两个 broker 先后断电",
            ),
            Class::LastStanding => (
                "the followers stand still, then the leader loses power",
                "follower 都停顿时 leader 断电",
            ),
            Class::Rack => (
                "a rack loses power: its brokers at once",
                "一个机架断电：其中的 broker 同时断电",
            ),
            Class::Outage => ("all brokers lose power at once", "所有 broker 同时断电"),
            Class::Controller => (
                "the active controller is killed",
                "当前的 controller 被 kill -9",
            ),
            Class::AckLost => (
                "an answer is lost on its way to the producer",
                "发给 producer 的应答在路上丢失",
            ),
            Class::Producer => ("the producer's process dies", "producer 进程被杀"),
            Class::Consumer => ("a consumer's process dies", "consumer 进程被杀"),
            Class::Rebalance => (
                "a consumer leaves and comes back (rebalance)",
                "一个 consumer 离开又回来（再均衡）",
            ),
        };
        Text::fixed(en, zh)
    }

    /// Whether there is something to try in `experiment`.
    pub fn applies(self, experiment: &Experiment, has_consumer: bool) -> bool {
        let brokers = experiment.topology.brokers;
        match self {
            Class::TwoBrokers => brokers > 2,
            Class::Rack => brokers > 2 || racks(experiment).len() > 1,
            Class::LastStanding | Class::CutOff => {
                brokers > 1 && experiment.topology.replication_factor > 1
            }
            Class::Consumer | Class::Rebalance => has_consumer,
            _ => true,
        }
    }

    /// What is played: some classes take longer, or more consumers.
    pub fn stage(self, base: &Experiment) -> Experiment {
        let mut stage = base.clone();
        match self {
            Class::TwoBrokers | Class::LastStanding => {
                stage = stage.with(Application, "send.rate", "5");
                stage.horizon_us = 60 * SECOND;
            }
            Class::Rebalance | Class::Consumer => {
                stage.topology.consumers = 2;
                stage.topology.partitions = stage.topology.partitions.max(2);
            }
            _ => {}
        }
        stage
    }

    /// At most so many schedules, at points of the run without faults: half of them when most is at stake, half spread over
    /// everything that is decided.
    pub fn schedules(self, ground: &Ground, most: usize) -> Vec<Vec<Spell>> {
        if self == Class::Calm {
            return vec![Vec::new()];
        }
        let (stage, calm) = (&ground.experiment, ground.calm().journal());
        let variants = self.variants(stage);
        let each = (most / variants.len().max(1)).max(2);
        let decided = decisive_points_from(calm, SECOND);
        let mut exposed = exposed_points(calm, SECOND, each / 2);
        if self == Class::Restarted {
            aim(&mut exposed, ground);
        }
        let mut all = Vec::new();
        for (nth, variant) in variants.iter().enumerate() {
            let spread = each - exposed.len();
            // Every variant begins elsewhere, so that together they meet more points.
            let place = |step: usize| {
                (step * variants.len() + nth) * decided.len() / (spread * variants.len())
            };
            let spread = (0..spread.min(decided.len())).filter_map(|step| decided.get(place(step)));
            for at_us in exposed.iter().chain(spread) {
                let moved = |spell: &Spell| Spell {
                    at_us: spell.at_us + at_us,
                    ..*spell
                };
                all.push(variant.iter().map(moved).collect());
            }
        }
        all
    }

    /// Whom it hits, for how long, as spells that begin at 0.
    fn variants(self, stage: &Experiment) -> Vec<Vec<Spell>> {
        let brokers: Vec<NodeId> = (1..=stage.topology.brokers).map(NodeId).collect();
        let all = |kind: Kind| {
            let (configs, _) = Configs::build(&stage.configs);
            let lasts = match kind {
                // Answers that are late, and answers that never come.
                Kind::CutAnswers => [
                    SECOND,
                    configs.producer.request_timeout_ms * MS + 5 * SECOND,
                ],
                _ => [SECOND, 15 * SECOND],
            };
            let targets = kind.targets(stage);
            let spells = targets.into_iter().flat_map(move |(node, other)| {
                lasts.map(|lasts_us| {
                    vec![Spell {
                        kind,
                        node,
                        other,
                        directory: 0,
                        at_us: 0,
                        lasts_us: Some(lasts_us),
                    }]
                })
            });
            spells.collect::<Vec<_>>()
        };
        match self {
            Class::Calm => vec![Vec::new()],
            Class::Killed => all(Kind::Kill),
            Class::PowerLost => all(Kind::PowerOff),
            Class::Restarted => all(Kind::Stop),
            Class::DiskLost => all(Kind::NewDisk),
            Class::Controller => all(Kind::KillController),
            Class::Outage => all(Kind::Blackout),
            Class::CutOff => brokers.iter().map(|node| cut_off(stage, *node)).collect(),
            Class::TwoBrokers => pairs(&brokers)
                .map(|(one, other)| two(one, other))
                .collect(),
            Class::Rack => rack(stage, &brokers),
            Class::LastStanding => brokers
                .iter()
                .map(|leader| last_standing(&brokers, *leader))
                .collect(),
            Class::AckLost => {
                let producer = stage.producer_node(0);
                let mut found = all(Kind::CutAnswers);
                found.retain(|spells| spells[0].other == Some(producer)); // each has one
                found
            }
            Class::Producer => of_client(Kind::KillClient, stage.producer_node(0)),
            Class::Consumer => consumers(stage, Kind::KillClient),
            Class::Rebalance => consumers(stage, Kind::Stop),
        }
    }
}

fn spell(kind: Kind, node: NodeId, at_us: Micros, lasts_us: Micros) -> Spell {
    Spell {
        kind,
        node,
        other: None,
        directory: 0,
        at_us,
        lasts_us: Some(lasts_us),
    }
}

/// A stop in good order moves leaders some milliseconds after it begins. What is at stake is written shortly before the
/// broker hears that it leads no more, while the followers have turned away already: the stop begins so much earlier.
fn aim(exposed: &mut [Micros], ground: &Ground) {
    let Some(first_us) = exposed.first().copied() else {
        return;
    };
    let leader = NodeId(1); // the first replica of the first partition
    let mut run = ground.run(&[spell(Kind::Stop, leader, first_us, 15 * SECOND)]);
    run.seek(first_us + 5 * SECOND);
    let entries = run.journal().entries();
    let begins = entries.partition_point(|stamped| stamped.at < first_us);
    let moves = |stamped: &&Stamped<Entry>| match &stamped.what {
        Entry::BecameLeader { partition, .. } => partition.topic == TOPIC,
        _ => false,
    };
    let Some(moved) = entries[begins..].iter().find(moves) else {
        return;
    };
    let after_us = moved.at - first_us;
    for (nth, at_us) in exposed.iter_mut().enumerate() {
        // The record is written about when the next leader begins, a little before or after it.
        let early_us = (nth as u64 % 5) * MS / 4;
        *at_us = (*at_us + MS / 2).saturating_sub(after_us + early_us);
    }
}

fn of_client(kind: Kind, node: NodeId) -> Vec<Vec<Spell>> {
    vec![vec![spell(kind, node, 0, 2 * SECOND)]]
}

fn consumers(stage: &Experiment, kind: Kind) -> Vec<Vec<Spell>> {
    let places = 0..stage.topology.consumers;
    places
        .flat_map(|place| of_client(kind, stage.consumer_node(place)))
        .collect()
}

/// Nothing passes between a broker and the others, the controllers included; long enough to be replaced.
fn cut_off(stage: &Experiment, node: NodeId) -> Vec<Spell> {
    let touches = |kind: Kind| {
        let targets = kind.targets(stage).into_iter();
        let mine = targets.filter(move |(a, b)| *a == node || *b == Some(node));
        mine.map(move |(a, other)| Spell {
            kind,
            node: a,
            other,
            directory: 0,
            at_us: 0,
            lasts_us: Some(15 * SECOND),
        })
    };
    touches(Kind::CutPeers)
        .chain(touches(Kind::CutController))
        .collect()
}

fn pairs(brokers: &[NodeId]) -> impl Iterator<Item = (NodeId, NodeId)> {
    let all = brokers
        .iter()
        .flat_map(move |one| brokers.iter().map(move |other| (*one, *other)));
    all.filter(|(one, other)| one != other)
}

/// The second goes while the first is away and fenced; the first comes back before it.
fn two(one: NodeId, other: NodeId) -> Vec<Spell> {
    vec![
        spell(Kind::PowerOff, one, 0, 15 * SECOND),
        spell(Kind::PowerOff, other, 12 * SECOND, 12 * SECOND),
    ]
}

/// All brokers of a rack at once. Where no racks are known: each two.
fn rack(stage: &Experiment, brokers: &[NodeId]) -> Vec<Vec<Spell>> {
    let off = |node: &NodeId| spell(Kind::PowerOff, *node, 0, 15 * SECOND);
    let racks = racks(stage);
    if !racks.is_empty() {
        let together = |(_, nodes): &(String, Vec<NodeId>)| nodes.iter().map(off).collect();
        return racks.iter().map(together).collect();
    }
    let both = pairs(brokers).filter(|(one, other)| one < other);
    both.map(|(one, other)| vec![off(&one), off(&other)])
        .collect()
}

/// Every rack that `broker.rack` names, with its brokers.
pub fn racks(experiment: &Experiment) -> Vec<(String, Vec<NodeId>)> {
    let Some(named) = experiment.configs.get(Broker, "broker.rack") else {
        return Vec::new();
    };
    let names: Vec<&str> = named.split(',').map(str::trim).collect();
    let mut racks: Vec<(String, Vec<NodeId>)> = Vec::new();
    for broker in 1..=experiment.topology.brokers {
        let name = names[usize::from(broker - 1) % names.len()]; // split gives one at least
        match racks.iter_mut().find(|(known, _)| known == name) {
            Some((_, nodes)) => nodes.push(NodeId(broker)),
            None => racks.push((name.to_string(), vec![NodeId(broker)])),
        }
    }
    racks
}

/// All but one stand still until they are fenced, then that one loses power, and comes back last.
fn last_standing(brokers: &[NodeId], leader: NodeId) -> Vec<Spell> {
    let followers = brokers.iter().filter(|node| **node != leader);
    let mut all: Vec<Spell> = followers
        .map(|node| spell(Kind::Pause, *node, 0, 15 * SECOND))
        .collect();
    all.push(spell(Kind::PowerOff, leader, 13 * SECOND, 20 * SECOND));
    all
}
