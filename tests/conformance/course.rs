//! How a recorded story went, as far as its steps do not tell: looks in between, and the luck that it had.
//!
//! When brokers die or start together, whose session ends first and who is back first was chance on the cluster: it depends on
//! where in its heartbeat interval each of them was, and on how fast its process came up. So it was chance in which order the
//! members of a group heard of an assignment made for all of them; and whose first fetch reached a new leader first, of followers
//! that heard of it at the same moment. No step sets that, so the seed is chosen by the recorded order, and by nothing else.

use crate::golden::{Event, Golden, Seen, Trace};
use crate::step::{Do, Step};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

pub struct Course {
    /// Looks that the harness took between the steps.
    pub looks: Vec<Look>,
    /// What the controller made of the brokers' lives.
    pub lives: Vec<Life>,
    /// When which consumer was told of an assignment.
    pub assigned: Vec<(i64, String)>,
    /// In which order replicas came back into the ISR of each partition.
    joined: Vec<Joined>,
}

/// A partition and a broker that came back into its ISR.
type Joined = (String, i32);

pub struct Look {
    pub at_ms: i64,
    pub at: LookAt,
}

pub enum LookAt {
    /// An admin client asked for the end of a partition.
    HighWatermark { partition: String },
    /// An admin client asked for what a group has committed.
    Group { group: String },
    /// An admin client described a topic.
    Topic { topic: String },
    /// The log of this broker was read from its disk.
    Log { broker: i32 },
}

/// The controller fenced, registered or unfenced a broker.
#[derive(Clone)]
pub struct Life {
    pub at_ms: i64,
    pub broker: i32,
    pub state: String,
}

/// Reads it from a golden's `observed`.
pub fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Course, D::Error> {
    let events = Vec::<Value>::deserialize(from)?;
    Ok(Course {
        looks: events.iter().filter_map(look).collect(),
        lives: events.iter().filter_map(life).collect(),
        assigned: events.iter().filter_map(assigned).collect(),
        joined: joined(events.iter().filter_map(isr)),
    })
}

fn isr(event: &Value) -> Option<(String, Vec<i32>)> {
    let topic = event["topic"]
        .as_str()
        .filter(|_| event["event"] == "partition")?;
    let ids = event["isr"].as_array()?.iter();
    let ids = ids.filter_map(|id| Some(id.as_i64()? as i32));
    Some((format!("{topic}-{}", event["partition"]), ids.collect()))
}

/// Who came back, by partition.
fn joined(changes: impl Iterator<Item = (String, Vec<i32>)>) -> Vec<Joined> {
    let mut known: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let mut joined = Vec::new();
    for (partition, isr) in changes {
        if let Some(before) = known.get(&partition) {
            let back = isr.iter().filter(|id| !before.contains(id));
            joined.extend(back.map(|id| (partition.clone(), *id)));
        }
        known.insert(partition, isr);
    }
    joined.sort_by(|one, other| one.0.cmp(&other.0));
    joined
}

fn look(event: &Value) -> Option<Look> {
    let text = |key: &str| event[key].as_str().map(str::to_owned);
    let at = match event["event"].as_str()? {
        "high_watermark" => LookAt::HighWatermark {
            partition: text("partition")?,
        },
        "committed_is" if event["client"] == "admin" => LookAt::Group {
            group: text("group")?,
        },
        "described" => LookAt::Topic {
            topic: text("topic")?,
        },
        "log" => LookAt::Log {
            broker: event["broker"].as_i64()? as i32,
        },
        _ => return None,
    };
    Some(Look {
        at_ms: event["at_ms"].as_i64()?,
        at,
    })
}

fn life(event: &Value) -> Option<Life> {
    let state = event["state"]
        .as_str()
        .filter(|_| event["event"] == "broker")?;
    let broker = event["broker"].as_i64()? as i32;
    is_life(state).then(|| Life {
        at_ms: event["at_ms"].as_i64().unwrap_or(0),
        broker,
        state: state.to_owned(),
    })
}

fn assigned(event: &Value) -> Option<(i64, String)> {
    let client = event["client"].as_str()?;
    let at_ms = event["at_ms"].as_i64()?;
    (event["event"] == "assigned").then(|| (at_ms, client.to_owned()))
}

