//! How true the model is: rules, Kafka's classes, recorded stories, and what is simplified.

use super::super::intent::{Intent, on};
use super::super::part::{Part, each};
use super::super::words::Lang;
use super::icon;
use crate::view::fidelity::{Chapter, RuleView, chapters};
use yew::prelude::*;

/// The page over the lab.
#[derive(PartialEq)]
pub struct Fidelity {
    pub lang: Lang,
}

impl Part for Fidelity {
    fn draw(&self) -> Html {
        let (lang, words) = (self.lang, self.lang.later());
        let story = |name: &&'static str| html! { <code>{ *name }</code> };
        let rule = |rule: &RuleView| {
            html! {
                <li>
                    <p>{ lang.of(&rule.text) }</p>
                    if !rule.kafka.is_empty() {
                        <p class="soft">{ rule.kafka }</p>
                        <p class="stories">{ each(&rule.stories, &story) }</p>
                    }
                </li>
            }
        };
        let chapter = |chapter: &Chapter| {
            html! { <><h3>{ lang.of(&chapter.title) }</h3><ul>{ each(&chapter.rules, &rule) }</ul></> }
        };
        html! {
            <section class="helpcard fidelity" role="dialog" aria-modal="true" aria-label={words.fidelity} data-menu="true"
                data-test="fidelity" tabindex="0">
                <header role="presentation">
                    <h2>{ words.fidelity }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close}>{ icon("lost") }</button>
                </header>
                <p>{ words.fidelity_text }</p>
                { each(&chapters(), &chapter) }
            </section>
        }
    }
}
