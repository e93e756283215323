//! A producer and tiny brokers that answer as they are told.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::kafka::config::{
    Acks, AppConfig, BrokerConfig, ConfigSet, Environment, ProducerConfig, Settings, TopicConfig,
};
use crate::kafka::ids::TopicId;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::producer::ProducerHost;
use crate::kafka::protocol::{
    InitProducerIdResponse, Msg, ProduceRequest, ProduceResponse, ProducedPartition, Request,
    Response,
};
use crate::kafka::record::{Batch, Record};
use crate::kafka::spec::{ClientKind, ClientSpec, ProducerWork, TopicSpec};
use crate::kafka::{
    Call, Cluster, ClusterSpec, Entry, ErrorCode, Input, Journal, MessageId, Outbox,
    TopicPartition, World,
};
use crate::sim::{Conn, Link, MS, Micros, NodeId};

pub const LEADER: NodeId = NodeId(1);
pub const PRODUCER: NodeId = NodeId(5);
pub const T: TopicId = TopicId(0);

/// What the brokers do with the next produce requests.
pub enum Reply {
    /// Refuse with this error, write nothing.
    Refuse(ErrorCode),
    /// Write, and say nothing.
    WriteOnly,
    /// Write nothing, say nothing.
    Ignore,
    /// Write and answer with this error.
    WriteAndSay(ErrorCode),
    /// NOT_LEADER_OR_FOLLOWER, and who is (KIP-951).
    PointTo(NodeId, u32),
}

/// A batch that a broker remembers: epoch, first and last number, offset.
type Known = (u16, u32, u32, u64);

/// Partitions of topic `t`: partition 0 is led by broker 1, partition 1 by broker 2, ...
pub struct Rig {
    pub sim: World,
    pub journal: Journal,
    pub producer: ProducerHost,
    pub image: MetadataImage,
    pub script: VecDeque<Reply>,
    /// What the brokers wrote, in order.
    pub log: Vec<(NodeId, TopicPartition, Rc<Batch>)>,
    /// The sizes of batches above this are refused.
    pub max_message_bytes: u32,
    /// A broker handles the requests of a connection in turn: these wait for ever.
    stalled: Vec<Conn>,
    /// Entries before this one are of no interest.
    from_entry: usize,
    ends: BTreeMap<TopicPartition, u64>,
    /// The last five batches of each producer.
    numbers: BTreeMap<(TopicPartition, u64), VecDeque<Known>>,
}

/// A producer with these settings, in a process that has just started.
pub fn producer(partitions: usize, settings: &[(&str, &str)]) -> Rig {
    rig(partitions, settings, None)
}

/// An application that sends of its own accord.
pub fn application(settings: &[(&str, &str)], app: &[(&str, &str)]) -> Rig {
    let mut config = AppConfig::default();
    for (name, value) in app {
        config
            .set(name, value)
            .expect("a known name and a good value");
    }
    let first_message = MessageId(0);
    let work = ProducerWork {
        topic: T,
        partition: Some(0),
        start_ms: 0,
        first_message,
        app: config,
        relays: false,
    };
    rig(1, settings, Some(work))
}

fn rig(partitions: usize, settings: &[(&str, &str)], work: Option<ProducerWork>) -> Rig {
    let set = |settings: Settings, (name, value): &(&str, &str)| settings.with(name, value);
    let (config, _) = ProducerConfig::build(&settings.iter().fold(Settings::default(), set));
    let nodes: Vec<NodeId> = (1..=3).map(NodeId).collect();
    let spec = Rc::new(ClusterSpec {
        seed: 7,
        brokers: vec![BrokerConfig::default(); 3],
        controllers: 1,
        elr: true,
        topics: vec![TopicSpec {
            allows_unclean: None,
            name: "t".into(),
            config: TopicConfig::default(),
            assignment: (0..partitions)
                .map(|p| {
                    let mut replicas = nodes.clone();
                    replicas.rotate_left(p % 3);
                    replicas
                })
                .collect(),
        }],
        spare_partitions: 0,
        groups: Vec::new(),
        clients: vec![ClientSpec {
            name: "p".into(),
            kind: ClientKind::Producer { config, work },
            open_at_start: true,
        }],
        environment: Environment::default(),
        rules: crate::kafka::Rules::default(),
    });
    let link = Link {
        delay_us: 500,
        jitter_us: 0,
        bytes_per_ms: 1_000_000,
        loss_ppm: 0,
        extra_us: 0,
        cut: false,
    };
    let mut rig = Rig {
        sim: World::new(
            spec.nodes(),
            spec.seed,
            link,
            Cluster::new(Rc::clone(&spec)),
        ),
        journal: Journal::default(),
        producer: ProducerHost::new(PRODUCER, &spec),
        image: MetadataImage::at_start(&spec),
        script: VecDeque::new(),
        log: Vec::new(),
        max_message_bytes: u32::MAX,
        stalled: Vec::new(),
        from_entry: 0,
        ends: BTreeMap::new(),
        numbers: BTreeMap::new(),
    };
    rig.act(|producer, out| producer.start(out));
    rig
}

