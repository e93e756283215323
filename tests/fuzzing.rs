//! Every parser against bytes that nobody meant: it must not panic, and what it says must hold.
//!
//! Inputs are those of the corpus, changed at random; each comes of the seed and its number alone. The usual run is
//! short; `cargo xtask fuzz --count 10000000` is the long one. A failure prints the input and the command that
//! replays it.
#![cfg(not(target_arch = "wasm32"))]

#[path = "fuzzing/bytes.rs"]
mod bytes;
#[path = "fuzzing/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use acklab::sim::Luck;
use bytes::changed;
use clap::Parser;
use targets::Target;

/// Inputs that a thread takes at a time.
const STRIDE: u64 = 256;

#[derive(Parser)]
struct Options {
    /// Inputs of each parser
    #[arg(long, default_value_t = 400)]
    count: u64,
    /// The first one's number
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only parsers whose name contains this
    #[arg(long, default_value = "")]
    parser: String,
    #[arg(long)]
    jobs: Option<usize>,
    /// What test runners ask for
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    // Other arguments are those that `cargo test` gives to every test program.
    let Ok(options) = Options::try_parse() else {
        return ExitCode::SUCCESS;
    };
    if options.list {
        return ExitCode::SUCCESS;
    }
    let all = targets::all();
    let asked = all
        .iter()
        .filter(|target| target.name.contains(&options.parser));
    let failed = asked.filter(|target| !survives(target, &options)).count();
    ExitCode::from(u8::from(failed > 0))
}

/// Plays all inputs of one parser on all cores.
fn survives(target: &Target, options: &Options) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let began = Instant::now();
    let (next, broken) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.unwrap_or(cores) {
            scope.spawn(|| work(target, options, &next, &broken));
        }
    });
    if !broken.load(Ordering::Relaxed) {
        let rate = options.count as f64 / began.elapsed().as_secs_f64();
        println!(
            "{:<24} {} inputs, {rate:.0}/s: ok",
            target.name, options.count
        );
    }
    !broken.into_inner()
}

fn work(target: &Target, options: &Options, next: &AtomicU64, broken: &AtomicBool) {
    while !broken.load(Ordering::Relaxed) {
        let start = next.fetch_add(STRIDE, Ordering::Relaxed);
        if start >= options.count {
            return;
        }
        for number in start..(start + STRIDE).min(options.count) {
            let input = input(target, options.from + number);
            if catch_unwind(AssertUnwindSafe(|| (target.holds)(&input))).is_err() {
                broken.store(true, Ordering::Relaxed);
                eprintln!(
                    "{}: broken by \"{}\"\n  cargo xtask fuzz --parser {} --from {} --count 1",
                    target.name,
                    input.escape_ascii(),
                    target.name,
                    options.from + number,
                );
                return;
            }
        }
    }
}

/// The input of this number: first the corpus as it is, then changes of it.
fn input(target: &Target, number: u64) -> Vec<u8> {
    let corpus = &target.corpus;
    if let Some(whole) = corpus.get(number as usize) {
        return whole.clone();
    }
    changed(
        corpus,
        target.hard,
        &mut Luck::new(number).stream(target.name, 0),
    )
}
