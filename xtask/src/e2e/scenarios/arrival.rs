//! The first seconds.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const CLOCK_US: &str = "Number(document.querySelector('[data-test=clock]').dataset.us)";

pub async fn a_living_stage(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1";
    page.until("the first paint", &format!("({paint}) >= 0"))
        .await?;
    let first_paint_ms = page.number(paint).await?;
    println!("page: first_paint {first_paint_ms:.0} ms");
    let then_us = page.number(CLOCK_US).await?;
    page.until(
        "time to go on by itself",
        &format!("{CLOCK_US} > {then_us}"),
    )
    .await?;
    page.picture("first").await
}

pub async fn the_first_load_is_what_is_counted(page: &Page, site: &Site) -> Result<()> {
    page.see("stage").await?;
    let asked = page.requests().await?;
    for url in asked.iter().filter(|url| !url.starts_with("data:")) {
        let counted = |path: &str| {
            site.files
                .iter()
                .any(|file| file.first_load && file.path == path)
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        ensure!(
            path.is_empty() || counted(path),
            "{url} is loaded first but not counted"
        );
    }
    Ok(())
}

pub async fn the_tempting_button(page: &Page, _: &Site) -> Result<()> {
    page.click(".invite").await?;
    page.play_until(
        "a message lost after its ack",
        "Number(document.querySelector('[data-test=counter-lost] b')?.textContent) > 0",
    )
    .await?;
    page.see("why").await?;
    page.picture("first-after").await
}
