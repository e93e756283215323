//! What a cluster and its clients are made of: the starting point of a world.

use super::config::{
    AppConfig, BrokerConfig, ConsumerConfig, Environment, ProducerConfig, TopicConfig, Truncation,
};
use super::ids::{GroupId, MessageId, TopicId, TopicPartition};
use super::rules::{Rule, Rules};
use crate::sim::{NodeId, OPERATOR};

/// The topic that holds committed offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// The topic that holds what transaction coordinators decided.
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// The `node.id` of the first controller, the others follow.
pub const FIRST_CONTROLLER_ID: i32 = 100;

/// Everything a world starts from, resolved and checked. Node numbers: 0 the operator, then the
/// brokers (a broker's node number is its broker id), then the controllers, then the clients.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    pub seed: u64,
    /// Broker 1 first.
    pub brokers: Vec<BrokerConfig>,
    /// How many controllers there are.
    pub controllers: u8,
    /// Feature `eligible.leader.replicas.version` >= 1 (KIP-966).
    pub elr: bool,
    /// All topics, internal ones included; they exist from the start.
    pub topics: Vec<TopicSpec>,
    /// So many partitions may be added to each topic while the cluster runs.
    pub spare_partitions: u16,
    /// Names of consumer groups.
    pub groups: Vec<String>,
    pub clients: Vec<ClientSpec>,
    pub environment: Environment,
    /// Which of Kafka's rules hold: all, but for tests of the tests.
    pub rules: Rules,
}

/// A topic as created.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    pub name: String,
    pub config: TopicConfig,
    /// unclean.leader.election.enable, where the topic itself sets it: then a later change of the brokers' default
    /// does not touch it.
    pub allows_unclean: Option<bool>,
    /// The replicas of each partition, the preferred leader first.
    pub assignment: Vec<Vec<NodeId>>,
}

/// A client process.
#[derive(Clone, Debug)]
pub struct ClientSpec {
    pub name: String,
    pub kind: ClientKind,
    /// Whether its process runs from the start; if not, it waits for [`super::Action::Start`].
    pub open_at_start: bool,
}

/// What a client process runs.
#[derive(Clone, Debug)]
pub enum ClientKind {
    Producer {
        config: ProducerConfig,
        work: Option<ProducerWork>,
    },
    Consumer {
        config: ConsumerConfig,
        group: Option<GroupId>,
        work: Option<ConsumerWork>,
    },
}

/// What a producer application does of its own accord.
#[derive(Clone, Debug)]
pub struct ProducerWork {
    pub topic: TopicId,
    /// Always this partition; `None` lets the partitioner choose.
    pub partition: Option<u16>,
    /// The first message, in milliseconds after the start.
    pub start_ms: u64,
    /// Numbers its messages from here on.
    pub first_message: MessageId,
    /// Rate, count, size, keys, what it does with results.
    pub app: AppConfig,
    /// It has no orders of its own: it is the job that empties the shops' outbox.
    pub relays: bool,
}

/// What a consumer application does of its own accord: subscribe, poll, process, commit.
#[derive(Clone, Debug)]
pub struct ConsumerWork {
    pub topics: Vec<TopicId>,
    /// When it subscribes, in milliseconds after the start.
    pub start_ms: u64,
    /// Handler time, threads, commit mode, what happens on an exception.
    pub app: AppConfig,
    /// With handler.output, commit.mode=transaction or handler.on.error=dead-letter.
    pub writer: Option<Box<WriterWork>>,
}

/// What a consumer application writes for what it reads.
#[derive(Clone, Debug)]
pub struct WriterWork {
    /// Where what comes of the work goes, if it is to be written.
    pub outputs: Option<TopicId>,
    /// Where messages go that cannot be worked on, if there is such a place.
    pub letters: Option<TopicId>,
    /// With a transactional.id where what it writes and its offsets are one transaction.
    pub config: ProducerConfig,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Operator,
    Broker,
    Controller,
    /// The client with this place in [`ClusterSpec::clients`].
    Client(usize),
}

