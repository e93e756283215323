//! A whole cluster, driven with requests as a client sends them; told by its journal and by what
//! travels.

mod chaos;
mod compaction;
mod directories;
mod durability;
mod leaders;
mod replication;
mod retention;
mod serving;
mod storage;

use std::rc::Rc;

use crate::kafka::config::{Acks, BrokerConfig, Environment, ProducerConfig, TopicConfig};
use crate::kafka::protocol::{
    FetchPartition, FetchRequest, FetchedPartition, Isolation, Msg, ProduceRequest,
    ProducedPartition, Request, Response, channel,
};
use crate::kafka::record::{Batch, ProducerStamp, Record, Records};
use crate::kafka::spec::{ClientKind, ClientSpec, TopicSpec};
use crate::kafka::{
    Action, ClusterSpec, Entry, Journal, MessageId, Offset, TopicId, TopicPartition, World, world,
};
use crate::sim::{EntryId, MS, Micros, NodeId};

/// The partition that the tests write to: brokers 1, 2, 3, led by 1.
const T0: TopicPartition = TopicPartition::new(TopicId(0), 0);
const B1: NodeId = NodeId(1);
const B2: NodeId = NodeId(2);
const B3: NodeId = NodeId(3);
const CONTROLLER: NodeId = NodeId(4);
const CLIENT: NodeId = NodeId(5);

/// Three brokers, a controller, one idle client, and a topic of one partition.
fn three_brokers(min_isr: u64) -> ClusterSpec {
    let idle = ClientSpec {
        name: "client".into(),
        kind: ClientKind::Producer {
            config: ProducerConfig::default(),
            work: None,
        },
        open_at_start: true,
    };
    let config = TopicConfig {
        min_insync_replicas: min_isr,
        ..TopicConfig::default()
    };
    ClusterSpec {
        seed: 7,
        brokers: vec![BrokerConfig::default(); 3],
        controllers: 1,
        elr: true,
        topics: vec![TopicSpec {
            allows_unclean: None,
            name: "t".into(),
            config,
            assignment: vec![vec![B1, B2, B3]],
        }],
        spare_partitions: 0,
        groups: Vec::new(),
        clients: vec![idle],
        environment: Environment::default(),
        rules: crate::kafka::Rules::default(),
    }
}

/// A cluster and the journal of what happens in it.
struct Lab {
    world: World,
    journal: Journal,
    next_correlation: u32,
    /// What was sent to the client, oldest first.
    answers: Vec<Response>,
    /// Messages whose produce was answered without an error.
    acked: Vec<u32>,
    /// The number of the last message looked at.
    seen: u32,
}

impl Lab {
    fn new(spec: ClusterSpec) -> Self {
        let mut journal = Journal::default();
        let mut world = world(spec, &mut journal);
        world.watch_traffic();
        Lab {
            world,
            journal,
            next_correlation: 1_000,
            answers: Vec::new(),
            acked: Vec::new(),
            seen: 0,
        }
    }

    /// Lets `ms` milliseconds pass.
    fn pass_ms(&mut self, ms: u64) {
        let until = self.world.now() + ms * MS;
        // Often enough to hear of every message before it is forgotten.
        loop {
            let next = until.min(self.world.now() + 10 * MS);
            self.world.run_until(next, &mut self.journal);
            self.listen();
            if next == until {
                break;
            }
        }
    }

    /// Collects what was just sent to the client.
    fn listen(&mut self) {
        let flights: Vec<_> = self.world.traffic().collect();
        let fresh = flights
            .iter()
            .rev()
            .take_while(|flight| flight.id > self.seen);
        let fresh: Vec<_> = fresh.collect();
        let newest = fresh.first().map_or(self.seen, |flight| flight.id);
        let answers = fresh.iter().rev().filter_map(|flight| match &flight.msg {
            Msg::Response(response) if flight.to == CLIENT => Some((flight.from, response.clone())),
            _ => None,
        });
        let answers: Vec<_> = answers.collect();
        self.seen = newest;
        for (broker, response) in answers {
            if let Response::Produce(answer) = &response
                && let Some(offset) = answer.partitions[0].base_offset
            {
                let log = self.world.model.broker(broker).log(T0).expect("a replica");
                let read = log.read(offset, Offset::MAX, 1);
                let records = read.iter().flat_map(|entry| entry.batch.data());
                self.acked.extend(records.map(|record| record.message.0));
            }
            self.answers.push(response);
        }
    }

    /// Does something now.
    fn act(&mut self, action: Action) {
        self.world.schedule(self.world.now(), action);
        self.pass_ms(0);
    }

