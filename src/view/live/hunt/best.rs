//! The smallest schedule so far, and how it became so small, on one axis of time.

use super::link;
use crate::lab::experiment::Experiment;
use crate::lab::explain::explain_harm;
use crate::lab::harm::Harm;
use crate::lab::hunt::{Found, Kind, Saved, Spell, with};
use crate::lab::judge::Judgement;
use crate::lab::run::Run;
use crate::lab::story::{both, name};
use crate::lab::text::Text;
use crate::lab::trial::{clock, harmed, told as told_fault};
use crate::lab::work::HuntReport;
use crate::sim::{Micros, NodeId, SECOND};
use crate::view::hunt::{BestView, FaultLine, MarkView, StepView};

/// So many sentences say why.
const WHY_LINES: usize = 3;
/// The axis has about so many marks.
const TICKS: u64 = 6;

/// What a fault looks like.
pub fn glyph(kind: Kind) -> &'static str {
    match kind {
        Kind::Kill | Kind::KillClient | Kind::KillController => "kill",
        Kind::PowerOff | Kind::Blackout => "power",
        Kind::Pause | Kind::PauseClient => "pause",
        Kind::Stop => "restart",
        Kind::NewDisk | Kind::FailDirectory => "disk",
        Kind::CutPeers | Kind::CutAnswers | Kind::CutController => "cut",
        Kind::Elect => "leader",
    }
}

/// The fewest faults of both, by chance and single; of as many those that harm most.
pub fn best(report: &HuntReport) -> Option<&Found> {
    let single = report.singles.broken.iter();
    let all = report.hunt.best.iter().chain(single);
    all.min_by_key(|found| (found.spells.len(), u64::MAX - harmed(&found.tally)))
}

/// The view of it.
pub fn told(ground: &Experiment, found: &Found, hunt: &Saved) -> BestView {
    let played = with(ground, &found.spells);
    let way = steps_of(found, hunt);
    let ends = way.iter().flat_map(|(_, spells)| spells.iter());
    let end_us = ends.map(Spell::ends_us).max().unwrap_or(0) + 2 * SECOND;
    let axis = Axis::of(ground, &way, end_us);
    let (count, gone, sent) = (found.spells.len(), harmed(&found.tally), found.tally.sent);
    let (s, verb) = if count == 1 {
        ("", "harms")
    } else {
        ("s", "harm")
    };
    let lines = found.spells.iter().map(|spell| FaultLine {
        glyph: glyph(spell.kind),
        at: clock(spell.at_us),
        what: told_fault(ground, spell),
    });
    BestView {
        title: both(
            format!("Best so far: {count} fault{s} {verb} {gone} of {sent} messages"),
            format!("目前最小：{count} 个故障使 {sent} 条消息中的 {gone} 条丢失或重复"),
        ),
        line: found_as(&way),
        faults: lines.collect(),
        why: why(&played),
        link: link(&played),
        end_us: played.horizon_us,
        ticks: axis.ticks(),
        steps: axis.steps(ground, &way),
        rows: axis.rows.iter().map(|node| name(ground, *node)).collect(),
    }
}

type Way<'a> = Vec<(u32, &'a [Spell])>;

/// The steps worth telling, and the last; a single fault that beats them stands alone.
fn steps_of<'a>(found: &'a Found, hunt: &'a Saved) -> Way<'a> {
    let way = &hunt.way;
    if way.last().is_none_or(|last| last.spells != found.spells) {
        return vec![(0, &found.spells)];
    }
    let last = way.len() - 1; // there is a last one
    let mut steps: Way = Vec::new();
    for (place, smaller) in way.iter().enumerate() {
        let spells = smaller.spells.as_slice();
        let before = steps.last();
        if place == last || before.is_none_or(|(_, before)| is_notable(before, spells)) {
            steps.push((smaller.after, spells));
        }
    }
    steps
}

