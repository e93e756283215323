//! The narrator's bar.

use super::super::intent::{Intent, on};
use super::super::part::{Part, list};
use super::super::same::Same;
use super::super::terms::said;
use super::super::words::{Lang, seconds};
use crate::view::LessonView;
use yew::prelude::*;

/// One sentence that matters, one that says what it means, and the moment.
#[derive(PartialEq)]
pub struct Narrator {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
    /// Large type, as on the first screen.
    pub large: bool,
}

impl Part for Narrator {
    fn draw(&self) -> Html {
        let lang = self.lang;
        let narrator = &self.lesson.narrator;
        let (strong, rest) = (lang.of(&narrator.strong), lang.of(&narrator.rest));
        if self.large {
            let line = |line: &str| html! { <span class="line">{ line.to_owned() }</span> };
            let lines = list(strong.split('\n').map(line).collect());
            return html! {
                <h1 class="lead1" data-test="narrator">{ lines }<small class="soft">{ said(lang, rest) }</small></h1>
            };
        }
        html! {
            <div class="say" data-test="narrator">
                <span><b>{ said(lang, strong) }</b>{ " " }{ said(lang, rest) }</span>
                if narrator.waits {
                    <button class="btn pri go" onclick={on(Intent::NextBeat)} data-test="next-beat">
                        { lang.words().next_beat }<span class="key">{ "Enter" }</span>
                    </button>
                } else {
                    <span class="mono">{ seconds(narrator.at_us) }</span>
                }
            </div>
        }
    }
}
