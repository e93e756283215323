//! Facts about the cluster: logs, leaders, ISR, high watermarks, fencing.

use super::{Fact, Text, by, dedupe, push};
use crate::golden::{Event, LogRow, PartitionState, Trace};
use crate::step::Do;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub fn logs(trace: &Trace, out: &mut Vec<Fact>) {
    let end = &trace.end;
    for partition in end.read_back.keys() {
        let held = end
            .logs
            .iter()
            .filter_map(|(b, logs)| Some((b, logs.get(partition)?.as_ref()?)));
        let held: Vec<(&String, &Vec<Value>)> = held.collect();
        let is_up = |b: &str| end.brokers.get(b).is_some_and(|state| state == "unfenced");
        let alive: Vec<_> = held.iter().filter(|(b, _)| is_up(b)).collect();
        if alive.len() > 1 {
            let same = alive.windows(2).all(|pair| pair[0].1 == pair[1].1);
            let brokers: Vec<i32> = alive.iter().filter_map(|(b, _)| b.parse().ok()).collect();
            let name = if same { "logs_equal" } else { "logs_differ" };
            push(
                out,
                json!({"fact": name, "partition": partition, "brokers": brokers}),
            );
        }
        for (broker, rows) in held {
            left_the_log(trace, partition, broker, rows, out);
        }
    }
    for seen in &trace.observed {
        if let Event::PowerCut {
            broker,
            partition,
            lost_from_disk,
        } = &seen.event
        {
            let values: Vec<_> = lost_from_disk.iter().map(|(_, v)| v).collect();
            push(
                out,
                json!({"fact": "lost_from_disk", "broker": broker, "partition": partition, "values": values}),
            );
        }
    }
}

/// What a broker's log held when last looked at during the story and does not hold at the end.
fn left_the_log(trace: &Trace, partition: &str, broker: &str, rows: &[Value], out: &mut Vec<Fact>) {
    let now: BTreeSet<LogRow> = rows.iter().map(short_row).collect();
    let looks = trace.observed.iter().rev().filter_map(|e| match &e.event {
        Event::Log {
            broker: b,
            partition: p,
            records,
        } if b.to_string() == broker && p == partition => Some(records),
        _ => None,
    });
    let before = looks.into_iter().next().map(Vec::as_slice).unwrap_or(&[]);
    let gone: Vec<&Text> = before
        .iter()
        .filter(|r| !now.contains(r))
        .map(|r| &r.2)
        .collect();
    if !gone.is_empty() {
        let broker: i32 = broker.parse().unwrap_or(-1);
        push(
            out,
            json!({"fact": "left_the_log_of", "broker": broker, "partition": partition, "values": gone}),
        );
    }
}

fn short_row(row: &Value) -> LogRow {
    let text = row
        .get("value")
        .or(row.get("control"))
        .and_then(Value::as_str);
    let number = |key: &str| row.get(key).and_then(Value::as_i64).unwrap_or(-1);
    LogRow(
        number("offset"),
        number("epoch") as i32,
        text.map(str::to_owned),
    )
}

pub fn partitions(trace: &Trace, out: &mut Vec<Fact>) {
    let changes = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Partition(p) => Some(p),
        _ => None,
    });
    for (name, events) in by(changes, |p| format!("{}-{}", p.topic, p.partition)) {
        let leaders = dedupe(events.iter().map(|p| (p.leader, p.leader_epoch)));
        push(
            out,
            json!({"fact": "leaders", "partition": name, "sequence": leaders}),
        );
        let isr = dedupe(events.iter().map(|p| sorted(&p.isr)));
        push(
            out,
            json!({"fact": "isr", "partition": name, "sequence": isr}),
        );
        let elr = dedupe(events.iter().map(|p| sorted(&p.elr)));
        if elr != [Vec::<i32>::new()] {
            push(
                out,
                json!({"fact": "elr", "partition": name, "sequence": elr}),
            );
        }
        let unclean = |p: &&&PartitionState| p.recovery == "RECOVERING";
        let leaders = dedupe(events.iter().filter(unclean).map(|p| p.leader));
        if !leaders.is_empty() {
            push(
                out,
                json!({"fact": "unclean_leader", "partition": name, "leaders": leaders}),
            );
        }
    }
    let elected = dedupe(trace.observed.iter().filter_map(|e| match e.event {
        Event::Quorum { leader } => Some(leader),
        _ => None,
    }));
    if !elected.is_empty() {
        push(out, json!({"fact": "controllers", "sequence": elected}));
    }
    for (partition, offset) in &trace.end.high_watermark {
        push(
            out,
            json!({"fact": "high_watermark", "partition": partition, "offset": offset}),
        );
    }
    let looks = trace.observed.iter().filter_map(|e| match &e.event {
        Event::HighWatermark { partition, offset } => Some((partition, offset)),
        _ => None,
    });
    for (partition, seen) in by(looks, |l| l.0) {
        let sequence: Vec<_> = seen.iter().map(|l| l.1).collect();
        push(
            out,
            json!({"fact": "high_watermark_seen", "partition": partition, "sequence": sequence}),
        );
    }
}

/// What an admin client was told of each topic, one look after the other.
pub fn descriptions(trace: &Trace, out: &mut Vec<Fact>) {
    let looks = trace.observed.iter().filter_map(|e| match &e.event {
        Event::Described { topic, partitions } => Some((topic, partitions)),
        _ => None,
    });
    for (topic, seen) in by(looks, |l| l.0) {
        let sequence: Vec<_> = seen.iter().map(|l| l.1).collect();
        push(
            out,
            json!({"fact": "described", "topic": topic, "sequence": sequence}),
        );
    }
}

fn sorted(ids: &[i32]) -> Vec<i32> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

/// From killing, pausing or powering off a broker until the controller fenced it.
pub fn fencing(trace: &Trace, out: &mut Vec<Fact>) {
    for step in &trace.steps {
        let (broker, name) = match &step.action {
            Do::Kill(t) => (t.broker, "kill"),
            Do::Pause(t) => (t.broker, "pause"),
            Do::PowerOff { broker } => (Some(*broker), "power_off"),
            _ => continue,
        };
        let Some(broker) = broker else { continue };
        let back = trace.steps.iter().find(|s| {
            s.at_ms >= step.at_ms
                && matches!(&s.action, Do::Resume(t) | Do::Start(t) if t.broker == Some(broker))
        });
        let fenced = trace.observed.iter().find(|e| {
            e.at_ms >= step.at_ms
                && matches!(&e.event, Event::Broker { broker: b, state } if *b == broker && state == "fenced")
        });
        let Some(fenced) = fenced else { continue };
        let mut fact = json!({"fact": "fenced_after", "broker": broker, "step": name, "ms": fenced.at_ms - step.at_ms});
        if back.is_some_and(|s| s.at_ms < fenced.at_ms) {
            fact["although_back"] = json!(true);
        }
        push(out, fact);
    }
}
