//! The page without network, and what becomes of the copy that is kept when there is a new build.
use crate::dist::Site;
use crate::e2e::page::Page;
use crate::{serve, shell};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Tells when the copy is whole.
const NOTE_THE_COPY: &str =
    "(navigator.serviceWorker.ready.then(() => { window.copied = true }), true)";
/// Tells what is kept, and whether the next build waits.
const LOOK: &str = "(caches.keys().then((names) => { window.names = names.join() }), \
    navigator.serviceWorker.getRegistration().then((all) => { window.waits = Boolean(all?.waiting) }), true)";
const SCRIPT: &str = "document.querySelector('script[type=module]').src";

/// Asks for the rest of the page, and waits for the copy that is made then.
async fn make_a_copy(page: &Page) -> Result<()> {
    page.see("stage").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.see("lesson-acks").await?;
    page.script(NOTE_THE_COPY).await?;
    page.until("a copy of the page", "window.copied === true")
        .await
}

pub async fn it_opens_without_network(page: &Page, site: &Site) -> Result<()> {
    let serving = serve::start(&site.dir, 0)?;
    page.moves_to(serving.address.clone());
    page.go("").await?;
    make_a_copy(page).await?;
    serving.stop();
    page.reload().await?;
    page.see("stage").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.click("[data-test=lesson-acks]").await?;
    page.see("question").await?;
    page.click("[data-test=lang]").await?;
    page.until("Chinese", "document.documentElement.lang === 'zh-CN'")
        .await?;
    page.go("?teach=1#v=1&x=sandbox&p.acks=0").await?;
    page.until(
        "the link's sandbox",
        "document.querySelector('[data-test=\"knob-acks\"]')?.dataset.value === '0'",
    )
    .await
}

pub async fn a_new_build_is_taken_with_the_next_load(page: &Page, site: &Site) -> Result<()> {
    let old = folder(site)?;
    let new: String = old.chars().rev().collect();
    let dir = shell::target().join("two-builds");
    let lay_out = |name: &str| publish(site, &dir, &old, name);
    lay_out(&old)?;
    let serving = serve::start(&dir, 0)?;
    page.moves_to(serving.address.clone());
    page.go("").await?;
    make_a_copy(page).await?;
    page.reload().await?;
    page.see("stage").await?;
    lay_out(&new)?;
    page.reload().await?;
    page.see("stage").await?;
    let script = page.script(SCRIPT).await?;
    ensure!(
        script.as_str().unwrap_or_default().contains(&new),
        "still the old build: {script}"
    );
    page.click("[data-test=lesson-menu]").await?;
    until_seen(page, "the new copy", "window.waits === true").await?;
    page.go("").await?;
    until_seen(
        page,
        "the old copy gone",
        &format!("window.names === 'acklab-{new}'"),
    )
    .await?;
    serving.stop();
    page.reload().await?;
    page.see("stage").await?;
    Ok(fs::remove_dir_all(dir)?)
}

async fn until_seen(page: &Page, what: &str, expression: &str) -> Result<()> {
    page.until(what, &format!("{LOOK} && {expression}")).await
}

/// The folder that is named after the build.
fn folder(site: &Site) -> Result<String> {
    let mut folders = site
        .files
        .iter()
        .filter_map(|file| file.path.split_once('/'));
    let (folder, _) = folders.next().context("a site without folder")?;
    Ok(folder.to_owned())
}

/// Lays out the same site as a build of another name.
fn publish(site: &Site, dir: &Path, old: &str, name: &str) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    for file in &site.files {
        let to = dir.join(file.path.replace(old, name));
        fs::create_dir_all(to.parent().context("a file without folder")?)?;
        let content = fs::read(site.dir.join(&file.path))?;
        let content = match String::from_utf8(content) {
            Ok(text) => text.replace(old, name).into_bytes(),
            Err(other) => other.into_bytes(),
        };
        fs::write(to, content)?;
    }
    Ok(())
}
