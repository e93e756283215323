//! The rules that keep records safe, each of which can be switched off natively.
//!
//! A test that never fails shows nothing: the sweeps (`tests/properties.rs`) switch one rule off at a
//! time and demand that a property notices. The page has no way to switch any of them off; there
//! [`Rules::keep`] is always true and costs nothing.

/// A rule of Kafka's that protects something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// acks=all is answered once the whole ISR has the batch (`checkEnoughReplicasReachOffset`).
    AckWaitsForIsr,
    /// The high watermark is what the *whole* ISR has; min.insync.replicas is only a floor.
    IsrNotMinIsr,
    /// A follower has what its next fetch says, not what it was sent (`updateFollowerFetchState`).
    ProgressByFetch,
    /// Below min.insync.replicas the high watermark stands still (KAFKA-15583).
    HighWatermarkFreezes,
    /// A leader's high watermark only rises (`maybeIncrementLeaderHW`).
    HighWatermarkRises,
    /// A follower cuts its log where it parts from its leader's, not at its high watermark (KIP-101).
    TruncateByEpoch,
    /// A leader comes from ISR or ELR (`PartitionChangeBuilder`).
    LeaderFromIsr,
    /// Each new leader has an epoch of its own.
    EpochPerLeader,
    /// The controller refuses an AlterPartition of a leader that is none any more.
    StaleLeaderRefused,
    /// An unclean end takes a broker out of the ELR (KIP-966).
    UncleanLeavesElr,
    /// Sequences are checked before an append (`UnifiedLog.analyzeAndValidateProducerState`).
    SequencesChecked,
    /// What a log knows of its producers outlives a change of leader.
    ProducersRemembered,
    /// Consumers read up to the high watermark.
    ReadsStopAtHighWatermark,
    /// Auto-commit commits what earlier polls brought, not the present one.
    AutoCommitLags,
    /// A read_committed consumer reads below the first open transaction (`UnifiedLog.lastStableOffset`).
    ReadsStopAtLastStable,
    /// A read_committed consumer leaves out what was aborted (`CompletedFetch.isBatchAborted`).
    AbortedLeftOut,
    /// Every partition of a transaction gets its marker (`TransactionMarkerChannelManager`).
    MarkersEverywhere,
    /// A transaction's end counts once `__transaction_state` has it on every in-sync replica.
    DecisionReplicated,
    /// Who takes a partition over waits for offsets of an open transaction (KIP-447, UNSTABLE_OFFSET_COMMIT).
    PendingOffsetsWaitedFor,
    /// Commits of members of an old generation or epoch are refused (`OffsetMetadataManager`).
    OldMembersRefused,
    /// A controller is elected, and its records are committed, by a majority of the voters (`LeaderState`).
    MajorityDecides,
    /// A voter gives one vote in an epoch, and remembers it (`QuorumState`).
    OneVoteAnEpoch,
    /// A row of the outbox is deleted after the ack, not when its job takes it (transactional outbox).
    RowGoesAfterAck,
    /// What the job has locked is free again when its session ends.
    LocksEndWithSession,
    /// The desk leaves rows alone whose send is in flight.
    DeskLeavesInFlight,
    /// The application commits after the acks of its dead letters.
    LettersAwaited,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 26] = [
        Rule::AckWaitsForIsr,
        Rule::IsrNotMinIsr,
        Rule::ProgressByFetch,
        Rule::HighWatermarkFreezes,
        Rule::HighWatermarkRises,
        Rule::TruncateByEpoch,
        Rule::LeaderFromIsr,
        Rule::EpochPerLeader,
        Rule::StaleLeaderRefused,
        Rule::UncleanLeavesElr,
        Rule::SequencesChecked,
        Rule::ProducersRemembered,
        Rule::ReadsStopAtHighWatermark,
        Rule::AutoCommitLags,
        Rule::ReadsStopAtLastStable,
        Rule::AbortedLeftOut,
        Rule::MarkersEverywhere,
        Rule::DecisionReplicated,
        Rule::PendingOffsetsWaitedFor,
        Rule::OldMembersRefused,
        Rule::MajorityDecides,
        Rule::OneVoteAnEpoch,
        Rule::RowGoesAfterAck,
        Rule::LocksEndWithSession,
        Rule::DeskLeavesInFlight,
        Rule::LettersAwaited,
    ];
}

/// Which rules a cluster keeps: all of them, but for at most one in a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    #[cfg(not(target_arch = "wasm32"))]
    off: Option<Rule>,
}

impl Rules {
    /// All rules but one.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn without(rule: Rule) -> Self {
        Rules { off: Some(rule) }
    }

    /// Whether `rule` holds in this cluster.
    #[cfg(not(target_arch = "wasm32"))]
    #[inline]
    pub fn keep(self, rule: Rule) -> bool {
        self.off != Some(rule)
    }

    /// Whether `rule` holds in this cluster: always.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    pub fn keep(self, _rule: Rule) -> bool {
        true
    }
}
