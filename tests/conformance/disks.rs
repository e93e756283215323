//! What the logs on the brokers' disks hold, by the simulator's journal: what DumpLogSegments would show.

use crate::cast::Cast;
use crate::golden::LogRow;
use crate::trace::Recorder;
use acklab::kafka::record::{LogEntry, Records};
use acklab::kafka::{Cut, Deletion, Entry};
use acklab::sim::NodeId;
use serde_json::{Value, json};

/// One record in a log, with all that DumpLogSegments shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub short: LogRow,
    pub full: Value,
}

impl Recorder {
    pub fn log_entry(&mut self, node: NodeId, entry: &Entry, cast: &Cast) {
        match entry {
            Entry::Appended { partition, entry } => {
                let log = self.logs.entry((node, *partition)).or_default();
                log.extend(rows(entry, cast));
            }
            Entry::Replicated { partition, entries } => {
                let log = self.logs.entry((node, *partition)).or_default();
                log.extend(entries.iter().flat_map(|entry| rows(entry, cast)));
            }
            Entry::LogCut {
                partition,
                offset,
                why,
                ..
            } => {
                // A log that begins anew further on keeps nothing of what it had.
                let kept = match why {
                    Cut::Overtaken { .. } => 0,
                    _ => *offset,
                };
                let log = self.logs.entry((node, *partition)).or_default();
                log.retain(|row| row.short.0 < kept as i64);
                let segments = self.segments.entry((node, *partition)).or_default();
                segments.retain(|base| *base < kept);
            }
            Entry::SegmentRolled {
                partition,
                base_offset,
            } => {
                let segments = self.segments.entry((node, *partition)).or_default();
                segments.push(*base_offset);
            }
            Entry::LogStartMoved {
                partition,
                offset,
                why,
                ..
            } => {
                // Only whole segments go; what lies before the start in the first that is left stays on the disk.
                let segments = self.segments.entry((node, *partition)).or_default();
                let gone = match why {
                    Deletion::RetentionMs | Deletion::RetentionBytes => Some(*offset),
                    _ => segments.iter().copied().rfind(|base| base <= offset),
                };
                let first = gone.unwrap_or(0);
                segments.retain(|base| *base > first);
                let log = self.logs.entry((node, *partition)).or_default();
                log.retain(|row| row.short.0 >= first as i64);
            }
            _ => {}
        }
    }
}

fn rows(entry: &LogEntry, cast: &Cast) -> Vec<Row> {
    let values: Vec<Option<String>> = match entry.batch.kept() {
        Records::Data(records) => records.iter().map(|r| cast.text(r.message)).collect(),
        Records::Offsets(commits) => commits.iter().map(|c| Some(format!("{c:?}"))).collect(),
        Records::Group(metadata) => vec![Some(format!("{metadata:?}"))],
        Records::Marker(marker) => {
            vec![Some(
                if marker.commit { "commit" } else { "abort" }.to_owned(),
            )]
        }
        Records::Transaction(metadata) => vec![Some(format!("{metadata:?}"))],
        Records::ConsumerGroup(changes) => {
            let records = changes.records.iter();
            records.map(|record| Some(format!("{record:?}"))).collect()
        }
        Records::Cleaned(_) => Vec::new(),
    };
    let deltas = match &entry.batch.records {
        Records::Cleaned(cleaned) => cleaned.deltas.to_vec(),
        _ => (0..entry.batch.count()).collect(),
    };
    let row = |(nth, value): (u32, Option<String>)| {
        let offset = entry.base_offset as i64 + i64::from(nth);
        let mut full = json!({"offset": offset, "epoch": entry.leader_epoch, "value": value});
        if let Some(stamp) = entry.batch.producer {
            full["producer_id"] = json!(stamp.producer_id);
            full["producer_epoch"] = json!(stamp.producer_epoch);
            full["sequence"] = json!((u64::from(stamp.base_sequence) + u64::from(nth)) % (1 << 31));
            if stamp.transactional {
                full["transactional"] = json!(true);
            }
            if entry.batch.marker().is_some() {
                full["sequence"] = json!(-1);
                full["control"] = full["value"].take();
            }
        }
        Row {
            short: LogRow(offset, entry.leader_epoch as i32, value),
            full,
        }
    };
    deltas.into_iter().zip(values).map(row).collect()
}
