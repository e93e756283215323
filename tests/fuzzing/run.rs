//! The run itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crate::bytes::changed;
use crate::targets::{self, Target};
use acklab::sim::Luck;
use clap::Parser;

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

/// Plays the inputs of every parser, or of one.
pub fn main() -> ExitCode {
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
