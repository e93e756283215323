//! The card with the keys.

use super::super::state::Msg;
use super::super::words::Lang;
use super::{icon, use_driver};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct HelpProps {
    pub lang: Lang,
}

/// Keys, and one line on rewinding.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let driver = use_driver();
    let words = props.lang.words();
    let close = use_node_ref();
    {
        let close = close.clone();
        use_effect_with((), move |_| {
            if let Some(button) = close.cast::<web_sys::HtmlElement>() {
                // Focus is a courtesy; without it the card is only a Tab away.
                let _ = button.focus();
            }
        });
    }
    let onclick = Callback::from(move |_| driver.tell(Msg::Open(None)));
    let line = |keys: &[&str], word: &'static str| {
        html! {
            <>
                <dt>{ for keys.iter().map(|key| html! { <span class="key">{ *key }</span> }) }</dt>
                <dd>{ word }</dd>
            </>
        }
    };
    html! {
        <section class="helpcard" role="dialog" aria-modal="true" aria-label={words.help_title} data-menu="true"
            data-test="help-card">
            <header>
                <h2>{ words.help_title }</h2>
                <button ref={close} class="btn icon" {onclick} aria-label={words.close}>{ icon("lost") }</button>
            </header>
            <dl>
                { line(&[words.space], words.key_space) }
                { line(&["←", "→"], words.key_arrows) }
                { line(&["."], words.key_dot) }
                { line(&["[", "]"], words.key_speed) }
                { line(&["1", "2", "3", "4"], words.key_digits) }
                { line(&["Enter"], words.key_enter) }
                { line(&["?"], words.key_help) }
            </dl>
            <p class="soft">{ words.help_more }</p>
        </section>
    }
}
