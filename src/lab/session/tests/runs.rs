//! Branches and bookmarks: what is kept, what it is called, and what comes back on the next visit.

use super::*;

/// The sandbox with broker 1 killed at 3 s, played to 5 s, then broker 2 paused at 2 s.
fn forked() -> Session {
    let mut session = session("sandbox");
    session.advance_to(3_000_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    session.advance_to(5_000_000);
    session.seek(2_000_000);
    session.act(Action::Pause(broker(2))).expect("an action");
    session
}

fn names(session: &Session) -> Vec<String> {
    let left = session
        .branches()
        .iter()
        .map(|kept| kept.way.name(&kept.experiment));
    let here = session.way().name(session.run().experiment());
    left.chain([here])
        .map(|name| name.en.into_owned())
        .collect()
}

/// The same lesson on the next visit, at the address that was left.
fn next_visit(session: &Session, kept: &str) -> (Session, Vec<Text>) {
    let mut next = Session::new();
    next.open_link(&session.link());
    let problems = next.restore(kept, true);
    (next, problems)
}

#[test]
fn acting_in_the_past_forks_and_the_other_run_can_be_brought_back() {
    let mut session = session("sandbox");
    session.advance_to(3_000_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    assert_eq!(session.branches().len(), 0, "the present is not the past");
    let with_kill = Rc::clone(session.run().experiment());
    session.advance_to(5_000_000);
    session.seek(2_000_000);
    session.act(Action::Pause(broker(2))).expect("an action");
    assert_eq!(
        session.run().experiment().actions.len(),
        1,
        "the later kill is forgotten"
    );
    let left = session.branches()[0].way.id;
    session.bring_back(left);
    assert_eq!(*session.run().experiment(), with_kill);
    assert_eq!((session.now_us(), session.way().id), (5_000_000, left));
    assert_eq!(session.branches().len(), 1);
}

#[test]
fn runs_are_named_after_what_differs_and_keep_that_name() {
    let mut session = forked();
    let both = ["kill broker 1 at 3.0 s", "pause broker 2 at 2.0 s"];
    assert_eq!(names(&session), both);
    session.advance_to(6_000_000);
    session.seek(4_000_000);
    session.act(Action::Resume(broker(2))).expect("an action");
    let all = [both[0], both[1], "resume broker 2 at 4.0 s"];
    assert_eq!(names(&session), all);
    let mut undone = super::session("sandbox");
    undone.advance_to(3_000_000);
    undone.seek(1_000_000);
    undone.act(Action::Kill(broker(1))).expect("an action");
    let said = ["without the kill of broker 1", "kill broker 1 at 1.0 s"];
    assert_eq!(names(&undone), said);
}

#[test]
fn a_run_can_be_renamed_and_removed_but_not_the_one_on_the_screen() {
    let mut session = forked();
    let (left, here) = (session.branches()[0].way.id, session.way().id);
    session.rename_run(left, "  the \u{7}first try ");
    session.rename_run(here, "  ");
    assert_eq!(
        names(&session),
        ["the first try", "pause broker 2 at 2.0 s"]
    );
    session.remove_run(here);
    assert_eq!(names(&session).len(), 2);
    session.remove_run(left);
    assert_eq!(names(&session).len(), 1);
}

#[test]
fn a_knob_turned_back_goes_on_in_the_run_it_came_from() {
    let mut session = session("acks");
    session.advance_to(Micros::MAX);
    session.answer(0);
    session.seek(Micros::MAX);
    let (first, played_us) = (session.way().id, session.now_us());
    session.set_knob("acks", "all");
    assert_eq!(names(&session), ["acks=1", "acks=all"]);
    session.set_knob("acks", "1");
    assert_eq!(names(&session), ["acks=all", "acks=1"]);
    assert_eq!((session.way().id, session.played_us()), (first, played_us));
}

#[test]
fn knobs_turned_before_anything_was_done_leave_no_runs() {
    let mut session = session("sandbox");
    session.advance_to(1_000_000);
    session.set_knob("acks", "1");
    session.set_knob("linger.ms", "20");
    assert_eq!(session.branches().len(), 0);
}

#[test]
fn only_so_many_runs_are_kept_and_a_named_one_stays() {
    let mut session = session("sandbox");
    session.advance_to(10_000_000);
    for nth in 1..=20 {
        session.seek(9_000_000 - nth * 100_000);
        session.act(Action::Pause(broker(1))).expect("an action");
        session.advance_to(10_000_000);
        if nth == 1 {
            let first = session.branches()[0].way.id;
            session.rename_run(first, "mine");
        }
    }
    assert_eq!(session.branches().len(), branches::MOST_BRANCHES);
    assert_eq!(names(&session)[0], "mine");
}

#[test]
fn a_bookmark_is_named_after_the_nearest_event_that_was_seen() {
    let mut session = session("sandbox");
    session.advance_to(3_000_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    assert_eq!(session.bookmark().expect("a name").en, "kill -9");
    assert_eq!(session.bookmark(), None, "this moment is marked");
    session.seek(3_300_000);
    let name = session.bookmark().expect("a name");
    assert_eq!(
        (&*name.en, &*name.zh),
        ("0.3 s after kill -9", "kill -9 之后 0.3 s")
    );
    session.seek(2_950_000);
    assert_eq!(
        session.bookmark().expect("a name").en,
        "50 ms before kill -9"
    );
    let times: Vec<Micros> = session.way().bookmarks.iter().map(|b| b.at_us).collect();
    assert_eq!(times, [2_950_000, 3_000_000, 3_300_000]);
    let first = session.way().bookmarks[0].clone();
    session.rename_bookmark(first.id, "look here");
    let renamed = session.way().bookmarks[0].clone();
    assert_eq!(session.bookmark_name(&renamed), Text::same("look here"));
    session.remove_bookmark(first.id);
    assert_eq!(session.way().bookmarks.len(), 2);
}

#[test]
fn a_bookmark_tells_nothing_of_what_is_hidden() {
    let mut session = session("acks");
    session.advance_to(Micros::MAX);
    assert!(session.is_asking());
    let name = session.bookmark().expect("a name").en.into_owned();
    assert!(!name.contains("kill"), "{name}");
}

#[test]
fn bookmarks_of_the_shared_past_go_along_into_a_fork() {
    let mut session = session("sandbox");
    for at_us in [1_000_000, 3_000_000] {
        session.advance_to(at_us);
        session.bookmark();
    }
    session.seek(2_000_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    assert_eq!(session.way().bookmarks.len(), 1);
    assert_eq!(session.branches()[0].way.bookmarks.len(), 2);
}

#[test]
fn the_next_visit_finds_runs_names_and_bookmarks_as_they_were() {
    let mut session = forked();
    let left = session.branches()[0].way.id;
    session.rename_run(left, "第一次\tfirst & last");
    session.bookmark();
    session.seek(1_000_000);
    let (next, problems) = next_visit(&session, &session.kept());
    assert_eq!(problems, []);
    assert_eq!(
        names(&next),
        ["第一次first & last", "pause broker 2 at 2.0 s"]
    );
    assert_eq!(next.way().bookmarks.len(), 1);
    assert_eq!(next.now_us(), 1_000_000);
    assert_eq!(next.played_us(), session.played_us());
    assert_eq!(next.kept(), session.kept());
}

#[test]
fn the_next_visit_does_not_ask_again_and_another_one_does() {
    let mut session = session("acks");
    session.advance_to(Micros::MAX);
    session.answer(2);
    session.seek(Micros::MAX);
    session.set_knob("acks", "all");
    let (next, _) = next_visit(&session, &session.kept());
    assert_eq!((next.answered(), next.veil_us()), (Some(2), None));
    assert_eq!(next.now_us(), session.now_us());
    let mut anew = super::session("acks");
    anew.restore(&session.kept(), false);
    assert_eq!(anew.answered(), None);
    let left = anew.branches()[0].way.id;
    anew.bring_back(left);
    assert!(anew.is_asking(), "a kept run is veiled as well");
}

#[test]
fn a_damaged_entry_loses_only_itself() {
    let mut session = forked();
    session.seek(1_000_000);
    session.act(Action::Kill(broker(3))).expect("an action");
    let kept = session.kept();
    let damaged = kept.replacen("do=3:kill:1", "do=3:kill:9", 1);
    assert_ne!(kept, damaged);
    let (next, problems) = next_visit(&session, &damaged);
    assert_eq!(problems.len(), 1);
    assert_eq!(names(&next), [&names(&session)[1..]].concat());
    for nonsense in ["", "x", "acklab runs 1\t\n\t\t\t", "acklab runs 2\n"] {
        let (next, problems) = next_visit(&session, nonsense);
        assert_eq!(next.branches().len(), 0);
        assert_eq!(problems.is_empty(), nonsense.is_empty());
    }
}

#[test]
fn nothing_is_kept_of_a_run_that_nobody_touched() {
    let mut session = session("sandbox");
    session.advance_to(3_000_000);
    assert_eq!(session.kept(), "");
}
