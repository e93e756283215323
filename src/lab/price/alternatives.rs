//! What a run is compared with: the usual ways to be safer or quicker, each a few knobs on top of the experiment.

use super::words::ms;
use crate::kafka::config::Configs;
use crate::lab::experiment::Experiment;
use crate::lab::knobs::{count, find, turn};
use crate::lab::lessons::Lesson;
use crate::lab::text::Text;
use crate::lab::what_if::current;

/// What a group of alternatives is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Whom an ack waits for.
    Acks,
    /// Whether it waits for the disk.
    Flush,
    /// How many copies there are.
    Copies,
    /// What the application does with the result of `send()`.
    Send,
    /// How many records share a request.
    Batch,
    /// How long a producer tries.
    Retries,
}

/// One way to run the experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// What it is about.
    pub family: Family,
    /// Its knobs, as they are written down.
    pub name: &'static str,
    /// What they do.
    pub note: Text,
    /// The same, to be turned: handle and value.
    pub changes: &'static [(&'static str, &'static str)],
    /// The experiment is run like this already.
    pub is_now: bool,
    /// The experiment with them.
    pub experiment: Experiment,
}

/// An alternative as it is listed: name, note in both languages, knobs.
type Listed = (
    Family,
    &'static str,
    (&'static str, &'static str),
    &'static [(&'static str, &'static str)],
);

const FOREVER: &str = "9223372036854775807";

/// All of them. `{fsync}` is what one fsync costs there.
const ALL: [Listed; 21] = [
    (
        Family::Acks,
        "acks=0",
        (
            "no answer; the callback fires at once",
            "没有应答，callback 立即返回",
        ),
        &[("acks", "0")],
    ),
    (
        Family::Acks,
        "acks=1",
        ("the leader alone answers", "只由 leader 应答"),
        &[("acks", "1")],
    ),
    (
        Family::Acks,
        "acks=all",
        ("every in-sync replica first", "等所有 ISR 副本写入"),
        &[("acks", "all"), ("min.insync.replicas", "1")],
    ),
    (
        Family::Acks,
        "acks=all, min.insync.replicas=2",
        (
            "two at least, or the write is refused",
            "至少两个副本，否则拒绝写入",
        ),
        &[("acks", "all"), ("min.insync.replicas", "2")],
    ),
    (
        Family::Flush,
        "flush.messages never",
        ("the answer comes from the page cache", "写进页缓存就应答"),
        &[("acks", "all"), ("flush.messages", FOREVER)],
    ),
    (
        Family::Flush,
        "flush.messages=1, SSD",
        (
            "fsync before each answer: {fsync} ms",
            "应答之前 fsync 一次：{fsync} ms",
        ),
        &[
            ("acks", "all"),
            ("flush.messages", "1"),
            ("disk.kind", "ssd"),
        ],
    ),
    (
        Family::Flush,
        "flush.messages=1, hard disk",
        (
            "fsync before each answer: {fsync} ms",
            "应答之前 fsync 一次：{fsync} ms",
        ),
        &[
            ("acks", "all"),
            ("flush.messages", "1"),
            ("disk.kind", "hdd"),
        ],
    ),
    (
        Family::Copies,
        "replication.factor=1",
        ("one copy", "一份副本"),
        &[
            ("acks", "all"),
            ("min.insync.replicas", "1"),
            ("replication.factor", "1"),
        ],
    ),
    (
        Family::Copies,
        "replication.factor=2",
        (
            "two copies, one is enough to write",
            "两份副本，有一份即可写入",
        ),
        &[
            ("acks", "all"),
            ("min.insync.replicas", "1"),
            ("replication.factor", "2"),
        ],
    ),
    (
        Family::Copies,
        "replication.factor=3, min.insync.replicas=2",
        ("three copies, two to write", "三份副本，至少两份才能写入"),
        &[
            ("acks", "all"),
            ("min.insync.replicas", "2"),
            ("replication.factor", "3"),
        ],
    ),
    (
        Family::Send,
        "send.mode=forget",
        ("send() and look no further", "send() 之后不看结果"),
        &[("send.mode", "forget")],
    ),
    (
        Family::Send,
        "send.mode=callback",
        (
            "send(callback): the result is heard later",
            "send(callback)：稍后得知结果",
        ),
        &[("send.mode", "callback")],
    ),
    (
        Family::Send,
        "send.mode=sync",
        ("send().get(): one at a time", "send().get()：逐条等待"),
        &[("send.mode", "sync")],
    ),
    (
        Family::Batch,
        "linger.ms=0",
        ("nothing waits for company", "不等待凑批"),
        &[("linger.ms", "0"), ("batch.size", "16384")],
    ),
    (
        Family::Batch,
        "linger.ms=5",
        ("5 ms for a batch to fill", "用 5 ms 凑一批"),
        &[("linger.ms", "5"), ("batch.size", "16384")],
    ),
    (
        Family::Batch,
        "linger.ms=50, batch.size=131072",
        ("50 ms, and eight times the room", "50 ms，批大小 8 倍"),
        &[("linger.ms", "50"), ("batch.size", "131072")],
    ),
    (
        Family::Batch,
        "batch.size=0",
        ("every record alone", "每条记录单独成批"),
        &[("linger.ms", "0"), ("batch.size", "0")],
    ),
    (
        Family::Batch,
        "no keys",
        (
            "sticky: one batch is filled after the other",
            "sticky：一个 batch 写满再写下一个",
        ),
        &[("record.keys", "0"), ("partitioner.class", "null")],
    ),
    (
        Family::Batch,
        "no keys, RoundRobinPartitioner",
        (
            "every partition in turn, many small batches",
            "轮流写各个 partition，batch 多而小",
        ),
        &[
            ("record.keys", "0"),
            ("partitioner.class", "RoundRobinPartitioner"),
        ],
    ),
    (
        Family::Retries,
        "retries=3",
        ("gives up after three tries more", "再试三次后放弃"),
        &[("retries", "3")],
    ),
    (
        Family::Retries,
        "retries default",
        (
            "until delivery.timeout.ms ends it",
            "直到 delivery.timeout.ms 为止",
        ),
        &[("retries", "2147483647")],
    ),
];

