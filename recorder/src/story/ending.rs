//! The look at everything once the story is over. Nothing here is part of the story.

use super::{Back, Player, TOOL};
use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};
use std::time::Duration;

const READ_BACK_MS: u32 = 25_000;
const READ_COMMITTED_MS: u32 = 6000;
const STRAGGLERS_MS: i64 = 50;
const ORDERLY_STOP: Duration = Duration::from_secs(10);

impl Player<'_> {
    pub(super) fn finish(&mut self) -> Result<Value> {
        self.steps
            .push(json!({"at_ms": self.chronicle.at_ms(), "do": "end"}));
        self.chronicle.end();
        // What happened before the end may be told a moment later.
        self.pass(STRAGGLERS_MS)?;
        let mut end = Map::new();
        let partitions = self.chronicle.partitions();
        let names: Vec<String> = self.chronicle.names.iter().cloned().collect();
        let led: Vec<String> = names
            .iter()
            .filter(|name| self.chronicle.leader(name) >= 0)
            .cloned()
            .collect();
        let states = self.states();
        let mut read_back = self.read(&names, &led, "read_uncommitted", READ_BACK_MS)?;
        for name in &led {
            let leader = self.chronicle.leader(name).to_string();
            let answers = states.get(&leader).is_some_and(|state| state == "unfenced");
            ensure!(
                !(read_back[name].is_null() && answers),
                "{name} could not be read back although its leader {leader} is up"
            );
        }
        end.insert("read_back".into(), read_back.take());
        if self
            .story
            .clients
            .values()
            .any(|c| c.config.contains_key("transactional.id"))
        {
            end.insert(
                "read_committed".into(),
                self.read(&names, &led, "read_committed", READ_COMMITTED_MS)?,
            );
        }
        let ends = self.tool("latest", json!({"partitions": led}))?;
        end.insert("brokers".into(), Value::Object(states));
        end.insert("partitions".into(), Value::Object(partitions));
        end.insert("high_watermark".into(), all_of(&names, &ends));
        let mut logs = Map::new();
        for broker in self.story.brokers.clone() {
            logs.insert(broker.to_string(), self.logs(broker)?);
        }
        end.insert("logs".into(), Value::Object(logs));
        end.insert(
            "leader_epochs".into(),
            self.each_broker(|p, broker| p.leader_epochs(broker, &names)),
        );
        end.insert("committed".into(), self.committed()?);
        self.cluster.stop_brokers(ORDERLY_STOP)?;
        end.insert(
            "high_watermark_checkpoint".into(),
            self.each_broker(|p, broker| p.high_watermarks(broker, &names)),
        );
        Ok(Value::Object(end))
    }

    fn states(&mut self) -> Map<String, Value> {
        let mut states = Map::new();
        for broker in self.story.brokers.clone() {
            let state = match self.chronicle.brokers.get(&broker) {
                _ if self.cluster.paused.contains(&broker) => "paused",
                Some(state) if self.cluster.is_alive(broker) => state,
                _ => "down",
            };
            states.insert(broker.to_string(), json!(state));
        }
        states
    }

    /// What a fresh consumer reads from the start of each partition; null where nobody leads.
    fn read(
        &mut self,
        names: &[String],
        led: &[String],
        isolation: &str,
        patience_ms: u32,
    ) -> Result<Value> {
        let config =
            json!({"bootstrap.servers": self.cluster.bootstrap(), "isolation.level": isolation});
        let rows = self.tool(
            "read_back",
            json!({"partitions": led, "timeout_ms": patience_ms, "config": config}),
        )?;
        Ok(all_of(names, &rows))
    }

    fn committed(&mut self) -> Result<Value> {
        let mut committed = Map::new();
        for group in self.story.groups() {
            let offsets = match self.call(TOOL, "group_offsets", json!({"group": group}))? {
                Back::Returned(offsets) => offsets,
                Back::Thrown { error, message } => {
                    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
                    json!(format!("{}: {}", text(&error), text(&message)))
                }
                Back::Gone => bail!("the tool's process ended"),
            };
            committed.insert(group.clone(), offsets);
        }
        Ok(Value::Object(committed))
    }

    fn each_broker(&self, look: impl Fn(&Self, i32) -> Value) -> Value {
        let brokers = self.story.brokers.iter();
        Value::Object(
            brokers
                .map(|broker| (broker.to_string(), look(self, *broker)))
                .collect(),
        )
    }

    /// Leader epochs and where they start, as the log's own checkpoint has them.
    fn leader_epochs(&self, broker: i32, names: &[String]) -> Value {
        let of = |name: &String| {
            let rows = self
                .cluster
                .checkpoint(broker, &format!("{name}/leader-epoch-checkpoint"))?;
            let numbers = |row: &Vec<String>| {
                row.iter()
                    .map(|n| n.parse().ok())
                    .collect::<Option<Vec<i64>>>()
            };
            rows.iter().map(numbers).collect::<Option<Vec<_>>>()
        };
        Value::Object(
            names
                .iter()
                .map(|name| (name.clone(), json!(of(name))))
                .collect(),
        )
    }

    fn high_watermarks(&self, broker: i32, names: &[String]) -> Value {
        let rows = self
            .cluster
            .checkpoint(broker, "replication-offset-checkpoint")
            .unwrap_or_default();
        let mut marks = Map::new();
        for row in rows {
            let [topic, partition, offset] = row.as_slice() else {
                continue;
            };
            let name = format!("{topic}-{partition}");
            if let (true, Ok(offset)) = (names.contains(&name), offset.parse::<i64>()) {
                marks.insert(name, json!(offset));
            }
        }
        Value::Object(marks)
    }
}

/// An entry for each name, null where there is none.
fn all_of(names: &[String], found: &Value) -> Value {
    let entry = |name: &String| {
        (
            name.clone(),
            found.get(name).cloned().unwrap_or(Value::Null),
        )
    };
    Value::Object(names.iter().map(entry).collect())
}
