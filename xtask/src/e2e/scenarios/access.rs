//! What axe-core finds: names, roles, contrast, targets, in every room and both themes.
use super::hunt;
use crate::dist::Site;
use crate::e2e::page::{LAPTOP, Page, Visitor};
use crate::tools;
use anyhow::{Context, Result, ensure};
use std::time::Duration;
use thirtyfour::Key;

const PHONE: Visitor = Visitor {
    width_px: 390,
    height_px: 844,
    ..LAPTOP
};
/// Begins once no colour changes any more; the answer is in `found` later.
const ASK: &str = "(window.found = null, new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))) \
    .then(() => Promise.allSettled(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))) \
    .then(() => axe.run(document, { resultTypes: ['violations'] })).then(told => \
    found = told.violations.map(one => `${one.id}: ${one.help}: ` \
      + one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(' ')).join('\\n')), true)";
/// Thousands of runs are played between frames.
const CHECK: Duration = Duration::from_secs(300);
const QUESTION: &str = "document.querySelector('[data-test=question]') !== null";
const REVEAL: &str = "document.querySelector('[data-test=reveal]') !== null";
const STANDS: &str = "document.querySelector('[data-test=play]').dataset.playing === 'false'";

/// Looks into one room after the other; all that is found is told at the end.
pub(super) struct Inspector<'a> {
    page: &'a Page,
    axe: String,
    found: Vec<String>,
}

pub async fn nothing_that_axe_finds(page: &Page, _: &Site) -> Result<()> {
    let mut inspector = Inspector::of(page)?;
    page.see("stage").await?;
    page.press(" ").await?;
    page.until("a pause", STANDS).await?;
    inspector.look("the first screen").await?;
    page.click("[data-test=lesson-menu]").await?;
    page.see("lesson-acks").await?;
    inspector.look("the menu").await?;
    page.press(Key::Escape).await?;
    page.press("?").await?;
    page.see("help-card").await?;
    inspector.look("the keys").await?;
    page.click("[data-test=open-glossary]").await?;
    page.see("glossary").await?;
    inspector.look("the glossary").await?;
    page.press(Key::Escape).await?;
    inspector.lesson("acks").await?;
    inspector.lesson("who-reads-what").await?;
    inspector.lesson("capstone").await?;
    inspector.price().await?;
    page.click("[data-test=share]").await?;
    page.see("share-card").await?;
    inspector.look("the ways to share").await?;
    page.press(Key::Escape).await?;
    inspector.config().await?;
    inspector.hunt().await?;
    page.go("#v=1&x=acks").await?;
    inspector.terminal().await?;
    page.become_visitor(PHONE).await?;
    page.see("tab-knobs").await?;
    for tab in ["knobs", "why", "ledger"] {
        page.click(&format!("[data-test=tab-{tab}]")).await?;
        inspector.look(&format!("{tab} on a phone")).await?;
    }
    inspector.told()
}

impl<'a> Inspector<'a> {
    /// With axe-core, which npm fetches.
    pub(super) fn of(page: &'a Page) -> Result<Self> {
        let axe = tools::axe_core()?;
        let axe = std::fs::read_to_string(&axe).with_context(|| format!("{}", axe.display()))?;
        Ok(Self {
            page,
            axe,
            found: Vec::new(),
        })
    }

    /// All that was found, if anything was.
    pub(super) fn told(self) -> Result<()> {
        ensure!(self.found.is_empty(), "{}", self.found.join("\n"));
        Ok(())
    }

    pub(super) async fn look(&mut self, room: &str) -> Result<()> {
        self.page
            .script(&format!("(() => {{ {}; return true }})()", self.axe))
            .await?;
        for theme in ["light", "dark"] {
            self.page.colours(theme).await?;
            self.page.script(ASK).await?;
            self.page
                .until("what axe-core says", "window.found !== null")
                .await?;
            let told = self.page.script("window.found").await?;
            let told = told.as_str().unwrap_or_default();
            let lines = told.lines().map(|line| format!("{room}, {theme}: {line}"));
            self.found.extend(lines);
        }
        Ok(())
    }

    /// A lesson's question and what came of it.
    async fn lesson(&mut self, id: &str) -> Result<()> {
        let page = self.page;
        page.click("[data-test=lesson-menu]").await?;
        page.click(&format!("[data-test=lesson-{id}]")).await?;
        page.until("the lesson", &format!("location.hash.includes('x={id}')"))
            .await?;
        to_the_end(page, QUESTION).await?;
        self.look(&format!("the question of {id}")).await?;
        page.press("1").await?;
        page.until("an answer", &format!("!({QUESTION})")).await?;
        to_the_end(page, REVEAL).await?;
        self.look(&format!("the reveal of {id}")).await
    }

    /// My config before and after its check, and on a phone.
    async fn config(&mut self) -> Result<()> {
        let page = self.page;
        page.go("#config").await?;
        page.see("config-example").await?;
        self.look("my config, empty").await?;
        page.click("[data-test=config-example]").await?;
        let done = "document.querySelector('[data-test=config-verdict]')?.dataset.state === 'done'";
        page.wait_for("the check", done, CHECK).await?;
        self.look("my config").await?;
        page.become_visitor(PHONE).await?;
        self.look("my config on a phone").await?;
        page.become_visitor(LAPTOP).await
    }

    /// Its scope, and what it found.
    async fn hunt(&mut self) -> Result<()> {
        let page = self.page;
        hunt::open(page, "hole:acks-1").await?;
        self.look("the scope of a hunt").await?;
        page.click("[data-test=hunt-toggle]").await?;
        page.see("hunt-best").await?;
        page.click("[data-test=hunt-toggle]").await?;
        page.until("a stop", &hunt::is("stopped")).await?;
        self.look("the hunt").await
    }

    async fn price(&mut self) -> Result<()> {
        let page = self.page;
        page.click("[data-test=open-price]").await?;
        page.see("price-done").await?;
        self.look("the price").await?;
        page.click("[data-test=price-table]").await?;
        self.look("the price as a table").await?;
        page.click("[data-test=price-close]").await
    }
}

impl Inspector<'_> {
    /// The terminal after a command that works and one that does not.
    async fn terminal(&mut self) -> Result<()> {
        let page = self.page;
        page.click("[data-test=terminal]").await?;
        page.see("terminal-input").await?;
        for line in ["help", "kafka-topics --describe"] {
            page.focus("[data-test=terminal-input]").await?;
            page.press(line).await?;
            page.press(Key::Enter).await?;
        }
        self.look("the terminal").await?;
        page.click("[data-test=terminal-close]").await
    }
}

/// Stands still and goes as far as the run is known.
async fn to_the_end(page: &Page, until: &str) -> Result<()> {
    page.focus("[data-test=scrubber]").await?;
    page.press(".").await?;
    page.until("a pause", STANDS).await?;
    page.press(Key::End).await?;
    page.until(until, until).await
}
