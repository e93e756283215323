//! What went wrong or worked, in a corner until it is closed.

use super::super::intent::{Intent, on};
use super::super::part::{Part, each};
use super::super::same::Same;
use super::super::words::Lang;
use super::icon;
use crate::view::Text;
use yew::prelude::*;

/// A small stack of notices.
#[derive(PartialEq)]
pub struct Notices {
    pub lang: Lang,
    pub notices: Same<Vec<Text>>,
}

impl Part for Notices {
    fn draw(&self) -> Html {
        let notice = |text: &Text| html! { <p>{ self.lang.of(text) }</p> };
        html! {
            <div class="notices" role="status" data-test="notices">
                if !self.notices.is_empty() {
                    <div class="card">
                        { each(&self.notices, &notice) }
                        <button class="btn icon" onclick={on(Intent::Dismiss)} aria-label={self.lang.words().close}>
                            { icon("lost") }
                        </button>
                    </div>
                }
            </div>
        }
    }
}
