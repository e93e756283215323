//! Committing and fetching offsets (`OffsetMetadataManager`).

use super::OffsetsLog;
use super::classic::{ClassicGroup, State, Waiting};
use super::protocol::{GroupResponse, OffsetAndEpoch, OffsetCommitRequest, OffsetFetchRequest};
use super::shard::{Effect, Shard};
use crate::kafka::record::{OffsetCommitRecord, Records};
use crate::kafka::{ErrorCode, GroupId, Outbox, TopicPartition};

impl Shard {
    /// Checks a commit and writes it; it is answered once it is below the high watermark.
    pub(super) fn commit(
        &mut self,
        request: &OffsetCommitRequest,
        from: Waiting,
        log: &mut impl OffsetsLog,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        validate(self.groups.get(&request.group), request)?;
        self.commit_is_a_sign_of_life(request, out);
        let records = request
            .offsets
            .iter()
            .map(|(partition, value)| OffsetCommitRecord {
                group: request.group,
                partition: *partition,
                offset: value.offset,
                leader_epoch: value.leader_epoch,
            });
        let records = Records::Offsets(records.collect());
        let effect = Effect::Offsets(request.group, request.offsets.clone());
        self.write(records, effect, Some(from), log, out)
            .map_err(as_commit_error)
    }

    fn commit_is_a_sign_of_life(&mut self, request: &OffsetCommitRequest, out: &mut Outbox) {
        if let Some(group) = self.groups.get_mut(&request.group)
            && let Some(member) = request.member
            && matches!(group.state, State::Stable | State::PreparingRebalance)
        {
            group.heard_of(member, out);
        }
    }

    /// What is committed for the asked partitions.
    pub(super) fn fetch(&self, request: &OffsetFetchRequest) -> GroupResponse {
        let value = |p: &TopicPartition| self.offsets.get(&(request.group, *p)).copied();
        let offsets = request.partitions.iter().map(|p| (*p, value(p)));
        GroupResponse::OffsetFetch {
            error: ErrorCode::None,
            offsets: offsets.collect(),
        }
    }

    /// Everything `group` has committed.
    pub fn committed(&self, group: GroupId) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        let of_group = self.offsets.iter().filter(|((g, _), _)| *g == group);
        of_group
            .map(|((_, partition), value)| (*partition, *value))
            .collect()
    }
}

/// `ClassicGroup.validateOffsetCommit`: member and generation count, ownership does not.
fn validate(group: Option<&ClassicGroup>, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    let Some(group) = group else {
        return match request.generation {
            Some(_) => Err(ErrorCode::IllegalGeneration),
            None => Ok(()),
        };
    };
    let (Some(generation), Some(member)) = (request.generation, request.member) else {
        // Consumers that use assign() may commit while no member is there.
        return match group.state {
            State::Empty => Ok(()),
            _ => Err(ErrorCode::UnknownMemberId),
        };
    };
    group.validate_member(member, request.instance.as_ref())?;
    if generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    match group.state {
        State::CompletingRebalance => Err(ErrorCode::RebalanceInProgress),
        _ => Ok(()),
    }
}

/// What a failed append means to a committing client (`GroupCoordinatorService`).
fn as_commit_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        other => other,
    }
}
