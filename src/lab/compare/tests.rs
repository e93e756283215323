use super::*;
use crate::kafka::config::Owner::{Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::knobs::turn;
use crate::lab::lessons;

/// The lesson as it is, and with all that its fix changes.
fn fixed(lesson: &lessons::Lesson) -> (Experiment, Experiment) {
    let start = lesson.experiment.clone();
    let mut fixed = start.clone();
    for (owner, name, value) in &lesson.fix {
        fixed = turn(&fixed, &handle(*owner, name), value).expect("a value that Kafka takes");
    }
    (start, fixed)
}

fn between(a: &Experiment, b: &Experiment) -> Option<Difference> {
    first_difference(&Side::of(a), &Side::of(b))
}

fn of_lesson(id: &str) -> Difference {
    let (a, b) = fixed(&lessons::find(id).expect("a lesson"));
    between(&a, &b).expect("a difference")
}

#[test]
fn acks_1_and_acks_all_part_at_the_first_ack_that_breaks() {
    let parts = of_lesson("acks");
    assert_eq!(parts.a.en, "answers m13 at once. It is on broker 1 alone.");
    assert_eq!(
        parts.b.en,
        "keeps m13's answer until brokers 2 and 3 have it, at 9.8 s."
    );
    let killed = lessons::find("acks").expect("a lesson").experiment.actions;
    let before_us = killed.iter().map(|timed| timed.at_us).max();
    assert!(parts.decides && Some(parts.at_us) < before_us, "{parts:?}");
}

#[test]
fn whether_the_ack_waits_for_the_disk_is_seen() {
    let parts = of_lesson("power");
    assert_eq!(parts.a.en, "answers m1 at once. It is in the page cache.");
    assert_eq!(parts.b.en, "keeps m1's answer until it is on the disk.");
}

#[test]
fn who_leads_counts_although_it_is_no_message() {
    let parts = of_lesson("unclean");
    assert!(parts.a.en.ends_with("an unclean election."), "{parts:?}");
    assert_eq!(parts.b.en, "makes nobody else the leader.");
}

#[test]
fn the_other_way_round_each_says_the_same_of_itself() {
    let (a, b) = fixed(&lessons::find("acks").expect("a lesson"));
    let (one, other) = (between(&a, &b), between(&b, &a));
    let turned = other.map(|found| Difference {
        a: found.b.clone(),
        b: found.a.clone(),
        ..found
    });
    assert_eq!(one, turned);
}

#[test]
fn every_fix_parts_from_its_lesson_in_words_of_both_languages() {
    for lesson in lessons::all().filter(|lesson| !lesson.fix.is_empty()) {
        let (a, b) = fixed(&lesson);
        let Some(parts) = between(&a, &b) else {
            panic!("{}: no difference", lesson.id);
        };
        assert!(!parts.a.en.is_empty() && !parts.b.zh.is_empty());
        assert_ne!(parts.a.en, parts.b.en, "{}", lesson.id);
        assert_ne!(parts.a.zh, parts.b.zh, "{}", lesson.id);
        assert_ne!(changes(&a, &b), [], "{}", lesson.id);
    }
}

#[test]
fn the_same_run_has_no_difference_nor_has_a_knob_that_nobody_feels() {
    let base = Experiment::three_brokers().until_ms(4_000);
    assert_eq!(between(&base, &base), None);
    let other = base
        .clone()
        .with(Topic, "unclean.leader.election.enable", "true");
    assert_eq!(between(&base, &other), None);
    assert_eq!(changes(&base, &other).len(), 1);
}

#[test]
fn what_was_done_in_one_run_alone_is_a_difference_of_faults() {
    use crate::kafka::Action;
    let base = Experiment::three_brokers().until_ms(16_000);
    let killed = base.clone().at_ms(2_000, Action::Kill(broker(1)));
    assert!(!same_faults(&base, &killed) && same_faults(&base, &base));
    let parts = between(&base, &killed).expect("a difference");
    assert!(parts.at_us >= 2_000_000, "{parts:?}");
}

#[test]
fn a_default_that_is_written_down_is_no_change() {
    let base = Experiment::three_brokers();
    let said = base.clone().with(Producer, "acks", "all");
    assert_eq!(changes(&base, &said), []);
    let one = base.clone().with(Producer, "acks", "1");
    let change = Change {
        handle: "acks".into(),
        a: "all".into(),
        b: "1".into(),
    };
    assert_eq!(changes(&said, &one), [change]);
}

#[test]
fn the_first_screen_s_loss_is_told_although_the_answer_is_read_after_the_kill() {
    use crate::kafka::Action;
    let first = lessons::first_screen().experiment;
    let lost = |at_us| first.clone().at_us(at_us, Action::Kill(broker(1)));
    for at_us in [450_000, 453_298, 460_000] {
        let a = lost(at_us);
        let b = a.clone().with(Producer, "acks", "all");
        let parts = between(&a, &b).expect("a difference");
        assert!(parts.decides, "{parts:?}");
        assert!(
            parts.a.en.ends_with("It is on broker 1 alone."),
            "{parts:?}"
        );
    }
}
