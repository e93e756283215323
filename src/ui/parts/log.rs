//! A log and its three lines.

use super::super::look;
use super::super::words::grouped;
use crate::view::{LogCell, LogView, RecordView};
use yew::prelude::*;

/// One record cell.
pub fn record(record: &RecordView) -> Html {
    let key = format!("{}-{}", record.offset, record.number);
    html! {
        <i {key} class={look::record(record)} data-n={record.number.to_string()}>
            <u>{ record.number }</u>
        </i>
    }
}

/// A few small cells, for buffers and the business ledger.
pub fn mini_row(records: &[RecordView], before: u64) -> Html {
    let cells = records.iter().enumerate().map(|(place, cell)| {
        html! {
            <i key={format!("{}-{place}", cell.number)} class={look::record(cell)}>{ cell.number }</i>
        }
    });
    html! {
        <div class="row mini">
            if before > 0 { <small key="before">{ format!("…{}", grouped(before)) }</small> }
            { for cells }
        </div>
    }
}

/// The log as far as `fit` cells show it, older ones cut off at the left.
pub fn log(view: &LogView, fit: usize, plain: bool) -> Html {
    let cut = view.cells.len().saturating_sub(fit.max(1));
    let shown = &view.cells[cut..];
    let at = |offset: u64| view.cells_before(offset).saturating_sub(cut);
    let cells = shown.iter().map(|cell| match cell {
        LogCell::Record(cell) => record(cell),
        LogCell::Skip { first_offset, .. } => {
            html! { <i key={format!("skip-{first_offset}")} class="rec none skip">{ "…" }</i> }
        }
    });
    let end = at(view.log_end);
    html! {
        <div class={classes!("log", (cut > 0).then_some("faded"))} aria-hidden="true">
            <div class="row">{ for cells }</div>
            if !plain {
                <b class="fl" style={format!("--at:{}", at(view.flushed))}>
                    { format!("flushed {}", view.flushed) }
                </b>
            }
            { lines(view, end, at(view.high_watermark.unwrap_or(0)), plain) }
        </div>
    }
}

/// Log end and high watermark; one label where both are the same.
fn lines(view: &LogView, end: usize, hw_at: usize, plain: bool) -> Html {
    let leo = match view.log_end_was {
        Some(before) => format!("LEO {before}→{}", view.log_end),
        None => format!("LEO {}", view.log_end),
    };
    let hw = view.high_watermark.map(|offset| {
        let frozen = if view.frozen { " frozen" } else { "" };
        let left = !plain && hw_at == end && hw_at > 2;
        let word = format!("HW {offset}{frozen}");
        html! { <b class={classes!("hw", left.then_some("left"))} style={format!("--at:{hw_at}")}>{ word }</b> }
    });
    html! {
        <>
            if !plain { <b class="leo" style={format!("--at:{end}")}>{ leo }</b> }
            { hw.unwrap_or_default() }
        </>
    }
}
