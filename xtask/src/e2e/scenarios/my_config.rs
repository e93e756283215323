//! My config: from a paste to the verdict, to the Lab and back, to the change that turns it green.
use crate::dist::Site;
use crate::e2e::page::{LAPTOP, Page, Visitor};
use anyhow::{Result, ensure};
use std::time::Duration;

/// Thousands of runs are played between frames.
const CHECK: Duration = Duration::from_secs(300);
const DONE: &str = "document.querySelector('[data-test=config-verdict]')?.dataset.state === 'done'";
const HUE: &str = "document.querySelector('[data-test=config-verdict]').dataset.hue";
const FILES: &str = "document.querySelectorAll('[data-test=config-file]').length";
/// Rows that lose something as pasted.
const LOSING: &str = "[...document.querySelectorAll('[data-test^=config-row-]')] \
    .filter(row => row.querySelector('td [data-word=lost]') === row.querySelectorAll('[data-word]')[0]) \
    .map(row => row.dataset.test.slice(11)).join(' ')";
const SPILL_PX: &str = "Math.max(document.documentElement.scrollWidth - innerWidth, \
    ...[...document.querySelectorAll('.mc .pane, .mcbody')].map(pane => pane.scrollWidth - pane.clientWidth))";

pub async fn from_a_paste_to_the_change(page: &Page, _: &Site) -> Result<()> {
    page.go("#config").await?;
    paste(page, "acks=1\\nretires=3\\nlinger.ms=20\\n").await?;
    page.until("the account of the paste", &format!("{FILES} === 1"))
        .await?;
    page.click("[data-test=config-right]").await?;
    page.until(
        "the name put right",
        "document.querySelector('[data-test=config-right]') === null",
    )
    .await?;
    page.click("[data-test=config-more]").await?;
    paste(page, "group.id=billing\\nenable.auto.commit=true\\n").await?;
    page.until("both files", &format!("{FILES} === 2")).await?;
    checked(page).await?;
    let losing = page.script(LOSING).await?;
    let losing = losing.as_str().unwrap_or_default();
    ensure!(
        losing.contains("kill") && losing.contains("power"),
        "only these lose: {losing}"
    );
    let said = page
        .script("document.querySelector('[data-test=live]').innerText")
        .await?;
    ensure!(
        said.as_str().is_some_and(|said| said.contains("300")),
        "the live region says {said}"
    );
    every_look(page, "bad").await?;

    page.click("[data-test=config-play]").await?;
    page.see("stage").await?;
    page.until(
        "the experiment's link",
        "location.hash.includes('x=sandbox')",
    )
    .await?;
    page.script("(history.back(), true)").await?;
    page.until("the way back", DONE).await?;
    page.click("[data-test=config-apply]").await?;
    page.until("the check to begin again", &format!("!({DONE})"))
        .await?;
    checked(page).await?;
    let losing = page.script(LOSING).await?;
    // No setting but a flush for each record saves what no disk has.
    ensure!(
        losing == "outage" || losing == "",
        "with the change these lose: {losing}"
    );
    every_look(page, "good").await?;

    page.reload().await?;
    page.until("what was kept", &format!("{FILES} >= 2")).await
}

pub async fn an_example_and_what_is_refused(page: &Page, _: &Site) -> Result<()> {
    page.go("#config").await?;
    paste(page, "PK\\u0000\\u0001\\u0002").await?;
    page.see("notices").await?;
    page.until("nothing taken", &format!("{FILES} === 0"))
        .await?;
    page.click("[data-test=config-example]").await?;
    page.until("the example", &format!("{FILES} === 3")).await?;
    checked(page).await?;
    ensure!(
        page.script(HUE).await? == "lost",
        "the example loses nothing"
    );
    every_look(page, "example").await?;
    for left in [2, 1, 0] {
        page.click("[data-test=config-remove]").await?;
        page.until("a file less", &format!("{FILES} === {left}"))
            .await?;
    }
    page.reload().await?;
    page.see("config-example").await?;
    Ok(())
}

async fn checked(page: &Page) -> Result<()> {
    page.wait_for("every run of the check", DONE, CHECK).await
}

/// As the browser gives it to the page when somebody presses Ctrl+V.
async fn paste(page: &Page, text: &str) -> Result<()> {
    page.see("config-paste").await?;
    let paste = format!(
        "(() => {{ const data = new DataTransfer(); data.setData('text/plain', \"{text}\"); \
         document.querySelector('[data-test=config-paste]').dispatchEvent(new ClipboardEvent('paste', \
         {{ clipboardData: data, bubbles: true, cancelable: true }})); return true }})()"
    );
    page.script(&paste).await?;
    Ok(())
}

async fn every_look(page: &Page, what: &str) -> Result<()> {
    let language = page.attribute("html", "lang").await?;
    for (width_px, height_px) in [(1440, 900), (390, 844)] {
        for scheme in ["light", "dark"] {
            let who = Visitor {
                width_px,
                height_px,
                scheme,
                ..LAPTOP
            };
            page.become_visitor(who).await?;
            let narrow = format!(
                "(document.querySelector('.mc.narrow') !== null) === {}",
                width_px < 600
            );
            page.until("that width", &narrow).await?;
            let spill_px = page.number(SPILL_PX).await?;
            ensure!(
                spill_px <= 0.0,
                "{what} at {width_px} px in {language} is {spill_px} px too wide"
            );
            page.picture(&format!("config-{what}-{language}-{scheme}-{width_px}"))
                .await?;
        }
    }
    page.become_visitor(LAPTOP).await
}
