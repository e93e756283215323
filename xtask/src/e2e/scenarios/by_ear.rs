//! Lesson 4 by keyboard and by ear alone: what is pressed is known by its role and name, what happened by the live region.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, bail, ensure};
use thirtyfour::Key;

/// More than any screen has parts to focus.
const MOST_TABS: usize = 150;
/// More than the lesson has stops.
const MOST_STOPS: usize = 40;

/// Notes what a screen reader would say of the live region.
const LISTEN: &str = "window.heard = [], new MutationObserver(() => { \
    const said = document.querySelector('[role=log]').textContent; \
    if (said !== '' && said !== heard.at(-1)) heard.push(said); \
    }).observe(document.querySelector('[role=log]'), { childList: true, characterData: true, subtree: true })";

pub async fn lesson_4_by_keyboard_and_ear(page: &Page, _: &Site) -> Result<()> {
    page.until(
        "a live region",
        "document.querySelector('[role=log][aria-live=polite]') !== null",
    )
    .await?;
    page.script(&format!("({LISTEN}, true)")).await?;

    press_named(page, "button", "Lessons").await?;
    press_named(page, "menuitem", "The leader dies too soon").await?;
    hear(page, "The leader dies too soon").await?;
    // Ten times as fast as life, twice slower before.
    page.press("]").await?;
    page.press("]").await?;

    hear(page, "Press a number to answer.").await?;
    page.press("2").await?;
    hear(page, "vanished after their ack").await?;
    // The reveal says why.
    hear(page, "You said").await?;
    let why = heard(page).await?;
    ensure!(
        why.contains("broker 1") || why.contains("Broker 1"),
        "nothing says why: {why}"
    );

    press_named(page, "button", "Turn acks to all, same luck").await?;
    hear(page, "Run: acks=all").await?;
    page.press("]").await?;
    hear(page, "Nothing lost, nothing twice").await
}

/// Everything heard so far.
async fn heard(page: &Page) -> Result<String> {
    let heard = page.script("heard.join('\\n')").await?;
    Ok(heard.as_str().unwrap_or_default().to_owned())
}

/// Waits until this is heard, and goes on where the lesson says that Enter does.
async fn hear(page: &Page, words: &str) -> Result<()> {
    let last = "(heard.at(-1) ?? '')";
    let said = format!("heard.some(said => said.includes({words:?}))");
    for _ in 0..MOST_STOPS {
        let stops = format!("{said} || {last}.endsWith('Enter goes on.')");
        page.until(words, &stops).await?;
        if page.script(&said).await? == true {
            return Ok(());
        }
        let before = page.number("heard.length").await?;
        page.press(Key::Enter).await?;
        page.until("something new", &format!("heard.length > {before}"))
            .await?;
    }
    bail!("{words} is not heard: {}", heard(page).await?)
}

/// Presses Tab until something with this role and a name with these words has the focus, then Enter.
async fn press_named(page: &Page, role: &str, name: &str) -> Result<()> {
    for _ in 0..MOST_TABS {
        page.press(Key::Tab).await?;
        let (is, called) = page.focused().await?;
        if is == role && called.contains(name) {
            return page.press(Key::Enter).await;
        }
    }
    bail!("no {role} named {name:?} is reached by {MOST_TABS} presses of Tab")
}
