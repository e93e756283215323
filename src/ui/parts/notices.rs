//! What went wrong or worked, in a corner until it is closed.

use super::super::state::Msg;
use super::super::words::Lang;
use super::{icon, use_driver};
use crate::view::Text;
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::prelude::*;

/// A notice leaves by itself after this long.
const STAY_MS: u32 = 12_000;

#[derive(PartialEq, Properties)]
pub struct NoticesProps {
    pub lang: Lang,
    pub notices: Rc<Vec<Text>>,
}

/// A small stack of notices.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let driver = use_driver();
    {
        let driver = driver.clone();
        use_effect_with(props.notices.clone(), move |notices| {
            let rest = (!notices.is_empty())
                .then(|| Timeout::new(STAY_MS, move || driver.tell(Msg::Dismiss)));
            move || drop(rest)
        });
    }
    let onclick = Callback::from(move |_| driver.tell(Msg::Dismiss));
    html! {
        <div class="notices" role="status" data-test="notices">
            if !props.notices.is_empty() {
                <div class="card">
                    { for props.notices.iter().enumerate().map(|(place, text)| html! {
                        <p key={place}>{ props.lang.of(text) }</p>
                    }) }
                    <button class="btn icon" {onclick} aria-label={props.lang.words().close}>{ icon("lost") }</button>
                </div>
            }
        </div>
    }
}
