//! `cargo xtask bench`: the same work natively and in a headless browser, one line a figure.
use crate::e2e::driver::Driver;
use crate::e2e::page::{LAPTOP, Page};
use crate::shell::{self, cargo, output};
use crate::{dist, serve, tools};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(300);

/// Runs everything and prints `name value unit` lines.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    let native = natively()?;
    let wasm = in_a_browser()?;
    print!("{native}{wasm}");
    for (name, share) in shares(&native, &wasm) {
        println!("{name}_wasm_over_native {share:.3} x");
    }
    let first_load = dist::build()?.first_load_bytes();
    println!("first_load {:.1} KB", first_load as f64 / 1000.0);
    Ok(())
}

fn natively() -> Result<String> {
    eprintln!("measuring natively");
    output(cargo().args([
        "run",
        "--release",
        "--package",
        "acklab-benches",
        "--bin",
        "figures",
    ]))
}

fn in_a_browser() -> Result<String> {
    let browser = tools::browser()?;
    let site = page()?;
    let serving = serve::start(&site, 0)?;
    let driver = Driver::start(&browser.driver)?;
    eprintln!("measuring in the browser");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let page = Page::open(&driver, &serving.address, LAPTOP, "").await?;
        let outcome = page
            .wait_for("all figures", "document.title !== ''", PATIENCE)
            .await;
        let text = page.text().await?;
        let title = page.script("document.title").await?;
        page.close().await?;
        outcome?;
        ensure!(title == "done", "the figures failed in the browser: {text}");
        Ok(format!("{}\n", text.trim_end()))
    })
}

/// A page that runs the figures and nothing else.
fn page() -> Result<PathBuf> {
    let wasm = dist::compile("acklab-benches", "figures")?;
    let site = shell::target().join("figures-page");
    dist::glue(&wasm, "figures", &site)?;
    fs::write(
        site.join("index.html"),
        "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><body>\
         <script type=module>import init from './figures.js'; \
         init({ module_or_path: './figures_bg.wasm' })\
         .catch(error => { document.body.innerText += error; document.title = 'failed'; });</script>",
    )?;
    Ok(site)
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
