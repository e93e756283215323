//! One member's next step towards its target (`CurrentAssignmentBuilder`): it gives up what is not
//! its own any more, and only then, and only what nobody else holds, it is given more.

use super::{Current, MemberState, has};
use crate::kafka::{TopicId, TopicPartition};

/// What a member's next step depends on.
pub(super) struct Step<'a> {
    pub target_epoch: i32,
    pub target: &'a [TopicPartition],
    /// The topics it is subscribed to.
    pub topics: &'a [TopicId],
    pub subscription_changed: bool,
    /// What the member says it has; it says so when that has changed.
    pub owned: Option<&'a [TopicPartition]>,
}

/// Partitions and the epochs at which they were assigned.
type Held = Vec<(TopicPartition, i32)>;

impl Step<'_> {
    /// Where the member that is at `current` goes from here.
    pub fn from(&self, current: &Current, is_held: impl Fn(TopicPartition) -> bool) -> Current {
        match current.state {
            MemberState::Stable if current.epoch == self.target_epoch => {
                match self.subscription_changed {
                    true => self.without_unsubscribed(current),
                    false => current.clone(),
                }
            }
            MemberState::UnrevokedPartitions if self.owns_any(&current.revoking) => {
                match self.subscription_changed {
                    true => self.without_unsubscribed(current),
                    false => current.clone(),
                }
            }
            _ => self.next(current, is_held),
        }
    }

    /// Until the member says otherwise, it has what it had.
    fn owns_any(&self, revoked: &Held) -> bool {
        match self.owned {
            None => true,
            Some(owned) => owned.iter().any(|p| has(revoked, *p)),
        }
    }

    fn is_subscribed(&self, partition: TopicPartition) -> bool {
        self.topics.contains(&partition.topic)
    }

    /// `updateCurrentAssignment`: topics it unsubscribed from go at once.
    fn without_unsubscribed(&self, current: &Current) -> Current {
        let (assigned, gone): (Held, Held) = current
            .assigned
            .iter()
            .partition(|(p, _)| self.is_subscribed(*p));
        if gone.is_empty() {
            return current.clone();
        }
        let mut revoking = current.revoking.clone();
        revoking.extend(gone);
        let unrevoked = self.owns_any(&revoking);
        Current {
            epoch: current.epoch,
            previous_epoch: current.epoch,
            state: match unrevoked {
                true => MemberState::UnrevokedPartitions,
                false => current.state,
            },
            assigned,
            revoking: match unrevoked {
                true => revoking,
                false => current.revoking.clone(),
            },
        }
    }

    /// `computeNextAssignment`.
    fn next(&self, current: &Current, is_held: impl Fn(TopicPartition) -> bool) -> Current {
        let wanted = |p: TopicPartition| self.is_subscribed(p) && self.target.contains(&p);
        let (mut assigned, revoking): (Held, Held) =
            current.assigned.iter().partition(|(p, _)| wanted(*p));
        if !revoking.is_empty() && self.owns_any(&revoking) {
            return Current {
                epoch: current.epoch,
                previous_epoch: current.epoch,
                state: MemberState::UnrevokedPartitions,
                assigned,
                revoking,
            };
        }
        let missing = self.target.iter().copied();
        let missing = missing.filter(|p| self.is_subscribed(*p) && !has(&assigned, *p));
        let is_free = |p: &TopicPartition| !is_held(*p) || has(&current.revoking, *p);
        let (free, unreleased): (Vec<_>, Vec<_>) = missing.partition(is_free);
        assigned.extend(free.into_iter().map(|p| (p, self.target_epoch)));
        assigned.sort_unstable();
        Current {
            epoch: self.target_epoch,
            previous_epoch: current.epoch,
            state: match unreleased.is_empty() {
                true => MemberState::Stable,
                false => MemberState::UnreleasedPartitions,
            },
            assigned,
            revoking: Vec::new(),
        }
    }
}
