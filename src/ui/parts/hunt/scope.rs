//! What can be chosen: where, which faults, how many.

use super::super::super::hunting;
use super::super::super::part::{each, yes_no};
use super::super::super::words::Lang;
use crate::view::Text;
use crate::view::hunt::ScopeView;
use crate::view::live::hunt::Change;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// One choice of a group.
type Ground = (String, Text);

/// The panel.
pub fn scope(lang: Lang, view: &ScopeView) -> Html {
    let words = lang.later();
    let option = |(handle, name): &Ground| {
        let chosen = *handle == view.ground;
        html! { <option value={handle.clone()} selected={chosen}>{ lang.of(name) }</option> }
    };
    let group = |(name, all): &(Text, Vec<Ground>)| html! { <optgroup label={lang.of(name)}>{ each(all, &option) }</optgroup> };
    let enter = Callback::from(|event: Event| {
        let select = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(select) = select {
            hunting::change(&Change::Ground(select.value()));
        }
    });
    let once = view.one_at_a_time;
    let one = Callback::from(move |_: MouseEvent| hunting::change(&Change::OneAtATime(!once)));
    let kind = |(handle, name, on, can): &(&'static str, Text, bool, bool)| {
        let change = Change::Kind((*handle).into());
        let turn = Callback::from(move |_: MouseEvent| hunting::change(&change));
        html! {
            <button class={if *on { "chip kind on" } else { "chip kind" }} onclick={turn} aria-pressed={yes_no(*on)} disabled={!can}
                data-test={format!("hunt-kind-{handle}")}>{ lang.of(name) }</button>
        }
    };
    html! {
        <div class="scope card" data-test="hunt-scope-card">
            <label>{ words.hunt_where }
                <select onchange={enter} data-test="hunt-ground">{ each(&view.grounds, &group) }</select>
            </label>
            { number(words.hunt_most, "most", view.most.into(), |value| Change::Most(value.min(255) as u8)) }
            { number(words.hunt_runs, "runs", view.runs.into(), |value| Change::Runs(value.min(u32::MAX.into()) as u32)) }
            { number(words.hunt_seed, "seed", view.seed, Change::Seed) }
            <button class={if once { "chip kind on" } else { "chip kind" }} onclick={one} aria-pressed={yes_no(once)} data-test="hunt-one">{ words.hunt_one }</button>
            <div class="kinds" role="group" aria-label={words.hunt_kinds}><b>{ words.hunt_kinds }</b>{ each(&view.kinds, &kind) }</div>
        </div>
    }
}

fn number(name: &'static str, test: &'static str, value: u64, change: fn(u64) -> Change) -> Html {
    let changed = Callback::from(move |event: Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let typed = input.and_then(|input| input.value().trim().parse().ok());
        if let Some(typed) = typed {
            hunting::change(&change(typed));
        }
    });
    html! {
        <label>{ name }
            <input class="num" type="number" min="0" value={value.to_string()} onchange={changed} data-test={format!("hunt-{test}")} />
        </label>
    }
}
