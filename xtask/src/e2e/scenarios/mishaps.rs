//! What goes wrong: saved entries that are damaged, and a program that breaks.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const NOTICES: &str = "(document.querySelector('[data-test=notices]')?.innerText ?? '')";
/// Damages everything that is kept, but for one line of the progress.
const DAMAGE: &str = "(() => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith('acklab.'));
    for (const name of names) localStorage.setItem(name, '\\u0000{\"half\": [1, 2');
    localStorage.setItem('acklab.1.progress', 'acks o b g\\n%%%% a9?\\n');
    localStorage.setItem('acklab.1.runs.acks', 'acklab runs 1\\t\\n*v=1&x=acks\\tbroken');
    localStorage.setItem('acklab.1.runs.sandbox', 'acklab runs 7\\tnewer');
    localStorage.setItem('acklab.1.lang', 'klingon');
    localStorage.setItem('acklab.1.theme', 'plaid');
    localStorage.setItem('acklab.1.teach', '???');
    return names.length;
})()";
/// The next element that the program asks for is refused once, which it does not expect.
const BREAK: &str = "(() => {
    const make = Document.prototype.createElement;
    Document.prototype.createElement = function () {
        Document.prototype.createElement = make;
        throw new Error('refused once');
    };
    return true;
})()";

pub async fn damaged_entries_lose_only_themselves(page: &Page, _: &Site) -> Result<()> {
    page.go("#v=1&x=acks").await?;
    page.see("question").await?;
    ensure!(page.number(DAMAGE).await? >= 4.0, "little is kept");
    page.go("#v=1&x=acks").await?;
    // What is said leaves again after some seconds, so it is asked for at once.
    page.see("stage").await?;
    for what in ["saved progress", "could not be read and is left out"] {
        page.until(what, &format!("{NOTICES}.includes('{what}')"))
            .await?;
    }
    let looks = "[document.documentElement.lang, document.documentElement.dataset.theme, document.documentElement.dataset.teach].join()";
    let looks = page.script(looks).await?;
    ensure!(looks == "en,auto,off", "the page looks like {looks}");
    page.click("[data-test=lesson-menu]").await?;
    page.see("lesson-acks").await?;
    let kept = page
        .script("localStorage.getItem('acklab.1.progress')")
        .await?;
    ensure!(
        kept.as_str()
            .is_some_and(|kept| kept.starts_with("acks o b g")),
        "what was whole is gone: {kept}"
    );
    page.click("[data-test=lesson-sandbox]").await?;
    page.until(
        "a word on the other version",
        &format!("{NOTICES}.includes('another version')"),
    )
    .await
}

pub async fn a_broken_program_says_so(page: &Page, _: &Site) -> Result<()> {
    page.go("#v=1&x=acks&seed=4711").await?;
    page.see("question").await?;
    page.script(BREAK).await?;
    page.press("?").await?;
    page.see("panic").await?;
    let card = "document.querySelector('[data-test=panic]')";
    let told = page.script(&format!("{card}.innerText")).await?;
    let told = told.as_str().unwrap_or_default();
    ensure!(
        told.contains("seed 4711"),
        "the card lacks the seed: {told}"
    );
    let link = page.attribute("[data-test=panic] a", "href").await?;
    ensure!(
        link.contains("x=acks") && link.contains("seed=4711"),
        "the card's link is {link}"
    );
    page.picture("panic").await?;
    ensure!(
        !page.errors().await?.is_empty(),
        "the console says nothing of it"
    );
    page.click("[data-test=panic] button").await?;
    page.see("question").await?;
    page.until("no card", &format!("{card} === null")).await
}
