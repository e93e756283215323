use crate::view::compare::CompareView;
use crate::view::live::Live;
use crate::view::{Fate, Hue, Session, Step, Views, With};

fn compared(id: &str, with: &With) -> Live {
    let mut live = Live::default();
    live.load(id).expect("a lesson");
    live.compare(with);
    live
}

fn shown(live: &mut Live) -> CompareView {
    let compare = live.views().compare.expect("two runs");
    (*compare).clone()
}

fn knob(name: &str, value: &str) -> With {
    With::Knob(name.into(), value.into())
}

/// How many cells of each side say that a message is lost.
fn lost(view: &CompareView) -> [usize; 2] {
    [&view.a, &view.b].map(|side| {
        let cells = side.ledger.cells.iter();
        cells.filter(|cell| cell.fate.is_lost()).count()
    })
}

#[test]
fn both_go_to_the_end_on_one_clock_and_their_ledgers_differ() {
    let mut live = compared("acks", &knob("acks", "all"));
    let view = shown(&mut live);
    let at_us = view.difference.as_ref().expect("they part").at_us;
    assert!(live.now_us() < at_us);
    assert_eq!(
        (&*view.a.title.en, &*view.b.title.en),
        ("acks=1", "acks=all")
    );
    assert_eq!(lost(&view), [0, 0]);
    live.seek(u64::MAX);
    let end = shown(&mut live);
    assert!(lost(&end)[0] > 0 && lost(&end)[1] == 0, "{:?}", lost(&end));
    assert_eq!(end.a.ledger.verdict.hue, Hue::Lost);
    assert_eq!(end.b.ledger.verdict.hue, Hue::Safe);
    let fates = end.b.ledger.cells.iter().map(|cell| cell.fate);
    assert!(fates.into_iter().any(|fate| fate == Fate::Finished));
}

#[test]
fn the_next_decisive_moment_is_also_where_they_part() {
    let mut live = compared("acks", &With::Usual);
    let at_us = shown(&mut live).difference.expect("they part").at_us;
    live.seek(at_us - 1_000);
    live.step(Step::NextDecisive);
    assert_eq!(live.now_us(), at_us);
}

#[test]
fn a_knob_turned_meanwhile_is_a_knob_of_b_and_can_be_taken_back() {
    let mut live = compared("acks", &knob("acks", "all"));
    live.set_knob("linger.ms", "20");
    let view = shown(&mut live);
    let names = |view: &CompareView| -> Vec<String> {
        view.changes
            .iter()
            .map(|change| change.knob.clone())
            .collect()
    };
    assert_eq!(names(&view), ["acks", "linger.ms"]);
    for change in &view.changes {
        live.set_knob(&change.knob, &change.back);
    }
    let view = shown(&mut live);
    assert_eq!((names(&view), view.difference), (Vec::new(), None));
    let link = live.link();
    assert!(!link.contains("acks=all"), "{link}");
}

#[test]
fn the_link_of_two_runs_brings_both_back_at_their_moment() {
    let mut live = compared("acks", &knob("acks", "all"));
    live.seek(5_000_000);
    let (link, view) = (live.link(), shown(&mut live));
    let mut other = Live::default();
    assert_eq!(other.open_link(&format!("compare&{link}")), []);
    assert_eq!(other.now_us(), 5_000_000);
    let back = shown(&mut other);
    assert_eq!((back.a.title, back.b.title), (view.a.title, view.b.title));
    assert_eq!(back.difference, view.difference);
    assert_eq!(back.changes, view.changes);
}

#[test]
fn nothing_is_asked_while_two_runs_are_compared_and_the_question_is_still_there_afterwards() {
    let mut live = Live::default();
    live.load("acks").expect("a lesson");
    live.advance_to(60_000_000);
    assert!(live.views().lesson.question.is_some());
    let asked_us = live.now_us();
    live.compare(&With::Usual);
    live.seek(u64::MAX);
    let views: Views = live.views();
    assert!(views.lesson.question.is_none() && live.now_us() > asked_us);
    live.compare_no_more(false);
    assert_eq!(live.now_us(), asked_us);
    let views = live.views();
    assert!(views.lesson.question.is_some() && views.compare.is_none());
}

#[test]
fn b_can_be_gone_on_with_in_the_lab() {
    let mut live = compared("acks", &knob("acks", "all"));
    live.seek(u64::MAX);
    live.compare_no_more(true);
    let knobs = live.views().knobs.clone();
    let acks = knobs.groups.iter().flat_map(|group| &group.knobs);
    let acks = acks.into_iter().find(|knob| knob.name == "acks");
    assert_eq!(acks.map(|knob| &*knob.value), Some("all"));
}

#[test]
fn what_each_costs_is_measured_while_time_stands_still() {
    let mut live = compared("acks", &knob("acks", "all"));
    for _ in 0..4 {
        live.views();
    }
    let costs = shown(&mut live).costs;
    let lost = &costs[0];
    assert!(lost.a.as_ref().is_some_and(|(_, part)| *part == 1_000_000));
    assert_eq!(
        lost.b.as_ref().map(|(n, part)| (&n[..], *part)),
        Some(("0", 0))
    );
    assert!(
        costs
            .iter()
            .all(|cost| cost.a.is_some() && cost.b.is_some())
    );
}

#[test]
fn the_timeline_has_two_rows_for_each_and_one_mark() {
    let mut live = compared("acks", &knob("acks", "all"));
    let timeline = live.views().timeline.clone();
    let labels: Vec<&str> = timeline.rows.iter().map(|row| &*row.label.en).collect();
    assert_eq!(labels, ["A · acks", "A · leader", "B · acks", "B · leader"]);
    assert_eq!(timeline.decisive.len(), 1);
    assert!(timeline.rows.iter().all(|row| !row.bars.is_empty()));
}

#[test]
fn of_many_messages_both_show_the_same_around_the_one_they_part_at() {
    let mut live = Live::default();
    live.open_link("v=1&x=first&do=0.45:kill:1&vs=p.acks=all");
    live.seek(u64::MAX);
    let view = shown(&mut live);
    let numbers = |side: &crate::view::compare::SideView| -> Vec<u64> {
        side.ledger.cells.iter().map(|cell| cell.number).collect()
    };
    assert_eq!(numbers(&view.a), numbers(&view.b));
    let message = view.difference.as_ref().and_then(|found| found.message);
    assert!(message.is_some_and(|message| numbers(&view.a).contains(&message)));
    assert!(lost(&view)[0] > 0 && lost(&view)[1] == 0);
}
