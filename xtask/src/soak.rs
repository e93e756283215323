//! `cargo xtask soak`: lessons for an hour of simulated time in one visit, and what it does to memory.
//!
//! Every lesson is played badly and well, rewound, disturbed, looked at in both languages and all themes, with the rooms
//! beside it. Memory of wasm never shrinks, so what leaks shows.
use crate::e2e::driver::Driver;
use crate::e2e::page::{LAPTOP, Page};
use crate::{dist, serve, tools};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CLASS: &str = include_str!("soak.js");
/// One lesson with all that is done in it, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// From the end of the first pass over all lessons to the end, memory may grow to so much of what it was.
const MOST_GROWTH: f64 = 1.2;

/// What the page holds at one moment.
struct Held {
    simulated_s: f64,
    script_bytes: f64,
    program_bytes: f64,
    nodes: f64,
    listeners: f64,
}

/// Builds the page and uses it for so many minutes of simulated time.
pub fn run(minutes: u32) -> Result<()> {
    tools::wasm_target()?;
    let browser = tools::browser()?;
    let site = dist::build()?;
    let serving = serve::start(&site.dir, 0)?;
    let driver = Driver::start(&browser.driver)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let page = Page::open(&driver, &serving.address, LAPTOP).await?;
        let held = use_it(&page, f64::from(minutes) * 60.0).await;
        page.close().await?;
        judge(&held?)
    })
}

/// Plays lessons until so much time was simulated; what was held after each pass over all of them.
async fn use_it(page: &Page, wanted_s: f64) -> Result<Vec<Held>> {
    page.see("stage").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.see("lesson-acks").await?;
    let names = "[...document.querySelectorAll('[data-test^=lesson-]')].map((line) => line.dataset.test.slice(7)) \
        .filter((id) => id !== 'menu')";
    let lessons = page.script(names).await?;
    let lessons: Vec<&str> = lessons
        .as_array()
        .context("no lessons")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    page.script(CLASS).await?;
    let started = Instant::now();
    let (mut simulated_s, mut held) = (0.0, Vec::new());
    println!(
        "{:>10} {:>8} {:>10} {:>10} {:>8} {:>9}",
        "simulated", "real", "JS heap", "wasm", "nodes", "listeners"
    );
    while simulated_s < wanted_s || held.len() < 2 {
        for (place, id) in lessons.iter().enumerate() {
            page.script(&format!("void oneLesson({place}, {:?}) ?? true", id))
                .await?;
            page.wait_for(id, "window.told !== null", PATIENCE).await?;
            simulated_s += page.number("told.played_s").await?;
            // What the browser noted of its work is of no use here, and would only grow.
            page.forget_requests().await?;
        }
        let now = look(page, simulated_s).await?;
        println!(
            "{:>8.0} s {:>6} s {:>7.2} MB {:>7.2} MB {:>8} {:>9}",
            now.simulated_s,
            started.elapsed().as_secs(),
            now.script_bytes / 1e6,
            now.program_bytes / 1e6,
            now.nodes,
            now.listeners
        );
        held.push(now);
    }
    page.check_manners().await?;
    Ok(held)
}

async fn look(page: &Page, simulated_s: f64) -> Result<Held> {
    page.ask_browser("HeapProfiler.collectGarbage", json!({}))
        .await?;
    let heap = page.ask_browser("Runtime.getHeapUsage", json!({})).await?;
    let document = page.ask_browser("Memory.getDOMCounters", json!({})).await?;
    let number = |value: &Value| value.as_f64().context("no number");
    Ok(Held {
        simulated_s,
        script_bytes: number(&heap["usedSize"])?,
        program_bytes: page
            .number("acklab.exports().memory.buffer.byteLength")
            .await?,
        nodes: number(&document["nodes"])?,
        listeners: number(&document["jsEventListeners"])?,
    })
}

fn judge(held: &[Held]) -> Result<()> {
    let (first, last) = held.first().zip(held.last()).context("nothing was held")?;
    let ratios = [
        ("JS heap", last.script_bytes / first.script_bytes),
        ("wasm memory", last.program_bytes / first.program_bytes),
        ("nodes", last.nodes / first.nodes),
        ("listeners", last.listeners / first.listeners),
    ];
    for (name, ratio) in ratios {
        println!(
            "soak_{} {ratio:.3} x of what it was after the first pass",
            name.replace(' ', "_")
        );
    }
    let grown: Vec<_> = ratios
        .iter()
        .filter(|(_, ratio)| *ratio > MOST_GROWTH)
        .collect();
    ensure!(grown.is_empty(), "grows with use: {grown:?}");
    Ok(())
}
