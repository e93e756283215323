//! `cargo xtask test`: every test, in the order in which a failure is cheapest to meet.
use crate::dist::{self, FIRST_LOAD_CHANCE_BYTES, FIRST_LOAD_LIMIT_BYTES, Site};
use crate::shell::{cargo, run};
use crate::{e2e, tools, twin};
use anyhow::{Result, ensure};
use clap::ValueEnum;

/// So many experiments must give the same journal everywhere.
const LEAST_SEEDS: usize = 200;

/// One part of the suite.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The library and xtask on this machine
    Native,
    /// The library as wasm in a real headless browser
    Wasm,
    /// The same experiments give the same journals, natively and in the browser
    Journals,
    /// The built page: its size, and what a person does with it
    Page,
}

/// Runs the named parts, or all of them when none is named.
pub fn run_parts(only: &[Part], scenarios: &[String]) -> Result<()> {
    let wanted = |part| only.is_empty() || only.contains(&part);
    if wanted(Part::Native) {
        native()?;
    }
    if wanted(Part::Wasm) {
        wasm()?;
    }
    if wanted(Part::Journals) {
        journals_agree()?;
    }
    if wanted(Part::Page) {
        page(scenarios)?;
    }
    Ok(())
}

fn native() -> Result<()> {
    run(cargo().args(["test", "--workspace"]))
}

fn wasm() -> Result<()> {
    tools::wasm_target()?;
    let browser = tools::browser()?;
    let runner = tools::wasm_test_runner()?;
    run(cargo()
        .args([
            "test",
            "--target",
            "wasm32-unknown-unknown",
            "--test",
            "web",
        ])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", browser.driver))
}

fn journals_agree() -> Result<()> {
    let native = twin::natively("journals")?;
    let wasm = twin::in_a_browser("journals")?;
    let differ: Vec<_> = native
        .lines()
        .zip(wasm.lines())
        .filter(|(here, there)| here != there)
        .collect();
    for (here, there) in &differ {
        println!("journals: natively {here}, in the browser {there}");
    }
    let (all, shown) = (native.lines().count(), wasm.lines().count());
    println!(
        "journals: {} passed, {} failed",
        all - differ.len(),
        differ.len()
    );
    ensure!(
        all >= LEAST_SEEDS,
        "only {all} experiments were played, of {LEAST_SEEDS} at least"
    );
    ensure!(
        all == shown,
        "{all} journals natively, {shown} in the browser"
    );
    ensure!(
        differ.is_empty(),
        "{} journals differ between native and wasm",
        differ.len()
    );
    Ok(())
}

fn page(scenarios: &[String]) -> Result<()> {
    tools::wasm_target()?;
    let site = dist::build()?;
    site.report();
    // A page that is too large is still worth trying out, so both are told.
    let played = e2e::run(&site, scenarios);
    played.and(the_first_load_is_small(&site))
}

fn the_first_load_is_small(site: &Site) -> Result<()> {
    let bytes = site.first_load_bytes();
    ensure!(
        bytes <= FIRST_LOAD_LIMIT_BYTES + FIRST_LOAD_CHANCE_BYTES,
        "the first load is {bytes} bytes with brotli, over the limit of {FIRST_LOAD_LIMIT_BYTES}"
    );
    Ok(())
}
