//! Plays one repetition of a story: the cluster comes up, the steps are done one after the other, and at the end everything
//! is looked at.

mod client_steps;
mod cluster_steps;
mod ending;
mod start;
mod tools;

use crate::agents::{Agents, Line};
use crate::case::{Act, Case, Planned, Story, Vectors};
use crate::chronicle::{Chronicle, now_ms};
use crate::cluster::Cluster;
use crate::course::LookAt;
use crate::golden::Topic;
use crate::kit::Kit;
use crate::layout::line;
use crate::step::Do;
use crate::wait::{self, Condition};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The recorder's own process: admin calls, seeding, reading of logs.
const TOOL: &str = "tool";
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// No call of a client blocks for longer, unless something is broken.
const CALL_MS: i64 = 180_000;

/// How a call came back.
enum Back {
    Returned(Value),
    Thrown {
        error: Value,
        message: Value,
    },
    /// The process ended before.
    Gone,
}

struct Player<'a> {
    story: &'a Story,
    // Clients before the cluster: they are dropped in this order.
    agents: Agents,
    cluster: Cluster<'a>,
    chronicle: Chronicle,
    replies: BTreeMap<(String, u64), Value>,
    gone: BTreeSet<String>,
    steps: Vec<Value>,
    /// How much was seen when a client's last `poll` began.
    polled_from: BTreeMap<String, usize>,
    /// What `groupMetadata()` said when an application asked for it and kept it.
    group_metadata: BTreeMap<String, Value>,
}

/// The trace of one repetition: a golden without its facts.
pub fn play(kit: &Kit, case: &Case, story: &Story, net: u8, keep: bool) -> Result<Value> {
    let mut player = Player::new(kit, story, net, keep)?;
    let played = player.all();
    if played.is_err() && !keep {
        eprintln!(
            "--keep leaves the logs of the processes in {}",
            player.cluster.logs().display()
        );
    }
    let end = played?;
    let named = |topics: &[Topic]| -> Vec<Value> {
        topics
            .iter()
            .map(|t| json!({"name": t.name, "replicas": t.replicas, "config": t.config}))
            .collect()
    };
    let clients: Map<String, Value> = story
        .clients
        .iter()
        .map(|(name, c)| (name.clone(), json!({"kind": c.kind, "config": c.config})))
        .collect();
    let mut trace = json!({
        "case": case.name,
        "about": case.about,
        "kafka": kit.kafka_version,
        "features": player.chronicle.features,
        "brokers": {
            "ids": story.brokers, "controller": story.controllers.first(), "config": story.config,
            "storage": format!("{:?}", story.storage).to_lowercase(), "network": format!("{:?}", story.network).to_lowercase(),
        },
        "topics": named(&story.topics),
        "clients": clients,
        "steps": player.steps,
        "observed": player.chronicle.observed(),
        "final": end,
    });
    if story.controllers.len() > 1 {
        trace["brokers"]["controllers"] = json!(story.controllers);
    }
    if !story.own_config.is_empty() {
        trace["brokers"]["own_config"] = json!(story.own_config);
    }
    if story.log_dirs > 1 {
        trace["brokers"]["log_dirs"] = json!(story.log_dirs);
    }
    if !story.internal_topics.is_empty() {
        trace["internal_topics"] = json!(named(&story.internal_topics));
    }
    Ok(trace)
}

/// The table of what the default partitioner makes of keys: a pure function, no cluster is needed.
pub fn vectors(kit: &Kit, case: &Case, vectors: &Vectors) -> Result<Value> {
    let mut agents = Agents::new();
    std::fs::create_dir_all(kit.home(0))?;
    agents.launch(kit, TOOL, &kit.home(0))?;
    let args = json!({"keys": vectors.keys, "counts": vectors.counts});
    agents.command(
        TOOL,
        "partition_vectors",
        args.as_object().cloned().unwrap_or_default(),
    )?;
    let line = agents
        .next(Duration::from_millis(CALL_MS as u64))
        .and_then(|line| line.said)
        .context("no answer")?;
    let rows = line
        .get("result")
        .with_context(|| format!("the table cannot be made: {line}"))?;
    Ok(
        json!({"case": case.name, "about": case.about, "kafka": kit.kafka_version, "columns": vectors.columns, "vectors": rows}),
    )
}