impl Rig {
    /// Lets the producer's machine do something now.
    pub fn act(&mut self, act: impl FnOnce(&mut ProducerHost, &mut Outbox)) {
        let producer = &mut self.producer;
        self.sim
            .with(PRODUCER, &mut self.journal, |_, out| act(producer, out));
    }

    /// Does something to the world, as its operator.
    pub fn world(&mut self, act: impl FnOnce(&mut Outbox)) {
        self.sim
            .with(crate::sim::OPERATOR, &mut self.journal, |_, out| act(out));
    }

    /// `send()` of messages to partition 0.
    pub fn send(&mut self, messages: &[u32]) {
        self.send_sized(messages, 10, Some(0));
    }

    /// `send()` of messages of this size.
    pub fn send_sized(&mut self, messages: &[u32], size_bytes: u32, partition: Option<u16>) {
        let record = |m: &u32| Record {
            message: MessageId(*m),
            key: None,
            size_bytes,
            tombstone: false,
        };
        let records = messages.iter().map(record).collect();
        self.act(|producer, out| {
            producer.call(
                Call::Send {
                    topic: T,
                    partition,
                    records,
                },
                out,
            )
        });
    }

    /// Metadata is there, and a first message has opened the connection to each leader; it does
    /// not count.
    pub fn warm_up(&mut self) {
        self.learn_metadata();
        for partition in 0..self.image.partitions.len() as u16 {
            self.send_sized(&[999], 10, Some(partition));
        }
        self.run_ms(1000);
        self.log.clear();
        self.from_entry = self.journal.len();
    }

    /// `partitionsFor`.
    pub fn learn_metadata(&mut self) {
        self.act(|producer, out| producer.call(Call::PartitionsFor(T), out));
        self.run_ms(1000);
    }

    /// Lets time pass.
    pub fn run_ms(&mut self, ms: u64) {
        let until = self.sim.now() + ms * MS;
        while self.sim.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.sim.core.now = until;
    }

    fn step(&mut self) {
        let Some((at, event)) = self.sim.core.queue.pop() else {
            return;
        };
        self.sim.core.now = at;
        let Some((node, cause, input)) = self.sim.core.admit(event) else {
            return;
        };
        if node == PRODUCER {
            let producer = &mut self.producer;
            self.sim.with(node, &mut self.journal, |_, out| {
                out.because(cause);
                producer.handle(input, out);
            });
        } else if let Input::Message {
            conn,
            correlation,
            msg: Msg::Request(request),
        } = input
        {
            self.serve(conn, correlation, &request);
        }
    }

    fn serve(&mut self, conn: Conn, correlation: u32, request: &Request) {
        if self.stalled.contains(&conn) {
            return;
        }
        let response = match request {
            Request::ApiVersions => Response::ApiVersions,
            Request::Metadata => Response::Metadata(Rc::new(self.image.clone())),
            Request::InitProducerId => Response::InitProducerId(Rc::new(InitProducerIdResponse {
                error: ErrorCode::None,
                producer_id: 1000,
                producer_epoch: 0,
            })),
            Request::Produce(produce) => match self.produce(conn.server, produce) {
                Some(response) => Response::Produce(Rc::new(response)),
                None => {
                    if produce.acks != Acks::None {
                        self.stalled.push(conn);
                    }
                    return;
                }
            },
            _ => return,
        };
        let journal = &mut self.journal;
        self.sim.with(conn.server, journal, |_, out| {
            out.respond(conn, correlation, response.into())
        });
    }

