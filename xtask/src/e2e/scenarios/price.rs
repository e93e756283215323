//! What safety costs: the panel of lesson 10.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};

const ROWS: &str = "document.querySelectorAll('[data-test=price-row]').length";
const MEASURED: &str =
    "document.querySelectorAll('[data-test=price-row] .pcurve[aria-label*=\"median\"]').length";
const CELLS: &str = "[...document.querySelectorAll('[data-test=price-cells] tbody td')].filter(cell => cell.textContent).length";

pub async fn what_safety_costs(page: &Page, _: &Site) -> Result<()> {
    page.go("#v=1&x=power").await?;
    page.see("stage").await?;
    page.click("[data-test=open-price]").await?;
    page.until(
        "every run",
        "document.querySelector('[data-test=price-done]') !== null",
    )
    .await?;
    let (rows, measured) = (page.number(ROWS).await?, page.number(MEASURED).await?);
    ensure!(rows >= 6.0, "only {rows} alternatives");
    ensure!(rows == measured, "{measured} of {rows} have their times");
    let cells = page.number(CELLS).await?;
    ensure!(
        cells >= rows * 8.0,
        "the table has {cells} numbers for {rows} rows"
    );
    page.picture("price").await?;
    page.click("[data-test=price-table]").await?;
    page.picture("price-table").await?;
    page.click("[data-test=price-chart]").await?;
    page.click("[data-test=price-close]").await?;
    page.until(
        "the panel to be gone",
        "document.querySelector('[data-test=price]') === null",
    )
    .await
}