impl<'a> Player<'a> {
    fn new(kit: &'a Kit, story: &'a Story, net: u8, keep: bool) -> Result<Self> {
        let cluster = Cluster::lay_out(kit, story, net, keep)?;
        let mut agents = Agents::new();
        agents.launch(kit, TOOL, &cluster.logs())?;
        // Started ahead, so that opening a client in the middle of a story takes no JVM's time.
        for name in story.clients.keys() {
            agents.launch(kit, name, &cluster.logs())?;
        }
        Ok(Player {
            story,
            agents,
            cluster,
            chronicle: Chronicle::new(story),
            replies: BTreeMap::new(),
            gone: BTreeSet::new(),
            steps: Vec::new(),
            polled_from: BTreeMap::new(),
            group_metadata: BTreeMap::new(),
        })
    }

    fn all(&mut self) -> Result<Value> {
        self.start()?;
        let mut acts = self.story.acts.iter().peekable();
        while let Some(act) = acts.next() {
            match act {
                Act::Look(look) => self.look(look)?,
                Act::Step(planned) => {
                    // Those that end together do so before anybody looks at what they left.
                    let mut together = vec![&**planned];
                    while let Some(Act::Step(next)) =
                        acts.next_if(|next| cluster_steps::ends_with(planned, next))
                    {
                        together.push(next);
                    }
                    let shown = line(&Value::Object(planned.fields.clone()));
                    self.step(&together)
                        .with_context(|| format!("step {shown}"))?;
                }
            }
        }
        self.finish()
    }

    // ---- hearing what the processes say

    /// Takes what is said, for a moment at least.
    fn hear(&mut self) -> Result<()> {
        if let Some(line) = self.agents.next(LOOK_EVERY) {
            self.take(line)?;
            while let Some(line) = self.agents.next(Duration::ZERO) {
                self.take(line)?;
            }
        }
        self.chronicle.ended = self.cluster.ended();
        Ok(())
    }

    fn take(&mut self, line: Line) -> Result<()> {
        let Some(said) = line.said else {
            self.gone.insert(line.from);
            return Ok(());
        };
        if let Some(id) = said.get("id").and_then(Value::as_u64) {
            self.replies.insert((line.from, id), said);
            return Ok(());
        }
        let client = (line.from != TOOL).then_some(line.from);
        self.chronicle.told(client.as_deref(), said)
    }

    /// Lets time pass.
    fn pass(&mut self, ms: i64) -> Result<()> {
        let until = now_ms() + ms;
        while now_ms() < until {
            let rest = (until - now_ms()).max(0) as u64;
            if let Some(line) = self.agents.next(Duration::from_millis(rest)) {
                self.take(line)?;
            }
        }
        Ok(())
    }

    /// Gives a process a command and waits for its reply.
    fn call(&mut self, name: &str, what: &str, args: Value) -> Result<Back> {
        let id = self
            .agents
            .command(name, what, args.as_object().cloned().unwrap_or_default())?;
        let key = (name.to_owned(), id);
        let until = now_ms() + CALL_MS;
        loop {
            if let Some(mut reply) = self.replies.remove(&key) {
                return Ok(match reply.get_mut("result") {
                    Some(result) => Back::Returned(result.take()),
                    None => Back::Thrown {
                        error: reply["error"].take(),
                        message: reply["message"].take(),
                    },
                });
            }
            if self.gone.contains(name) {
                return Ok(Back::Gone);
            }
            ensure!(
                now_ms() < until,
                "{name} did not return from {what} within {} s",
                CALL_MS / 1000
            );
            self.hear()?;
        }
    }

