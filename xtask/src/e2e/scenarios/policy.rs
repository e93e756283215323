//! What the content security policy keeps out: other people's addresses, and code that is not the page's.
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Tries what an attacker would; the policy names each refusal.
const INTRUDE: &str = "(() => {
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
    const add = (tag, fields) => document.body.append(Object.assign(document.createElement(tag), fields));
    add('script', { textContent: 'window.intruded = true' });
    add('script', { src: 'https://stranger.invalid/x.js' });
    add('style', { textContent: 'body { display: none }' });
    add('img', { src: 'https://stranger.invalid/x.png' });
    add('iframe', { src: 'https://stranger.invalid/' });
    fetch('https://stranger.invalid/').catch(() => {});
    try { new Worker('data:text/javascript,0') } catch {}
    setTimeout(() => { try { (0, eval)('window.intruded = true') } catch {} });
    return true;
})()";
const REFUSED: [&str; 7] = [
    "script-src-elem",
    "style-src-elem",
    "img-src",
    "frame-src",
    "connect-src",
    "worker-src",
    "script-src",
];

pub async fn nothing_foreign_comes_in(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    page.script(INTRUDE).await?;
    for directive in REFUSED {
        page.until(directive, &format!("refused.includes('{directive}')"))
            .await?;
    }
    ensure!(
        page.script("window.intruded ?? null").await? == Value::Null,
        "foreign code ran"
    );
    let events = page.events().await?;
    let answered = events.iter().any(|event| {
        let url = event["params"]["response"]["url"].as_str();
        url.is_some_and(|url| url.contains("stranger"))
    });
    ensure!(!answered, "a stranger answered");
    page.errors()
        .await
        .context("the refusals are in the console")?;
    page.forget_requests().await
}
