//! Play, step, speed, clock.

use super::super::intent::{Intent, on};
use super::super::keys::SPEEDS_PPM;
use super::super::part::{Part, class, each, part, when, yes_no};
use super::super::same::Same;
use super::super::state::{Open, Play};
use super::super::words::{self, Lang, seconds};
use super::{Runs, icon};
use crate::view::{PaceView, Step, TimelineView};
use yew::prelude::*;

/// The panel at the left of the timeline.
#[derive(PartialEq)]
pub struct Controls {
    pub lang: Lang,
    pub play: Play,
    pub now_us: u64,
    pub pace: Same<PaceView>,
    pub timeline: Same<TimelineView>,
    pub seed: u64,
}

impl Part for Controls {
    fn draw(&self) -> Html {
        let (lang, later) = (self.lang, self.lang.later());
        let words = lang.words();
        let step = |step: Step, glyph: &'static str, label: &'static str, test: &'static str| {
            html! {
                <button class="btn icon" aria-label={label} title={label} onclick={on(Intent::Step(step))} data-test={test}>
                    { icon(glyph) }
                </button>
            }
        };
        html! {
            <div class="ctl">
                <div>
                    { step(Step::Back, "stepb", later.back, "step-back") }
                    { play_button(lang, self.play.playing, false) }
                    { step(Step::Forward, "stepf", later.forward, "step") }
                    { step(Step::NextDecisive, "next", words.next, "next") }
                    <button class="btn icon" aria-label={later.runs_title} title={later.runs_title} aria-haspopup="dialog"
                        onclick={on(Intent::Open(Some(Open::Runs)))} data-menu="true" data-test="runs">{ icon("mark") }</button>
                </div>
                <div class="when">
                    <span class="clock" data-test="clock" data-us={self.now_us.to_string()}>{ seconds(self.now_us) }</span>
                    { self.pace_tag() }
                </div>
                { part(Speeds { lang, speed_ppm: self.play.speed_ppm }) }
                if self.timeline.branches.is_empty() {
                    <small>{ format!("{} · {}", words::seed(lang, self.seed), later.rewind_hint) }</small>
                } else {
                    { part(Runs::of(lang, &self.timeline)) }
                }
            </div>
        }
    }
}

impl Controls {
    /// Says when the pace is not the one on the panel, or gives it back to the lab.
    fn pace_tag(&self) -> Html {
        let (later, play) = (self.lang.later(), self.play);
        if play.by_hand {
            return html! {
                <button class="tag" onclick={on(Intent::AutoSpeed)} title={later.auto_on} data-test="auto">{ later.auto }</button>
            };
        }
        if play.slowed {
            return html! { <span class="tag warn" data-test="auto-slow">{ icon("slow") }{ later.auto_slow }</span> };
        }
        let hurried = play.hurried.filter(|_| play.playing);
        match hurried.and_then(|place| self.pace.wait_words.get(place)) {
            Some(text) => html! { <span class="tag">{ icon("next") }{ self.lang.of(text) }</span> },
            // A lesson's own pace may be none of those on the panel.
            None if !SPEEDS_PPM.contains(&play.speed_ppm) => {
                html! { <span class="tag">{ words::speed(play.speed_ppm) }</span> }
            }
            None => Html::default(),
        }
    }
}

/// Play or pause; `round` shows only the glyph.
pub fn play_button(lang: Lang, playing: bool, round: bool) -> Html {
    let words = lang.words();
    let (glyph, word) = if playing {
        ("pause", words.pause)
    } else {
        ("play", words.play)
    };
    html! {
        <button class={class(&["btn pri playbtn", when(round, "icon")])} onclick={on(Intent::Toggle)} aria-label={word}
            data-test="play" data-playing={yes_no(playing)}>
            { icon(glyph) }{ when(!round, word) }
        </button>
    }
}

#[derive(PartialEq)]
struct Speeds {
    lang: Lang,
    speed_ppm: u64,
}

impl Part for Speeds {
    fn draw(&self) -> Html {
        let button = |&ppm: &u64| {
            let now = self.speed_ppm == ppm;
            html! {
                <button class={when(now, "on")} role="radio" aria-checked={yes_no(now)} onclick={on(Intent::Speed(ppm))}
                    data-test={format!("speed-{ppm}")}>{ words::speed(ppm) }</button>
            }
        };
        html! {
            <div>
                <span class="seg" role="radiogroup" aria-label={self.lang.words().speed} data-test="speed">
                    { each(&SPEEDS_PPM, &button) }
                </span>
            </div>
        }
    }
}
