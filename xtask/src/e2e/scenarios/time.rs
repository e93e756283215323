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
