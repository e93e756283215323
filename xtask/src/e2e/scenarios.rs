//! What a person does, one short story each.
use super::hooks;
use super::page::Page;
use crate::dist::Site;
use anyhow::{Result, ensure};
use std::future::Future;
use std::pin::Pin;

type Story = for<'a> fn(&'a Page, &'a Site) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A story with its name; it begins on the opened page.
pub struct Scenario {
    pub name: &'static str,
    /// What follows the page's address.
    pub opens_with: &'static str,
    pub story: Story,
}

/// Every scenario.
pub fn all() -> Vec<Scenario> {
    vec![
        scenario("opens and shows the stage", |page, _| {
            Box::pin(opens_and_shows_the_stage(page))
        }),
        scenario(
            "the first load is what the size test counts",
            |page, site| Box::pin(the_first_load_is_what_is_counted(page, site)),
        ),
    ]
}

fn scenario(name: &'static str, story: Story) -> Scenario {
    Scenario {
        name,
        opens_with: "",
        story,
    }
}

async fn opens_and_shows_the_stage(page: &Page) -> Result<()> {
    page.see(hooks::STAGE).await?;
    let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1";
    page.until("the first paint", &format!("({paint}) >= 0"))
        .await?;
    let first_paint_ms = page.script(paint).await?.as_f64().unwrap_or_default();
    println!("page: first paint after {first_paint_ms:.0} ms");
    page.picture("first").await
}

async fn the_first_load_is_what_is_counted(page: &Page, site: &Site) -> Result<()> {
    page.see(hooks::STAGE).await?;
    let asked = page.requests().await?;
    for url in asked.iter().filter(|url| !url.starts_with("data:")) {
        let counted = |path: &str| {
            site.files
                .iter()
                .any(|file| file.first_load && file.path == path)
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        ensure!(
            path.is_empty() || counted(path),
            "{url} is loaded first but not counted"
        );
    }
    Ok(())
}
