//! Kafka's tools in the Lab.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::Result;
use thirtyfour::Key;

const DESCRIBE: &str = "kafka-topics --bootstrap-server localhost:9092 --describe --topic orders";
const ALTER: &str = "kafka-configs --bootstrap-server localhost:9092 --alter --topic orders --add-config min.insync.replicas=2";

pub async fn tools_on_the_cluster(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-sandbox]").await?;
    page.until("the sandbox", "location.hash.includes('x=sandbox')")
        .await?;
    open(page).await?;
    says(page, "go 2", "").await?;
    says(page, DESCRIBE, "Isr: 1,2,3").await?;
    says(page, "kill 1", "").await?;
    says(page, "go 15", "").await?;
    says(page, DESCRIBE, "Isr: 2,3").await?;
    page.picture("terminal").await?;
    says(page, "go -25", "").await?;
    says(page, DESCRIBE, "Isr: 1,2,3").await?;
    says(
        page,
        &format!("{DESCRIBE} --nothing"),
        "nothing is not a recognized option",
    )
    .await?;
    says(page, ALTER, "Completed updating config for topic orders.").await?;
    page.until(
        "the change in the address",
        "location.hash.includes('minisr')",
    )
    .await?;
    says(page, "go 1", "").await?;
    says(page, DESCRIBE, "min.insync.replicas=2").await?;
    page.press(Key::Escape).await?;
    page.until(
        "the focus where it was",
        "document.activeElement.matches('[data-test=terminal]')",
    )
    .await?;
    page.reload().await?;
    page.see("stage").await?;
    page.until("the same experiment", "location.hash.includes('minisr')")
        .await?;
    open(page).await?;
    says(page, "go 2", "").await?;
    // What was typed is remembered: the last but one is the description.
    page.press(Key::Up).await?;
    page.press(Key::Up).await?;
    page.until(
        "the command of before",
        "document.querySelector('[data-test=terminal-input]').value.includes('--describe')",
    )
    .await?;
    says(page, "", "min.insync.replicas=2").await
}

/// Opens the drawer; its prompt has the focus.
async fn open(page: &Page) -> Result<()> {
    page.click("[data-test=terminal]").await?;
    page.until(
        "the prompt",
        "document.activeElement.matches('[data-test=terminal-input]')",
    )
    .await
}

/// Types a line on an empty screen, and waits for what it prints.
async fn says(page: &Page, line: &str, wanted: &str) -> Result<()> {
    page.click("[data-test=terminal-clear]").await?;
    page.focus("[data-test=terminal-input]").await?;
    if !line.is_empty() {
        page.press(line).await?;
    }
    page.press(Key::Enter).await?;
    let wanted = serde_json::json!(wanted);
    let printed = "document.querySelector('[data-test=terminal-output]').textContent";
    let done = format!("{printed}.includes(' $ ') && {printed}.includes({wanted})");
    page.until(&format!("{wanted} after {line}"), &done).await
}
