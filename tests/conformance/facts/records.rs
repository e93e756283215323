//! Facts about records: what their senders were told, and what is in the partitions at the end.

use super::{Fact, Text, by, push, repeated};
use crate::golden::{Event, Trace};
use crate::step::Do;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A record that a client asked to send, and the partition it named (none: left to the partitioner).
struct Asked {
    client: String,
    value: Text,
    partition: Option<String>,
}

fn asked(trace: &Trace) -> Vec<Asked> {
    let sends = trace.steps.iter().filter_map(|s| match &s.action {
        Do::Send(send) => Some(send),
        _ => None,
    });
    sends
        .flat_map(|send| {
            let partition = send.partition.map(|p| format!("{}-{p}", send.topic));
            let ask = move |value: &Text| Asked {
                client: send.client.clone(),
                value: value.clone(),
                partition: partition.clone(),
            };
            send.values.iter().map(ask)
        })
        .collect()
}

/// How one record's send ended.
struct Outcome<'a> {
    client: &'a str,
    what: &'static str,
    value: &'a Text,
    error: &'a str,
    offset: i64,
    partition: Option<String>,
    at_ms: i64,
}

fn records_outcomes<'a>(trace: &'a Trace, asked: &[Asked]) -> Vec<Outcome<'a>> {
    let seen = trace.observed.iter();
    seen.filter_map(|e| {
        let (what, value, error, offset, place) = match &e.event {
            Event::Acked {
                topic,
                partition,
                offset,
                value,
            } => ("acked", value, "", *offset, Some((topic, *partition))),
            Event::Failed {
                topic,
                partition,
                value,
                error,
            } => (
                "failed",
                value,
                error.as_str(),
                -1,
                Some((topic, *partition)),
            ),
            Event::Thrown(t) => ("thrown", t.value.as_ref()?, t.error.as_str(), -1, None),
            _ => return None,
        };
        let client = e.client.as_deref().unwrap_or("");
        let told = place
            .filter(|(_, p)| *p >= 0)
            .map(|(topic, p)| format!("{topic}-{p}"));
        let named = || {
            asked
                .iter()
                .rev()
                .find(|a| a.client == client && a.value == *value)?
                .partition
                .clone()
        };
        Some(Outcome {
            client,
            what,
            value,
            error,
            offset,
            partition: told.or_else(named),
            at_ms: e.at_ms,
        })
    })
    .collect()
}

pub fn outcomes(trace: &Trace, out: &mut Vec<Fact>) {
    let asked = asked(trace);
    let outcomes = records_outcomes(trace, &asked);
    let acked = outcomes.iter().filter(|o| o.what == "acked");
    for (client, events) in by(acked, |o| o.client) {
        let values: Vec<_> = events.iter().map(|o| o.value).collect();
        push(
            out,
            json!({"fact": "acked", "client": client, "values": values}),
        );
        let unknown: Vec<_> = events
            .iter()
            .filter(|o| o.offset < 0)
            .map(|o| o.value)
            .collect();
        if !unknown.is_empty() {
            push(
                out,
                json!({"fact": "acked_without_offset", "client": client, "values": unknown}),
            );
        }
    }
    let not_acked = outcomes.iter().filter(|o| o.what != "acked");
    for ((client, what, error), events) in by(not_acked, |o| (o.client, o.what, o.error)) {
        let values: Vec<_> = events.iter().map(|o| o.value).collect();
        push(
            out,
            json!({"fact": what, "client": client, "error": error, "values": values}),
        );
    }
    let calls = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Thrown(t) if t.value.is_none() => Some((&e.client, &t.call, &t.error)),
        _ => None,
    });
    for ((client, call, error), _) in by(calls, |c| *c) {
        push(
            out,
            json!({"fact": "thrown", "client": client, "call": call, "error": error}),
        );
    }
    let has_outcome = |a: &Asked| {
        outcomes
            .iter()
            .any(|o| o.client == a.client && *o.value == a.value)
    };
    for (client, waiting) in by(asked.iter().filter(|a| !has_outcome(a)), |a| &a.client) {
        let values: Vec<_> = waiting.iter().map(|a| &a.value).collect();
        push(
            out,
            json!({"fact": "no_outcome", "client": client, "values": values}),
        );
    }
}

