//! Every single fault at every point: what is known of each.

use super::best::glyph;
use super::link;
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Found, Spell, with};
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::lab::trial::{clock, told};
use crate::lab::work::HuntReport;
use crate::view::Hue;
use crate::view::hunt::{MapRow, MapView, Spot};

/// The map, as far as it is played.
pub fn map(ground: &Experiment, report: Option<&HuntReport>) -> MapView {
    let Some(report) = report else {
        return MapView::default();
    };
    let (done, broken) = (report.singles.done, report.singles.broken.len());
    let all = report.points_us.len() * report.faults.len();
    let safe = done - broken.min(done);
    let (hue, line) = match () {
        () if broken > 0 => (
            Hue::Lost,
            both(
                format!("{broken} lose or double a message"),
                format!("{broken} 个造成丢失或重复"),
            ),
        ),
        () if done < all => (
            Hue::None,
            both(format!("{all} in all"), format!("共 {all} 个")),
        ),
        () => (
            Hue::Safe,
            Text::fixed(
                "nothing acked was lost, nothing written twice",
                "已 ack 的一条没丢，也没有写两遍",
            ),
        ),
    };
    let points = report.points_us.len();
    MapView {
        verdict: both(
            format!("{safe} of {done} single faults: safe"),
            format!("{done} 个单点故障中 {safe} 个安全"),
        ),
        hue,
        line,
        rows: rows(ground, report),
        note: both(
            format!(
                "One mark is one decisive moment of the run: {points} in all, in order of time. Each fault is tried there twice, for 1 s and for 15 s."
            ),
            format!(
                "一个标记是运行中的一个关键时刻，共 {points} 个，按时间排列。每个故障在那里试两次：持续 1 秒和 15 秒。"
            ),
        ),
    }
}

/// Faults that differ in how long they last share a row.
fn rows(ground: &Experiment, report: &HuntReport) -> Vec<MapRow> {
    let each = report.faults.len().max(1);
    let (whole, rest) = (report.singles.done / each, report.singles.done % each);
    let mut rows: Vec<(Spell, MapRow)> = Vec::new();
    for (place, fault) in report.faults.iter().enumerate() {
        let same = rows.iter().position(|(spell, _)| same(spell, fault));
        let played = whole + usize::from(place < rest);
        match same.and_then(|row| rows.get_mut(row)) {
            Some((_, row)) => {
                row.played += played;
                // A point is safe once the last of them was played there.
                row.spots.truncate(played);
            }
            None => rows.push((*fault, row(ground, fault, played))),
        }
    }
    for (spell, row) in &mut rows {
        row.spots.resize(report.points_us.len(), Spot::Open);
        let broken = report.singles.broken.iter();
        for found in broken.filter(|found| found.spells.iter().any(|one| same(spell, one))) {
            spot(ground, report, found, row);
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row(ground: &Experiment, fault: &Spell, played: usize) -> MapRow {
    let lasting = Spell {
        lasts_us: None,
        ..*fault
    };
    MapRow {
        glyph: glyph(fault.kind),
        name: told(ground, &lasting),
        spots: vec![Spot::Safe; played],
        played,
        harmful: 0,
        first: None,
    }
}

fn spot(ground: &Experiment, report: &HuntReport, found: &Found, row: &mut MapRow) {
    let at_us = found.spells.first().map_or(0, |spell| spell.at_us);
    let place = report.points_us.iter().position(|point| *point == at_us);
    if let Some(spot) = place.and_then(|place| row.spots.get_mut(place)) {
        *spot = Spot::Harms;
    }
    row.harmful += 1;
    if row.first.is_none() {
        row.first = Some((link(&with(ground, &found.spells)), clock(at_us)));
    }
}

fn same(one: &Spell, other: &Spell) -> bool {
    let what = |spell: &Spell| (spell.kind, spell.node, spell.other, spell.directory);
    what(one) == what(other)
}
