//! Links that people have: a folder for each version, and every one of them keeps opening.
//!
//! A file holds a line on what it is (`#`), the link's fragment, and for each complaint that is made when it is opened a
//! line `says:` with words of it. Every part of a link that nothing is said of has to be in effect. Files are never
//! changed; `UPDATE_LINKS=1` writes the missing ones, as for a new lesson.

use std::fs;
use std::path::PathBuf;

use acklab::kafka::Action;
use acklab::kafka::config::Owner;
use acklab::lab::experiment::{Timed, VERSION};
use acklab::lab::lessons::{self, Lesson};
use acklab::lab::share::{self, Opened, unescape};
use acklab::sim::NodeId;

/// A lesson with ten actions of its learner is no longer than this, with an address before it.
const MOST_BYTES: usize = 300;
const ADDRESS: &str = "https://acklab.example.org/#";

#[test]
fn every_link_that_was_ever_made_keeps_opening() {
    write_what_is_missing();
    let mut opened = 0;
    for version in 1..=VERSION {
        let folder = folder(version);
        let files = fs::read_dir(&folder).expect("a folder for each version");
        for file in files {
            let path = file.expect("a file").path();
            let text = fs::read_to_string(&path).expect("a text");
            check(&path.display().to_string(), &text);
            opened += 1;
        }
    }
    assert!(opened >= lessons::all().count() + 12, "only {opened} links");
}

#[test]
fn a_lesson_with_ten_actions_is_a_short_link() {
    for lesson in lessons::all() {
        let link = with_ten_actions(&lesson);
        let length = ADDRESS.len() + link.len();
        assert!(length < MOST_BYTES, "{}: {length} bytes: {link}", lesson.id);
        let opened = share::read(&link);
        assert_eq!(opened.problems, [], "{link}");
        let by_hand = opened
            .experiment
            .actions
            .iter()
            .filter(|timed| timed.by_hand);
        assert_eq!(by_hand.count(), 10, "{link}");
    }
}

/// Opens what a file holds.
fn check(name: &str, text: &str) {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let link = lines
        .next()
        .unwrap_or_else(|| panic!("{name} holds no link"));
    let says: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("says: "))
        .collect();
    let opened = share::read(link);
    let said: Vec<&str> = opened.problems.iter().map(|problem| &*problem.en).collect();
    assert_eq!(said.len(), says.len(), "{name}: {said:?}");
    for words in &says {
        let is_said = said.iter().any(|problem| problem.contains(words));
        assert!(is_said, "{name}: nobody says {words:?} but {said:?}");
    }
    for part in link.split('&') {
        let is_told = says.iter().any(|words| words.contains(part));
        if !is_told && !says.iter().any(|words| part.contains(words)) {
            assert!(is_in_effect(&opened, part), "{name}: {part} has no effect");
        }
    }
}

/// Whether the experiment has what a part of the link says.
fn is_in_effect(opened: &Opened, part: &str) -> bool {
    let Some((name, value)) = part.split_once('=') else {
        return false;
    };
    let experiment = &opened.experiment;
    let topology = &experiment.topology;
    let is = |number: u64| value == number.to_string();
    match name {
        "v" | "c" => true,
        "x" => opened.lesson == unescape(value),
        "seed" => is(experiment.seed),
        "brokers" => is(topology.brokers.into()),
        "controllers" => is(topology.controllers.into()),
        "partitions" => is(topology.partitions.into()),
        "rf" => is(topology.replication_factor.into()),
        "producers" => is(topology.producers.into()),
        "consumers" => is(topology.consumers.into()),
        "at" => micros(value) == opened.at_us,
        "end" => micros(value) == experiment.horizon_us,
        "do" => {
            let lesson = lessons::find(&opened.lesson).expect("a lesson");
            share::write(&lesson, experiment, 0).contains(part)
        }
        "not" => {
            let (at, _) = value.split_once(':').expect("a time");
            experiment
                .actions
                .iter()
                .all(|timed| timed.at_us != micros(at) || timed.by_hand)
        }
        _ => {
            let (letter, config) = name.split_once('.').expect("an owner");
            let expected = (value != "~").then(|| unescape(value));
            experiment.configs.get(owner(letter), &unescape(config)) == expected.as_deref()
        }
    }
}

fn owner(letter: &str) -> Owner {
    match letter {
        "p" => Owner::Producer,
        "c" => Owner::Consumer,
        "b" => Owner::Broker,
        "t" => Owner::Topic,
        "e" => Owner::Environment,
        _ => Owner::Application,
    }
}

