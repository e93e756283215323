//! The narrator's bar.

use super::super::same::Same;
use super::super::words::{Lang, seconds};
use super::use_driver;
use crate::view::LessonView;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct NarratorProps {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
    /// Large type, as on the first screen.
    #[prop_or_default]
    pub large: bool,
}

/// One sentence that matters, one that says what it means, and the moment.
#[component]
pub fn Narrator(props: &NarratorProps) -> Html {
    let driver = use_driver();
    let lang = props.lang;
    let narrator = &props.lesson.narrator;
    let (strong, rest) = (lang.of(&narrator.strong), lang.of(&narrator.rest));
    if props.large {
        return html! {
            <h1 class="lead1" data-test="narrator">
                { for strong.split('\n').map(|line| html! { <span class="line">{ line }</span> }) }
                <small class="soft">{ rest }</small>
            </h1>
        };
    }
    let onclick = Callback::from(move |_| driver.next_beat());
    html! {
        <div class="say" data-test="narrator">
            <span><b>{ strong }</b>{ " " }{ rest }</span>
            if narrator.waits {
                <button class="btn pri go" {onclick} data-test="next-beat">
                    { lang.words().next_beat }<span class="key">{ "Enter" }</span>
                </button>
            } else {
                <span class="mono">{ seconds(narrator.at_us) }</span>
            }
        </div>
    }
}
