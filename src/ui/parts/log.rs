//! A log and its three lines.

use super::super::look;
use super::super::part::{class, each, each_at, maybe, when};
use super::super::words::grouped;
use crate::view::{LogCell, LogView, RecordView};
use yew::prelude::*;

/// One record cell.
fn record(record: &RecordView, marked: Option<u64>) -> Html {
    let key = format!("{}-{}", record.offset, record.number);
    let class = class(&[
        &look::record(record),
        when(marked == Some(record.number), "sel"),
    ]);
    let number: AttrValue = record.number.to_string().into();
    html! { <i {key} {class} data-n={number.clone()}><u>{ number }</u></i> }
}

/// A few small cells, for buffers and the business ledger.
pub fn mini_row(records: &[RecordView], before: u64) -> Html {
    let cells = each_at(records, &|place, cell| {
        let class: AttrValue = look::record(cell).into();
        html! { <i key={format!("{}-{place}", cell.number)} {class}>{ cell.number.to_string() }</i> }
    });
    html! {
        <div class="row mini">
            if before > 0 { <small>{ format!("…{}", grouped(before)) }</small> }
            { cells }
        </div>
    }
}

/// The log as far as `fit` cells show it, older ones cut off at the left.
pub fn log(view: &LogView, fit: usize, plain: bool) -> Html {
    log_marked(view, fit, plain, None)
}

/// The same with one message marked.
pub fn log_marked(view: &LogView, fit: usize, plain: bool, marked: Option<u64>) -> Html {
    let cut = view.cells.len().saturating_sub(fit.max(1));
    let at = |offset: u64| view.cells_before(offset).saturating_sub(cut);
    let cells = each(&view.cells[cut..], &|cell| match cell {
        LogCell::Record(cell) => record(cell, marked),
        LogCell::Skip { first_offset, .. } => {
            html! { <i key={format!("skip-{first_offset}")} class="rec none skip">{ "…" }</i> }
        }
    });
    let end = at(view.log_end);
    html! {
        <div class={class(&["log", when(cut > 0, "faded")])} aria-hidden="true">
            <div class="row">{ cells }</div>
            if !plain {
                // In a log of a few records the two labels below it would lie on each other.
                if end > 2 { { line("fl", at(view.flushed), flushed(view)) } }
                { line("leo", end, log_end(view)) }
            }
            { maybe(view.high_watermark, &|offset| high_watermark(view, offset, at(offset), end, plain)) }
        </div>
    }
}

fn line(name: &'static str, at: usize, words: String) -> Html {
    html! { <b class={AttrValue::Static(name)} style={format!("--at:{at}")}>{ words }</b> }
}

fn flushed(view: &LogView) -> String {
    match view.log_start {
        0 => format!("flushed {}", view.flushed),
        start => format!("start {start} · flushed {}", view.flushed),
    }
}

fn log_end(view: &LogView) -> String {
    match view.log_end_was {
        Some(before) => format!("LEO {before}→{}", view.log_end),
        None => format!("LEO {}", view.log_end),
    }
}

/// The label goes to the left where log end and high watermark are the same; a watermark among
/// the records that are cut off is only named.
fn high_watermark(view: &LogView, offset: u64, at: usize, end: usize, plain: bool) -> Html {
    let hidden = at == 0
        && view
            .cells
            .first()
            .is_some_and(|cell| cell.offset() < offset);
    let left = !plain && at == end && at > 2;
    let frozen = if view.frozen { " frozen" } else { "" };
    let words = format!("HW {offset}{frozen}");
    match (hidden, left) {
        (true, _) => line("hw off", at, format!("◂ {words}")),
        (_, true) => line("hw left", at, words),
        _ => line("hw", at, words),
    }
}
