//! What safety costs: a chart to look at first, its numbers on hover, on focus and as a table.

use super::super::driver::with;
use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, each_at, list, maybe, part, when, yes_no};
use super::super::same::Same;
use super::super::state::Open;
use super::super::words::{Lang, grouped};
use super::icon;
use crate::view::Text;
use crate::view::price::{BLOWS, PriceGroup, PriceRow, PriceView, STORY, StoryView, TimesView};
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::prelude::*;

/// Between two runs the page is drawn and keys are heard.
const BREATH_MS: u32 = 24;

#[derive(PartialEq, Properties)]
pub struct PriceProps {
    pub lang: Lang,
}

/// The panel. While it is open it measures, one run after the other; when it is left, that stops.
#[component]
pub fn Price(props: &PriceProps) -> Html {
    let wide = use_state_eq(|| false);
    let table = use_state_eq(|| false);
    let view = use_state(|| measured(false, false));
    {
        let (set, wide) = (view.setter(), *wide);
        use_effect_with((wide, view.done), move |(_, (done, all))| {
            let more = done < all;
            let timer =
                more.then(|| Timeout::new(BREATH_MS, move || set.set(measured(wide, true))));
            move || drop(timer)
        });
    }
    let (show, other) = (table.setter(), !*wide);
    let widen = {
        let (wide, view) = (wide.setter(), view.setter());
        Callback::from(move |_: MouseEvent| {
            wide.set(other);
            view.set(measured(other, false));
        })
    };
    let choice = |as_table: bool, word: &'static str, test: &'static str| {
        let show = show.clone();
        let onclick = Callback::from(move |_: MouseEvent| show.set(as_table));
        let on = *table == as_table;
        html! { <button class={when(on, "on")} aria-pressed={yes_no(on)} {onclick} data-test={test}>{ word }</button> }
    };
    let words = props.lang.later();
    let lang = props.lang;
    let shown = Same::from(&*view);
    html! {
        <section class="pricecard" role="dialog" aria-modal="true" aria-label={words.price_title} data-menu="true"
            data-test="price" tabindex="0">
            <header role="presentation">
                <div><h2>{ words.price_title }</h2><p class="soft">{ words.price_line }</p></div>
                <div class="pricetools">
                    <span class="seg">{ choice(false, words.price_chart, "price-chart") }{ choice(true, words.price_table, "price-table") }</span>
                    <button class="btn" onclick={on(Intent::CopyPrices(lang, *wide))} data-test="price-csv">{ icon("copy") }{ "CSV" }</button>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close} data-test="price-close">{ icon("lost") }</button>
                </div>
            </header>
            if !*table { { part(Chart { lang, view: shown.clone() }) } }
            <div class={if *table { "pricetable" } else { "aloud" }} tabindex={table.then_some("0")}>{ part(Table { lang, view: shown }) }</div>
            <footer>
                { progress(lang, view.done) }
                if view.can_widen {
                    <button class="btn" onclick={widen} aria-pressed={yes_no(*wide)} data-test="price-wide">
                        { if *wide { words.price_less } else { words.price_more } }
                    </button>
                }
                <span><i class="g g-done fi safe" aria-hidden="true" />{ " " }{ words.price_keeps }</span>
                <span><i class="g g-lost fi lost" aria-hidden="true" />{ " " }{ words.price_loses }</span>
                <span>{ words.price_batches }</span>
                <span>{ words.price_settings }</span>
            </footer>
        </section>
    }
}

/// The button that opens it.
pub fn price_door(lang: Lang) -> Html {
    let onclick = on(Intent::Open(Some(Open::Price)));
    html! { <button class="btn pricedoor" {onclick} data-test="open-price">{ lang.later().price_open }</button> }
}

/// What is known by now; `step`: one more run is made first.
fn measured(wide: bool, step: bool) -> Rc<PriceView> {
    let mut view = Rc::default();
    with(|driver| view = driver.price(wide, step));
    view
}

fn progress(lang: Lang, (done, all): (u32, u32)) -> Html {
    if done == all {
        return html! { <span data-test="price-done">{ format!("{all} {}", lang.later().price_runs) }</span> };
    }
    html! {
        <span class="pricewait">
            <progress value={done.to_string()} max={all.to_string()} aria-label={lang.later().price_runs} />
            { format!("{done} / {all} {}", lang.later().price_runs) }
        </span>
    }
}

