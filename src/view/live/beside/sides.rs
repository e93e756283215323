//! One of two runs at a moment.

use crate::kafka::{MessageId, TopicPartition};
use crate::lab::session::Session as Lab;
use crate::lab::text::Text;
use crate::view::compare::SideView;
use crate::view::live::account;
use crate::view::live::scene::Scene;
use crate::view::{CellView, Counters, LedgerView, Room, StageView, keep};

/// So many messages have room; with more, those around the first difference are shown.
const MOST_CELLS: usize = 36;
/// So many of them come before it.
const CELLS_BEFORE: u32 = 7;

/// The run of `lab` at its moment; what did not change keeps its `Rc` of `before`.
pub(super) fn side(
    lab: &Lab,
    shown: TopicPartition,
    title: Text,
    about: Option<MessageId>,
    before: Option<&SideView>,
) -> SideView {
    let scene = Scene {
        world: lab.run().world(),
        history: lab.history(),
        shown,
        room: Room::Lab,
    };
    let stage = scene.stage();
    let ledger = windowed(lab, account::ledger(lab), about);
    let mut view = match before {
        Some(before) => before.clone(),
        None => SideView::default(),
    };
    view.title = title;
    view.sent = sent(lab, ledger.counters);
    view.done = done(lab);
    view.position = position(&stage);
    keep(&mut view.stage, stage);
    keep(&mut view.ledger, ledger);
    view
}

fn sent(lab: &Lab, counters: Counters) -> Text {
    let (sent, acked) = (counters.sent.unwrap_or(0), counters.acked.unwrap_or(0));
    let tally = lab.tally();
    let waiting = sent.saturating_sub(acked + tally.failed);
    let (more, zh) = match (tally.failed, waiting) {
        (0, 0) => (", none waiting".to_string(), "，没有在等的".to_string()),
        (0, n) => (format!(", {n} waiting"), format!("，{n} 条在等")),
        (failed, n) => (
            format!(", {failed} failed, {n} waiting"),
            format!("，{failed} 条失败，{n} 条在等"),
        ),
    };
    Text::new(
        format!("{sent} sent, {acked} acked{more}"),
        format!("发送 {sent} 条，{acked} 条已 ack{zh}"),
    )
}

fn done(lab: &Lab) -> Text {
    let tally = lab.tally();
    Text::new(
        format!("{} processed", tally.processed),
        format!("已处理 {} 条", tally.processed),
    )
}

fn position(stage: &StageView) -> Text {
    let Some(consumer) = stage.consumers.first() else {
        return Text::default();
    };
    let number = |n: Option<u64>| n.map_or("–".into(), |n| n.to_string());
    match consumer.owned {
        Some(_) => Text::default(),
        None => Text::same(format!(
            "position {} · committed {}",
            number(consumer.position),
            number(consumer.committed)
        )),
    }
}

/// What fits, around the message that the two runs part at: the same messages of both.
fn windowed(lab: &Lab, mut ledger: LedgerView, about: Option<MessageId>) -> LedgerView {
    let history = lab.history();
    if ledger.cells.len() <= MOST_CELLS && history.ledger.len() <= MOST_CELLS {
        return ledger;
    }
    let first = about
        .map_or(1, |message| message.0)
        .saturating_sub(CELLS_BEFORE)
        .max(1);
    let cell = |number: u32| CellView {
        number: u64::from(number),
        fate: history.fate_of(MessageId(number)),
    };
    ledger.hidden = (history.ledger.len() as u64).saturating_sub(MOST_CELLS as u64);
    ledger.cells = (first..first + MOST_CELLS as u32).map(cell).collect();
    ledger
}
