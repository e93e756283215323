//! Topic configs (`org.apache.kafka.common.config.TopicConfig`).

use super::configs;
use super::row::Valid::{Any, AtLeast};
use super::value::{ConfigValue, Ppm};

/// What becomes of old segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CleanupPolicy {
    /// Whole segments are deleted by age or size.
    pub delete: bool,
    /// Only the last value of each key is kept.
    pub compact: bool,
}

impl CleanupPolicy {
    /// As the internal topics have it.
    pub const COMPACT: Self = CleanupPolicy {
        delete: false,
        compact: true,
    };
}

impl ConfigValue for CleanupPolicy {
    fn from_text(text: &str) -> Option<Self> {
        let mut policy = Self::default();
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            match word {
                "delete" => policy.delete = true,
                "compact" => policy.compact = true,
                _ => return None,
            }
        }
        Some(policy)
    }
    fn text(&self) -> String {
        match (self.delete, self.compact) {
            (true, true) => "delete,compact".into(),
            (true, false) => "delete".into(),
            (false, true) => "compact".into(),
            (false, false) => String::new(),
        }
    }
}

impl TopicConfig {
    /// How long a segment is written to at most: a compacted topic must close it in time for
    /// max.compaction.lag.ms (`LogConfig.maxSegmentMs`).
    pub fn longest_segment_ms(&self) -> u64 {
        match self.cleanup_policy.compact {
            true => self.segment_ms.min(self.max_compaction_lag_ms),
            false => self.segment_ms,
        }
    }
}

configs! {
    /// What a topic was given, the broker's defaults for topics applied.
    pub struct TopicConfig {
        min_insync_replicas: u64 = "1", ["min.insync.replicas" Topic Int AtLeast(1), "0.8.2", "Partition.effectiveMinIsr"]
            "With fewer replicas in sync, acks=all is refused and the high watermark stands still."
            "ISR 少于这个数时，acks=all 的写入被拒绝，high watermark 也不再前进。";
        unclean_leader_election_enable: bool = "false",
            ["unclean.leader.election.enable" Topic Boolean Any, "0.8.2", "KIP-106"]
            "A replica that is not in sync may become leader; what it lacks is lost."
            "允许不在 ISR 中的副本成为 leader；它缺少的记录会丢失。";
        max_message_bytes: u64 = "1048588", ["max.message.bytes" Topic Int AtLeast(0), "0.8", "LogConfig"]
            "The largest batch the broker accepts."
            "broker 接受的最大 batch。";
        flush_messages: u64 = "9223372036854775807", ["flush.messages" Topic Long AtLeast(1), "0.8", "UnifiedLog.append"]
            "fsync after this many records; 1 is before every ack."
            "每写入这么多条记录就 fsync；1 表示每次 ack 之前都 fsync。";
        flush_ms: u64 = "9223372036854775807", ["flush.ms" Topic Long AtLeast(0), "0.8", "LogManager.flushDirtyLogs"]
            "fsync when records have waited this long."
            "记录等待超过这段时间就 fsync。";
        segment_bytes: u64 = "1073741824", ["segment.bytes" Topic Int AtLeast(1_048_576), "0.8", "KIP-1030"]
            "A new segment is started at this size."
            "segment 达到这个大小就新建一个。";
        segment_ms: u64 = "604800000", ["segment.ms" Topic Long AtLeast(1), "0.8.1", "LogConfig"]
            "A new segment is started at this age."
            "segment 达到这个时间就新建一个。";
        retention_ms: i64 = "604800000", ["retention.ms" Topic Long AtLeast(-1), "0.8", "UnifiedLog.deleteOldSegments"]
            "Older segments are deleted, read or not; -1 keeps them."
            "更旧的 segment 会被删除，不论是否已被消费；-1 表示保留。";
        retention_bytes: i64 = "-1", ["retention.bytes" Topic Long Any, "0.8", "UnifiedLog.deleteOldSegments"]
            "Oldest segments are deleted above this size; -1 is no limit."
            "超过这个大小时删除最旧的 segment；-1 表示不限。";
        cleanup_policy: CleanupPolicy = "delete", ["cleanup.policy" Topic List Any, "0.8.1", "LogCleaner"]
            "Old segments are deleted, compacted, both or (4.2+) neither."
            "旧 segment 被删除、压实、两者皆做，或（4.2+）都不做。";
        delete_retention_ms: u64 = "86400000", ["delete.retention.ms" Topic Long AtLeast(0), "0.8.1", "LogCleaner"]
            "How long a tombstone stays after its first cleaning."
            "tombstone 在首次清理后保留的时间。";
        min_compaction_lag_ms: u64 = "0", ["min.compaction.lag.ms" Topic Long AtLeast(0), "0.10", "KIP-58"]
            "A record is not compacted before this age."
            "记录在此时间之前不会被压实。";
        max_compaction_lag_ms: u64 = "9223372036854775807",
            ["max.compaction.lag.ms" Topic Long AtLeast(1), "2.3", "KIP-354"]
            "A record is compacted at this age at the latest."
            "记录最迟在此时间被压实。";
        min_cleanable_dirty_ratio: Ppm = "0.5", ["min.cleanable.dirty.ratio" Topic Double Any, "0.8.1", "LogCleanerManager"]
            "The share of uncleaned bytes (0 to 1) that starts a cleaning."
            "未清理字节占比（0 到 1）达到多少时开始清理。";
    }
}
