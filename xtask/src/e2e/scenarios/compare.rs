//! Two runs side by side: from the first screen's loss, with acks=all beside it.
use super::access::Inspector;
use crate::dist::Site;
use crate::e2e::page::{LAPTOP, Page, Visitor};
use anyhow::{Result, ensure};

const PHONE: Visitor = Visitor {
    width_px: 390,
    height_px: 844,
    ..LAPTOP
};
const CLOCK_US: &str = "Number(document.querySelector('[data-test=clock]').dataset.us)";
const AT_US: &str = "Number(document.querySelector('[data-test=first-difference]').dataset.at)";
const STANDS: &str = "document.querySelector('[data-test=play]').dataset.playing === 'false'";
const LINK: &str = "location.hash.replace(/&(at|c)=.*/, '')";
const PAIR: &str =
    "[...document.querySelectorAll('[data-test^=parting-]')].map(p => p.innerText).join(' / ')";

/// How many messages of one side are lost, as its ledger says.
fn lost(side: &str) -> String {
    format!(
        "document.querySelector('[data-test=verdict-{side}]').parentElement\
         .querySelectorAll('[data-fate=lost],[data-fate=doomed]').length"
    )
}

pub async fn from_the_first_loss(page: &Page, _: &Site) -> Result<()> {
    compare_with_acks_all(page).await?;
    page.click("[data-test=first-difference]").await?;
    page.until(
        "the first difference",
        &format!("{CLOCK_US} === {AT_US} && {STANDS}"),
    )
    .await?;
    page.picture("compare-first-difference").await?;
    to_the_end(page).await?;
    let (a, b) = (
        page.number(&lost("a")).await?,
        page.number(&lost("b")).await?,
    );
    ensure!(a > 0.0 && b == 0.0, "A loses {a} and B {b}");
    ensure!(
        page.attribute("[data-test=verdict-a]", "data-hue").await? == "lost"
            && page.attribute("[data-test=verdict-b]", "data-hue").await? != "lost",
        "the verdicts do not differ"
    );
    page.picture("compare-end").await?;
    reload_keeps_both(page).await?;
    knobs_of_b(page).await?;
    page.click("[data-test=place-lab]").await?;
    page.see("stage").await?;
    Ok(())
}

pub async fn nothing_that_axe_finds(page: &Page, _: &Site) -> Result<()> {
    let mut inspector = Inspector::of(page)?;
    compare_with_acks_all(page).await?;
    to_the_end(page).await?;
    inspector.look("compare").await?;
    page.click("[data-test=change-b]").await?;
    page.see("knobs-b").await?;
    inspector.look("the knobs of B").await?;
    page.click("[data-test=close-b]").await?;
    page.become_visitor(PHONE).await?;
    page.until(
        "one column",
        "document.querySelector('.cmp.narrow') !== null",
    )
    .await?;
    inspector.look("compare on a phone").await?;
    page.picture("compare-phone").await?;
    inspector.told()
}

/// Kills the leader of the first screen and puts acks=all beside the loss.
async fn compare_with_acks_all(page: &Page) -> Result<()> {
    page.see("stage").await?;
    page.click("[data-test=fault-kill-1]").await?;
    let offer = "[data-test=offer-compare]";
    page.play_until(
        "what to do next",
        &format!("document.querySelector('{offer}') !== null"),
    )
    .await?;
    page.click(offer).await?;
    page.see("compare").await?;
    page.see("first-difference").await?;
    page.until("its address", "location.hash.startsWith('#compare&')")
        .await?;
    let said = page.script(PAIR).await?;
    let said = said.as_str().unwrap_or_default();
    ensure!(
        said.contains("alone") && said.contains("until"),
        "it says {said}"
    );
    page.press(" ").await?;
    page.until("a pause", STANDS).await?;
    page.until(
        "all that is measured",
        "!document.querySelector('[data-test=costs]').innerText.includes('…')",
    )
    .await
}

async fn to_the_end(page: &Page) -> Result<()> {
    page.focus("[data-test=scrubber]").await?;
    page.press(thirtyfour::Key::End).await?;
    page.until(
        "the end",
        &format!("{CLOCK_US} >= Number(document.querySelector('[data-test=scrubber]').getAttribute('aria-valuemax'))"),
    )
    .await
}

async fn reload_keeps_both(page: &Page) -> Result<()> {
    let (before, said) = (page.script(LINK).await?, page.script(PAIR).await?);
    page.reload().await?;
    page.see("first-difference").await?;
    ensure!(
        page.script(LINK).await? == before,
        "the link is another one"
    );
    ensure!(page.script(PAIR).await? == said, "they part elsewhere");
    Ok(())
}

/// B's change is taken back: then both are the same.
async fn knobs_of_b(page: &Page) -> Result<()> {
    page.click("[data-test=change-b]").await?;
    page.see("knobs-b").await?;
    page.click("[data-test=close-b]").await?;
    page.click("[data-test=change-back]").await?;
    page.see("no-difference").await?;
    ensure!(page.count("change").await? == 0, "B has changes left");
    Ok(())
}