impl ClusterSpec {
    /// How many nodes there are, the operator included.
    pub fn nodes(&self) -> u8 {
        1 + self.brokers.len() as u8 + self.controllers + self.clients.len() as u8
    }

    /// All brokers.
    pub fn broker_nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.brokers.len() as u8).map(NodeId)
    }

    /// The first controller; often the only one.
    pub fn controller_node(&self) -> NodeId {
        NodeId(1 + self.brokers.len() as u8)
    }

    /// All controllers, the voters of the metadata quorum.
    pub fn controller_nodes(&self) -> impl Iterator<Item = NodeId> + Clone + use<> {
        let first = self.controller_node().0;
        (first..first + self.controllers).map(NodeId)
    }

    /// The place in `clients` of the job that empties the shops' outbox.
    pub fn relay(&self) -> Option<usize> {
        let relays = |client: &ClientSpec| match &client.kind {
            ClientKind::Producer { work, .. } => work.as_ref().is_some_and(|work| work.relays),
            ClientKind::Consumer { .. } => false,
        };
        self.clients.iter().position(relays)
    }

    /// The client with this place in `clients`.
    pub fn client_node(&self, client: usize) -> NodeId {
        NodeId(1 + self.brokers.len() as u8 + self.controllers + client as u8)
    }

    /// What `node` is.
    pub fn role(&self, node: NodeId) -> Role {
        let brokers = self.brokers.len() as u8;
        match node {
            OPERATOR => Role::Operator,
            NodeId(n) if n <= brokers => Role::Broker,
            NodeId(n) if n <= brokers + self.controllers => Role::Controller,
            NodeId(n) => Role::Client((n - 1 - brokers - self.controllers) as usize),
        }
    }

    /// Whether the client at this place is a consumer.
    pub fn is_consumer(&self, client: usize) -> bool {
        let kind = self.clients.get(client).map(|client| &client.kind);
        matches!(kind, Some(ClientKind::Consumer { .. }))
    }

    /// The config of a broker.
    pub fn broker(&self, node: NodeId) -> &BrokerConfig {
        &self.brokers[node.0 as usize - 1]
    }

    /// How many log directories a broker has.
    pub fn log_directories(&self, node: NodeId) -> usize {
        let named = self.broker(node).log_dirs.as_ref();
        named.map_or(1, Vec::len).max(1)
    }

    /// A topic.
    pub fn topic(&self, topic: TopicId) -> &TopicSpec {
        &self.topics[topic.0 as usize]
    }

    /// The topic of this name.
    pub fn topic_named(&self, name: &str) -> Option<TopicId> {
        let found = self.topics.iter().position(|topic| topic.name == name)?;
        Some(TopicId(found as u16))
    }

    /// The client of this name.
    pub fn client_named(&self, name: &str) -> Option<NodeId> {
        let found = self.clients.iter().position(|client| client.name == name)?;
        Some(self.client_node(found))
    }

    /// Every partition of every topic.
    pub fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        self.topics.iter().enumerate().flat_map(|(topic, spec)| {
            (0..spec.assignment.len() as u16)
                .map(move |partition| TopicPartition::new(TopicId(topic as u16), partition))
        })
    }

    /// The replicas of a partition as it was created, the preferred leader first.
    pub fn replicas(&self, partition: TopicPartition) -> &[NodeId] {
        &self.topic(partition.topic).assignment[partition.partition as usize]
    }

    /// `min(min.insync.replicas, replication factor)` as the topic was created.
    pub fn effective_min_isr(&self, partition: TopicPartition) -> usize {
        let topic = self.topic(partition.topic);
        (self.replicas(partition).len()).min(topic.config.min_insync_replicas as usize)
    }

    /// Whether followers cut their logs by leader epochs (KIP-101): not in mutation tests, nor where an experiment
    /// asks for the rule before that.
    pub fn truncates_by_epoch(&self) -> bool {
        self.rules.keep(Rule::TruncateByEpoch)
            && self.environment.history_truncation == Truncation::LeaderEpoch
    }

    /// "t-0".
    pub fn partition_name(&self, partition: TopicPartition) -> String {
        format!(
            "{}-{}",
            self.topic(partition.topic).name,
            partition.partition
        )
    }
}
