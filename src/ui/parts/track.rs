//! The drawing under the scrubber's head. Static: it changes only with the run or the width.

use super::super::axis::Axis;
use super::super::look;
use super::super::part::{Part, class, each, each_at, list};
use super::super::px::px;
use super::super::same::Same;
use super::super::words::{Lang, seconds};
use crate::view::{
    BarView, BookmarkView, BranchView, DecisiveView, DotShape, DotView, Hue, NodeKey, RowView,
    TimelineView,
};
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
            Shape::Rows => "bed rows",
            Shape::Strip => "bed strip",
            Shape::Bar => "bed scrubbar",
        }
    }
}

/// What happened.
#[derive(PartialEq)]
pub struct Track {
    pub lang: Lang,
    pub timeline: Same<TimelineView>,
    pub axis: Same<Axis>,
    pub width: f64,
    pub shape: Shape,
}

impl Part for Track {
    fn draw(&self) -> Html {
        let body = match self.shape {
            Shape::Rows => self.rows(),
            Shape::Strip => self.strip(),
            Shape::Bar => self.bar(),
        };
        html! { <svg class="tl" aria-hidden="true">{ body }</svg> }
    }
}

/// Upper edge of the first node row, lower edge of the last, as in the design.
const FIRST_Y: f64 = 37.0;
const LAST_Y: f64 = 129.0;

fn words(x: f64, y: f64, class: &'static str, anchor: &'static str, text: String) -> Html {
    html! { <text class={AttrValue::Static(class)} x={px(x)} y={px(y)} text-anchor={anchor}>{ text }</text> }
}

fn block(
    class: &'static str,
    from: f64,
    to: f64,
    y: f64,
    height: f64,
    round: &'static str,
) -> Html {
    // With many brokers a row is lower than the gap between rows; a bar is still seen.
    let (width, height) = ((to - from).max(1.5), height.max(1.5));
    html! {
        <rect class={AttrValue::Static(class)} x={px(from)} y={px(y)} width={px(width)} height={px(height)} rx={round} />
    }
}

impl Track {
    fn x(&self, at_us: u64) -> f64 {
        self.axis.x(at_us)
    }

    /// Both ends of a bar; one that lasts ends where the run is known to.
    fn ends(&self, bar: &BarView) -> (f64, f64) {
        (
            self.x(bar.from_us),
            self.x(bar.to_us.unwrap_or(self.timeline.known_us)),
        )
    }

    fn rows(&self) -> Html {
        let (lang, view) = (self.lang, &*self.timeline);
        let pitch = ((LAST_Y - FIRST_Y) / (view.rows.len().max(2) - 1) as f64).min(23.0);
        let y_of = |place: usize| FIRST_Y + pitch * place as f64;
        let row = |place: usize, row: &RowView| {
            let y = y_of(place);
            html! { <g key={place}>{ self.caption(y, lang.of(&row.label)) }{ self.spans(row, y, pitch) }</g> }
        };
        let gap = |gap: &BarView| {
            let (from, to) = self.ends(gap);
            let heir = |row: &RowView| {
                row.bars
                    .iter()
                    .any(|bar| bar.hue == Hue::Accent && Some(bar.from_us) == gap.to_us)
            };
            let place = view.rows.iter().position(heir).unwrap_or(2);
            // Where a bar lies already, the words go into a row that is free.
            let is_free = |row: &RowView| {
                let mut bars = row.bars.iter().map(|bar| self.ends(bar));
                matches!(row.node, NodeKey::Broker(_)) && bars.all(|(a, b)| b <= from || to <= a)
            };
            let heir_is_free = view.rows.get(place).is_some_and(is_free);
            let free = view.rows.iter().position(is_free).filter(|_| !heir_is_free);
            let place = free.unwrap_or(place);
            self.inside(from, to, y_of(place) + 4.0, "sans", lang.of(&gap.label))
        };
        html! {
            <>
                { self.caption(14.0, lang.words().decisive.into()) }
                { each_at(&view.rows, &row) }
                { each(&view.gaps, &gap) }
                { self.marks(14.0, LAST_Y + 12.0, 11.0) }
                { self.kept(LAST_Y + 12.0) }
                { self.ticks() }
                { self.veil() }
            </>
        }
    }

    fn caption(&self, y: f64, text: String) -> Html {
        let d = format!("M92 {}H{}", px(y), px(self.width - 12.0));
        html! { <>{ words(0.0, y + 4.0, "", "start", text) }<path class="grid" {d} /></> }
    }

