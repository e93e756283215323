//! A replica's log as cells with three lines.

use super::scene::Scene;
use crate::kafka::Offset;
use crate::lab::history::{LogMirror, Slot};
use crate::lab::ledger::{Life, Told};
use crate::sim::NodeId;
use crate::view::{Bytes, Fate, Foot, Hue, LogCell, LogView, Mark, RecordView};

/// How many cells a log shows; the page cuts on the left to what fits.
const CELLS: u64 = 40;

/// The log of the partition shown, on `node`.
pub(super) fn log_view(scene: &Scene<'_>, node: NodeId, log: &LogMirror) -> LogView {
    let from = log.end().saturating_sub(CELLS).max(log.start);
    let cell = |offset| {
        let slot = log.at(offset)?;
        Some(LogCell::Record(record(scene, node, log, offset, slot)))
    };
    let deleted = (from == log.start && from > 0).then_some(LogCell::Skip {
        first_offset: 0,
        count: from,
    });
    let cells = deleted.into_iter();
    LogView {
        cells: cells.chain((from..log.end()).filter_map(cell)).collect(),
        log_start: log.start,
        flushed: log.flushed,
        log_end: log.end(),
        log_end_was: None,
        high_watermark: high_watermark(scene, node),
        frozen: scene.part().is_some_and(|part| part.frozen()),
    }
}

/// The last records of a log, for a small row: fate, page cache or disk, nothing else.
pub(super) fn small(scene: &Scene<'_>, log: &LogMirror, most: u64) -> Vec<RecordView> {
    let from = log.end().saturating_sub(most).max(log.start);
    let slots = (from..log.end()).filter_map(|offset| Some((offset, log.at(offset)?)));
    slots
        .map(|(offset, slot)| RecordView {
            number: u64::from(slot.message.0),
            offset,
            hue: scene.history.fate_of(slot.message).hue(),
            bytes: if offset < log.flushed {
                Bytes::Disk
            } else {
                Bytes::Cache
            },
            ..RecordView::default()
        })
        .collect()
}

/// As the running process knows it; without one there is only a checkpoint on the disk.
fn high_watermark(scene: &Scene<'_>, node: NodeId) -> Option<Offset> {
    let known = scene.world.model.broker(node).high_watermark(scene.shown);
    known.filter(|_| scene.node(node).is_running())
}

fn record(
    scene: &Scene<'_>,
    node: NodeId,
    log: &LogMirror,
    offset: Offset,
    slot: Slot,
) -> RecordView {
    let life = scene.history.ledger.get(slot.message);
    let fate = life.map_or(Fate::Written, |life| scene.history.fate(life));
    let mark = mark(scene, node, offset, slot, life);
    RecordView {
        number: u64::from(slot.message.0),
        offset,
        hue: if mark == Mark::Doomed {
            Hue::Lost
        } else {
            fate.hue()
        },
        bytes: if offset < log.flushed {
            Bytes::Disk
        } else {
            Bytes::Cache
        },
        acked: life.is_some_and(|life| life.told.counts()),
        foot: foot(scene, offset, life),
        mark,
    }
}

fn mark(scene: &Scene<'_>, node: NodeId, offset: Offset, slot: Slot, life: Option<&Life>) -> Mark {
    let led = scene.history.leader_log(scene.shown);
    if let Some((leader, led)) = led
        && leader != node
        && differs(led, offset, slot)
    {
        return Mark::Doomed;
    }
    let doubted = life.is_some_and(|life| matches!(life.told, Told::Failed(_)));
    match slot.place {
        0 if doubted => Mark::Doubt,
        0 => Mark::None,
        _ if life.is_some_and(|life| in_one_log_twice(life, node)) => Mark::Twice,
        _ => Mark::None,
    }
}

/// The leader has something else at this offset, or its log ended in a later epoch before it.
fn differs(led: &LogMirror, offset: Offset, slot: Slot) -> bool {
    match led.at(offset) {
        Some(other) => other.epoch != slot.epoch || other.message != slot.message,
        None if offset < led.start => false,
        None => {
            offset >= led.end()
                && led
                    .messages()
                    .next_back()
                    .is_none_or(|(_, last)| last.epoch > slot.epoch)
        }
    }
}

fn in_one_log_twice(life: &Life, node: NodeId) -> bool {
    life.places
        .iter()
        .filter(|place| place.holders.has(node))
        .count()
        > 1
}

fn foot(scene: &Scene<'_>, offset: Offset, life: Option<&Life>) -> Foot {
    let Some(part) = scene.part() else {
        return Foot::None;
    };
    match life {
        Some(life) if life.processed > 0 && part.committed > offset => Foot::Committed,
        Some(life) if life.processed > 0 => Foot::Processed,
        _ if offset < part.high_watermark => Foot::Visible,
        _ => Foot::None,
    }
}
