//! The knobs.

use super::super::same::Same;
use super::super::words::{Lang, grouped};
use super::{Driver, icon, use_driver};
use crate::view::{Choice, GroupView, KnobKind, KnobView, KnobsView};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct KnobsProps {
    pub lang: Lang,
    pub knobs: Same<KnobsView>,
}

/// All knobs under their headings.
#[component]
pub fn Knobs(props: &KnobsProps) -> Html {
    let lang = props.lang;
    html! {
        <>
            { for props.knobs.groups.iter().enumerate().map(|(place, group)| html! {
                <Group key={place} {lang} group={group.clone()} />
            }) }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct GroupProps {
    lang: Lang,
    group: GroupView,
}

#[component]
fn Group(props: &GroupProps) -> Html {
    let (lang, group) = (props.lang, &props.group);
    let more = use_state(|| false);
    let toggle = {
        let more = more.clone();
        Callback::from(move |_| more.set(!*more))
    };
    let knob = |knob: &Rc<KnobView>| {
        html! { <Knob key={knob.name.clone()} {lang} knob={Same::from(knob)} /> }
    };
    let word = if *more {
        lang.words().fewer_knobs
    } else {
        lang.words().more_knobs
    };
    html! {
        <>
            <h3 class="eyebrow">
                { lang.of(&group.title) }
                if !group.more.is_empty() {
                    <button class="less" onclick={toggle} aria-expanded={more.to_string()}>{ word }</button>
                }
            </h3>
            { for group.knobs.iter().map(knob) }
            if *more { { for group.more.iter().map(knob) } }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct KnobProps {
    lang: Lang,
    knob: Same<KnobView>,
}

/// One knob: name, control, and what Kafka or the lab has to say about its value.
#[component]
fn Knob(props: &KnobProps) -> Html {
    let driver = use_driver();
    let (lang, knob) = (props.lang, &*props.knob);
    let class = classes!(
        "k",
        knob.changed.then_some("changed"),
        knob.emphasised.then_some("focusknob"),
        knob.error.is_some().then_some("refused")
    );
    let name = knob
        .label
        .as_ref()
        .map_or(knob.name.clone(), |label| lang.of(label));
    let default = format!("{} {}", lang.words().default_is, shown(&knob.default));
    let hint = match (&knob.error, &knob.warning) {
        (Some(error), _) => Some(("hint error", "refused", error)),
        (None, Some(warning)) => Some(("hint", "warn", warning)),
        (None, None) => None,
    };
    html! {
        <div {class} data-test={format!("knob-{}", knob.name)} data-value={knob.value.clone()}>
            <code title={lang.of(&knob.doc)}>{ breakable(&name) }</code>
            { control(&driver, lang, knob, &name) }
            <span class="doc"><span>{ lang.of(&knob.doc) }</span><small>{ default }</small></span>
            if let Some((class, glyph, text)) = hint {
                <span {class} role={knob.error.is_some().then_some("alert")}>
                    { icon(glyph) }{ " " }{ lang.of(text) }
                </span>
            }
        </div>
    }
}

fn control(driver: &Driver, lang: Lang, knob: &KnobView, label: &str) -> Html {
    let (name, label) = (knob.name.clone(), label.to_owned());
    match &knob.kind {
        KnobKind::Choice(choices) => {
            let button = |choice: &Choice| segment(driver, lang, knob, choice);
            html! { <span class="seg" role="radiogroup" aria-label={label}>{ for choices.iter().map(button) }</span> }
        }
        KnobKind::Switch => {
            let on = knob.value == "true";
            let driver = driver.clone();
            let test = format!("knob-{name}-switch");
            let onclick =
                Callback::from(move |_| driver.set_knob(&name, if on { "false" } else { "true" }));
            html! {
                <button class={classes!("sw", on.then_some("on"))} role="switch" aria-checked={on.to_string()}
                    aria-label={label} {onclick} data-test={test} />
            }
        }
        KnobKind::Number { .. } | KnobKind::Words => {
            let driver = driver.clone();
            let test = format!("knob-{name}-input");
            let onchange = Callback::from(move |event: Event| {
                let input: HtmlInputElement = event.target_unchecked_into();
                driver.set_knob(&name, &ungrouped(&input.value()));
            });
            let value = shown(&knob.value);
            // As wide as what it holds, so that a column of numbers stays quiet.
            let size = value.chars().count().clamp(4, 14).to_string();
            let mode = matches!(knob.kind, KnobKind::Number { .. }).then_some("numeric");
            html! {
                <input class="num" {value} {size} inputmode={mode} aria-label={label} {onchange}
                    aria-invalid={knob.error.is_some().then_some("true")} data-test={test}
                    autocomplete="off" spellcheck="false" />
            }
        }
    }
}

fn segment(driver: &Driver, lang: Lang, knob: &KnobView, choice: &Choice) -> Html {
    let on = knob.value == choice.value;
    let (driver, name, value) = (driver.clone(), knob.name.clone(), choice.value.clone());
    let test = format!("knob-{name}-{value}");
    let onclick = Callback::from(move |_| driver.set_knob(&name, &value));
    html! {
        <button key={choice.value.clone()} class={classes!(on.then_some("on"))} role="radio"
            aria-checked={on.to_string()} {onclick} data-test={test}>
            { lang.of(&choice.label) }
        </button>
    }
}

/// A name that may be broken after its dots.
fn breakable(name: &str) -> Html {
    let parts = name
        .split_inclusive('.')
        .map(|part| html! { <>{ part }<wbr /></> });
    html! { <>{ for parts }</> }
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
    if bare.parse::<i128>().is_ok() {
        bare
    } else {
        typed.trim().to_owned()
    }
}
