//! Plays schedules and asks why, for every kind of harm that came of them.

use crate::options::Options;
use crate::sum::Sum;
use acklab::kafka::MessageId;
use acklab::lab::causes::Cause;
use acklab::lab::experiment::Experiment;
use acklab::lab::explain::{Why, explain_harm, proof_text};
use acklab::lab::harm::Harm;
use acklab::lab::judge::Judgement;
use acklab::lab::proof::{Harmed, Proof, Replays, prove};
use acklab::lab::run::Run;
use acklab::lab::story::Line;
use acklab::lab::trouble::trouble;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// An explanation has so many sentences.
const LEAST_LINES: usize = 3;
const MOST_LINES: usize = 6;

pub fn ask_all(options: &Options) -> Sum {
    let next = AtomicU64::new(0);
    let end = options.count + options.also.len() as u64;
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|threads| {
        for _ in 0..options.jobs {
            threads.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= end {
                        return;
                    }
                    let also = nth.checked_sub(options.count);
                    let seed = match also {
                        Some(place) => options.also[place as usize], // fewer than `end`
                        None => options.seed + nth,
                    };
                    let one = catch_unwind(|| ask(seed, options)).unwrap_or_else(|panic| {
                        let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        let complaint = format!("seed {seed} panicked: {said}");
                        Sum {
                            schedules: 1,
                            complaints: vec![complaint],
                            ..Sum::default()
                        }
                    });
                    sum.lock()
                        .expect("no thread panics while it counts")
                        .add(one);
                }
            });
        }
    });
    sum.into_inner().expect("all threads have ended")
}

/// One schedule.
fn ask(seed: u64, options: &Options) -> Sum {
    let experiment = trouble(seed);
    let mut sum = Sum {
        schedules: 1,
        runs: 1,
        ..Sum::default()
    };
    let judged = Judgement::of(&Run::new(experiment.clone()));
    let harmed = Harmed::of(&judged);
    let mut replays = Replays::new(&experiment);
    replays.allow(10_000);
    for (harm, messages) in harmed.iter() {
        sum.harmed = 1;
        for message in spread(messages, options.each) {
            about(
                seed,
                &judged,
                (harm, message),
                &mut replays,
                &mut sum,
                options,
            );
        }
    }
    sum.runs += replays.made() as u64;
    sum
}

/// So many of them, from the first to the last.
fn spread(messages: &[MessageId], each: usize) -> Vec<MessageId> {
    let last = messages.len() - 1;
    let mut places: Vec<usize> = (0..each)
        .map(|nth| last * nth / (each - 1).max(1))
        .collect();
    places.dedup();
    places.into_iter().map(|place| messages[place]).collect()
}

/// One harm to one message.
fn about(
    seed: u64,
    judged: &Judgement,
    (harm, message): (Harm, MessageId),
    replays: &mut Replays,
    sum: &mut Sum,
    options: &Options,
) {
    let run = &judged.healed;
    let (experiment, journal) = (run.experiment(), run.journal());
    let told = explain_harm(experiment, journal, &judged.history, message, harm);
    let cited = told.causes(experiment, journal);
    let count = sum.count(harm);
    count.asked += 1;
    let question = (harm, message, told.at_us());
    let proof = prove(replays, question, &cited).expect("runs are allowed");
    let Some(proof) = proof else {
        count.unproven += 1;
        let again = format!(
            "seed {seed}: {harm:?} of m{}: nothing is necessary",
            message.0
        );
        sum.complaints.push(again);
        tell(seed, harm, experiment, &told, None);
        return;
    };
    count.walked += u64::from(!proof.searched);
    count.searched += u64::from(proof.searched);
    count.together += u64::from(proof.together);
    let why = told.proven(experiment, journal, &judged.history, &proof);
    let wrong = wrong_with(&why, judged, &proof, replays);
    let wrong = wrong
        .into_iter()
        .map(|what| format!("seed {seed}: {harm:?} of m{}: {what}", message.0));
    sum.complaints.extend(wrong);
    if options.tell || (proof.searched && options.searched) {
        tell(seed, harm, experiment, &why, Some(&proof));
    }
}

/// What is wrong with an explanation that was proven.
fn wrong_with(why: &Why, judged: &Judgement, proof: &Proof, replays: &mut Replays) -> Vec<String> {
    let run = &judged.healed;
    let (experiment, journal) = (run.experiment(), run.journal());
    let mut wrong = Vec::new();
    let lines = why.lines.len();
    // One sentence each and what came of them, where so many were necessary together.
    let most = MOST_LINES.max(proof.necessary.len() + 1);
    if !(LEAST_LINES..=most).contains(&lines) {
        wrong.push(format!("told in {lines} sentences"));
    }
    let dated = |line: &Line| {
        journal
            .get(line.entry)
            .is_some_and(|stamped| stamped.at >= line.at_us)
    };
    if !why.lines.iter().all(dated) {
        wrong.push("a sentence is tied to no moment".into());
    }
    if why
        .lines
        .iter()
        .any(|line| line.text.en.is_empty() || line.text.zh.is_empty())
    {
        wrong.push("a sentence lacks a language".into());
    }
    if why.lines.iter().filter(|line| line.decisive).count() != 1 {
        wrong.push("not one sentence decides".into());
    }
    let causes = why.causes(experiment, journal);
    let untold = proof.necessary.iter().find(|cause| !causes.contains(cause));
    if let Some(untold) = untold {
        wrong.push(format!("{untold:?} is necessary and not told"));
    }
    // Played again: all of them where it takes all, each of them where one is enough.
    let (harm, message) = why.about.expect("it explains a harm");
    let without: Vec<Vec<Cause>> = match proof.together {
        true => vec![proof.necessary.clone()],
        false => proof
            .necessary
            .iter()
            .map(|cause| vec![cause.clone()])
            .collect(),
    };
    for causes in without {
        let harmed = replays.without(&causes).expect("runs are allowed");
        if harmed.has(harm, message) {
            wrong.push(format!("it comes without {causes:?}, too"));
        }
    }
    wrong
}

fn tell(seed: u64, harm: Harm, experiment: &Experiment, why: &Why, proof: Option<&Proof>) {
    let mut told = format!(
        "--- seed {seed}, {harm:?}: {} {}\n",
        why.title.en, why.title.zh
    );
    for line in &why.lines {
        let mark = if line.decisive { '*' } else { ' ' };
        let (en, zh) = (&line.text.en, &line.text.zh);
        told += &format!("{mark} {:>9} us  {en}\n             {zh}\n", line.at_us);
    }
    if let (Some(proof), Some((_, message))) = (proof, why.about) {
        let text = proof_text(experiment, message.0, proof);
        told += &format!("  = {}\n    {}\n", text.en, text.zh);
    }
    println!("{told}");
}
