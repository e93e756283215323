//! The list of lessons.

use super::super::browser;
use super::super::state::{Msg, Open};
use super::super::words::Lang;
use super::{icon, use_driver};
use crate::view::LessonCard;
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct LessonMenuProps {
    pub lang: Lang,
    pub lessons: Rc<Vec<LessonCard>>,
    /// What the button says.
    pub label: Html,
    pub class: &'static str,
    pub current: String,
    pub open: bool,
}

/// A button that opens the list.
#[component]
pub fn LessonMenu(props: &LessonMenuProps) -> Html {
    let driver = use_driver();
    let next = if props.open {
        None
    } else {
        Some(Open::Lessons)
    };
    let toggle = {
        let driver = driver.clone();
        Callback::from(move |_| driver.tell(Msg::Open(next)))
    };
    let line = |card: &LessonCard| {
        let (driver, id) = (driver.clone(), card.id.clone());
        let onclick = Callback::from(move |_| driver.load(&id));
        let here = card.id == props.current;
        html! {
            <button key={card.id.clone()} class={classes!("lessonline", here.then_some("on"))} role="menuitem" {onclick}
                aria-current={here.then_some("true")} data-test={format!("lesson-{}", card.id)}>
                <span class="no">{ card.number.map_or("–".into(), |number| number.to_string()) }</span>
                <b>{ props.lang.of(&card.title) }</b>
                <small>{ props.lang.of(&card.line) }</small>
            </button>
        }
    };
    html! {
        <div class="dropdown" data-menu="true" onkeydown={|event: KeyboardEvent| browser::rove(&event)}>
            <button class={props.class} onclick={toggle} aria-haspopup="menu" aria-expanded={props.open.to_string()}
                data-test="lesson-menu">
                { props.label.clone() }{ icon("down") }
            </button>
            if props.open {
                <div class="menu lessonlist" role="menu">{ for props.lessons.iter().map(line) }</div>
            }
        </div>
    }
}
