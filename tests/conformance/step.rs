//! The steps of a story as types. A step or a key that is not known here is an error that names it.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One thing done to the cluster or by a client.
#[derive(Clone, Debug)]
pub struct Step {
    pub at_ms: i64,
    /// How long the call blocked; none where the story went on at once.
    pub took_ms: Option<i64>,
    pub timed_out: bool,
    pub action: Do,
}

#[derive(Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Do {
    Send(Send),
    Open {
        client: String,
    },
    PartitionsFor {
        client: String,
        topic: String,
    },
    Flush {
        client: String,
    },
    Kill(Target),
    Pause(Target),
    Resume(Target),
    Stop(Target),
    Start(Target),
    PowerOff {
        broker: i32,
    },
    OsWriteBack {
        broker: i32,
    },
    FillDisk {
        broker: i32,
    },
    FreeDisk {
        broker: i32,
    },
    /// Nothing can be written to this broker's disk any more; of several only to that which holds a partition.
    FailDisk {
        broker: i32,
        holding: Option<String>,
    },
    Wipe {
        broker: i32,
        keep_identity: bool,
    },
    Cut {
        between: [Value; 2],
    },
    Heal {
        between: [Value; 2],
    },
    Sleep {
        ms: i64,
        #[serde(rename = "why")]
        _why: String,
    },
    Wait {
        until: String,
        measured: Option<String>,
    },
    Note {
        #[serde(rename = "text")]
        _text: String,
    },
    End,
    Subscribe {
        client: String,
        topics: Vec<String>,
    },
    Unsubscribe {
        client: String,
    },
    Assign {
        client: String,
        partitions: Vec<String>,
    },
    Seek {
        client: String,
        partition: String,
        offset: i64,
    },
    Poll {
        client: String,
        timeout_ms: i64,
    },
    PollStart {
        client: String,
        timeout_ms: i64,
        commit: Option<String>,
    },
    PollStop {
        client: String,
    },
    Process {
        client: String,
        values: Vec<Option<String>>,
    },
    CommitSync {
        client: String,
        offsets: Option<BTreeMap<String, i64>>,
    },
    CommitAsync {
        client: String,
        offsets: Option<BTreeMap<String, i64>>,
    },
    Committed {
        client: String,
        partitions: Vec<String>,
    },
    Position {
        client: String,
    },
    EndOffsets {
        client: String,
        partitions: Vec<String>,
    },
    Close {
        client: String,
        timeout_ms: Option<i64>,
    },
    CloseNow {
        client: String,
    },
    InitTransactions {
        client: String,
    },
    Begin {
        client: String,
    },
    Commit {
        client: String,
    },
    Abort {
        client: String,
    },
    SendOffsets {
        client: String,
        offsets: BTreeMap<String, i64>,
        of: String,
        /// With the group metadata that was kept, not with the consumer's present one.
        #[serde(default)]
        kept: bool,
    },
    Elect {
        partition: String,
        unclean: bool,
    },
    AlterTopic {
        topic: String,
        config: BTreeMap<String, String>,
    },
    DeleteRecords {
        partition: String,
        offset: i64,
    },
    CreatePartitions {
        topic: String,
        count: i32,
        /// One replica list for each new partition.
        #[serde(default)]
        assignment: Vec<Vec<i32>>,
    },
    Reassign {
        partition: String,
        replicas: Vec<i32>,
    },
    /// One of Kafka's command line tools; `localhost:9092` stands for the brokers that answer, `/data/1` for the data of
    /// broker 1.
    Tool {
        line: String,
    },
    /// The application asks for `groupMetadata()` and keeps it.
    GroupMetadata {
        client: String,
    },
}

#[derive(Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Send {
    pub client: String,
    pub topic: String,
    pub partition: Option<i32>,
    pub key: Option<String>,
    pub values: Vec<Option<String>>,
    /// Values are padded with dots to this many bytes.
    pub pad: Option<usize>,
}

/// Whom a signal goes to: exactly one of the three.
#[derive(Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub broker: Option<i32>,
    pub controller: Option<i32>,
    pub client: Option<String>,
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(from)?;
        let number = |v: Option<Value>| v.and_then(|v| v.as_i64());
        let flag = |v: Option<Value>| v == Some(Value::Bool(true));
        let at_ms = number(fields.remove("at_ms")).unwrap_or(0);
        let took_ms = number(fields.remove("took_ms"));
        let timed_out = flag(fields.remove("timed_out"));
        fields.remove("process_gone");
        let shown = Value::Object(fields.clone());
        let action = serde_json::from_value(Value::Object(fields))
            .map_err(|e| serde::de::Error::custom(format!("step {shown}: {e}")))?;
        Ok(Step {
            at_ms,
            took_ms,
            timed_out,
            action,
        })
    }
}

impl Do {
    /// The client that this step gives a command or a signal to.
    #[rustfmt::skip]
    pub fn client(&self) -> Option<&str> {
        match self {
            Do::Send(send) => Some(&send.client),
            Do::Kill(t) | Do::Pause(t) | Do::Resume(t) => t.client.as_deref(),
            Do::Open { client } | Do::PartitionsFor { client, .. } | Do::Flush { client }
            | Do::Subscribe { client, .. } | Do::Unsubscribe { client } | Do::Assign { client, .. }
            | Do::Seek { client, .. } | Do::Poll { client, .. } | Do::PollStart { client, .. }
            | Do::PollStop { client } | Do::Process { client, .. } | Do::CommitSync { client, .. }
            | Do::CommitAsync { client, .. } | Do::Committed { client, .. } | Do::Position { client }
            | Do::EndOffsets { client, .. } | Do::Close { client, .. } | Do::CloseNow { client }
            | Do::InitTransactions { client } | Do::Begin { client } | Do::Commit { client }
            | Do::Abort { client } | Do::GroupMetadata { client } | Do::SendOffsets { client, .. } => Some(client),
            _ => None,
        }
    }
}
