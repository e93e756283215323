//! What the first screen runs, from the page's arrival until its story is over.
use super::driver::Driver;
use super::page::{LAPTOP, Page, Visitor};
use crate::dist::Site;
use crate::{serve, tools};
use anyhow::{Context, Result, anyhow};
use std::thread;
use std::time::Duration;

/// The page goes on telling for a while.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// The visitors who are watched, and how long each looks on before pressing the button: what is under way at
/// that moment decides what the cluster has to do.
const VISITORS: [(Visitor, Duration); 5] = [
    (LAPTOP, Duration::ZERO),
    (LAPTOP, Duration::from_millis(500)),
    (LAPTOP, Duration::from_millis(1000)),
    (PHONE, Duration::from_millis(700)),
    (PHONE, Duration::from_millis(2000)),
];

/// Someone who reads Chinese, on a phone, in the dark.
pub const PHONE: Visitor = Visitor {
    language: "zh-CN",
    scheme: "dark",
    width_px: 390,
    height_px: 844,
};

/// Plays the first screen with a program that notes what runs; the digits of all visits, put
/// together: 1 for a function that ran.
pub fn what_the_first_screen_runs(site: &Site, expression: &str) -> Result<String> {
    let browser = tools::browser()?;
    let serving = serve::start(&site.dir, 0)?;
    let driver = Driver::start(&browser.driver)?;
    eprintln!("the first screen: in the browser");
    let visits: Vec<Result<String>> = thread::scope(|scope| {
        let visits = VISITORS.map(|(who, looks_on)| {
            let (driver, address) = (&driver, &serving.address);
            scope.spawn(move || visit(driver, address, who, looks_on, expression))
        });
        let ended = visits.map(|visit| visit.join());
        ended
            .into_iter()
            .map(|visit| visit.unwrap_or_else(|_| Err(anyhow!("a visit broke off"))))
            .collect()
    });
    let mut all = Vec::new();
    for digits in visits {
        let digits = digits?.into_bytes();
        all.resize(digits.len(), b'0');
        for (all, digit) in all.iter_mut().zip(digits) {
            *all = digit.max(*all);
        }
    }
    Ok(String::from_utf8(all)?)
}

fn visit(
    driver: &Driver,
    address: &str,
    who: Visitor,
    looks_on: Duration,
    expression: &str,
) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let page = Page::open(driver, address, who).await?;
        let played = play(&page, looks_on).await;
        tokio::time::sleep(AFTERWARDS).await;
        let digits = page.script(expression).await?;
        page.close().await?;
        played?;
        let digits = digits.as_str().context("nothing was noted")?;
        Ok(digits.to_owned())
    })
}

/// The first screen from its arrival until its story is told, with the one button that it offers. The story ends
/// with offers; if nothing was lost, since nothing was under way, soon after the new leader has come.
pub async fn play(page: &Page, looks_on: Duration) -> Result<()> {
    page.see("stage").await?;
    tokio::time::sleep(looks_on).await;
    page.click(".invite").await?;
    let offers = "document.querySelector('[data-test^=offer-]') !== null";
    let has_leader = "Number(document.querySelector('[data-test=clock]').dataset.us) > 10.5e6";
    page.play_until(
        "the end of the first story",
        &format!("{offers} || {has_leader}"),
    )
    .await
}
