//! The whole model at work: three brokers, three replicas, acks=all, one producer, one consumer.
use acklab::kafka::config::Owner::{Application, Consumer, Producer, Topic};
use acklab::lab::experiment::Experiment;
use acklab::lab::history::History;
use acklab::lab::hunt::{Budget, Hunt, Kind};
use acklab::lab::judge::{Judgement, Tally};
use acklab::lab::lessons;
use acklab::lab::properties::Property;
use acklab::lab::run::Run;

/// Messages a second of a steady stream: small batches, so that the protocol is what costs.
pub const STEADY: u64 = 1_000;
/// Messages a second of a busy stream: large batches, so that the records are what costs.
pub const BUSY: u64 = 20_000;
/// How long after the last send the run goes on, in milliseconds.
const REST_MS: u64 = 2_000;

/// A stream of so many records, so many a second.
pub fn stream(records: u64, rate: u64) -> Experiment {
    Experiment::three_brokers()
        .with(Producer, "acks", "all")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "send.rate", &rate.to_string())
        .with(Application, "send.count", &records.to_string())
        .with(Application, "handler.time.ms", "0")
        .until_ms(records * 1000 / rate + REST_MS)
}

/// Plays an experiment to its end.
pub fn played(experiment: Experiment) -> Run {
    let horizon_us = experiment.horizon_us;
    let mut run = Run::new(experiment);
    run.seek(horizon_us);
    run
}

/// How many messages of a run were acked and how many processed.
pub fn acked_and_processed(run: &Run) -> (u64, u64) {
    let mut history = History::new(run.experiment());
    history.follow(run.journal(), run.entries());
    let tally = Tally::of(&history, run.now_us());
    (tally.acked, tally.processed)
}

/// Plays lesson 4 from its start to its verdict.
pub fn lesson_4() -> Judgement {
    let lesson = lessons::find("acks").expect("lesson 4 is there");
    Judgement::of(&Run::new(lesson.experiment))
}

/// A hunt of so many runs, with the producer's and consumer's advised settings and up to three faults at once.
pub fn hunt(runs: u32) -> Hunt {
    let experiment = stream(60, 10).with(Topic, "min.insync.replicas", "2");
    let single = |kind: &Kind| kind.is_single();
    let budget = Budget {
        kinds: Kind::ALL.into_iter().filter(single).collect(),
        most: 3,
        one_at_a_time: true,
        runs,
        properties: vec![Property::LostAfterAck],
    };
    Hunt::new(&experiment, budget, 1)
}

/// A hunt that finds something: acks=1.
pub fn frail_hunt(seed: u64) -> Hunt {
    let experiment = stream(30, 10).with(Producer, "acks", "1");
    let budget = Budget {
        kinds: Kind::ALL.to_vec(),
        most: 3,
        one_at_a_time: false,
        runs: 40,
        properties: vec![Property::LostAfterAck],
    };
    Hunt::new(&experiment, budget, seed)
}
