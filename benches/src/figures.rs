//! Each figure: what is run, how often, and what of it is told.
use crate::host::{self, milliseconds};
use crate::{ping_pong, stream};
use std::fmt;
use std::hint::black_box;

/// One line.
pub struct Line {
    name: String,
    value: f64,
    unit: &'static str,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.3} {}", self.name, self.value, self.unit)
    }
}

/// Every figure; each gives its lines when called. The memory's comes first, before anything else
/// has grown it.
pub fn all() -> Vec<fn() -> Vec<Line>> {
    vec![
        memory_100k,
        engine_ping_pong,
        steady_stream,
        busy_stream,
        lesson_4_to_verdict,
        seek_10k,
        hunt,
    ]
}

/// The bare engine, and where it runs here, its rival in the same breath.
fn engine_ping_pong() -> Vec<Line> {
    const BOUNCES: u32 = 1_000_000;
    let count = u64::from(BOUNCES);
    let ours = per_second(
        count,
        best_of(5, || assert_eq!(ping_pong::bounces(BOUNCES), BOUNCES)),
    );
    let lines = vec![line("engine_ping_pong", ours, "events/s")];
    #[cfg(not(target_arch = "wasm32"))]
    {
        use crate::rival;
        let theirs = per_second(
            count,
            best_of(5, || assert_eq!(rival::bounces(BOUNCES), BOUNCES)),
        );
        let rival = line("engine_ping_pong_nexosim", theirs, "events/s");
        let ratio = line("engine_ping_pong_over_nexosim", ours / theirs, "x");
        lines.into_iter().chain([rival, ratio]).collect()
    }
    #[cfg(target_arch = "wasm32")]
    lines
}

/// 100,000 records through the whole model; all of them must arrive.
fn steady_stream() -> Vec<Line> {
    streamed("steady_stream", stream::STEADY)
}

/// The same in large batches.
fn busy_stream() -> Vec<Line> {
    streamed("busy_stream", stream::BUSY)
}

fn streamed(name: &str, rate: u64) -> Vec<Line> {
    const RECORDS: u64 = 100_000;
    let mut events = 0;
    let took_ms = best_of(3, || {
        events = stream::played(stream::stream(RECORDS, rate))
            .world()
            .handled()
    });
    let run = stream::played(stream::stream(RECORDS, rate));
    let (acked, processed) = stream::acked_and_processed(&run);
    let named = |what: &str, value: f64, unit| line(&format!("{name}{what}"), value, unit);
    vec![
        named("", per_second(events, took_ms), "events/s"),
        named("_records", per_second(RECORDS, took_ms), "records/s"),
        named("_acked", acked as f64, "records"),
        named("_processed", processed as f64, "records"),
    ]
}

/// Lesson 4 from its start to its verdict.
fn lesson_4_to_verdict() -> Vec<Line> {
    let took_ms = best_of(20, || drop(black_box(stream::lesson_4())));
    vec![line("lesson4_to_verdict", took_ms, "ms")]
}

/// Runs of a hunt among faults of single machines, each from its start to its verdict.
fn hunt() -> Vec<Line> {
    const RUNS: u32 = 200;
    let took_ms = best_of(3, || {
        let mut hunt = stream::hunt(RUNS);
        while hunt.step() {}
        black_box(hunt.tried);
    });
    vec![line(
        "hunt_runs",
        per_second(RUNS.into(), took_ms),
        "runs/s",
    )]
}

/// The slowest jump to any of 20 moments of a run of 10,000 records, the far ends among them.
fn seek_10k() -> Vec<Line> {
    const MOMENTS: u64 = 20;
    let mut run = stream::played(stream::stream(10_000, stream::STEADY));
    let end_us = run.now_us();
    let mut worst_ms: f64 = 0.0;
    // 7 and 20 have no common divisor: every moment once, near and far jumps, forth and back.
    for nth in (0..MOMENTS).map(|nth| nth * 7 % MOMENTS) {
        let to_us = end_us * nth / (MOMENTS - 1);
        worst_ms = worst_ms.max(milliseconds(|| run.seek(to_us)));
    }
    vec![line("seek_10k", worst_ms, "ms")]
}

/// What a run of 100,000 records keeps: journal, checkpoints, world.
fn memory_100k() -> Vec<Line> {
    let before = host::memory_bytes();
    let run = stream::played(stream::stream(100_000, stream::STEADY));
    let after = host::memory_bytes();
    black_box(run.entries());
    let grown = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    grown
        .map(|bytes| line("memory_100k", bytes as f64 / 1e6, "MB"))
        .into_iter()
        .collect()
}

fn line(name: &str, value: f64, unit: &'static str) -> Line {
    Line {
        name: format!("{name}_{}", host::SUFFIX),
        value,
        unit,
    }
}

/// The quickest of several runs, in milliseconds: the others had a disturbed machine.
fn best_of(runs: u32, mut work: impl FnMut()) -> f64 {
    (0..runs)
        .map(|_| milliseconds(&mut work))
        .fold(f64::INFINITY, f64::min)
}

fn per_second(count: u64, milliseconds: f64) -> f64 {
    count as f64 * 1000.0 / milliseconds
}
