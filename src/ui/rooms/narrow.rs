//! Both rooms on a narrow screen: speech, stage, scrubber, a sheet, tabs.

use super::super::keys::cycle_speed;
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::{Msg, State, Tab};
use super::super::words::{Lang, seconds, speed};
use super::lab::{Reading, Speech};
use super::{RoomProps, has_outcome};
use crate::view::{Action, Room, Step, Target};
use yew::prelude::*;

/// One column.
#[component]
pub fn Narrow(props: &RoomProps) -> Html {
    let state = &*props.state;
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let lesson = Same::from(&views.lesson);
    let first = lesson.room == Room::First;
    let asks = lesson.question.is_some() || lesson.reveal.is_some();
    html! {
        <div class={classes!("ph1", play.playing.then_some("live"), asks.then_some("asks"))}>
            <TopBar {lang} theme={state.theme} lessons={state.lessons.clone()} current={lesson.id.clone()}
                title={lesson.title.clone()} number={lesson.number} open={state.open} {first} narrow={true} />
            <Speech {lang} lesson={lesson.clone()} bare={true} />
            <main class="narrowstage">
                <Net {lang} frame={Frame::Narrow} stage={Same::from(&views.stage)} packets={Same::from(&views.packets)}
                    now_us={views.now_us} real_ms={play.real_ms} playing={play.playing} open={state.open}
                    invite={lesson.invite} />
            </main>
            <Scrub state={props.state.clone()} />
            <div class="sheet1">{ sheet(state, first) }</div>
            <Tabs {lang} tab={state.tab} {first} />
        </div>
    }
}

fn sheet(state: &State, first: bool) -> Html {
    let (lang, views) = (state.lang, &state.views);
    let ledger = Same::from(&views.ledger);
    let offers = if views.lesson.reveal.is_some() {
        vec![]
    } else {
        views.lesson.offers.clone()
    };
    if first && !has_outcome(views) {
        return html! { <Opening {lang} invite={views.lesson.invite} /> };
    }
    match state.tab {
        Tab::Knobs if !first => html! { <Knobs {lang} knobs={Same::from(&views.knobs)} /> },
        Tab::Why => html! {
            <>
                <Why {lang} why={Same::from(&views.why)} />
                <Reading {lang} lesson={Same::from(&views.lesson)} />
            </>
        },
        _ => html! {
            <>
                <Verdict {lang} ledger={ledger.clone()} />
                <Tally {lang} ledger={ledger.clone()} />
                if !offers.is_empty() { <div class="offers"><Offers {lang} {offers} /></div> }
                if !views.ledger.cells.is_empty() { <Cells {lang} {ledger} /> }
                if !views.timeline.branches.is_empty() {
                    <Branches {lang} branches={views.timeline.branches.clone()} />
                }
            </>
        },
    }
}

#[derive(PartialEq, Properties)]
struct OpeningProps {
    lang: Lang,
    invite: Option<Action>,
}

/// The first screen's sheet before anything was done: the tempting button and what the cells mean.
#[component]
fn Opening(props: &OpeningProps) -> Html {
    let (lang, words) = (props.lang, props.lang.words());
    html! {
        <div class="opening">
            if let Some(Action { target: Target::Node(node), fault }) = props.invite {
                <Invite {lang} {node} {fault} />
            }
            <p class="legend" aria-hidden="true">
                <span><i class="rec risk ack" />{ words.first_risk }</span>
                <span><i class="rec safe ack" />{ words.first_safe }</span>
                <span><b class="hwline" />{ words.first_hw }</span>
            </p>
        </div>
    }
}

#[component]
fn Scrub(props: &RoomProps) -> Html {
    let driver = use_driver();
    let state = &*props.state;
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let faster = {
        let (driver, now_ppm) = (driver.clone(), play.speed_ppm);
        Callback::from(move |_| driver.set_speed(cycle_speed(now_ppm)))
    };
    let next = Callback::from(move |_| driver.step(Step::NextDecisive));
    let ppm = if play.slowed {
        crate::view::pace::SLOWEST_PPM
    } else {
        play.speed_ppm
    };
    html! {
        <section class="scrub">
            <PlayButton {lang} playing={play.playing} round={true} />
            <div class="scrubmid">
                <div class="scrubtop">
                    <span class="clock" data-test="clock" data-us={views.now_us.to_string()}>{ seconds(views.now_us) }</span>
                    <button class="mono speedbtn" onclick={faster} aria-label={lang.words().speed} data-test="speed">{ speed(ppm) }</button>
                </div>
                <Timeline {lang} {play} timeline={Same::from(&views.timeline)} pace={Same::from(&views.pace)}
                    now_us={views.now_us} shape={Shape::Bar} />
            </div>
            <button class="btn icon" onclick={next} aria-label={lang.words().next} data-test="next">{ icon("next") }</button>
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct TabsProps {
    lang: Lang,
    tab: Tab,
    first: bool,
}

#[component]
fn Tabs(props: &TabsProps) -> Html {
    let driver = use_driver();
    let words = props.lang.words();
    let tab = |tab: Tab, glyph: &'static str, word: &'static str, test: &'static str| {
        let driver = driver.clone();
        let on = props.tab == tab;
        let onclick = Callback::from(move |_| driver.tell(Msg::Tab(tab)));
        html! {
            <button class={classes!(on.then_some("on"))} role="tab" aria-selected={on.to_string()} {onclick} data-test={test}>
                { icon(glyph) }{ word }
            </button>
        }
    };
    html! {
        <nav class="tab3" role="tablist">
            if !props.first { { tab(Tab::Knobs, "knobs", words.knobs, "tab-knobs") } }
            { tab(Tab::Ledger, "committed", words.ledger, "tab-ledger") }
            { tab(Tab::Why, "doubt", words.why, "tab-why") }
        </nav>
    }
}
