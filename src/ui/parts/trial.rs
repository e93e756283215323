//! A lesson's trial: the task, how far it is, what was found.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::part::{Part, class, each, each_at, maybe, when};
use super::super::same::Same;
use super::super::words::Lang;
use crate::view::{Hue, LessonView, ShrankView, Text, TrialButton};
use yew::prelude::*;

/// The panel.
#[derive(PartialEq)]
pub struct Trial {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
}

impl Part for Trial {
    fn draw(&self) -> Html {
        let Some(trial) = &self.lesson.trial else {
            return Html::default();
        };
        let lang = self.lang;
        let title = lang.of(&trial.title);
        html! {
            <section class="trial card" aria-label={title.clone()} data-test="trial"
                data-state={if trial.running { "running" } else { "still" }}>
                <h2 class="eyebrow">{ title.clone() }</h2>
                <p>{ lang.of(&trial.task) }</p>
                { maybe(trial.attempt.as_ref(), &|told| verdict(lang, None, told, "attempt")) }
                { maybe(trial.progress, &|done| meter(&title, done)) }
                { maybe(trial.verdict.as_ref(), &|told| verdict(lang, trial.score, told, "trial-verdict")) }
                if !trial.schedule.is_empty() {
                    <ol class="story" data-test="schedule">{ each_at(&trial.schedule, &|place, line| step(lang, place, line)) }</ol>
                }
                if !trial.shrank.is_empty() { { shrank(lang, &trial.shrank) } }
                if !trial.facts.is_empty() { <ul class="soft facts">{ each(&trial.facts, &|fact| fact_line(lang, fact)) }</ul> }
                <div class="offers">{ each(&trial.buttons, &|view| button(lang, view)) }</div>
            </section>
        }
    }
}

fn meter(title: &str, done: u8) -> Html {
    html! {
        <progress max="100" value={done.to_string()} aria-label={title.to_string()} data-test="trial-progress">
            { format!("{done} %") }
        </progress>
    }
}

/// With the score, if there is one.
fn verdict(lang: Lang, score: Option<u8>, (hue, text): &(Hue, Text), test: &'static str) -> Html {
    html! {
        <div class={class(&["verdict tint", look::hue(*hue)])} data-test={test}>
            { maybe(score, &|score| html! { <b data-test="score">{ format!("{score} / 100") }</b> }) }
            <small>{ lang.of(text) }</small>
        </div>
    }
}

fn step(lang: Lang, place: usize, (at, what): &(String, Text)) -> Html {
    html! { <li key={place} class="lost"><time>{ at.clone() }</time><span>{ lang.of(what) }</span></li> }
}

/// Schedule after schedule, each on the same time: faults that were not needed are gone from the next one.
fn shrank(lang: Lang, steps: &[ShrankView]) -> Html {
    let title = Text::fixed("How it shrank", "如何缩小");
    html! {
        <div class="shrank" data-test="shrank">
            <h4 class="eyebrow">{ lang.of(&title) }</h4>
            <ol>{ each_at(steps, &|place, step| shrank_to(lang, place, step)) }</ol>
        </div>
    }
}

fn shrank_to(lang: Lang, place: usize, step: &ShrankView) -> Html {
    let fault = |place: usize, (at, lasts): &(u16, u16)| {
        let place_of = format!(
            "left:{}.{}%;width:{}.{}%",
            at / 10,
            at % 10,
            lasts / 10,
            lasts % 10
        );
        html! { <i key={place} style={place_of} /> }
    };
    html! {
        <li key={place}>
            <small>{ lang.of(&step.told) }</small>
            <span class="strip" aria-hidden="true">{ each_at(&step.faults, &fault) }</span>
        </li>
    }
}

fn fact_line(lang: Lang, fact: &Text) -> Html {
    let fact = lang.of(fact);
    html! { <li key={fact.clone()}>{ fact.clone() }</li> }
}

fn button(lang: Lang, view: &TrialButton) -> Html {
    let onclick = on(Intent::Trial(view.act));
    let test = format!("trial-{:?}", view.act).to_lowercase();
    html! {
        <button key={test.clone()} class={class(&["btn", when(view.primary, "pri")])} {onclick} data-test={test.clone()}>
            { lang.of(&view.text) }
        </button>
    }
}
