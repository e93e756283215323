//! The card with the keys.

use super::super::intent::{Intent, on};
use super::super::part::{Part, each};
use super::super::state::Open;
use super::super::words::Lang;
use super::icon;
use yew::prelude::*;

/// Keys, and one line on rewinding.
#[derive(PartialEq)]
pub struct Help {
    pub lang: Lang,
}

impl Part for Help {
    fn draw(&self) -> Html {
        let (words, later) = (self.lang.words(), self.lang.later());
        let lines: [(&[&'static str], &'static str); 10] = [
            (&[words.space], later.key_space),
            (&["←", "→"], later.key_arrows),
            (&[",", "."], later.key_dot),
            (&["b"], later.key_b),
            (&["[", "]"], later.key_speed),
            (&["1", "2", "3", "4"], later.key_digits),
            (&["Enter"], later.key_enter),
            (&["?"], later.key_help),
            (&["PageDown", "PageUp"], later.key_clicker),
            (&["v"], later.key_reveal),
        ];
        let key = |key: &&'static str| html! { <span class="key">{ *key }</span> };
        let line = |(keys, word): &(&[&'static str], &'static str)| {
            html! { <><dt>{ each(keys, &key) }</dt><dd>{ *word }</dd></> }
        };
        html! {
            <section class="helpcard" role="dialog" aria-modal="true" aria-label={later.help_title} data-menu="true"
                data-test="help-card">
                <header role="presentation">
                    <h2>{ later.help_title }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={words.close}>{ icon("lost") }</button>
                </header>
                <dl>{ each(&lines, &line) }</dl>
                <p class="soft">{ later.help_more }</p>
                <button class="btn" onclick={on(Intent::Open(Some(Open::Glossary)))} data-test="open-glossary">{ later.glossary }</button>
                <button class="btn" onclick={on(Intent::Open(Some(Open::Fidelity)))} data-test="open-fidelity">{ later.fidelity }</button>
            </section>
        }
    }
}
