//! What safety costs: the panel of lesson 10.
use crate::dist::Site;
use crate::e2e::page::{LAPTOP, Page, Visitor};
use anyhow::{Result, ensure};

/// The usual visitor, in Chinese.
pub const CHINESE: Visitor = Visitor {
    language: "zh-CN",
    ..LAPTOP
};

const ROWS: &str = "document.querySelectorAll('[data-test=price-row]').length";
const TIMES: &str =
    "document.querySelectorAll('[data-test=price-row] [role=img][tabindex]').length";
const NUMBERS: &str = "[...document.querySelectorAll('[data-test=price-cells] td')].filter(cell => cell.textContent).length";
const SPILL_PX: &str = "document.querySelector('[data-test=price]').scrollWidth - document.querySelector('[data-test=price]').clientWidth";

pub async fn what_safety_costs(page: &Page, _: &Site) -> Result<()> {
    lose_twenty_orders(page).await?;
    page.click("[data-test=open-price]").await?;
    page.until(
        "every run",
        "document.querySelector('[data-test=price-done]') !== null",
    )
    .await?;
    let (rows, times) = (page.number(ROWS).await?, page.number(TIMES).await?);
    ensure!(rows >= 6.0, "only {rows} alternatives");
    ensure!(rows == times, "{times} of {rows} have their times");
    let numbers = page.number(NUMBERS).await?;
    ensure!(
        numbers >= rows * 15.0,
        "the table has {numbers} numbers for {rows} rows"
    );
    ensure!(
        page.count("price-loses").await? > 0 && page.count("price-keeps").await? > 0,
        "not everything loses, and not nothing"
    );
    every_look(page).await?;
    page.click("[data-test=price-close]").await?;
    page.until(
        "the panel to be gone",
        "document.querySelector('[data-test=price]') === null",
    )
    .await
}

/// The bad ending of lesson 10.
async fn lose_twenty_orders(page: &Page) -> Result<()> {
    page.see("stage").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-power]").await?;
    page.click("[data-test=speed-10000000]").await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.click("[data-test=answer-1]").await?;
    page.play_until(
        "the loss",
        "document.querySelector('[data-test=verdict]').dataset.hue === 'lost'",
    )
    .await?;
    // Until then what is told of the loss grows.
    page.play_until(
        "the story to be told",
        "document.querySelector('[data-test^=offer-]') !== null
            && document.querySelector('[data-test=play]').dataset.playing === 'false'",
    )
    .await
}

async fn every_look(page: &Page) -> Result<()> {
    let language = page.attribute("html", "lang").await?;
    for (width, width_px, height_px) in [("1440", 1440, 900), ("390", 390, 844)] {
        for scheme in ["light", "dark"] {
            let who = Visitor {
                width_px,
                height_px,
                scheme,
                ..LAPTOP
            };
            page.become_visitor(who).await?;
            for part in ["table", "chart"] {
                page.click(&format!("[data-test=price-{part}]")).await?;
                let spill_px = page.number(SPILL_PX).await?;
                ensure!(
                    spill_px <= 0.0,
                    "the {part} at {width} px in {language} is {spill_px} px too wide"
                );
                page.picture(&format!("price-{part}-{language}-{scheme}-{width}"))
                    .await?;
            }
        }
    }
    page.become_visitor(LAPTOP).await
}
