//! Several partitions: who leads, who owns them, and who did when.

use super::RecordView;

/// A time in which one consumer owned a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedView {
    /// Place among the consumers, from 0.
    pub consumer: u8,
    /// From when, simulated time.
    pub from_us: u64,
    /// Until when; none while it lasts.
    pub to_us: Option<u64>,
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnersRow {
    /// Its number.
    pub partition: u16,
    /// Its owners, one after the other; between two of them nobody read it.
    pub owners: Vec<OwnedView>,
}

/// Every partition's owner, as far as the run is known; no rows where one consumer reads one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnersView {
    /// Right end of the axis.
    pub end_us: u64,
    /// How far the run is known.
    pub known_us: u64,
    /// By partition.
    pub rows: Vec<OwnersRow>,
}

/// What a replica is to its partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReplicaRole {
    /// It leads.
    Leader,
    /// In the in-sync set.
    #[default]
    InSync,
    /// In neither.
    Out,
}

/// One replica among several on a card: the last of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaView {
    /// Its partition's number.
    pub partition: u16,
    /// What it is.
    pub role: ReplicaRole,
    /// Its last records, oldest first.
    pub records: Vec<RecordView>,
    /// Log end offset.
    pub log_end: u64,
}

/// A partition that a consumer owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedPartition {
    /// Its number.
    pub partition: u16,
    /// The group's committed offset.
    pub committed: u64,
    /// How many records below the high watermark are not committed.
    pub lag: u64,
}
