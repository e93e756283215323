//! The question, its answers, and the reveal.

use super::super::same::Same;
use super::super::words::Lang;
use super::{icon, use_driver};
use crate::view::{LessonView, Offer, OfferView, Pips};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct AskProps {
    pub lang: Lang,
    pub lesson: Same<LessonView>,
}

fn pips(pips: Pips) -> Html {
    let safe = (0..pips.safe).map(|n| html! { <i key={format!("s{n}")} class="safe" /> });
    let lost = (0..pips.lost)
        .map(|n| html! { <i key={format!("l{n}")} class="lost">{ icon("lost") }</i> });
    let twice = (0..pips.twice)
        .map(|n| html! { <i key={format!("t{n}")} class="dup">{ icon("twice") }</i> });
    html! { <span class="pips" aria-hidden="true">{ for safe }{ for lost }{ for twice }</span> }
}

/// The open question; nothing when there is none.
#[component]
pub fn Question(props: &AskProps) -> Html {
    let driver = use_driver();
    let lang = props.lang;
    let Some(question) = &props.lesson.question else {
        return Html::default();
    };
    let answers = question.options.iter().enumerate().map(|(place, option)| {
        let driver = driver.clone();
        let onclick = Callback::from(move |_| driver.answer(place));
        html! {
            <button key={place} class="choice" {onclick} data-test={format!("answer-{}", place + 1)}>
                <span class="key">{ place + 1 }</span>
                <b>{ lang.of(&option.text) }</b>
                if let Some(of) = option.pips { { pips(of) } }
            </button>
        }
    });
    html! {
        <section class="ask" role="group" aria-label={lang.words().prediction} data-test="question">
            <h2>{ lang.of(&question.text) }</h2>
            <p>{ lang.of(&question.hint) }</p>
            <div class="choices">{ for answers }</div>
        </section>
    }
}

/// What came of the prediction, and what to do next.
#[component]
pub fn Reveal(props: &AskProps) -> Html {
    let driver = use_driver();
    let (lang, words) = (props.lang, props.lang.words());
    let Some(reveal) = &props.lesson.reveal else {
        return Html::default();
    };
    let row = |word: &'static str, of: Option<Pips>| match of {
        Some(of) => html! { <><span class="soft">{ word }</span>{ pips(of) }</> },
        None => Html::default(),
    };
    let onclick = Callback::from(move |_| driver.next_beat());
    html! {
        <section class="ask reveal" data-test="reveal">
            <div class="said">
                <div><h2>{ lang.of(&reveal.title) }</h2><p>{ lang.of(&reveal.text) }</p></div>
                <div class="two">{ row(words.you, reveal.yours) }{ row(words.run, reveal.run) }</div>
            </div>
            <div class="offers">
                <Offers {lang} offers={props.lesson.offers.clone()} />
                <button class="btn plain" {onclick} data-test="next-beat">
                    { words.next_beat }{ " " }<span class="key">{ "Enter" }</span>
                </button>
            </div>
        </section>
    }
}

#[derive(PartialEq, Properties)]
pub struct OffersProps {
    pub lang: Lang,
    pub offers: Vec<OfferView>,
    #[prop_or_default]
    pub big: bool,
}

/// Buttons for what to do next.
#[component]
pub fn Offers(props: &OffersProps) -> Html {
    let driver = use_driver();
    let button = |(place, view): (usize, &OfferView)| {
        let (driver, offer) = (driver.clone(), view.offer.clone());
        let onclick = Callback::from(move |_| driver.take(&offer));
        let glyph = match view.offer {
            Offer::Retry { .. } if props.big => Some("stepb"),
            Offer::WatchSlowly { .. } => Some("slow"),
            _ => None,
        };
        let class = classes!(
            "btn",
            props.big.then_some("big"),
            view.primary.then_some("pri")
        );
        html! {
            <button key={place} {class} {onclick} data-test={format!("offer-{}", place + 1)}>
                { glyph.map(icon).unwrap_or_default() }{ props.lang.of(&view.text) }
            </button>
        }
    };
    html! { <>{ for props.offers.iter().enumerate().map(button) }</> }
}
