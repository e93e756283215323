//! Lesson 4 from end to end.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const LOST: &str = "Number(document.querySelector('[data-test=counter-lost] b').textContent)";

/// Opens lesson 4 from the menu and plays ten times as fast as life.
pub async fn open_lesson_4(page: &Page) -> Result<()> {
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-acks]").await?;
    page.click("[data-test=speed-10000000]").await
}

pub async fn from_the_bad_ending_to_the_good_one(page: &Page, _: &Site) -> Result<()> {
    open_lesson_4(page).await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.picture("lesson-4-question").await?;
    page.click("[data-test=answer-2]").await?;
    page.play_until(
        "the reveal",
        "document.querySelector('[data-test=reveal]') !== null",
    )
    .await?;
    let lost = page.number(LOST).await?;
    ensure!(
        lost > 0.0,
        "the bad ending loses messages, but the page counts {lost}"
    );
    ensure!(
        page.attribute("[data-test=verdict]", "data-hue").await? == "lost",
        "the verdict is not a loss"
    );
    page.picture("lesson-4-bad").await?;

    page.click("[data-test=offer-1]").await?;
    page.until(
        "acks to be all",
        "document.querySelector('[data-test=\"knob-acks\"]').dataset.value === 'all'",
    )
    .await?;
    page.click("[data-test=speed-10000000]").await?;
    page.play_until(
        "the good ending",
        "document.querySelector('[data-test=verdict]').dataset.hue === 'safe' \
        && document.querySelector('[data-test=play]').dataset.playing === 'false'",
    )
    .await?;
    let lost = page.number(LOST).await?;
    ensure!(
        lost == 0.0,
        "the good ending loses nothing, but the page counts {lost}"
    );
    page.picture("lesson-4-good").await
}

pub async fn a_refused_combination_is_named(page: &Page, _: &Site) -> Result<()> {
    // On by default, idempotence is given up silently with acks=1; Kafka refuses it when asked for.
    page.go("#v=1&x=acks&p.enable.idempotence=true").await?;
    page.until(
        "Kafka's refusal",
        "['Must set acks', 'idempoten'].every(part => document.body.innerText.includes(part))",
    )
    .await?;
    page.see("stage").await?;
    page.picture("refused").await
}
