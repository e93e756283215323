//! The glossary as a page: every term and every config, by chapter.

use super::super::intent::{Intent, on};
use super::super::part::{Part, each};
use super::super::terms;
use super::super::words::Lang;
use super::icon;
use crate::view::glossary::{Chapter, Meaning};
use yew::prelude::*;

/// The page over the lab.
#[derive(PartialEq)]
pub struct Glossary {
    pub lang: Lang,
}

impl Part for Glossary {
    fn draw(&self) -> Html {
        let lang = self.lang;
        let later = lang.later();
        let glossary = terms::glossary();
        let meaning = |meaning: &Meaning| {
            html! {
                <dd>
                    { lang.of(&meaning.text) }
                    if !meaning.about.is_empty() { <small>{ lang.of(&meaning.about) }</small> }
                </dd>
            }
        };
        let entry = |number: &usize| {
            let entry = &glossary.entries[*number];
            html! { <><dt>{ lang.of(&entry.name) }</dt>{ each(&entry.meanings, &meaning) }</> }
        };
        let chapter = |chapter: &Chapter| {
            html! {
                <details open={!glossary.is_of_configs(chapter)}>
                    <summary>{ lang.of(&chapter.title) }</summary>
                    <dl>{ each(&chapter.entries, &entry) }</dl>
                </details>
            }
        };
        html! {
            <section class="helpcard fidelity glossary" role="dialog" aria-modal="true" aria-label={later.glossary} data-menu="true"
                data-test="glossary" tabindex="0">
                <header role="presentation">
                    <h2>{ later.glossary }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close}>{ icon("lost") }</button>
                </header>
                { each(&glossary.chapters, &chapter) }
            </section>
        }
    }
}
