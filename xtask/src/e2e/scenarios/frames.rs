//! How smooth it is when much happens: measured in the browser, reported, not asserted,
//! since a shared machine without a graphics card says little of a laptop.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};
use std::time::Duration;

/// Twelve brokers with a copy each, eight producers, long links: packets crowd the stage.
const CROWD: &str = "#v=1&x=sandbox&brokers=12&rf=12&producers=8&consumers=8&a.send.rate=400&p.acks=1\
    &p.linger.ms=0&p.enable.idempotence=false&e.link.delay.us=60000";
const WATCHED: Duration = Duration::from_secs(5);

pub async fn while_many_brokers_are_busy(page: &Page, _: &Site) -> Result<()> {
    page.go(CROWD).await?;
    page.until(
        "twelve brokers",
        "document.querySelectorAll('[data-test^=node-broker-]').length === 12",
    )
    .await?;
    page.script("window.most = 0, setInterval(() => { most = Math.max(most, document.querySelectorAll('.pk').length) }, 50)")
        .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let drawn_ms = page.frames_ms(WATCHED).await?;
    page.picture("crowd").await?;
    ensure!(drawn_ms.len() > 2, "the browser drew no frames");
    let mut gaps_ms: Vec<f64> = drawn_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps_ms.sort_by(f64::total_cmp);
    let per_second = gaps_ms.len() as f64 * 1000.0 / gaps_ms.iter().sum::<f64>();
    let slow = gaps_ms[gaps_ms.len() * 95 / 100];
    let packets = page.number("window.most").await?;
    println!(
        "page: frames {per_second:.1} a second, 95th percentile {slow:.1} ms, with 12 brokers and {packets} packets"
    );
    Ok(())
}
