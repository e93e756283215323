//! Committing and fetching offsets (`OffsetMetadataManager`).

use super::OffsetsLog;
use super::Replies;
use super::classic::{ClassicGroup, State, Waiting};
use super::protocol::{GroupResponse, OffsetAndEpoch, OffsetCommitRequest, OffsetFetchRequest};
use super::shard::Shard;
use super::writes::Then;
use crate::kafka::record::{OffsetCommitRecord, Records};
use crate::kafka::transaction::ProducerIdAndEpoch;
use crate::kafka::{ErrorCode, GroupId, Rule, TopicPartition};
use crate::sim::Micros;
use crate::sim::order::Map;

/// What the groups of one shard have committed (`OffsetMetadataManager.Offsets`).
#[derive(Clone, Default)]
pub(super) struct Offsets {
    /// As written.
    committed: Map<(GroupId, TopicPartition), Committed>,
    /// As far as it is below the high watermark.
    stable: Map<(GroupId, TopicPartition), OffsetAndEpoch>,
    /// Parts of open transactions, by producer id.
    pending: Vec<(u64, Vec<OffsetCommitRecord>)>,
}

/// A committed offset.
#[derive(Clone, Copy)]
pub(super) struct Committed {
    pub value: OffsetAndEpoch,
    /// When it was committed.
    pub at: Micros,
}

impl OffsetCommitRecord {
    fn key(&self) -> (GroupId, TopicPartition) {
        (self.group, self.partition)
    }

    fn value(&self) -> Option<OffsetAndEpoch> {
        let leader_epoch = self.leader_epoch;
        self.offset.map(|offset| OffsetAndEpoch {
            offset,
            leader_epoch,
        })
    }
}

impl Offsets {
    /// What records written at `at` change.
    pub fn replay(&mut self, records: &[OffsetCommitRecord], at: Micros) {
        for record in records {
            match record.value() {
                Some(value) => {
                    let committed = Committed { value, at };
                    self.committed.insert(record.key(), committed);
                }
                None => {
                    self.committed.remove(&record.key());
                }
            }
        }
    }

    /// Offsets of an open transaction.
    pub fn pend(&mut self, producer_id: u64, records: &[OffsetCommitRecord]) {
        match self.pending.iter_mut().find(|(id, _)| *id == producer_id) {
            Some((_, pending)) => pending.extend_from_slice(records),
            None => self.pending.push((producer_id, records.to_vec())),
        }
    }

    /// A transaction has ended: what it committed counts now, or never. Gives what counts.
    pub fn end_transaction(
        &mut self,
        producer_id: u64,
        commit: bool,
        at: Micros,
    ) -> Box<[OffsetCommitRecord]> {
        let place = self.pending.iter().position(|(id, _)| *id == producer_id);
        let ended = place.map(|place| self.pending.remove(place).1);
        let records = ended.filter(|_| commit).unwrap_or_default();
        self.replay(&records, at);
        records.into()
    }

    /// Whether an open transaction may yet move this offset.
    pub fn is_pending(&self, group: GroupId, partition: TopicPartition) -> bool {
        let mut records = self.pending.iter().flat_map(|(_, records)| records);
        records.any(|record| record.key() == (group, partition))
    }

    /// The high watermark has passed these records.
    pub fn settle(&mut self, records: &[OffsetCommitRecord]) {
        for record in records {
            match record.value() {
                Some(value) => self.stable.insert(record.key(), value),
                None => self.stable.remove(&record.key()),
            };
        }
    }

    fn get(&self, group: GroupId, partition: TopicPartition) -> Option<OffsetAndEpoch> {
        let committed = self.committed.get(&(group, partition))?;
        Some(committed.value)
    }

    fn get_stable(&self, group: GroupId, partition: TopicPartition) -> Option<OffsetAndEpoch> {
        self.stable.get(&(group, partition)).copied()
    }

    /// Groups that have committed anything.
    pub fn groups(&self) -> Vec<GroupId> {
        let mut groups: Vec<GroupId> = self.committed.keys().map(|(group, _)| *group).collect();
        groups.dedup();
        groups
    }

    /// Everything `group` has committed.
    pub fn of(&self, group: GroupId) -> impl Iterator<Item = (TopicPartition, Committed)> {
        let all = self.committed.iter().filter(move |((g, _), _)| *g == group);
        all.map(|((_, partition), committed)| (*partition, *committed))
    }
}

