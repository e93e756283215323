//! One transactional.id as its coordinator has it, and what it may become next (`TransactionMetadata`,
//! `TransactionCoordinator`). Pure rules: each gives the metadata to be written, or the error to be answered; it
//! counts once `__transaction_state` has it.

use super::{ProducerIdAndEpoch, TransactionalId};
use crate::kafka::{ErrorCode, TopicPartition};
use crate::sim::Micros;

/// Java's largest short is not given away: the last epoch serves only to fence.
const LAST_EPOCH: u16 = i16::MAX as u16 - 1;

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionState {
    /// The producer has its id; nothing was ever written.
    Empty,
    /// Partitions have been added.
    Ongoing,
    /// Decided: the markers are being written.
    PrepareCommit,
    /// Decided: the markers are being written.
    PrepareAbort,
    /// Every marker is written.
    CompleteCommit,
    /// Every marker is written.
    CompleteAbort,
    /// Expired: what is written of it is a tombstone.
    Dead,
}

/// What `__transaction_state` holds of one transactional.id (`TransactionLogValue`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionMetadata {
    pub id: TransactionalId,
    pub producer_id: u64,
    /// The id before this one, when epochs have run out.
    pub previous_producer_id: Option<u64>,
    /// The id that follows once the markers are written, when epochs have run out.
    pub next_producer_id: Option<u64>,
    /// `None` until the first InitProducerId is written.
    pub epoch: Option<u16>,
    pub timeout_ms: u64,
    pub state: TransactionState,
    pub partitions: Vec<TopicPartition>,
    /// When the first partition was added.
    pub started_at: Option<Micros>,
    /// When it was last written.
    pub updated_at: Micros,
}

/// What InitProducerId leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Init {
    /// The producer gets what is written now.
    Granted(TransactionMetadata),
    /// An open transaction has to be aborted first.
    Fence,
}

impl TransactionMetadata {
    /// A transactional.id seen for the first time.
    pub fn new(id: TransactionalId, producer_id: u64) -> Self {
        TransactionMetadata {
            id,
            producer_id,
            previous_producer_id: None,
            next_producer_id: None,
            epoch: None,
            timeout_ms: 0,
            state: TransactionState::Empty,
            partitions: Vec::new(),
            started_at: None,
            updated_at: 0,
        }
    }

    /// The producer as it may write now.
    pub fn producer(&self) -> ProducerIdAndEpoch {
        (self.producer_id, self.epoch.unwrap_or(0))
    }

    /// Whether the next epoch is the last: then it is time for a new producer id.
    pub fn is_exhausted(&self) -> bool {
        self.epoch.is_some_and(|epoch| epoch >= LAST_EPOCH)
    }

    /// Whether a decision waits for its markers; true: commit.
    pub fn decision(&self) -> Option<bool> {
        match self.state {
            TransactionState::PrepareCommit => Some(true),
            TransactionState::PrepareAbort => Some(false),
            _ => None,
        }
    }

