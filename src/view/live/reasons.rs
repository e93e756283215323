//! Why it vanished and what would have saved it, as the page shows them.

use crate::lab::explain::Why;
use crate::lab::session::Session;
use crate::lab::story::Tone;
use crate::lab::text::Text;
use crate::lab::what_if::{self, WhatIf};
use crate::view::{Hue, Outcome, SavedRow, WhyLine, WhyView};

/// Rows of "what would have saved it" at most.
const MOST_ROWS: usize = 5;
/// Lines of "what you know so far" at most.
const MOST_KNOWN: usize = 5;

/// The explanation beside the stage.
pub fn why(
    session: &Session,
    found: &Why,
    proof: &Option<Text>,
    what_if: Option<&WhatIf>,
) -> WhyView {
    let mut view = if session.is_asking() || found.lines.is_empty() {
        known(session)
    } else {
        WhyView {
            title: found.title.clone(),
            lines: lines(found),
            proof: proof.clone(),
            ..WhyView::default()
        }
    };
    if let Some(what_if) = what_if.filter(|_| !session.is_asking()) {
        view.saved = match what_if.brief {
            true => what_if.trials.iter().take(MOST_ROWS).map(row).collect(),
            false => rows(session, what_if),
        };
        view.trying = what_if.is_trying();
        view.verdict = verdict(what_if, session);
    }
    view
}

// Not inlined: the first screen tries little, and need not load what sorts and sums up.
/// What helps by a knob that the lesson is about, then what else helps, then what does not.
#[inline(never)]
fn rows(session: &Session, what_if: &WhatIf) -> Vec<SavedRow> {
    let place = |trial: &what_if::Trial| match trial.outcome {
        what_if::Outcome::NotSaved => 2,
        _ if is_about(session, trial) => 0,
        _ => 1,
    };
    let all = (0..3).flat_map(|wanted| {
        let trials = what_if.trials.iter();
        trials.filter(move |trial| place(trial) == wanted)
    });
    all.take(MOST_ROWS).map(row).collect()
}

fn is_about(session: &Session, trial: &what_if::Trial) -> bool {
    let mut knobs = trial.knobs.iter();
    let about = &session.lesson().knobs;
    knobs.any(|knob| about.contains(&(knob.owner, knob.name)))
}

fn lines(found: &Why) -> Vec<WhyLine> {
    let line = |line: &crate::lab::story::Line| WhyLine {
        at_us: line.at_us,
        hue: hue(line.tone),
        text: line.text.clone(),
        strong: line.decisive,
    };
    found.lines.iter().map(line).collect()
}

fn hue(tone: Tone) -> Hue {
    match tone {
        Tone::Send => Hue::Send,
        Tone::Safe => Hue::Safe,
        Tone::Risk => Hue::Risk,
        Tone::Lost => Hue::Lost,
        Tone::Twice => Hue::Dup,
        Tone::Plain => Hue::None,
    }
}

/// What has been told so far, the latest last.
fn known(session: &Session) -> WhyView {
    let now_us = session.now_us();
    let told = session
        .script()
        .beats
        .iter()
        .filter(|told| told.at_us <= now_us);
    let told: Vec<_> = told.collect();
    let from = told.len().saturating_sub(MOST_KNOWN);
    let mut lines: Vec<WhyLine> = told[from..]
        .iter()
        .map(|told| WhyLine {
            at_us: told.at_us,
            hue: Hue::None,
            text: told.words.strong.clone(),
            strong: false,
        })
        .collect();
    lines.push(WhyLine {
        at_us: now_us,
        hue: Hue::None,
        text: Text::fixed("you are here", "现在"),
        strong: true,
    });
    WhyView {
        title: Text::fixed("What you know so far", "目前已知"),
        lines,
        ..WhyView::default()
    }
}

/// What all the trials together say.
fn verdict(what_if: &WhatIf, session: &Session) -> Option<Text> {
    let is_told = !what_if.is_trying() && !what_if.brief;
    is_told.then(|| in_all(what_if, session))
}

#[inline(never)]
fn in_all(what_if: &WhatIf, session: &Session) -> Text {
    let (tried, singles, pairs) = (what_if.tried, what_if.singles, what_if.pairs);
    let alone = what_if
        .trials
        .iter()
        .any(|trial| trial.knobs.len() == 1 && trial.outcome != what_if::Outcome::NotSaved);
    let about = what_if
        .trials
        .iter()
        .any(|trial| trial.outcome != what_if::Outcome::NotSaved && is_about(session, trial));
    match (alone, what_if.has_saved()) {
        _ if what_if.left_out > 0 => Text::new(
            format!("tried {tried} of {singles} single changes: this run is long"),
            format!("单个改动共 {singles} 个，只试了 {tried} 个：这次运行太长"),
        ),
        (true, _) if about => Text::new(
            format!("tried {tried} single changes; this lesson's knobs first, then the cheapest"),
            format!("试了 {tried} 个单独的改动，本课的配置项在前，其余按代价排"),
        ),
        (true, _) => Text::new(
            format!("tried {tried} single changes; the cheapest is first"),
            format!("试了 {tried} 个单独的改动，代价最小的在最前"),
        ),
        (false, true) => Text::new(
            format!(
                "none of {tried} single changes would have saved it; of {pairs} pairs, these would"
            ),
            format!("{tried} 个单独的改动都救不了；试了 {pairs} 组两项改动，这些可以"),
        ),
        (false, false) => Text::new(
            format!(
                "none of {tried} single changes would have saved it, nor {pairs} pairs of the most promising"
            ),
            format!("{tried} 个单独的改动都救不了，最有希望的 {pairs} 组两项改动也不行"),
        ),
    }
}

fn row(trial: &what_if::Trial) -> SavedRow {
    let (knob, value) = trial.turn();
    SavedRow {
        knob,
        value: value.into(),
        outcome: match trial.outcome {
            what_if::Outcome::Saved => Outcome::Saved,
            what_if::Outcome::SavedAtPrice => Outcome::SavedAtPrice,
            what_if::Outcome::NotSaved => Outcome::NotSaved,
        },
        note: trial.note.clone(),
    }
}
