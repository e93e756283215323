//! My config: what was pasted, the verdict of each kind of fault, the schedule that loses, the smallest change.

use super::super::part::{class, part, when};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::State;
use super::super::words::Lang;
use crate::view::config::ConfigView;
use gloo::events::{EventListener, EventListenerOptions};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// The room.
pub fn my_config(state: &State, narrow: bool) -> Html {
    html! {
        <div key="config" class={class(&["mc", when(narrow, "narrow")])} data-test="config">
            { part(TopBar::of(state, narrow)) }
            <MyConfig lang={state.lang} {narrow} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct Props {
    lang: Lang,
    narrow: bool,
}

#[component]
fn MyConfig(props: &Props) -> Html {
    let (lang, narrow) = (props.lang, props.narrow);
    let shown = use_state(Rc::<ConfigView>::default);
    let doing = use_state_eq(Doing::default);
    {
        let shown = shown.setter();
        use_effect_with((), move |()| {
            bench::enter(Callback::from(move |()| shown.set(bench::view())));
            bench::leave
        });
    }
    use_effect_with(lang, |_| bench::retell());
    use_pastes_anywhere();
    let set = {
        let doing = doing.setter();
        Callback::from(move |next| doing.set(next))
    };
    let view = Same::from(&*shown);
    let is_empty = view.files.is_empty();
    let over = Callback::from(|event: DragEvent| event.prevent_default());
    let drop = Callback::from(|event: DragEvent| intake::take_drop(&event));
    html! {
        <div class={class(&["mcbody", when(is_empty, "empty")])} ondragover={over} ondrop={drop}>
            if is_empty {
                <main>{ part(Source { lang, view, narrow, doing: (*doing).clone(), set }) }</main>
            } else {
                { part(Source { lang, view: view.clone(), narrow, doing: (*doing).clone(), set }) }
                <main class="pane">{ part(Verdicts { lang, view: view.clone() }) }</main>
                <aside class="pane out" aria-label={lang.config().change}>{ part(Outcome { lang, view }) }</aside>
            }
        </div>
    }
}

/// What is pasted outside a field is taken, too.
#[hook]
fn use_pastes_anywhere() {
    use_effect_with((), |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = web_sys::window().map(|window| {
            EventListener::new_with_options(&window, "paste", options, |event| {
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                let in_field =
                    target.is_some_and(|target| target.matches("textarea,input").unwrap_or(false));
                if !in_field {
                    intake::take_paste(event);
                }
            })
        });
        move || drop(listener)
    });
}
