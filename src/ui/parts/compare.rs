//! Two runs side by side: where they part, their nodes, their messages, what one costs against the other.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::measure::use_width;
use super::super::part::{Part, class, each, maybe, part, when, yes_no};
use super::super::same::Same;
use super::super::state::Open;
use super::super::terms::said;
use super::super::words::{self, Lang, broker_state, seconds};
use super::icon;
use super::log::log_marked;
use super::replicas::replicas;
use crate::view::compare::{CompareView, CostView, DifferenceView, SideView, Which};
use crate::view::{BrokerView, CellView, ChangeView};
use std::rc::Rc;
use yew::prelude::*;

/// What the two letters look like.
pub fn letter(which: Which) -> Html {
    match which {
        Which::A => html! { <span class="abletter">{ "A" }</span> },
        Which::B => html! { <span class="abletter b">{ "B" }</span> },
    }
}

/// The knobs of B that stand otherwise than in A, and the ways to change them.
#[derive(PartialEq)]
pub struct Changes {
    pub lang: Lang,
    pub compare: Same<CompareView>,
    pub open: bool,
}

impl Part for Changes {
    fn draw(&self) -> Html {
        let later = self.lang.later();
        let chip = |change: &ChangeView| {
            let back = Intent::Knob(change.knob.clone(), change.back.clone());
            let name = format!("{}={}", change.knob, short(&change.value));
            html! {
                <span class="chip" key={change.knob.clone()} data-test="change" data-knob={change.knob.clone()}>
                    <code>{ &name }</code>
                    <button onclick={on(back)} aria-label={format!("{name}: {}", later.cmp_back)} title={later.cmp_back}
                        data-test="change-back">{ icon("lost") }</button>
                </span>
            }
        };
        let next = (!self.open).then_some(Open::Beside);
        html! {
            <div class="changes">
                { each(&self.compare.changes, &chip) }
                <button class="btn" onclick={on(Intent::Open(next))} aria-expanded={yes_no(self.open)} aria-haspopup="dialog"
                    data-menu="true" data-test="change-b">{ icon("knobs") }{ later.cmp_change }</button>
                <button class="btn" onclick={on(Intent::LeavePair(true))} data-test="take-b">{ later.cmp_take }</button>
            </div>
        }
    }
}

/// A class goes by its own name, and a long value by its beginning.
fn short(value: &str) -> String {
    let own = match value.strip_prefix("org.apache.kafka.") {
        Some(class) => class.rsplit('.').next().unwrap_or(class),
        None => value,
    };
    if own == "9223372036854775807" {
        return "Long.MAX_VALUE".into();
    }
    own.chars().take(28).collect()
}

/// Where the two part, in words, and the way there.
#[derive(PartialEq)]
pub struct Parting {
    pub lang: Lang,
    pub compare: Same<CompareView>,
}

impl Part for Parting {
    fn draw(&self) -> Html {
        let (lang, later) = (self.lang, self.lang.later());
        let Some(found) = &self.compare.difference else {
            let words = if self.compare.changes.is_empty() {
                later.cmp_equal
            } else {
                later.cmp_none
            };
            return html! { <p class="parting none" data-test="no-difference">{ words }</p> };
        };
        let DifferenceView { at_us, a, b, .. } = found;
        html! {
            <section class="parting" data-test="parting" aria-label={later.cmp_first}>
                <p data-test="parting-a"><b>{ "A" }</b>{ " " }{ said(lang, lang.of(a)) }</p>
                <button class="btn pri" onclick={on(Intent::Show(*at_us))} data-test="first-difference" data-at={at_us.to_string()}
                    title={when(found.decides, later.cmp_decides)}>
                    { icon("next") }{ later.cmp_first }{ " " }<span class="mono">{ seconds(*at_us) }</span>
                </button>
                <p data-test="parting-b"><b>{ "B" }</b>{ " " }{ said(lang, lang.of(b)) }</p>
            </section>
        }
    }
}

#[derive(PartialEq, Properties)]
pub struct BothProps {
    pub lang: Lang,
    pub compare: Same<CompareView>,
    pub narrow: bool,
}

/// The nodes of both, as many cells in each log as there is room for.
#[component]
pub fn Both(props: &BothProps) -> Html {
    let bed = use_node_ref();
    let width = use_width(&bed, 1400.0);
    let room = match props.narrow {
        true => (width - 130.0) / 17.0,
        false => (width / 2.0 - 212.0) / 23.0,
    };
    let fit = room.clamp(4.0, 60.0) as usize;
    let view = &props.compare;
    let marked = view.difference.as_ref().and_then(|found| found.message);
    let half = |which: Which, side: &SideView| {
        part(Half {
            lang: props.lang,
            which,
            side: side.clone(),
            marked,
            fit,
            narrow: props.narrow,
        })
    };
    html! {
        <div class="halves" ref={bed} aria-label={props.lang.later().cmp_sides} role="group">
            { half(Which::A, &view.a) }{ half(Which::B, &view.b) }
        </div>
    }
}

