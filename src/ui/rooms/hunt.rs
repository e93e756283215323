//! The Hunt: what is looked for and how far it is; the smallest schedule and how it shrank; every single fault.

use super::super::hunting;
use super::super::part::{class, part, when};
use super::super::parts::{HuntBest, HuntHead, HuntMap, TopBar};
use super::super::same::Same;
use super::super::state::State;
use super::super::words::Lang;
use yew::prelude::*;

/// The room, on a desk or narrow.
pub fn hunt(state: &State, narrow: bool) -> Html {
    let lang = state.lang;
    html! {
        <div key="hunt" class={class(&["hunt", when(narrow, "narrow")])} data-test="hunt">
            { part(TopBar::of(state, narrow)) }
            <Hunt {lang} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct HuntProps {
    lang: Lang,
}

/// What is drawn anew while it plays.
#[component]
fn Hunt(props: &HuntProps) -> Html {
    let view = use_state(hunting::view);
    let scoping = use_state_eq(|| None::<bool>);
    let step = use_state_eq(|| None::<usize>);
    {
        let set = view.setter();
        use_effect_with((), move |()| {
            hunting::enter(Callback::from(move |()| set.set(hunting::view())));
            hunting::leave
        });
    }
    let lang = props.lang;
    let (shown, scope) = (Same::from(&view.0), Same::from(&view.1));
    // Whoever has not begun yet sees what can be chosen.
    let ready = shown.state == crate::view::hunt::HuntState::Ready;
    let open = scoping.unwrap_or(ready);
    let scoped = scoping.setter();
    let chosen = step.setter();
    let head = HuntHead {
        lang,
        view: shown.clone(),
        scope,
        open,
        on_scope: Callback::from(move |()| scoped.set(Some(!open))),
    };
    let known = view.1.grounds.get(1).map(|(_, known)| known.clone());
    let best = HuntBest {
        lang,
        known: known.unwrap_or_default(),
        view: shown.clone(),
        step: *step,
        on_step: Callback::from(move |place| chosen.set(Some(place))),
    };
    html! {
        <>
            { part(head) }
            <div class="huntbody">
                <main class="col2">{ part(best) }</main>
                <aside class="col2" aria-label={lang.later().hunt_every} tabindex="0">{ part(HuntMap { lang, view: shown }) }</aside>
            </div>
        </>
    }
}
