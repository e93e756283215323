//! The Hunt: in a worker beside the page and without one, stopped and gone on with, played in the Lab.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};
use std::time::Duration;

/// Hundreds of runs on a slow machine.
const HUNT: Duration = Duration::from_secs(240);
const BY: &str = "document.querySelector('[data-test=hunt-head]').dataset.by";
const FAULTS: &str =
    "Number(document.querySelector('[data-test=hunt-best]')?.dataset.faults ?? '0')";
const TOLD: &str = "['hunt-best', 'hunt-singles', 'hunt-table'] \
    .map(part => document.querySelector(`[data-test=${part}]`).textContent).join(' | ')";

/// acks=1 loses with one fault.
pub async fn a_hunt_is_stopped_gone_on_with_and_played(page: &Page, _: &Site) -> Result<()> {
    open(page, "hole:acks-1").await?;
    page.picture("hunt-scope").await?;
    page.click("[data-test=hunt-toggle]").await?;
    page.wait_for("a schedule that harms", &format!("{FAULTS} > 0"), HUNT)
        .await?;
    ensure!(
        page.script(BY).await? == "worker",
        "the page does the work itself"
    );
    page.click("[data-test=hunt-toggle]").await?;
    page.until("a stop", &is("stopped")).await?;
    let found = page.number(FAULTS).await?;

    page.reload().await?;
    page.until(
        "the hunt as it was",
        &format!(
            "document.querySelector('[data-test=hunt-head]') !== null && {}",
            is("stopped")
        ),
    )
    .await?;
    // What was under way at the stop may have made it smaller.
    let kept = page.number(FAULTS).await?;
    ensure!(
        (1.0..=found).contains(&kept),
        "{found} faults were found, {kept} kept"
    );
    page.click("[data-test=hunt-toggle]").await?;
    page.until(
        "it goes on",
        &format!("{} || {}", is("running"), is("over")),
    )
    .await?;
    page.wait_for("one fault", &format!("{FAULTS} === 1"), HUNT)
        .await?;
    page.picture("hunt").await?;
    page.click("[data-test=hunt-play]").await?;
    page.see("stage").await?;
    page.until(
        "the schedule in the address",
        "location.hash.includes('do=')",
    )
    .await
}

/// Without a worker the page does it, and comes to the same.
pub async fn without_a_worker_it_comes_out_the_same(page: &Page, _: &Site) -> Result<()> {
    open(page, "hole:acks-1").await?;
    fill(page, "hunt-runs", "60").await?;
    for kind in [
        "kill",
        "stop",
        "new-disk",
        "cut-controller",
        "elect",
        "kill-client",
    ] {
        page.click(&format!("[data-test=hunt-kind-{kind}]")).await?;
    }
    let mut told = Vec::new();
    for by in ["worker", "page"] {
        page.click("[data-test=hunt-toggle]").await?;
        page.wait_for("the end of the hunt", &is("over"), HUNT)
            .await?;
        ensure!(page.script(BY).await? == by, "it was not done by the {by}");
        told.push(page.script(TOLD).await?);
        page.reload().await?;
        page.see("hunt-again").await?;
        page.script("(window.Worker = undefined, true)").await?;
        page.click("[data-test=hunt-again]").await?;
        page.until("a new beginning", &is("ready")).await?;
    }
    ensure!(
        told[0] == told[1],
        "a worker says {}, the page {}",
        told[0],
        told[1]
    );
    Ok(())
}

/// The worker's pace in what is advised, once it has got into its stride.
pub async fn runs_a_second(page: &Page) -> Result<f64> {
    open(page, "hole:advised").await?;
    page.click("[data-test=hunt-toggle]").await?;
    let done = "document.querySelector('[data-test=hunt-progress]')?.value >= 300";
    page.wait_for("a third of the hunt", done, HUNT).await?;
    let rate = "Number(document.querySelector('[data-test=hunt-pace]').dataset.rate)";
    page.number(rate).await
}

/// Opens the room with this to hunt in.
pub async fn open(page: &Page, ground: &str) -> Result<()> {
    page.go("#hunt").await?;
    page.see("hunt-ground").await?;
    fill(page, "hunt-ground", ground).await?;
    page.until("the choice", &is("ready")).await
}

/// Enters a value and leaves the field.
async fn fill(page: &Page, hook: &str, value: &str) -> Result<()> {
    let part = format!("document.querySelector('[data-test={hook}]')");
    let enter = format!(
        "(({part}).value = '{value}', ({part}).dispatchEvent(new Event('change', {{ bubbles: true }})), true)"
    );
    page.script(&enter).await?;
    page.until("the value", &format!("({part}).value === '{value}'"))
        .await
}

pub fn is(state: &str) -> String {
    format!("document.querySelector('[data-test=hunt-head]').dataset.state === '{state}'")
}
