//! The slim page, for a frame in another page: speech, stage, timeline, and the way to the whole one.

use super::super::browser;
use super::super::part::{class, part, when};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::State;
use super::lab::Speech;
use super::narrow::{opening, scrub};
use super::{has_outcome, net};
use crate::view::{Room, share};
use yew::prelude::*;

/// The slim page.
#[inline(never)]
pub fn embed(state: &State) -> Html {
    let (lang, views) = (state.lang, &state.views);
    let lesson = Same::from(&views.lesson);
    let asks = lesson.question.is_some() || lesson.reveal.is_some();
    let is_untouched = lesson.room == Room::First && !has_outcome(views);
    let names = [
        "ph1 embed",
        when(state.play.playing, "live"),
        when(asks, "asks"),
        when(lesson.question.is_some(), "blind"),
    ];
    html! {
        <main key="embed" class={class(&names)}>
            <h1 class="aloud">{ lang.of(&lesson.title) }</h1>
            { part(Speech { lang, lesson, bare: false, veiled: false }) }
            <div class="narrowstage">{ net(state, Frame::Narrow) }</div>
            if is_untouched { { opening(lang, views.lesson.invite) } }
            if has_outcome(views) { { part(Verdict { lang, ledger: Same::from(&views.ledger) }) } }
            { scrub(state) }
            <a class="whole" href={share::whole(&browser::address())} target="_blank" rel="noopener" data-test="open-whole">
                { lang.later().open_whole }
            </a>
        </main>
    }
}
