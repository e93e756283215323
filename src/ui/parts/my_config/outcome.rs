//! The schedule that loses most simply, and the smallest change.

use super::super::super::browser;
use super::super::super::part::{Part, class, each, each_at, maybe, when};
use super::super::super::same::Same;
use super::super::super::words::{CONFIG_EN, CONFIG_ZH, Lang};
use super::super::icon;
use super::bench;
use super::verdicts::play;
use crate::view::Text;
use crate::view::config::{ChangeView, ConfigView, LosingView, PlaceView};
use yew::prelude::*;

/// The right side.
#[derive(PartialEq)]
pub struct Outcome {
    pub lang: Lang,
    pub view: Same<ConfigView>,
}

/// Width of the line of time, and its edges.
const WIDTH: u32 = 348;
const EDGE: u32 = 8;

/// A place of the line, from thousandths.
fn x(at: u16) -> u32 {
    EDGE + u32::from(at) * (WIDTH - 2 * EDGE) / 1_000
}

impl Part for Outcome {
    fn draw(&self) -> Html {
        let view = &self.view;
        html! {
            <>
                { maybe(view.losing.as_ref(), &|losing| self.losing(losing)) }
                { self.change(&view.change) }
            </>
        }
    }
}

impl Outcome {
    fn losing(&self, losing: &LosingView) -> Html {
        let (lang, words) = (self.lang, self.lang.config());
        let onclick = Callback::from(|_: MouseEvent| play(None));
        let line = |(at, text, decisive): &(String, Text, bool)| {
            html! {
                <li class={class(&[when(*decisive, "lost")])}>
                    <span class="mono soft">{ at.clone() }</span>
                    <span>if *decisive { <b>{ lang.of(text) }</b> } else { { lang.of(text) } }</span>
                </li>
            }
        };
        let fault = |(_, _, text): &(u16, u16, Text)| html! { <li>{ lang.of(text) }</li> };
        html! {
            <section data-test="config-losing">
                <h2>{ lang.of(&losing.title) }</h2>
                <p class="soft mcline">{ lang.of(&losing.line) }</p>
                <div class="card">
                    { self.time(losing) }
                    <ul class="mcfaults">{ each(&losing.faults, &fault) }</ul>
                    <ol class="story mcstory">{ each(&losing.story, &line) }</ol>
                    <p class="mcoutcome"><b>{ lang.of(&losing.outcome) }</b></p>
                    <button class="btn pri mcwide" {onclick} data-test="config-play">{ icon("play") }{ words.play_it }</button>
                </div>
            </section>
        }
    }

    /// Acks above, faults below, the time without a leader between them.
    fn time(&self, losing: &LosingView) -> Html {
        let (lang, words) = (self.lang, self.lang.config());
        let ack = |(at, lost): &(u16, bool)| {
            let (x, from, to) = (x(*at).to_string(), if *lost { "6" } else { "12" }, "22");
            html! { <line class={if *lost { "ackline lost" } else { "ackline safe" }} x1={x.clone()} x2={x} y1={from} y2={to} /> }
        };
        let fault = |place: usize, (from, to, _): &(u16, u16, Text)| {
            let (from, to) = (x(*from), x(*to));
            let y = 36 + 9 * place.min(4) as u32;
            let (mid, end) = (y + 3, to.max(from + 2) - from);
            html! {
                <g class="lost">
                    <rect class="span" x={from.to_string()} y={(y + 1).to_string()} width={end.to_string()} height="4" rx="2" />
                    <path class="pt" d={format!("M{from} {}l5 5-5 5-5-5z", mid - 5)} />
                </g>
            }
        };
        let rows = losing.faults.len().clamp(1, 5) as u32;
        let foot = 36 + 9 * rows + 12;
        let tick = |place: usize, (at, text): &(u16, String)| {
            let anchor = if place == 0 { "start" } else { "end" };
            html! { <text x={x(*at).to_string()} y={foot.to_string()} text-anchor={anchor}>{ text.clone() }</text> }
        };
        let gap = maybe(losing.leaderless.as_ref(), &|(from, to, text)| {
            let (from, to) = (x(*from), x(*to));
            html! {
                <g>
                    <line class="gap" x1={from.to_string()} x2={to.to_string()} y1="17" y2="17" />
                    <text class="sans" x={((from + to) / 2).clamp(70, WIDTH - 70).to_string()} y="10" text-anchor="middle">{ lang.of(text) }</text>
                </g>
            }
        });
        html! {
            <svg class="tl mctl" viewBox={format!("0 0 {WIDTH} {}", foot + 4)} role="img" aria-label={words.schedule}>
                <path class="grid" d={format!("M{EDGE} 22H{}", WIDTH - EDGE)} />
                { gap }
                { each(&losing.acks, &ack) }
                { each_at(&losing.faults, &fault) }
                { each_at(&losing.ticks, &tick) }
            </svg>
        }
    }

    fn change(&self, change: &ChangeView) -> Html {
        let (lang, words) = (self.lang, self.lang.config());
        if change.places.is_empty() && change.none.is_empty() {
            return Html::default();
        }
        let apply = Callback::from(|_: MouseEvent| bench::act(|desk| desk.apply()));
        let copy = Callback::from(|_: MouseEvent| copy_patch());
        let price = |(name, value): &(Text, String)| {
            html! { <span>{ lang.of(name) }{ " " }<b class="mono">{ value.clone() }</b></span> }
        };
        let rest = |text: &Text| html! { <li>{ lang.of(text) }</li> };
        html! {
            <section class="mcchange" data-test="config-change">
                <h2 class="eyebrow">{ words.change }</h2>
                if change.places.is_empty() {
                    <p data-test="config-nothing">{ lang.of(&change.none) }</p>
                } else {
                    <div class="card diff">{ each_at(&change.places, &|_, place| self.place(place)) }</div>
                    <div class="pl">{ each(&change.prices, &price) }</div>
                    <div class="mcacts">
                        <button class="btn" onclick={copy} data-test="config-copy">{ icon("copy") }{ words.copy_diff }</button>
                        <button class="btn" onclick={apply} data-test="config-apply">{ words.apply }</button>
                    </div>
                }
                if !change.rest.is_empty() { <ul class="assumed">{ each(&change.rest, &rest) }</ul> }
            </section>
        }
    }

    fn place(&self, place: &PlaceView) -> Html {
        let line = |(sign, text): &(char, String)| {
            let name = match sign {
                '-' => "dl del",
                '+' => "dl add",
                _ => "dl",
            };
            html! { <code class={name}>{ format!("{sign} {text}") }</code> }
        };
        html! {
            <>
                <h3 class="dfile">{ place.name.clone() }</h3>
                { each(&place.lines, &line) }
                { maybe(place.command.clone(), &|command| html! { <code class="dl cmd">{ command }</code> }) }
            </>
        }
    }
}

fn copy_patch() {
    let patch = bench::ask(|desk| desk.patch());
    browser::copy(
        &patch,
        || bench::notice(Text::fixed(CONFIG_EN.copied, CONFIG_ZH.copied)),
        || bench::notice(Text::fixed(CONFIG_EN.copy_failed, CONFIG_ZH.copy_failed)),
    );
}
