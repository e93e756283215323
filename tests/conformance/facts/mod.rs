//! What a trace shows, in the closed vocabulary of the goldens. Derived the same way as the recording harness derives it; the
//! self-test feeds every golden's own trace through here and must get the golden's own `expect` back.
//!
//! Facts of time carry `ms`; all others compare exactly.

mod clients;
mod cluster;
mod records;

use crate::golden::Trace;
use serde_json::{Map, Value};

pub type Fact = Map<String, Value>;

/// All facts of one trace, in the order in which the harness yields them.
pub fn facts(trace: &Trace) -> Vec<Fact> {
    let mut out = Vec::new();
    records::outcomes(trace, &mut out);
    records::presence(trace, &mut out);
    cluster::logs(trace, &mut out);
    cluster::partitions(trace, &mut out);
    cluster::descriptions(trace, &mut out);
    clients::consumers(trace, &mut out);
    cluster::fencing(trace, &mut out);
    records::slowest(trace, &mut out);
    clients::processing(trace, &mut out);
    clients::committed_reads(trace, &mut out);
    clients::assignments(trace, &mut out);
    clients::take_overs(trace, &mut out);
    clients::durations(trace, &mut out);
    out
}

fn push(out: &mut Vec<Fact>, fact: Value) {
    match fact {
        Value::Object(fields) => out.push(fields),
        other => unreachable!("a fact is an object, not {other}"),
    }
}

/// Groups in order of first appearance.
fn by<K: PartialEq, T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let k = key(&item);
        match groups.iter_mut().find(|(known, _)| *known == k) {
            Some((_, group)) => group.push(item),
            None => groups.push((k, vec![item])),
        }
    }
    groups
}

fn dedupe<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = items.into_iter().collect();
    kept.dedup();
    kept
}

/// Those that occur more than once, in order of first appearance.
fn repeated<T: PartialEq + Clone>(items: &[T]) -> Vec<T> {
    by(items.iter().cloned(), T::clone)
        .into_iter()
        .filter(|(_, all)| all.len() > 1)
        .map(|(one, _)| one)
        .collect()
}

type Text = Option<String>;
