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

#[test]
fn the_first_screen_loses_orders_to_one_click_and_none_with_acks_all() {
    let mut session = session("first");
    assert!(
        session.tally().processed > 100,
        "the cluster is already running"
    );
    session.advance_to(450_000);
    session.act(Action::Kill(broker(1))).expect("an action");
    session.advance_to(Micros::MAX);
    assert!(session.tally().lost_after_ack > 0);
    let told: Vec<&str> = session
        .script()
        .beats
        .iter()
        .map(|told| &*told.words.strong.en)
        .collect();
    assert!(
        told[2].ends_with("orders had lived on broker 1 alone."),
        "{told:?}"
    );
    assert!(session.why().lines.iter().any(|line| line.decisive));

    session.retry("acks", "all");
    assert!(session.now_us() < 450_000, "shortly before the kill");
    session.advance_to(Micros::MAX);
    assert_eq!(session.tally().lost(), 0);
}

#[test]
fn lesson_4_is_lost_with_acks_1_and_saved_with_acks_all() {
    let mut session = session("acks");
    session.advance_to(Micros::MAX);
    session.answer(0);
    while session.now_us() < session.run().experiment().horizon_us {
        session.advance_to(Micros::MAX);
        session.next_beat();
    }
    assert_eq!(session.tally().lost_after_ack, 3);
    while session.try_on().is_some_and(WhatIf::is_trying) {}
    let best = session.try_on().expect("trials").trials[0].clone();
    let (handle, value) = best.turn();
    assert_eq!((&*handle, value), ("acks", "all"));
    session.retry(&handle, value);
    session.seek(Micros::MAX);
    assert_eq!((session.tally().lost(), session.tally().processed), (0, 24));
    assert!(session.is_sealed());
}

mod runs;

#[test]
fn two_knobs_are_turned_at_once() {
    let mut session = session("acks");
    session.retry("acks=0 + flush.messages", "1");
    let (configs, _) = crate::kafka::config::Configs::build(&session.run().experiment().configs);
    assert_eq!(configs.producer.acks, crate::kafka::config::Acks::None);
    assert_eq!(configs.topic.flush_messages, 1);
}
