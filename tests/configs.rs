//! Configuration files as people write them, and what is said of each of their lines.
//!
//! `tests/configs/` holds the files, `tests/configs/expected/` what is said of them; `UPDATE_CONFIGS=1 cargo test --test configs`
//! writes that anew, to be read before it is committed. What holds of any bytes
//! whatever is asked in `tests/fuzzing.rs`.
#![cfg(not(target_arch = "wasm32"))]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use acklab::lab::config::{Account, Choice, File, State, account, implied};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs")
}

fn files() -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder()).expect("the folder");
    let paths = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file());
    let mut all: Vec<(String, Vec<u8>)> = paths
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    all.sort();
    all
}

fn read(name: &str, bytes: &[u8]) -> Account {
    let file = File::of_bytes(name, bytes);
    account(std::slice::from_ref(&file), &Choice::default())
}

/// What is said of a file, in both languages where they differ.
fn told(name: &str, bytes: &[u8]) -> String {
    let account = read(name, bytes);
    let made = implied(&account);
    let topology = &made.experiment.topology;
    let mut out = String::new();
    for paste in &account.pastes {
        writeln!(out, "{}: {}", paste.kind.name(), paste.why.en).expect("a String");
        for line in paste.lines.iter().filter(|line| line.state != State::Blank) {
            let meant = line
                .meant
                .as_ref()
                .map_or(String::new(), |meant| format!(" [{meant}]"));
            let reason = &line.reason.en;
            writeln!(
                out,
                "{:>3} {:<9} {reason}{meant}",
                line.number,
                line.state.word()
            )
            .expect("a String");
        }
    }
    for (owner, name, value) in account.overrides.iter() {
        writeln!(out, "= {owner:?} {name}={value}").expect("a String");
    }
    writeln!(
        out,
        "~ {} brokers, {} copies, {} partitions, {} controllers, {} consumers",
        topology.brokers,
        topology.replication_factor,
        topology.partitions,
        topology.controllers,
        topology.consumers
    )
    .expect("a String");
    for text in account.notes.iter().chain(&made.assumptions) {
        writeln!(out, "~ {}", text.en).expect("a String");
    }
    let (_, problems) = made.experiment.spec();
    for problem in problems {
        writeln!(out, "! {}", problem.en).expect("a String");
    }
    out
}

#[test]
fn of_every_file_is_said_what_is_expected() {
    let update = std::env::var("UPDATE_CONFIGS").is_ok();
    let (expected, mut wrong) = (folder().join("expected"), Vec::new());
    let all = files();
    assert!(all.len() >= 30, "{} files", all.len());
    for (name, bytes) in all {
        let path = expected.join(format!("{name}.txt"));
        let told = told(&name, &bytes);
        if update {
            fs::create_dir_all(&expected).expect("the folder");
            fs::write(&path, &told).expect("written");
        } else if fs::read_to_string(&path).unwrap_or_default() != told {
            wrong.push(format!("{name}:\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}

#[test]
fn what_a_file_implies_is_an_experiment_that_kafka_starts() {
    for (name, bytes) in files() {
        let account = read(&name, &bytes);
        let (_, problems) = implied(&account).experiment.spec();
        let refused = acklab::lab::experiment::refused(&problems);
        assert!(!refused, "{name}: {problems:?}");
    }
}

#[test]
fn everything_said_has_both_languages() {
    for (name, bytes) in files() {
        let account = read(&name, &bytes);
        let made = implied(&account);
        let reasons = account
            .pastes
            .iter()
            .flat_map(|paste| &paste.lines)
            .map(|line| &line.reason);
        for text in reasons.chain(&account.notes).chain(&made.assumptions) {
            assert_eq!(text.en.is_empty(), text.zh.is_empty(), "{name}: {text:?}");
        }
    }
}
