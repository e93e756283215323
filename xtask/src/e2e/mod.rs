//! The built page in a real browser, as a person uses it.
pub mod driver;
mod first_screen;
pub mod page;

mod scenarios;

pub use first_screen::what_the_first_screen_runs;

use crate::dist::Site;
use crate::{serve, tools};
use anyhow::{Context, Result, ensure};
use driver::Driver;
use page::Page;
use std::time::Instant;

/// Serves the built page, plays every scenario whose name contains one of `named` in a browser of its own, and reports each.
pub fn run(site: &Site, named: &[String]) -> Result<()> {
    let browser = tools::browser()?;
    tools::chinese_font();
    let serving = serve::start(&site.dir, 0)?;
    let driver = Driver::start(&browser.driver)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut failures, mut not_run) = (Vec::new(), 0);
    let mut scenarios = scenarios::all();
    let is_named = |name: &str| named.iter().any(|part| name.contains(part));
    scenarios.retain(|scenario| named.is_empty() || is_named(scenario.name));
    for scenario in &scenarios {
        let started = Instant::now();
        let outcome = runtime.block_on(play(scenario, &driver, &serving.address, site));
        let seconds = started.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("page: {} ... ok ({seconds:.1} s)", scenario.name),
            Err(error) if error.downcast_ref::<tools::Absent>().is_some() => {
                println!("page: {} ... NOT RUN: {error}", scenario.name);
                not_run += 1;
            }
            Err(error) => {
                println!("page: {} ... FAILED ({seconds:.1} s)", scenario.name);
                failures.push(format!("page: {} failed: {error:#}", scenario.name));
            }
        }
    }
    let failed = failures.len();
    let passed = scenarios.len() - failed - not_run;
    println!("page: {passed} passed, {failed} failed, {not_run} not run");
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// How many runs of a hunt the page's worker plays a second.
pub fn runs_a_second_in_the_worker(site: &Site) -> Result<f64> {
    let browser = tools::browser()?;
    let serving = serve::start(&site.dir, 0)?;
    let driver = Driver::start(&browser.driver)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let page = Page::open(&driver, &serving.address, page::LAPTOP).await?;
        let rate = scenarios::runs_a_second(&page).await;
        page.close().await?;
        rate
    })
}

async fn play(
    scenario: &scenarios::Scenario,
    driver: &Driver,
    address: &str,
    site: &Site,
) -> Result<()> {
    let page = Page::open(driver, address, scenario.who).await?;
    let outcome = match (scenario.story)(&page, site).await {
        Ok(()) => page.check_manners().await,
        failed => failed,
    };
    if outcome.is_err() {
        let name = format!("failed-{}", scenario.name.replace(' ', "-"));
        page.picture(&name)
            .await
            .context("no picture of the failure")?;
    }
    page.close().await?;
    outcome
}
