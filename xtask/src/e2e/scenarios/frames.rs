//! How smooth it is when much happens: measured by the browser's own tracing, reported, not asserted,
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
    page.script("window.most = 0, setInterval(() => { most = Math.max(most, document.querySelectorAll('.pkt').length) }, 50)")
        .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    page.events().await?;
    tokio::time::sleep(WATCHED).await;
    let drawn_us = page.drawn_frames_us().await?;
    page.picture("crowd").await?;
    ensure!(drawn_us.len() > 2, "the browser drew no frames");
    let mut gaps_us: Vec<u64> = drawn_us.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps_us.sort_unstable();
    let per_second = gaps_us.len() as f64 * 1e6 / gaps_us.iter().sum::<u64>() as f64;
    let slow = gaps_us[gaps_us.len() * 95 / 100] as f64 / 1000.0;
    let packets = page.number("window.most").await?;
    println!(
        "page: frames {per_second:.1} a second, 95th percentile {slow:.1} ms, with 12 brokers and {packets} packets"
    );
    Ok(())
}
