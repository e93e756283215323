//! Two runs side by side on one clock.

use super::super::intent::{Intent, on};
use super::super::part::{class, part, when};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::{Open, State};
use super::super::words::Lang;
use super::narrow::scrub;
use super::timeline;
use crate::view::compare::{CompareView, SideView, Which};
use std::rc::Rc;
use yew::prelude::*;

/// Compare, on a desk or on a narrow screen; nothing while no two runs are there.
pub fn compare(state: &State, narrow: bool) -> Html {
    let Some(view) = &state.views.compare else {
        return Html::default();
    };
    let name = if narrow { "cmp narrow" } else { "cmp" };
    let (lang, compare) = (state.lang, Same::from(view));
    html! {
        <div key={name} class={class(&[name, when(state.play.playing, "live")])} data-test="compare">
            { part(TopBar::of(state, narrow)) }
            <main>
                <h1 class="aloud">{ lang.later().place_compare }</h1>
                { heads(state, view, narrow) }
                { part(Parting { lang, compare: compare.clone() }) }
                <Both {lang} compare={compare.clone()} {narrow} />
                { part(Costs { lang, compare }) }
            </main>
            { if narrow { foot(state) } else { time(state) } }
            { knobs(state) }
        </div>
    }
}

/// What sets A apart, and B.
fn heads(state: &State, view: &Rc<CompareView>, narrow: bool) -> Html {
    let lang = state.lang;
    let changes = Changes {
        lang,
        compare: Same::from(view),
        open: state.open == Some(Open::Beside),
    };
    let same = html! { <span class="chip">{ lang.of(&view.same) }</span> };
    if narrow {
        return html! { <div class="heads"><div>{ same }{ part(changes) }</div></div> };
    }
    html! {
        <div class="heads">
            <div>{ title(lang, Which::A, &view.a) }{ same }</div>
            <div>{ title(lang, Which::B, &view.b) }{ part(changes) }</div>
        </div>
    }
}

fn title(lang: Lang, which: Which, side: &SideView) -> Html {
    html! { <>{ letter(which) }<h2 class="mono">{ lang.of(&side.title) }</h2></> }
}

fn foot(state: &State) -> Html {
    html! { <div role="region" aria-label={state.lang.words().timeline}>{ scrub(state) }</div> }
}

fn time(state: &State) -> Html {
    let (lang, views) = (state.lang, &state.views);
    let controls = Controls {
        lang,
        play: state.play.without_frame(),
        now_us: views.now_us,
        pace: Same::from(&views.pace),
        timeline: Same::from(&views.timeline),
        seed: state.seed,
    };
    html! {
        <section class="time" aria-label={lang.words().timeline}>
            { part(controls) }{ timeline(state, Shape::Rows) }
        </section>
    }
}

/// The knobs of B, over the page while they are turned.
fn knobs(state: &State) -> Html {
    if state.open != Some(Open::Beside) {
        return Html::default();
    }
    let (lang, later) = (state.lang, state.lang.later());
    html! {
        <section class="knobs besideknobs" role="dialog" aria-label={later.cmp_change} data-menu="true" data-test="knobs-b">
            <header role="presentation">
                { letter(Which::B) }<h2>{ later.cmp_change }</h2>
                <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close}
                    data-test="close-b">{ icon("lost") }</button>
            </header>
            { part(Knobs { lang, knobs: Same::from(&state.views.knobs), more: state.more }) }
        </section>
    }
}
