//! Configuration files as people write them, and what is said of each of their lines.
//!
//! `tests/configs/` holds the files, `tests/configs/expected/` what is said of them; `UPDATE_CONFIGS=1 cargo test --test configs`
//! writes that anew, to be read before it is committed. `FUZZ=10000000 cargo test --release --test configs no_bytes` tries more
//! bytes than the usual run.
#![cfg(not(target_arch = "wasm32"))]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use acklab::lab::config::{Account, Choice, File, State, account, implied};
use acklab::sim::{Luck, Stream};

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

fn read(name: &str, bytes: &[u8]) -> (File, Account) {
    let file = File::of_bytes(name, bytes);
    let account = account(std::slice::from_ref(&file), &Choice::default());
    (file, account)
}

/// What is said of a file, in both languages where they differ.
fn told(name: &str, bytes: &[u8]) -> String {
    let (_, account) = read(name, bytes);
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
        let (_, account) = read(&name, &bytes);
        let (_, problems) = implied(&account).experiment.spec();
        let refused = acklab::lab::experiment::refused(&problems);
        assert!(!refused, "{name}: {problems:?}");
    }
}

#[test]
fn everything_said_has_both_languages() {
    for (name, bytes) in files() {
        let (_, account) = read(&name, &bytes);
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

/// What must hold of any bytes whatever: nothing panics, every line is there once, and of each that says something to Kafka
/// something is said.
fn holds(name: &str, bytes: &[u8]) {
    let (file, account) = read(name, bytes);
    let paste = &account.pastes[0];
    for (place, line) in paste.lines.iter().enumerate() {
        assert_eq!(line.number, place + 1);
        assert!(!line.text.contains(['\n', '\r']));
    }
    let kept: usize = paste.lines.iter().map(|line| line.text.len()).sum();
    let ends = file
        .text
        .chars()
        .filter(|c| matches!(c, '\n' | '\r'))
        .count();
    assert_eq!(kept + ends, file.text.len());
    let printed = paste.kind.name().starts_with("kafka-") || paste.kind.name().ends_with(".yml");
    for line in paste.lines.iter().filter(|_| !printed) {
        let shown = line.text.trim_start_matches([' ', '\t', '\u{c}']);
        let says_something = !shown.is_empty() && !shown.starts_with(['#', '!']);
        assert!(
            !says_something || line.state != State::Blank,
            "{}: {:?}",
            line.number,
            line.text
        );
    }
    let _ = implied(&account).experiment.spec();
}

#[test]
fn no_bytes_whatever_make_a_parser_panic() {
    let count: u64 = std::env::var("FUZZ")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(400);
    let seed: u64 = std::env::var("SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let corpus = files();
    let mut luck = Luck::new(seed).stream("bytes", 0);
    for (name, bytes) in &corpus {
        holds(name, bytes);
    }
    for _ in 0..count {
        let (name, mut bytes) = corpus[luck.below(corpus.len() as u64) as usize].clone();
        for _ in 0..=luck.below(8) {
            change(&mut bytes, &corpus, &mut luck);
        }
        bytes.truncate(4_096);
        holds(&name, &bytes);
    }
}

/// Bytes that parsers stumble over.
const HARD: [&[u8]; 20] = [
    b"\\",
    b"\\u",
    b"\\u00",
    b"=",
    b":",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"#",
    b"---\n",
    b"- ",
    b"{",
    b"[",
    b"\"",
    b"'",
    b"${",
    b"&a",
    b"*a",
    b"\xef\xbb\xbf",
];

fn change(bytes: &mut Vec<u8>, corpus: &[(String, Vec<u8>)], luck: &mut Stream) {
    let place = luck.below(bytes.len() as u64 + 1) as usize;
    let length = (luck.below(24) as usize).min(bytes.len() - place);
    match luck.below(6) {
        0 => drop(bytes.drain(place..place + length)),
        1 => {
            let hard = HARD[luck.below(HARD.len() as u64) as usize];
            bytes.splice(place..place, hard.iter().copied());
        }
        2 => {
            let again = bytes[place..place + length].to_vec();
            bytes.splice(place..place, again);
        }
        3 => bytes[place..place + length]
            .iter_mut()
            .for_each(|byte| *byte = luck.below(256) as u8),
        4 => {
            let other = &corpus[luck.below(corpus.len() as u64) as usize].1;
            let from = luck.below(other.len() as u64 + 1) as usize;
            let to = (from + 200).min(other.len());
            bytes.splice(place..place, other[from..to].iter().copied());
        }
        _ => bytes.truncate(place),
    }
}
