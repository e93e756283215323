//! The Lab on a desk: knobs, stage, ledger and why, time.

use super::super::parts::*;
use super::super::same::Same;
use super::super::words::Lang;
use super::RoomProps;
use yew::prelude::*;

/// The Lab.
#[component]
pub fn Lab(props: &RoomProps) -> Html {
    let state = &*props.state;
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let lesson = Same::from(&views.lesson);
    html! {
        <div class={classes!("app", play.playing.then_some("live"))}>
            <TopBar {lang} theme={state.theme} lessons={state.lessons.clone()} current={lesson.id.clone()}
                title={lesson.title.clone()} number={lesson.number} open={state.open} first={false} narrow={false} />
            <aside class="knobs"><Knobs {lang} knobs={Same::from(&views.knobs)} /></aside>
            <main class="stage">
                <Speech {lang} lesson={lesson.clone()} />
                <Net {lang} frame={Frame::Wide} stage={Same::from(&views.stage)} packets={Same::from(&views.packets)}
                    now_us={views.now_us} real_ms={play.real_ms} playing={play.playing} open={state.open}
                    invite={lesson.invite} />
                if lesson.question.is_none() && lesson.reveal.is_none() { <Legend {lang} /> }
            </main>
            <aside class="fate">
                <Verdict {lang} ledger={Same::from(&views.ledger)} />
                <Tally {lang} ledger={Same::from(&views.ledger)} />
                <Cells {lang} ledger={Same::from(&views.ledger)} />
                <Why {lang} why={Same::from(&views.why)} />
                <Reading {lang} lesson={lesson.clone()} />
            </aside>
            <section class="time">
                <Controls {lang} {play} now_us={views.now_us} pace={Same::from(&views.pace)}
                    timeline={Same::from(&views.timeline)} seed={state.seed} />
                <Timeline {lang} {play} timeline={Same::from(&views.timeline)} pace={Same::from(&views.pace)}
                    now_us={views.now_us} shape={Shape::Rows} />
            </section>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub struct SpeechProps {
    pub lang: Lang,
    pub lesson: Same<crate::view::LessonView>,
    /// Without offers: the narrow screen has them in its sheet.
    #[prop_or_default]
    pub bare: bool,
}

/// The question, the reveal, or what the narrator says.
#[component]
pub fn Speech(props: &SpeechProps) -> Html {
    let (lang, lesson) = (props.lang, props.lesson.clone());
    if lesson.question.is_some() {
        html! { <Question {lang} {lesson} /> }
    } else if lesson.reveal.is_some() {
        html! { <Reveal {lang} {lesson} /> }
    } else {
        html! {
            <>
                <Narrator {lang} lesson={lesson.clone()} />
                if !props.bare && !lesson.offers.is_empty() {
                    <div class="offers loose"><Offers {lang} offers={lesson.offers.clone()} /></div>
                }
            </>
        }
    }
}

#[derive(PartialEq, Properties)]
struct LegendProps {
    lang: Lang,
}

#[component]
fn Legend(props: &LegendProps) -> Html {
    let words = props.lang.words();
    html! {
        <div class="legend" aria-hidden="true">
            <span><i class="rec safe disk" />{ words.leg_disk }</span>
            <span><i class="rec safe" />{ words.leg_cache }</span>
            <span><i class="rec risk ack" />{ words.leg_risk }</span>
            <span><i class="rec lost disk doomed" />{ words.leg_doomed }</span>
            <span><b class="hwline" />{ words.leg_hw }</span>
            <span><b class="leoline" />{ words.leg_leo }</span>
        </div>
    }
}

/// Where to read on.
#[component]
pub fn Reading(props: &SpeechProps) -> Html {
    let reading = &props.lesson.reading;
    if reading.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h3 class="eyebrow">{ props.lang.words().reading }</h3>
            <ul class="reading">
                { for reading.iter().map(|(title, address)| html! {
                    <li key={address.clone()}>
                        <a href={address.clone()} target="_blank" rel="noopener noreferrer">{ props.lang.of(title) }</a>
                    </li>
                }) }
            </ul>
        </>
    }
}
