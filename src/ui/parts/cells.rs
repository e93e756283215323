//! Verdict, counters and the grid of messages.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::part::{Part, class, each, when, yes_no};
use super::super::same::Same;
use super::super::terms::said;
use super::super::words::{self, Lang, grouped};
use super::icon;
use crate::view::{CellView, Fate, LedgerView};
use yew::prelude::*;

/// The verdict of the run so far.
#[derive(PartialEq)]
pub struct Verdict {
    pub lang: Lang,
    pub ledger: Same<LedgerView>,
}

impl Part for Verdict {
    fn draw(&self) -> Html {
        let (lang, verdict) = (self.lang, &self.ledger.verdict);
        let hue = look::hue(verdict.hue);
        let class = if verdict.veiled {
            "veil".into()
        } else {
            class(&["verdict tint", hue])
        };
        html! {
            <div {class} data-test="verdict" data-hue={hue}>
                <b>{ lang.of(&verdict.title) }</b>
                <small>{ said(lang, lang.of(&verdict.line)) }</small>
            </div>
        }
    }
}

/// Sent, acked, lost, twice.
#[derive(PartialEq)]
pub struct Tally {
    pub lang: Lang,
    pub ledger: Same<LedgerView>,
}

impl Part for Tally {
    fn draw(&self) -> Html {
        let (words, counters) = (self.lang.words(), self.ledger.counters);
        let all = [
            ("counter-sent", words.sent, counters.sent, ""),
            ("counter-acked", words.acked, counters.acked, ""),
            ("counter-lost", words.lost, counters.lost, "lost"),
            ("counter-twice", words.twice, counters.twice, "dup"),
        ];
        let one =
            |(name, word, count, hue): &(&'static str, &'static str, Option<u64>, &'static str)| {
                let marked = count.is_some_and(|count| count > 0) && !hue.is_empty();
                html! {
                    <div class={when(marked, hue)} data-test={*name}>
                        <b class={when(marked, "fi")}>{ count.map_or("?".into(), grouped) }</b>
                        <small>{ *word }</small>
                    </div>
                }
            };
        html! { <div class="tally">{ each(&all, &one) }</div> }
    }
}

/// One cell a message; a click shows its life.
#[derive(PartialEq)]
pub struct Cells {
    pub lang: Lang,
    pub ledger: Same<LedgerView>,
}

impl Part for Cells {
    fn draw(&self) -> Html {
        let (lang, ledger) = (self.lang, &*self.ledger);
        let title = ledger
            .title
            .as_ref()
            .map_or(lang.words().every_message.into(), |t| lang.of(t));
        html! {
            <>
                <h2 class="eyebrow">{ title }</h2>
                <div class="ledger">{ each(&ledger.cells, &|cell| self.cell(cell)) }</div>
                { legend(lang, &ledger.cells) }
            </>
        }
    }
}

impl Cells {
    fn cell(&self, cell: &CellView) -> Html {
        let selected = self.ledger.selected == Some(cell.number);
        let onclick = on(Intent::Select((!selected).then_some(cell.number)));
        let label: AttrValue = words::cell(self.lang, cell.number, cell.fate).into();
        let glyph = look::glyph(cell.fate);
        let number = cell.number.to_string();
        html! {
            <button key={number.clone()} class={class(&[look::cell(cell.fate), when(selected, "sel")])} {onclick}
                title={label.clone()} aria-label={label} aria-pressed={yes_no(selected)}
                data-test={format!("cell-{number}")} data-fate={glyph}>
                { icon(glyph) }
            </button>
        }
    }
}

/// The four fates that are worth a word: the gravest of what is on the screen come first.
fn legend(lang: Lang, cells: &[CellView]) -> Html {
    let weight = |fate: Fate| match fate {
        Fate::Lost | Fate::Doomed | Fate::Skipped | Fate::Expired | Fate::Twice => 0,
        Fate::OneCopy | Fate::InDoubt | Fate::Failed | Fate::Open | Fate::Aborted => 1,
        Fate::Finished | Fate::Processed | Fate::Committed => 2,
        _ => 3,
    };
    let mut shown = Vec::new();
    for grade in 0..4 {
        let of_grade = Fate::ALL.into_iter().filter(|&fate| weight(fate) == grade);
        shown.extend(of_grade.filter(|&fate| cells.iter().any(|cell| cell.fate == fate)));
    }
    shown.truncate(4);
    let told_apart = shown.contains(&Fate::Processed);
    let word = |fate: Fate| match fate {
        // The corner and the foot say the rest.
        Fate::Finished if !told_apart => words::fate(lang, Fate::Processed),
        other => words::fate(lang, other),
    };
    let one = |&fate: &Fate| {
        let glyph = look::glyph(fate);
        html! { <span>{ icon(glyph) }{ word(fate) }</span> }
    };
    html! { <p class="legend left">{ each(&shown, &one) }</p> }
}