#[derive(PartialEq)]
struct Chart {
    lang: Lang,
    view: Same<PriceView>,
}

impl Part for Chart {
    fn draw(&self) -> Html {
        let faults = !self.view.veiled;
        let name = class(&[
            "prices",
            when(!faults, "veiled"),
            when(self.view.story.is_some(), "storied"),
        ]);
        html! { <div class={name} data-test="price-rows">{ each(&self.view.groups, &|group| self.group(group)) }</div> }
    }
}

impl Chart {
    fn group(&self, group: &PriceGroup) -> Html {
        let (lang, words) = (self.lang, self.lang.later());
        html! {
            <div class="pgroup" role="group" aria-label={lang.of(&group.title)}>
                <div class="prow phead" aria-hidden="true">
                    <div><b>{ lang.of(&group.title) }</b></div>
                    <div><b>{ words.price_ack }</b><small>{ lang.of(&group.times) }{ " · " }{ words.price_log }</small></div>
                    <div><b>{ words.price_load }</b><small>{ words.price_at_once }</small></div>
                    { self.fault_heads() }
                </div>
                { each(&group.rows, &|row| self.row(row)) }
                <div class="prow paxis" aria-hidden="true"><div /><div>{ self.ticks(true) }</div><div /><div /></div>
            </div>
        }
    }

    fn fault_heads(&self) -> Html {
        if self.view.veiled {
            return html! { <div class="soft">{ self.lang.later().price_veiled }</div> };
        }
        let head = |text: &Text| html! { <span>{ self.lang.of(text) }</span> };
        html! {
            <div class="pfates">
                if self.view.story.is_some() { <b>{ self.lang.of(&STORY) }</b> }
                { each(&BLOWS, &head) }
            </div>
        }
    }

    /// The lines of the axis, with or without their labels.
    fn ticks(&self, labelled: bool) -> Html {
        let tick = |(at, label): &(u32, String)| {
            let style = format!("left:{}", percent(*at));
            html! { <i class="ptick" {style}>if labelled { <span>{ label.clone() }</span> }</i> }
        };
        each(&self.view.ticks, &tick)
    }

    fn row(&self, row: &PriceRow) -> Html {
        let (lang, words) = (self.lang, self.lang.later());
        html! {
            <div class={class(&["prow", when(row.now, "here")])} data-test="price-row" data-now={yes_no(row.now)}>
                <div class="pname">
                    <code>{ lang.of(&row.name) }</code>
                    <small>{ lang.of(&row.note) }if row.now { <b>{ " · " }{ words.price_now }</b> }</small>
                    if !row.now {
                        <button class="btn pplay" onclick={on(Intent::Knobs(row.knobs.clone()))} data-test="price-play"
                            aria-label={format!("{}: {}", words.price_play, lang.of(&row.name))}>{ icon("play") }{ words.price_play }</button>
                    }
                </div>
                <div class="pplot">{ self.ticks(false) }{ maybe(row.times.as_ref(), &|times| self.times(times)) }</div>
                <div class="pload">
                    { maybe(row.load, &|(per_s, part)| html! {
                        <><div class="bar"><i style={format!("width:{}", percent(part))} /></div><b>{ grouped(per_s) }</b></>
                    }) }
                </div>
                { self.fates(row) }
            </div>
        }
    }

    fn times(&self, times: &TimesView) -> Html {
        let lang = self.lang;
        let at = |place: u32| format!("left:{}", percent(place));
        let spoken = lang.of(&times.spoken);
        // Labels that would meet stand on the other side of their line.
        let close = times.p99.0 < times.median.0 + 90_000;
        html! {
            <div class="pcurve" role="img" tabindex="0" aria-label={spoken.clone()}>
                <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path d={outline(&times.shape)} /></svg>
                <b class={class(&["pmedian", when(times.median.0 > 850_000, "left")])} style={at(times.median.0)}><span>{ lang.of(&times.median.1) }</span></b>
                <i class={class(&["pmost", when(close, "bare")])} style={at(times.p99.0)}><span>{ lang.of(&times.p99.1) }</span></i>
                <span class="ptip">{ spoken }</span>
            </div>
        }
    }

