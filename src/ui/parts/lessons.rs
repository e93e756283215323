//! The list of lessons.

use super::super::browser;
use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, when, yes_no};
use super::super::same::Same;
use super::super::state::{Open, Teach};
use super::super::words::{self, Lang};
use super::{icon, marks, tools};
use crate::view::{LessonCard, Text};
use yew::prelude::*;

/// A button that opens the list.
#[derive(PartialEq)]
pub struct LessonMenu {
    pub lang: Lang,
    pub lessons: Same<Vec<LessonCard>>,
    pub current: String,
    pub title: Text,
    pub number: Option<u8>,
    /// On the first screen the button says "Lessons".
    pub first: bool,
    pub open: bool,
    pub teach: Teach,
}

impl Part for LessonMenu {
    fn draw(&self) -> Html {
        let next = if self.open { None } else { Some(Open::Lessons) };
        let label = if self.first {
            html! { <b>{ self.lang.words().lessons }</b> }
        } else {
            let number = self.number.map(|number| words::lesson(self.lang, number));
            html! { <><small>{ number.unwrap_or_default() }</small><b>{ self.lang.of(&self.title) }</b></> }
        };
        let class: AttrValue = if self.first { "btn" } else { "lesson" }.into();
        html! {
            <div class="dropdown" data-menu="true" onkeydown={browser::rove()}>
                <button {class} onclick={on(Intent::Open(next))} aria-haspopup="menu" aria-expanded={yes_no(self.open)}
                    data-test="lesson-menu">
                    { label }{ icon("down") }
                </button>
                if self.open {
                    <div class="menu lessonlist" role="menu">
                        { each(&self.lessons, &|card| self.line(card)) }
                        { tools(self.lang, &self.lessons, self.teach) }
                    </div>
                }
            </div>
        }
    }
}

impl LessonMenu {
    fn line(&self, card: &LessonCard) -> Html {
        let here = card.id == self.current;
        html! {
            <button key={card.id.clone()} class={class(&["lessonline", when(here, "on")])} role="menuitem"
                onclick={on(Intent::Load(card.id.clone()))} aria-current={yes_no(here)} data-test={format!("lesson-{}", card.id)}>
                <span class="no">{ card.number.map_or("–".into(), |number| number.to_string()) }</span>
                <b>{ self.lang.of(&card.title) }{ marks(self.lang, &card.done) }</b>
                <small>{ self.lang.of(&card.line) }</small>
            </button>
        }
    }
}
