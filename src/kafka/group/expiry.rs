//! Committed offsets that nobody has needed for offsets.retention.minutes are forgotten
//! (`OffsetMetadataManager.cleanupExpiredOffsets`, KIP-211).

use super::Replies;
use super::classic::{ClassicGroup, State};
use super::shard::Shard;
use super::writes::Then;
use super::{GroupTimer, OffsetsLog, set_timer};
use crate::kafka::record::{OffsetCommitRecord, Records};
use crate::kafka::{Entry, GroupId, TopicPartition};
use crate::sim::{Micros, SECOND};

impl Shard {
    /// The next look comes after offsets.retention.check.interval.ms.
    pub(super) fn look_for_expired_later(&self, out: &mut Replies) {
        let delay_us = self.config.offsets_retention_check_interval_ms * 1_000;
        let partition = self.partition.partition;
        set_timer(delay_us, GroupTimer::Expiry { partition }, out);
    }

    /// Writes a tombstone for every offset that has expired.
    pub(super) fn expire_offsets(&mut self, log: &mut impl OffsetsLog, out: &mut Replies) {
        self.look_for_expired_later(out);
        for group in self.offsets.groups() {
            let partitions = self.expired(group, out.now());
            if !partitions.is_empty() {
                self.forget_offsets(group, partitions, log, out);
            }
        }
    }

    fn expired(&self, group: GroupId, now: Micros) -> Vec<TopicPartition> {
        let retention_us = self.config.offsets_retention_minutes * 60 * SECOND;
        let all = self.offsets.of(group);
        let over = all.filter(|(partition, committed)| {
            let since = self.needed_until(group, *partition, committed.at);
            let long_ago = since.is_some_and(|since| now.saturating_sub(since) >= retention_us);
            long_ago && !self.offsets.is_pending(group, *partition)
        });
        over.map(|(partition, _)| partition).collect()
    }

    /// From when on an offset committed at `at` is not needed; `None` while it is.
    fn needed_until(
        &self,
        group: GroupId,
        partition: TopicPartition,
        at: Micros,
    ) -> Option<Micros> {
        if let Some(group) = self.consumers.get(&group) {
            return (!group.is_subscribed_to(partition.topic)).then_some(at);
        }
        match self.groups.get(&group) {
            Some(group) => group.needed_until(partition, at),
            // Consumers with assign() alone: from its commit on.
            None => Some(at),
        }
    }

    fn forget_offsets(
        &mut self,
        group: GroupId,
        partitions: Vec<TopicPartition>,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) {
        let tombstone = |partition: &TopicPartition| OffsetCommitRecord {
            group,
            partition: *partition,
            offset: None,
            leader_epoch: None,
        };
        let tombstones: Box<[OffsetCommitRecord]> = partitions.iter().map(tombstone).collect();
        let cause = out.cause();
        out.decide(Entry::OffsetsExpired { group, partitions });
        // What cannot be written now is looked at again the next time.
        let _ = self.write(Records::Offsets(tombstones), Then::Nothing, log, out);
        out.because(cause);
    }
}

impl ClassicGroup {
    /// `ClassicGroup.offsetExpirationCondition`: an empty group's offsets since it became empty, a
    /// stable one's since their commit if nobody is subscribed to the topic.
    fn needed_until(&self, partition: TopicPartition, committed_at: Micros) -> Option<Micros> {
        let mut members = self.members.values();
        match self.state {
            State::Empty => Some(self.empty_since.unwrap_or(committed_at)),
            State::Stable
                if !members.any(|member| member.subscription.topics.contains(&partition.topic)) =>
            {
                Some(committed_at)
            }
            _ => None,
        }
    }
}