    /// What the price buys: this story, then single faults.
    fn fates(&self, row: &PriceRow) -> Html {
        if self.view.veiled {
            return html! { <div /> };
        }
        let blow = |place: usize, lost: &Option<u64>| {
            let of = self.view.load_orders;
            fate(self.lang, &BLOWS[place], *lost, of.into())
        };
        let story = self.view.story.map(|sent| self.story(row.story, sent));
        html! { <div class="pfates">{ list(story.into_iter().collect()) }{ each_at(&row.blows, &blow) }</div> }
    }

    fn story(&self, story: Option<StoryView>, sent: u64) -> Html {
        let words = self.lang.later();
        let cell = fate(self.lang, &STORY, story.map(|story| story.lost), sent);
        let rest = story.map(|story| {
            let said = |n: u64, word: &str| (n > 0).then(|| format!("{} {word}", grouped(n)));
            let all = [
                said(story.twice, words.price_twice),
                said(story.not_taken, words.price_not_taken),
            ];
            all.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        html! { <span class="pstory">{ cell }if let Some(rest) = rest { <small>{ rest }</small> }</span> }
    }
}

/// A mark for what is kept or lost, with its number where some are lost.
fn fate(lang: Lang, head: &Text, lost: Option<u64>, of: u64) -> Html {
    let (name, glyph, test) = match lost {
        None => ("pfate", "", "price-waits"),
        Some(0) => ("pfate safe", "g g-done", "price-keeps"),
        Some(_) => ("pfate lost", "g g-lost", "price-loses"),
    };
    let words = lang.later();
    let said = match lost {
        None => words.price_measuring.to_string(),
        Some(0) => words.price_keeps.to_string(),
        Some(lost) => format!("{} / {} {}", grouped(lost), grouped(of), lang.words().lost),
    };
    let spoken = format!("{}: {said}", lang.of(head));
    html! {
        <span class={name} role="img" aria-label={spoken.clone()} title={spoken} data-test={test}>
            <i class={glyph} />if let Some(lost) = lost.filter(|lost| *lost > 0) { <small>{ grouped(lost) }</small> }
        </span>
    }
}

#[derive(PartialEq)]
struct Table {
    lang: Lang,
    view: Same<PriceView>,
}

impl Part for Table {
    fn draw(&self) -> Html {
        let (lang, view) = (self.lang, &*self.view);
        let heads = view.heads();
        let columns = heads.len().to_string();
        let head = |text: &Text| html! { <th scope="col">{ lang.of(text) }</th> };
        let group = |group: &PriceGroup| {
            let title = format!("{} ({})", lang.of(&group.title), lang.of(&group.times));
            html! {
                <tbody>
                    <tr><th scope="rowgroup" colspan={columns.clone()}>{ title }</th></tr>
                    { each(&group.rows, &|row| self.row(row)) }
                </tbody>
            }
        };
        html! {
            <table data-test="price-cells">
                <caption class="aloud">{ lang.later().price_title }</caption>
                <thead><tr>{ each(&heads, &head) }</tr></thead>
                { each(&view.groups, &group) }
            </table>
        }
    }
}

impl Table {
    fn row(&self, row: &PriceRow) -> Html {
        let lang = self.lang;
        let cell = |place: usize, text: &Text| match place {
            0 => html! {
                <th scope="row"><code>{ lang.of(text) }</code>if row.now { <small>{ " " }{ lang.later().price_now }</small> }</th>
            },
            _ => html! { <td>{ lang.of(text) }</td> },
        };
        html! { <tr class={when(row.now, "here")}>{ each_at(&self.view.cells(row), &cell) }</tr> }
    }
}

/// "12.3%".
fn percent(ppm: u32) -> String {
    format!("{}.{}%", ppm / 10_000, ppm / 1_000 % 10)
}

/// A filled shape over the axis.
fn outline(shape: &[(u32, u32)]) -> String {
    let (Some(first), Some(last)) = (shape.first(), shape.last()) else {
        return String::new();
    };
    let mut d = format!("M{} 100", first.0 / 1_000);
    for (x, height) in shape {
        d.push_str(&format!("L{} {}", x / 1_000, 100 - height / 10_000));
    }
    d + &format!("L{} 100Z", last.0 / 1_000)
}
