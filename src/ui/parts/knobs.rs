//! The knobs.

use super::super::driver;
use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, each_at, keyed, list, maybe, when, yes_no};
use super::super::same::Same;
use super::super::terms;
use super::super::words::{Lang, grouped};
use super::icon;
use crate::view::{Choice, GroupView, KnobKind, KnobView, KnobsView};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// All knobs under their headings.
#[derive(PartialEq)]
pub struct Knobs {
    pub lang: Lang,
    pub knobs: Same<KnobsView>,
    /// Groups that show their further knobs, a bit for each place.
    pub more: u32,
}

impl Part for Knobs {
    fn draw(&self) -> Html {
        each_at(&self.knobs.groups, &|place, group| self.group(place, group))
    }
}

impl Knobs {
    fn group(&self, place: usize, group: &GroupView) -> Html {
        let lang = self.lang;
        let more = self.more >> place & 1 == 1;
        let word = if more {
            lang.later().fewer_knobs
        } else {
            lang.later().more_knobs
        };
        let knob = |knob: &Rc<KnobView>| {
            keyed(
                knob.name.as_str(),
                Knob {
                    lang,
                    knob: Same::from(knob),
                },
            )
        };
        html! {
            <>
                <h2 class="eyebrow">
                    { lang.of(&group.title) }
                    if !group.more.is_empty() {
                        <button class="less" onclick={on(Intent::More(place))} aria-expanded={yes_no(more)}>{ word }</button>
                    }
                </h2>
                { each(&group.knobs, &knob) }
                if more { { each(&group.more, &knob) } }
            </>
        }
    }
}

/// One knob: name, control, and what Kafka or the lab has to say about its value.
#[derive(PartialEq)]
struct Knob {
    lang: Lang,
    knob: Same<KnobView>,
}

impl Part for Knob {
    fn draw(&self) -> Html {
        let (lang, knob) = (self.lang, &*self.knob);
        let class = class(&[
            "k",
            when(knob.changed, "changed"),
            when(knob.emphasised, "focusknob"),
            when(knob.error.is_some(), "refused"),
        ]);
        let name = knob
            .label
            .as_ref()
            .map_or(knob.name.clone(), |label| lang.of(label));
        let default = format!("{} {}", lang.later().default_is, shown(&knob.default));
        html! {
            <div {class} data-test={format!("knob-{}", knob.name)} data-value={knob.value.clone()}>
                <code data-term={terms::named(&knob.name)}>{ breakable(&name) }</code>
                { self.control(name) }
                <span class="doc"><span>{ lang.of(&knob.doc) }</span><small>{ default }</small></span>
                { maybe(knob.error.as_ref(), &|text| html! {
                    <span class="hint error" role="alert">{ icon("refused") }{ " " }{ lang.of(text) }</span>
                }) }
                { maybe(knob.warning.as_ref().filter(|_| knob.error.is_none()), &|text| html! {
                    <span class="hint">{ icon("warn") }{ " " }{ lang.of(text) }</span>
                }) }
            </div>
        }
    }
}

impl Knob {
    fn control(&self, label: String) -> Html {
        let knob = &*self.knob;
        match &knob.kind {
            KnobKind::Choice(choices) if is_long(choices) => self.list(choices, label),
            KnobKind::Choice(choices) => html! {
                <span class="seg" role="radiogroup" aria-label={label}>
                    { each(choices, &|choice| self.segment(choice)) }
                </span>
            },
            KnobKind::Switch => {
                let on_now = knob.value == "true";
                let onclick = on(Intent::Knob(knob.name.clone(), yes_no(!on_now).into()));
                html! {
                    <button class={class(&["sw", when(on_now, "on")])} role="switch" aria-checked={yes_no(on_now)}
                        aria-label={label} {onclick} data-test={format!("knob-{}-switch", knob.name)} />
                }
            }
            KnobKind::Number { .. } => field(knob, label, "numeric"),
            KnobKind::Words => field(knob, label, "text"),
        }
    }

    /// Choices that have no room side by side.
    fn list(&self, choices: &[Choice], label: String) -> Html {
        let knob = &*self.knob;
        let option = |choice: &Choice| {
            let now = choice.value == knob.value;
            html! { <option value={choice.value.clone()} selected={now}>{ self.lang.of(&choice.label) }</option> }
        };
        html! {
            <select class="num" aria-label={label} onchange={turned(knob)} data-test={format!("knob-{}-input", knob.name)}>
                { each(choices, &option) }
            </select>
        }
    }

    fn segment(&self, choice: &Choice) -> Html {
        let (name, value) = (&self.knob.name, &choice.value);
        let on_now = self.knob.value == *value;
        let onclick = on(Intent::Knob(name.clone(), value.clone()));
        html! {
            <button key={value.clone()} class={when(on_now, "on")} role="radio" aria-checked={yes_no(on_now)} {onclick}
                data-test={format!("knob-{name}-{value}")}>
                { self.lang.of(&choice.label) }
            </button>
        }
    }
}

/// A typed value. It is as wide as what it holds, so that a column of numbers stays quiet.
fn field(knob: &KnobView, label: String, mode: &'static str) -> Html {
    let test = format!("knob-{}-input", knob.name);
    let onchange = turned(knob);
    let value = shown(&knob.value);
    let size = value.chars().count().clamp(4, 14).to_string();
    html! {
        <input class="num" {value} {size} inputmode={mode} aria-label={label} {onchange} data-test={test}
            aria-invalid={yes_no(knob.error.is_some())} autocomplete="off" spellcheck="false" />
    }
}

/// The knob was turned to what its field now says.
fn turned(knob: &KnobView) -> Callback<Event> {
    let name = knob.name.clone();
    Callback::from(move |event: Event| {
        // Both kinds of field have a value; a select is read as an input.
        let field: HtmlInputElement = event.target_unchecked_into();
        let intent = Intent::Knob(name.clone(), ungrouped(&field.value()));
        driver::with(|driver| driver.perform(&intent));
    })
}

/// Whether choices are too long to stand side by side.
fn is_long(choices: &[Choice]) -> bool {
    let letters: usize = choices.iter().map(|choice| choice.label.en.len()).sum();
    letters + 2 * choices.len() > 30
}

/// A long name may be broken after its dots.
fn breakable(name: &str) -> Html {
    if name.len() < 24 {
        return name.to_owned().into();
    }
    let part = |part: &str| html! { <>{ part.to_owned() }<wbr /></> };
    list(name.split_inclusive('.').map(part).collect())
}

/// Long numbers in groups of three; everything else as it is.
fn shown(value: &str) -> String {
    match value.parse::<u64>() {
        Ok(number) if number < 1_000_000_000 => grouped(number),
        _ => value.to_owned(),
    }
}

/// A typed number without its spaces; other words are only trimmed.
fn ungrouped(typed: &str) -> String {
    let bare: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if bare.parse::<i64>().is_ok() {
        bare
    } else {
        typed.trim().to_owned()
    }
}
