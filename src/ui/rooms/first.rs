//! The first screen: a running cluster, one sentence, one tempting button; then what became of it.

use super::super::parts::*;
use super::super::same::Same;
use super::super::words::{Lang, seconds, speed};
use super::{RoomProps, has_outcome};
use crate::view::{BrokerState, StageView};
use yew::prelude::*;

/// The first screen.
#[component]
pub fn First(props: &RoomProps) -> Html {
    let state = &*props.state;
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let lesson = Same::from(&views.lesson);
    let result = has_outcome(views);
    let class = classes!("scene", result.then_some("beside"));
    html! {
        <div class={classes!("first", play.playing.then_some("live"))}>
            <TopBar {lang} theme={state.theme} lessons={state.lessons.clone()} current={lesson.id.clone()}
                title={lesson.title.clone()} number={lesson.number} open={state.open} first={true} narrow={false} />
            <main {class}>
                <Narrator {lang} lesson={lesson.clone()} large={true} />
                <Net {lang} frame={Frame::First} stage={Same::from(&views.stage)} packets={Same::from(&views.packets)}
                    now_us={views.now_us} real_ms={play.real_ms} playing={play.playing} open={state.open}
                    invite={lesson.invite} />
                <FirstLegend {lang} stage={Same::from(&views.stage)} />
            </main>
            if result { <Outcome state={props.state.clone()} /> }
            <FirstBar state={props.state.clone()} />
        </div>
    }
}

/// What became of it, why, and what now.
#[component]
pub fn Outcome(props: &RoomProps) -> Html {
    let state = &*props.state;
    let (lang, views) = (state.lang, &state.views);
    let ledger = Same::from(&views.ledger);
    let offers = views.lesson.offers.clone();
    html! {
        <aside class="result">
            <Verdict {lang} ledger={ledger.clone()} />
            <Tally {lang} ledger={ledger.clone()} />
            <Cells {lang} ledger={ledger.clone()} />
            <Why {lang} why={Same::from(&views.why)} />
            if !offers.is_empty() {
                <h3 class="eyebrow">{ lang.words().and_now }</h3>
                <Offers {lang} {offers} big={true} />
            }
        </aside>
    }
}

#[component]
fn FirstBar(props: &RoomProps) -> Html {
    let state = &*props.state;
    let (lang, words, views, play) = (state.lang, state.lang.words(), &state.views, state.play);
    let slow = play.slowed || play.speed_ppm < 1_000_000;
    let pace = if !play.playing {
        words.paused.to_owned()
    } else if let Some(place) = play.hurried {
        views
            .pace
            .wait_words
            .get(place)
            .map_or(String::new(), |text| lang.of(text))
    } else {
        let ppm = if play.slowed {
            crate::view::pace::SLOWEST_PPM
        } else {
            play.speed_ppm
        };
        let note = if slow {
            format!(", {}", words.slowed_for_you)
        } else {
            String::new()
        };
        format!("{}{note}", speed(ppm))
    };
    html! {
        <section class="tbar">
            <PlayButton {lang} playing={play.playing} round={true} />
            <span class="when">
                <span class="clock" data-test="clock" data-us={views.now_us.to_string()}>{ seconds(views.now_us) }</span>
                <small>{ pace }</small>
            </span>
            <Timeline {lang} {play} timeline={Same::from(&views.timeline)} pace={Same::from(&views.pace)}
                now_us={views.now_us} shape={Shape::Strip} />
            <small class="hints">
                if play.playing {
                    <span class="key">{ words.space }</span>{ " " }{ words.pause }{ " · " }
                    <span class="key">{ "?" }</span>{ " " }{ words.help }
                } else {
                    <span class="key">{ "←" }</span><span class="key">{ "→" }</span>{ " " }{ words.step }
                }
            </small>
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct FirstLegendProps {
    lang: Lang,
    stage: Same<StageView>,
}

#[component]
fn FirstLegend(props: &FirstLegendProps) -> Html {
    let words = props.lang.words();
    let gone =
        |state: BrokerState| matches!(state, BrokerState::Down { .. } | BrokerState::PoweredOff);
    let dead = props.stage.brokers.iter().any(|broker| gone(broker.state));
    html! {
        <div class="legend" aria-hidden="true">
            if dead {
                <span key="doomed"><i class="rec lost doomed ack" />{ words.first_doomed }</span>
            } else {
                <span key="risk"><i class="rec risk ack" />{ words.first_risk }</span>
            }
            <span key="safe"><i class="rec safe ack" />{ words.first_safe }</span>
            <span key="hw"><b class="hwline" />{ words.first_hw }</span>
        </div>
    }
}
