//! The Lab on a desk: knobs, stage, ledger and why, time.

use super::super::intent::{Intent, on};
use super::super::learner::Learner;
use super::super::part::{Part, class, each, part, when};
use super::super::parts::*;
use super::super::same::Same;
use super::super::state::{State, Teach};
use super::super::terms::said;
use super::super::words::Lang;
use super::{net, timeline};
use crate::view::{LessonView, Text};
use yew::prelude::*;

/// The Lab.
pub fn lab(state: &State) -> Html {
    let (lang, views, play) = (state.lang, &state.views, state.play);
    let words = lang.words();
    let ledger = Same::from(&views.ledger);
    let lesson = Same::from(&views.lesson);
    let controls = Controls {
        lang,
        play: play.without_frame(),
        now_us: views.now_us,
        pace: Same::from(&views.pace),
        timeline: Same::from(&views.timeline),
        seed: state.seed,
    };
    let hides = state.teach == Teach::Veiled;
    let quiet = lesson.question.is_none() && lesson.reveal.is_none();
    let blinds = hides || lesson.question.is_some();
    html! {
        <div key="lab" class={class(&["app", when(play.playing, "live"), when(hides, "hides"), when(blinds, "blind")])}>
            { part(TopBar::of(state, false)) }
            <aside class="knobs" aria-label={words.knobs}>{ part(Knobs { lang, knobs: Same::from(&views.knobs), more: state.more }) }</aside>
            <main class="stage">
                <h1 class="aloud">{ lang.of(&lesson.title) }</h1>
                { part(Speech { lang, lesson: lesson.clone(), bare: false, veiled: hides }) }
                { net(state, Frame::Wide) }
                if !views.owners.rows.is_empty() {
                    { part(Owners::new(lang, Same::from(&views.owners), views.now_us)) }
                }
                if quiet { { part(Legend { lang }) } }
            </main>
            <aside class="fate" aria-label={words.ledger}>
                if lesson.trial.is_some() { { part(Trial { lang, lesson: lesson.clone() }) } }
                if hides {
                    { veiled(lang) }
                } else {
                    { part(Verdict { lang, ledger: ledger.clone() }) }
                    { part(Tally { lang, ledger: ledger.clone() }) }
                    { part(Cells { lang, ledger }) }
                    { part(Why { lang, why: Same::from(&views.why) }) }
                    { price_door(lang) }
                }
                { part(Reading { lang, lesson }) }
            </aside>
            <section class="time" aria-label={words.timeline}>{ part(controls) }{ timeline(state, Shape::Rows) }</section>
        </div>
    }
}

/// The question, the reveal, or what the narrator says.
#[derive(PartialEq)]
pub struct Speech {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
    /// Without offers: the narrow screen has them in its sheet.
    pub bare: bool,
    /// A teacher has not revealed yet how it came out.
    pub veiled: bool,
}

impl Part for Speech {
    fn draw(&self) -> Html {
        let (lang, lesson) = (self.lang, self.lesson.clone());
        if lesson.question.is_some() {
            return part(Question { lang, lesson });
        }
        if self.veiled && lesson.reveal.is_some() {
            return answer_out(lang);
        }
        if lesson.reveal.is_some() {
            return part(Reveal { lang, lesson });
        }
        html! {
            <>
                { part(Narrator { lang, lesson: lesson.clone(), large: false }) }
                if !self.bare && !self.veiled && !lesson.offers.is_empty() {
                    <div class="offers loose">{ offers(lang, &lesson.offers, false) }</div>
                }
            </>
        }
    }
}

/// The prediction can be judged, once the teacher wants it.
fn answer_out(lang: Lang) -> Html {
    let later = lang.later();
    html! {
        <section class="ask" data-test="answer-out">
            <h2>{ later.answer_out }</h2>
            <div class="offers">
                <button class="btn pri" onclick={on(Intent::Learner(Learner::Reveal))}>
                    { later.reveal }<span class="key">{ "v" }</span>
                </button>
            </div>
        </section>
    }
}

#[derive(PartialEq)]
struct Legend {
    lang: Lang,
}

impl Part for Legend {
    fn draw(&self) -> Html {
        let words = self.lang.later();
        html! {
            <div class="legend">
                <span><i class="rec safe disk" />{ words.leg_disk }</span>
                <span><i class="rec safe" />{ said(self.lang, words.leg_cache.into()) }</span>
                <span><i class="rec risk ack" />{ words.leg_risk }</span>
                <span><i class="rec lost disk doomed" />{ words.leg_doomed }</span>
                <span><b class="hwline" />{ said(self.lang, words.leg_hw.into()) }</span>
                <span><b class="leoline" />{ said(self.lang, words.leg_leo.into()) }</span>
            </div>
        }
    }
}

/// Where to read on.
#[derive(PartialEq)]
pub struct Reading {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
}

impl Part for Reading {
    fn draw(&self) -> Html {
        let reading = &self.lesson.reading;
        if reading.is_empty() {
            return Html::default();
        }
        let line = |(title, address): &(Text, String)| {
            html! {
                <li><a href={address.clone()} target="_blank" rel="noopener noreferrer">{ self.lang.of(title) }</a></li>
            }
        };
        html! {
            <>
                <h2 class="eyebrow">{ self.lang.later().reading }</h2>
                <ul class="reading">{ each(reading, &line) }</ul>
            </>
        }
    }
}
