//! The same experiment gives the same journal: played twice, and set back and played again.
//! (Natively against a browser: the test command runs one program in both and compares.)
#![cfg(not(target_arch = "wasm32"))]

use acklab::lab::run::Run;
use acklab::lab::sweep::by_chance;

/// How many experiments are drawn.
const SEEDS: u64 = 200;

fn hash_of(seed: u64) -> u64 {
    let experiment = by_chance(seed);
    let horizon_us = experiment.horizon_us;
    let mut run = Run::new(experiment);
    run.seek(horizon_us);
    run.hash()
}

#[test]
fn twice_the_same_way() {
    for seed in 0..SEEDS {
        assert_eq!(
            hash_of(seed),
            hash_of(seed),
            "seed {seed} plays differently the second time"
        );
    }
}

#[test]
fn going_back_and_playing_again_gives_the_same_journal() {
    for seed in 0..40 {
        let experiment = by_chance(seed);
        let horizon_us = experiment.horizon_us;
        let mut run = Run::new(experiment);
        run.seek(horizon_us / 3);
        run.seek(horizon_us);
        run.seek(horizon_us / 2);
        run.seek(horizon_us);
        assert_eq!(
            run.hash(),
            hash_of(seed),
            "seed {seed} differs after a rewind"
        );
    }
}