    fn produce(&mut self, broker: NodeId, request: &ProduceRequest) -> Option<ProduceResponse> {
        let reply = self.script.pop_front();
        let mut partitions = Vec::new();
        for (partition, batch) in &request.batches {
            let (mut error, mut base_offset, mut current_leader) = (ErrorCode::None, None, None);
            match reply {
                Some(Reply::Refuse(refused)) => error = refused,
                Some(Reply::PointTo(leader, epoch)) => {
                    error = ErrorCode::NotLeaderOrFollower;
                    current_leader = Some((leader, epoch));
                }
                Some(Reply::Ignore) => {}
                Some(Reply::WriteAndSay(said)) => {
                    let _ = self.write(broker, *partition, batch);
                    error = said;
                }
                Some(Reply::WriteOnly) | None => match self.write(broker, *partition, batch) {
                    Ok(offset) => base_offset = Some(offset),
                    Err(refused) => error = refused,
                },
            }
            let partition = *partition;
            partitions.push(ProducedPartition {
                partition,
                error,
                base_offset,
                current_leader,
            });
        }
        let silent = matches!(reply, Some(Reply::WriteOnly | Reply::Ignore));
        (!silent && request.acks != Acks::None).then_some(ProduceResponse { partitions })
    }

    /// Sequence numbers have to follow each other; the last five batches are recognised.
    fn write(
        &mut self,
        broker: NodeId,
        partition: TopicPartition,
        batch: &Rc<Batch>,
    ) -> Result<u64, ErrorCode> {
        if batch.size_bytes > self.max_message_bytes {
            return Err(ErrorCode::MessageTooLarge);
        }
        let end = self.ends.entry(partition).or_default();
        if let (Some(stamp), Some(last)) = (batch.producer, batch.last_sequence()) {
            let known = self
                .numbers
                .entry((partition, stamp.producer_id))
                .or_default();
            let this = (stamp.producer_epoch, stamp.base_sequence, last);
            if let Some(same) = known.iter().find(|k| (k.0, k.1, k.2) == this) {
                return Ok(same.3);
            }
            if known
                .back()
                .is_some_and(|(epoch, ..)| *epoch > stamp.producer_epoch)
            {
                return Err(ErrorCode::InvalidProducerEpoch);
            }
            let next = match known.back() {
                Some((epoch, _, last, _)) if *epoch == stamp.producer_epoch => last + 1,
                Some(_) => 0,
                None => stamp.base_sequence,
            };
            if stamp.base_sequence != next {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
            known.push_back((this.0, this.1, this.2, *end));
            if known.len() > 5 {
                known.pop_front();
            }
        }
        self.log.push((broker, partition, Rc::clone(batch)));
        *end += u64::from(batch.count());
        Ok(*end - u64::from(batch.count()))
    }

    /// The messages the brokers wrote, in order.
    pub fn written(&self) -> Vec<u32> {
        let records = self.log.iter().flat_map(|(_, _, batch)| batch.data());
        records.map(|record| record.message.0).collect()
    }

    /// How many records each written batch has.
    pub fn batch_sizes(&self) -> Vec<u32> {
        self.log.iter().map(|(_, _, batch)| batch.count()).collect()
    }

    /// The messages whose callbacks heard success, in order.
    pub fn acked(&self) -> Vec<u32> {
        self.told(|entry| match entry {
            Entry::Acked { message, .. } => Some(message.0),
            _ => None,
        })
    }

    /// The messages whose callbacks heard an error, with the exception's class.
    pub fn failed(&self) -> Vec<(u32, &'static str)> {
        self.told(|entry| match entry {
            Entry::Failed { message, error, .. } => Some((message.0, error.class())),
            _ => None,
        })
    }

    /// What `pick` finds in the journal.
    pub fn told<T>(&self, pick: impl Fn(&Entry) -> Option<T>) -> Vec<T> {
        self.journal.entries()[self.from_entry..]
            .iter()
            .filter_map(|entry| pick(&entry.what))
            .collect()
    }

    /// When the first entry that fits was written, in milliseconds.
    pub fn at_ms(&self, fits: impl Fn(&Entry) -> bool) -> Option<Micros> {
        let found = self.journal.entries()[self.from_entry..]
            .iter()
            .find(|entry| fits(&entry.what));
        found.map(|entry| entry.at / MS)
    }

    /// How many times a batch was sent.
    pub fn sent(&self) -> usize {
        self.told(|entry| matches!(entry, Entry::BatchSent { .. }).then_some(()))
            .len()
    }
}