impl Alternative {
    /// What is to be turned, in order, to get from `experiment` to this; more brokers first, where copies need them.
    pub fn knobs(&self, experiment: &Experiment) -> Vec<(String, String)> {
        let brokers = self.experiment.topology.brokers;
        let more = (brokers > experiment.topology.brokers).then(|| brokers.to_string());
        let first = more.map(|count| ("brokers".to_string(), count));
        let named = self.changes.iter();
        let named = named.map(|(name, value)| (name.to_string(), value.to_string()));
        first.into_iter().chain(named).collect()
    }
}

impl Family {
    /// All of them, in the order they are shown.
    pub const ALL: [Family; 6] = [
        Family::Acks,
        Family::Flush,
        Family::Copies,
        Family::Send,
        Family::Batch,
        Family::Retries,
    ];

    /// Its heading.
    pub fn title(self) -> Text {
        match self {
            Family::Acks => Text::fixed("whom an ack waits for", "ack 等谁"),
            Family::Flush => Text::fixed("page cache or disk", "页缓存还是磁盘"),
            Family::Copies => Text::fixed("how many copies", "几份副本"),
            Family::Send => Text::fixed("what becomes of the result", "怎样对待 send() 的结果"),
            Family::Batch => {
                Text::fixed("how many records share a request", "多少条记录共用一次请求")
            }
            Family::Retries => Text::fixed("how long the producer tries", "producer 尝试多久"),
        }
    }