/// Less is done: something else than when it is done.
fn is_notable(before: &[Spell], after: &[Spell]) -> bool {
    let what = |spell: &Spell| {
        let is_repaired = spell.lasts_us.is_some();
        (spell.kind, spell.node, spell.other, is_repaired)
    };
    let (before, after) = (before.iter().map(what), after.iter().map(what));
    !before.eq(after)
}

fn found_as(way: &Way) -> Text {
    match way.first() {
        Some((0, _)) | None => Text::fixed(
            "Found among the single faults.",
            "在逐个尝试单点故障时发现。",
        ),
        Some((after, first)) => {
            let (count, s) = (first.len(), if first.len() == 1 { "" } else { "s" });
            both(
                format!(
                    "Found as {count} fault{s} at run {after}. Shrinking keeps a step only if the harm stays."
                ),
                format!(
                    "第 {after} 次运行时发现，当时有 {count} 个故障。每缩小一步，都要求危害仍在。"
                ),
            )
        }
    }
}

/// What decided, of the first message that is harmed.
fn why(played: &Experiment) -> Vec<Text> {
    let judged = Judgement::of(&Run::new(played.clone()));
    let mut harms = Harm::ALL.into_iter();
    let first = harms.find_map(|harm| Some((*harm.found(&judged).first()?, harm)));
    let Some((message, harm)) = first else {
        return Vec::new();
    };
    let journal = judged.healed.journal();
    let why = explain_harm(played, journal, &judged.history, message, harm);
    let decisive = why.lines.iter().position(|line| line.decisive).unwrap_or(0);
    let most = why.lines.len().saturating_sub(WHY_LINES);
    let from = decisive.saturating_sub(1).min(most);
    let lines = why.lines.iter().skip(from).take(WHY_LINES);
    lines
        .map(|line| {
            let at = clock(line.at_us);
            both(
                format!("{at}: {}", line.text.en),
                format!("{at}：{}", line.text.zh),
            )
        })
        .collect()
}

/// Time to the right, a row for each node that something is done to.
struct Axis {
    end_us: Micros,
    rows: Vec<NodeId>,
}

impl Axis {
    fn of(ground: &Experiment, way: &Way, end_us: Micros) -> Axis {
        let mut rows: Vec<NodeId> = (1..=ground.topology.brokers).map(NodeId).collect();
        for spell in way.iter().flat_map(|(_, spells)| spells.iter()) {
            if !rows.contains(&spell.node) {
                rows.push(spell.node);
            }
        }
        rows.sort_by_key(|node| node.0);
        Axis { end_us, rows }
    }

    fn ppm(&self, us: Micros) -> u32 {
        (us * 1_000_000 / self.end_us.max(1)).min(1_000_000) as u32
    }

    /// What is not repaired lasts.
    fn lasts_ppm(&self, spell: &Spell) -> u32 {
        match spell.lasts_us {
            None if stays(spell) => 1_000_000 - self.ppm(spell.at_us), // at most a million
            lasts_us => self.ppm(lasts_us.unwrap_or(0)),
        }
    }

