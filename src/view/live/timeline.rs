//! The timeline: a row for each node, as far as the run is known.

use super::chronicle::{Chronicle, numbers};
use super::keys::key_of;
use crate::kafka::Role;
use crate::lab::experiment::MESSAGES_EACH;
use crate::lab::history::History;
use crate::lab::ledger::Life;
use crate::lab::moments::On;
use crate::lab::run::Run;
use crate::lab::script::seconds;
use crate::lab::text::Text;
use crate::sim::order::sort_by_number;
use crate::sim::{EntryId, Micros, NodeId};
use crate::view::{BarView, DotShape, DotView, Fate, Hue, NodeKey, RowView, TimelineView};

/// How many dots a row may have; more are drawn as one where they touch.
const DOTS: u64 = 240;

/// Rows and gaps of `run` up to `known_us`; decisive events, branches and the veil are the
/// session's to add. `history` is the run's at that moment.
pub fn timeline(
    run: &Run,
    history: &History,
    chronicle: &Chronicle,
    known_us: Micros,
) -> TimelineView {
    let spec = &run.world().model.spec;
    let rows = (1..spec.nodes())
        .map(NodeId)
        .filter(|node| spec.role(*node) != Role::Controller);
    let mut rows: Vec<RowView> = rows
        .filter_map(|node| {
            let key = key_of(spec, node)?;
            let bars = bars(chronicle, node, known_us);
            let dots = match key {
                NodeKey::Producer(nth) => sent(run, history, Some(nth)),
                NodeKey::Relay => sent(run, history, None),
                NodeKey::Consumer(_) => processed(run, history, node),
                _ => Vec::new(),
            };
            Some(RowView {
                node: key,
                label: label(key),
                bars,
                dots,
            })
        })
        .collect();
    rows.sort_by_key(|row| row_place(row.node));
    number_the_first(&mut rows);
    TimelineView {
        end_us: run.experiment().horizon_us,
        known_us,
        rows,
        gaps: gaps(chronicle, known_us),
        ..TimelineView::default()
    }
}

/// Of several applications the first one has a number, too.
fn number_the_first(rows: &mut [RowView]) {
    for (first, second, label) in [
        (NodeKey::Producer(0), NodeKey::Producer(1), "producer 1"),
        (NodeKey::Consumer(0), NodeKey::Consumer(1), "consumer 1"),
    ] {
        if rows.iter().any(|row| row.node == second) {
            rows.iter_mut()
                .filter(|row| row.node == first)
                .for_each(|row| row.label = Text::same(label));
        }
    }
}

fn row_place(node: NodeKey) -> (u8, i32) {
    match node {
        NodeKey::Producer(nth) => (0, i32::from(nth)),
        NodeKey::Broker(id) => (1, id),
        NodeKey::Controller(nth) => (2, i32::from(nth)),
        NodeKey::Consumer(nth) => (3, i32::from(nth)),
        NodeKey::Relay => (0, i32::MAX),
        NodeKey::Sink | NodeKey::Outbox => (4, 0),
    }
}

fn label(node: NodeKey) -> Text {
    let numbered = |word: &str, nth: u8| match nth {
        0 => Text::same(word.to_string()),
        nth => Text::same(format!("{word} {}", nth + 1)),
    };
    match node {
        NodeKey::Producer(nth) => numbered("producer", nth),
        NodeKey::Consumer(nth) => numbered("consumer", nth),
        NodeKey::Broker(id) => Text::same(format!("broker {id}")),
        NodeKey::Controller(nth) => numbered("controller", nth),
        NodeKey::Relay => Text::same("relay"),
        NodeKey::Sink | NodeKey::Outbox => Text::default(),
    }
}

fn bars(chronicle: &Chronicle, node: NodeId, known_us: Micros) -> Vec<BarView> {
    let spans = chronicle
        .spans
        .iter()
        .filter(|span| span.node == node && span.from_us <= known_us);
    spans
        .map(|span| {
            let (hue, pale, thin, label) = span.kind.look();
            let to_us = span.to_us.filter(|to_us| *to_us <= known_us);
            BarView {
                from_us: span.from_us,
                to_us,
                hue,
                pale,
                thin,
                label,
            }
        })
        .collect()
}

