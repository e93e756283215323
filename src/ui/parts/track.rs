//! The drawing under the scrubber's head. Static: it changes only with the run or the width.

use super::super::axis::Axis;
use super::super::look;
use super::super::same::Same;
use super::super::words::{Lang, seconds};
use crate::view::{BarView, DecisiveView, DotShape, DotView, Hue, RowView, TimelineView};
use yew::prelude::*;

/// How the timeline is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A row for each node.
    Rows,
    /// One row: who leads, what decided (first screen).
    Strip,
    /// A bar with diamonds (narrow screen).
    Bar,
}

impl Shape {
    /// What is left free at both ends.
    pub fn margins(self) -> (f64, f64) {
        match self {
            Shape::Rows => (92.0, 12.0),
            Shape::Strip => (6.0, 12.0),
            Shape::Bar => (8.0, 8.0),
        }
    }

    /// The class of its bed.
    pub fn class(self) -> &'static str {
        match self {
            Shape::Rows => "rows",
            Shape::Strip => "strip",
            Shape::Bar => "scrubbar",
        }
    }
}

#[derive(PartialEq, Properties)]
pub struct TrackProps {
    pub lang: Lang,
    pub timeline: Same<TimelineView>,
    pub axis: Same<Axis>,
    pub width: f64,
    pub shape: Shape,
    /// Write "what comes next is up to you" after what is known.
    pub narrow_now: bool,
}

/// What happened.
#[component]
pub fn Track(props: &TrackProps) -> Html {
    let body = match props.shape {
        Shape::Rows => rows(props),
        Shape::Strip => strip(props),
        Shape::Bar => bar(props),
    };
    html! { <svg class="tl" aria-hidden="true">{ body }</svg> }
}

/// Upper edge of the first node row, lower edge of the last, as in the design.
const FIRST_Y: f64 = 37.0;
const LAST_Y: f64 = 129.0;

fn rows(props: &TrackProps) -> Html {
    let (lang, view, axis) = (props.lang, &*props.timeline, &*props.axis);
    let pitch = ((LAST_Y - FIRST_Y) / (view.rows.len().max(2) - 1) as f64).min(23.0);
    let y_of = |place: usize| FIRST_Y + pitch * place as f64;
    let end_x = props.width - 12.0;
    let caption = |y: f64, text: String| {
        html! { <><text x="0" y={px(y + 4.0)}>{ text }</text><path class="grid" d={format!("M92 {y:.1}H{end_x:.1}")} /></> }
    };
    let row = |(place, row): (usize, &RowView)| {
        html! { <g key={place}>{ caption(y_of(place), lang.of(&row.label)) }{ spans(props, row, y_of(place), pitch) }</g> }
    };
    let gap = |gap: &BarView| {
        let to_us = gap.to_us.unwrap_or(view.known_us);
        let heir = view.rows.iter().position(|row| {
            row.bars
                .iter()
                .any(|bar| bar.hue == Hue::Accent && bar.from_us == to_us)
        });
        let (x, y) = (
            (axis.x(gap.from_us) + axis.x(to_us)) / 2.0,
            y_of(heir.unwrap_or(2)),
        );
        let text = lang.of(&gap.label);
        if text_width(&text) > axis.x(to_us) - axis.x(gap.from_us) {
            return Html::default();
        }
        html! { <text class="sans" x={px(x)} y={px(y + 4.0)} text-anchor="middle">{ text }</text> }
    };
    html! {
        <>
            { caption(14.0, lang.words().decisive.into()) }
            { for view.rows.iter().enumerate().map(row) }
            { for view.gaps.iter().map(gap) }
            { marks(props, 14.0, LAST_Y + 12.0, 11.0) }
            { ticks(props) }
            { veil(props) }
        </>
    }
}

