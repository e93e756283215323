//! The question, its answers, and the reveal.

use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each_at, list, maybe, when};
use super::super::same::Same;
use super::super::terms::said;
use super::super::words::Lang;
use super::icon;
use crate::view::{LessonView, Offer, OfferView, OptionView, Pips};
use yew::prelude::*;

fn pips(pips: Pips) -> Html {
    let kinds = [
        (pips.safe, "safe", ""),
        (pips.lost, "lost", "lost"),
        (pips.twice, "dup", "twice"),
    ];
    let mut all = Vec::new();
    for (count, class, glyph) in kinds {
        for _ in 0..count {
            let inside = if glyph.is_empty() {
                Html::default()
            } else {
                icon(glyph)
            };
            all.push(html! { <i class={AttrValue::Static(class)}>{ inside }</i> });
        }
    }
    html! { <span class="pips" aria-hidden="true">{ list(all) }</span> }
}

/// The open question; nothing when there is none.
#[derive(PartialEq)]
pub struct Question {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
}

impl Part for Question {
    fn draw(&self) -> Html {
        let lang = self.lang;
        let Some(question) = &self.lesson.question else {
            return Html::default();
        };
        let answer = |place: usize, option: &OptionView| {
            let number = (place + 1).to_string();
            html! {
                <button key={place} class="choice" onclick={on(Intent::Answer(place))} data-test={format!("answer-{number}")}>
                    <span class="key">{ number }</span>
                    <b>{ lang.of(&option.text) }</b>
                    { maybe(option.pips, &pips) }
                </button>
            }
        };
        html! {
            <section class="ask" role="group" aria-label={lang.later().prediction} data-test="question">
                <h2>{ said(lang, lang.of(&question.text)) }</h2>
                <p>{ said(lang, lang.of(&question.hint)) }</p>
                <div class="choices">{ each_at(&question.options, &answer) }</div>
            </section>
        }
    }
}

/// What came of the prediction, and what to do next.
#[derive(PartialEq)]
pub struct Reveal {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
}

impl Part for Reveal {
    fn draw(&self) -> Html {
        let lang = self.lang;
        let (words, later) = (lang.words(), lang.later());
        let Some(reveal) = &self.lesson.reveal else {
            return Html::default();
        };
        let row = |word: &'static str, of: Option<Pips>| {
            maybe(
                of,
                &|of| html! { <><span class="soft">{ word }</span>{ pips(of) }</> },
            )
        };
        let goes_on = self
            .lesson
            .offers
            .iter()
            .any(|view| view.offer == Offer::Continue);
        html! {
            <section class="ask reveal" data-test="reveal">
                <div class="said">
                    <div><h2>{ lang.of(&reveal.title) }</h2><p>{ said(lang, lang.of(&reveal.text)) }</p></div>
                    <div class="two">{ row(later.you, reveal.yours) }{ row(later.run, reveal.run) }</div>
                </div>
                <div class="offers">
                    { offers(lang, &self.lesson.offers, false) }
                    if !goes_on { { go_on(words.next_beat.into()) } }
                </div>
            </section>
        }
    }
}

/// The button that closes the card, with its key.
fn go_on(text: String) -> Html {
    html! {
        <button class="btn plain" onclick={on(Intent::NextBeat)} data-test="next-beat">
            { text }{ " " }<span class="key">{ "Enter" }</span>
        </button>
    }
}

/// Buttons for what to do next.
pub fn offers(lang: Lang, offers: &[OfferView], big: bool) -> Html {
    each_at(offers, &|place, view| {
        if view.offer == Offer::Continue {
            return go_on(lang.of(&view.text));
        }
        let onclick = on(Intent::Take(view.offer.clone()));
        let glyph = match view.offer {
            Offer::Retry { .. } if big => Some("stepb"),
            Offer::WatchSlowly { .. } => Some("slow"),
            Offer::Compare(_) if big => Some("copy"),
            _ => None,
        };
        let name = match view.offer {
            Offer::Compare(_) => "offer-compare".into(),
            _ => format!("offer-{}", place + 1),
        };
        let class = class(&["btn", when(big, "big"), when(view.primary, "pri")]);
        html! {
            <button key={place} {class} {onclick} data-test={name}>
                { maybe(glyph, &icon) }{ lang.of(&view.text) }
            </button>
        }
    })
}
