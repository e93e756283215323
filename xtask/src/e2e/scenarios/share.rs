//! Giving a run away: link, snippet, file; and the slim page that stands in other pages.
use super::time::open_sandbox;
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

const NOTICES: &str = "document.querySelector('[data-test=notices]').innerText";
const ACKS_0: &str = "document.querySelector('[data-test=\"knob-acks\"]')?.dataset.value === '0'";
/// Keeps what is copied and what is saved, in place of the clipboard and the disk.
const NOTE_WHAT_IS_GIVEN: &str = "(() => {
    window.copied = null;
    navigator.clipboard.writeText = (text) => { copied = text; return Promise.resolve() };
    HTMLAnchorElement.prototype.click = function () {
        window.savedAs = this.download;
        window.saved = null;
    };
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text }); return make.call(URL, blob) };
    return true;
})()";

async fn open_card(page: &Page) -> Result<()> {
    page.click("[data-test=share]").await?;
    page.see("share-card").await?;
    Ok(())
}

/// Chooses a file with this text.
async fn choose_file(page: &Page, text: &str) -> Result<()> {
    let text = Value::from(text);
    page.script(&format!(
        "(() => {{ const field = document.getElementById('experiment-file'), all = new DataTransfer(); \
         all.items.add(new File([{text}], 'x.json')); field.files = all.files; \
         field.dispatchEvent(new Event('change', {{ bubbles: true }})); return true }})()"
    ))
    .await?;
    Ok(())
}

pub async fn a_run_is_given_away_and_taken_in(page: &Page, _: &Site) -> Result<()> {
    open_sandbox(page).await?;
    page.click("[data-test=\"knob-acks-0\"]").await?;
    page.until("acks in the address", "location.hash.includes('p.acks=0')")
        .await?;
    page.script(NOTE_WHAT_IS_GIVEN).await?;
    open_card(page).await?;
    page.picture("share").await?;
    page.click("[data-test=share-link]").await?;
    page.until("the link copied", "window.copied === location.href")
        .await?;
    page.click("[data-test=share-snippet]").await?;
    page.until(
        "the snippet copied",
        "copied.startsWith('<iframe src=') && copied.includes('?embed=1#v=1&amp;x=sandbox')",
    )
    .await?;
    page.click("[data-test=share-file]").await?;
    page.until(
        "the file saved",
        "savedAs === 'acklab-sandbox.json' && saved !== null",
    )
    .await?;
    let file = page.script("window.saved").await?;
    let file = file.as_str().context("no text in the file")?.to_owned();
    ensure!(
        file.contains("\"acks\": \"0\""),
        "the file lacks acks: {file}"
    );
    page.go("#v=1&x=acks").await?;
    page.see("stage").await?;
    open_card(page).await?;
    choose_file(page, &file).await?;
    page.until("the sandbox of the file", ACKS_0).await?;
    open_card(page).await?;
    choose_file(
        page,
        &file.replace("\"from\"", "\"colour\": \"green\", \"from\""),
    )
    .await?;
    page.until(
        "what could not be read",
        &format!("{NOTICES}.includes('colour')"),
    )
    .await?;
    page.until("the rest", ACKS_0).await?;
    open_card(page).await?;
    choose_file(page, "lunch").await?;
    page.until("a no", &format!("{NOTICES}.includes('cannot be read')"))
        .await?;
    page.until("the run as it was", ACKS_0).await
}

pub async fn the_slim_page_plays(page: &Page, _: &Site) -> Result<()> {
    page.go("?embed=1#v=1&x=acks").await?;
    page.see("stage").await?;
    page.see("question").await?;
    ensure!(
        page.count("home").await? == 0,
        "the slim page has a top bar"
    );
    ensure!(
        page.count("knob-acks").await? == 0,
        "the slim page has knobs"
    );
    page.picture("embed-question").await?;
    page.press("1").await?;
    page.play_until(
        "the reveal",
        "document.querySelector('[data-test=reveal]') !== null",
    )
    .await?;
    let whole = page.attribute("[data-test=open-whole]", "href").await?;
    ensure!(
        whole.contains("#v=1&x=acks") && !whole.contains("embed"),
        "the way to the whole page is {whole}"
    );
    page.picture("embed").await?;
    page.go("?embed=1").await?;
    page.see("stage").await?;
    page.click(".tempting").await?;
    page.play_until(
        "a loss",
        "document.querySelector('[data-test=verdict]')?.dataset.hue === 'lost'",
    )
    .await
}