    /// Words in the middle of a span, if they fit.
    fn inside(&self, from: f64, to: f64, y: f64, class: &'static str, text: String) -> Html {
        if text_width(&text) > to - from {
            return Html::default();
        }
        words((from + to) / 2.0, y, class, "middle", text)
    }

    /// Bars and dots of one row.
    fn spans(&self, row: &RowView, y: f64, pitch: f64) -> Html {
        let tall = (pitch - 5.0).min(16.0);
        let bar = |place: usize, bar: &BarView| {
            let (from, to) = self.ends(bar);
            let height = if bar.thin { tall / 2.0 } else { tall };
            let text = self.lang.of(&bar.label);
            let fits = text_width(&text) + 10.0 < to - from && !bar.thin;
            let (fill, ink) = if bar.pale {
                ("pale", "in")
            } else {
                ("bar2", "on")
            };
            html! {
                <g key={place} class={look::hue(bar.hue)}>
                    { block(fill, from, to, y - height / 2.0, height, if bar.thin { "2" } else { "4" }) }
                    if fits { { words(from + 6.0, y + 4.0, ink, "start", text) } }
                </g>
            }
        };
        let dot = |(dot, x): &(&DotView, f64)| dot_html(dot, *x, y);
        html! { <>{ each_at(&row.bars, &bar) }{ each(&sparse(&row.dots, &self.axis), &dot) }</> }
    }

    /// Diamonds with their words; words that would lie on others are left out, losses speak first.
    fn marks(&self, y: f64, foot: f64, text_y: f64) -> Html {
        let limit = self
            .timeline
            .veil_from_us
            .map_or(self.width, |at_us| self.x(at_us));
        let least = self.shape.margins().0 - 8.0;
        let (mut taken, mut drawn) = (Vec::<(f64, f64)>::new(), Vec::new());
        for grade in 0..3 {
            for mark in self
                .timeline
                .decisive
                .iter()
                .filter(|mark| weight(mark.hue) == grade)
            {
                let (x, text) = (self.x(mark.at_us), self.lang.of(&mark.label));
                let wide = text_width(&text);
                let flip = x + wide + 8.0 > limit;
                let (from, to) = if flip {
                    (x - 8.0 - wide, x - 8.0)
                } else {
                    (x + 8.0, x + 8.0 + wide)
                };
                let covered = |other: &DecisiveView| {
                    let near = self.x(other.at_us);
                    from - 3.0 < near && near < to
                };
                let free = from > least
                    && taken.iter().all(|&(a, b)| to < a || b < from)
                    && !self.timeline.decisive.iter().any(covered);
                let said = if free {
                    taken.push((from, to));
                    let (at, anchor) = if flip { (to, "end") } else { (from, "start") };
                    words(at, text_y, "sans in", anchor, text)
                } else {
                    Html::default()
                };
                drawn.push(diamond(mark, x, y, foot, said));
            }
        }
        list(drawn)
    }

    /// Where other runs parted from this past, and what was marked.
    fn kept(&self, foot: f64) -> Html {
        let view = &*self.timeline;
        if view.branches.is_empty() && view.bookmarks.is_empty() {
            return Html::default();
        }
        let fork = |branch: &BranchView| {
            if branch.fork_us == 0 {
                return Html::default();
            }
            let d = format!("M{} {}v-6l6-6", px(self.x(branch.fork_us)), px(foot + 2.0));
            html! { <path key={branch.id} class="ev forkmark" {d} /> }
        };
        let flag = |mark: &BookmarkView| {
            let x = px(self.x(mark.at_us));
            let d = format!("M{x} {}V{}h9l-3 4 3 4h-9", px(foot + 2.0), px(foot - 12.0));
            html! { <path key={mark.id} class="flag" {d}><title>{ self.lang.of(&mark.label) }</title></path> }
        };
        html! { <g class="keptmarks">{ each(&view.branches, &fork) }{ each(&view.bookmarks, &flag) }</g> }
    }

    fn ticks(&self) -> Html {
        let most = ((self.width / 110.0) as usize).max(2);
        each(&self.axis.ticks_us(most), &|&at_us| {
            let whole = at_us.is_multiple_of(1_000_000);
            let text = if whole {
                format!("{} s", at_us / 1_000_000)
            } else {
                seconds(at_us)
            };
            words(self.x(at_us), 154.0, "", "middle", text)
        })
    }

    fn veil(&self) -> Html {
        let Some(from_us) = self.timeline.veil_from_us else {
            return Html::default();
        };
        let (from, to) = (self.x(from_us), self.width - 12.0);
        html! {
            <g>
                { block("veiled", from, to, 0.0, 143.0, "6") }
                { self.inside(from, to, 78.0, "sans veiltext", self.lang.words().veil.into()) }
            </g>
        }
    }

