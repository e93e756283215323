//! Steps that do something to nodes, disks, links and topics.

use super::{Back, Player, TOOL};
use crate::case::Planned;
use crate::cluster::End;
use crate::step::{Do, Target};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether the second step ends a node in the same way, at the same moment, as the first.
pub(super) fn ends_with(first: &Planned, second: &crate::case::Act) -> bool {
    let crate::case::Act::Step(second) = second else {
        return false;
    };
    match (&first.action, &second.action) {
        (Do::PowerOff { .. }, Do::PowerOff { .. }) => true,
        (Do::Kill(one), Do::Kill(other)) => one.broker.is_some() && other.broker.is_some(),
        _ => false,
    }
}

/// The node that a step is about.
fn node_of(action: &Do) -> Result<i32> {
    match action {
        Do::Kill(target)
        | Do::Pause(target)
        | Do::Resume(target)
        | Do::Stop(target)
        | Do::Start(target) => target_node(target),
        Do::PowerOff { broker } => Ok(*broker),
        other => bail!("not about a node: {other:?}"),
    }
}

fn target_node(target: &Target) -> Result<i32> {
    target
        .broker
        .or(target.controller)
        .context("neither a broker nor a controller")
}

fn end_of(end: &Value) -> End {
    end.as_i64()
        .map_or(End::Clients, |node| End::Node(node as i32))
}

impl Player<'_> {
    pub(super) fn cluster_step(&mut self, planned: &Planned) -> Result<()> {
        if matches!(planned.action, Do::Kill(_) | Do::PowerOff { .. }) {
            return self.end_together(&[planned]);
        }
        self.write(planned);
        match &planned.action {
            Do::Pause(target) => self.cluster.pause(target_node(target)?),
            Do::Resume(target) => self.cluster.resume(target_node(target)?),
            Do::Stop(target) => self.cluster.terminate(target_node(target)?),
            Do::Start(target) => self.cluster.start(target_node(target)?),
            Do::OsWriteBack { broker } => self.cluster.write_back(*broker),
            Do::FillDisk { broker } => self.cluster.fill_disk(*broker),
            Do::FreeDisk { broker } => self.cluster.free_disk(*broker),
            Do::FailDisk { broker, holding } => self.cluster.fail_disk(*broker, holding.as_deref()),
            Do::Wipe {
                broker,
                keep_identity,
            } => {
                self.cluster.wipe(*broker, *keep_identity)?;
                if *keep_identity {
                    Ok(())
                } else {
                    self.format(*broker)
                }
            }
            Do::Cut { between: [a, b] } => self.cluster.cut(end_of(a), end_of(b)),
            Do::Heal { between: [a, b] } => self.cluster.heal(end_of(a), end_of(b)),
            Do::Elect { .. }
            | Do::AlterTopic { .. }
            | Do::DeleteRecords { .. }
            | Do::Reassign { .. } => self.admin_step(planned),
            Do::Tool { line } => self.run_tool(line),
            Do::CreatePartitions { topic, count, .. } => {
                self.admin_step(planned)?;
                self.know_partitions(topic, *count)
            }
            other => bail!("the recorder cannot do this yet: {other:?}"),
        }
    }

    /// What an operator does. A refusal is seen, and the story goes on.
    fn admin_step(&mut self, planned: &Planned) -> Result<()> {
        let call = planned.fields["do"].as_str().unwrap_or_default().to_owned();
        let mut args = Value::Object(planned.fields.clone());
        args["brokers"] = self.cluster.answering().into();
        match self.call(TOOL, &call, args)? {
            Back::Returned(_) => Ok(()),
            Back::Thrown { error, message } => self.chronicle.saw(
                Some("admin"),
                "thrown",
                json!({"call": call, "error": error, "message": message}),
            ),
            Back::Gone => bail!("the tool's process ended"),
        }
    }

    /// Partitions that were added are the story's own from now on.
    fn know_partitions(&mut self, topic: &str, count: i32) -> Result<()> {
        let names: Vec<String> = (0..count).map(|n| format!("{topic}-{n}")).collect();
        self.until("the new partitions exist", |p| {
            names.iter().all(|name| p.chronicle.knows(name))
        })?;
        self.chronicle.names.extend(names);
        Ok(())
    }

    /// Kills or cuts the power of one or several nodes, then looks at what they left.
    pub(super) fn end_together(&mut self, together: &[&Planned]) -> Result<()> {
        let mut nodes = Vec::new();
        for planned in together {
            let node = node_of(&planned.action)?;
            self.write(planned);
            self.cluster.kill(node)?;
            nodes.push(node);
        }
        if !matches!(together[0].action, Do::PowerOff { .. }) {
            return nodes
                .into_iter()
                .try_for_each(|node| self.snapshot(node).map(drop));
        }
        // First all disks as they are at this moment: looking at logs takes time, and the OS writes meanwhile.
        for broker in &nodes {
            self.cluster.set_aside_disk(*broker)?;
        }
        nodes
            .into_iter()
            .try_for_each(|broker| self.lose_power(broker))
    }

    fn lose_power(&mut self, broker: i32) -> Result<()> {
        let before = self.snapshot(broker)?;
        self.cluster.lose_power(broker)?;
        for (partition, had) in before {
            let log = self.log(broker, &partition)?;
            let (left, torn) = (rows(&log), log["torn_bytes"].clone());
            let kept = |row: &Value| left.iter().any(|l| l["offset"] == row["offset"]);
            let lost: Vec<Value> = had
                .iter()
                .filter(|row| !kept(row))
                .map(|row| json!([row["offset"], row["value"]]))
                .collect();
            let fields = json!({
                "broker": broker, "partition": partition, "on_disk": left.len(), "torn_bytes": torn, "lost_from_disk": lost,
            });
            self.chronicle.saw(None, "power_cut", fields)?;
        }
        Ok(())
    }

    /// Looks at a broker's logs of the story's partitions; returns their records.
    pub(super) fn snapshot(&mut self, node: i32) -> Result<BTreeMap<String, Vec<Value>>> {
        let mut logs = BTreeMap::new();
        if self.cluster.is_controller(node) {
            return Ok(logs);
        }
        for partition in self.chronicle.names.clone() {
            let log = self.log(node, &partition)?;
            if log.is_null() {
                continue;
            }
            let rows = rows(&log);
            let short: Vec<Value> = rows.iter().map(short).collect();
            self.chronicle.saw(
                None,
                "log",
                json!({"broker": node, "partition": partition, "records": short}),
            )?;
            logs.insert(partition, rows);
        }
        Ok(logs)
    }

    /// A replica's log out of its segment files; null where there is none.
    fn log(&mut self, broker: i32, partition: &str) -> Result<Value> {
        let dir = self.cluster.replica(broker, partition);
        self.tool("dump", json!({"dir": dir}))
    }

    /// All logs of a broker, with every field of every record.
    pub(super) fn logs(&mut self, broker: i32) -> Result<Value> {
        let mut logs = Map::new();
        for partition in self.chronicle.names.clone() {
            let log = self.log(broker, &partition)?;
            if !log.is_null() {
                logs.insert(partition, rows(&log).into());
            }
        }
        Ok(Value::Object(logs))
    }
}

fn rows(log: &Value) -> Vec<Value> {
    log["records"].as_array().cloned().unwrap_or_default()
}

/// Offset, leader epoch, and the value or the kind of a control record.
fn short(row: &Value) -> Value {
    let text = row
        .get("value")
        .or(row.get("control"))
        .unwrap_or(&Value::Null);
    json!([row["offset"], row["epoch"], text])
}
