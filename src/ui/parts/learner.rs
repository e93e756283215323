//! What the lesson menu has for who learns and who teaches: marks, the next lesson, teacher mode, sheet, report.

use super::super::intent::{Intent, on};
use super::super::learner::{Learner, numbered, sheet};
use super::super::part::{Part, each, yes_no};
use super::super::state::Teach;
use super::super::terms::said;
use super::super::words::Lang;
use super::icon;
use crate::view::progress::{Done, next};
use crate::view::{LessonCard, SetupRow, Text};
use yew::prelude::*;

/// What was done in a lesson, as glyphs.
pub fn marks(lang: Lang, done: &Done) -> Html {
    let later = lang.later();
    let predicted = done.answered.map(|answered| match answered.right {
        true => ("done", "fi safe", later.predicted_right),
        false => ("doubt", "fi risk", later.predicted_wrong),
    });
    let bad = done.bad.then_some(("lost", "fi lost", later.bad_seen));
    let good = done.good.then_some(("done2", "fi safe", later.good_seen));
    let mut all: Vec<_> = [predicted, bad, good].into_iter().flatten().collect();
    if all.is_empty() && done.opened {
        all.push(("visible", "soft", later.opened));
    }
    let mark = |(glyph, class, word): &(&'static str, &'static str, &'static str)| {
        html! {
            <span class={*class} title={*word}>{ icon(glyph) }<span class="aloud">{ format!("{word}. ") }</span></span>
        }
    };
    html! { <span class="marks" data-test="marks">{ each(&all, &mark) }</span> }
}

/// The lines below the lessons.
pub fn tools(lang: Lang, cards: &[LessonCard], teach: Teach) -> Html {
    let later = lang.later();
    let line = |wish: Learner, word: &'static str, test: &'static str| {
        html! {
            <button class="btn" role="menuitem" onclick={on(Intent::Learner(wish))} data-test={test}>{ word }</button>
        }
    };
    let teaches = teach != Teach::Off;
    html! {
        <div class="learner">
            if let Some(next) = next(cards) {
                <button class="btn pri" role="menuitem" onclick={on(Intent::Load(next.id.clone()))} data-test="next-lesson">
                    { format!("{} {}", later.next_lesson, numbered(lang, next.number, &next.title)) }
                </button>
            }
            <button class="btn" role="menuitemcheckbox" aria-checked={yes_no(teaches)}
                onclick={on(Intent::Learner(Learner::Teach(teach)))} data-test="teach">
                <i class={if teaches { "sw on" } else { "sw" }} aria-hidden="true" />{ later.teacher_mode }
            </button>
            { line(Learner::Sheet, later.lab_sheet, "open-sheet") }
            { line(Learner::Report, later.report, "report") }
            { line(Learner::Reset, later.reset, "reset-progress") }
        </div>
    }
}

/// In place of what a teacher has not revealed yet.
pub fn veiled(lang: Lang) -> Html {
    let later = lang.later();
    html! {
        <div class="veil teachveil" data-test="teach-veil">
            <b>{ later.veiled }</b>
            <button class="btn pri" onclick={on(Intent::Learner(Learner::Reveal))} data-test="teach-reveal">
                { later.reveal }<span class="key">{ "v" }</span>
            </button>
        </div>
    }
}

/// The lab sheet, over the page and on paper.
#[derive(PartialEq)]
pub struct Sheet {
    pub lang: Lang,
    /// The address holds the experiment.
    pub address: String,
}

impl Part for Sheet {
    fn draw(&self) -> Html {
        let (lang, later) = (self.lang, self.lang.later());
        let sheet = sheet();
        let option = |text: &Text| html! { <li>{ lang.of(text) }</li> };
        let row = |row: &SetupRow| {
            html! {
                <tr><td><code>{ row.name.clone() }</code></td><td><b>{ row.value.clone() }</b></td><td>{ row.default.clone() }</td>
                    <td>{ lang.of(&row.doc) }</td></tr>
            }
        };
        let look = |text: &Text| html! { <tr><td>{ lang.of(text) }</td><td class="room" /></tr> };
        html! {
            <section class="helpcard fidelity labsheet" role="dialog" aria-modal="true" aria-label={later.lab_sheet}
                data-menu="true" data-test="lab-sheet" tabindex="0">
                <header role="presentation">
                    <h2>{ numbered(lang, sheet.number, &sheet.title) }</h2>
                    <span class="noprint">
                        <button class="btn pri" onclick={on(Intent::Learner(Learner::Print))} data-test="print">{ later.print }</button>
                        <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close}>{ icon("lost") }</button>
                    </span>
                </header>
                <p>{ said(lang, lang.of(&sheet.opening)) }</p>
                <h3>{ later.sheet_question }</h3>
                <p><b>{ lang.of(&sheet.question) }</b></p>
                <ol class="letters">{ each(&sheet.options, &option) }</ol>
                <p class="soft">{ later.sheet_because }</p>
                <div class="lines" />
                <h3>{ later.sheet_setup }</h3>
                <table>
                    <thead><tr><th>{ later.sheet_config }</th><th>{ later.sheet_value }</th><th>{ lang.later().default_is }</th><th /></tr></thead>
                    <tbody>{ each(&sheet.setup, &row) }</tbody>
                </table>
                <h3>{ later.sheet_observe }</h3>
                <table><tbody>{ each(&sheet.observe, &look) }</tbody></table>
                <h3>{ later.sheet_found }</h3>
                <div class="lines" />
                <p class="address"><span class="soft">{ later.sheet_link }</span>{ " " }<a href={self.address.clone()}>{ self.address.clone() }</a></p>
            </section>
        }
    }
}
