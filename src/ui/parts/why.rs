//! Why it vanished, and what would have saved it.

use super::super::look;
use super::super::same::Same;
use super::super::words::{Lang, stamp};
use super::use_driver;
use crate::view::{Gloss, Outcome, SavedRow, WhyLine, WhyView};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct WhyProps {
    pub lang: Lang,
    pub why: Same<WhyView>,
}

/// The explanation: dated sentences, tried changes, words.
#[component]
pub fn Why(props: &WhyProps) -> Html {
    let driver = use_driver();
    let (lang, words, why) = (props.lang, props.lang.words(), &*props.why);
    let line = |(place, line): (usize, &WhyLine)| {
        let (driver, at_us) = (driver.clone(), line.at_us);
        let onclick = Callback::from(move |_| {
            driver.pause();
            driver.seek(at_us);
        });
        let text = lang.of(&line.text);
        html! {
            <li key={place} class={look::hue(line.hue)}>
                <button class="moment" {onclick} data-test="why-line" data-at={at_us.to_string()}>
                    <time>{ stamp(at_us) }</time>
                    if line.strong { <b>{ text }</b> } else { <span>{ text }</span> }
                </button>
            </li>
        }
    };
    html! {
        <>
            if !why.lines.is_empty() {
                <h3 class="eyebrow">{ lang.of(&why.title) }</h3>
                <ol class="story" data-test="why">{ for why.lines.iter().enumerate().map(line) }</ol>
            }
            if !why.saved.is_empty() || why.trying {
                <h3 class="eyebrow">{ words.saved_by }</h3>
                { for why.saved.iter().map(|row| html! {
                    <Saved key={format!("{}={}", row.knob, row.value)} {lang} row={row.clone()} />
                }) }
                if why.trying { <small>{ words.trying }</small> }
            }
            if !why.words.is_empty() {
                <h3 class="eyebrow">{ words.words }</h3>
                { for why.words.iter().map(|gloss| word(lang, gloss)) }
            }
        </>
    }
}

fn word(lang: Lang, gloss: &Gloss) -> Html {
    html! {
        <p class="gloss" key={gloss.word.clone()}>
            <b>{ &gloss.word }</b>{ " " }<span class="soft">{ lang.of(&gloss.text) }</span>
        </p>
    }
}

#[derive(PartialEq, Properties)]
struct SavedProps {
    lang: Lang,
    row: SavedRow,
}

/// One tried change; a click applies it.
#[component]
fn Saved(props: &SavedProps) -> Html {
    let driver = use_driver();
    let (lang, row) = (props.lang, &props.row);
    let (glyph, hue) = match row.outcome {
        Outcome::Saved => ("done", "fi safe"),
        Outcome::SavedAtPrice => ("done", "fi risk"),
        Outcome::NotSaved => ("lost", "soft"),
    };
    let (knob, value) = (row.knob.clone(), row.value.clone());
    let onclick = Callback::from(move |_| driver.retry(&knob, &value));
    html! {
        <button class="fix" {onclick} title={lang.words().apply} data-test="saved-row"
            data-outcome={glyph} data-knob={row.knob.clone()}>
            <i class={classes!("g", format!("g-{glyph}"), hue)} aria-hidden="true" />
            <code>{ format!("{}={}", row.knob, row.value) }</code>
            <small>{ lang.of(&row.note) }</small>
        </button>
    }
}
