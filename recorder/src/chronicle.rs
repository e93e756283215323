//! What is seen, as goldens show it, and what of it the waits look at.

use crate::case::Story;
use crate::golden::{PartitionState, Seen};
use crate::wait::Sight;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in the milliseconds that the processes and the controller's log use too.
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64)
}

pub struct Chronicle {
    began_ms: i64,
    /// What happens later is no part of the story.
    ended_ms: Option<i64>,
    /// As a golden shows them, in the order in which they came.
    observed: Vec<Value>,
    /// The same, for waits and facts.
    pub seen: Vec<Seen>,
    /// As the controller has them, internal ones too.
    states: BTreeMap<String, PartitionState>,
    shown_states: BTreeMap<String, Map<String, Value>>,
    pub brokers: BTreeMap<i32, String>,
    pub features: BTreeMap<String, Value>,
    /// The controller that leads the quorum.
    pub quorum: Option<i32>,
    /// How often one was elected.
    pub elections: usize,
    shows_quorum: bool,
    /// How many records each client was asked to send.
    pub sent: BTreeMap<String, usize>,
    pub ended: BTreeSet<i32>,
    /// The story's own partitions.
    pub names: BTreeSet<String>,
    watched: BTreeSet<String>,
    consumer_protocol: BTreeSet<String>,
}

impl Chronicle {
    pub fn new(story: &Story) -> Self {
        let on_the_broker = |c: &crate::golden::Client| {
            c.config
                .get("group.protocol")
                .is_some_and(|p| p == "consumer")
        };
        Chronicle {
            began_ms: now_ms(),
            ended_ms: None,
            observed: Vec::new(),
            seen: Vec::new(),
            states: BTreeMap::new(),
            shown_states: BTreeMap::new(),
            brokers: BTreeMap::new(),
            features: BTreeMap::new(),
            quorum: None,
            elections: 0,
            shows_quorum: story.controllers.len() > 1,
            sent: BTreeMap::new(),
            ended: BTreeSet::new(),
            names: story.partitions(),
            watched: story
                .topics
                .iter()
                .map(|t| t.name.clone())
                .chain(story.watch.iter().cloned())
                .collect(),
            consumer_protocol: story
                .clients
                .iter()
                .filter(|(_, c)| on_the_broker(c))
                .map(|(name, _)| name.clone())
                .collect(),
        }
    }

    /// The story starts now: what was before is state, not observation.
    pub fn begin(&mut self) -> Result<()> {
        self.observed.clear();
        self.seen.clear();
        self.began_ms = now_ms();
        for name in self.names.clone() {
            let state = self
                .shown_states
                .get(&name)
                .cloned()
                .with_context(|| format!("{name} was not created"))?;
            self.write(self.began_ms, None, "partition", state)?;
        }
        Ok(())
    }

    /// What happens from now on is no part of the story any more.
    pub fn end(&mut self) {
        self.ended_ms = Some(now_ms());
    }

    /// Milliseconds since the story began.
    pub fn at_ms(&self) -> i64 {
        now_ms() - self.began_ms
    }

    /// What the recorder itself sees.
    pub fn saw(&mut self, client: Option<&str>, event: &str, fields: Value) -> Result<()> {
        let Value::Object(fields) = fields else {
            bail!("an event is an object, not {fields}")
        };
        self.write(now_ms(), client, event, fields)
    }

    /// What a process reports; `client` is none for the tool, which seeds and follows the controller's log.
    pub fn told(&mut self, client: Option<&str>, line: Value) -> Result<()> {
        let Value::Object(mut fields) = line else {
            bail!("not an event: {line}")
        };
        let t = fields
            .remove("t")
            .and_then(|t| t.as_i64())
            .unwrap_or_else(now_ms);
        let event = fields
            .remove("event")
            .and_then(|e| e.as_str().map(str::to_owned))
            .unwrap_or_default();
        let text = |fields: &Map<String, Value>, key: &str| {
            fields[key].as_str().unwrap_or_default().to_owned()
        };
        match event.as_str() {
            "watch_failed" => bail!(
                "the controller's metadata log cannot be followed: {}",
                Value::Object(fields)
            ),
            "feature" => drop(
                self.features
                    .insert(text(&fields, "name"), fields["level"].clone()),
            ),
            "broker" => {
                let broker = fields["broker"].as_i64().unwrap_or(-1) as i32;
                self.brokers.insert(broker, text(&fields, "state"));
                self.write(t, None, &event, fields)?;
            }
            "quorum" => {
                self.elections += 1;
                self.quorum = fields["leader"].as_i64().map(|id| id as i32);
                if self.shows_quorum {
                    self.write(t, None, &event, fields)?;
                }
            }
            "partition" => self.partition(t, fields)?,
            _ => self.write(t, client.or(Some("seed")), &event, fields)?,
        }
        Ok(())
    }

