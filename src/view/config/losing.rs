//! The schedule that loses most simply, on one line of time.

use super::LosingView;
use crate::lab::config::{Report, Verdict, Word};
use crate::lab::explain::explain;
use crate::lab::hunt::Spell;
use crate::lab::judge::Judgement;
use crate::lab::ledger::{Fate, Life, Told};
use crate::lab::run::Run;
use crate::lab::text::Text;
use crate::lab::trial::{clock, told};
use crate::sim::{Micros, SECOND};

/// Thousandths of the line.
const WHOLE: u64 = 1_000;

/// The schedule of the class that loses most simply, told from its own run.
pub fn losing(report: &Report) -> Option<LosingView> {
    let verdict = report.simplest()?;
    let worst = verdict.losing.first()?;
    let judged = Judgement::ending(Run::new(verdict.experiment()?));
    let lives: Vec<&Life> = judged.history.ledger.iter().collect();
    let scale = Scale::of(&judged, &lives, &worst.spells);
    let acked = lives
        .iter()
        .filter(|life| matches!(life.told, Told::Acked(_)));
    let is_gone = |life: &Life| judged.history.fate(life).is_lost();
    let mut acks: Vec<(u16, bool)> = acked
        .map(|life| (scale.at(life.told_us), is_gone(life)))
        .collect();
    acks.sort_unstable();
    acks.dedup();
    let faults = worst.spells.iter().map(|spell| {
        let ends_us = spell.lasts_us.map_or(scale.to_us, |us| spell.at_us + us);
        (
            scale.at(spell.at_us),
            scale.at(ends_us),
            told(&verdict.stage, spell),
        )
    });
    Some(LosingView {
        title: match worst.harm.word() {
            Word::Lost => Text::fixed("The schedule that loses most simply", "最简单的丢失过程"),
            _ => Text::fixed("The schedule that doubles most simply", "最简单的重复过程"),
        },
        line: counted(verdict, worst.spells.len()),
        faults: faults.collect(),
        acks,
        leaderless: leaderless(&judged, &scale),
        ticks: scale.ticks(),
        story: story(&judged, &lives),
        outcome: worst.harm.told(lives.len() as u64),
    })
}

fn counted(verdict: &Verdict, faults: usize) -> Text {
    let (broken, runs) = (verdict.broken, verdict.runs.1);
    let s = if faults == 1 { "" } else { "s" };
    Text::new(
        format!(
            "{faults} fault{s}; {broken} of {runs} such runs lose or double something, this one most."
        ),
        format!("{faults} 个故障；这类 {runs} 次运行中有 {broken} 次丢失或重复，这是最坏的一次。"),
    )
}

/// What the line shows.
struct Scale {
    from_us: Micros,
    to_us: Micros,
}

impl Scale {
    /// From shortly before the first fault to the last thing that matters.
    fn of(judged: &Judgement, lives: &[&Life], spells: &[Spell]) -> Scale {
        let first_us = spells.iter().map(|spell| spell.at_us).min().unwrap_or(0);
        let repaired = spells.iter().map(Spell::ends_us).max().unwrap_or(0);
        let again = judged
            .history
            .moments
            .iter()
            .filter(|m| m.partition.is_some() && m.span_us > 0);
        let again = again.map(|moment| moment.at_us).max().unwrap_or(0);
        let last_ack = lives
            .iter()
            .map(|life| life.told_us)
            .filter(|us| *us <= judged.until_us());
        let end_us = repaired.max(again).min(judged.until_us());
        let to_us = last_ack
            .max()
            .unwrap_or(end_us)
            .clamp(end_us, end_us.max(first_us) + 2 * SECOND);
        Scale {
            from_us: first_us.saturating_sub(SECOND / 2),
            to_us: to_us.max(first_us + SECOND),
        }
    }

    fn at(&self, us: Micros) -> u16 {
        let inside = us.clamp(self.from_us, self.to_us) - self.from_us;
        (inside * WHOLE / (self.to_us - self.from_us).max(1)) as u16 // at most WHOLE
    }

    fn ticks(&self) -> Vec<(u16, String)> {
        [self.from_us, self.to_us]
            .map(|us| (self.at(us), clock(us)))
            .to_vec()
    }
}

fn leaderless(judged: &Judgement, scale: &Scale) -> Option<(u16, u16, Text)> {
    let spans = judged
        .history
        .moments
        .iter()
        .filter(|m| m.partition.is_some());
    let longest = spans.max_by_key(|moment| moment.span_us)?;
    let (from_us, to_us) = (longest.at_us.checked_sub(longest.span_us)?, longest.at_us);
    let is_seen = longest.span_us > SECOND / 10 && to_us <= scale.to_us + SECOND;
    let tenths = longest.span_us / (SECOND / 10);
    let (s, t) = (tenths / 10, tenths % 10);
    is_seen.then(|| {
        let text = Text::new(
            format!("{s}.{t} s without a leader"),
            format!("{s}.{t} s 没有 leader"),
        );
        (scale.at(from_us), scale.at(to_us), text)
    })
}

/// What explains the first that was harmed.
fn story(judged: &Judgement, lives: &[&Life]) -> Vec<(String, Text, bool)> {
    let harmed = |life: &&&Life| {
        let fate = judged.history.fate(life);
        fate.is_lost() || fate == Fate::Twice
    };
    let Some(life) = lives.iter().find(harmed) else {
        return Vec::new();
    };
    let run = &judged.healed;
    let why = explain(
        run.experiment(),
        run.journal(),
        &judged.history,
        life.message,
    );
    let line =
        |line: &crate::lab::story::Line| (clock(line.at_us), line.text.clone(), line.decisive);
    why.lines.iter().map(line).collect()
}
