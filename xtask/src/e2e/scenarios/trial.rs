//! A lesson's trial: a configuration is scored, and another one broken.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};
use std::time::Duration;
use thirtyfour::Key;

/// Hundreds of runs are played between frames.
const TRIAL: Duration = Duration::from_secs(240);
const AT_THE_END: &str = "document.querySelector('[data-test=scrubber]').ariaValueNow \
    === document.querySelector('[data-test=scrubber]').ariaValueMax";
const ASKS: &str = "document.querySelector('[data-test=question]') !== null";
const STANDS: &str = "document.querySelector('[data-test=play]').dataset.playing === 'false'";
const IS_STILL: &str = "document.querySelector('[data-test=trial]').dataset.state === 'still'";
const IS_WHOLE: &str = "document.querySelector('[data-test=trial-progress]')?.value === 100";
const SCORE: &str =
    "parseInt(document.querySelector('[data-test=score]')?.textContent ?? '-1', 10)";
const STEPS: &str = "document.querySelectorAll('[data-test=schedule] li').length";

pub async fn lesson_25_is_scored(page: &Page, _: &Site) -> Result<()> {
    open(page, "capstone").await?;
    page.click("[data-test=trial-begin]").await?;
    page.wait_for("a fault that harms", &format!("{STEPS} > 0"), TRIAL)
        .await?;
    page.click("[data-test=trial-stop]").await?;
    page.until("the trial to stand still", IS_STILL).await?;
    let bad = page.number(SCORE).await?;
    ensure!(
        (0.0..100.0).contains(&bad),
        "settings that nobody chose are scored {bad}"
    );
    page.picture("trial-bad").await?;

    to_the_end(page).await?;
    page.press("1").await?;
    page.until("an answer", &format!("!({ASKS})")).await?;
    to_the_end(page).await?;
    page.click(".offers .btn.pri").await?;
    page.until("another configuration", &format!("{SCORE} === -1"))
        .await?;
    page.click("[data-test=trial-begin]").await?;
    page.wait_for("every run", &format!("{IS_WHOLE} && {IS_STILL}"), TRIAL)
        .await?;
    let good = page.number(SCORE).await?;
    ensure!(good == 100.0, "the fix is scored {good}");
    page.picture("trial-good").await
}

pub async fn lesson_26_is_broken(page: &Page, _: &Site) -> Result<()> {
    open(page, "break-it").await?;
    page.click("[data-test=trial-byhand]").await?;
    stand_still(page).await?;
    to_the_end(page).await?;
    act_at(page, 3.0, "fault-menu-2", "fault-shutdown-2").await?;
    to_the_end(page).await?;
    act_at(page, 8.0, "fault-power-off-1", "").await?;
    to_the_end(page).await?;
    let broken =
        "document.querySelector('[data-test=attempt]')?.innerText.includes('lost or doubled')";
    page.until("the configuration to be broken", broken).await?;
    let used = page
        .script("document.querySelector('[data-test=attempt]').innerText")
        .await?;
    ensure!(
        used.as_str()
            .is_some_and(|told| told.starts_with("2 of 2 actions used: broken")),
        "two actions are told as {used}"
    );
    page.picture("trial-by-hand").await?;

    page.click("[data-test=trial-begin]").await?;
    page.wait_for(
        "the hunt's answer",
        &format!("{IS_WHOLE} && {IS_STILL}"),
        TRIAL,
    )
    .await?;
    ensure!(
        page.number(STEPS).await? == 2.0,
        "the hunt finds two actions"
    );
    page.click("[data-test=trial-play]").await?;
    stand_still(page).await?;
    to_the_end(page).await?;
    let hue = "document.querySelector('[data-test=verdict]').dataset.hue";
    let hue = page.script(hue).await?;
    // What is lost for ever is known when all is healed; nothing is well before.
    ensure!(hue != "safe", "what was found plays as {hue}");
    page.picture("trial-hunt").await
}

async fn open(page: &Page, id: &str) -> Result<()> {
    page.click("[data-test=lesson-menu]").await?;
    page.click(&format!("[data-test=lesson-{id}]")).await?;
    page.until("the lesson", &format!("location.hash.includes('x={id}')"))
        .await?;
    page.see("trial").await?;
    stand_still(page).await
}

async fn stand_still(page: &Page) -> Result<()> {
    page.focus("[data-test=scrubber]").await?;
    // A step pauses, whatever the clock was doing.
    page.press(".").await?;
    page.until("a pause", STANDS).await
}

async fn to_the_end(page: &Page) -> Result<()> {
    page.focus("[data-test=scrubber]").await?;
    page.press(Key::End).await?;
    page.until(
        "the end or a question",
        &format!("({AT_THE_END}) || ({ASKS})"),
    )
    .await
}

/// Goes to a moment by a press on the timeline, and does what a button there does, perhaps behind a menu.
async fn act_at(page: &Page, at_s: f64, button: &str, behind: &str) -> Result<()> {
    let press = format!(
        "(() => {{ const bed = document.querySelector('[data-test=scrubber]'); \
         const box = bed.getBoundingClientRect(); const first = 92, last = box.width - 12; \
         const share = {at_s} * 1e6 / Number(bed.ariaValueMax); \
         bed.dispatchEvent(new PointerEvent('pointerdown', {{ bubbles: true, buttons: 1, \
           clientX: box.left + first + (last - first) * share, clientY: box.top + 60 }})); return true }})()"
    );
    page.script(&press).await?;
    let near = format!(
        "Math.abs(Number(document.querySelector('[data-test=scrubber]').ariaValueNow) - {at_s} * 1e6) < 2e5"
    );
    page.until("that moment", &near).await?;
    page.click(&format!("[data-test={button}]")).await?;
    if !behind.is_empty() {
        page.click(&format!("[data-test={behind}]")).await?;
    }
    stand_still(page).await
}
