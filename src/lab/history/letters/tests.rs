//! Dead letters: what becomes of a message that no handler can take, and what can go wrong with its letter.

use super::*;
use crate::kafka::config::Owner::{Application, Broker, Consumer, Topic};
use crate::kafka::{Action, TopicPartition};
use crate::lab::experiment::{Experiment, TOPIC, broker, cut};
use crate::lab::explain::explain;
use crate::lab::judge::Judgement;
use crate::lab::ledger::Fate;
use crate::lab::properties::Property;
use crate::lab::run::Run;
use crate::sim::NodeId;

/// The only consumer: behind three brokers, one controller and one producer.
const CONSUMER: NodeId = NodeId(6);

/// Thirty messages, of which m10, m20 and m30 cannot be worked on.
fn poisoned() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.on.error", "dead-letter")
        .with(Application, "handler.time.ms", "50")
        .with(Application, "record.poison.every", "10")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "30")
        .until_ms(20_000)
}

fn judged(experiment: Experiment) -> Judgement {
    Judgement::of(&Run::new(experiment))
}

fn with_fate(judged: &Judgement, fate: Fate) -> Vec<u32> {
    let lives = judged.history.ledger.iter();
    let found = lives.filter(|life| judged.history.fate(life) == fate);
    found.map(|life| life.message.0).collect()
}

fn count(judged: &Judgement, is: impl Fn(&Entry) -> bool) -> usize {
    let entries = judged.healed.journal().entries().iter();
    entries.filter(|stamped| is(&stamped.what)).count()
}

fn threw_at(message: u32) -> impl Fn(&Entry) -> bool {
    move |entry| matches!(entry, Entry::HandlerThrew { message: m, .. } if m.0 == message)
}

fn is_letter(partition: &TopicPartition) -> bool {
    partition.topic != TOPIC && partition.topic == poisoned().letters().unwrap_or(TOPIC)
}

/// When the first such entry is written, in milliseconds.
fn when(experiment: &Experiment, is: impl Fn(&Entry) -> bool) -> u64 {
    let mut run = Run::new(experiment.clone());
    run.seek(experiment.horizon_us);
    let mut entries = run.journal().entries().iter();
    let first = entries.find(|stamped| is(&stamped.what));
    first.expect("it happens").at / crate::sim::MS
}

fn told(judged: &Judgement, message: u32) -> String {
    let run = &judged.healed;
    let experiment = run.experiment();
    let why = explain(
        experiment,
        run.journal(),
        &judged.history,
        MessageId(message),
    );
    let lines = why.lines.iter().map(|line| line.text.en.as_ref());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_throws_three_times_is_set_aside_and_the_rest_goes_on() {
    let judged = judged(poisoned());
    assert_eq!(with_fate(&judged, Fate::SetAside), [10, 20, 30]);
    assert_eq!(judged.tally.processed, 27);
    assert_eq!((judged.tally.lost(), judged.tally.waiting), (0, 0));
    assert_eq!(count(&judged, threw_at(10)), 3);
    assert!(!judged.verdict(Property::Stuck).is_violated());
    let life = told(&judged, 10);
    assert!(life.contains("at offset 0 of orders-dlt"), "{life}");
}

#[test]
fn a_second_try_that_succeeds_needs_no_dead_letter() {
    let once = poisoned()
        .with(Application, "record.poison.every", "0")
        .at_ms(4_000, Action::Throw(CONSUMER));
    let judged = judged(once);
    assert_eq!(judged.tally.processed, 30);
    assert_eq!(judged.tally.set_aside, 0);
}

#[test]
fn a_process_that_dies_of_a_poison_record_comes_back_to_it_for_ever() {
    let crashing = poisoned()
        .with(Application, "handler.on.error", "crash")
        .at_ms(8_000, Action::Start(CONSUMER))
        .at_ms(12_000, Action::Start(CONSUMER));
    let judged = judged(crashing);
    assert!(judged.verdict(Property::Stuck).is_violated());
    assert!(count(&judged, threw_at(10)) >= 3);
}

#[test]
fn a_crash_between_the_letter_and_the_commit_writes_a_second_letter() {
    let at_ms = when(
        &poisoned(),
        |entry| matches!(entry, Entry::Appended { partition, .. } if is_letter(partition)),
    );
    let crashed = poisoned()
        .at_ms(at_ms, Action::Kill(CONSUMER))
        .at_ms(at_ms + 1_000, Action::Start(CONSUMER));
    let judged = judged(crashed);
    assert_eq!(count(&judged, threw_at(10)), 6, "it is tried again");
    let letters = judged.history.letters.records.iter();
    assert_eq!(letters.filter(|(_, message)| message.0 == 10).count(), 2);
    assert_eq!(with_fate(&judged, Fate::SetAside), [10, 20, 30]);
    assert_eq!(judged.tally.lost(), 0);
}

/// The orders are content with two replicas, the dead letters are not.
fn unwritable() -> Experiment {
    let content = Action::SetMinIsr {
        topic: TOPIC,
        min_isr: 1,
    };
    poisoned()
        .with(Topic, "min.insync.replicas", "3")
        .with(Broker, "replica.lag.time.max.ms", "1000")
        .with(Broker, "broker.session.timeout.ms", "2000")
        .with(Application, "send.count", "15")
        .at_ms(0, content)
        .at_ms(1, Action::Kill(broker(3)))
        .until_ms(180_000)
}

#[test]
fn a_letter_that_cannot_be_written_stops_the_process_before_its_commit() {
    let judged = judged(unwritable());
    assert!(count(&judged, |entry| *entry == Entry::Halted) >= 1);
    assert_eq!(with_fate(&judged, Fate::SetAside), [10], "after healing");
    assert_eq!(judged.tally.lost(), 0);
}

#[test]
fn whoever_goes_on_without_the_letter_loses_the_message() {
    let judged = judged(unwritable().with(Application, "dead.letter.on.failure", "skip"));
    assert_eq!(with_fate(&judged, Fate::Skipped), [10]);
    assert!(judged.verdict(Property::LostAfterAck).is_violated());
    let why = told(&judged, 10);
    assert!(why.contains("the loop goes on without it"), "{why}");
}

#[test]
fn a_letter_with_one_ack_dies_with_its_leader() {
    let given = |entry: &Entry| match entry {
        Entry::Buffered { message, partition } => message.0 == 20 && is_letter(partition),
        _ => false,
    };
    // No follower hears of it, and its leader is killed.
    let experiment = |acks: &str| {
        let base = poisoned().with(Application, "dead.letter.acks", acks);
        let at_ms = when(&base, given);
        let base = base.at_ms(at_ms - 20, cut(1, 2));
        let base = base.at_ms(at_ms - 20, cut(1, 3));
        base.at_ms(at_ms + 300, Action::Kill(broker(1)))
    };
    let one = judged(experiment("1"));
    assert_eq!(with_fate(&one, Fate::Skipped), [20]);
    let why = told(&one, 20);
    assert!(why.contains("without the dead letter of m20"), "{why}");
    let all = judged(experiment("all"));
    assert_eq!(all.tally.lost(), 0);
}