/// What is in the partitions at the end, against what the clients were told.
pub fn presence(trace: &Trace, out: &mut Vec<Fact>) {
    let asked = asked(trace);
    let outcomes = records_outcomes(trace, &asked);
    let mut read: BTreeMap<&str, Vec<&Text>> = BTreeMap::new();
    for (partition, rows) in &trace.end.read_back {
        match rows {
            Some(rows) => drop(read.insert(partition, rows.iter().map(|(_, v)| v).collect())),
            None => push(out, json!({"fact": "unavailable", "partition": partition})),
        }
    }
    let present: BTreeSet<&Text> = read.values().flatten().copied().collect();
    for (partition, values) in &read {
        push(
            out,
            json!({"fact": "read_back", "partition": partition, "values": values}),
        );
        let twice = repeated(values);
        if !twice.is_empty() {
            push(
                out,
                json!({"fact": "duplicated", "partition": partition, "values": twice}),
            );
        }
        reordered(partition, values, &asked, out);
    }
    let readable = |o: &&Outcome| o.partition.as_deref().is_some_and(|p| read.contains_key(p));
    let judged: Vec<&Outcome> = outcomes.iter().filter(readable).collect();
    for (name, what, there) in [
        ("lost", "acked", false),
        ("failed_yet_written", "failed", true),
    ] {
        let fits = |o: &&&Outcome| o.what == what && present.contains(o.value) == there;
        let values: Vec<_> = judged.iter().filter(fits).map(|o| o.value).collect();
        if !values.is_empty() {
            push(out, json!({"fact": name, "values": values}));
        }
    }
    let done = |a: &&Asked| {
        outcomes
            .iter()
            .any(|o| o.client == a.client && *o.value == a.value)
    };
    let silent = asked
        .iter()
        .filter(|a| !done(a) && present.contains(&a.value));
    let values: Vec<_> = silent.map(|a| &a.value).collect();
    if !values.is_empty() {
        push(
            out,
            json!({"fact": "no_outcome_yet_written", "values": values}),
        );
    }
    let all_readable = trace.end.read_back.values().all(Option::is_some);
    if all_readable
        && !judged
            .iter()
            .any(|o| o.what == "acked" && !present.contains(o.value))
    {
        push(out, json!({"fact": "nothing_acked_was_lost"}));
    }
}

/// First occurrences that are not in the order in which the client sent them.
fn reordered(partition: &str, values: &[&Text], asked: &[Asked], out: &mut Vec<Fact>) {
    let to_here = asked
        .iter()
        .filter(|a| a.partition.as_deref() == Some(partition));
    for (client, sent) in by(to_here, |a| &a.client) {
        let mine: Vec<&Text> = sent.iter().map(|a| &a.value).collect();
        let present = values.iter().filter(|v| mine.contains(*v)).copied();
        let found: Vec<&Text> = by(present, |v| *v).into_iter().map(|(v, _)| v).collect();
        let in_order: Vec<&Text> = mine.into_iter().filter(|v| found.contains(v)).collect();
        if found != in_order {
            push(
                out,
                json!({"fact": "reordered", "partition": partition, "client": client, "values": found}),
            );
        }
    }
}

/// The longest time from `send` to the callback.
pub fn slowest(trace: &Trace, out: &mut Vec<Fact>) {
    let mut sent: BTreeMap<(&str, &Text), i64> = BTreeMap::new();
    for step in &trace.steps {
        if let Do::Send(send) = &step.action {
            for value in &send.values {
                sent.insert((&send.client, value), step.at_ms);
            }
        }
    }
    let asked = asked(trace);
    let outcomes = records_outcomes(trace, &asked);
    let called_back = outcomes
        .iter()
        .filter(|o| o.what != "thrown" && o.client != "seed");
    let timed = called_back.filter_map(|o| Some((o, o.at_ms - sent.get(&(o.client, o.value))?)));
    for ((client, what), all) in by(timed, |(o, _)| (o.client, o.what)) {
        let ms = all.iter().map(|(_, ms)| *ms).max();
        push(
            out,
            json!({"fact": format!("slowest_{what}"), "client": client, "ms": ms}),
        );
    }
}