    /// Round times.
    fn ticks(&self) -> Vec<(u32, String)> {
        let about_us = self.end_us / TICKS;
        let steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].map(|s| s * SECOND);
        let step_us = steps.into_iter().find(|step| *step >= about_us);
        let step_us = step_us.unwrap_or(self.end_us.max(1));
        let all = (0..=self.end_us / step_us).map(|nth| nth * step_us);
        all.map(|us| (self.ppm(us), clock(us))).collect()
    }

    fn steps(&self, ground: &Experiment, way: &Way) -> Vec<StepView> {
        (0..way.len())
            .map(|place| {
                let (after, spells) = way[place]; // a place of the way
                let before = place.checked_sub(1).map_or(&[][..], |before| way[before].1);
                self.step(ground, after, spells, before)
            })
            .collect()
    }

    fn step(
        &self,
        ground: &Experiment,
        after: u32,
        spells: &[Spell],
        before: &[Spell],
    ) -> StepView {
        let changed = before.iter().filter(|spell| !spells.contains(spell));
        let changed: Vec<Spell> = changed.copied().collect();
        let mut marks: Vec<MarkView> = Vec::new();
        // What fell away lies behind what is left.
        for (all, gone) in [(&changed[..], true), (spells, false)] {
            marks.extend(all.iter().flat_map(|spell| self.marks(spell, gone)));
        }
        StepView {
            after: after.to_string(),
            told: told_step(ground, before, spells),
            count: counted(spells.len(), before.len()),
            marks,
        }
    }

    /// A fault of several nodes has a mark in each of their rows.
    fn marks(&self, spell: &Spell, gone: bool) -> Vec<MarkView> {
        let in_row = |row: usize| MarkView {
            row,
            at_ppm: self.ppm(spell.at_us),
            lasts_ppm: self.lasts_ppm(spell),
            stays: stays(spell),
            glyph: glyph(spell.kind),
            gone,
        };
        let all = spell.kind == Kind::Blackout;
        let hit = |node: NodeId| node == spell.node || Some(node) == spell.other;
        let brokers = self.rows.len();
        let rows = (0..brokers).filter(|row| hit(self.rows[*row]) || all);
        rows.map(in_row).collect()
    }
}

/// Those of `some` that have none of their kind and place in `others`.
fn unmatched(some: &[Spell], others: &[Spell]) -> Vec<Spell> {
    let what = |spell: &Spell| (spell.node, spell.other, spell.directory);
    let mut left: Vec<&Spell> = others.iter().collect();
    let mut gone = Vec::new();
    for spell in some {
        match left.iter().position(|other| what(other) == what(spell)) {
            Some(place) => drop(left.remove(place)),
            None => gone.push(*spell),
        }
    }
    gone
}

fn counted(now: usize, before: usize) -> Text {
    match before {
        0 => {
            let s = if now == 1 { "" } else { "s" };
            both(format!("{now} fault{s}"), format!("{now} 个故障"))
        }
        _ if now < before => Text::same(format!("−{}", before - now)),
        _ => Text::default(),
    }
}

/// It is not repaired before the end.
fn stays(spell: &Spell) -> bool {
    spell.lasts_us.is_none() && spell.kind != Kind::Elect
}

fn told_step(ground: &Experiment, before: &[Spell], after: &[Spell]) -> Text {
    let (gone, new) = (unmatched(before, after), unmatched(after, before));
    if before.is_empty() {
        return Text::fixed("the first that harms", "第一组造成危害的故障");
    }
    if !new.is_empty() {
        return Text::fixed("another one, of fewer faults", "另一组更少的故障");
    }
    if !gone.is_empty() {
        return listed(ground, &gone, "not needed", "不需要");
    }
    let (mut simpler, mut open) = (Vec::new(), Vec::new());
    for spell in after {
        let alike = |one: &&Spell| unmatched(&[**one], &[*spell]).is_empty();
        let Some(was) = before.iter().find(alike) else {
            continue;
        };
        if was.kind != spell.kind {
            simpler.push(*spell);
        } else if was.lasts_us.is_some() && spell.lasts_us.is_none() {
            open.push(*spell);
        }
    }
    match (&simpler[..], &open[..]) {
        ([], []) => Text::fixed("at rounder times", "时间取整"),
        ([], open) => listed(ground, open, "need not be repaired", "不必恢复"),
        (simpler, _) => listed(ground, simpler, "this is enough", "这样就够"),
    }
}

fn listed(ground: &Experiment, spells: &[Spell], en: &str, zh: &str) -> Text {
    let said = spells.iter().map(|spell| {
        let timeless = Spell {
            lasts_us: None,
            ..*spell
        };
        told_fault(ground, &timeless)
    });
    let (all_en, all_zh): (Vec<String>, Vec<String>) = said
        .map(|text| (text.en.into_owned(), text.zh.into_owned()))
        .unzip();
    both(
        format!("{en}: {}", all_en.join("; ")),
        format!("{zh}：{}", all_zh.join("；")),
    )
}
