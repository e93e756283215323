//! Facts about consumers, their groups, and what the applications made of it.

use super::{Fact, Text, by, dedupe, push, repeated};
use crate::golden::{Event, Seen, Trace};
use crate::step::{Do, Step};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the events of one kind say, by client in order of first appearance.
fn told(trace: &Trace, pick: impl Fn(&Event) -> Option<Value>) -> Vec<(String, Vec<Value>)> {
    let events = trace
        .observed
        .iter()
        .filter_map(|e| Some((e.client.clone()?, pick(&e.event)?)));
    by(events, |(client, _)| client.clone())
        .into_iter()
        .map(|(client, all)| (client, all.into_iter().map(|(_, value)| value).collect()))
        .collect()
}

pub fn consumers(trace: &Trace, out: &mut Vec<Fact>) {
    let polled = told(trace, |e| match e {
        Event::Polled { records } => Some(records.iter().map(|r| json!(r.value)).collect()),
        _ => None,
    });
    for (client, polls) in polled {
        let values: Vec<&Value> = polls.iter().filter_map(Value::as_array).flatten().collect();
        push(
            out,
            json!({"fact": "polled", "client": client, "values": values}),
        );
    }
    let committed = told(trace, |e| match e {
        Event::Committed { offsets } => Some(json!(offsets)),
        _ => None,
    });
    for (client, offsets) in committed {
        push(
            out,
            json!({"fact": "committed", "client": client, "sequence": dedupe(offsets)}),
        );
    }
    let failed = told(trace, |e| match e {
        Event::CommitFailed { error } => Some(json!(error)),
        _ => None,
    });
    for (client, errors) in failed {
        for (error, _) in by(errors, Value::clone) {
            push(
                out,
                json!({"fact": "commit_failed", "client": client, "error": error}),
            );
        }
    }
    sequences(trace, out);
    for (group, offsets) in &trace.end.committed {
        push(
            out,
            json!({"fact": "group_offsets", "group": group, "offsets": offsets}),
        );
    }
}

fn sequences(trace: &Trace, out: &mut Vec<Fact>) {
    type Pick = fn(&Event) -> Option<Value>;
    let kinds: [(&str, Pick); 6] = [
        ("assigned", |e| {
            if let Event::Assigned { partitions } = e {
                Some(json!(partitions))
            } else {
                None
            }
        }),
        ("revoked", |e| {
            if let Event::Revoked { partitions } = e {
                Some(json!(partitions))
            } else {
                None
            }
        }),
        ("partitions_lost", |e| {
            if let Event::PartitionsLost { partitions } = e {
                Some(json!(partitions))
            } else {
                None
            }
        }),
        ("committed_is", |e| {
            if let Event::CommittedIs { offsets } = e {
                Some(offsets.clone())
            } else {
                None
            }
        }),
        ("position_is", |e| {
            if let Event::PositionIs { offsets } = e {
                Some(offsets.clone())
            } else {
                None
            }
        }),
        ("end_offsets", |e| {
            if let Event::EndOffsets { offsets } = e {
                Some(offsets.clone())
            } else {
                None
            }
        }),
    ];
    for (name, pick) in kinds {
        for (client, sequence) in told(trace, pick) {
            push(
                out,
                json!({"fact": name, "client": client, "sequence": sequence}),
            );
        }
    }
}

fn group_of<'a>(trace: &'a Trace, client: &str) -> Option<&'a String> {
    trace.clients.get(client)?.config.get("group.id")
}

/// What the applications made of it. A group is judged by the offsets it has committed at the end.
pub fn processing(trace: &Trace, out: &mut Vec<Fact>) {
    let work = trace.steps.iter().filter_map(|s| match &s.action {
        Do::Process { client, values } => Some((client, values)),
        _ => None,
    });
    let work: Vec<(&String, &Vec<Text>)> = work.collect();
    for (client, steps) in by(work.iter(), |w| w.0) {
        let values: Vec<&Text> = steps.iter().flat_map(|w| w.1).collect();
        push(
            out,
            json!({"fact": "processed", "client": client, "values": values}),
        );
    }
    for (group, steps) in by(work.iter(), |w| group_of(trace, w.0)) {
        let values: Vec<&Text> = steps.iter().flat_map(|w| w.1).collect();
        judge_group(trace, group, &values, out);
    }
}

