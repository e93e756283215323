//! The page in one file, opened from the disk.
use super::time::open_sandbox;
use crate::dist::Site;
use crate::e2e::page::Page;
use crate::{e2e::first_screen, single};
use anyhow::{Context, Result, ensure};
use std::time::Duration;

const NOTICES: &str = "document.querySelector('[data-test=notices]').innerText";

/// Opens the file, and the server is out of it from here on.
async fn open(page: &Page, site: &Site) -> Result<()> {
    let file = site.dir.join(single::NAME);
    let file = file.to_str().context("a path that is no text")?;
    page.moves_to(format!("file://{file}"));
    page.go("").await
}

pub async fn the_file_plays_the_first_story(page: &Page, site: &Site) -> Result<()> {
    open(page, site).await?;
    first_screen::play(page, Duration::from_secs(1)).await?;
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-acks]").await?;
    page.until("lesson 4", "location.hash.includes('x=acks')")
        .await?;
    page.see("question").await?;
    page.click("[data-test=lang]").await?;
    page.until(
        "Chinese",
        "document.documentElement.lang === 'zh-CN' && document.querySelector('[data-test=question]').innerText.includes('ack')",
    )
    .await?;
    ensure!(
        page.text().await?.contains('消'),
        "the lesson is not told in Chinese"
    );
    page.picture("alone").await
}

pub async fn the_file_opens_a_link(page: &Page, site: &Site) -> Result<()> {
    open(page, site).await?;
    open_sandbox(page).await?;
    page.click("[data-test=\"knob-acks-0\"]").await?;
    page.until("acks in the address", "location.hash.includes('p.acks=0')")
        .await?;
    let fragment = page.script("location.hash").await?;
    page.go(fragment.as_str().unwrap_or_default()).await?;
    page.until(
        "acks as it was",
        "document.querySelector('[data-test=\"knob-acks\"]')?.dataset.value === '0'",
    )
    .await?;
    ensure!(
        page.script(NOTICES).await? == "",
        "a whole link needs no notice"
    );
    Ok(())
}
