//! What only a browser can show: the engine as wasm in a real, headless one.
#![cfg(target_arch = "wasm32")]

use acklab::lab::run::Run;
use acklab::lab::sweep::by_chance;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_same_experiment_gives_the_same_journal_twice() {
    for seed in 0..20 {
        assert_eq!(journal_hash(seed), journal_hash(seed), "seed {seed}");
    }
}

#[wasm_bindgen_test]
fn another_seed_gives_another_journal() {
    assert_ne!(journal_hash(1), journal_hash(2));
}

fn journal_hash(seed: u64) -> u64 {
    let experiment = by_chance(seed);
    let horizon_us = experiment.horizon_us;
    let mut run = Run::new(experiment);
    run.seek(horizon_us);
    run.hash()
}