    /// Sends a request to a broker as the client, on a connection of its own purpose.
    fn ask(&mut self, broker: NodeId, channel: u8, request: Request) {
        self.next_correlation += 1;
        let correlation = self.next_correlation;
        self.world.with(CLIENT, &mut self.journal, |_, out| {
            out.request(broker, channel, correlation, request.into());
        });
    }

    /// Produces one record to [`T0`] at `broker`.
    fn produce(&mut self, broker: NodeId, acks: Acks, message: u32) {
        self.produce_batch(broker, acks, plain(&[message], self.world.now()));
    }

    fn produce_batch(&mut self, broker: NodeId, acks: Acks, batch: Batch) {
        let request = ProduceRequest {
            transactional_id: None,
            acks,
            timeout_ms: 30_000,
            batches: vec![(T0, Rc::new(batch))],
        };
        // Not on the connection that the client's own producer uses.
        let request = Request::Produce(Rc::new(request));
        self.ask(broker, channel::REPLICA, request);
    }

    /// Every answer to a produce that has been sent to the client, oldest first.
    fn produced(&self) -> Vec<ProducedPartition> {
        let produced = self.answers.iter().filter_map(|answer| match answer {
            Response::Produce(answer) => Some(answer.partitions[0].clone()),
            _ => None,
        });
        produced.collect()
    }

    /// The last answer to a produce.
    fn last_produced(&self) -> ProducedPartition {
        self.produced().pop().expect("a produce was answered")
    }

    /// Fetches [`T0`] from `offset` on as a consumer, and waits for the answer.
    fn fetch(&mut self, broker: NodeId, offset: Offset) -> FetchedPartition {
        let part = FetchPartition {
            partition: T0,
            fetch_offset: offset,
            current_leader_epoch: None,
            last_fetched_epoch: None,
            max_bytes: 1 << 20,
            cause: EntryId::NONE,
        };
        let request = FetchRequest {
            replica: None,
            max_wait_ms: 100,
            min_bytes: 1,
            max_bytes: 1 << 20,
            isolation: Isolation::HighWatermark,
            rack: None,
            partitions: vec![part],
        };
        self.ask(
            broker,
            channel::COORDINATOR,
            Request::Fetch(Rc::new(request)),
        );
        self.pass_ms(200);
        let mut fetched = self.answers.iter().filter_map(|answer| match answer {
            Response::Fetch(answer) => Some(answer.partitions[0].clone()),
            _ => None,
        });
        fetched.next_back().expect("a fetch was answered")
    }

    /// The messages in a broker's log.
    fn log(&self, broker: NodeId) -> Vec<u32> {
        let log = self.world.model.broker(broker).log(T0).expect("a replica");
        let records = log.entries().flat_map(|entry| entry.batch.data());
        records.map(|record| record.message.0).collect()
    }

    fn high_watermark(&self, broker: NodeId) -> Offset {
        let host = self.world.model.broker(broker);
        host.high_watermark(T0).expect("a replica")
    }

    /// The ISR as the controller has it.
    fn isr(&self) -> Vec<u8> {
        let image = self.world.model.controller().image();
        let state = &image.partitions[&T0];
        let mut isr: Vec<_> = state.isr.iter().map(|node| node.0).collect();
        isr.sort_unstable();
        isr
    }

    fn leader(&self) -> Option<NodeId> {
        self.world.model.controller().image().partitions[&T0].leader
    }

    /// When the first entry like this was written.
    fn when(&self, is: impl Fn(&Entry) -> bool) -> Option<Micros> {
        let mut entries = self.journal.entries().iter();
        Some(entries.find(|entry| is(&entry.what))?.at)
    }

    fn count(&self, is: impl Fn(&Entry) -> bool) -> usize {
        let entries = self.journal.entries().iter();
        entries.filter(|entry| is(&entry.what)).count()
    }
}

/// A batch without producer id.
fn plain(messages: &[u32], now: Micros) -> Batch {
    let record = |message: &u32| Record {
        message: MessageId(*message),
        key: None,
        size_bytes: 100,
        tombstone: false,
    };
    Batch {
        producer: None,
        records: Records::Data(messages.iter().map(record).collect()),
        size_bytes: 61 + 100 * messages.len() as u32,
        max_timestamp: now,
    }
}

/// A batch of producer 9.
fn idempotent(messages: &[u32], base_sequence: u32, now: Micros) -> Batch {
    let producer = Some(ProducerStamp {
        producer_id: 9,
        producer_epoch: 0,
        base_sequence,
        transactional: false,
    });
    Batch {
        producer,
        ..plain(messages, now)
    }
}
