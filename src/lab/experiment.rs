//! An experiment is a value: configs, topology, workload, application, environment, timed actions, seed, horizon.
//!
//! Running it is a pure function of this value: the same experiment gives the same journal on every platform.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::kafka::config::TopicConfig;
use crate::kafka::config::{
    BrokerConfig, Configs, ConsumerConfig, Overrides, Owner, Problem, ProducerConfig, Severity,
};
use crate::kafka::ids::{GroupId, MessageId, TopicId};
use crate::kafka::spec::{
    ClientKind, ClientSpec, ClusterSpec, ConsumerWork, OFFSETS_TOPIC, ProducerWork, TopicSpec,
};
use crate::kafka::{Action, Role};
use crate::sim::journal::StableHasher;
use crate::sim::{MS, Micros, NodeId};

/// Version of this value's meaning; links carry it.
pub const VERSION: u16 = 1;
/// The most brokers an experiment may have.
pub const MAX_BROKERS: u8 = 12;
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

    /// The controller.
    pub fn controller_node(&self) -> NodeId {
        NodeId(1 + self.topology.brokers)
    }

    /// One number for the whole value, the same on every platform.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = StableHasher::default();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// What a world starts from, and everything that was refused on the way; the rest is kept.
    pub fn spec(&self) -> (ClusterSpec, Vec<Problem>) {
        let mut sound = self.clone();
        let mut problems = sound.trim();
        let (configs, found) = Configs::build(&sound.configs);
        problems.extend(found);
        (sound.cluster(&configs), problems)
    }

    /// Brings numbers into their ranges and says which were out of them.
    fn trim(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let topology = &mut self.topology;
        let mut fit = |name: &str, value: u64, low: u64, high: u64| {
            if !(low..=high).contains(&value) {
                let why = format!("{name} {value} must be from {low} to {high}");
                problems.push(Problem::error(Owner::Application, name, why));
            }
            value.clamp(low, high)
        };
        let t = &mut *topology;
        t.brokers = fit("brokers", t.brokers.into(), 1, MAX_BROKERS.into()) as u8;
        t.controllers = fit("controllers", t.controllers.into(), 1, 5) as u8;
        t.partitions = fit("partitions", t.partitions.into(), 1, MAX_PARTITIONS.into()) as u16;
        t.producers = fit("producers", t.producers.into(), 0, MAX_CLIENTS.into()) as u8;
        t.consumers = fit("consumers", t.consumers.into(), 0, MAX_CLIENTS.into()) as u8;
        let (rf, most) = (t.replication_factor.into(), t.brokers.into());
        t.replication_factor = fit("replication.factor", rf, 1, most) as u8;
        self.horizon_us = fit("horizon", self.horizon_us, MS, MAX_HORIZON);
        let nodes = self.consumer_node(self.topology.consumers).0;
        if self.drop_actions_beyond(nodes) > 0 {
            let why = "an action names a node that is not there".to_string();
            problems.push(Problem::error(Owner::Application, "actions", why));
        }
        problems
    }

    /// Drops actions on nodes that are not there and on partitions that are not; returns how many.
    pub fn drop_actions_beyond(&mut self, nodes: u8) -> usize {
        let before = self.actions.len();
        let partitions = self.topology.partitions;
        let there = |action: &Action| match action {
            Action::ElectLeader { partition, .. } => {
                partition.topic == TOPIC && partition.partition < partitions
            }
            Action::Call(..) => false, // scripted calls are for tests, not for an experiment's applications
            _ => true,
        };
        self.actions.retain(|timed| {
            there(&timed.action) && nodes_of(&timed.action).iter().all(|node| node.0 < nodes)
        });
        before - self.actions.len()
    }

    fn cluster(&self, configs: &Configs) -> ClusterSpec {
        let (topology, consumer) = (&self.topology, self.group_config(configs));
        let topics = vec![self.orders(configs), self.offsets_topic(&configs.broker)];
        let producers = (0..topology.producers).map(|n| self.producer(n, configs));
        let consumers = (0..topology.consumers).map(|n| consumer_app(n, configs, &consumer));
        ClusterSpec {
            seed: self.seed,
            brokers: vec![configs.broker.clone(); topology.brokers.into()],
            controllers: topology.controllers,
            elr: configs.broker.eligible_leader_replicas_version >= 1,
            topics,
            groups: vec![consumer.group_id.clone().unwrap_or_default()],
            clients: producers.chain(consumers).collect(),
            environment: configs.environment.clone(),
        }
    }

    /// Consumers are in the group `billing` unless they were put into another.
    fn group_config(&self, configs: &Configs) -> ConsumerConfig {
        let group_id = configs.consumer.group_id.clone();
        ConsumerConfig {
            group_id: group_id.or_else(|| Some("billing".into())),
            ..configs.consumer.clone()
        }
    }

    fn orders(&self, configs: &Configs) -> TopicSpec {
        let topology = &self.topology;
        let lists = (0..topology.partitions).map(|partition| self.replicas_of(partition));
        TopicSpec {
            name: "orders".into(),
            config: configs.topic.clone(),
            assignment: lists.collect(),
        }
    }

    /// The explicit replica list of a partition, or brokers in turn from the partition's number on.
    fn replicas_of(&self, partition: u16) -> Vec<NodeId> {
        let topology = &self.topology;
        let known = |id: &&u8| (1..=topology.brokers).contains(*id);
        let explicit = topology.replicas.get(usize::from(partition));
        let listed: Vec<NodeId> = explicit
            .into_iter()
            .flatten()
            .filter(known)
            .map(|id| NodeId(*id))
            .collect();
        if listed.is_empty() {
            in_turn(partition, topology.replication_factor, topology.brokers)
        } else {
            listed
        }
    }

    /// As the group coordinator creates it: as many replicas as asked for, at most one a broker. It starts at the
    /// last broker, so that the coordinator is not the leader that a story kills.
    fn offsets_topic(&self, broker: &BrokerConfig) -> TopicSpec {
        let brokers = self.topology.brokers;
        let factor = broker
            .offsets_topic_replication_factor
            .min(u64::from(brokers)) as u8;
        TopicSpec {
            name: OFFSETS_TOPIC.into(),
            config: TopicConfig {
                min_insync_replicas: broker.min_insync_replicas,
                ..TopicConfig::default()
            },
            assignment: vec![in_turn(u16::from(brokers - 1), factor, brokers)],
        }
    }

    fn producer(&self, place: u8, configs: &Configs) -> ClientSpec {
        let work = ProducerWork {
            topic: TOPIC,
            partition: None,
            start_ms: 0,
            first_message: MessageId(u32::from(place) * MESSAGES_EACH + 1),
            app: configs.app.clone(),
        };
        let config: ProducerConfig = configs.producer.clone();
        ClientSpec {
            name: format!("order-service{}", suffix(place)),
            kind: ClientKind::Producer {
                config,
                work: Some(work),
            },
            open_at_start: true,
        }
    }
}

