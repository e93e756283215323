//! The timeline of two runs: of each, a row of answers and a row of who leads.

use crate::lab::compare::{Difference, Side};
use crate::lab::ledger::{Life, Told};
use crate::lab::script::seconds;
use crate::lab::text::Text;
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, SECOND};
use crate::view::live::chronicle::Chronicle;
use crate::view::live::timeline;
use crate::view::{BarView, DecisiveView, DotView, Hue, NodeKey, RowView, TimelineView};

/// Whoever waits for an answer for less than this is not told of.
const WAIT_US: Micros = SECOND;

/// Both runs, known to their ends.
pub(super) fn timeline(
    sides: [&Side; 2],
    chronicles: &[Chronicle; 2],
    difference: Option<&Difference>,
) -> TimelineView {
    let ends_us = sides.map(|side| side.run().experiment().horizon_us);
    let end_us = ends_us.into_iter().max().unwrap_or(0);
    let mut rows = Vec::new();
    for ((side, chronicle), letter) in sides.into_iter().zip(chronicles).zip(["A", "B"]) {
        let whole = timeline::timeline(side.run(), side.history(), chronicle, end_us);
        rows.push(acks(side, &whole, letter));
        rows.push(leaders(&whole, letter));
    }
    let mark = |found: &Difference| DecisiveView {
        at_us: found.at_us,
        hue: Hue::Accent,
        label: first(found.at_us),
        spoken: spoken(found),
    };
    TimelineView {
        end_us,
        known_us: end_us,
        rows,
        decisive: difference.map(mark).into_iter().collect(),
        ..TimelineView::default()
    }
}

/// "first difference, 1.086 s".
fn first(at_us: Micros) -> Text {
    let at = format!("{}.{:03} s", at_us / SECOND, at_us / 1_000 % 1_000);
    Text::new(format!("first difference, {at}"), format!("首次不同，{at}"))
}

fn spoken(found: &Difference) -> Text {
    Text::new(
        format!("First difference. A {} B {}", found.a.en, found.b.en),
        format!("首次不同。A：{}B：{}", found.a.zh, found.b.zh),
    )
}

/// The answers that producing applications got, and long waits for one.
fn acks(side: &Side, whole: &TimelineView, letter: &str) -> RowView {
    let is_sender = |row: &&RowView| matches!(row.node, NodeKey::Producer(_) | NodeKey::Relay);
    let senders = whole.rows.iter().filter(is_sender);
    let mut dots: Vec<DotView> = senders.flat_map(|row| row.dots.clone()).collect();
    sort_by_number(&mut dots, |dot| dot.at_us);
    RowView {
        node: NodeKey::Producer(0),
        label: Text::same(format!("{letter} · acks")),
        bars: waits(side),
        dots,
    }
}

/// Whoever is answered late: those that wait together are one.
fn waits(side: &Side) -> Vec<BarView> {
    let mut groups: Vec<(Vec<u32>, Micros, Micros)> = Vec::new();
    let waits = |life: &&Life| {
        matches!(life.told, Told::Acked(_)) && life.told_us - life.buffered_us >= WAIT_US
    };
    for life in side.history().ledger.iter().filter(waits) {
        match groups.last_mut() {
            Some((who, _, to_us)) if life.buffered_us <= *to_us => {
                who.push(life.message.0);
                *to_us = life.told_us.max(*to_us);
            }
            _ => groups.push((vec![life.message.0], life.buffered_us, life.told_us)),
        }
    }
    let bar = |(who, from_us, to_us): (Vec<u32>, Micros, Micros)| {
        let (first, last) = (who[0], who[who.len() - 1]); // nobody is no group
        let (names, verb) = match who.len() {
            1 => (format!("m{first}"), "waits"),
            _ => (format!("m{first}–m{last}"), "wait"),
        };
        let lasted = seconds(to_us - from_us);
        BarView {
            from_us,
            to_us: Some(to_us),
            hue: Hue::Send,
            pale: true,
            thin: false,
            label: Text::new(
                format!("{names} {verb} {lasted}"),
                format!("{names} 等了 {lasted}"),
            ),
        }
    };
    groups.into_iter().map(bar).collect()
}

/// Who leads, and how long nobody does.
fn leaders(whole: &TimelineView, letter: &str) -> RowView {
    let mut bars: Vec<BarView> = Vec::new();
    for row in &whole.rows {
        let leads = row.bars.iter().filter(|bar| bar.hue == Hue::Accent);
        bars.extend(leads.map(|bar| BarView {
            label: row.label.clone(),
            ..bar.clone()
        }));
    }
    bars.extend(whole.gaps.iter().map(|gap| BarView {
        pale: true,
        ..gap.clone()
    }));
    sort_by_number(&mut bars, |bar| bar.from_us);
    RowView {
        node: NodeKey::Broker(0),
        label: Text::new(format!("{letter} · leader"), format!("{letter} · leader")),
        bars,
        dots: Vec::new(),
    }
}
