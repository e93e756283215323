//! The first screen: a running cluster, one sentence, one tempting button; then what became of it.

use super::super::part::{class, part, when};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::State;
use super::super::words::{seconds, speed};
use super::{has_outcome, net, timeline};
use crate::view::{BrokerState, pace};
use yew::prelude::*;

/// The first screen.
pub fn first(state: &State) -> Html {
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let lesson = Same::from(&views.lesson);
    let result = has_outcome(views);
    html! {
        <div key="first" class={class(&["first", when(play.playing, "live")])}>
            { part(TopBar::of(state, false)) }
            <main class={class(&["scene", when(result, "beside")])}>
                { part(Narrator { lang, lesson, large: true }) }
                { net(state, Frame::First) }
                { legend(state) }
            </main>
            if result { { outcome(state) } }
            { bar(state) }
        </div>
    }
}

/// What became of it, why, and what now.
fn outcome(state: &State) -> Html {
    let (lang, views) = (state.lang, &state.views);
    let ledger = Same::from(&views.ledger);
    let next = &views.lesson.offers;
    html! {
        <aside class="result">
            { part(Verdict { lang, ledger: ledger.clone() }) }
            { part(Tally { lang, ledger: ledger.clone() }) }
            { part(Cells { lang, ledger }) }
            { part(Why { lang, why: Same::from(&views.why) }) }
            if !next.is_empty() {
                <h2 class="eyebrow">{ lang.words().and_now }</h2>
                { offers(lang, next, true) }
            }
        </aside>
    }
}

/// How fast time goes, in words.
fn pace_words(state: &State) -> String {
    let (lang, play) = (state.lang, state.play);
    if !play.playing {
        return lang.words().paused.into();
    }
    if let Some(text) = play
        .hurried
        .and_then(|place| state.views.pace.wait_words.get(place))
    {
        return lang.of(text);
    }
    let ppm = if play.slowed {
        play.speed_ppm.min(pace::SLOWEST_PPM)
    } else {
        play.speed_ppm
    };
    if ppm < 1_000_000 {
        format!("{}, {}", speed(ppm), lang.words().slowed_for_you)
    } else {
        speed(ppm)
    }
}

fn bar(state: &State) -> Html {
    let (words, views, playing) = (state.lang.words(), &state.views, state.play.playing);
    html! {
        <section class="tbar" aria-label={words.timeline}>
            { play_button(state.lang, playing, true) }
            <span class="when">
                <span class="clock" data-test="clock" data-us={views.now_us.to_string()}>{ seconds(views.now_us) }</span>
                <small>{ pace_words(state) }</small>
            </span>
            { timeline(state, Shape::Strip) }
            <small class="hints">
                if playing {
                    <span class="key">{ words.space }</span>{ " " }{ words.pause }{ " · " }
                    <span class="key">{ "?" }</span>{ " " }{ words.help }
                } else {
                    <span class="key">{ "←" }</span><span class="key">{ "→" }</span>{ " " }{ words.step }
                }
            </small>
        </section>
    }
}

fn legend(state: &State) -> Html {
    let words = state.lang.words();
    let gone =
        |state: BrokerState| matches!(state, BrokerState::Down { .. } | BrokerState::PoweredOff);
    let dead = state
        .views
        .stage
        .brokers
        .iter()
        .any(|broker| gone(broker.state));
    let (cell, word) = if dead {
        ("rec lost doomed ack", words.first_doomed)
    } else {
        ("rec risk ack", words.first_risk)
    };
    html! {
        <div class="legend" aria-hidden="true">
            <span><i class={AttrValue::Static(cell)} />{ word }</span>
            <span><i class="rec safe ack" />{ words.first_safe }</span>
            <span><b class="hwline" />{ words.first_hw }</span>
        </div>
    }
}
