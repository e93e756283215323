//! Turns the simulator's journal into the events that the harness records, and keeps what its waits look at.

use crate::cast::{Cast, recorded_name};
use crate::disks::Row;
use crate::golden::{Brokers, Event, PartitionState, Polled, Seen, Thrown};
use acklab::kafka::metadata::{MetadataImage, Recovery};
use acklab::kafka::{Answer, ClientError, CommitHow, Entry, Journal, Role, TopicPartition};
use acklab::sim::{MS, NodeId, Stamped};
use std::collections::{BTreeMap, BTreeSet};

/// How a call came back.
#[derive(Clone, Debug)]
pub enum Back {
    Returned(Answer),
    Thrown(ClientError),
}

/// What was seen so far, the journal read up to some entry.
pub struct Recorder {
    /// The ids that the golden gives the controllers.
    voters: Vec<i32>,
    /// Simulated time of the story's start, in microseconds.
    began_us: u64,
    read: usize,
    pub observed: Vec<Seen>,
    /// As the controller has them; internal topics too.
    pub partitions: BTreeMap<String, PartitionState>,
    /// Internal partitions whose changes the recording watched.
    pub watched: BTreeSet<String>,
    /// `fenced`, `unfenced`, `registered`, by broker.
    pub brokers: BTreeMap<i32, String>,
    /// Processes that ended, of their own accord or not, and were not started again.
    pub ended: BTreeSet<i32>,
    /// Each broker's logs as its machine has them, whether the process runs or not.
    pub logs: BTreeMap<(NodeId, TopicPartition), Vec<Row>>,
    /// Clients that poll over and over.
    pub looping: BTreeSet<NodeId>,
    /// Where the segments of these logs begin, the first left out.
    pub segments: BTreeMap<(NodeId, TopicPartition), Vec<u64>>,
    /// Calls that came back, by client: name and result, oldest first.
    pub backs: Vec<(NodeId, &'static str, Back)>,
}

impl Recorder {
    pub fn new(brokers: &Brokers) -> Self {
        Recorder {
            voters: brokers.voters(),
            began_us: 0,
            read: 0,
            observed: Vec::new(),
            partitions: BTreeMap::new(),
            watched: BTreeSet::new(),
            brokers: brokers
                .ids
                .iter()
                .map(|b| (*b, "unfenced".to_owned()))
                .collect(),
            ended: BTreeSet::new(),
            logs: BTreeMap::new(),
            looping: BTreeSet::new(),
            segments: BTreeMap::new(),
            backs: Vec::new(),
        }
    }

    /// The partitions as they are before anything happens.
    pub fn know(&mut self, cast: &Cast) {
        for (partition, state) in &MetadataImage::at_start(&cast.spec).partitions {
            let name = cast.spec.partition_name(*partition);
            let state_now = partition_state(cast, *partition, state);
            self.partitions.insert(name, state_now);
            for replica in &state.replicas {
                self.logs.insert((*replica, *partition), Vec::new());
            }
        }
    }

    /// Offset and value of what a client polled after the first `from` events.
    pub fn read_by(&self, client: &str, from: usize) -> Vec<(i64, Option<String>)> {
        let of_client = self.observed[from..]
            .iter()
            .filter(|e| e.client.as_deref() == Some(client));
        let polls = of_client.filter_map(|e| match &e.event {
            Event::Polled { records } => Some(records),
            _ => None,
        });
        polls
            .flatten()
            .map(|r| (r.offset, r.value.clone()))
            .collect()
    }

    /// The story starts now: what happened before is state, not observation.
    pub fn begin(&mut self, now_us: u64, cast: &Cast) {
        self.began_us = now_us;
        self.observed.clear();
        for name in cast.partitions.keys() {
            if let Some(state) = self.partitions.get(name) {
                let event = Event::Partition(state.clone());
                self.observed.push(Seen {
                    at_ms: 0,
                    client: None,
                    event,
                });
            }
        }
    }

    /// Milliseconds since the story began.
    pub fn at_ms(&self, now_us: u64) -> i64 {
        (now_us.saturating_sub(self.began_us) / MS) as i64
    }

    /// What the harness itself saw.
    pub fn saw(&mut self, at_ms: i64, client: Option<&str>, event: Event) {
        self.observed.push(Seen {
            at_ms,
            client: client.map(str::to_owned),
            event,
        });
    }

    /// Reads what is new in the journal; whether there was anything.
    pub fn read(&mut self, journal: &Journal, cast: &Cast) -> bool {
        let new = &journal.entries()[self.read..];
        self.read = journal.len();
        for entry in new {
            self.take(entry, cast);
        }
        !new.is_empty()
    }

    fn take(&mut self, entry: &Stamped<Entry>, cast: &Cast) {
        match cast.spec.role(entry.node) {
            Role::Client(_) | Role::Operator => self.client_entry(entry, cast),
            _ => self.cluster_entry(entry, cast),
        }
    }

