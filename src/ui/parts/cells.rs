//! Verdict, counters and the grid of messages.

use super::super::look;
use super::super::same::Same;
use super::super::words::{self, Lang, grouped};
use super::{icon, use_driver};
use crate::view::{CellView, Fate, LedgerView};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct LedgerProps {
    pub lang: Lang,
    pub ledger: Same<LedgerView>,
}

/// The verdict of the run so far.
#[component]
pub fn Verdict(props: &LedgerProps) -> Html {
    let (lang, verdict) = (props.lang, &props.ledger.verdict);
    let class = if verdict.veiled {
        classes!("veil")
    } else {
        classes!("verdict", "tint", look::hue(verdict.hue))
    };
    html! {
        <div {class} data-test="verdict" data-hue={look::hue(verdict.hue)}>
            <b>{ lang.of(&verdict.title) }</b>
            <small>{ lang.of(&verdict.line) }</small>
        </div>
    }
}

/// Sent, acked, lost, twice.
#[component]
pub fn Tally(props: &LedgerProps) -> Html {
    let (words, counters) = (props.lang.words(), props.ledger.counters);
    let one = |name: &'static str, word: &'static str, count: Option<u64>, hue: &'static str| {
        let hue = count.is_some_and(|count| count > 0).then_some(hue);
        html! {
            <div class={classes!(hue)} data-test={format!("counter-{name}")}>
                <b class={classes!(hue.map(|_| "fi"))}>{ count.map_or("?".into(), grouped) }</b>
                <small>{ word }</small>
            </div>
        }
    };
    html! {
        <div class="tally">
            { one("sent", words.sent, counters.sent, "") }
            { one("acked", words.acked, counters.acked, "") }
            { one("lost", words.lost, counters.lost, "lost") }
            { one("twice", words.twice, counters.twice, "dup") }
        </div>
    }
}

/// One cell a message; a click shows its life.
#[component]
pub fn Cells(props: &LedgerProps) -> Html {
    let driver = use_driver();
    let (lang, ledger) = (props.lang, &*props.ledger);
    let title = ledger
        .title
        .as_ref()
        .map_or(lang.words().every_message.into(), |t| lang.of(t));
    let cell = |cell: &CellView| {
        let selected = ledger.selected == Some(cell.number);
        let next = if selected { None } else { Some(cell.number) };
        let driver = driver.clone();
        let onclick = Callback::from(move |_| driver.select(next));
        let label = words::cell(lang, cell.number, cell.fate);
        html! {
            <button key={cell.number.to_string()} class={classes!(look::cell(cell.fate), selected.then_some("sel"))}
                {onclick} title={label.clone()} aria-label={label} aria-pressed={selected.to_string()}
                data-test={format!("cell-{}", cell.number)} data-fate={look::glyph(cell.fate)}>
                { icon(look::glyph(cell.fate)) }
            </button>
        }
    };
    html! {
        <>
            <h3 class="eyebrow">{ title }</h3>
            <div class="ledger">{ for ledger.cells.iter().map(cell) }</div>
            { legend(lang, &ledger.cells) }
        </>
    }
}

/// The four fates that are worth a word: the rarest of what is on the screen come first.
fn legend(lang: Lang, cells: &[CellView]) -> Html {
    let on_screen = |fate: &Fate| cells.iter().any(|cell| cell.fate == *fate);
    let mut shown: Vec<Fate> = Fate::ALL.into_iter().filter(on_screen).collect();
    let weight = |fate: &Fate| match fate {
        Fate::Lost | Fate::Doomed | Fate::Skipped | Fate::Twice => 0,
        Fate::OneCopy | Fate::InDoubt | Fate::Failed => 1,
        Fate::Finished | Fate::Processed | Fate::Committed => 2,
        _ => 3,
    };
    shown.sort_by_key(weight);
    shown.truncate(4);
    let word = |fate: Fate| match fate {
        // The corner and the foot say the rest.
        Fate::Finished => words::fate(lang, Fate::Processed),
        other => words::fate(lang, other),
    };
    html! {
        <p class="legend left">
            { for shown.into_iter().map(|fate| html! {
                <span key={look::glyph(fate)}>{ icon(look::glyph(fate)) }{ word(fate) }</span>
            }) }
        </p>
    }
}