#[derive(PartialEq)]
struct Half {
    lang: Lang,
    which: Which,
    side: SideView,
    marked: Option<u64>,
    fit: usize,
    narrow: bool,
}

impl Part for Half {
    fn draw(&self) -> Html {
        let (lang, side) = (self.lang, &self.side);
        let name = match self.which {
            Which::A => "a",
            Which::B => "b",
        };
        let producer = side
            .stage
            .producers
            .first()
            .map(|view| lang.of(&view.title));
        let consumer = side
            .stage
            .consumers
            .first()
            .map(|view| lang.of(&view.title));
        html! {
            <section class="half" aria-label={name.to_uppercase()} data-test={format!("half-{name}")}>
                if self.narrow { <h2>{ letter(self.which) }{ lang.of(&side.title) }</h2> }
                { maybe(producer, &|title| slim(title, lang.of(&side.sent), String::new())) }
                <ul class="brokers">{ each(&side.stage.brokers, &|broker| self.broker(broker)) }</ul>
                { maybe(consumer, &|title| slim(title, lang.of(&side.done), lang.of(&side.position))) }
            </section>
        }
    }
}

impl Half {
    fn broker(&self, broker: &Rc<BrokerView>) -> Html {
        let (card, badge, glyph) = look::broker(broker.state);
        let word = broker_state(self.lang, broker.state);
        let body = match &broker.log {
            _ if !broker.replicas.is_empty() => replicas(&broker.replicas, self.fit),
            Some(view) => log_marked(view, self.fit, self.narrow, self.marked),
            None => html! { <p>{ self.lang.words().no_replica }</p> },
        };
        html! {
            <li key={broker.id} class={class(&["node", card])} data-test={format!("side-broker-{}", broker.id)} data-state={badge}>
                <div>
                    <h3>{ format!("broker {}", broker.id) }</h3>
                    <span class={class(&["st", badge])}>{ icon(glyph) }{ word }</span>
                </div>
                { body }
            </li>
        }
    }
}

/// A client in one line.
fn slim(title: String, line: String, rest: String) -> Html {
    html! {
        <div class="node slim"><h3>{ title }</h3><p>{ line }</p><small class="mono">{ rest }</small></div>
    }
}

/// Both ledgers, and between them what one costs against the other.
#[derive(PartialEq)]
pub struct Costs {
    pub lang: Lang,
    pub compare: Same<CompareView>,
}

impl Part for Costs {
    fn draw(&self) -> Html {
        let view = &*self.compare;
        html! {
            <section class="sum">
                { self.ledger(Which::A, &view.a) }
                { self.table() }
                { self.ledger(Which::B, &view.b) }
            </section>
        }
    }
}

impl Costs {
    fn ledger(&self, which: Which, side: &SideView) -> Html {
        let (lang, verdict) = (self.lang, &side.ledger.verdict);
        let hue = look::hue(verdict.hue);
        let found = self.compare.difference.as_ref();
        let marked = found.and_then(|found| found.message);
        let cell = |cell: &CellView| {
            let label = words::cell(lang, cell.number, cell.fate);
            let glyph = look::glyph(cell.fate);
            let class = class(&[
                look::cell(cell.fate),
                when(marked == Some(cell.number), "sel"),
            ]);
            html! {
                <span key={cell.number} {class} role="img" title={label.clone()} aria-label={label}
                    data-test={format!("side-cell-{}", cell.number)} data-fate={glyph}>{ icon(glyph) }</span>
            }
        };
        let name = match which {
            Which::A => "verdict-a",
            Which::B => "verdict-b",
        };
        html! {
            <div>
                <div class={class(&["verdict tint", hue])} data-test={name} data-hue={hue}>
                    { letter(which) }<b>{ lang.of(&verdict.title) }</b>
                </div>
                <div class="ledger">{ each(&side.ledger.cells, &cell) }</div>
            </div>
        }
    }

    fn table(&self) -> Html {
        let (lang, later) = (self.lang, self.lang.later());
        let row = |cost: &CostView| {
            let value = |value: &Option<(String, u32)>, name: &'static str| {
                let (text, part) = value.clone().unwrap_or_else(|| ("…".into(), 0));
                let hue = look::hue(cost.hue);
                let fate = if part > 0 && hue != "none" { hue } else { "" };
                html! {
                    <td class={class(&[name, fate])}>
                        <span class="bar" aria-hidden="true"><i class={hue} style={format!("width:{}%", part / 10_000)} /></span>
                        <b class={when(!fate.is_empty(), "fi")}>{ text }</b>
                    </td>
                }
            };
            html! {
                <tr key={cost.name.en.to_string()}>
                    { value(&cost.a, "of-a") }<th scope="row">{ lang.of(&cost.name) }</th>{ value(&cost.b, "of-b") }
                </tr>
            }
        };
        html! {
            <table class="against" data-test="costs">
                <caption class="eyebrow">{ later.cmp_costs }</caption>
                <thead class="aloud"><tr><th>{ "A" }</th><th>{ later.cmp_what }</th><th>{ "B" }</th></tr></thead>
                <tbody>{ each(&self.compare.costs, &row) }</tbody>
            </table>
        }
    }
}
