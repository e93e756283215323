//! What is looked for, how far it is, and the buttons.

use super::super::super::hunting;
use super::super::super::part::{Part, class, each, maybe, yes_no};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::super::super::worker;
use super::super::icon;
use super::scope::scope;
use crate::view::Text;
use crate::view::hunt::{HuntState, HuntView, ScopeView};
use yew::prelude::*;

/// The head of the room.
#[derive(PartialEq)]
pub struct HuntHead {
    pub lang: Lang,
    pub view: Same<HuntView>,
    pub scope: Same<ScopeView>,
    pub open: bool,
    pub on_scope: Callback<()>,
}

impl Part for HuntHead {
    fn draw(&self) -> Html {
        let (lang, words, view) = (self.lang, self.lang.later(), &*self.view);
        let chip = |text: &Text| html! { <li class="chip">{ lang.of(text) }</li> };
        html! {
            <section class="hhead" aria-label={words.place_hunt} data-test="hunt-head" data-state={state(view.state)}
                data-by={if worker::is_page() { "page" } else { "worker" }}>
                <div>
                    <h1>{ words.hunt_title }</h1>
                    <ul class="chips">{ each(&view.chips, &chip) }</ul>
                </div>
                <div class="huntbtns">{ self.buttons() }</div>
                if self.open { { scope(lang, &self.scope) } }
                { maybe(view.unsound.as_ref(), &|text| html! { <p class="hwarn tint risk" data-test="hunt-unsound">{ lang.of(text) }</p> }) }
                if view.state != HuntState::Ready { { self.progress() } }
            </section>
        }
    }
}

impl HuntHead {
    fn buttons(&self) -> Html {
        let (words, view) = (self.lang.later(), &*self.view);
        let (word, glyph) = match view.state {
            HuntState::Ready => (words.hunt_start, "play"),
            HuntState::Running => (words.hunt_stop, "pause"),
            HuntState::Stopped | HuntState::Over => (words.hunt_on, "play"),
        };
        let toggle = Callback::from(|_: MouseEvent| hunting::toggle());
        let again = Callback::from(|_: MouseEvent| hunting::again());
        let on_scope = self.on_scope.clone();
        let choose = Callback::from(move |_: MouseEvent| on_scope.emit(()));
        let stands = matches!(view.state, HuntState::Stopped | HuntState::Over);
        html! {
            <>
                <button class="btn" onclick={choose} aria-expanded={yes_no(self.open)} data-test="hunt-scope">{ words.hunt_scope }</button>
                if stands {
                    <button class="btn" onclick={again} data-test="hunt-again">{ words.hunt_again }</button>
                }
                if view.state != HuntState::Over {
                    <button class={class(&["btn", "pri"])} onclick={toggle} disabled={view.unsound.is_some()} data-test="hunt-toggle">
                        { icon(glyph) }{ word }
                    </button>
                }
            </>
        }
    }

    fn progress(&self) -> Html {
        let (lang, view) = (self.lang, &*self.view);
        let counted = lang.of(&view.counted);
        html! {
            <div class="prog">
                <span data-test="hunt-counted">{ counted.clone() }</span>
                <progress class="huntbar" max="1000" value={view.done.to_string()} aria-label={counted} data-test="hunt-progress" />
                <span data-test="hunt-pace" data-rate={view.rate.map(|rate| rate.to_string())}>{ lang.of(&view.pace) }</span>
            </div>
        }
    }
}

fn state(state: HuntState) -> &'static str {
    match state {
        HuntState::Ready => "ready",
        HuntState::Running => "running",
        HuntState::Stopped => "stopped",
        HuntState::Over => "over",
    }
}
