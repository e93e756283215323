//! Who learns and who teaches.
use super::lesson::open_lesson_4;
use crate::dist::Site;
use crate::e2e::page::Page;
use anyhow::{Result, ensure};
use thirtyfour::Key;

const CARD: &str = "document.querySelector('[data-test=term-card]')";

pub async fn a_term_is_explained_by_keyboard(page: &Page, _: &Site) -> Result<()> {
    open_lesson_4(page).await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.tab_to("[data-test=question] .term").await?;
    page.see("term-card").await?;
    let described = "document.activeElement.getAttribute('aria-describedby') === 'term-card'";
    page.until("the term to be described by its card", described)
        .await?;
    page.until(
        "a sentence",
        &format!("{CARD}.querySelector('p').innerText.length > 20"),
    )
    .await?;
    page.picture("term").await?;
    page.press(Key::Escape).await?;
    page.until("no card", &format!("{CARD} === null")).await?;

    page.press("?").await?;
    page.click("[data-test=open-glossary]").await?;
    page.see("glossary").await?;
    page.picture("glossary").await
}

pub async fn progress_survives_a_reload(page: &Page, _: &Site) -> Result<()> {
    predict_and_see(page).await?;
    // A damaged line loses only itself.
    page.script("localStorage['acklab.1.progress'] += 'size o z9\\n'")
        .await?;
    page.reload().await?;
    page.click("[data-test=lesson-menu]").await?;
    page.until(
        "the prediction in the menu",
        "document.querySelector('[data-test=lesson-acks] [data-test=marks]').innerText.includes('predicted')",
    )
    .await?;
    page.until(
        "a word on the damaged line",
        "document.querySelector('[data-test=notices]').innerText.includes('1 lines')",
    )
    .await?;
    let others =
        "document.querySelector('[data-test=lesson-forget] [data-test=marks]')?.innerText ?? ''";
    ensure!(
        page.script(others).await? == "",
        "a lesson that nobody opened is marked"
    );
    page.picture("lesson-menu").await?;
    page.click("[data-test=open-sheet]").await?;
    page.see("lab-sheet").await?;
    page.picture("lab-sheet").await
}

/// Lesson 4 up to the reveal.
async fn predict_and_see(page: &Page) -> Result<()> {
    open_lesson_4(page).await?;
    page.play_until(
        "the question",
        "document.querySelector('[data-test=question]') !== null",
    )
    .await?;
    page.press("2").await?;
    page.play_until(
        "the reveal",
        "document.querySelector('[data-test=reveal],[data-test=answer-out]') !== null",
    )
    .await
}

pub async fn a_teacher_hides_how_it_came_out(page: &Page, _: &Site) -> Result<()> {
    page.go("?teach=1").await?;
    predict_and_see(page).await?;
    let hidden = "['verdict', 'why', 'reveal', 'cell-1'].every(part => \
        document.querySelector(`[data-test=${part}]`) === null)";
    ensure!(
        page.script(hidden).await? == true,
        "a teacher's page shows how it came out"
    );
    page.see("teach-veil").await?;
    page.picture("teacher-veiled").await?;
    page.press(Key::PageDown).await?;
    page.see("verdict").await?;
    page.see("reveal").await?;
    page.picture("teacher-revealed").await?;
    // It stays on without the address saying so.
    page.go("").await?;
    page.until(
        "teacher mode",
        "document.documentElement.dataset.teach === 'on'",
    )
    .await
}
