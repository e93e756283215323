//! Every single fault at every point: a row for each, a mark for each moment; and the same as a table.

use super::super::super::driver::with;
use super::super::super::look;
use super::super::super::part::{Part, class, each, maybe};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::super::icon;
use crate::view::Hue;
use crate::view::hunt::{HuntView, MapRow, MapView, Spot};
use yew::prelude::*;

/// The right column.
#[derive(PartialEq)]
pub struct HuntMap {
    pub lang: Lang,
    pub view: Same<HuntView>,
}

impl Part for HuntMap {
    fn draw(&self) -> Html {
        let (lang, words, map) = (self.lang, self.lang.later(), &self.view.map);
        html! {
            <>
                <h2>{ words.hunt_every }</h2>
                <p class="soft">{ words.hunt_every_line }</p>
                if !map.rows.is_empty() {
                    <div class={class(&["big4 tint", look::hue(map.hue)])} data-test="hunt-singles" data-hue={look::hue(map.hue)}>
                        { icon(if map.hue == Hue::Lost { "lost" } else { "done" }) }
                        <span><b>{ lang.of(&map.verdict) }</b><small>{ lang.of(&map.line) }</small></span>
                    </div>
                    <div class="map" data-test="hunt-map">{ each(&map.rows, &|row| line(lang, row)) }</div>
                    <p class="soft note">{ lang.of(&map.note) }</p>
                    { table(lang, map) }
                }
            </>
        }
    }
}

fn line(lang: Lang, row: &MapRow) -> Html {
    let count = match row.harmful {
        0 => row.played.to_string(),
        harmful => format!("{harmful} / {}", row.played),
    };
    html! {
        <div class="mrow" key={lang.of(&row.name)}>
            <span class="mname" title={lang.of(&row.name)}>{ icon(row.glyph) }{ lang.of(&row.name) }</span>
            <svg class="pts" viewBox={format!("0 0 {} 10", row.spots.len().max(1))} preserveAspectRatio="none" aria-hidden="true">
                <path class="open" d={marks(&row.spots, Spot::Open)} />
                <path class="safe" d={marks(&row.spots, Spot::Safe)} />
                <path class="harm" d={marks(&row.spots, Spot::Harms)} />
            </svg>
            { maybe(row.first.clone(), &|first| harm(lang, row, first)) }
            <b class={if row.harmful > 0 { "lost" } else { "" }}>{ count }</b>
        </div>
    }
}

/// Plays the first one that harms.
fn harm(lang: Lang, row: &MapRow, (link, at): (String, String)) -> Html {
    let said = format!("{}: {} ({at})", lang.later().hunt_play, lang.of(&row.name));
    let open = Callback::from(move |_: MouseEvent| with(|driver| driver.open_found(&link, None)));
    html! { <button class="act" onclick={open} aria-label={said.clone()} title={said} data-test="hunt-play-single">{ icon("play") }</button> }
}

/// A small rectangle for each of these spots, drawn as one path.
fn marks(spots: &[Spot], which: Spot) -> String {
    let mut d = String::new();
    for (place, _) in spots.iter().enumerate().filter(|(_, spot)| **spot == which) {
        d.push_str(&format!("M{place} 0h.8v10h-.8z"));
    }
    d
}

fn table(lang: Lang, map: &MapView) -> Html {
    let words = lang.later();
    let row = |row: &MapRow| {
        let first = row.first.as_ref().map(|(_, at)| at.clone());
        html! {
            <tr>
                <th scope="row">{ lang.of(&row.name) }</th>
                <td>{ row.played.to_string() }</td>
                <td>{ row.harmful.to_string() }</td>
                <td>{ first.unwrap_or_default() }</td>
            </tr>
        }
    };
    html! {
        <div class="aloud">
            <table data-test="hunt-table">
                <caption>{ words.hunt_every }</caption>
                <thead><tr>
                    <th scope="col">{ words.hunt_fault }</th><th scope="col">{ words.hunt_played }</th>
                    <th scope="col">{ words.hunt_harmful }</th><th scope="col">{ words.hunt_first }</th>
                </tr></thead>
                <tbody>{ each(&map.rows, &row) }</tbody>
            </table>
        </div>
    }
}
