//! Play, step, speed, clock, branches.

use super::super::keys::SPEEDS_PPM;
use super::super::same::Same;
use super::super::state::Play;
use super::super::words::{self, Lang, seconds};
use super::{icon, use_driver};
use crate::view::{BranchView, PaceView, Step, TimelineView};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct ControlsProps {
    pub lang: Lang,
    pub play: Play,
    pub now_us: u64,
    pub pace: Same<PaceView>,
    pub timeline: Same<TimelineView>,
    pub seed: u64,
}

/// The panel at the left of the timeline.
#[component]
pub fn Controls(props: &ControlsProps) -> Html {
    let driver = use_driver();
    let (lang, words) = (props.lang, props.lang.words());
    let step = |step: Step, glyph: &'static str, label: &'static str, test: &'static str| {
        let driver = driver.clone();
        let onclick = Callback::from(move |_| driver.step(step));
        html! {
            <button class="btn icon" aria-label={label} title={label} {onclick} data-test={test}>{ icon(glyph) }</button>
        }
    };
    html! {
        <div class="ctl">
            <div>
                { step(Step::Back, "stepb", words.back, "step-back") }
                <PlayButton {lang} playing={props.play.playing} />
                { step(Step::Forward, "stepf", words.forward, "step") }
                { step(Step::NextDecisive, "next", words.next, "next") }
            </div>
            <div class="when">
                <span class="clock" data-test="clock" data-us={props.now_us.to_string()}>{ seconds(props.now_us) }</span>
                <PaceTag {lang} play={props.play} pace={props.pace.clone()} />
            </div>
            <Speeds {lang} speed_ppm={props.play.speed_ppm} />
            if props.timeline.branches.is_empty() {
                <small>{ words::seed(lang, props.seed) }{ " · " }{ words.rewind_hint }</small>
            } else {
                <Branches {lang} branches={props.timeline.branches.clone()} />
            }
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub struct PlayButtonProps {
    pub lang: Lang,
    pub playing: bool,
    /// Only the glyph, large.
    #[prop_or_default]
    pub round: bool,
}

/// Play or pause.
#[component]
pub fn PlayButton(props: &PlayButtonProps) -> Html {
    let driver = use_driver();
    let words = props.lang.words();
    let (glyph, word) = if props.playing {
        ("pause", words.pause)
    } else {
        ("play", words.play)
    };
    let onclick = Callback::from(move |_| driver.toggle());
    let class = classes!("btn", "pri", props.round.then_some("icon"), "playbtn");
    html! {
        <button {class} {onclick} aria-label={word} data-test="play" data-playing={props.playing.to_string()}>
            { icon(glyph) }if !props.round { { word } }
        </button>
    }
}

#[derive(PartialEq, Properties)]
pub struct PaceTagProps {
    pub lang: Lang,
    pub play: Play,
    pub pace: Same<PaceView>,
}

/// Says when the pace is not the one on the panel.
#[component]
pub fn PaceTag(props: &PaceTagProps) -> Html {
    let driver = use_driver();
    let words = props.lang.words();
    if props.play.by_hand {
        let onclick = Callback::from(move |_| driver.auto_speed());
        return html! {
            <button class="tag" {onclick} title={words.auto_on} data-test="auto">{ words.auto }</button>
        };
    }
    let hurried = props.play.hurried.filter(|_| props.play.playing);
    if props.play.slowed {
        return html! { <span class="tag warn" data-test="auto-slow">{ icon("slow") }{ words.auto_slow }</span> };
    }
    match hurried.and_then(|place| props.pace.wait_words.get(place)) {
        Some(text) => html! { <span class="tag">{ icon("next") }{ props.lang.of(text) }</span> },
        None => Html::default(),
    }
}

#[derive(PartialEq, Properties)]
struct SpeedsProps {
    lang: Lang,
    speed_ppm: u64,
}

#[component]
fn Speeds(props: &SpeedsProps) -> Html {
    let driver = use_driver();
    let words = props.lang.words();
    let button = |ppm: u64| {
        let driver = driver.clone();
        let on = props.speed_ppm == ppm;
        let onclick = Callback::from(move |_| driver.set_speed(ppm));
        let word = words::speed(ppm);
        html! {
            <button key={ppm.to_string()} class={classes!(on.then_some("on"))} role="radio" aria-checked={on.to_string()}
                {onclick} data-test={format!("speed-{ppm}")}>{ word }</button>
        }
    };
    html! {
        <div class="speeds">
            <span class="seg" role="radiogroup" aria-label={words.speed} data-test="speed">
                { for SPEEDS_PPM.iter().map(|&ppm| button(ppm)) }
            </span>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub struct BranchesProps {
    pub lang: Lang,
    pub branches: Vec<BranchView>,
}

/// Runs left behind; a click brings one back.
#[component]
pub fn Branches(props: &BranchesProps) -> Html {
    let driver = use_driver();
    let chip = |branch: &BranchView| {
        let (driver, id) = (driver.clone(), branch.id);
        let onclick = Callback::from(move |_| driver.branch(id));
        html! {
            <button key={id.to_string()} class={classes!("chip", branch.current.then_some("on"))} {onclick}
                title={props.lang.words().branch_back} aria-pressed={branch.current.to_string()}
                data-test={format!("branch-{id}")}>
                { props.lang.of(&branch.label) }
            </button>
        }
    };
    html! {
        <div class="runs" data-test="branch" role="group" aria-label={props.lang.words().branches}>
            { icon("fork") }{ for props.branches.iter().map(chip) }
        </div>
    }
}
