//! Each lesson reaches both of its endings, and everything it wants to say is said.

mod switches;

use super::*;
use crate::kafka::config::Severity;
use crate::lab::experiment::Experiment;
use crate::lab::judge::Judgement;
use crate::lab::knobs::{handle, turn};
use crate::lab::properties::{Property, Verdict};
use crate::lab::run::Run;
use crate::lab::script::Script;
use crate::lab::text::Text;

fn judged(experiment: Experiment) -> Judgement {
    Judgement::of(&Run::new(experiment))
}

fn fixed(lesson: &Lesson) -> Experiment {
    let fix = lesson.fix.iter();
    fix.fold(
        lesson.experiment.clone(),
        |experiment, (owner, name, value)| {
            let turned = turn(&experiment, &handle(*owner, name), value);
            turned.unwrap_or_else(|problem| panic!("{}: {problem:?}", lesson.id))
        },
    )
}

fn numbered() -> Vec<Lesson> {
    all().filter(|lesson| lesson.number.is_some()).collect()
}

#[test]
fn a_lesson_is_found_by_its_handle() {
    for lesson in all() {
        assert_eq!(find(lesson.id).map(|found| found.id), Some(lesson.id));
    }
    assert_eq!(find("no such lesson").map(|found| found.id), None);
    assert_eq!(first_screen().id, "first");
}

/// What does not come out as the lesson says.
fn differences(ending: &Ending, judged: &Judgement) -> Vec<String> {
    let violated = ending
        .violated
        .iter()
        .filter(|p| !judged.verdict(**p).is_violated());
    let violated = violated.map(|property| format!("{property:?} holds"));
    let holds = ending
        .holds
        .iter()
        .filter(|p| judged.verdict(**p).is_violated());
    let holds = holds.map(|property| format!("{property:?}: {:?}", judged.verdict(*property)));
    violated.chain(holds).collect()
}

#[test]
fn every_lesson_ends_badly_as_it_is() {
    for lesson in numbered() {
        let judged = judged(lesson.experiment.clone());
        let wrong = differences(&lesson.bad, &judged);
        assert!(
            wrong.is_empty(),
            "{}: {wrong:#?} {:?}",
            lesson.id,
            judged.tally
        );
    }
}

#[test]
fn every_lesson_ends_well_with_its_fix() {
    for lesson in numbered() {
        let judged = judged(fixed(&lesson));
        let wrong = differences(&lesson.good, &judged);
        assert!(judged.tally.sent > 0, "{}: nothing was sent", lesson.id);
        if judged.history.consumed {
            let tally = judged.tally;
            assert_eq!(tally.processed, tally.sent, "{}: {tally:?}", lesson.id);
        }
        assert!(
            wrong.is_empty(),
            "{}: {wrong:#?} {:?}",
            lesson.id,
            judged.tally
        );
    }
}

#[test]
fn every_beat_is_told_in_order_and_every_word_is_filled_in() {
    for lesson in numbered() {
        let script = Script::of(&lesson, &mut Run::new(lesson.experiment.clone()));
        let told: Vec<&str> = script
            .beats
            .iter()
            .map(|told| &*told.words.strong.en)
            .collect();
        let changed = |beat: &&Beat| beat.told.contains(&Stories::Changed);
        let here = lesson.beats.iter().filter(|beat| !changed(beat));
        let here = here.filter(|beat| beat.is_told_of(&lesson.experiment));
        assert_eq!(told.len(), here.count(), "{}: {told:#?}", lesson.id);
        let with_fix = Script::of(&lesson, &mut Run::new(fixed(&lesson)));
        let elsewhere = lesson.beats.iter().filter(changed);
        for (place, _) in elsewhere.enumerate() {
            assert!(
                with_fix.beats.len() > place + 1,
                "{}: never told",
                lesson.id
            );
        }
        for told in script.beats.iter().chain(&with_fix.beats) {
            for text in [&told.words.strong, &told.words.rest] {
                assert!(is_whole(text), "{}: {text:?}", lesson.id);
            }
        }
    }
}

#[test]
fn a_price_is_told_in_the_numbers_of_the_run_that_pays_it() {
    for lesson in numbered() {
        let script = Script::of(&lesson, &mut Run::new(fixed(&lesson)));
        let told = script.beats.last().expect("the last word");
        let price = &told.words.rest;
        assert!(is_whole(price), "{}: {price:?}", lesson.id);
        let slots = lesson.price.en.matches('{').count();
        let digits = |text: &Text| text.en.matches(|c: char| c.is_ascii_digit()).count();
        assert!(
            digits(price) >= digits(&lesson.price) + slots,
            "{}: {price:?}",
            lesson.id
        );
    }
}

#[test]
fn exactly_one_answer_is_what_the_run_does() {
    for lesson in numbered() {
        let script = Script::of(&lesson, &mut Run::new(lesson.experiment.clone()));
        let asked = script.asked.expect("a question");
        let question = lesson.question.as_ref().expect("a question");
        assert!(
            is_whole(&asked.text) && is_whole(&asked.reveal),
            "{}: {asked:?}",
            lesson.id
        );
        let right = question
            .options
            .iter()
            .filter(|answer| answer.is_right(&asked.came_out));
        let came_out = asked.came_out;
        assert_eq!(
            right.count(),
            1,
            "{}: {came_out:?} of {}",
            lesson.id,
            asked.about.len()
        );
    }
}

#[test]
fn no_lesson_asks_for_what_kafka_refuses_and_all_is_said_twice() {
    for lesson in all() {
        for experiment in [lesson.experiment.clone(), fixed(&lesson)] {
            let (_, problems) = experiment.spec();
            let refused = problems
                .iter()
                .find(|problem| problem.severity == Severity::Error);
            assert_eq!(refused, None, "{}", lesson.id);
        }
        assert!(
            is_whole(&lesson.title) && is_whole(&lesson.line),
            "{}",
            lesson.id
        );
        assert!(is_whole(&lesson.opening.strong) && is_whole(&lesson.opening.rest));
    }
}

/// Said in both languages, with no slot left open.
fn is_whole(text: &Text) -> bool {
    let whole = |words: &str| !words.is_empty() && !words.contains(['{', '}']);
    whole(&text.en) && whole(&text.zh)
}

#[test]
fn only_history_cuts_by_the_high_watermark() {
    use crate::kafka::config::Owner::Environment;
    for lesson in all() {
        let old = lesson
            .experiment
            .configs
            .get(Environment, "history.truncation");
        assert_eq!(old.is_some(), lesson.number == Some(27), "{}", lesson.id);
    }
}

#[test]
fn without_leader_epochs_two_replicas_in_sync_disagree_below_the_high_watermark() {
    let lesson = find("epochs-power").expect("a lesson");
    let old = judged(lesson.experiment.clone());
    let Verdict::Violated(evidence) = old.verdict(Property::Diverged) else {
        panic!("they agree");
    };
    assert_eq!(evidence.messages.len(), 10);
    let new = judged(fixed(&lesson));
    assert_eq!(*new.verdict(Property::Diverged), Verdict::Holds);
    // What no disk had is lost by either rule; the old one loses what was confirmed afterwards.
    assert_eq!((old.tally.lost(), new.tally.lost()), (10, 10));
}