    /// Who led when, up to the veil.
    fn leads(&self) -> Vec<&BarView> {
        let hidden_us = self.timeline.veil_from_us.unwrap_or(u64::MAX);
        let all = self.timeline.rows.iter().flat_map(|row| &row.bars);
        all.filter(|bar| bar.hue == Hue::Accent && bar.from_us < hidden_us)
            .collect()
    }

    /// One row: who led when, the waits between, what decided.
    fn strip(&self) -> Html {
        let (lang, view) = (self.lang, &*self.timeline);
        let bar = |bar: &&BarView| {
            let ((from, to), text) = (self.ends(bar), lang.of(&bar.label));
            let fits = text_width(&text) + 12.0 < to - from;
            html! {
                <g class="ac">
                    { block("bar2", from, to, 21.0, 18.0, "5") }
                    if fits { { words(from + 10.0, 34.0, "on", "start", text) } }
                </g>
            }
        };
        let gap = |gap: &BarView| {
            let (from, to) = self.ends(gap);
            let (from, to) = (from + 12.0, to - 12.0);
            let text = self.inside(from, to, 34.0, "sans", lang.of(&gap.label));
            html! { <g>{ block("wait", from, to, 23.0, 14.0, "4") }{ text }</g> }
        };
        let known = self.x(view.known_us);
        let open = view.decisive.is_empty() && known + 200.0 < self.width;
        html! {
            <>
                { each(&self.leads(), &bar) }
                { each(&view.gaps, &gap) }
                { self.marks(30.0, 30.0, 12.0) }
                if open { { words(known + 16.0, 34.0, "sans", "start", lang.words().up_to_you.into()) } }
            </>
        }
    }

    /// A bar with what decided, for a narrow screen.
    fn bar(&self) -> Html {
        let view = &*self.timeline;
        let veil = self.x(view.veil_from_us.unwrap_or(view.known_us));
        let lead = |bar: &&BarView| {
            let (from, to) = self.ends(bar);
            block("bar2 ac", from, to.min(veil), 27.0, 10.0, "5")
        };
        html! {
            <>
                { block("trough", 4.0, self.width - 4.0, 27.0, 10.0, "5") }
                { block("known", 4.0, veil, 30.0, 4.0, "2") }
                { each(&self.leads(), &lead) }
                { self.marks(32.0, 32.0, 53.0) }
                { self.kept(38.0) }
            </>
        }
    }
}

fn weight(hue: Hue) -> u8 {
    match hue {
        Hue::Lost => 0,
        Hue::Accent | Hue::Dup => 1,
        _ => 2,
    }
}

fn diamond(mark: &DecisiveView, x: f64, y: f64, foot: f64, said: Html) -> Html {
    let stem = format!("M{} {}V{}", px(x), px(y), px(foot));
    let head = format!("M{} {}l6 6-6 6-6-6z", px(x), px(y - 6.0));
    html! {
        <g class={look::hue(mark.hue)}>
            <path class="ev thin" d={stem} />
            <path class="pt" d={head} />
            { said }
        </g>
    }
}

/// Dots that would lie on each other are drawn once; a loss is never the one left out.
fn sparse<'a>(dots: &'a [DotView], axis: &Axis) -> Vec<(&'a DotView, f64)> {
    let mut kept: Vec<(&DotView, f64)> = Vec::new();
    for dot in dots {
        let x = axis.x(dot.at_us);
        let covered = kept.last().is_some_and(|(last, at)| {
            (last.hue, last.shape) == (dot.hue, dot.shape) && (x - at).abs() < 2.0
        });
        if !covered {
            kept.push((dot, x));
        }
    }
    kept
}

fn dot_html(dot: &DotView, x: f64, y: f64) -> Html {
    let round = |name: &'static str| {
        let class = class(&[name, look::hue(dot.hue)]);
        html! { <circle {class} cx={px(x)} cy={px(y)} r="3.4" /> }
    };
    match dot.shape {
        DotShape::Full => round("pt"),
        DotShape::Ring => round("ring"),
        DotShape::Cross => {
            let d = format!("M{} {}l6 6m0-6l-6 6", px(x - 3.0), px(y - 3.0));
            html! { <path class={class(&["ev cross", look::hue(dot.hue)])} {d} /> }
        }
    }
}

/// Roughly how wide a text of the axis is.
fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| if c.is_ascii() { 6.4 } else { 11.5 })
        .sum()
}
