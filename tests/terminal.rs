//! Kafka's command line tools: what the real ones printed on a real cluster, set against what the terminal prints on the
//! simulated one.
//!
//! ```text
//! cargo test --test terminal                              all stories of tests/terminal
//! cargo test --test terminal -- groups                    those whose name contains this
//! cargo xtask record tests/terminal/cases/groups.json --reps 1 --out tests/terminal      records one anew
//! ```
//!
//! Compared to the letter, but for ids, addresses, timestamps, checksums, offsets of the metadata log and stack traces. Of a
//! help page the options are compared, not what is said about each. Outputs of what the model lacks are listed in
//! `tests/terminal/NOT_MODELLED` with the reason; one that is listed and equal is wrong, too.

#[allow(dead_code)] // the conformance suite needs more of these
#[path = "conformance/cast.rs"]
mod cast;
#[allow(dead_code)]
#[path = "conformance/course.rs"]
mod course;
#[allow(dead_code)]
#[path = "conformance/disks.rs"]
mod disks;
#[allow(dead_code)]
#[path = "conformance/golden.rs"]
mod golden;
#[path = "terminal/plain.rs"]
mod plain;
#[allow(dead_code)]
#[path = "conformance/player/mod.rs"]
mod player;
#[allow(dead_code)]
#[path = "conformance/step.rs"]
mod step;
#[allow(dead_code)]
#[path = "conformance/trace.rs"]
mod trace;
#[allow(dead_code)]
#[path = "conformance/wait.rs"]
mod wait;

use golden::Event;
use plain::Plain;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let asked_to_list = std::env::args().any(|argument| argument == "--list");
    if asked_to_list || cfg!(target_arch = "wasm32") {
        return ExitCode::SUCCESS;
    }
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    match run(&filter.unwrap_or_default()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every output is equal, or listed as one that the model has not.
fn run(filter: &str) -> Result<bool, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal");
    let listed = std::fs::read_to_string(folder.join("NOT_MODELLED")).map_err(|e| e.to_string())?;
    let listed: Vec<(String, String)> = listed.lines().filter_map(listed_line).collect();
    let (mut equal, mut lacking, mut wrong) = (0, 0, 0);
    for file in stories(&folder, filter)? {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (there, here) in outputs(&file).map_err(|why| format!("{name}: {why}"))? {
            let known = listed
                .iter()
                .any(|one| *one == (name.clone(), there.line.clone()));
            match (there == here, known) {
                (true, false) => equal += 1,
                (false, true) => lacking += 1,
                (true, true) => {
                    wrong += 1;
                    println!("wrong: {name}: {} is listed, and equal", there.line);
                }
                (false, false) => {
                    wrong += 1;
                    println!("wrong: {name}: {}", there.difference(&here));
                }
            }
        }
    }
    println!("{equal} outputs equal, {lacking} of what is not modelled, {wrong} wrong");
    Ok(wrong == 0)
}

/// `story | command | reason`.
fn listed_line(line: &str) -> Option<(String, String)> {
    let mut parts = line.split(" | ");
    let (story, command) = (parts.next()?, parts.next()?);
    parts.next()?;
    Some((story.to_owned(), command.to_owned()))
}

fn stories(folder: &Path, filter: &str) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| e.to_string())?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "json"));
    files.retain(|file| file.to_string_lossy().contains(filter));
    files.sort();
    Ok(files)
}

/// A command that was given before is told from the first time by a number.
fn number(outputs: &mut [Plain]) {
    for nth in (0..outputs.len()).rev() {
        let (before, after) = outputs.split_at_mut(nth);
        let times = before
            .iter()
            .filter(|one| one.line == after[0].line)
            .count();
        if times > 0 {
            after[0].line += &format!(" #{}", times + 1);
        }
    }
}

/// What the cluster and the simulator printed, pair by pair.
fn outputs(file: &Path) -> Result<Vec<(Plain, Plain)>, String> {
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
    let json: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let recorded = json["observed"].as_array().into_iter().flatten();
    let recorded = recorded.filter(|event| event["event"] == "printed");
    let text_of = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let recorded = recorded.map(|event| {
        let status = event["exit_status"].as_i64().unwrap_or(-1);
        let (out, err) = (text_of(event, "out"), text_of(event, "err"));
        Plain::new(&text_of(event, "line"), status, &out, &err)
    });
    let golden: golden::Golden = serde_json::from_value(json.clone()).map_err(|e| e.to_string())?;
    let trace = player::play(&golden)?;
    let simulated = trace.observed.iter().filter_map(|seen| match &seen.event {
        Event::Printed {
            line,
            exit_status,
            out,
            err,
        } => Some(Plain::new(line, i64::from(*exit_status), out, err)),
        _ => None,
    });
    let (mut recorded, mut simulated): (Vec<_>, Vec<_>) = (recorded.collect(), simulated.collect());
    number(&mut recorded);
    number(&mut simulated);
    if recorded.len() != simulated.len() || recorded.is_empty() {
        return Err(format!(
            "{} outputs there, {} here",
            recorded.len(),
            simulated.len()
        ));
    }
    Ok(recorded.into_iter().zip(simulated).collect())
}
