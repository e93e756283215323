//! The card with the ways to give a run away, and to take one in.

use super::super::browser;
use super::super::intent::{Intent, on};
use super::super::part::Part;
use super::super::share::{FIELD, Share, ask_for_file, chosen};
use super::super::words::Lang;
use super::icon;
use yew::prelude::*;

/// Link, snippet, file.
#[derive(PartialEq)]
pub struct ShareCard {
    pub lang: Lang,
}

impl ShareCard {
    fn way(
        &self,
        share: Share,
        test: &'static str,
        does: &'static str,
        about: &'static str,
    ) -> Html {
        html! {
            <li>
                <button class="btn" onclick={on(Intent::Share(share))} data-test={test}>{ does }</button>
                <small class="soft">{ about }</small>
            </li>
        }
    }
}

impl Part for ShareCard {
    fn draw(&self) -> Html {
        let (words, later) = (self.lang.words(), self.lang.later());
        let ask = Callback::from(|_: MouseEvent| ask_for_file());
        html! {
            <section class="helpcard sharecard" role="dialog" aria-modal="true" aria-label={words.share} data-menu="true"
                data-test="share-card">
                <header role="presentation">
                    <h2>{ words.share }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={words.close}>{ icon("lost") }</button>
                </header>
                <input class="mono" readonly=true value={browser::address()} aria-label={later.share_address} data-test="share-address" />
                <ul>
                    { self.way(Share::Link, "share-link", later.share_link, later.share_link_about) }
                    { self.way(Share::Snippet, "share-snippet", later.share_snippet, later.share_snippet_about) }
                    { self.way(Share::File, "share-file", later.share_file, later.share_file_about) }
                    <li>
                        <input type="file" id={FIELD} hidden=true accept=".json,application/json" onchange={chosen()} />
                        <button class="btn" onclick={ask} data-test="open-file">{ later.open_file }</button>
                        <small class="soft">{ later.open_file_about }</small>
                    </li>
                </ul>
            </section>
        }
    }
}
