//! Why it vanished, and what would have saved it.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::part::{Part, class, each, each_at};
use super::super::same::Same;
use super::super::terms;
use super::super::words::{Lang, stamp};
use super::icon;
use crate::view::{Outcome, SavedRow, Text, WhyLine, WhyView, With};
use yew::prelude::*;

/// The explanation: dated sentences, tried changes.
#[derive(PartialEq)]
pub struct Why {
    pub lang: Lang,
    pub why: Same<WhyView>,
}

impl Part for Why {
    fn draw(&self) -> Html {
        let (lang, words, why) = (self.lang, self.lang.words(), &*self.why);
        html! {
            <>
                if !why.lines.is_empty() {
                    <h2 class="eyebrow">{ lang.of(&why.title) }</h2>
                    <ol class="story" data-test="why">{ each_at(&why.lines, &|place, line| said(lang, place, line)) }</ol>
                    { note(lang, &why.proof, "proof") }
                }
                if !why.saved.is_empty() || why.trying || why.verdict.is_some() {
                    <h2 class="eyebrow">{ words.saved_by }</h2>
                    { each(&why.saved, &|row| saved(lang, row)) }
                    if why.trying { <small>{ words.trying }</small> }
                    { note(lang, &why.verdict, "saved-verdict") }
                }
            </>
        }
    }
}

/// What playing it again has shown.
fn note(lang: Lang, text: &Option<Text>, name: &'static str) -> Html {
    let text = text.as_ref().map(|text| lang.of(text));
    html! { if let Some(text) = text { <p class="soft" data-test={name}><small>{ text }</small></p> } }
}

/// A sentence; a click goes to its moment.
fn said(lang: Lang, place: usize, line: &WhyLine) -> Html {
    let onclick = on(Intent::Show(line.at_us));
    let text = terms::said_on_button(lang, lang.of(&line.text));
    html! {
        <li key={place} class={look::hue(line.hue)}>
            <button class="moment" {onclick} data-test="why-line" data-at={line.at_us.to_string()}>
                <time>{ stamp(line.at_us) }</time>
                if line.strong { <b>{ text }</b> } else { <span>{ text }</span> }
            </button>
        </li>
    }
}

/// One tried change; a click applies it.
fn saved(lang: Lang, row: &SavedRow) -> Html {
    let (glyph, outcome, hue) = match row.outcome {
        Outcome::Saved => ("g g-done", "saved", "fi safe"),
        Outcome::SavedAtPrice => ("g g-done", "price", "fi risk"),
        Outcome::NotSaved => ("g g-lost", "lost", "soft"),
    };
    let onclick = on(Intent::Retry(row.knob.clone(), row.value.clone()));
    // A class goes by its own name.
    let value = match row.value.strip_prefix("org.apache.kafka.") {
        Some(class) => class.rsplit('.').next().unwrap_or(class),
        None => &row.value,
    };
    let words = format!("{}={value}", row.knob);
    let both = on(Intent::Compare(With::Knob(
        row.knob.clone(),
        row.value.clone(),
    )));
    let compare = format!("{}: {words}", lang.words().compare);
    html! {
        <div class="fixes" key={words.clone()}>
            <button class="fix" {onclick} title={lang.words().apply} data-test="saved-row"
                data-outcome={outcome} data-knob={row.knob.clone()}>
                <i class={class(&[glyph, hue])} aria-hidden="true" />
                <code data-term={terms::named(&row.knob)}>{ words }</code>
                <small>{ lang.of(&row.note) }</small>
            </button>
            <button class="btn icon" onclick={both} aria-label={compare} title={lang.words().compare}
                data-test="compare-row" data-knob={row.knob.clone()}>{ icon("copy") }</button>
        </div>
    }
}