    fn cluster_entry(&mut self, entry: &Stamped<Entry>, cast: &Cast) {
        let (node, at_ms) = (entry.node, self.at_ms(entry.at));
        match &entry.what {
            Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted => {
                self.ended.insert(self.id_of(node, cast));
            }
            Entry::Started => drop(self.ended.remove(&self.id_of(node, cast))),
            Entry::Fenced { broker } => self.broker_is(at_ms, *broker, "fenced"),
            Entry::Unfenced { broker } => self.broker_is(at_ms, *broker, "unfenced"),
            Entry::Registered { broker, .. } => self.broker_is(at_ms, *broker, "registered"),
            // One controller alone always leads.
            Entry::ControllerActive { .. } if self.voters.len() > 1 => {
                let leader = self.id_of(node, cast);
                self.saw(at_ms, None, Event::Quorum { leader });
            }
            Entry::Partition {
                partition, after, ..
            } => {
                let name = cast.spec.partition_name(*partition);
                let state = partition_state(cast, *partition, after);
                if cast.partitions.contains_key(&name) || self.watched.contains(&name) {
                    self.saw(at_ms, None, Event::Partition(state.clone()));
                }
                self.partitions.insert(name, state);
            }
            log => self.log_entry(node, log, cast),
        }
    }

    fn id_of(&self, node: NodeId, cast: &Cast) -> i32 {
        if cast.spec.role(node) == Role::Controller {
            let place = node.0 - cast.spec.controller_node().0;
            self.voters[usize::from(place)]
        } else {
            i32::from(node.0)
        }
    }

    fn broker_is(&mut self, at_ms: i64, broker: NodeId, state: &str) {
        let broker = i32::from(broker.0);
        self.brokers.insert(broker, state.to_owned());
        self.saw(
            at_ms,
            None,
            Event::Broker {
                broker,
                state: state.to_owned(),
            },
        );
    }

    fn client_entry(&mut self, entry: &Stamped<Entry>, cast: &Cast) {
        match &entry.what {
            Entry::Returned { call, answer } => {
                self.backs
                    .push((entry.node, call, Back::Returned(answer.clone())));
                return;
            }
            Entry::Thrown { call, error } => {
                self.backs.push((entry.node, call, Back::Thrown(*error)));
                // A call that the harness waits for is reported by itself.
                if *call != "poll" || !self.looping.contains(&entry.node) {
                    return;
                }
            }
            _ => {}
        }
        let Role::Client(place) = cast.spec.role(entry.node) else {
            return;
        };
        let name = recorded_name(&cast.spec.clients[place].name);
        if let Some(event) = told(&entry.what, cast) {
            self.saw(self.at_ms(entry.at), Some(name), event);
        }
    }
}

/// What a client's process would have reported of this entry.
fn told(entry: &Entry, cast: &Cast) -> Option<Event> {
    let names = |partitions: &[TopicPartition]| {
        let mut names: Vec<String> = partitions
            .iter()
            .map(|p| cast.spec.partition_name(*p))
            .collect();
        names.sort();
        names
    };
    let topic = |p: &TopicPartition| cast.spec.topic(p.topic).name.clone();
    Some(match entry {
        Entry::Acked {
            message,
            partition,
            offset,
        } => Event::Acked {
            topic: topic(partition),
            partition: i32::from(partition.partition),
            offset: offset.map_or(-1, |o| o as i64),
            value: cast.text(*message),
        },
        Entry::Failed {
            message,
            partition,
            error,
        } => Event::Failed {
            topic: partition.as_ref().map(topic).unwrap_or_default(),
            partition: partition.map_or(-1, |p| i32::from(p.partition)),
            value: cast.text(*message),
            error: error.class().to_owned(),
        },
        Entry::Polled { records, .. } => Event::Polled {
            records: records
                .iter()
                .map(|(o, m)| Polled {
                    offset: *o as i64,
                    value: cast.text(*m),
                })
                .collect(),
        },
        Entry::Assigned { partitions } => Event::Assigned {
            partitions: names(partitions),
        },
        Entry::Revoked { partitions } => Event::Revoked {
            partitions: names(partitions),
        },
        Entry::PartitionsLost { partitions } => Event::PartitionsLost {
            partitions: names(partitions),
        },
        Entry::Committed { offsets, .. } => {
            let offset = |(p, o): &(TopicPartition, Option<u64>)| {
                (cast.spec.partition_name(*p), o.map(|o| o as i64))
            };
            Event::Committed {
                offsets: offsets.iter().map(offset).collect(),
            }
        }
        // The real consumer only logs it.
        Entry::CommitFailed {
            how: CommitHow::Auto,
            ..
        } => return None,
        Entry::Thrown { call, error } => thrown(call, *error),
        Entry::CommitFailed { error, .. } => Event::CommitFailed {
            error: error.class().to_owned(),
        },
        _ => return None,
    })
}

/// An exception that a call as a whole threw.
pub fn thrown(call: &str, error: ClientError) -> Event {
    Event::Thrown(Thrown {
        call: call.to_owned(),
        error: error.class().to_owned(),
        value: None,
    })
}

fn partition_state(
    cast: &Cast,
    partition: TopicPartition,
    state: &acklab::kafka::metadata::PartitionState,
) -> PartitionState {
    let ids = |nodes: &[NodeId]| nodes.iter().map(|n| i32::from(n.0)).collect();
    let recovering = state.recovery == Recovery::Recovering;
    PartitionState {
        topic: cast.spec.topic(partition.topic).name.clone(),
        partition: i32::from(partition.partition),
        leader: state.leader.map_or(-1, |n| i32::from(n.0)),
        leader_epoch: state.leader_epoch as i32,
        isr: ids(&state.isr),
        elr: ids(&state.elr),
        recovery: if recovering {
            "RECOVERING"
        } else {
            "RECOVERED"
        }
        .to_owned(),
    }
}