fn judge_group(trace: &Trace, group: Option<&String>, values: &[&Text], out: &mut Vec<Fact>) {
    let end = &trace.end;
    let rows: BTreeMap<&String, &Vec<(i64, Text)>> = end
        .read_back
        .iter()
        .filter_map(|(p, rows)| Some((p, rows.as_ref()?)))
        .collect();
    let there: BTreeSet<&Text> = rows
        .values()
        .flat_map(|r| r.iter().map(|(_, v)| v))
        .collect();
    let committed = |partition: &str| end.committed.get(group?)?.get(partition)?.as_i64();
    let mut tell = |name: &str, found: Vec<&Text>| {
        if !found.is_empty() {
            push(out, json!({"fact": name, "group": group, "values": found}));
        }
    };
    tell("processed_twice", repeated(values));
    let passed = rows.iter().flat_map(|(p, rows)| {
        let until = committed(p).unwrap_or(0);
        rows.iter()
            .filter(move |(offset, _)| *offset < until)
            .map(|(_, v)| v)
    });
    tell(
        "processed_never",
        passed.filter(|v| !values.contains(v)).collect(),
    );
    let missed = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Acked {
            topic,
            partition,
            offset,
            value,
        } => {
            let name = format!("{topic}-{partition}");
            let gone =
                rows.contains_key(&name) && !there.contains(value) && !values.contains(&value);
            (gone && committed(&name).unwrap_or(0) > *offset).then_some(value)
        }
        _ => None,
    });
    tell("gone_unprocessed", missed.collect());
    let all_readable = rows.len() == end.read_back.len();
    let once = by(values.iter().copied(), |v| *v)
        .into_iter()
        .map(|(v, _)| v);
    tell(
        "processed_yet_gone",
        once.filter(|v| all_readable && !there.contains(v))
            .collect(),
    );
}

pub fn committed_reads(trace: &Trace, out: &mut Vec<Fact>) {
    // As in the harness: only stories with application work or a transactional producer look at this.
    for (partition, rows) in &trace.end.read_committed {
        let values: Option<Vec<&Text>> = rows
            .as_ref()
            .map(|rows| rows.iter().map(|(_, v)| v).collect());
        push(
            out,
            json!({"fact": "read_committed", "partition": partition, "values": values}),
        );
        let twice = repeated(&values.unwrap_or_default());
        if !twice.is_empty() {
            push(
                out,
                json!({"fact": "duplicated_committed", "partition": partition, "values": twice}),
            );
        }
    }
}

pub fn assignments(trace: &Trace, out: &mut Vec<Fact>) {
    for seen in &trace.observed {
        if let Event::Assignment { when, members } = &seen.event {
            push(
                out,
                json!({"fact": "assignment", "when": when, "members": members}),
            );
            let mut shares: Vec<usize> = members.values().map(Vec::len).collect();
            shares.sort_unstable_by(|a, b| b.cmp(a));
            push(
                out,
                json!({"fact": "shares", "when": when, "partitions": shares}),
            );
        }
    }
}

/// From killing, pausing or closing a consumer until another of its group was assigned partitions.
pub fn take_overs(trace: &Trace, out: &mut Vec<Fact>) {
    for step in &trace.steps {
        let (client, name) = match &step.action {
            Do::Kill(t) => (t.client.as_ref(), "kill"),
            Do::Pause(t) => (t.client.as_ref(), "pause"),
            Do::Close { client, .. } => (Some(client), "close"),
            _ => continue,
        };
        let Some(client) = client else { continue };
        if trace
            .clients
            .get(client)
            .is_none_or(|c| c.kind != "consumer")
        {
            continue;
        }
        let heir = |e: &&Seen| {
            let got = matches!(&e.event, Event::Assigned { partitions } if !partitions.is_empty());
            let by = e.client.as_deref().unwrap_or("");
            got && by != client
                && e.at_ms >= step.at_ms
                && group_of(trace, by) == group_of(trace, client)
        };
        if let Some(heir) = trace.observed.iter().find(heir) {
            let ms = heir.at_ms - step.at_ms;
            push(
                out,
                json!({"fact": "taken_over_after", "client": client, "step": name, "by": heir.client, "ms": ms}),
            );
        }
    }
}

pub fn durations(trace: &Trace, out: &mut Vec<Fact>) {
    for step in &trace.steps {
        let (client, call) = match &step.action {
            Do::CommitSync { client, .. } => (client, "commit_sync"),
            Do::Commit { client } => (client, "commit"),
            Do::Abort { client } => (client, "abort"),
            Do::InitTransactions { client } => (client, "init_transactions"),
            Do::Wait {
                measured: Some(what),
                ..
            } => {
                waited(step, what, out);
                continue;
            }
            _ => continue,
        };
        if let Some(ms) = step.took_ms {
            push(
                out,
                json!({"fact": "took", "client": client, "call": call, "ms": ms}),
            );
        }
    }
}

fn waited(step: &Step, what: &str, out: &mut Vec<Fact>) {
    match (step.timed_out, step.took_ms) {
        (false, Some(ms)) => push(out, json!({"fact": "waited", "for": what, "ms": ms})),
        _ => push(
            out,
            json!({"fact": "waited", "for": what, "timed_out": true}),
        ),
    }
}
