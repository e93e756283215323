//! What is played: the cluster that the files imply, to be corrected.

use super::super::super::part::{Part, class, each, each_at, when};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::bench;
use crate::view::Text;
use crate::view::config::{ConfigView, Number, NumberView};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Numbers, topic, profile, and what was assumed.
#[derive(PartialEq)]
pub struct World {
    pub lang: Lang,
    pub view: Same<ConfigView>,
}

impl Part for World {
    fn draw(&self) -> Html {
        let (lang, words, world) = (self.lang, self.lang.config(), &self.view.world);
        if world.numbers.is_empty() {
            return Html::default();
        }
        let topic = Callback::from(|event: Event| {
            chosen(&event, |name| bench::act(|desk| desk.choose_topic(name)))
        });
        let profile = Callback::from(|event: Event| {
            chosen(&event, |name| bench::act(|desk| desk.choose_profile(name)))
        });
        let mut profiles = vec![(String::new(), words.no_profile.to_string())];
        profiles.extend(
            world
                .profiles
                .iter()
                .map(|name| (name.clone(), name.clone())),
        );
        let topics: Vec<(String, String)> = world
            .topics
            .iter()
            .map(|name| (name.clone(), name.clone()))
            .collect();
        let assumed = |text: &Text| html! { <li>{ lang.of(text) }</li> };
        html! {
            <section class="world" aria-label={words.world} data-test="config-world">
                <h2 class="eyebrow">{ words.world }</h2>
                <div class="worldnumbers">
                    { each(&world.numbers, &|number| self.number(number)) }
                    if topics.len() > 1 { { select(words.topic, &topics, world.topic, topic, "config-topic") } }
                    if profiles.len() > 1 {
                        { select(words.profile, &profiles, world.profile.map_or(0, |place| place + 1), profile, "config-profile") }
                    }
                </div>
                if !world.assumed.is_empty() {
                    <h3 class="eyebrow">{ words.assumed }</h3>
                    <ul class="assumed">{ each(&world.assumed, &assumed) }</ul>
                }
            </section>
        }
    }
}

impl World {
    fn number(&self, number: &NumberView) -> Html {
        let words = self.lang.config();
        let (what, value, name) = (number.what, number.value, self.lang.of(&number.name));
        let test = match what {
            Number::Brokers => "config-brokers",
            Number::Racks => "config-racks",
            Number::Copies => "config-copies",
            Number::Controllers => "config-controllers",
        };
        let step = |to: Option<u8>, sign: &'static str, word: &'static str, test: String| {
            let onclick = Callback::from(move |_: MouseEvent| {
                if let Some(to) = to {
                    bench::act(|desk| desk.correct(what, to));
                }
            });
            html! {
                <button class="btn icon" {onclick} disabled={to.is_none()} aria-label={format!("{name}: {word}")} data-test={test}>
                    { sign }
                </button>
            }
        };
        // Two controllers are no more than one: the quorum of both.
        let by = if what == Number::Controllers { 2 } else { 1 };
        let less = value.checked_sub(by).filter(|less| *less >= number.range.0);
        let more = value.checked_add(by).filter(|more| *more <= number.range.1);
        html! {
            <span class={class(&["worldnumber", when(number.is_set, "set")])} role="group" aria-label={name.clone()}>
                <span>{ name.clone() }</span>
                { step(less, "−", words.fewer, format!("{test}-less")) }
                <output class="mono" data-test={test}>{ value }</output>
                { step(more, "+", words.one_more, format!("{test}-more")) }
            </span>
        }
    }
}

fn select(
    name: &'static str,
    options: &[(String, String)],
    now: usize,
    onchange: Callback<Event>,
    test: &'static str,
) -> Html {
    let option = |place: usize, (value, shown): &(String, String)| {
        html! { <option value={value.clone()} selected={place == now}>{ shown.clone() }</option> }
    };
    html! {
        <label class="worldnumber"><span>{ name }</span>
            <select class="btn" {onchange} data-test={test}>{ each_at(options, &option) }</select>
        </label>
    }
}

fn chosen(event: &Event, take: impl FnOnce(&str)) {
    if let Some(field) = event.target_dyn_into::<HtmlSelectElement>() {
        take(&field.value());
    }
}