    fn partition(&mut self, t: i64, fields: Map<String, Value>) -> Result<()> {
        let state: PartitionState = serde_json::from_value(Value::Object(fields.clone()))?;
        let name = format!("{}-{}", state.topic, state.partition);
        let is_shown = self.watched.contains(&state.topic);
        self.states.insert(name.clone(), state);
        self.shown_states.insert(name, fields.clone());
        if is_shown {
            self.write(t, None, "partition", fields)
        } else {
            Ok(())
        }
    }

    fn write(
        &mut self,
        t: i64,
        client: Option<&str>,
        event: &str,
        mut fields: Map<String, Value>,
    ) -> Result<()> {
        if self.ended_ms.is_some_and(|end| t > end) {
            return Ok(());
        }
        fields.insert("at_ms".into(), json!(t - self.began_ms));
        fields.insert("event".into(), json!(event));
        if let Some(client) = client {
            fields.insert("client".into(), json!(client));
        }
        let shown = Value::Object(fields);
        let seen = serde_json::from_value(shown.clone())
            .with_context(|| format!("not understood: {shown}"))?;
        self.seen.push(seen);
        self.observed.push(shown);
        Ok(())
    }

    /// All that was seen, by time: the controller's log is read a moment after it was written.
    pub fn observed(&self) -> Vec<Value> {
        let mut all = self.observed.clone();
        all.sort_by_key(|e| e["at_ms"].as_i64());
        all
    }

    /// Whether the controller knows of this partition.
    pub fn knows(&self, partition: &str) -> bool {
        self.states.contains_key(partition)
    }

    pub fn leader(&self, partition: &str) -> i32 {
        self.states.get(partition).map_or(-1, |state| state.leader)
    }

    /// The states of the story's partitions, without their names.
    pub fn partitions(&self) -> Map<String, Value> {
        let state = |name: &String| {
            let mut state = self.shown_states.get(name).cloned().unwrap_or_default();
            state.retain(|key, _| key != "topic" && key != "partition");
            (name.clone(), Value::Object(state))
        };
        self.names.iter().map(state).collect()
    }

    /// What waits look at.
    pub fn sight(&self) -> Sight<'_> {
        Sight {
            now_ms: self.at_ms(),
            observed: &self.seen,
            partitions: &self.states,
            brokers: &self.brokers,
            ended: &self.ended,
            sent: &self.sent,
            names: &self.names,
            consumer_protocol: &self.consumer_protocol,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, Content};
    use crate::wait;

    fn chronicle(case: Value) -> Chronicle {
        let case = Case::parse("x", &case.to_string()).expect("a case");
        let Content::Story(story) = case.content else {
            panic!("a story")
        };
        Chronicle::new(&story)
    }

    fn partition(topic: &str, leader: i32) -> Value {
        json!({"t": now_ms(), "event": "partition", "topic": topic, "partition": 0, "leader": leader, "leader_epoch": 0,
               "isr": [1], "elr": [], "last_known_elr": [], "recovery": "RECOVERED"})
    }

    #[test]
    fn a_story_begins_with_its_partitions_and_shows_no_internal_ones_that_it_does_not_watch() {
        let mut chronicle = chronicle(json!({"about": "x", "steps": []}));
        chronicle.told(None, partition("t", 1)).expect("told");
        chronicle
            .told(
                None,
                json!({"event": "broker", "broker": 1, "state": "unfenced"}),
            )
            .expect("told");
        chronicle.begin().expect("begun");
        chronicle
            .told(None, partition("__consumer_offsets", 2))
            .expect("told");
        chronicle
            .told(
                None,
                json!({"event": "acked", "topic": "t", "value": "a0", "partition": 0, "offset": 0}),
            )
            .expect("told");
        let observed = chronicle.observed();
        assert_eq!(observed.len(), 2);
        assert_eq!(
            (&observed[0]["event"], &observed[0]["at_ms"]),
            (&json!("partition"), &json!(0))
        );
        assert_eq!(observed[1]["client"], "seed");
        assert_eq!(chronicle.leader("__consumer_offsets-0"), 2);
        let led = wait::parse("__consumer_offsets-0 led by one of [2]").expect("known");
        assert!(led.holds(&chronicle.sight(), 0));
    }

    #[test]
    fn what_happens_after_the_end_is_not_written_and_what_happened_before_is_however_late_it_is_told()
     {
        let mut chronicle = chronicle(json!({"about": "x", "steps": []}));
        chronicle.end();
        for t in [now_ms() - 5, now_ms() + 5] {
            let line = json!({"t": t, "event": "broker", "broker": 1, "state": "fenced"});
            chronicle.told(None, line).expect("told");
        }
        assert_eq!(chronicle.observed().len(), 1);
    }
}
