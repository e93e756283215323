//! Each figure: what is run, how often, and what of it is told.
use crate::host::{self, milliseconds};
use acklab_benches::ping_pong;
use std::fmt;

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

/// Every figure; each gives its lines when called.
pub fn all() -> Vec<fn() -> Vec<Line>> {
    vec![engine_ping_pong]
}

/// The bare engine, and where it runs here, its rival in the same breath.
fn engine_ping_pong() -> Vec<Line> {
    const BOUNCES: u32 = 1_000_000;
    let ours = per_second(
        BOUNCES,
        best_of(5, || assert_eq!(ping_pong::bounces(BOUNCES), BOUNCES)),
    );
    let lines = vec![line("engine_ping_pong", ours, "events/s")];
    #[cfg(not(target_arch = "wasm32"))]
    {
        use acklab_benches::rival;
        let theirs = per_second(
            BOUNCES,
            best_of(5, || assert_eq!(rival::bounces(BOUNCES), BOUNCES)),
        );
        let rival = line("engine_ping_pong_nexosim", theirs, "events/s");
        let ratio = line("engine_ping_pong_over_nexosim", ours / theirs, "x");
        lines.into_iter().chain([rival, ratio]).collect()
    }
    #[cfg(target_arch = "wasm32")]
    lines
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

fn per_second(count: u32, milliseconds: f64) -> f64 {
    f64::from(count) * 1000.0 / milliseconds
}
