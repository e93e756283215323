//! An experiment is a value: configs, topology, workload, application, environment, timed actions, seed, horizon.
//!
//! Running it is a pure function of this value: the same experiment gives the same journal on every platform.

mod actions;
mod clients;
mod cluster;

use std::hash::Hash;

pub use actions::handler_time_ms;
use serde::{Deserialize, Serialize};

use crate::kafka::config::{Configs, Overrides, Owner, Problem, Severity};
use crate::kafka::{Action, ClusterSpec, GroupId, TopicId};
use crate::sim::{MS, Micros, NodeId};

/// Version of this value's meaning; links carry it.
pub const VERSION: u16 = 1;
/// The most brokers an experiment may have.
pub const MAX_BROKERS: u8 = 12;
/// The most controllers: three are a quorum that survives one of them.
pub const MAX_CONTROLLERS: u8 = 3;
/// The most clients of each kind.
pub const MAX_CLIENTS: u8 = 8;
/// The most partitions of the topic.
pub const MAX_PARTITIONS: u16 = 64;
/// The longest run, in microseconds: one hour.
pub const MAX_HORIZON: Micros = 3_600_000 * MS;
/// Messages of the n-th producer are numbered from n times this, plus 1.
pub const MESSAGES_EACH: u32 = 10_000_000;

/// The whole of one run before it is run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Experiment {
    /// [`VERSION`] it was written in.
    pub version: u16,
    /// Where all randomness comes from.
    pub seed: u64,
    /// When it ends, in microseconds.
    pub horizon_us: Micros,
    /// Machines, partitions and clients.
    pub topology: Topology,
    /// What is not at its default.
    pub configs: Overrides,
    /// What is done to it, by time.
    pub actions: Vec<Timed>,
}

/// Machines, partitions and clients. The topic is `orders`; its replicas are given out in turn.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Topology {
    /// Brokers, numbered from 1.
    pub brokers: u8,
    /// Controllers.
    pub controllers: u8,
    /// Partitions of the topic.
    pub partitions: u16,
    /// Replicas of each partition.
    pub replication_factor: u8,
    /// Producing applications.
    pub producers: u8,
    /// Consuming applications, all in one group.
    pub consumers: u8,
    /// Replica lists that are not the usual ones, by partition.
    pub replicas: Vec<Vec<u8>>,
}

/// An action at its time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timed {
    /// When, in microseconds.
    pub at_us: Micros,
    /// What.
    pub action: Action,
    /// Done by a person in this run, not part of the story: forgotten when somebody acts before it.
    pub by_hand: bool,
}

/// Cuts the link between brokers `a` and `b`, both ways.
pub const fn cut(a: u8, b: u8) -> Action {
    Action::CutLink {
        from: NodeId(a),
        to: NodeId(b),
        both: true,
    }
}

/// Makes the link between brokers `a` and `b` whole again.
pub const fn heal(a: u8, b: u8) -> Action {
    Action::HealLink {
        from: NodeId(a),
        to: NodeId(b),
    }
}

/// Broker `id`.
pub const fn broker(id: u8) -> NodeId {
    NodeId(id)
}

/// The topic of every experiment.
pub const TOPIC: TopicId = TopicId(0);
/// Where an application writes what comes of what it reads, if it does.
pub const OUTPUT: &str = "invoices";
/// Where an application puts what it cannot work on, if it has such a place.
pub const LETTERS: &str = "orders-dlt";
/// The group of every experiment's consumers.
pub const GROUP: GroupId = GroupId(0);

impl Experiment {
    /// `brokers` brokers, one partition on all of them, one controller, one producer, one consumer.
    pub fn brokers(brokers: u8) -> Self {
        let topology = Topology {
            brokers,
            controllers: 1,
            partitions: 1,
            replication_factor: brokers.min(3),
            producers: 1,
            consumers: 1,
            replicas: Vec::new(),
        };
        Self {
            version: VERSION,
            seed: 42,
            horizon_us: 20_000 * MS,
            topology,
            configs: Overrides::default(),
            actions: Vec::new(),
        }
    }

    /// The usual cluster.
    pub fn three_brokers() -> Self {
        Self::brokers(3)
    }

    /// This experiment with a consumer group that begins at once, as development clusters are set up.
    pub fn with_a_ready_group(self) -> Self {
        self.with(Owner::Broker, "group.initial.rebalance.delay.ms", "0")
    }

    /// This experiment with nobody to read what is written.
    pub fn without_consumers(mut self) -> Self {
        self.topology.consumers = 0;
        self
    }

    /// This experiment with one config set.
    pub fn with(mut self, owner: Owner, name: &str, value: &str) -> Self {
        self.configs.set(owner, name, value);
        self
    }

    /// This experiment with one more action.
    pub fn at_ms(self, at_ms: u64, action: Action) -> Self {
        self.at_us(at_ms * MS, action)
    }

    /// This experiment with one more action; actions of one time keep the order they were given in.
    pub fn at_us(mut self, at_us: Micros, action: Action) -> Self {
        let place = self.actions.partition_point(|timed| timed.at_us <= at_us);
        self.actions.insert(
            place,
            Timed {
                at_us,
                action,
                by_hand: false,
            },
        );
        self
    }

    /// This experiment with another end.
    pub fn until_ms(mut self, horizon_ms: u64) -> Self {
        self.horizon_us = horizon_ms * MS;
        self
    }

    /// The node of the n-th producer, from 0.
    pub fn producer_node(&self, place: u8) -> NodeId {
        NodeId(1 + self.topology.brokers + self.topology.controllers + place)
    }

    /// The node of the n-th consumer, from 0.
    pub fn consumer_node(&self, place: u8) -> NodeId {
        NodeId(self.producer_node(self.topology.producers).0 + place)
    }

    /// The node of the job that empties the outbox, where there is one.
    pub fn relay_node(&self) -> NodeId {
        self.consumer_node(self.topology.consumers)
    }

    /// The dead-letter topic, where there is one.
    pub fn letters(&self) -> Option<TopicId> {
        let knob = self.configs.get(Owner::Application, "handler.on.error");
        knob.filter(|how| *how == "dead-letter")?;
        self.spec().0.topic_named(LETTERS)
    }

    /// The controller.
    pub fn controller_node(&self) -> NodeId {
        NodeId(1 + self.topology.brokers)
    }

    /// What a world starts from, and everything that was refused on the way; the rest is kept.
    pub fn spec(&self) -> (ClusterSpec, Vec<Problem>) {
        let mut sound = self.clone();
        let mut problems = sound.trim();
        let (configs, found) = Configs::build(&sound.configs);
        problems.extend(found);
        (sound.cluster(&configs), problems)
    }
}

/// Whether any of these would keep Kafka from starting.
pub fn refused(problems: &[Problem]) -> bool {
    problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
}