fn micros(seconds: &str) -> u64 {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits = format!("{whole}{part:0<6}");
    digits.parse().expect("a number")
}

/// What ten clicks leave, at moments that nobody chose.
fn with_ten_actions(lesson: &Lesson) -> String {
    let mut experiment = lesson.experiment.clone();
    let node = |place: u64| NodeId(1 + (place % 3) as u8);
    for place in 0..10 {
        let action = match place % 4 {
            0 => Action::Kill(node(place)),
            1 => Action::Start(node(place - 1)),
            2 => Action::PowerOff(node(place)),
            _ => Action::CutLink {
                from: NodeId(1),
                to: NodeId(2),
                both: true,
            },
        };
        let at_us = 1_000_000 + place * 1_234_567;
        let by_hand = Timed {
            at_us,
            action,
            by_hand: true,
        };
        let after = experiment
            .actions
            .partition_point(|timed| timed.at_us <= at_us);
        experiment.actions.insert(after, by_hand);
    }
    share::write(lesson, &experiment, 12_345_678)
}

/// Links as this version writes them, with a name and what they are.
fn samples() -> Vec<(String, String, String)> {
    let find = |id| lessons::find(id).expect("a lesson");
    let mut samples = Vec::new();
    for lesson in lessons::all() {
        let link = share::write(&lesson, &lesson.experiment, 0);
        samples.push((
            format!("lesson-{}", lesson.id),
            format!("{}, as it begins", lesson.title.en),
            link,
        ));
    }
    for id in ["acks", "sandbox"] {
        let link = with_ten_actions(&find(id));
        samples.push((
            format!("ten-actions-{id}"),
            format!("ten actions in {id}"),
            link,
        ));
    }
    let sandbox = find("sandbox");
    let chinese = sandbox.experiment.clone();
    let chinese =
        chinese
            .with(Owner::Consumer, "group.id", "订单组")
            .with(Owner::Producer, "acks", "all");
    samples.push((
        "chinese".into(),
        "Chinese text in a setting".into(),
        share::write(&sandbox, &chinese, 0),
    ));
    let mut large = sandbox.experiment.clone();
    (large.seed, large.horizon_us) = (987_654_321, 61_500_000);
    let topology = &mut large.topology;
    (topology.brokers, topology.controllers, topology.partitions) = (5, 3, 6);
    (
        topology.replication_factor,
        topology.producers,
        topology.consumers,
    ) = (3, 2, 4);
    samples.push((
        "other-cluster".into(),
        "another cluster, seed and end".into(),
        share::write(&sandbox, &large, 7_250_000),
    ));
    let acks = find("acks");
    let mut without = acks.experiment.clone();
    without.actions.clear();
    samples.push((
        "without-the-story".into(),
        "a lesson without what happens in it".into(),
        share::write(&acks, &without, 0),
    ));
    samples.push((
        "every-action".into(),
        "every action that has words".into(),
        every_action(),
    ));
    samples
}

/// One of each.
fn every_action() -> String {
    const WORDS: [&str; 29] = [
        "kill:1",
        "start:1",
        "off:2",
        "start:2",
        "stop:3",
        "start:3",
        "pause:1",
        "resume:1",
        "wipe:2:1",
        "full:1",
        "free:1",
        "fail:3",
        "faildir:2:0",
        "slowdisk:1:8",
        "sync:1",
        "cut:1:2:1",
        "heal:1:2",
        "lossy:1:3:250000",
        "slow:1:3:40000",
        "elect:0:1",
        "describe:0",
        "delete:0:5",
        "move:0:3:2:1",
        "unmove:0",
        "minisr:2",
        "unclean:1:0",
        "handler:6:250",
        "throw:6",
        "burst:5:40",
    ];
    let mut parts = vec!["v=1".to_owned(), "x=sandbox".to_owned()];
    let actions = WORDS
        .iter()
        .zip(1..)
        .map(|(words, at)| format!("do={at}.5:{words}"));
    parts.extend(actions);
    share::sealed(&parts)
}

fn folder(version: u16) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/links/v{version}"))
}

/// A file for each sample, which is never written again.
fn write_what_is_missing() {
    for (name, about, link) in samples() {
        let path = folder(VERSION).join(format!("{name}.txt"));
        if !path.exists() {
            let asked = std::env::var_os("UPDATE_LINKS").is_some();
            assert!(
                asked,
                "{} is missing: UPDATE_LINKS=1 writes it",
                path.display()
            );
            fs::write(path, format!("# {about}\n{link}\n")).expect("it can be written");
        }
    }
}