/// Bars and dots of one row.
fn spans(props: &TrackProps, row: &RowView, y: f64, pitch: f64) -> Html {
    let (axis, view) = (&*props.axis, &*props.timeline);
    let tall = (pitch - 5.0).min(16.0);
    let bar = |(place, bar): (usize, &BarView)| {
        let (from, to) = (
            axis.x(bar.from_us),
            axis.x(bar.to_us.unwrap_or(view.known_us)),
        );
        let height = if bar.thin { tall / 2.0 } else { tall };
        let width = (to - from).max(1.5);
        let text = props.lang.of(&bar.label);
        let fits = text_width(&text) + 10.0 < width && !bar.thin;
        let hue = look::hue(bar.hue);
        let rect = html! {
            <rect class={if bar.pale { "pale" } else { "bar2" }} x={px(from)} y={px(y - height / 2.0)}
                width={px(width)} height={px(height)} rx={if bar.thin { "2" } else { "4" }} />
        };
        let class = if bar.pale { "in" } else { "on" };
        html! {
            <g key={place} class={hue}>
                { rect }
                if fits { <text {class} x={px(from + 6.0)} y={px(y + 4.0)}>{ text }</text> }
            </g>
        }
    };
    html! {
        <>
            { for row.bars.iter().enumerate().map(bar) }
            { for sparse(&row.dots, axis).into_iter().map(|(dot, x)| dot_html(dot, x, y)) }
        </>
    }
}

/// Dots that would lie on each other are drawn once; a loss is never the one left out.
fn sparse<'a>(dots: &'a [DotView], axis: &Axis) -> Vec<(&'a DotView, f64)> {
    let mut kept: Vec<(&DotView, f64)> = Vec::new();
    for dot in dots {
        let x = axis.x(dot.at_us);
        let same = |(last, at): &(&DotView, f64)| {
            (last.hue, last.shape) == (dot.hue, dot.shape) && (x - at).abs() < 2.0
        };
        if !kept.last().is_some_and(same) {
            kept.push((dot, x));
        }
    }
    kept
}

fn dot_html(dot: &DotView, x: f64, y: f64) -> Html {
    let key = format!("{}-{:?}", dot.at_us, dot.hue);
    let hue = look::hue(dot.hue);
    match dot.shape {
        DotShape::Full => {
            html! { <circle {key} class={classes!("pt", hue)} cx={px(x)} cy={px(y)} r="3.4" /> }
        }
        DotShape::Ring => {
            html! { <circle {key} class={classes!("ring", hue)} cx={px(x)} cy={px(y)} r="3.4" /> }
        }
        DotShape::Cross => html! {
            <path {key} class={classes!("ev", "cross", hue)} d={format!("M{:.1} {:.1}l6 6m0-6l-6 6", x - 3.0, y - 3.0)} />
        },
    }
}

/// Diamonds with their words; words that would lie on others are left out, losses speak first.
fn marks(props: &TrackProps, y: f64, foot: f64, text_y: f64) -> Html {
    let (lang, axis) = (props.lang, &*props.axis);
    let mut order: Vec<&DecisiveView> = props.timeline.decisive.iter().collect();
    order.sort_by_key(|mark| match mark.hue {
        Hue::Lost => 0,
        Hue::Accent | Hue::Dup => 1,
        _ => 2,
    });
    let veil = props.timeline.veil_from_us.map(|at_us| axis.x(at_us));
    let limit = veil.unwrap_or(props.width);
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let mark = |mark: &DecisiveView| {
        let x = axis.x(mark.at_us);
        let text = lang.of(&mark.label);
        let flip = x + text_width(&text) + 8.0 > limit;
        let span = if flip {
            (x - 8.0 - text_width(&text), x - 8.0)
        } else {
            (x + 8.0, x + 8.0 + text_width(&text))
        };
        let free = taken.iter().all(|&(from, to)| span.1 < from || to < span.0);
        let free = free && span.0 > props.shape.margins().0 - 8.0;
        if free {
            taken.push((span.0, span.1));
        }
        let at = if flip { x - 8.0 } else { x + 8.0 };
        html! {
            <g key={format!("{}-{}", mark.at_us, text)} class={look::hue(mark.hue)}>
                <path class="ev thin" d={format!("M{x:.1} {y:.1}V{foot:.1}")} />
                <path class="pt" d={format!("M{x:.1} {:.1}l6 6-6 6-6-6z", y - 6.0)} />
                if free {
                    <text class="sans in" x={px(at)} y={px(text_y)} text-anchor={if flip { "end" } else { "start" }}>{ text }</text>
                }
            </g>
        }
    };
    let drawn: Vec<Html> = order.into_iter().map(mark).collect();
    drawn.into_iter().collect()
}