impl Shard {
    /// Checks a commit and writes it, as part of a producer's transaction if there is one; it is answered once it
    /// is below the high watermark.
    pub(super) fn commit(
        &mut self,
        request: &OffsetCommitRequest,
        producer: Option<ProducerIdAndEpoch>,
        from: Waiting,
        log: &mut impl OffsetsLog,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let valid = self.validate_commit(request, producer.is_some());
        if self.rules.keep(Rule::OldMembersRefused) {
            valid?;
        }
        self.commit_is_a_sign_of_life(request, out);
        let records = request
            .offsets
            .iter()
            .map(|(partition, value)| OffsetCommitRecord {
                group: request.group,
                partition: *partition,
                offset: Some(value.offset),
                leader_epoch: value.leader_epoch,
            });
        let records = records.collect();
        let then = Then::Answer(from, GroupResponse::OffsetCommit(ErrorCode::None));
        let written = match producer {
            Some(producer) => self.write_in_transaction(records, producer, then, log, out),
            None => self.write(Records::Offsets(records), then, log, out),
        };
        written.map_err(ErrorCode::of_coordinator)
    }

    fn validate_commit(
        &self,
        request: &OffsetCommitRequest,
        transactional: bool,
    ) -> Result<(), ErrorCode> {
        let Some(group) = self.consumers.get(&request.group) else {
            return validate(self.groups.get(&request.group), request, transactional);
        };
        let (member, epoch) = (request.member, request.generation);
        if transactional && member.is_none() && epoch.is_none() {
            return Ok(());
        }
        let partitions = request.offsets.iter().map(|(p, _)| *p);
        let valid = group.validate_commit(member, epoch, partitions);
        valid.map_err(|error| match error {
            // `validateTransactionalOffsetCommit`.
            ErrorCode::StaleMemberEpoch if transactional => ErrorCode::IllegalGeneration,
            other => other,
        })
    }

    fn commit_is_a_sign_of_life(&mut self, request: &OffsetCommitRequest, out: &mut Replies) {
        if let Some(group) = self.groups.get_mut(&request.group)
            && let Some(member) = request.member
            && matches!(group.state, State::Stable | State::PreparingRebalance)
        {
            group.heard_of(member, out);
        }
    }

    /// What is committed for the asked partitions.
    pub(super) fn fetch(&self, request: &OffsetFetchRequest) -> GroupResponse {
        let group = self.consumers.get(&request.group);
        let error = group.map_or(Ok(()), |group| group.validate_fetch(request.member));
        if let Err(error) = error {
            let offsets = Vec::new();
            return GroupResponse::OffsetFetch { error, offsets };
        }
        let value = |p: &TopicPartition| match request.require_stable {
            true => self.offsets.get(request.group, *p),
            false => self.offsets.get_stable(request.group, *p),
        };
        let offsets = request.partitions.iter().map(|p| (*p, value(p)));
        let waits = request.require_stable && self.rules.keep(Rule::PendingOffsetsWaitedFor);
        let unstable = |p: &TopicPartition| self.offsets.is_pending(request.group, *p);
        GroupResponse::OffsetFetch {
            error: match waits && request.partitions.iter().any(unstable) {
                true => ErrorCode::UnstableOffsetCommit,
                false => ErrorCode::None,
            },
            offsets: offsets.collect(),
        }
    }

    /// Everything `group` has committed.
    pub fn committed(&self, group: GroupId) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        let all = self.offsets.of(group);
        all.map(|(partition, committed)| (partition, committed.value))
            .collect()
    }
}

/// `ClassicGroup.validateOffsetCommit`: member and generation count, ownership does not.
fn validate(
    group: Option<&ClassicGroup>,
    request: &OffsetCommitRequest,
    transactional: bool,
) -> Result<(), ErrorCode> {
    let Some(group) = group else {
        return match request.generation {
            Some(_) if transactional => Err(ErrorCode::IllegalGeneration),
            Some(_) => Err(ErrorCode::GroupIdNotFound),
            None => Ok(()),
        };
    };
    let (Some(generation), Some(member)) = (request.generation, request.member) else {
        // Consumers that use assign() may commit while no member is there.
        return match group.state {
            State::Empty => Ok(()),
            // A producer may not know the group (KIP-447).
            _ if transactional => Ok(()),
            _ => Err(ErrorCode::UnknownMemberId),
        };
    };
    group.validate_member(member, request.instance.as_ref())?;
    if generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    match group.state {
        State::CompletingRebalance if !transactional => Err(ErrorCode::RebalanceInProgress),
        _ => Ok(()),
    }
}
