//! Going back, stepping, forking.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const CLOCK_US: &str = "Number(document.querySelector('[data-test=clock]').dataset.us)";

/// Opens the sandbox and plays ten times as fast as life.
pub async fn open_sandbox(page: &Page) -> Result<()> {
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-sandbox]").await?;
    page.click("[data-test=speed-10000000]").await
}

pub async fn acting_in_the_past_forks(page: &Page, _: &Site) -> Result<()> {
    open_sandbox(page).await?;
    page.play_until("two seconds", &format!("{CLOCK_US} > 2e6"))
        .await?;
    page.click("[data-test=fault-kill-1]").await?;
    page.play_until(
        "the new leader",
        "document.querySelector('[data-test=node-broker-1]').dataset.state !== 'leader' \
        && document.querySelector('.broker.leader') !== null",
    )
    .await?;
    ensure!(
        page.count("branch").await? == 0,
        "there is a branch before there was a fork"
    );

    // Paused, so that a slow machine cannot play past the moment to act in.
    page.focus("[data-test=scrubber]").await?;
    page.press(" ").await?;
    page.press(thirtyfour::Key::Home).await?;
    page.press(thirtyfour::Key::Right).await?;
    page.until(
        "a moment before the kill",
        &format!("{CLOCK_US} > 0 && {CLOCK_US} < 2e6"),
    )
    .await?;
    page.click("[data-test=fault-kill-2]").await?;
    page.see("branch").await?;
    page.picture("fork").await?;
    let left = "document.querySelectorAll('[data-test=branch] [aria-pressed=false]')";
    page.until("one run left behind", &format!("{left}.length === 1"))
        .await?;
    let name = page.script(&format!("{left}[0].dataset.test")).await?;
    let chip = format!("[data-test={}]", name.as_str().unwrap_or_default());
    page.click(&chip).await?;
    page.until(
        "the old run back",
        &format!("document.querySelector('{chip}').ariaPressed === 'true'"),
    )
    .await
}

/// Named after what differs, renamed, found again after a reload, gone back to, removed; so are bookmarks.
pub async fn runs_and_bookmarks_are_kept(page: &Page, _: &Site) -> Result<()> {
    open_sandbox(page).await?;
    page.play_until("two seconds", &format!("{CLOCK_US} > 2e6"))
        .await?;
    page.click("[data-test=fault-kill-1]").await?;
    // A step pauses: from here on nothing depends on how fast anything is.
    page.focus("[data-test=scrubber]").await?;
    page.press(".").await?;
    page.press(thirtyfour::Key::Home).await?;
    page.press(thirtyfour::Key::Right).await?;
    page.until("the past", &format!("{CLOCK_US} > 0 && {CLOCK_US} < 2e6"))
        .await?;
    page.click("[data-test=fault-kill-2]").await?;
    let chips = "[...document.querySelectorAll('[data-test=branch] button')]";
    page.until("two runs", &format!("{chips}.length === 2"))
        .await?;
    for (place, name) in ["kill broker 1 at ", "kill broker 2 at "]
        .iter()
        .enumerate()
    {
        let chip = page.script(&format!("{chips}[{place}].innerText")).await?;
        let chip = chip.as_str().unwrap_or_default().to_owned();
        ensure!(chip.starts_with(name), "a run is named {chip}");
    }
    page.focus("[data-test=scrubber]").await?;
    page.press(".").await?;
    page.press("b").await?;
    page.click("[data-test=runs]").await?;
    page.see("bookmark").await?;
    rename(
        page,
        "[data-test=kept-run]:first-child input",
        "the first try",
    )
    .await?;
    rename(page, "[data-test=bookmark] input", "look here").await?;
    page.until(
        "the new name",
        &format!("{chips}[0].innerText === 'the first try'"),
    )
    .await?;
    page.picture("runs-and-bookmarks").await?;

    page.reload().await?;
    page.until("both runs again", &format!("{chips}.length === 2"))
        .await?;
    page.until(
        "the name that was given",
        &format!("{chips}[0].innerText === 'the first try' && {chips}[1].ariaPressed === 'true'"),
    )
    .await?;
    page.click("[data-test=runs]").await?;
    let named = "document.querySelector('[data-test=bookmark] input')?.value === 'look here'";
    page.until("the bookmark's name", named).await?;
    page.click("[data-test=kept-run]:first-child [aria-pressed=false]")
        .await?;
    page.until(
        "the first run",
        &format!("{chips}[0].ariaPressed === 'true'"),
    )
    .await?;
    page.until("its link", "location.hash.includes('kill:1')")
        .await?;
    page.click("[data-test=kept-run]:last-child [data-test=remove]")
        .await?;
    page.until("one run alone", &format!("{chips}.length === 0"))
        .await
}

async fn rename(page: &Page, field: &str, name: &str) -> Result<()> {
    page.focus(field).await?;
    page.script("document.activeElement.select()").await?;
    page.press(name).await?;
    page.press(thirtyfour::Key::Tab).await
}

pub async fn stepping_goes_from_event_to_event(page: &Page, _: &Site) -> Result<()> {
    open_sandbox(page).await?;
    page.play_until("two seconds", &format!("{CLOCK_US} > 2e6"))
        .await?;
    page.press(" ").await?;
    page.until(
        "a pause",
        "document.querySelector('[data-test=play]').dataset.playing === 'false'",
    )
    .await?;
    // Arrows first belong to what has the focus, here the choice of speed.
    page.script("document.activeElement.blur()").await?;
    let here_us = page.number(CLOCK_US).await?;
    page.press(thirtyfour::Key::Left).await?;
    page.until("a step back", &format!("{CLOCK_US} < {here_us}"))
        .await?;
    let back_us = page.number(CLOCK_US).await?;
    page.press(thirtyfour::Key::Right).await?;
    page.until("a step on", &format!("{CLOCK_US} > {back_us}"))
        .await
}
