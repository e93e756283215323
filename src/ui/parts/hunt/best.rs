//! The smallest schedule: on its timeline, with what fell away, and step by step how it shrank.

use super::super::super::driver::with;
use super::super::super::hunting;
use super::super::super::intent::{Intent, on};
use super::super::super::part::{Part, class, each, each_at, when, yes_no};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::super::icon;
use crate::view::Text;
use crate::view::hunt::{BestView, FaultLine, HuntState, HuntView, MarkView, StepView};
use crate::view::live::hunt::Change;
use yew::prelude::*;

/// The left column.
#[derive(PartialEq)]
pub struct HuntBest {
    pub lang: Lang,
    pub view: Same<HuntView>,
    /// Where a hunt may begin.
    pub known: Vec<(String, Text)>,
    /// The step that is looked at; the last unless somebody chose.
    pub step: Option<usize>,
    pub on_step: Callback<usize>,
}

impl Part for HuntBest {
    fn draw(&self) -> Html {
        let (lang, view) = (self.lang, &*self.view);
        match &view.best {
            Some(best) => self.best(best),
            None => html! {
                <div data-test="hunt-none">
                    <h2>{ lang.later().hunt_none }</h2>
                    <p class="soft">{ lang.of(&view.none) }</p>
                    if view.state == HuntState::Ready {
                        <h3 class="eyebrow">{ lang.later().hunt_known }</h3>
                        <ul class="known">{ each(&self.known, &|hole| known(lang, hole)) }</ul>
                    } else {
                        <p class="soft">{ lang.of(&view.tries) }</p>
                    }
                </div>
            },
        }
    }
}

impl HuntBest {
    fn best(&self, best: &BestView) -> Html {
        let (lang, words) = (self.lang, self.lang.later());
        let last = best.steps.len().saturating_sub(1);
        let shown = self.step.map_or(last, |step| step.min(last));
        let why = |line: &Text| html! { <p>{ lang.of(line) }</p> };
        html! {
            <div data-test="hunt-best" data-faults={best.faults.len().to_string()}>
                <h2>{ lang.of(&best.title) }</h2>
                <p class="soft">{ lang.of(&best.line) }</p>
                <section class="card best" aria-label={words.hunt_best}>
                    { track(lang, best, shown) }
                    <ol data-test="hunt-schedule">{ each_at(&best.faults, &|place, line| fault(lang, place, line)) }</ol>
                    <div class="why">{ each(&best.why, &why) }</div>
                    <div class="huntbtns">{ play(lang, best) }</div>
                </section>
                if best.steps.len() > 1 {
                    <h3 class="eyebrow">{ words.hunt_shrank }</h3>
                    <ol class="steps" data-test="hunt-steps">
                        { each_at(&best.steps, &|place, step| self.step(best, place, step, place == shown)) }
                    </ol>
                    { table(lang, best) }
                }
                <h3 class="eyebrow">{ words.hunt_tries }</h3>
                <p class="soft">{ lang.of(&self.view.tries) }</p>
            </div>
        }
    }

    /// One of the small multiples.
    fn step(&self, best: &BestView, place: usize, step: &StepView, shown: bool) -> Html {
        let lang = self.lang;
        let chosen = self.on_step.clone();
        let onclick = Callback::from(move |_: MouseEvent| chosen.emit(place));
        html! {
            <li key={place}>
                <button class={when(shown, "on")} {onclick} aria-pressed={yes_no(shown)} data-test={format!("hunt-step-{place}")}>
                    <code>{ step.after.clone() }</code>
                    <svg class="strip2" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
                        { each_at(&step.marks, &|place, mark| small(best.rows.len(), place, mark)) }
                    </svg>
                    <span>{ lang.of(&step.told) }</span>
                    <small>{ lang.of(&step.count) }</small>
                </button>
            </li>
        }
    }
}

/// A hole to begin with.
fn known(lang: Lang, (handle, name): &(String, Text)) -> Html {
    let change = Change::Ground(handle.clone());
    let onclick = Callback::from(move |_: MouseEvent| hunting::change(&change));
    html! { <li key={handle.clone()}><button class="btn" {onclick}>{ lang.of(name) }</button></li> }
}

fn small(rows: usize, place: usize, mark: &MarkView) -> Html {
    let height = 100 / rows.max(1);
    let width = (mark.lasts_ppm / 1000).max(14);
    html! {
        <rect key={place} class={class(&[when(mark.gone, "gone"), when(mark.stays, "stays")])} x={(mark.at_ppm / 1000).to_string()} y={(mark.row * height + 2).to_string()}
            width={width.to_string()} height={height.saturating_sub(6).max(6).to_string()} />
    }
}

