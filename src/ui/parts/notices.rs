//! What went wrong or worked, in a corner until it is closed.

use super::super::state::Msg;
use super::super::words::Lang;
use super::{icon, use_driver};
use crate::view::Text;
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct NoticesProps {
    pub lang: Lang,
    pub notices: Rc<Vec<Text>>,
}

/// A small stack of notices.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let driver = use_driver();
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
