//! What the consumer reads, and where in it (`SubscriptionState`).

use crate::sim::order::Map;

use super::metadata::{LeaderAndEpoch, Metadata};
use crate::kafka::group::protocol::OffsetAndEpoch;
use crate::kafka::{LeaderEpoch, Offset, TopicId, TopicPartition};
use crate::sim::{Micros, NodeId};

/// Where the next fetch reads (`FetchPosition`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub offset: Offset,
    /// The epoch of the record before, if known: lets divergence be seen (KIP-320).
    pub offset_epoch: Option<LeaderEpoch>,
    pub leader: LeaderAndEpoch,
}

/// Whether a partition can be fetched (`FetchState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchState {
    /// No position yet: the committed offset is to be asked for.
    Initializing,
    /// The position is to be found by auto.offset.reset.
    AwaitReset,
    /// The leader has changed: is the log still the one that was read?
    AwaitValidation,
    Fetching,
}

/// One assigned partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    pub position: Option<Position>,
    pub state: FetchState,
    /// A reset or validation is not tried again before this.
    pub retry_at: Micros,
    /// The replica to read from instead of the leader, and until when (KIP-392).
    pub preferred: Option<(NodeId, Micros)>,
    /// It is about to be given up: nothing more is handed out (`markPendingRevocation`).
    pub revoking: bool,
}

/// How partitions came to be assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Nothing,
    /// By the group.
    Subscribed(Vec<TopicId>),
    /// By `assign()`.
    ByHand,
}

/// All that is assigned; nothing at first.
#[derive(Clone, Debug, Default)]
pub struct Subscriptions {
    pub mode: Mode,
    pub partitions: Map<TopicPartition, Assigned>,
}

impl Assigned {
    const NEW: Assigned = Assigned {
        position: None,
        state: FetchState::Initializing,
        retry_at: 0,
        preferred: None,
        revoking: false,
    };

    /// Takes `position`; it is checked first where epochs allow it.
    pub fn seek_unvalidated(&mut self, position: Position) {
        let checkable = position.offset_epoch.is_some() && position.leader.epoch.is_some();
        self.position = Some(position);
        self.state = match checkable {
            true => FetchState::AwaitValidation,
            false => FetchState::Fetching,
        };
        self.retry_at = 0;
    }

    /// Takes `position` as it is.
    pub fn seek_validated(&mut self, position: Position) {
        self.position = Some(position);
        self.state = FetchState::Fetching;
        self.retry_at = 0;
    }

    /// The position is to be found anew.
    pub fn await_reset(&mut self) {
        self.state = FetchState::AwaitReset;
        self.retry_at = 0;
    }

    /// The position, if records may be handed out from there.
    pub fn fetchable_position(&self) -> Option<Position> {
        self.valid_position().filter(|_| !self.revoking)
    }

    /// The position, if it can be read from.
    pub fn valid_position(&self) -> Option<Position> {
        self.position.filter(|_| self.state == FetchState::Fetching)
    }
}

impl Subscriptions {
    /// Whether the group assigns.
    pub fn is_by_group(&self) -> bool {
        matches!(self.mode, Mode::Subscribed(_))
    }

    /// The subscribed topics.
    pub fn topics(&self) -> &[TopicId] {
        match &self.mode {
            Mode::Subscribed(topics) => topics,
            _ => &[],
        }
    }

    /// What is assigned now.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.partitions.keys().copied().collect()
    }

    /// Assigns exactly these; those that stay keep their positions.
    pub fn assign(&mut self, partitions: &[TopicPartition]) {
        self.partitions.retain(|partition, assigned| {
            assigned.revoking = false;
            partitions.contains(partition)
        });
        for partition in partitions {
            self.partitions
                .get_or_insert_with(*partition, || Assigned::NEW);
        }
    }

    /// These are about to be given up.
    pub fn mark_revoking(&mut self, partitions: &[TopicPartition]) {
        for (partition, assigned) in &mut self.partitions {
            assigned.revoking |= partitions.contains(partition);
        }
    }

    /// Whether every partition can be fetched.
    pub fn has_all_positions(&self) -> bool {
        self.in_state(FetchState::Fetching).count() == self.partitions.len()
    }

    /// Partitions in this state.
    pub fn in_state(&self, state: FetchState) -> impl Iterator<Item = TopicPartition> {
        let such = self
            .partitions
            .iter()
            .filter(move |(_, p)| p.state == state);
        such.map(|(partition, _)| *partition)
    }

    /// Where the application has got to (`allConsumed`): positions of what was returned by polls.
    pub fn all_consumed(&self) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        let consumed = self.partitions.iter().filter_map(|(partition, assigned)| {
            let position = assigned.valid_position()?;
            let value = OffsetAndEpoch {
                offset: position.offset,
                leader_epoch: position.offset_epoch,
            };
            Some((*partition, value))
        });
        consumed.collect()
    }

    /// After news of leaders: positions under another leader have to be checked
    /// (`maybeValidatePositionForCurrentLeader`).
    pub fn validate_under(&mut self, metadata: &Metadata) {
        for (partition, assigned) in &mut self.partitions {
            let leader = metadata.leader(*partition);
            if leader.leader.is_none() || assigned.state == FetchState::AwaitReset {
                continue;
            }
            if let Some(position) = assigned.position
                && position.leader != leader
            {
                assigned.seek_unvalidated(Position { leader, ..position });
                assigned.preferred = None;
            }
        }
    }
}
