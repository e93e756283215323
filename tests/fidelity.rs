//! The page on how true the model is says only what is there: each story it names is recorded and replays,
//! both languages say everything, and `docs/fidelity.md` is written from the same files.
//!
//! `UPDATE_DOCS=1 cargo test --test fidelity` writes it anew.
#![cfg(not(target_arch = "wasm32"))]

use acklab::view::fidelity::{Chapter, RuleView, chapters};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_named_story_is_recorded_and_replays() {
    let goldens = root().join("tests/golden");
    // The list is there only while a story fails.
    let failing = fs::read_to_string(goldens.join("KNOWN_FAILURES")).unwrap_or_default();
    let mut wrong = Vec::new();
    for story in rules().iter().flat_map(|rule| rule.stories.clone()) {
        let recorded = goldens.join(format!("{story}.json")).exists();
        let fails = failing
            .lines()
            .any(|line| line.split_whitespace().next() == Some(story));
        if !recorded || fails {
            wrong.push(story);
        }
    }
    assert!(
        wrong.is_empty(),
        "not recorded, or not replayed yet: {wrong:?}"
    );
}

#[test]
fn every_rule_names_kafkas_place_and_a_story_and_is_said_twice() {
    for rule in rules() {
        assert!(!rule.text.zh.is_empty(), "not in Chinese: {}", rule.text.en);
        assert_eq!(
            rule.kafka.is_empty(),
            rule.stories.is_empty(),
            "{}",
            rule.text.en
        );
    }
    let chapters = chapters();
    let (simplified, followed) = chapters.split_last().unwrap();
    assert!(
        followed
            .iter()
            .all(|chapter| chapter.rules.iter().all(|rule| !rule.kafka.is_empty()))
    );
    assert!(simplified.rules.iter().all(|rule| rule.kafka.is_empty()));
    let lines = |file: &str| {
        let text = fs::read_to_string(root().join("docs/fidelity").join(file)).unwrap();
        let marks = text.lines().filter_map(|line| line.chars().next());
        marks.filter(|mark| *mark != '=').collect::<String>()
    };
    assert_eq!(
        lines("en.txt"),
        lines("zh.txt"),
        "the languages differ in their lines"
    );
}

#[test]
fn the_document_is_current() {
    let path = root().join("docs/fidelity.md");
    let written = document(&chapters());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == written,
        "docs/fidelity.md is old: UPDATE_DOCS=1 cargo test --test fidelity"
    );
}

fn document(chapters: &[Chapter]) -> String {
    let mut text = String::from(
        "# How true the model is\n\n\
         Every rule that the model follows, with Kafka's class or KIP, and the stories that show it. Each story was\n\
         recorded from a real Apache Kafka 4.3.1 cluster; `cargo test --test conformance` replays it. What is\n\
         simplified stands at the end. Written from `docs/fidelity/` by `UPDATE_DOCS=1 cargo test --test fidelity`.\n",
    );
    for chapter in chapters {
        text += &format!("\n## {}\n\n", chapter.title.en);
        let followed = chapter.rules.iter().any(|rule| !rule.kafka.is_empty());
        if followed {
            text += "| rule | in Kafka | shown by |\n|---|---|---|\n";
        }
        for rule in &chapter.rules {
            let story = |name: &&str| format!("[{name}](../tests/golden/{name}.json)");
            let stories: Vec<_> = rule.stories.iter().map(story).collect();
            text += &match followed {
                true => format!(
                    "| {} | {} | {} |\n",
                    rule.text.en,
                    rule.kafka,
                    stories.join(", ")
                ),
                false => format!("- {}\n", rule.text.en),
            };
        }
    }
    text
}

fn rules() -> Vec<RuleView> {
    chapters()
        .into_iter()
        .flat_map(|chapter| chapter.rules)
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
