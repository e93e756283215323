//! The top bar.

use super::super::browser;
use super::super::driver::notice;
use super::super::state::{Msg, Open, Theme};
use super::super::words::{self, Lang};
use super::{Driver, LessonMenu, icon, use_driver};
use crate::view::{LessonCard, Text};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct TopBarProps {
    pub lang: Lang,
    pub theme: Theme,
    pub lessons: Rc<Vec<LessonCard>>,
    pub current: String,
    pub title: Text,
    pub number: Option<u8>,
    pub open: Option<Open>,
    /// The first screen's form: tagline in place of the lesson.
    pub first: bool,
    pub narrow: bool,
}

/// Name, lesson, and the tools at the right.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    let driver = use_driver();
    let (lang, words) = (props.lang, props.lang.words());
    let home = {
        let driver = driver.clone();
        Callback::from(move |_| driver.load("first"))
    };
    let label = if props.first {
        html! { <b>{ words.lessons }</b> }
    } else {
        html! {
            <>
                if let (Some(number), false) = (props.number, props.narrow) {
                    <small>{ words::lesson(lang, number) }</small>
                }
                <b>{ lang.of(&props.title) }</b>
            </>
        }
    };
    let class = if props.first { "btn" } else { "lesson" };
    let menu = html! {
        <LessonMenu {lang} lessons={props.lessons.clone()} {label} {class} current={props.current.clone()}
            open={props.open == Some(Open::Lessons)} />
    };
    html! {
        <header class="top">
            <button class="logo" onclick={home} data-test="home">{ "ack" }<b>{ "lab" }</b></button>
            if props.first {
                if !props.narrow { <small>{ words.tagline }</small> }
                <span class="spring" />
                { menu }
            } else {
                { menu }
                if !props.narrow { <span class="tag">{ "Apache Kafka 4.3" }</span> }
                <span class="spring" />
            }
            if props.narrow {
                <PageMenu {lang} theme={props.theme} open={props.open == Some(Open::Page)} />
            } else {
                <TopTools {lang} theme={props.theme} share={!props.first} />
            }
        </header>
    }
}

#[derive(PartialEq, Properties)]
pub struct TopToolsProps {
    pub lang: Lang,
    pub theme: Theme,
    pub share: bool,
}

/// Share, language, theme, help.
#[component]
pub fn TopTools(props: &TopToolsProps) -> Html {
    let driver = use_driver();
    let (lang, words, theme) = (props.lang, props.lang.words(), props.theme);
    let on = |act: fn(&Driver, Lang, Theme)| {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| act(&driver, lang, theme))
    };
    let share = on(|driver, _, _| copy_link(driver));
    let other = on(|driver, lang, _| driver.tell(Msg::Lang(lang.other())));
    let turn = on(|driver, _, theme| driver.tell(Msg::Theme(theme.next())));
    let help = on(|driver, _, _| driver.tell(Msg::Open(Some(Open::Help))));
    let theme_word = match theme {
        Theme::Auto => words.theme_auto,
        Theme::Light => words.theme_light,
        Theme::Dark => words.theme_dark,
    };
    html! {
        <>
            if props.share {
                <button class="btn" onclick={share} data-test="share">{ words.share }</button>
            }
            <button class="btn" onclick={other} lang={lang.other().code()} data-test="lang">{ words.other_language }</button>
            <button class="btn icon" onclick={turn} aria-label={theme_word} title={theme_word} data-test="theme"
                data-theme-now={theme.code()}>{ icon("theme") }</button>
            <button class="btn icon" onclick={help} aria-label={words.help} data-menu="true" data-test="help">{ "?" }</button>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct PageMenuProps {
    lang: Lang,
    theme: Theme,
    open: bool,
}

/// The same tools behind "…" on a narrow screen.
#[component]
fn PageMenu(props: &PageMenuProps) -> Html {
    let driver = use_driver();
    let next = if props.open { None } else { Some(Open::Page) };
    let toggle = Callback::from(move |_| driver.tell(Msg::Open(next)));
    html! {
        <div class="dropdown" data-menu="true">
            <button class="btn icon" onclick={toggle} aria-label={props.lang.words().menu} aria-haspopup="menu"
                aria-expanded={props.open.to_string()} data-test="page-menu">{ icon("more") }</button>
            if props.open {
                <div class="menu tools"><TopTools lang={props.lang} theme={props.theme} share={true} /></div>
            }
        </div>
    }
}

/// Copies the address, which holds the whole experiment.
fn copy_link(driver: &Driver) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let (good, bad) = (driver.clone(), driver.clone());
    let done = Closure::once_into_js(move || good.tell(Msg::Notice(notice(|words| words.copied))));
    let failed =
        Closure::once_into_js(move || bad.tell(Msg::Notice(notice(|words| words.copy_failed))));
    let copied = window
        .navigator()
        .clipboard()
        .write_text(&browser::address());
    browser::then(&copied, &done, &failed);
}
