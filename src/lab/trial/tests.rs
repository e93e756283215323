//! The capstone tells a careless shop from a careful one; the challenge can be won.

use super::*;
use crate::lab::knobs::{handle, turn};
use crate::lab::lessons::{self, Lesson};

fn lesson(id: &str) -> (Lesson, Trial) {
    let lesson = lessons::find(id).expect("a lesson");
    let trial = lessons::trial(id).expect("a trial");
    (lesson, trial)
}

fn fixed(lesson: &Lesson) -> Experiment {
    let fix = lesson.fix.iter();
    fix.fold(
        lesson.experiment.clone(),
        |experiment, (owner, name, value)| {
            turn(&experiment, &handle(*owner, name), value).expect("a sound value")
        },
    )
}

fn examined(trial: Trial, experiment: &Experiment) -> Report {
    let mut examination = Examination::new(trial, experiment);
    while examination.step() {}
    examination.report()
}

#[test]
fn the_capstone_s_careless_shop_loses_and_the_hunt_finds_it_alone() {
    let (lesson, trial) = lesson("capstone");
    let mut examination = Examination::new(trial, &lesson.experiment);
    while examination.singles.broken.is_empty() && examination.step() {}
    while examination.hunt.step() {}
    let report = examination.report();
    assert!(report.score < 100, "{report:?}");
    assert!(!report.passes());
    let found = examination
        .hunt
        .best
        .as_ref()
        .expect("the hunt finds a loss");
    let again = Judgement::of(&Run::new(found.experiment(&lesson.experiment)));
    assert_eq!(again.tally, found.tally);
}

#[test]
fn the_capstone_s_reference_solution_scores_full() {
    let (lesson, trial) = lesson("capstone");
    let report = examined(trial, &fixed(&lesson));
    assert!(report.passes(), "{report:?}");
    assert_eq!(report.score, 100);
    assert_eq!(report.singles.1, report.singles.2);
}

#[test]
fn safety_that_costs_too_much_is_not_full() {
    let (lesson, trial) = lesson("capstone");
    use crate::kafka::config::Owner::{Environment, Topic};
    let dear =
        fixed(&lesson)
            .with(Topic, "flush.messages", "1")
            .with(Environment, "disk.kind", "hdd");
    let report = Examination::new(trial, &dear).report();
    assert!(!report.within_limits && report.score < 100, "{report:?}");
}

#[test]
fn no_single_fault_breaks_the_challenge_and_two_do() {
    let (lesson, trial) = lesson("break-it");
    let Goal::BreakIt { actions } = trial.goal else {
        panic!("it is a challenge");
    };
    let report = examined(trial, &lesson.experiment);
    assert_eq!(report.singles.1, report.singles.2, "single faults are safe");
    let found = report.best.expect("the hunt breaks it");
    assert!(found.spells.len() <= actions, "{found:?}");
}

#[test]
fn the_challenge_s_fix_withstands_the_hunt() {
    let (lesson, trial) = lesson("break-it");
    let mut examination = Examination::new(trial, &fixed(&lesson));
    while examination.hunt.step() {}
    assert_eq!(examination.hunt.best, None);
}

#[test]
fn a_try_wins_with_harm_and_few_actions() {
    let attempt = |actions, harmed| Attempt {
        actions,
        most: 2,
        harmed,
        sent: 10,
    };
    assert!(attempt(2, Some(1)).wins());
    assert!(!attempt(3, Some(1)).wins());
    assert!(!attempt(2, Some(0)).wins());
    assert!(!attempt(2, None).wins());
}

#[test]
fn times_are_said_shortly() {
    assert_eq!(
        (clock(5_250_000), clock(12_000_000)),
        ("5.25 s".into(), "12 s".into())
    );
    assert_eq!((ms(5_000), ms(2_130)), ("5 ms".into(), "2.1 ms".into()));
}
