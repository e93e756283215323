//! The golden files as types: what was done to a real cluster, what was seen, and the facts that every repetition showed.
//!
//! Parsing is strict about `steps` and `expect`: a step or a key that is not known here is an error that names it, so that a
//! golden with something new is reported as not understood and never as passed.

use crate::course::Course;
use crate::step::Step;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Offsets by partition name (`t-0`), null where there is none.
pub type Offsets = BTreeMap<String, Option<i64>>;

/// One golden that was recorded from a cluster.
#[derive(Deserialize)]
pub struct Golden {
    pub features: BTreeMap<String, u16>,
    pub brokers: Brokers,
    pub topics: Vec<Topic>,
    /// Internal topics that were created beforehand, so that it is known who coordinates.
    #[serde(default)]
    pub internal_topics: Vec<Topic>,
    pub clients: BTreeMap<String, Client>,
    pub steps: Vec<Step>,
    /// Of what was seen, that which is no fact but part of how the story went.
    #[serde(rename = "observed", deserialize_with = "crate::course::read")]
    pub course: Course,
    pub expect: Vec<Map<String, Value>>,
    #[serde(default)]
    pub varied: Vec<Varied>,
}

impl Golden {
    /// Whether any producer has a transactional.id.
    pub fn has_transactions(&self) -> bool {
        let mut clients = self.clients.values();
        clients.any(|client| client.config.contains_key("transactional.id"))
    }
}

/// What one play-through left: the golden's own first repetition, or a run of the simulator.
#[derive(Deserialize)]
pub struct Trace {
    pub clients: BTreeMap<String, Client>,
    pub steps: Vec<Step>,
    pub observed: Vec<Seen>,
    #[serde(rename = "final")]
    pub end: End,
}

#[derive(Deserialize, Clone)]
pub struct Brokers {
    pub ids: Vec<i32>,
    pub controller: i32,
    /// All voters, where there are several; `controller` leads them when the story begins.
    #[serde(default)]
    pub controllers: Vec<i32>,
    pub storage: String,
    pub config: BTreeMap<String, String>,
    /// Settings of single brokers, by id.
    #[serde(default)]
    pub own_config: BTreeMap<String, BTreeMap<String, String>>,
    /// Log directories of each broker, each on a disk of its own; with several the metadata log lies apart from them.
    #[serde(default = "one")]
    pub log_dirs: u8,
}

fn one() -> u8 {
    1
}

impl Brokers {
    /// The ids of all controllers.
    pub fn voters(&self) -> Vec<i32> {
        if self.controllers.is_empty() {
            vec![self.controller]
        } else {
            self.controllers.clone()
        }
    }
}

#[derive(Deserialize, Clone)]
pub struct Topic {
    pub name: String,
    /// One replica list per partition, the preferred leader first.
    pub replicas: Vec<Vec<i32>>,
    pub config: BTreeMap<String, String>,
}

#[derive(Deserialize, Clone)]
pub struct Client {
    pub kind: String,
    pub config: BTreeMap<String, String>,
}

/// A fact that differed between repetitions, as each of them showed it (null: not at all).
#[derive(Deserialize)]
pub struct Varied {
    pub seen: Vec<Option<Map<String, Value>>>,
}

/// One thing that was seen, with the client that saw it (none: the cluster itself).
#[derive(Deserialize, Clone, Debug)]
pub struct Seen {
    pub at_ms: i64,
    pub client: Option<String>,
    #[serde(flatten)]
    pub event: Event,
}

#[derive(Deserialize, Clone, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Acked {
        topic: String,
        partition: i32,
        offset: i64,
        value: Option<String>,
    },
    Failed {
        topic: String,
        #[serde(default = "nowhere")]
        partition: i32,
        value: Option<String>,
        error: String,
    },
    Thrown(Thrown),
    Polled {
        records: Vec<Polled>,
    },
    Committed {
        offsets: Offsets,
    },
    CommitFailed {
        error: String,
    },
    Assigned {
        partitions: Vec<String>,
    },
    Revoked {
        partitions: Vec<String>,
    },
    PartitionsLost {
        partitions: Vec<String>,
    },
    CommittedIs {
        offsets: Value,
    },
    PositionIs {
        offsets: Value,
    },
    EndOffsets {
        offsets: Value,
    },
    HighWatermark {
        partition: String,
        offset: Option<i64>,
    },
    /// An admin client described a topic (`DescribeTopicPartitions`).
    Described {
        topic: String,
        partitions: Vec<Described>,
    },
    /// A command line tool has ended; the suite of the terminal reads it.
    #[allow(dead_code)]
    Printed {
        line: String,
        exit_status: i32,
        out: String,
        err: String,
    },
    Log {
        broker: i32,
        partition: String,
        records: Vec<LogRow>,
    },
    PowerCut {
        broker: i32,
        partition: String,
        lost_from_disk: Vec<(i64, Option<String>)>,
    },
    ProcessEnded {},
    Partition(PartitionState),
    Broker {
        broker: i32,
        state: String,
    },
    /// The controllers elected a leader.
    Quorum {
        leader: i32,
    },
    Assignment {
        when: String,
        members: BTreeMap<String, Vec<String>>,
    },
}

fn nowhere() -> i32 {
    -1
}

/// An exception out of a call: of one record (`value` is there, be it null) or of the call as a whole.
#[derive(Deserialize, Clone, Debug)]
pub struct Thrown {
    pub call: String,
    pub error: String,
    #[serde(default, deserialize_with = "present")]
    pub value: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

#[derive(Deserialize, Clone, Debug)]
pub struct Polled {
    pub offset: i64,
    pub value: Option<String>,
}

/// Offset, leader epoch, and the value or the kind of a control record.
#[derive(Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRow(pub i64, pub i32, pub Option<String>);

/// A partition as the controller's metadata log has it; leader −1 is none.
#[derive(Deserialize, Clone, Debug)]
pub struct PartitionState {
    pub topic: String,
    pub partition: i32,
    pub leader: i32,
    pub leader_epoch: i32,
    pub isr: Vec<i32>,
    pub elr: Vec<i32>,
    pub recovery: String,
}

/// A partition as `Admin.describeTopics` tells of it; leader −1 is none.
#[derive(Deserialize, serde::Serialize, Clone, Debug, PartialEq)]
pub struct Described {
    pub leader: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub elr: Vec<i32>,
    pub last_known_elr: Vec<i32>,
}

/// Offset and value of each record, in order.
pub type Rows = Vec<(i64, Option<String>)>;

/// What was looked at once the story was over.
#[derive(Deserialize, Clone, Debug)]
pub struct End {
    /// `unfenced`, `fenced`, `registered`, `paused`, `down`, by broker id.
    pub brokers: BTreeMap<String, String>,
    /// Offset and value, by partition; none where nobody leads.
    pub read_back: BTreeMap<String, Option<Rows>>,
    /// The same with isolation.level=read_committed; empty in stories without a transactional producer.
    #[serde(default)]
    pub read_committed: BTreeMap<String, Option<Rows>>,
    pub high_watermark: Offsets,
    /// By broker and partition: every record as DumpLogSegments shows it, all fields.
    pub logs: BTreeMap<String, BTreeMap<String, Option<Vec<Value>>>>,
    /// By group: offsets, or the text of an error.
    pub committed: BTreeMap<String, Value>,
}