    /// A call of the recorder's own, which must succeed.
    fn tool(&mut self, what: &str, args: Value) -> Result<Value> {
        match self.call(TOOL, what, args)? {
            Back::Returned(result) => Ok(result),
            Back::Thrown { error, message } => bail!("{what}: {error}: {message}"),
            Back::Gone => bail!(
                "{what}: the tool's process ended, see {}/tool.log",
                self.cluster.logs().display()
            ),
        }
    }

    // ---- the story

    /// Steps of the story; several only where they end nodes together.
    fn step(&mut self, together: &[&Planned]) -> Result<()> {
        let [planned] = together else {
            return self.end_together(together);
        };
        match &planned.action {
            Do::Wait { until, .. } => self.wait(planned, until),
            Do::Sleep { ms, .. } => {
                self.write(planned);
                self.pass(*ms)
            }
            Do::Note { .. } => {
                self.write(planned);
                Ok(())
            }
            Do::End => Ok(()),
            action if action.client().is_some() => self.client_step(planned),
            _ => self.cluster_step(planned),
        }
    }

    /// Writes a step down, as done now; returns its place.
    fn write(&mut self, planned: &Planned) -> usize {
        let mut step = planned.fields.clone();
        step.insert("at_ms".into(), json!(self.chronicle.at_ms()));
        self.steps.push(Value::Object(step));
        self.steps.len() - 1
    }

    fn took(&mut self, place: usize) {
        let began_ms = self.steps[place]["at_ms"].as_i64().unwrap_or(0);
        self.steps[place]["took_ms"] = json!(self.chronicle.at_ms() - began_ms);
    }

    /// Waits for what the text says. What does not come in time is written down, and the story goes on.
    fn wait(&mut self, planned: &Planned, until: &str) -> Result<()> {
        let condition = wait::parse(until).map_err(anyhow::Error::msg)?;
        let place = self.write(planned);
        let began_ms = self.chronicle.at_ms();
        self.hear()?;
        while !condition.holds(&self.chronicle.sight(), began_ms) {
            if self.chronicle.at_ms() - began_ms > planned.patience_ms {
                self.steps[place]["timed_out"] = json!(true);
                break;
            }
            self.hear()?;
        }
        self.took(place);
        match condition {
            Condition::Ended { node } => {
                let status = self.cluster.exit_status(node);
                self.chronicle.saw(
                    None,
                    "process_ended",
                    json!({"node": node, "exit_status": status}),
                )?;
                self.snapshot(node)?;
            }
            Condition::Assigned { when, members } => {
                let sight = self.chronicle.sight();
                let held = |m: &String| (m.clone(), json!(sight.held(m)));
                let members: Map<String, Value> = members.iter().map(held).collect();
                self.chronicle.saw(
                    None,
                    "assignment",
                    json!({"when": when, "members": members}),
                )?;
            }
            _ => {}
        }
        Ok(())
    }

    fn look(&mut self, at: &LookAt) -> Result<()> {
        match at {
            LookAt::HighWatermark { partition } => {
                let mut ends = self.tool("latest", json!({"partitions": [partition]}))?;
                let fields =
                    json!({"partition": partition, "offset": ends[partition.as_str()].take()});
                self.chronicle.saw(None, "high_watermark", fields)
            }
            LookAt::Group { group } => {
                let offsets = match self.call(TOOL, "group_offsets", json!({"group": group}))? {
                    Back::Returned(offsets) => offsets,
                    Back::Thrown { error, .. } => error,
                    Back::Gone => bail!("the tool's process ended"),
                };
                self.chronicle.saw(
                    Some("admin"),
                    "committed_is",
                    json!({"group": group, "offsets": offsets}),
                )
            }
            LookAt::Topic { topic } => {
                let brokers = self.cluster.answering();
                let partitions =
                    self.tool("describe", json!({"topic": topic, "brokers": brokers}))?;
                let fields = json!({"topic": topic, "partitions": partitions});
                self.chronicle.saw(Some("admin"), "described", fields)
            }
            // The log of one that has ended was looked at when it did.
            LookAt::Log { broker } if self.cluster.is_alive(*broker) => {
                self.snapshot(*broker).map(drop)
            }
            LookAt::Log { .. } => Ok(()),
        }
    }
}
