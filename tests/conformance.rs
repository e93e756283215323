//! Replays what was recorded from a real Kafka cluster and checks that the simulator shows the same facts.
//!
//! ```text
//! cargo test --test conformance                        the goldens of tests/golden
//! cargo test --test conformance -- acks1               those whose name contains this
//! GOLDEN_DIR=path cargo test --test conformance        another folder, read at run time
//! ALL_DIFFERENCES=1 cargo test --test conformance      not only the first difference of each
//! SHOW_JOURNAL=1 cargo test --test conformance -- ...  with all that happened in the simulator
//! UPDATE_README=1 cargo test --test conformance        writes the README's table anew
//! ```
//!
//! One line a golden, and `N passed, N failed` at the end, where every failure is named once more. It fails when a golden
//! fails, or when the table in the README is not current.
//!
//! While a rule is being built, the file `tests/golden/KNOWN_FAILURES` may name goldens that do not replay yet: they are
//! `known`, and the suite fails as soon as one of them passes.

#[path = "conformance/cast.rs"]
mod cast;
#[path = "conformance/compare.rs"]
mod compare;
#[path = "conformance/course.rs"]
mod course;
#[path = "conformance/disks.rs"]
mod disks;
#[path = "conformance/facts/mod.rs"]
mod facts;
#[path = "conformance/golden.rs"]
mod golden;
#[path = "conformance/player/mod.rs"]
mod player;
#[path = "conformance/report.rs"]
mod report;
#[path = "conformance/step.rs"]
mod step;
#[path = "conformance/trace.rs"]
mod trace;
#[path = "conformance/vectors.rs"]
mod vectors;
#[path = "conformance/wait.rs"]
mod wait;

use report::Verdict;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let filter = std::env::args()
        .skip(1)
        .find(|a| !a.starts_with('-'))
        .unwrap_or_default();
    let asked_to_list = std::env::args().any(|a| a == "--list");
    // Goldens are files, which the browser's test run does not have.
    if asked_to_list || cfg!(target_arch = "wasm32") {
        return ExitCode::SUCCESS;
    }
    match run(&filter) {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Replays all, prints what came of it, and returns what is wrong.
fn run(filter: &str) -> Result<Vec<String>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("tests/golden");
    let elsewhere = std::env::var_os("GOLDEN_DIR").map(PathBuf::from);
    let listed = report::known_failures(&own.join("KNOWN_FAILURES"))?;
    let files = goldens(elsewhere.as_deref().unwrap_or(&own), filter)?;
    let all = std::env::var_os("ALL_DIFFERENCES").is_some();
    let verdicts: Vec<Verdict> = files.iter().map(|file| judge(file)).collect();
    for verdict in &verdicts {
        println!("{}", verdict.line(&listed));
        verdict
            .differences
            .iter()
            .skip(1)
            .filter(|_| all)
            .for_each(|more| println!("     {more}"));
    }
    let whole = elsewhere.is_none() && filter.is_empty();
    let mut complaints = report::complaints(&verdicts, &listed, whole);
    if whole {
        let update = std::env::var_os("UPDATE_README").is_some();
        complaints.extend(report::readme(&root.join("README.md"), &verdicts, update).err());
    }
    complaints
        .iter()
        .for_each(|complaint| println!("wrong: {complaint}"));
    println!("{}", report::sum(&verdicts, &listed));
    Ok(complaints)
}

fn goldens(folder: &Path, filter: &str) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let files = entries.filter_map(|entry| entry.ok().map(|e| e.path()));
    let chosen = |file: &PathBuf| {
        file.extension().is_some_and(|e| e == "json") && name(file).contains(filter)
    };
    let mut files: Vec<PathBuf> = files.filter(chosen).collect();
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn judge(file: &Path) -> Verdict {
    let mut verdict = Verdict {
        name: name(file),
        about: String::new(),
        differences: Vec::new(),
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            verdict.differences.push(error.to_string());
            return verdict;
        }
    };
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    verdict.about = json["about"].as_str().unwrap_or_default().to_owned();
    // A panic in the simulator is a failure of this golden, not the end of the run.
    let replayed = std::panic::catch_unwind(|| replay(&text));
    verdict.differences = match replayed {
        Ok(Ok(differences)) => differences,
        Ok(Err(reason)) => vec![reason],
        Err(panic) => vec![format!("the simulator panicked: {}", said(panic.as_ref()))],
    };
    verdict
}

/// The differences between what the cluster showed and what the simulator shows.
fn replay(text: &str) -> Result<Vec<String>, String> {
    let json: Value = serde_json::from_str(text).map_err(|e| format!("not understood: {e}"))?;
    if json.get("vectors").is_some() {
        return vectors::differences(json);
    }
    let golden: golden::Golden =
        serde_json::from_value(json).map_err(|e| format!("not understood: {e}"))?;
    let trace = player::play(&golden)?;
    Ok(compare::differences(&golden, &facts::facts(&trace)))
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
        .to_owned()
}
