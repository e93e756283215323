use super::*;
use crate::kafka::Action;
use crate::lab::experiment::broker;

fn session(id: &str) -> Session {
    let mut session = Session::new();
    session.load(id).expect("a lesson");
    session
}

#[test]
fn a_run_stops_at_its_question_and_goes_on_after_the_answer() {
    let mut session = session("acks");
    assert!(session.advance_to(60_000_000));
    assert!(session.is_asking());
    let asked_us = session.now_us();
    session.seek(Micros::MAX);
    assert_eq!(
        session.now_us(),
        asked_us,
        "nothing is shown behind the veil"
    );
    assert!(session.act(Action::Kill(broker(1))).is_err());
    session.answer(99);
    assert!(session.is_asking());
    session.answer(1);
    assert!(!session.is_asking() && session.veil_us().is_none());
    session.advance_to(asked_us + 1);
    assert_eq!(session.now_us(), asked_us + 1);
}

#[test]
fn acting_in_the_past_forks_and_the_other_way_can_be_brought_back() {
    let mut session = session("sandbox");
    session.advance_to(3_000_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    assert_eq!(session.branches().len(), 0, "the present is not the past");
    let with_kill = Rc::clone(session.run().experiment());
    session.advance_to(5_000_000);
    session.seek(2_000_000);
    session.act(Action::Pause(broker(2))).expect("an action");
    assert_eq!(session.branches().len(), 1);
    assert_eq!(
        session.run().experiment().actions.len(),
        1,
        "the later kill is forgotten"
    );
    let left = session.branches()[0].id;
    session.bring_back(left);
    assert_eq!(*session.run().experiment(), with_kill);
    assert_eq!(
        (session.now_us(), session.current_branch()),
        (5_000_000, left)
    );
    assert_eq!(session.branches().len(), 1);
}

#[test]
fn a_refused_knob_is_kept_beside_the_last_good_value() {
    let mut session = session("sandbox");
    session.set_knob("acks", "1");
    assert_eq!(session.refused(), []);
    session.set_knob("acks", "many");
    assert_eq!(session.refused()[0].typed, "many");
    let owner = crate::kafka::config::Owner::Producer;
    assert_eq!(
        session.run().experiment().configs.get(owner, "acks"),
        Some("1")
    );
    session.set_knob("acks", "all");
    assert_eq!(session.refused(), []);
}

#[test]
fn a_link_brings_the_same_run_back() {
    let mut session = session("sandbox");
    session.set_knob("linger.ms", "20");
    session.advance_to(2_500_000);
    session.act(Action::PowerOff(broker(3))).expect("an action");
    let (link, hash) = (session.link(), session.run().hash());
    let mut other = Session::new();
    assert_eq!(other.open_link(&link), []);
    assert_eq!(other.run().experiment(), session.run().experiment());
    assert_eq!((other.now_us(), other.run().hash()), (2_500_000, hash));
}
