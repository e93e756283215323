//! Sets what was recorded against the stored golden, by the rules of the conformance suite.

use crate::compare;
use crate::course;
use crate::facts::{self, Fact};
use crate::golden::Golden;
use crate::layout::line;
use crate::summary::typed;
use anyhow::{Context, Result};
use serde_json::Value;

pub struct Comparison {
    pub outcome: Outcome,
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Outcome {
    Alike,
    Differs,
    /// Nothing is stored to compare with.
    New,
}

impl Outcome {
    fn of(same: bool) -> Outcome {
        if same {
            Outcome::Alike
        } else {
            Outcome::Differs
        }
    }
}

/// What no step sets can make facts differ that are about it.
const CHANCE: &str = "by chance, brokers were fenced or came back, or members were told, in another order than when it was stored";

/// The facts that each repetition and the stored golden show alike, and where they differ.
pub fn compare(recorded: &Value, traces: &[Value], stored: Option<&Value>) -> Result<Comparison> {
    let Some(stored) = stored else {
        return Ok(Comparison {
            outcome: Outcome::New,
            text: listed(recorded),
        });
    };
    if stored.get("vectors").is_some() {
        let same = stored["vectors"] == recorded["vectors"];
        let text = if same {
            "  the same vectors"
        } else {
            "  other vectors than stored"
        };
        return Ok(Comparison {
            outcome: Outcome::of(same),
            text: text.to_owned(),
        });
    }
    let golden: Golden =
        serde_json::from_value(stored.clone()).context("the stored golden is not understood")?;
    let (mut lines, mut same) = (Vec::new(), true);
    for (nth, trace) in (1..).zip(traces) {
        let trace = typed(trace)?;
        let shown = facts::facts(&trace);
        let differences = compare::differences(&golden, &shown);
        let alike = golden
            .expect
            .iter()
            .filter(|fact| agrees(&golden, fact, &shown))
            .count();
        lines.push(format!(
            "  repetition {nth}: {alike} of the {} stored facts, {} differences",
            golden.expect.len(),
            differences.len()
        ));
        lines.extend(differences.iter().map(|d| format!("    {d}")));
        let lucky = course::same_luck(&golden, &trace) && course::same_race(&golden, &trace);
        if !differences.is_empty() && !lucky {
            lines.push(format!("    {CHANCE}"));
        }
        same &= differences.is_empty();
    }
    lines.extend(
        varied(recorded)
            .into_iter()
            .map(|v| format!("  varied now: {v}")),
    );
    Ok(Comparison {
        outcome: Outcome::of(same),
        text: lines.join("\n"),
    })
}

/// Whether one stored fact, taken alone, is among those shown.
fn agrees(golden: &Golden, fact: &Fact, shown: &[Fact]) -> bool {
    shown.iter().any(|s| {
        compare::about(s) == compare::about(fact) && compare::difference(golden, fact, s).is_none()
    })
}

fn varied(golden: &Value) -> Vec<String> {
    golden["varied"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|v| line(&v["seen"]))
        .collect()
}

/// Of a new golden there is nothing to compare with: its facts are shown.
fn listed(golden: &Value) -> String {
    let facts = golden["expect"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| format!("  {}", line(f)));
    let varied = varied(golden).into_iter().map(|v| format!("  varied: {v}"));
    facts.chain(varied).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Outcome, compare};
    use serde_json::Value;

    fn stored(name: &str) -> Value {
        let file = format!("{}/../tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(file).expect("a golden")).expect("JSON")
    }

    #[test]
    fn a_golden_is_the_same_as_itself_and_another_outcome_is_told() {
        let golden = stored("acks1-leader-killed-before-replication");
        let same =
            compare(&golden, std::slice::from_ref(&golden), Some(&golden)).expect("compared");
        assert!(same.outcome == Outcome::Alike, "{}", same.text);
        let mut other = golden.clone();
        other["final"]["high_watermark"]["t-0"] = 4.into();
        let other = compare(&other, std::slice::from_ref(&other), Some(&golden)).expect("compared");
        assert_eq!(other.outcome, Outcome::Differs);
        assert!(other.text.contains("    expected"), "{}", other.text);
    }
}
