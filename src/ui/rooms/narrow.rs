//! Both rooms on a narrow screen: speech, stage, scrubber, a sheet, tabs.

use super::super::intent::{Intent, on};
use super::super::keys::cycle_speed;
use super::super::part::{Part, class, maybe, part, when, yes_no};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::{Open, State, Tab, Teach};
use super::super::words::{Lang, seconds, speed};
use super::lab::{Reading, Speech};
use super::{has_outcome, net, timeline};
use crate::view::{Action, OutboxView, Room, Step, Target, TimelineView, pace};
use std::rc::Rc;
use yew::prelude::*;

/// One column.
pub fn narrow(state: &State) -> Html {
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let lesson = Same::from(&views.lesson);
    let first = lesson.room == Room::First;
    let hides = !first && state.teach == Teach::Veiled;
    let asks = lesson.question.is_some() || lesson.reveal.is_some();
    let blinds = hides || lesson.question.is_some();
    html! {
        <main key="narrow" class={class(&["ph1", when(play.playing, "live"), when(asks, "asks"), when(hides, "hides"), when(blinds, "blind")])}>
            { part(TopBar::of(state, true)) }
            <h1 class="aloud">{ lang.of(&lesson.title) }</h1>
            { part(Speech { lang, lesson, bare: true, veiled: hides }) }
            <div class="narrowstage">{ net(state, Frame::Narrow) }</div>
            { scrub(state) }
            <div class="sheet1">{ sheet(state, first, hides) }</div>
            { part(Tabs { lang, tab: state.tab, first }) }
        </main>
    }
}

fn sheet(state: &State, first: bool, hides: bool) -> Html {
    let (lang, views) = (state.lang, &state.views);
    if first && !has_outcome(views) {
        return opening(lang, views.lesson.invite);
    }
    if hides && state.tab != Tab::Knobs {
        return veiled(lang);
    }
    let ledger = Same::from(&views.ledger);
    // A reveal shows its offers itself.
    let next = if views.lesson.reveal.is_some() {
        &[][..]
    } else {
        &views.lesson.offers
    };
    match state.tab {
        Tab::Knobs if !first => part(Knobs {
            lang,
            knobs: Same::from(&views.knobs),
            more: state.more,
        }),
        Tab::Why => html! {
            <>
                { part(Why { lang, why: Same::from(&views.why) }) }
                if !first { { price_door(lang) } }
                { part(Reading { lang, lesson: Same::from(&views.lesson) }) }
            </>
        },
        _ => html! {
            <>
                if views.lesson.trial.is_some() { { part(Trial { lang, lesson: Same::from(&views.lesson) }) } }
                { part(Verdict { lang, ledger: ledger.clone() }) }
                { part(Tally { lang, ledger: ledger.clone() }) }
                { maybe(views.stage.outbox.as_ref(), &|outbox| desk(lang, outbox)) }
                if !views.owners.rows.is_empty() {
                    { part(Owners::new(lang, Same::from(&views.owners), views.now_us)) }
                }
                if !next.is_empty() { <div class="offers">{ offers(lang, next, false) }</div> }
                if !views.ledger.cells.is_empty() { { part(Cells { lang, ledger }) } }
                if !first { { self::runs(lang, &views.timeline) } }
            </>
        },
    }
}

/// The outbox with its rows, the desk and the audit trail: the stage has room for a line of it.
fn desk(lang: Lang, outbox: &Rc<OutboxView>) -> Html {
    part(OutboxCard {
        lang,
        outbox: Same::from(outbox),
        invited: None,
    })
}

/// Runs left behind, and the way to their card.
fn runs(lang: Lang, timeline: &TimelineView) -> Html {
    html! {
        <>
            if !timeline.branches.is_empty() { { part(Runs::of(lang, timeline)) } }
            <button class="btn" onclick={on(Intent::Open(Some(Open::Runs)))} aria-haspopup="dialog" data-menu="true"
                data-test="runs">{ icon("mark") }{ lang.later().runs_title }</button>
        </>
    }
}

/// The first screen's sheet before anything was done: the tempting button and what the cells mean.
pub(super) fn opening(lang: Lang, invited: Option<Action>) -> Html {
    let words = lang.words();
    let button = match invited {
        Some(Action {
            target: Target::Node(node),
            fault,
        }) => invite(lang, node, fault),
        _ => Html::default(),
    };
    html! {
        <div class="opening">
            { button }
            <p class="legend" aria-hidden="true">
                <span><i class="rec risk ack" />{ words.first_risk }</span>
                <span><i class="rec safe ack" />{ words.first_safe }</span>
                <span><b class="hwline" />{ words.first_hw }</span>
            </p>
        </div>
    }
}

pub(super) fn scrub(state: &State) -> Html {
    let (words, views, play) = (state.lang.words(), &state.views, state.play);
    let ppm = if play.slowed {
        play.speed_ppm.min(pace::SLOWEST_PPM)
    } else {
        play.speed_ppm
    };
    html! {
        <section class="scrub">
            { play_button(state.lang, play.playing, true) }
            <div class="scrubmid">
                <div class="scrubtop">
                    <span class="clock" data-test="clock" data-us={views.now_us.to_string()}>{ seconds(views.now_us) }</span>
                    <button class="mono speedbtn" onclick={on(Intent::Speed(cycle_speed(play.speed_ppm)))}
                        aria-label={format!("{} {}", words.speed, speed(ppm))} data-test="speed">{ speed(ppm) }</button>
                </div>
                { timeline(state, Shape::Bar) }
            </div>
            <button class="btn icon" onclick={on(Intent::Step(Step::NextDecisive))} aria-label={words.next} data-test="next">
                { icon("next") }
            </button>
        </section>
    }
}

#[derive(PartialEq)]
struct Tabs {
    lang: Lang,
    tab: Tab,
    first: bool,
}

impl Part for Tabs {
    fn draw(&self) -> Html {
        let words = self.lang.words();
        let tab = |tab: Tab, glyph: &'static str, word: &'static str, test: &'static str| {
            let now = self.tab == tab;
            html! {
                <button class={when(now, "on")} role="tab" aria-selected={yes_no(now)} onclick={on(Intent::Tab(tab))} data-test={test}>
                    { icon(glyph) }{ word }
                </button>
            }
        };
        html! {
            <nav class="tab3" role="tablist">
                if !self.first { { tab(Tab::Knobs, "knobs", words.knobs, "tab-knobs") } }
                { tab(Tab::Ledger, "committed", words.ledger, "tab-ledger") }
                { tab(Tab::Why, "doubt", words.why, "tab-why") }
            </nav>
        }
    }
}
