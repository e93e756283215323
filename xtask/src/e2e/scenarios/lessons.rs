//! Every lesson of the page's own list: both endings, and a picture of what decides.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Context, Result, ensure};
use std::time::Instant;
use thirtyfour::Key;

/// The lines of the open menu that have a number, as `number handle`.
const LIST: &str = "[...document.querySelectorAll('.lessonlist [data-test^=lesson-]')] \
    .map(line => line.querySelector('.no').textContent.padStart(2, '0') + ' ' + line.dataset.test.slice('lesson-'.length)) \
    .filter(line => /^[0-9]+ /.test(line)).join('\\n')";
const STANDS: &str = "document.querySelector('[data-test=play]').dataset.playing === 'false'";
const AT_THE_END: &str = "document.querySelector('[data-test=scrubber]').ariaValueNow \
    === document.querySelector('[data-test=scrubber]').ariaValueMax";
const ASKS: &str = "document.querySelector('[data-test=question]') !== null";
const HUE: &str = "document.querySelector('[data-test=verdict]').dataset.hue";
/// More than any run has.
const MOST_DECISIVE: usize = 40;

pub async fn every_lesson_in_english(page: &Page, _: &Site) -> Result<()> {
    every_lesson(page, "en").await
}

pub async fn every_lesson_in_chinese(page: &Page, _: &Site) -> Result<()> {
    every_lesson(page, "zh").await
}

async fn every_lesson(page: &Page, language: &str) -> Result<()> {
    let started = Instant::now();
    page.click("[data-test=lesson-menu]").await?;
    page.see_css(".lessonlist [data-test^=lesson-]").await?;
    let list = page.script(LIST).await?;
    let list = list.as_str().unwrap_or_default().to_owned();
    page.press(Key::Escape).await?;
    let mut failures = Vec::new();
    for line in list.lines() {
        let (number, id) = line.split_once(' ').context("a line of the menu")?;
        let picture = format!("lesson-{number}-{id}-{language}");
        let played = play(page, id, &picture).await;
        if let Err(error) = played {
            page.picture(&format!("failed-{picture}")).await?;
            failures.push(format!("lesson {number}, {id}: {error:#}"));
        }
    }
    let (all, seconds) = (list.lines().count(), started.elapsed().as_secs_f64());
    println!("page: {all} lessons in {language}, both endings, in {seconds:.1} s");
    ensure!(all > 0, "the menu has no lessons");
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// One lesson from its menu line to its good ending. Nothing waits for simulated time to pass: it goes where it wants.
async fn play(page: &Page, id: &str, picture: &str) -> Result<()> {
    page.click("[data-test=lesson-menu]").await?;
    page.click(&format!("[data-test=lesson-{id}]")).await?;
    let open = format!("location.hash.includes('x={id}&') || location.hash.endsWith('x={id}')");
    page.until("the lesson", &open).await?;
    to_the_end(page).await?;
    if page.script(ASKS).await? == true {
        page.press("1").await?;
        page.until("an answer", &format!("!({ASKS})")).await?;
        to_the_end(page).await?;
    }
    page.until("the end", AT_THE_END).await?;
    let bad = hue(page).await?;
    if bad == "safe" && page.count("trial").await? > 0 {
        // A challenge: whoever plays it looks for the bad ending.
        is_whole(page).await?;
        return page.picture(picture).await;
    }
    ensure!(
        bad != "safe" && bad != "none",
        "the bad ending is shown as {bad}"
    );
    let said = verdict(page).await?;
    to_what_decides(page, &bad).await?;
    is_whole(page).await?;
    page.picture(picture).await?;

    to_the_end(page).await?;
    page.click(".offers .btn.pri").await?;
    page.until("another run", &format!("!({AT_THE_END})"))
        .await?;
    to_the_end(page).await?;
    page.until("the end of the other run", AT_THE_END).await?;
    let good = hue(page).await?;
    // A fix may have its price, or cure one loss and leave another: then another verdict is given.
    let (was, is) = (said, verdict(page).await?);
    ensure!(
        good == "safe" || was != is,
        "the good ending is shown as {good}: {is}"
    );
    is_whole(page).await
}

async fn hue(page: &Page) -> Result<String> {
    let hue = page.script(HUE).await?;
    Ok(hue.as_str().unwrap_or_default().to_owned())
}

/// The verdict's words without its numbers.
async fn verdict(page: &Page) -> Result<String> {
    let words =
        "document.querySelector('[data-test=verdict] b').textContent.replace(/[0-9]+/g, '')";
    let words = page.script(words).await?;
    Ok(words.as_str().unwrap_or_default().to_owned())
}

/// Stands still and goes to the end, or to the question.
async fn to_the_end(page: &Page) -> Result<()> {
    page.focus("[data-test=scrubber]").await?;
    // A step pauses, whatever the clock was doing.
    page.press(".").await?;
    page.until("a pause", STANDS).await?;
    page.press(Key::End).await?;
    page.until(
        "the end or a question",
        &format!("({AT_THE_END}) || ({ASKS})"),
    )
    .await
}

/// From the beginning, from one decisive event to the next, until the verdict is what it is in the end.
async fn to_what_decides(page: &Page, bad: &str) -> Result<()> {
    page.press(Key::Home).await?;
    page.until(
        "the beginning",
        "document.querySelector('[data-test=scrubber]').ariaValueNow === '0'",
    )
    .await?;
    for _ in 0..MOST_DECISIVE {
        let here = page
            .script("document.querySelector('[data-test=scrubber]').ariaValueNow")
            .await?;
        page.press(".").await?;
        let moved =
            format!("document.querySelector('[data-test=scrubber]').ariaValueNow !== {here}");
        page.until("the next decisive event", &moved).await?;
        if hue(page).await? == bad {
            return Ok(());
        }
    }
    anyhow::bail!("no decisive event of {MOST_DECISIVE} brings the verdict")
}

/// Nothing is left open, untranslated or wider than the screen.
async fn is_whole(page: &Page) -> Result<()> {
    let told = page.text().await?;
    ensure!(
        !told.contains('\0') && !told.contains('{') && !told.contains("undefined"),
        "words are missing: {told}"
    );
    let spill_px = page
        .number("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await?;
    ensure!(spill_px <= 0.0, "{spill_px} px too wide");
    Ok(())
}
