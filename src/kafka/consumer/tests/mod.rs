//! Whole clusters with consumers; told by the journal.

mod application;
mod expiry;
mod groups;
mod racks;
mod reading;
mod reconciling;

use crate::kafka::config::{AppConfig, BrokerConfig, ConsumerConfig, Environment, ProducerConfig};
use crate::kafka::config::{GroupProtocol, OffsetReset, TopicConfig};
use crate::kafka::record::Record;
use crate::kafka::spec::{
    ClientKind, ClientSpec, ConsumerWork, OFFSETS_TOPIC, ProducerWork, TopicSpec,
};
use crate::kafka::{
    Action, Call, ClusterSpec, Entry, GroupId, Journal, MessageId, TopicId, TopicPartition, World,
    world,
};
use crate::sim::{MS, NodeId, Stamped};

const T: TopicId = TopicId(0);
const B1: NodeId = NodeId(1);
const B2: NodeId = NodeId(2);
const B3: NodeId = NodeId(3);
const PRODUCER: NodeId = NodeId(5);
const C1: NodeId = NodeId(6);
const C2: NodeId = NodeId(7);

fn t(partition: u16) -> TopicPartition {
    TopicPartition::new(T, partition)
}

/// How consumers of these tests are set, unless they say otherwise.
fn quick() -> ConsumerConfig {
    ConsumerConfig {
        auto_offset_reset: OffsetReset::Earliest,
        auto_commit_interval_ms: 1_000,
        session_timeout_ms: 6_000,
        max_poll_records: 10,
        ..ConsumerConfig::default()
    }
}

/// A cluster whose group coordinator is broker 3, a producer, and two consumers.
struct Rig {
    world: World,
    journal: Journal,
    next_message: u32,
}

/// What is to be built.
struct Plan {
    partitions: u16,
    config: ConsumerConfig,
    broker: BrokerConfig,
    /// What both consumers run; without it they do as a script says.
    app: Option<AppConfig>,
    in_group: bool,
    seed: u64,
    /// Whether each has a group.instance.id, its own name.
    static_members: bool,
    /// A consumer that speaks the classic protocol although the plan says otherwise.
    classic: Option<NodeId>,
}

impl Plan {
    fn scripted(partitions: u16, config: ConsumerConfig) -> Self {
        Plan {
            partitions,
            config,
            broker: BrokerConfig {
                group_initial_rebalance_delay_ms: 0,
                ..BrokerConfig::default()
            },
            app: None,
            in_group: true,
            seed: 3,
            static_members: false,
            classic: None,
        }
    }

    /// Applications over one partition, the second one not started yet.
    fn running(config: ConsumerConfig, app: AppConfig) -> Self {
        Plan {
            app: Some(app),
            ..Plan::scripted(1, config)
        }
    }

    fn classic(self, client: NodeId) -> Self {
        let classic = Some(client);
        Plan { classic, ..self }
    }

    fn topics(&self) -> Vec<TopicSpec> {
        let everywhere = [vec![B1, B2, B3], vec![B2, B3, B1], vec![B3, B1, B2]];
        let assignment = everywhere.iter().cycle().take(usize::from(self.partitions));
        let topic = |name: &str, assignment| TopicSpec {
            allows_unclean: None,
            name: name.into(),
            config: TopicConfig::default(),
            assignment,
        };
        vec![
            topic("t", assignment.cloned().collect()),
            topic(OFFSETS_TOPIC, vec![vec![B3, B1, B2]]),
        ]
    }

    fn consumer(&self, name: &str, open_at_start: bool) -> ClientSpec {
        let work = self.app.clone().map(|app| ConsumerWork {
            writer: None,
            topics: vec![T],
            start_ms: 0,
            app,
        });
        ClientSpec {
            name: name.into(),
            kind: ClientKind::Consumer {
                config: self.config_of(name),
                group: self.in_group.then_some(GroupId(0)),
                work,
            },
            open_at_start,
        }
    }

    fn config_of(&self, name: &str) -> ConsumerConfig {
        let node = if name == "c1" { C1 } else { C2 };
        let mut config = self.config.clone();
        if self.static_members {
            config.group_instance_id = Some(name.into());
        }
        if self.classic == Some(node) {
            config.group_protocol = GroupProtocol::Classic;
        }
        config
    }