    /// InitProducerId (`prepareInitProducerIdTransit`); `fresh` is a new producer id, if one was needed.
    pub fn initialised(&self, timeout_ms: u64, fresh: Option<u64>) -> Result<Init, ErrorCode> {
        match self.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                return Err(ErrorCode::ConcurrentTransactions);
            }
            TransactionState::Ongoing => return Ok(Init::Fence),
            _ => {}
        }
        let mut next = TransactionMetadata {
            timeout_ms,
            state: TransactionState::Empty,
            partitions: Vec::new(),
            started_at: None,
            epoch: Some(self.epoch.map_or(0, |epoch| epoch + 1)),
            ..self.clone()
        };
        if let Some(fresh) = fresh.filter(|_| self.is_exhausted()) {
            next.previous_producer_id = Some(self.producer_id);
            (next.producer_id, next.epoch) = (fresh, Some(0));
        }
        Ok(Init::Granted(next))
    }

    /// AddPartitionsToTxn; `None`: they are in the transaction already.
    pub fn with_partitions(
        &self,
        producer: ProducerIdAndEpoch,
        partitions: &[TopicPartition],
        now: Micros,
    ) -> Result<Option<Self>, ErrorCode> {
        self.check_id(producer.0)?;
        if self.epoch != Some(producer.1) {
            return Err(ErrorCode::ProducerFenced);
        }
        if self.decision().is_some() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        let ongoing = self.state == TransactionState::Ongoing;
        if ongoing && partitions.iter().all(|p| self.partitions.contains(p)) {
            return Ok(None);
        }
        let mut next = self.clone();
        let new = partitions.iter().filter(|p| !self.partitions.contains(p));
        next.partitions.extend(new);
        next.started_at = self.started_at.filter(|_| ongoing).or(Some(now));
        next.state = TransactionState::Ongoing;
        Ok(Some(next))
    }

    /// EndTxn of a producer (`endTransaction`); `None`: it asks again for what is done, and goes on with what the
    /// metadata says.
    ///
    /// | | abort again | abort | commit again | commit |
    /// |---|---|---|---|---|
    /// | Empty | PRODUCER_FENCED | next epoch | PRODUCER_FENCED | INVALID_TXN_STATE |
    /// | CompleteAbort | none | next epoch | INVALID_TXN_STATE | INVALID_TXN_STATE |
    /// | CompleteCommit | INVALID_TXN_STATE | next epoch | none | INVALID_TXN_STATE |
    pub fn ended_by(
        &self,
        producer: ProducerIdAndEpoch,
        commit: bool,
        now: Micros,
    ) -> Result<Option<Self>, ErrorCode> {
        use TransactionState::*;
        let (id, epoch) = producer;
        let rolled_over =
            self.previous_producer_id == Some(id) && epoch == LAST_EPOCH && self.epoch == Some(0);
        if !rolled_over {
            self.check_id(id)?;
        }
        let again = rolled_over || self.epoch == Some(epoch.saturating_add(1));
        let current = self.epoch == Some(epoch);
        let fits = match self.state {
            Ongoing | Empty => current,
            PrepareCommit | PrepareAbort => again,
            CompleteCommit | CompleteAbort => again || current,
            Dead => false,
        };
        if !fits {
            return Err(ErrorCode::ProducerFenced);
        }
        match (self.state, commit) {
            (Ongoing, _) => Ok(Some(self.decided(commit, now))),
            (PrepareCommit, true) | (PrepareAbort, false) => Err(ErrorCode::ConcurrentTransactions),
            (CompleteCommit, true) | (CompleteAbort, false) if again => Ok(None),
            (CompleteCommit | CompleteAbort, false) if !again => Ok(Some(self.decided(false, now))),
            (Empty, false) => Ok(Some(self.decided(false, now))),
            _ => Err(ErrorCode::InvalidTxnState),
        }
    }

    fn check_id(&self, id: u64) -> Result<(), ErrorCode> {
        match self.producer_id == id {
            true => Ok(()),
            false => Err(ErrorCode::InvalidProducerIdMapping),
        }
    }

    /// The decision (`prepareAbortOrCommit`): the epoch goes up, so that nothing late can reach into what follows.
    pub fn decided(&self, commit: bool, now: Micros) -> Self {
        TransactionMetadata {
            state: match commit {
                true => TransactionState::PrepareCommit,
                false => TransactionState::PrepareAbort,
            },
            epoch: self.epoch.map(|epoch| epoch + 1),
            started_at: match self.state {
                TransactionState::Ongoing => self.started_at,
                _ => Some(now),
            },
            ..self.clone()
        }
    }

    /// Every marker is written (`prepareComplete`).
    pub fn completed(&self) -> Self {
        let mut next = TransactionMetadata {
            state: match self.state {
                TransactionState::PrepareCommit => TransactionState::CompleteCommit,
                _ => TransactionState::CompleteAbort,
            },
            partitions: Vec::new(),
            next_producer_id: None,
            ..self.clone()
        };
        if let Some(id) = self.next_producer_id {
            next.previous_producer_id = Some(self.producer_id);
            (next.producer_id, next.epoch) = (id, Some(0));
        }
        next
    }

    /// As a tombstone, if nobody has used it since `before` and nothing of it is open
    /// (`TransactionStateManager.shouldExpire`).
    pub fn expired(&self, before: Micros) -> Option<Self> {
        use TransactionState::{CompleteAbort, CompleteCommit, Empty};
        let idle = matches!(self.state, Empty | CompleteCommit | CompleteAbort);
        (idle && self.updated_at <= before).then(|| TransactionMetadata {
            state: TransactionState::Dead,
            ..self.clone()
        })
    }

    /// Whether it has been open for longer than transaction.timeout.ms.
    pub fn is_timed_out(&self, now: Micros) -> bool {
        let timeout_us = self.timeout_ms.saturating_mul(crate::sim::MS);
        self.state == TransactionState::Ongoing
            && (self.started_at).is_some_and(|at| at.saturating_add(timeout_us) < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::TopicId;
    use TransactionState::*;

    const T0: TopicPartition = TopicPartition::new(TopicId(0), 0);
    const T1: TopicPartition = TopicPartition::new(TopicId(0), 1);

    fn empty() -> TransactionMetadata {
        let new = TransactionMetadata::new("x".into(), 7);
        match new.initialised(60_000, None) {
            Ok(Init::Granted(next)) => next,
            other => panic!("{other:?}"),
        }
    }

    fn ongoing() -> TransactionMetadata {
        let next = empty().with_partitions((7, 0), &[T0], 5);
        next.expect("allowed").expect("something new")
    }

    fn committing() -> TransactionMetadata {
        let next = ongoing().ended_by((7, 0), true, 9);
        next.expect("allowed").expect("something new")
    }

    #[test]
    fn the_first_producer_gets_epoch_0_and_each_later_one_the_next() {
        assert_eq!(empty().producer(), (7, 0));
        let Ok(Init::Granted(second)) = empty().initialised(1000, None) else {
            panic!("granted")
        };
        assert_eq!((second.producer(), second.timeout_ms), ((7, 1), 1000));
    }

    #[test]
    fn an_open_transaction_is_fenced_and_a_decided_one_waited_for() {
        assert_eq!(ongoing().initialised(1, None), Ok(Init::Fence));
        let waits = committing().initialised(1, None);
        assert_eq!(waits, Err(ErrorCode::ConcurrentTransactions));
    }

    #[test]
    fn partitions_are_added_once_and_only_by_the_producer_of_this_epoch() {
        assert_eq!(ongoing().with_partitions((7, 0), &[T0], 6), Ok(None));
        let more = ongoing().with_partitions((7, 0), &[T0, T1], 6);
        let more = more.expect("allowed").expect("something new");
        assert_eq!((more.partitions, more.started_at), (vec![T0, T1], Some(5)));
        let refused = |producer| ongoing().with_partitions(producer, &[T1], 6).err();
        assert_eq!(refused((8, 0)), Some(ErrorCode::InvalidProducerIdMapping));
        assert_eq!(refused((7, 1)), Some(ErrorCode::ProducerFenced));
        let late = committing().with_partitions((7, 1), &[T1], 6).err();
        assert_eq!(late, Some(ErrorCode::ConcurrentTransactions));
    }

    #[test]
    fn a_decision_raises_the_epoch_and_its_end_keeps_it() {
        let committing = committing();
        assert_eq!(
            (committing.state, committing.epoch),
            (PrepareCommit, Some(1))
        );
        let done = committing.completed();
        assert_eq!((done.state, done.producer()), (CompleteCommit, (7, 1)));
        assert!(done.partitions.is_empty());
    }

    #[test]
    fn asking_again_for_what_is_decided_waits_and_for_what_is_done_succeeds() {
        let again = committing().ended_by((7, 0), true, 10);
        assert_eq!(again, Err(ErrorCode::ConcurrentTransactions));
        assert_eq!(
            committing().completed().ended_by((7, 0), true, 10),
            Ok(None)
        );
        let other = committing().completed().ended_by((7, 0), false, 10);
        assert_eq!(other, Err(ErrorCode::InvalidTxnState));
    }

    #[test]
    fn an_old_producer_can_neither_commit_nor_abort() {
        let Ok(Init::Granted(taken_over)) = empty().initialised(1000, None) else {
            panic!("granted")
        };
        for commit in [true, false] {
            let fenced = taken_over.ended_by((7, 0), commit, 10);
            assert_eq!(fenced, Err(ErrorCode::ProducerFenced));
        }
    }

    #[test]
    fn nothing_can_be_aborted_but_not_committed() {
        let aborted = empty().ended_by((7, 0), false, 10).expect("allowed");
        let aborted = aborted.expect("an epoch raised");
        assert_eq!((aborted.state, aborted.epoch), (PrepareAbort, Some(1)));
        let committed = empty().ended_by((7, 0), true, 10);
        assert_eq!(committed, Err(ErrorCode::InvalidTxnState));
    }

    #[test]
    fn after_the_last_epoch_comes_a_new_producer_id() {
        let mut old = ongoing();
        old.epoch = Some(LAST_EPOCH);
        assert!(old.is_exhausted());
        let mut decided = old.decided(true, 9);
        decided.next_producer_id = Some(99);
        let done = decided.completed();
        assert_eq!(done.producer(), (99, 0));
        // The producer did not hear of it and asks again.
        assert_eq!(done.ended_by((7, LAST_EPOCH), true, 10), Ok(None));
    }

    #[test]
    fn the_timeout_counts_from_the_first_partition() {
        let open = ongoing();
        let end = 5 + 60_000 * crate::sim::MS;
        assert!(!open.is_timed_out(end));
        assert!(open.is_timed_out(end + 1));
        assert!(!committing().is_timed_out(end + 1));
    }
}
