//! The top bar.

use super::super::intent::{Intent, on};
use super::super::part::{Part, each, part, when, yes_no};
use super::super::place::{PLACES, Place, Row};
use super::super::same::Same;
use super::super::state::{Open, State, Teach, Theme};
use super::super::words::Lang;
use super::{LessonMenu, icon};
use crate::view::{LessonView, Room};
use yew::prelude::*;

/// Name, lesson, and the tools at the right.
#[derive(PartialEq)]
pub struct TopBar {
    lang: Lang,
    theme: Theme,
    lessons: Same<Vec<crate::view::LessonCard>>,
    lesson: Same<LessonView>,
    place: Place,
    open: Option<Open>,
    teach: Teach,
    narrow: bool,
}

impl TopBar {
    /// The bar of this page.
    pub fn of(state: &State, narrow: bool) -> Self {
        Self {
            lang: state.lang,
            theme: state.theme,
            lessons: Same::from(&state.lessons),
            lesson: Same::from(&state.views.lesson),
            place: state.place,
            open: state.open,
            teach: state.teach,
            narrow,
        }
    }

    fn menu(&self, first: bool) -> Html {
        part(LessonMenu {
            lang: self.lang,
            lessons: self.lessons.clone(),
            current: self.lesson.id.clone(),
            title: self.lesson.title.clone(),
            number: self.lesson.number.filter(|_| !self.narrow),
            first,
            open: self.open == Some(Open::Lessons),
            teach: self.teach,
        })
    }

    /// The way to the other rooms.
    fn places(&self) -> Html {
        let words = self.lang.later();
        let link = |(place, address, name): &Row| {
            let here = *place == self.place;
            html! {
                <a href={format!("#{address}")} class={when(here, "on")} aria-current={here.then_some("page")}
                    data-test={format!("place-{address}")}>{ name(words) }</a>
            }
        };
        html! { <nav class="rooms" aria-label={words.places}>{ each(&PLACES, &link) }</nav> }
    }

    /// Share, language, theme, help.
    fn tools(&self, share: bool) -> Html {
        let words = self.lang.words();
        let theme = match self.theme {
            Theme::Auto => words.theme_auto,
            Theme::Light => words.theme_light,
            Theme::Dark => words.theme_dark,
        };
        html! {
            <>
                if share { { terminal_door(self.lang) } }
                if share { <button class="btn" onclick={on(Intent::Open(Some(Open::Share)))}
                    aria-haspopup="dialog" data-menu="true" data-test="share">{ words.share }</button> }
                <button class="btn" onclick={on(Intent::Lang(self.lang.other()))} lang={self.lang.other().code()} data-test="lang">
                    { self.lang.other().name() }
                </button>
                <button class="btn icon" onclick={on(Intent::NextTheme)} aria-label={theme} title={theme} data-test="theme"
                    data-theme-now={self.theme.code()}>{ icon("theme") }</button>
                <button class="btn icon" onclick={on(Intent::Open(Some(Open::Help)))} aria-label={words.help}
                    data-menu="true" data-test="help">{ "?" }</button>
            </>
        }
    }

    /// The same tools behind "…" on a narrow screen.
    fn page_menu(&self) -> Html {
        let open = self.open == Some(Open::Page);
        let next = if open { None } else { Some(Open::Page) };
        html! {
            <div class="dropdown" data-menu="true">
                <button class="btn icon" onclick={on(Intent::Open(next))} aria-label={self.lang.words().menu}
                    aria-haspopup="menu" aria-expanded={yes_no(open)} data-test="page-menu">{ icon("more") }</button>
                if open {
                    <div class="menu tools">
                        if PLACES.len() > 1 { { self.places() } }
                        { self.tools(true) }
                    </div>
                }
            </div>
        }
    }
}

/// Opens the terminal.
fn terminal_door(lang: Lang) -> Html {
    let words = lang.later();
    html! {
        <button class="btn" onclick={on(Intent::Open(Some(Open::Terminal)))} title={words.terminal_line} data-menu="true"
            data-test="terminal">{ words.terminal }</button>
    }
}

impl Part for TopBar {
    fn draw(&self) -> Html {
        let first = self.lesson.room == Room::First && self.place == Place::Lab;
        html! {
            <header class="top">
                <button class="logo" onclick={on(Intent::Load("first".into()))} data-test="home">{ "ack" }<b>{ "lab" }</b></button>
                if first && !self.narrow { <small>{ self.lang.words().tagline }</small> }
                if first { <span class="spring" /> }
                { self.menu(first) }
                if !first && !self.narrow { <span class="tag">{ "Apache Kafka 4.3" }</span> }
                if !first {
                    { if PLACES.len() > 1 && !self.narrow { self.places() } else { html! { <span class="spring" /> } } }
                }
                { if self.narrow { self.page_menu() } else { self.tools(!first) } }
            </header>
        }
    }
}