fn gaps(chronicle: &Chronicle, known_us: Micros) -> Vec<BarView> {
    let waits = chronicle
        .waits
        .iter()
        .filter(|wait| wait.leaderless && wait.from_us <= known_us);
    waits
        .map(|wait| {
            let to_us = wait.to_us.filter(|to_us| *to_us <= known_us);
            let lasted = seconds(to_us.unwrap_or(known_us) - wait.from_us);
            BarView {
                from_us: wait.from_us,
                to_us,
                hue: Hue::None,
                pale: false,
                thin: false,
                label: leaderless(&lasted, &wait.partitions),
            }
        })
        .collect()
}

fn leaderless(lasted: &str, partitions: &[u16]) -> Text {
    if partitions.is_empty() {
        return Text::new(
            format!("no leader for {lasted}: sends wait"),
            format!("{lasted} 没有 leader，发送在等"),
        );
    }
    some_leaderless(lasted, partitions)
}

#[inline(never)]
fn some_leaderless(lasted: &str, partitions: &[u16]) -> Text {
    let (which, many) = (numbers(partitions), partitions.len() > 1);
    let noun = if many { "partitions" } else { "partition" };
    Text::new(
        format!("{noun} {which} without a leader for {lasted}"),
        format!("分区 {which} 有 {lasted} 没有 leader"),
    )
}

/// A dot for each answer the producing application got, or the job that sends what is in the outbox.
fn sent(run: &Run, history: &History, nth: Option<u8>) -> Vec<DotView> {
    let place = nth.map(u32::from);
    let mine = |life: &&Life| match life.row {
        Some(_) => place.is_none(),
        None => Some((life.message.0 - 1) / MESSAGES_EACH) == place,
    };
    let answered = history
        .ledger
        .iter()
        .filter(mine)
        .filter(|life| life.told_us > 0);
    let dots = answered.map(|life| {
        let fate = history.fate(life);
        let shape = match fate {
            Fate::Lost | Fate::Doomed | Fate::Skipped | Fate::Expired | Fate::Failed => {
                DotShape::Cross
            }
            Fate::OneCopy | Fate::InDoubt => DotShape::Ring,
            _ => DotShape::Full,
        };
        DotView {
            at_us: life.told_us,
            hue: fate.hue(),
            shape,
        }
    });
    thinned(dots.collect(), run.experiment().horizon_us)
}

/// A dot for each piece of work that the consuming application finished.
fn processed(run: &Run, history: &History, node: NodeId) -> Vec<DotView> {
    let at = |entry: EntryId| {
        run.journal()
            .get(entry)
            .filter(|stamped| stamped.node == node)
    };
    let dots = history.ledger.iter().filter_map(|life| {
        let (_, last) = life.effects?;
        let hue = if life.processed > 1 {
            Hue::Dup
        } else {
            Hue::Safe
        };
        Some(DotView {
            at_us: at(last)?.at,
            hue,
            shape: DotShape::Full,
        })
    });
    thinned(dots.collect(), run.experiment().horizon_us)
}

/// Dots that would lie on each other become one: the worst of them.
fn thinned(mut dots: Vec<DotView>, end_us: Micros) -> Vec<DotView> {
    sort_by_number(&mut dots, |dot| dot.at_us);
    let width_us = (end_us / DOTS).max(1);
    let mut thin: Vec<DotView> = Vec::new();
    for dot in dots {
        match thin.last_mut() {
            Some(last) if last.at_us / width_us == dot.at_us / width_us => {
                if weight(dot.hue) > weight(last.hue) {
                    *last = dot;
                }
            }
            _ => thin.push(dot),
        }
    }
    thin
}

fn weight(hue: Hue) -> u8 {
    match hue {
        Hue::None | Hue::Accent | Hue::Send => 0,
        Hue::Safe => 1,
        Hue::Risk => 2,
        Hue::Dup => 3,
        Hue::Lost => 4,
    }
}

/// The hue of what decides.
pub(super) fn hue_of(on: On) -> Hue {
    match on {
        On::Elected => Hue::Accent,
        On::Twice | On::OutOfOrder => Hue::Dup,
        On::AckedWithOneCopy => Hue::Risk,
        _ => Hue::Lost,
    }
}
