//! `cargo xtask lighthouse`: what Lighthouse says of the built page, on a phone and on a desk.
//!
//! Its performance is measured, and a busy machine measures itself: the best of three is told.
use crate::shell::{self, program, run};
use crate::{dist, serve, tools};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;

const CATEGORIES: [&str; 3] = ["performance", "accessibility", "best-practices"];
const FORMS: [(&str, &[&str]); 2] = [("phone", &[]), ("desk", &["--preset=desktop"])];
const TRIES: usize = 3;
const LEAST: f64 = 95.0;

/// Builds the page and has it judged.
pub fn judge() -> Result<()> {
    tools::wasm_target()?;
    let lighthouse = tools::lighthouse()?;
    let site = dist::build()?;
    let serving = serve::start_packed(&site.dir, 0)?;
    let mut low = Vec::new();
    for (form, options) in FORMS {
        let mut best = [0.0_f64; CATEGORIES.len()];
        for _ in 0..TRIES {
            let scores = ask(&lighthouse, &serving.address, options)?;
            for (best, score) in best.iter_mut().zip(scores) {
                *best = best.max(score);
            }
            if best.iter().all(|score| *score >= LEAST) {
                break;
            }
        }
        for (name, score) in CATEGORIES.iter().zip(best) {
            println!("lighthouse_{form}_{name} {score:.0} of 100");
            if score < LEAST {
                low.push(format!("{name} on a {form}: {score:.0}"));
            }
        }
    }
    ensure!(low.is_empty(), "below {LEAST}: {}", low.join(", "));
    Ok(())
}

fn ask(lighthouse: &Path, address: &str, options: &[&str]) -> Result<[f64; CATEGORIES.len()]> {
    let told = shell::target().join("lighthouse.json");
    let mut command = program(lighthouse);
    command.arg(address).args(options);
    command.args([
        "--quiet",
        "--output=json",
        "--chrome-flags=--headless=new --no-sandbox",
    ]);
    command.arg(format!("--only-categories={}", CATEGORIES.join(",")));
    command.arg(format!("--output-path={}", told.display()));
    run(&mut command)?;
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&told)?)?;
    println!(
        "lighthouse: blocked for {}, this machine counts as {} (a quiet desk has 1500 and more)",
        told["audits"]["total-blocking-time"]["displayValue"],
        told["environment"]["benchmarkIndex"]
    );
    let mut scores = [0.0; CATEGORIES.len()];
    for (score, name) in scores.iter_mut().zip(CATEGORIES) {
        let share = told["categories"][name]["score"].as_f64();
        *score = 100.0 * share.with_context(|| format!("no score for {name}"))?;
    }
    Ok(scores)
}
