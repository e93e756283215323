//! Without a mouse.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::Result;
use thirtyfour::Key;

pub async fn everything_by_keyboard(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    page.press("?").await?;
    page.see("help-card").await?;
    page.press(Key::Escape).await?;
    page.until(
        "no help card",
        "document.querySelector('[data-test=help-card]') === null",
    )
    .await?;

    page.tab_to("[data-test=lesson-menu]").await?;
    page.press(Key::Enter).await?;
    page.see("lesson-acks").await?;
    page.tab_to("[data-test=lesson-acks]").await?;
    page.press(Key::Enter).await?;
    page.until("lesson 4", "location.hash.includes('x=acks')")
        .await?;
    page.press("]").await?;
    page.press("]").await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.press("2").await?;
    page.play_until(
        "the reveal",
        "document.querySelector('[data-test=reveal]') !== null",
    )
    .await?;
    page.tab_to("[data-test=offer-1]").await?;
    page.press(Key::Enter).await?;
    page.until(
        "acks to be all",
        "document.querySelector('[data-test=\"knob-acks\"]').dataset.value === 'all'",
    )
    .await?;
    page.press(" ").await?;
    page.until(
        "a pause",
        "document.querySelector('[data-test=play]').dataset.playing === 'false'",
    )
    .await
}
