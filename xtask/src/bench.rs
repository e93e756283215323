//! `cargo xtask bench`: the same work natively and in a headless browser, one line a figure.
use crate::{dist, e2e, tools, twin};
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Runs everything and prints `name value unit` lines.
pub fn run() -> Result<()> {
    let native = twin::natively("figures")?;
    let wasm = twin::in_a_browser("figures")?;
    tools::wasm_target()?;
    let site = dist::build()?;
    let first_load = site.first_load_bytes();
    let hunted = e2e::runs_a_second_in_the_worker(&site)?;
    print!("{native}{wasm}");
    for (name, share) in shares(&native, &wasm) {
        println!("{name}_wasm_over_native {share:.3} x");
    }
    println!("hunt_runs_worker {hunted:.0} runs/s");
    println!("first_load {:.1} KB", first_load as f64 / 1000.0);
    Ok(())
}

/// How much of its native speed each figure keeps in the browser, for those that are speeds.
fn shares(native: &str, wasm: &str) -> Vec<(String, f64)> {
    let native = speeds(native, "_native");
    let wasm = speeds(wasm, "_wasm");
    wasm.into_iter()
        .filter_map(|(name, speed)| Some((name.clone(), speed / native.get(&name)?)))
        .collect()
}

fn speeds(text: &str, suffix: &str) -> BTreeMap<String, f64> {
    text.lines()
        .filter_map(|line| speed(line, suffix).ok())
        .collect()
}

fn speed(line: &str, suffix: &str) -> Result<(String, f64)> {
    let mut words = line.split_whitespace();
    let name = words
        .next()
        .and_then(|name| name.strip_suffix(suffix))
        .context("another host's line")?;
    let value = words.next().context("no value")?.parse()?;
    words
        .next()
        .filter(|unit| unit.ends_with("/s"))
        .context("not a speed")?;
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_speeds_that_both_hosts_measured_are_compared() {
        let native = "stream_native 4000 events/s\nlesson_native 2 ms\nalone_native 1 events/s\n";
        let wasm = "stream_wasm 3000 events/s\nlesson_wasm 4 ms\n";
        assert_eq!(shares(native, wasm), vec![("stream".to_owned(), 0.75)]);
    }
}
