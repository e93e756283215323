//! What the first screen runs, from the page's arrival until its story is over.
use super::driver::Driver;
use super::page::{LAPTOP, Page, Visitor};
use crate::dist::Site;
use crate::{serve, tools};
use anyhow::{Context, Result};
use std::time::Duration;

/// The page goes on telling for a while.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// The visitors who are watched, and how long each looks on before pressing the button.
const VISITORS: [(Visitor, Duration); 2] = [
    (LAPTOP, Duration::from_millis(1500)),
    (PHONE, Duration::from_millis(400)),
];

/// Someone who reads Chinese, on a phone, in the dark.
pub const PHONE: Visitor = Visitor {
    language: "zh-CN",
    scheme: "dark",
    width_px: 390,
    height_px: 844,
};

/// Plays the first screen with a program that notes what runs; the digits of each visit, put
/// together: 1 for a function that ran.
pub fn what_the_first_screen_runs(site: &Site, expression: &str) -> Result<String> {
    let browser = tools::browser()?;
    let serving = serve::start(&site.dir, 0)?;
    let driver = Driver::start(&browser.driver)?;
    eprintln!("the first screen: in the browser");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut all = Vec::new();
    for (who, looks_on) in VISITORS {
        let digits = runtime.block_on(async {
            let page = Page::open(&driver, &serving.address, who).await?;
            let played = play(&page, looks_on).await;
            tokio::time::sleep(AFTERWARDS).await;
            let digits = page.script(expression).await?;
            page.close().await?;
            played.map(|()| digits)
        })?;
        let digits = digits.as_str().context("nothing was noted")?.as_bytes();
        all.resize(digits.len(), b'0');
        for (all, digit) in all.iter_mut().zip(digits) {
            *all = (*all).max(*digit);
        }
    }
    Ok(String::from_utf8(all)?)
}

/// The first screen from its arrival until its story is told, with the one button that it offers.
pub async fn play(page: &Page, looks_on: Duration) -> Result<()> {
    page.see("stage").await?;
    tokio::time::sleep(looks_on).await;
    page.click(".invite").await?;
    let told = "document.querySelector('[data-test^=offer-]')";
    page.play_until("the end of the first story", &format!("({told}) !== null"))
        .await
}
