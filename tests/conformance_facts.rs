//! The conformance suite's own parts, tested against what was recorded: its facts must reproduce every golden's `expect` from
//! the golden's own trace, and it must understand every step and every wait.
#![cfg(not(target_arch = "wasm32"))]

#[path = "conformance/compare.rs"]
mod compare;
#[allow(dead_code)] // the player needs more of it
#[path = "conformance/course.rs"]
mod course;
#[path = "conformance/facts/mod.rs"]
mod facts;
#[allow(dead_code)] // the player needs more of it
#[path = "conformance/golden.rs"]
mod golden;
#[allow(dead_code)]
#[path = "conformance/report.rs"]
mod report;
#[allow(dead_code)]
#[path = "conformance/step.rs"]
mod step;
#[allow(dead_code)] // the player needs more of it
#[path = "conformance/wait.rs"]
mod wait;

#[path = "conformance/tests.rs"]
mod tests;

use golden::{Golden, Trace};
use std::path::Path;
use step::Do;

fn goldens() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).expect("the folder of goldens");
    let json = files
        .map(|f| f.expect("an entry").path())
        .filter(|f| f.extension().is_some_and(|e| e == "json"));
    let name = |f: &Path| {
        f.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let mut all: Vec<_> = json
        .map(|f| (name(&f), std::fs::read_to_string(&f).expect("text")))
        .collect();
    all.retain(|(_, text)| text.contains("\"observed\""));
    all.sort();
    all
}

#[test]
fn every_recorded_trace_shows_its_own_expected_facts() {
    let mut wrong = Vec::new();
    for (name, text) in goldens() {
        let golden: Golden = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let trace: Trace = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let differences = compare::differences(&golden, &facts::facts(&trace));
        wrong.extend(differences.into_iter().map(|d| format!("{name}: {d}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recorded_wait_is_understood() {
    for (name, text) in goldens() {
        let golden: Golden = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        for step in &golden.steps {
            if let Do::Wait { until, .. } = &step.action {
                wait::parse(until).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
        }
    }
}
