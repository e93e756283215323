//! Pictures for a person to look at, and what a program can see: nothing runs off the screen.
use super::lesson::open_lesson_4;
use crate::dist::Site;
use crate::e2e::page::{LAPTOP, Page, Visitor};
use anyhow::{Result, ensure};

const PHONE: Visitor = Visitor {
    width_px: 390,
    height_px: 844,
    ..LAPTOP
};

pub async fn every_look(page: &Page, _: &Site) -> Result<()> {
    page.see("stage").await?;
    every_look_of(page, "first").await?;
    page.become_visitor(LAPTOP).await?;
    open_lesson_4(page).await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.click("[data-test=answer-2]").await?;
    page.play_until(
        "the reveal",
        "document.querySelector('[data-test=reveal]') !== null",
    )
    .await?;
    every_look_of(page, "lab").await
}

async fn every_look_of(page: &Page, room: &str) -> Result<()> {
    for language in ["en", "zh"] {
        for (width, who) in [("1440", LAPTOP), ("390", PHONE)] {
            for scheme in ["light", "dark"] {
                page.become_visitor(Visitor { scheme, ..who }).await?;
                page.until("the page to settle", "document.readyState === 'complete'")
                    .await?;
                page.until(
                    &format!("{room} to fit {width} px in {language}"),
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth",
                )
                .await?;
                page.picture(&format!("{room}-{language}-{scheme}-{width}"))
                    .await?;
                let told = page.text().await?;
                ensure!(
                    !told.contains('\0') && (language == "en" || told.matches('。').count() > 1),
                    "{room} in {language} lacks words: {told}"
                );
            }
        }
        page.become_visitor(LAPTOP).await?;
        page.click("[data-test=lang]").await?;
    }
    Ok(())
}