fn ticks(props: &TrackProps) -> Html {
    let most = ((props.width / 110.0) as usize).max(2);
    let tick = |at_us: u64| {
        let text = if at_us.is_multiple_of(1_000_000) {
            format!("{} s", at_us / 1_000_000)
        } else {
            seconds(at_us)
        };
        html! { <text key={at_us.to_string()} x={px(props.axis.x(at_us))} y="154" text-anchor="middle">{ text }</text> }
    };
    props.axis.ticks_us(most).into_iter().map(tick).collect()
}

fn veil(props: &TrackProps) -> Html {
    let Some(from_us) = props.timeline.veil_from_us else {
        return Html::default();
    };
    let (from, to) = (props.axis.x(from_us), props.width - 12.0);
    html! {
        <g>
            <rect class="veiled" x={px(from)} y="0" width={px((to - from).max(0.0))} height="143" rx="6" />
            <text class="sans veiltext" x={px((from + to) / 2.0)} y="78" text-anchor="middle">{ props.lang.words().veil }</text>
        </g>
    }
}

/// One row: who led when, the waits between, what decided.
fn strip(props: &TrackProps) -> Html {
    let (lang, view, axis) = (props.lang, &*props.timeline, &*props.axis);
    let leads = view
        .rows
        .iter()
        .flat_map(|row| &row.bars)
        .filter(|bar| bar.hue == Hue::Accent);
    let bar = |(place, bar): (usize, &BarView)| {
        let (from, to) = (
            axis.x(bar.from_us),
            axis.x(bar.to_us.unwrap_or(view.known_us)),
        );
        let text = lang.of(&bar.label);
        html! {
            <g key={place} class="ac">
                <rect class="bar2" x={px(from)} y="21" width={px((to - from).max(2.0))} height="18" rx="5" />
                if text_width(&text) + 12.0 < to - from { <text class="on" x={px(from + 10.0)} y="34">{ text }</text> }
            </g>
        }
    };
    let gap = |(place, gap): (usize, &BarView)| {
        let (from, to) = (
            axis.x(gap.from_us) + 12.0,
            axis.x(gap.to_us.unwrap_or(view.known_us)) - 12.0,
        );
        let text = lang.of(&gap.label);
        html! {
            <g key={place}>
                <rect class="wait" x={px(from)} y="23" width={px((to - from).max(0.0))} height="14" rx="4" />
                if text_width(&text) < to - from {
                    <text class="sans" x={px((from + to) / 2.0)} y="34" text-anchor="middle">{ text }</text>
                }
            </g>
        }
    };
    let known = axis.x(view.known_us);
    let open = view.decisive.is_empty() && known + 200.0 < props.width;
    html! {
        <>
            { for leads.enumerate().map(bar) }
            { for view.gaps.iter().enumerate().map(gap) }
            { marks(props, 30.0, 30.0, 12.0) }
            if open { <text class="sans" x={px(known + 16.0)} y="34">{ lang.words().up_to_you }</text> }
        </>
    }
}

/// A bar with what decided, for a narrow screen.
fn bar(props: &TrackProps) -> Html {
    let (view, axis) = (&*props.timeline, &*props.axis);
    let leads = view
        .rows
        .iter()
        .flat_map(|row| &row.bars)
        .filter(|bar| bar.hue == Hue::Accent);
    let veil = view
        .veil_from_us
        .map_or(axis.x(view.known_us), |at_us| axis.x(at_us));
    html! {
        <>
            <rect class="trough" x="4" y="27" width={px(props.width - 8.0)} height="10" rx="5" />
            <rect class="known" x="4" y="30" width={px((veil - 4.0).max(0.0))} height="4" rx="2" />
            { for leads.map(|bar| {
                let (from, to) = (axis.x(bar.from_us), axis.x(bar.to_us.unwrap_or(view.known_us)).min(veil));
                html! { <rect class="bar2 ac" x={px(from)} y="27" width={px((to - from).max(2.0))} height="10" rx="5" /> }
            }) }
            { marks(props, 32.0, 32.0, 56.0) }
        </>
    }
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// Roughly how wide a text of the axis is.
fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| if c.is_ascii() { 6.4 } else { 11.5 })
        .sum()
}
