//! Whole clusters with transactional producers; told by what clients hear and what is in the logs.

mod expiry;
mod failures;
mod offsets;
mod rules;

use crate::kafka::config::{
    BrokerConfig, ConsumerConfig, Environment, IsolationLevel, OffsetReset, ProducerConfig,
    TopicConfig,
};
use crate::kafka::record::Record;
use crate::kafka::spec::{ClientKind, ClientSpec, OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicSpec};
use crate::kafka::{
    Action, Call, ClientError, ClusterSpec, Entry, GroupId, Journal, MessageId, TopicId,
    TopicPartition, World, world,
};
use crate::sim::{MS, NodeId};

const T: TopicId = TopicId(0);
const U: TopicId = TopicId(1);
const T0: TopicPartition = TopicPartition::new(T, 0);
const U0: TopicPartition = TopicPartition::new(U, 0);
/// Leads `t`.
const B1: NodeId = NodeId(1);
/// Leads `u`.
const B2: NodeId = NodeId(2);
/// Coordinates transactions and groups.
const B3: NodeId = NodeId(3);
/// Two producers with the same transactional.id, one without, and consumers.
const P1: NodeId = NodeId(5);
const P2: NodeId = NodeId(6);
const PLAIN: NodeId = NodeId(7);
const COMMITTED: NodeId = NodeId(8);
const UNCOMMITTED: NodeId = NodeId(9);
const MEMBER: NodeId = NodeId(10);

/// A cluster, its clients, and the journal of what happens.
struct Story {
    world: World,
    journal: Journal,
}

fn producer(name: &str, config: &ProducerConfig, id: Option<&str>) -> ClientSpec {
    let config = ProducerConfig {
        transactional_id: id.map(str::to_owned),
        ..config.clone()
    };
    let kind = ClientKind::Producer { config, work: None };
    client(name, kind)
}

fn consumer(name: &str, isolation_level: IsolationLevel, group: Option<GroupId>) -> ClientSpec {
    let config = ConsumerConfig {
        isolation_level,
        auto_offset_reset: OffsetReset::Earliest,
        enable_auto_commit: false,
        group_id: group.map(|_| "g".to_owned()),
        default_api_timeout_ms: 3_000,
        ..ConsumerConfig::default()
    };
    let work = None;
    client(
        name,
        ClientKind::Consumer {
            config,
            group,
            work,
        },
    )
}

fn client(name: &str, kind: ClientKind) -> ClientSpec {
    ClientSpec {
        name: name.into(),
        kind,
        open_at_start: true,
    }
}

impl Story {
    fn new() -> Self {
        Story::of(ProducerConfig::default())
    }

    /// With producers set like this.
    fn of(config: ProducerConfig) -> Self {
        Story::on(BrokerConfig::default(), config)
    }

    /// With brokers and producers set like this.
    fn on(broker: BrokerConfig, config: ProducerConfig) -> Self {
        let broker = BrokerConfig {
            group_initial_rebalance_delay_ms: 0,
            ..broker
        };
        let topic = |name: &str, min_insync_replicas, nodes: [NodeId; 3]| TopicSpec {
            allows_unclean: None,
            name: name.into(),
            config: TopicConfig {
                min_insync_replicas,
                ..TopicConfig::default()
            },
            assignment: vec![nodes.to_vec()],
        };
        let (committed, uncommitted) = (
            IsolationLevel::ReadCommitted,
            IsolationLevel::ReadUncommitted,
        );
        let spec = ClusterSpec {
            seed: 7,
            brokers: vec![broker; 3],
            controllers: 1,
            elr: true,
            topics: vec![
                topic("t", 2, [B1, B2, B3]),
                topic("u", 2, [B2, B3, B1]),
                topic(OFFSETS_TOPIC, 1, [B3, B1, B2]),
                topic(TRANSACTIONS_TOPIC, 2, [B3, B2, B1]),
            ],
            spare_partitions: 0,
            groups: vec!["g".into()],
            clients: vec![
                producer("p1", &config, Some("x")),
                producer("p2", &config, Some("x")),
                producer("plain", &config, None),
                consumer("committed", committed, None),
                consumer("uncommitted", uncommitted, None),
                consumer("member", committed, Some(GroupId(0))),
            ],
            environment: Environment::default(),
            rules: Default::default(),
        };
        let mut journal = Journal::default();
        let world = world(spec, &mut journal);
        let mut story = Story { world, journal };
        story.pass_ms(100);
        for reader in [COMMITTED, UNCOMMITTED] {
            story.call(reader, Call::Assign(vec![T0, U0]));
            story.call(
                reader,
                Call::PollStart {
                    timeout_ms: 100,
                    commit: false,
                },
            );
        }
        story
    }