/// Height of a row of the timeline, in pixels, and of its axis.
const ROW: usize = 30;
const AXIS: usize = 22;

/// The schedule of one step on its timeline; what was not needed falls away.
fn track(lang: Lang, best: &BestView, shown: usize) -> Html {
    let Some(step) = best.steps.get(shown) else {
        return Html::default();
    };
    let height = ROW * best.rows.len() + AXIS;
    let label = |place: usize, row: &Text| html! { <span key={place}>{ lang.of(row) }</span> };
    let tick = |(at, time): &(u32, String)| {
        let x = percent(*at);
        html! {
            <g key={time.clone()}>
                <line class="grid" x1={x.clone()} x2={x.clone()} y1="0" y2={(height - AXIS).to_string()} />
                <text x={x} y={(height - 6).to_string()} text-anchor={if *at == 0 { "start" } else { "middle" }}>{ time.clone() }</text>
            </g>
        }
    };
    html! {
        <figure class="huntline" role="img" aria-label={lang.of(&step.told)} data-test="hunt-line">
            <div class="huntrows" aria-hidden="true">{ each_at(&best.rows, &label) }</div>
            <div class="huntbed" aria-hidden="true">
                <svg class="tl" height={height.to_string()}>
                    { each(&best.ticks, &tick) }
                    { each_at(&best.rows, &|row, _| lane(row)) }
                </svg>
                { each_at(&step.marks, &|place, mark| big(shown, place, mark)) }
            </div>
        </figure>
    }
}

fn lane(row: usize) -> Html {
    let y = (ROW * row + ROW / 2).to_string();
    html! { <line key={format!("lane{row}")} class="grid" x1="0" x2="100%" y1={y.clone()} y2={y} /> }
}

fn big(shown: usize, place: usize, mark: &MarkView) -> Html {
    let style = format!(
        "left:{};width:{};top:{}px",
        percent(mark.at_ppm),
        percent(mark.lasts_ppm),
        ROW * mark.row + 4
    );
    // Another step is drawn anew, so that what falls is seen to fall.
    let key = format!("{shown}-{place}");
    html! {
        <span {key} class={class(&["hmark", when(mark.gone, "gone"), when(mark.stays, "stays")])} {style}>{ icon(mark.glyph) }</span>
    }
}

fn fault(lang: Lang, place: usize, line: &FaultLine) -> Html {
    html! {
        <li key={place}>{ icon(line.glyph) }<code>{ line.at.clone() }</code><span>{ lang.of(&line.what) }</span></li>
    }
}

fn play(lang: Lang, best: &BestView) -> Html {
    let words = lang.later();
    let (from_start, link) = (best.link.clone(), best.link.clone());
    let (at_end, end_us) = (best.link.clone(), best.end_us);
    let open =
        Callback::from(move |_: MouseEvent| with(|driver| driver.open_found(&from_start, None)));
    let saved = Callback::from(move |_: MouseEvent| {
        with(|driver| driver.open_found(&at_end, Some(end_us)))
    });
    html! {
        <>
            <button class="btn pri" onclick={open} data-test="hunt-play">{ icon("play") }{ words.hunt_play }</button>
            <button class="btn" onclick={on(Intent::CopyLink(link))} data-test="hunt-copy">{ icon("copy") }{ words.hunt_copy }</button>
            <button class="btn" onclick={saved} data-test="hunt-saved">{ words.hunt_saved }</button>
        </>
    }
}

/// The steps for readers.
fn table(lang: Lang, best: &BestView) -> Html {
    let words = lang.later();
    let row = |step: &StepView| {
        html! { <tr><td>{ step.after.clone() }</td><td>{ lang.of(&step.count) }</td><td>{ lang.of(&step.told) }</td></tr> }
    };
    html! {
        <div class="aloud">
            <table>
                <caption>{ words.hunt_shrank }</caption>
                <thead><tr><th scope="col">{ words.hunt_after }</th><th scope="col">{ words.hunt_faults }</th><th scope="col">{ words.hunt_gone }</th></tr></thead>
                <tbody>{ each(&best.steps, &row) }</tbody>
            </table>
        </div>
    }
}

/// "12.34%".
fn percent(ppm: u32) -> String {
    format!("{}.{:02}%", ppm / 10_000, ppm / 100 % 100)
}
