//! The first seconds.
use crate::dist::{Asset, FirstLoad, Site};
use crate::e2e::first_screen;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};
use std::time::Duration;

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

pub async fn the_first_load_plays_by_itself(page: &Page, site: &Site) -> Result<()> {
    let counted = |file: &&Asset| file.first_load == FirstLoad::Everyone;
    plays_with(page, site, counted).await
}

pub async fn the_first_load_plays_in_chinese(page: &Page, site: &Site) -> Result<()> {
    let counted = |file: &&Asset| file.first_load != FirstLoad::Nobody;
    plays_with(page, site, counted).await?;
    let told = page.text().await?;
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    ensure!(
        told.chars().filter(|c| is_chinese(*c)).count() > 50,
        "the story is not told in Chinese: {told}"
    );
    Ok(())
}

/// Plays the whole first story; whatever is asked for until then must be counted.
async fn plays_with(page: &Page, site: &Site, counted: impl Fn(&&Asset) -> bool) -> Result<()> {
    page.script(NOTE_WHO_ASKS).await?;
    first_screen::play(page, Duration::from_secs(1)).await?;
    let counted: Vec<_> = site.files.iter().filter(counted).collect();
    for url in page.requests().await? {
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        ensure!(
            path.is_empty()
                || url.starts_with("data:")
                || counted.iter().any(|file| file.path == path),
            "{url} is needed for the first screen but not counted; asked for by {}",
            page.script("globalThis.asked.join('; ')").await?
        );
    }
    let unstyled = page.script(RULES_THAT_LACK).await?;
    ensure!(
        unstyled == "",
        "the first style sheet lacks what is on the screen: {unstyled}"
    );
    Ok(())
}

/// Keeps from where in the program the rest is asked for.
const NOTE_WHO_ASKS: &str = "(() => {
    const rest = acklab.rest;
    globalThis.asked = [];
    Error.stackTraceLimit = 30;
    acklab.rest = (then) => {
        asked.push(Math.round(performance.now()) + ' ms ' + (then ? 'the page ' : 'a door ') + new Error().stack);
        rest(then);
    };
})()";

/// The selectors of the whole sheet that something on the screen matches, and that the first sheet does not have.
const RULES_THAT_LACK: &str = "(() => {
    const first = document.querySelector('link[href*=\"first.css\"]');
    const request = new XMLHttpRequest();
    request.open('GET', first.href.replace('first.css', 'rest.css'), false);
    request.send();
    const whole = new CSSStyleSheet();
    whole.replaceSync(request.responseText);
    const selectors = (rules) => [...rules].flatMap((rule) =>
        rule.media ? selectors(rule.cssRules) : rule.selectorText?.split(/,(?![^(]*[)])/).map((s) => s.trim()) ?? []);
    const has = new Set(selectors(first.sheet.cssRules));
    const drawn = /::?(before|after|hover|focus-visible|focus-within)/g;
    const bare = (selector) => selector.replace(drawn, '').replace(/(^|[ >+~])$/, '$1*');
    const lacks = (selector) => !has.has(selector) && document.querySelector(bare(selector));
    return selectors(whole.cssRules).filter(lacks).join(' | ');
})()";

/// As when something is pressed that nobody has thought of, before the rest has come.
pub async fn the_rest_comes_in_the_middle_of_a_call(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    page.script("acklab.rest(null)").await?;
    let rest =
        "performance.getEntriesByType('resource').filter(file => file.name.includes('_rest'))";
    let asked = page.script(&format!("{rest}[0].initiatorType")).await?;
    ensure!(asked == "xmlhttprequest", "the rest came as {asked}");
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-sandbox]").await?;
    page.until("the sandbox", "location.hash.includes('x=sandbox')")
        .await?;
    ensure!(
        page.number(&format!("{rest}.length")).await? <= 1.0,
        "the rest was fetched twice"
    );
    Ok(())
}

pub async fn the_tempting_button(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    // Nobody is faster, and at the very first moment nothing is under way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.click(".invite").await?;
    page.play_until(
        "a message lost after its ack",
        "Number(document.querySelector('[data-test=counter-lost] b')?.textContent) > 0",
    )
    .await?;
    page.see("why").await?;
    page.picture("first-after").await
}