    fn pass_ms(&mut self, ms: u64) {
        let until = self.world.now() + ms * MS;
        self.world.run_until(until, &mut self.journal);
    }

    fn act(&mut self, action: Action) {
        self.world.schedule(self.world.now(), action);
        self.pass_ms(0);
    }

    fn call(&mut self, client: NodeId, call: Call) {
        self.act(Action::Call(client, call));
    }

    /// A producer that has begun a transaction.
    fn begun(&mut self, producer: NodeId) {
        self.call(producer, Call::InitTransactions);
        self.call(producer, Call::BeginTransaction);
        self.pass_ms(1_000);
    }

    fn send(&mut self, client: NodeId, topic: TopicId, messages: &[u32]) {
        let record = |message: &u32| Record {
            message: MessageId(*message),
            key: None,
            size_bytes: 100,
            tombstone: false,
        };
        self.call(
            client,
            Call::Send {
                topic,
                partition: Some(0),
                records: messages.iter().map(record).collect(),
            },
        );
        self.pass_ms(300);
    }

    fn commit(&mut self, producer: NodeId) {
        self.call(producer, Call::CommitTransaction);
        self.pass_ms(500);
    }

    fn abort(&mut self, producer: NodeId) {
        self.call(producer, Call::AbortTransaction);
        self.pass_ms(500);
    }

    /// What a consumer has polled, in order.
    fn read(&self, consumer: NodeId) -> Vec<u32> {
        let mine = self.journal.entries().iter().filter(|e| e.node == consumer);
        let polled = mine.filter_map(|entry| match &entry.what {
            Entry::Polled { records, .. } => Some(records),
            _ => None,
        });
        polled.flatten().map(|(_, message)| message.0).collect()
    }

    /// How often a call came back.
    fn returned(&self, client: NodeId, name: &str) -> usize {
        let mine = self.journal.entries().iter().filter(|e| e.node == client);
        mine.filter(|e| matches!(e.what, Entry::Returned { call, .. } if call == name))
            .count()
    }

    /// What calls of a client have thrown.
    fn thrown(&self, client: NodeId) -> Vec<(&'static str, ClientError)> {
        let mine = self.journal.entries().iter().filter(|e| e.node == client);
        let thrown = mine.filter_map(|entry| match entry.what {
            Entry::Thrown { call, error } => Some((call, error)),
            _ => None,
        });
        thrown.collect()
    }

    /// What callbacks of a client have failed with.
    fn failed(&self, client: NodeId) -> Vec<(u32, ClientError)> {
        let mine = self.journal.entries().iter().filter(|e| e.node == client);
        let failed = mine.filter_map(|entry| match entry.what {
            Entry::Failed { message, error, .. } => Some((message.0, error)),
            _ => None,
        });
        failed.collect()
    }

    /// Transactional ids that were forgotten.
    fn expired(&self) -> usize {
        let entries = self.journal.entries().iter();
        entries
            .filter(|entry| matches!(entry.what, Entry::TransactionalIdExpired { .. }))
            .count()
    }

    /// The decisions of coordinators: true is commit.
    fn decisions(&self) -> Vec<bool> {
        let entries = self.journal.entries().iter();
        let decided = entries.filter_map(|entry| match entry.what {
            Entry::TransactionDecided { commit, .. } => Some(commit),
            _ => None,
        });
        decided.collect()
    }
}