fn consumer_app(place: u8, configs: &Configs, config: &ConsumerConfig) -> ClientSpec {
    let work = ConsumerWork {
        topics: vec![TOPIC],
        start_ms: 0,
        app: configs.app.clone(),
    };
    let (config, group) = (config.clone(), Some(GROUP));
    ClientSpec {
        name: format!("billing{}", suffix(place)),
        kind: ClientKind::Consumer {
            config,
            group,
            work: Some(work),
        },
        open_at_start: true,
    }
}

fn suffix(place: u8) -> String {
    match place {
        0 => String::new(),
        n => format!("-{}", n + 1),
    }
}

/// `factor` brokers in turn, the first one by the partition's number.
fn in_turn(partition: u16, factor: u8, brokers: u8) -> Vec<NodeId> {
    let first = (partition % u16::from(brokers)) as u8;
    (0..factor)
        .map(|n| NodeId(1 + (first + n) % brokers))
        .collect()
}

/// How long the handler of this consumer takes, as configured.
pub fn handler_time_ms(spec: &ClusterSpec, node: NodeId) -> u64 {
    let Role::Client(place) = spec.role(node) else {
        return 0;
    };
    match &spec.clients[place].kind {
        ClientKind::Consumer {
            work: Some(work), ..
        } => work.app.handler_time_ms,
        _ => 0,
    }
}

/// The nodes an action is done to.
pub fn nodes_of(action: &Action) -> Vec<NodeId> {
    match action {
        Action::Kill(node)
        | Action::PowerOff(node)
        | Action::Start(node)
        | Action::Stop(node)
        | Action::Pause(node)
        | Action::Resume(node)
        | Action::FillDisk(node)
        | Action::FreeDisk(node)
        | Action::FailDisk(node)
        | Action::OsWriteBack(node)
        | Action::Throw(node)
        | Action::Call(node, _) => vec![*node],
        Action::WipeDisk { broker, .. } | Action::SlowDisk { broker, .. } => vec![*broker],
        Action::SlowHandler { client, .. } | Action::Burst { client, .. } => vec![*client],
        Action::CutLink { from, to, .. }
        | Action::HealLink { from, to }
        | Action::LossyLink { from, to, .. }
        | Action::SlowLink { from, to, .. } => vec![*from, *to],
        Action::ElectLeader { .. } => vec![],
    }
}

/// Whether any of these would keep Kafka from starting.
pub fn refused(problems: &[Problem]) -> bool {
    problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
}