/// The states through which every death and return of a broker goes.
fn is_life(state: &str) -> bool {
    matches!(state, "fenced" | "registered" | "unfenced")
}

/// Whether the controller fenced, registered and unfenced brokers, and consumers were assigned partitions, in the recorded order.
pub fn same_luck(golden: &Golden, trace: &Trace) -> bool {
    let there = golden.course.assigned.iter().map(|(_, client)| client);
    lives(trace) == recorded(golden) && told(trace).map(|(_, client)| client).eq(there)
}

/// After how many of the members' ends (a process killed, paused or closed) the recorded one was told of an assignment first.
pub fn same_heirs(golden: &Golden, trace: &Trace) -> usize {
    let here: Vec<_> = told(trace)
        .map(|(at_ms, client)| (at_ms, client.clone()))
        .collect();
    let recorded = heirs(&golden.steps, &golden.course.assigned);
    let heirs = heirs(&trace.steps, &here);
    heirs.iter().zip(&recorded).filter(|(a, b)| a == b).count()
}

fn heirs<'a>(steps: &[Step], assigned: &'a [(i64, String)]) -> Vec<Option<&'a String>> {
    let ends = steps.iter().filter(|step| {
        let signal = matches!(&step.action, Do::Kill(t) | Do::Pause(t) if t.client.is_some());
        signal || matches!(step.action, Do::Close { .. })
    });
    let first = |end: &Step| assigned.iter().find(|(at_ms, _)| *at_ms >= end.at_ms);
    ends.map(|end| first(end).map(|(_, client)| client))
        .collect()
}

fn told(trace: &Trace) -> impl Iterator<Item = (i64, &String)> {
    let assigned = |e: &&Seen| matches!(e.event, Event::Assigned { .. });
    let told = trace.observed.iter().filter(assigned);
    told.filter_map(|e| Some((e.at_ms, e.client.as_ref()?)))
}

/// Whether replicas came back into the ISR in the recorded order.
pub fn same_race(golden: &Golden, trace: &Trace) -> bool {
    let changes = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Partition(p) => Some((format!("{}-{}", p.topic, p.partition), p.isr.clone())),
        _ => None,
    });
    joined(changes) == golden.course.joined
}

/// Whether the orders of fencing, registering and unfencing are as recorded, each by itself.
pub fn similar_luck(golden: &Golden, trace: &Trace) -> bool {
    let (lives, recorded) = (lives(trace), recorded(golden));
    let only = |all: &[(i32, &str)], state: &str| -> Vec<i32> {
        all.iter()
            .filter(|(_, s)| *s == state)
            .map(|(broker, _)| *broker)
            .collect()
    };
    let states = ["fenced", "registered", "unfenced"];
    states
        .iter()
        .all(|state| only(&lives, state) == only(&recorded, state))
}

fn lives(trace: &Trace) -> Vec<(i32, &str)> {
    let lives = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Broker { broker, state } => Some((*broker, state.as_str())),
        _ => None,
    });
    lives.filter(|(_, state)| is_life(state)).collect()
}

fn recorded(golden: &Golden) -> Vec<(i32, &str)> {
    golden
        .course
        .lives
        .iter()
        .map(|life| (life.broker, life.state.as_str()))
        .collect()
}

/// Where several brokers are started together: how much later than the fastest of them each registered, by the place of its
/// `start` among the steps, in milliseconds.
pub fn slower_starts(golden: &Golden) -> BTreeMap<usize, u64> {
    let mut slower = BTreeMap::new();
    let mut together: Vec<(usize, i64)> = Vec::new();
    for (place, step) in golden.steps.iter().enumerate() {
        match &step.action {
            Do::Start(target) => {
                let is_back = |life: &&Life| {
                    Some(life.broker) == target.broker
                        && life.state == "registered"
                        && life.at_ms >= step.at_ms
                };
                together.extend(
                    golden
                        .course
                        .lives
                        .iter()
                        .find(is_back)
                        .map(|life| (place, life.at_ms)),
                );
            }
            Do::Wait { .. } | Do::Sleep { .. } | Do::End => {
                let first_ms = together.iter().map(|(_, at_ms)| *at_ms).min().unwrap_or(0);
                slower.extend(
                    together
                        .drain(..)
                        .map(|(place, at_ms)| (place, (at_ms - first_ms) as u64)),
                );
            }
            _ => {}
        }
    }
    slower
}
