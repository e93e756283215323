//! Prints the journal's hash of many experiments drawn by chance, and what some hunts come to. What it prints natively and in a
//! browser must be the same, line by line.
use acklab::lab::run::Run;
use acklab::lab::sweep::by_chance;
use acklab_benches::{host, stream};

const SEEDS: u64 = 240;
const HUNTS: u64 = 6;

fn main() {
    for seed in 0..SEEDS {
        let experiment = by_chance(seed);
        let horizon_us = experiment.horizon_us;
        let mut run = Run::new(experiment);
        run.seek(horizon_us);
        host::print(&format!(
            "{seed} {:016x} {}",
            run.hash(),
            run.world().handled()
        ));
    }
    for seed in 0..HUNTS {
        let mut hunt = stream::frail_hunt(seed);
        while hunt.step() {}
        let best = hunt.best.as_ref().map(|found| &found.spells);
        host::print(&format!(
            "hunt {seed} {} {} {best:?}",
            hunt.tried, hunt.shrunk
        ));
    }
    host::done();
}
