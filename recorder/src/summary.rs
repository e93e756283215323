//! From the traces of all repetitions to one golden: the facts that each of them showed, and those that varied.

use crate::compare::about;
use crate::facts::{self, Fact};
use crate::golden::Trace;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// The first trace with `expect` and `varied` of all. A table of vectors is as it is.
pub fn golden(traces: &[Value]) -> Result<Value> {
    let mut golden = traces.first().cloned().context("nothing was recorded")?;
    if golden.get("vectors").is_some() {
        return Ok(golden);
    }
    let shown = traces.iter().map(facts_of).collect::<Result<Vec<_>>>()?;
    let (expect, varied) = common(&shown);
    golden["repetitions"] = json!(shown.len());
    golden["expect"] = Value::Array(expect.into_iter().map(Value::Object).collect());
    golden["varied"] = Value::Array(varied);
    Ok(golden)
}

fn facts_of(trace: &Value) -> Result<Vec<Fact>> {
    Ok(facts::facts(&typed(trace)?))
}

/// A trace as the conformance suite has it.
pub fn typed(trace: &Value) -> Result<Trace> {
    serde_json::from_value(trace.clone()).context("the recorder does not understand its own trace")
}

/// A fact's place among those of its trace: what it is about, and the how many-th about that it is.
type Place = (Vec<Value>, usize);

fn placed(facts: &[Fact]) -> Vec<(Place, &Fact)> {
    let mut all: Vec<(Place, &Fact)> = Vec::new();
    for fact in facts {
        let about: Vec<Value> = about(fact).into_iter().cloned().collect();
        let nth = all.iter().filter(|((a, _), _)| *a == about).count();
        all.push(((about, nth), fact));
    }
    all
}

fn common(shown: &[Vec<Fact>]) -> (Vec<Fact>, Vec<Value>) {
    let placed: Vec<Vec<(Place, &Fact)>> = shown.iter().map(|facts| placed(facts)).collect();
    let mut places: Vec<&Place> = Vec::new();
    for (place, _) in placed.iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let (mut expect, mut varied) = (Vec::new(), Vec::new());
    for place in places {
        let seen: Vec<Option<&Fact>> = placed
            .iter()
            .map(|facts| {
                facts
                    .iter()
                    .find(|(p, _)| p == place)
                    .map(|(_, fact)| *fact)
            })
            .collect();
        match agreed(&seen) {
            Some(fact) => expect.push(fact),
            None => varied.push(json!({"fact": place.0[0], "seen": seen})),
        }
    }
    (expect, varied)
}

/// The fact that all show; times become a range.
fn agreed(seen: &[Option<&Fact>]) -> Option<Fact> {
    let all: Vec<&Fact> = seen.iter().copied().collect::<Option<_>>()?;
    let first = *all.first()?;
    let times: Option<Vec<i64>> = all
        .iter()
        .map(|f| f.get("ms").and_then(Value::as_i64))
        .collect();
    let Some(times) = times else {
        return all.iter().all(|f| *f == first).then(|| first.clone());
    };
    let timeless = |fact: &Fact| -> Map<String, Value> {
        fact.iter()
            .filter(|(k, _)| *k != "ms")
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    };
    let mut fact = timeless(first);
    if !all.iter().all(|f| timeless(f) == fact) {
        return None;
    }
    fact.insert("min_ms".into(), json!(times.iter().min()));
    fact.insert("max_ms".into(), json!(times.iter().max()));
    Some(fact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(json: Value) -> Vec<Fact> {
        serde_json::from_value(json).expect("facts")
    }

    #[test]
    fn what_all_show_is_expected_and_what_differs_is_told_apart() {
        let lost = |v: &str| json!({"fact": "lost", "values": [v]});
        let isr = json!({"fact": "isr", "partition": "t-0", "sequence": [[1]]});
        let (expect, varied) = common(&[
            facts(json!([isr, lost("m0")])),
            facts(json!([isr, lost("m1")])),
        ]);
        assert_eq!(json!(expect), json!([isr]));
        assert_eq!(
            varied,
            [json!({"fact": "lost", "seen": [lost("m0"), lost("m1")]})]
        );
    }

    #[test]
    fn times_become_a_range_and_a_fact_that_one_lacks_is_null_there() {
        let fenced =
            |ms: i64| json!({"fact": "fenced_after", "broker": 1, "step": "kill", "ms": ms});
        let (expect, varied) = common(&[
            facts(json!([fenced(9000), {"fact": "unavailable", "partition": "t-0"}])),
            facts(json!([fenced(8000)])),
        ]);
        assert_eq!(
            json!(expect),
            json!([{"fact": "fenced_after", "broker": 1, "step": "kill", "min_ms": 8000, "max_ms": 9000}])
        );
        assert_eq!(varied.len(), 1);
        assert_eq!(varied[0]["seen"][1], Value::Null);
    }
}