    fn build(self) -> Rig {
        let producer = ClientSpec {
            name: "p".into(),
            kind: ClientKind::Producer {
                config: ProducerConfig::default(),
                work: None::<ProducerWork>,
            },
            open_at_start: true,
        };
        let clients = vec![
            producer,
            self.consumer("c1", true),
            self.consumer("c2", self.app.is_none()),
        ];
        let spec = ClusterSpec {
            seed: self.seed,
            brokers: ["r1", "r2", "r3"]
                .map(|rack| BrokerConfig {
                    broker_rack: Some(rack.into()),
                    ..self.broker.clone()
                })
                .to_vec(),
            controllers: 1,
            elr: true,
            topics: self.topics(),
            spare_partitions: 0,
            groups: vec!["g".into()],
            clients,
            environment: Environment::default(),
            rules: crate::kafka::Rules::default(),
        };
        let mut journal = Journal::default();
        let world = world(spec, &mut journal);
        Rig {
            world,
            journal,
            next_message: 0,
        }
    }
}

impl Rig {
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

    /// Writes so many messages more to partition `partition`, and waits until they are acked.
    fn write(&mut self, partition: u16, count: u32) {
        let record = |nth| Record {
            message: MessageId(nth),
            key: None,
            size_bytes: 100,
            tombstone: false,
        };
        let numbers = self.next_message..self.next_message + count;
        self.next_message = numbers.end;
        let send = Call::Send {
            topic: T,
            partition: Some(partition),
            records: numbers.map(record).collect(),
        };
        self.call(PRODUCER, send);
        self.pass_ms(1_000);
    }

    /// Lets a consumer subscribe and poll over and over.
    fn joins(&mut self, client: NodeId) {
        self.call(client, Call::Subscribe(vec![T]));
        let (timeout_ms, commit) = (100, false);
        self.call(client, Call::PollStart { timeout_ms, commit });
    }

    /// What `pick` finds in the entries of `node`, in order.
    fn told<X>(&self, node: NodeId, pick: impl Fn(&Entry) -> Option<X>) -> Vec<X> {
        let entries = self.journal.entries().iter().filter(|e| e.node == node);
        entries.filter_map(|e| pick(&e.what)).collect()
    }

    fn assigned(&self, node: NodeId) -> Vec<Vec<u16>> {
        self.told(node, |entry| match entry {
            Entry::Assigned { partitions } => Some(numbers(partitions)),
            _ => None,
        })
    }

    fn revoked(&self, node: NodeId) -> Vec<Vec<u16>> {
        self.told(node, |entry| match entry {
            Entry::Revoked { partitions } => Some(numbers(partitions)),
            _ => None,
        })
    }

    /// The messages that handlers have worked on, in order.
    fn processed(&self, node: NodeId) -> Vec<u32> {
        self.told(node, |entry| match entry {
            Entry::Processed { message, .. } => Some(message.0),
            _ => None,
        })
    }

    fn polled(&self, node: NodeId) -> Vec<u32> {
        let polls = self.told(node, |entry| match entry {
            Entry::Polled { records, .. } => Some(records.clone()),
            _ => None,
        });
        polls
            .into_iter()
            .flatten()
            .map(|(_, message)| message.0)
            .collect()
    }

    /// What was committed for `t-0`, in order, as consumers heard.
    fn committed(&self, node: NodeId) -> Vec<u64> {
        let all = self.told(node, |entry| match entry {
            Entry::Committed { offsets, .. } => Some(offsets.clone()),
            _ => None,
        });
        let of_t0 = all.into_iter().flatten().filter(|(p, _)| *p == t(0));
        of_t0.filter_map(|(_, offset)| offset).collect()
    }

    fn last(&self, is: impl Fn(&Entry) -> bool) -> &Stamped<Entry> {
        let mut entries = self.journal.entries().iter().rev();
        entries.find(|e| is(&e.what)).expect("it happened")
    }

    /// The entry, what led to it, what led to that, and so on.
    fn causes<'a>(&'a self, entry: &'a Stamped<Entry>) -> impl Iterator<Item = &'a Entry> {
        let next = |e: &&'a Stamped<Entry>| e.cause.known().and_then(|id| self.journal.get(id));
        std::iter::successors(Some(entry), next).map(|e| &e.what)
    }
}

fn numbers(partitions: &[TopicPartition]) -> Vec<u16> {
    partitions.iter().map(|p| p.partition).collect()
}
