//! What lessons 15 and 16 offer besides their fix: poison records and dead letters, tables of seen ids that forget.

use super::*;
use crate::kafka::config::Owner::{self, Application};
use crate::lab::explain::explain;
use crate::lab::ledger::Fate;

type Switch = (Owner, &'static str, &'static str);
/// A lesson, what is switched besides its fix, words that are said, words that are not.
type Story = (
    &'static str,
    &'static [Switch],
    &'static [&'static str],
    &'static [&'static str],
);

fn with_fix(id: &str, switches: &[Switch]) -> (Lesson, Experiment) {
    let lesson = find(id).expect("a lesson");
    let experiment = fixed(&lesson);
    let set = |e: Experiment, (owner, name, value): &Switch| e.with(*owner, name, value);
    let experiment = switches.iter().fold(experiment, set);
    (lesson, experiment)
}

fn said(lesson: &Lesson, experiment: &Experiment) -> String {
    let script = Script::of(lesson, &mut Run::new(experiment.clone()));
    let told = script.beats.iter();
    let told = told.map(|told| format!("{} {}", told.words.strong.en, told.words.rest.en));
    told.collect::<Vec<_>>().join("\n")
}

const POISON: Switch = (Application, "record.poison.every", "25");
const LETTERS: Switch = (Application, "handler.on.error", "dead-letter");

#[test]
fn a_poison_record_stops_the_partition_of_lesson_15_and_a_dead_letter_frees_it() {
    let (_, poisoned) = with_fix("threads", &[POISON]);
    let stopped = judged(poisoned);
    assert!(stopped.verdict(Property::Stuck).is_violated());
    let (lesson, experiment) = with_fix("threads", &[POISON, LETTERS]);
    let freed = judged(experiment.clone());
    assert_eq!((freed.tally.set_aside, freed.tally.processed), (2, 58));
    assert_eq!((freed.tally.lost(), freed.tally.waiting), (0, 0));
    let said = said(&lesson, &experiment);
    assert!(said.contains("is written to orders-dlt"), "{said}");
    assert!(said.contains("Nothing was lost; 2 set aside."), "{said}");
}

#[test]
fn a_second_try_is_all_that_lesson_15_needs() {
    let (lesson, _) = with_fix("threads", &[]);
    let tried = lesson
        .experiment
        .clone()
        .with(LETTERS.0, LETTERS.1, LETTERS.2);
    let tally = judged(tried).tally;
    assert_eq!((tally.processed, tally.set_aside, tally.lost()), (60, 0, 0));
}

#[test]
fn an_idempotent_handler_that_forgets_bills_twice_in_lesson_16() {
    let forgetful: [(Switch, &str); 2] = [
        (
            (Application, "handler.seen.in", "memory"),
            "in the memory of a process alone",
        ),
        ((Application, "handler.memory.ms", "2000"), "is forgotten"),
    ];
    for (switch, reason) in forgetful {
        let (lesson, experiment) = with_fix("crash-after-work", &[switch]);
        let judged = judged(experiment.clone());
        assert!(
            judged.verdict(Property::Doubled).is_violated(),
            "{switch:?}"
        );
        let said = said(&lesson, &experiment);
        assert!(said.contains("it has forgotten"), "{said}");
        let lives = judged.history.ledger.iter();
        let mut twice = lives.filter(|life| judged.history.fate(life) == Fate::Twice);
        let life = twice.next().expect("a message that came twice");
        let journal = judged.healed.journal();
        let why = explain(&experiment, journal, &judged.history, life.message);
        let lines = why.lines.iter().map(|line| line.text.en.to_string());
        let lines = lines.collect::<Vec<_>>().join("\n");
        assert!(lines.contains(reason), "{lines}");
    }
    let (_, long) = with_fix(
        "crash-after-work",
        &[(Application, "handler.memory.ms", "60000")],
    );
    assert!(!judged(long).verdict(Property::Doubled).is_violated());
}

#[test]
fn the_lessons_about_the_outbox_have_words_for_each_of_their_stories() {
    let stories: [Story; 5] = [
        (
            "outbox",
            &[],
            &["committed together", "a second time"],
            &["one is unfinished"],
        ),
        (
            "outbox",
            &[(Application, "order.store", "send-first")],
            &["called send()", "not in the database yet"],
            &["right after it has committed"],
        ),
        (
            "desk",
            &[],
            &["resends 14 rows", "on duty", "comes late"],
            &["Press resend"],
        ),
        (
            "desk",
            &[(Application, "relay.tries", "0")],
            &["never gives up"],
            &["Press resend", "marked dead"],
        ),
        (
            "kafka-down",
            &[],
            &["calls B with it", "both together have none"],
            &["nowhere to go", "send() still returns"],
        ),
    ];
    for (id, switches, has, lacks) in stories {
        let (lesson, experiment) = with_fix(id, switches);
        let said = said(&lesson, &experiment);
        for words in has {
            assert!(said.contains(words), "{id}: {words:?} in\n{said}");
        }
        for words in lacks {
            assert!(!said.contains(words), "{id}: {words:?} in\n{said}");
        }
    }
}
