//! The address holds the experiment.
use super::time::open_sandbox;
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const NOTICE: &str = "document.querySelector('[data-test=notices]').innerText";

pub async fn a_reload_keeps_the_experiment(page: &Page, _: &Site) -> Result<()> {
    open_sandbox(page).await?;
    page.click("[data-test=\"knob-acks-0\"]").await?;
    page.click("[data-test=fault-kill-1]").await?;
    page.until(
        "the kill in the address",
        "location.hash.includes('kill:1')",
    )
    .await?;
    let before = page
        .script("location.hash.replace(/&(at|c)=.*/, '')")
        .await?;
    page.reload().await?;
    page.until(
        "acks as it was",
        "document.querySelector('[data-test=\"knob-acks\"]')?.dataset.value === '0'",
    )
    .await?;
    let after = page
        .script("location.hash.replace(/&(at|c)=.*/, '')")
        .await?;
    ensure!(before == after, "the reload made {after} of {before}");
    ensure!(
        page.script(NOTICE).await? == "",
        "a whole link needs no notice"
    );
    Ok(())
}

pub async fn a_damaged_link_opens_the_rest(page: &Page, _: &Site) -> Result<()> {
    page.go("#v=1&x=acks&p.acks=banana&p.linger.ms=7&colour=green&do=1.5:melt:1")
        .await?;
    page.see("stage").await?;
    page.until("a notice", &format!("{NOTICE} !== ''")).await?;
    let said = page
        .script(NOTICE)
        .await?
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for part in ["banana", "colour", "melt"] {
        ensure!(
            said.contains(part),
            "the notice does not name {part}: {said}"
        );
    }
    page.until("the rest", "location.hash.includes('linger.ms=7')")
        .await?;
    page.picture("damaged-link").await
}
