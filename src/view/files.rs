//! Log files: what a broker's replica holds, batch by batch, alone or beside another one.

use super::{Bytes, Text};

/// One replica's files, or two side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilesView {
    /// "orders-0".
    pub partition: String,
    /// All brokers that have a replica of it, by `node.id`.
    pub brokers: Vec<i32>,
    pub left: FileView,
    /// The other one, where two are looked at.
    pub right: Option<FileView>,
    /// Where the two part, or how far they are the same.
    pub apart: Option<Text>,
}

/// One replica's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileView {
    /// `node.id`.
    pub broker: i32,
    /// Its process runs.
    pub running: bool,
    /// The first offset that can be read.
    pub log_start: u64,
    /// Everything below is on the platter.
    pub flushed: u64,
    /// Everything below was fsynced by Kafka: recovery begins there.
    pub recovery_point: u64,
    /// As its process knows it.
    pub high_watermark: Option<u64>,
    pub log_end: u64,
    /// Bytes that only the page cache holds.
    pub dirty_bytes: u64,
    /// Base offsets of its segments.
    pub segments: Vec<u64>,
    /// The leader-epoch checkpoint: epoch, start offset.
    pub epochs: Vec<(u32, u64)>,
    /// Its last batches, oldest first.
    pub batches: Vec<BatchView>,
    /// Batches before those.
    pub earlier: u64,
}

/// A record batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchView {
    pub base_offset: u64,
    pub last_offset: u64,
    pub leader_epoch: u32,
    /// Producer id, its epoch, first and last sequence number; none without idempotence.
    pub producer: Option<(u64, u16, u32, u32)>,
    /// It is part of a transaction.
    pub transactional: bool,
    /// A control batch: the end of a transaction.
    pub control: Option<Text>,
    /// Its records by offset: message, bytes, key.
    pub records: Vec<RecordLine>,
    pub size_bytes: u32,
    /// Where its bytes are.
    pub bytes: Bytes,
    /// The other replica has something else at this offset, or nothing.
    pub differs: bool,
}

/// A record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLine {
    pub offset: u64,
    pub message: u64,
    pub size_bytes: u32,
    pub key: Option<u32>,
    /// Its value is null.
    pub tombstone: bool,
}