    /// A lesson about one of these is about this.
    fn knobs(self) -> &'static [&'static str] {
        match self {
            Family::Acks => &["acks"],
            Family::Flush => &["flush.messages", "flush.ms", "disk.kind"],
            Family::Copies => &[
                "min.insync.replicas",
                "flush.messages",
                "unclean.leader.election.enable",
            ],
            Family::Send => &["send.mode"],
            Family::Batch => &["linger.ms", "batch.size", "partitioner.class"],
            Family::Retries => &["retries", "delivery.timeout.ms"],
        }
    }

    /// The families that a lesson is about; all of them where it is about nothing.
    pub fn of(lesson: &Lesson) -> Vec<Family> {
        if lesson.number.is_none() {
            return Family::ALL.to_vec();
        }
        let fixed = lesson.fix.iter().map(|(_, name, _)| *name);
        let about: Vec<&str> = lesson
            .knobs
            .iter()
            .map(|(_, name)| *name)
            .chain(fixed)
            .collect();
        let concerns = |family: &Family| family.knobs().iter().any(|knob| about.contains(knob));
        let found: Vec<Family> = Family::ALL.into_iter().filter(concerns).collect();
        if found.is_empty() {
            vec![Family::Acks]
        } else {
            found
        }
    }
}

/// The alternatives of these families that Kafka would run, on top of `experiment`.
pub(super) fn alternatives(experiment: &Experiment, families: &[Family]) -> Vec<Alternative> {
    let asked = |listed: &&Listed| families.contains(&listed.0);
    ALL.iter()
        .filter(asked)
        .filter_map(|listed| on_top(experiment, listed))
        .collect()
}

fn on_top(experiment: &Experiment, listed: &Listed) -> Option<Alternative> {
    let (family, name, (en, zh), changes) = *listed;
    // With one partition there is nothing to choose.
    if value(changes, "partitioner.class").is_some() && experiment.topology.partitions < 2 {
        return None;
    }
    if is_so(experiment, changes) {
        return Some(Alternative {
            is_now: true,
            experiment: experiment.clone(),
            note: note(en, zh, experiment),
            family,
            name,
            changes,
        });
    }
    let copies = |name| value(changes, name).and_then(|value| value.parse::<u8>().ok());
    let mut changed = experiment.clone();
    if let Some(factor) = copies("replication.factor") {
        // A list of replicas by hand says already how many there are.
        changed.topology.replicas.clear();
        if factor > changed.topology.brokers {
            changed = turn(&changed, "brokers", &factor.to_string()).ok()?;
        }
    } else if copies("min.insync.replicas") > Some(changed.topology.replication_factor) {
        return None;
    }
    for (handle, value) in changes {
        changed = turn(&changed, handle, value).ok()?;
    }
    Some(Alternative {
        is_now: false,
        note: note(en, zh, &changed),
        experiment: changed,
        family,
        name,
        changes,
    })
}

fn note(en: &'static str, zh: &'static str, experiment: &Experiment) -> Text {
    let (configs, _) = Configs::build(&experiment.configs);
    let fsync = ms(configs.environment.fsync_us());
    let filled = |words: &str| words.replace("{fsync}", &fsync);
    Text::new(filled(en), filled(zh))
}

fn value(changes: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    let mut found = changes.iter().filter(|(handle, _)| *handle == name);
    found.next().map(|(_, value)| *value)
}

/// Whether all of these knobs stand like this already.
fn is_so(experiment: &Experiment, changes: &[(&'static str, &'static str)]) -> bool {
    let (configs, _) = Configs::build(&experiment.configs);
    let now = |handle: &str| match find(handle) {
        Some((owner, row)) => current(&configs, owner, row.name),
        None => count(experiment, handle).map(|n| n.to_string()),
    };
    changes
        .iter()
        .all(|(handle, value)| now(handle).as_deref() == Some(*value))
}

/// The experiment itself, where no alternative is the same.
pub(super) fn as_it_is(experiment: &Experiment, family: Family) -> Alternative {
    Alternative {
        family,
        name: "",
        note: Text::fixed("as it is set now", "当前设置"),
        changes: &[],
        is_now: true,
        experiment: experiment.clone(),
    }
}
