//! Error codes of the protocol, and the exceptions that clients make of them.

/// Defines the codes once: name, number, retriable or not, exception class.
macro_rules! error_codes {
    ($($name:ident = $code:literal, $wire:literal, $retriable:literal, $class:literal;)*) => {
        /// `org.apache.kafka.common.protocol.Errors`, as far as the model uses it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode { $($name),* }

        impl ErrorCode {
            /// The number on the wire.
            pub fn code(self) -> i16 {
                match self { $(ErrorCode::$name => $code),* }
            }
            /// The name in `Errors`.
            pub fn name(self) -> &'static str {
                match self { $(ErrorCode::$name => $wire),* }
            }
            /// Whether its exception is a `RetriableException`.
            pub fn is_retriable(self) -> bool {
                match self { $(ErrorCode::$name => $retriable),* }
            }
            /// The simple class name of its exception.
            pub fn class(self) -> &'static str {
                match self { $(ErrorCode::$name => $class),* }
            }
        }
    };
}

error_codes! {
    None = 0, "NONE", false, "";
    OffsetOutOfRange = 1, "OFFSET_OUT_OF_RANGE", false, "OffsetOutOfRangeException";
    CorruptMessage = 2, "CORRUPT_MESSAGE", true, "CorruptRecordException";
    UnknownTopicOrPartition = 3, "UNKNOWN_TOPIC_OR_PARTITION", true,
        "UnknownTopicOrPartitionException";
    LeaderNotAvailable = 5, "LEADER_NOT_AVAILABLE", true, "LeaderNotAvailableException";
    NotLeaderOrFollower = 6, "NOT_LEADER_OR_FOLLOWER", true, "NotLeaderOrFollowerException";
    RequestTimedOut = 7, "REQUEST_TIMED_OUT", true, "TimeoutException";
    MessageTooLarge = 10, "MESSAGE_TOO_LARGE", false, "RecordTooLargeException";
    NetworkException = 13, "NETWORK_EXCEPTION", true, "NetworkException";
    CoordinatorLoadInProgress = 14, "COORDINATOR_LOAD_IN_PROGRESS", true,
        "CoordinatorLoadInProgressException";
    CoordinatorNotAvailable = 15, "COORDINATOR_NOT_AVAILABLE", true,
        "CoordinatorNotAvailableException";
    NotCoordinator = 16, "NOT_COORDINATOR", true, "NotCoordinatorException";
    RecordListTooLarge = 18, "RECORD_LIST_TOO_LARGE", false, "RecordBatchTooLargeException";
    NotEnoughReplicas = 19, "NOT_ENOUGH_REPLICAS", true, "NotEnoughReplicasException";
    NotEnoughReplicasAfterAppend = 20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true,
        "NotEnoughReplicasAfterAppendException";
    InvalidRequiredAcks = 21, "INVALID_REQUIRED_ACKS", false, "InvalidRequiredAcksException";
    IllegalGeneration = 22, "ILLEGAL_GENERATION", false, "IllegalGenerationException";
    InconsistentGroupProtocol = 23, "INCONSISTENT_GROUP_PROTOCOL", false,
        "InconsistentGroupProtocolException";
    UnknownMemberId = 25, "UNKNOWN_MEMBER_ID", false, "UnknownMemberIdException";
    InvalidSessionTimeout = 26, "INVALID_SESSION_TIMEOUT", false, "InvalidSessionTimeoutException";
    RebalanceInProgress = 27, "REBALANCE_IN_PROGRESS", false, "RebalanceInProgressException";
    NotController = 41, "NOT_CONTROLLER", true, "NotControllerException";
    PolicyViolation = 44, "POLICY_VIOLATION", false, "PolicyViolationException";
    OutOfOrderSequenceNumber = 45, "OUT_OF_ORDER_SEQUENCE_NUMBER", false,
        "OutOfOrderSequenceException";
    DuplicateSequenceNumber = 46, "DUPLICATE_SEQUENCE_NUMBER", false,
        "DuplicateSequenceException";
    InvalidPartitions = 37, "INVALID_PARTITIONS", false, "InvalidPartitionsException";
    InvalidReplicaAssignment = 39, "INVALID_REPLICA_ASSIGNMENT", false,
        "InvalidReplicaAssignmentException";
    NoReassignmentInProgress = 85, "NO_REASSIGNMENT_IN_PROGRESS", false,
        "NoReassignmentInProgressException";
    InvalidRequest = 42, "INVALID_REQUEST", false, "InvalidRequestException";
    InvalidProducerEpoch = 47, "INVALID_PRODUCER_EPOCH", false, "InvalidProducerEpochException";
    InvalidTxnState = 48, "INVALID_TXN_STATE", false, "InvalidTxnStateException";
    InvalidProducerIdMapping = 49, "INVALID_PRODUCER_ID_MAPPING", false,
        "InvalidPidMappingException";
    InvalidTransactionTimeout = 50, "INVALID_TRANSACTION_TIMEOUT", false,
        "InvalidTxnTimeoutException";
    TransactionCoordinatorFenced = 52, "TRANSACTION_COORDINATOR_FENCED", false,
        "TransactionCoordinatorFencedException";
    ConcurrentTransactions = 51, "CONCURRENT_TRANSACTIONS", true,
        "ConcurrentTransactionsException";
    GroupIdNotFound = 69, "GROUP_ID_NOT_FOUND", false, "GroupIdNotFoundException";
    KafkaStorageError = 56, "KAFKA_STORAGE_ERROR", true, "KafkaStorageException";
    UnknownProducerId = 59, "UNKNOWN_PRODUCER_ID", false, "UnknownProducerIdException";
    FencedLeaderEpoch = 74, "FENCED_LEADER_EPOCH", true, "FencedLeaderEpochException";
    UnknownLeaderEpoch = 75, "UNKNOWN_LEADER_EPOCH", true, "UnknownLeaderEpochException";
    StaleBrokerEpoch = 77, "STALE_BROKER_EPOCH", false, "StaleBrokerEpochException";
    OffsetNotAvailable = 78, "OFFSET_NOT_AVAILABLE", true, "OffsetNotAvailableException";
    MemberIdRequired = 79, "MEMBER_ID_REQUIRED", false, "MemberIdRequiredException";
    FencedInstanceId = 82, "FENCED_INSTANCE_ID", false, "FencedInstanceIdException";
    PreferredLeaderNotAvailable = 80, "PREFERRED_LEADER_NOT_AVAILABLE", true,
        "PreferredLeaderNotAvailableException";
    EligibleLeadersNotAvailable = 83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true,
        "EligibleLeadersNotAvailableException";
    ElectionNotNeeded = 84, "ELECTION_NOT_NEEDED", true, "ElectionNotNeededException";
    InvalidRecord = 87, "INVALID_RECORD", false, "InvalidRecordException";
    UnstableOffsetCommit = 88, "UNSTABLE_OFFSET_COMMIT", true, "UnstableOffsetCommitException";
    ProducerFenced = 90, "PRODUCER_FENCED", false, "ProducerFencedException";
    UnknownTopicId = 100, "UNKNOWN_TOPIC_ID", true, "UnknownTopicIdException";
    DuplicateBrokerRegistration = 101, "DUPLICATE_BROKER_REGISTRATION", false,
        "DuplicateBrokerRegistrationException";
    BrokerIdNotRegistered = 102, "BROKER_ID_NOT_REGISTERED", false,
        "BrokerIdNotRegisteredException";
    InvalidUpdateVersion = 95, "INVALID_UPDATE_VERSION", false, "InvalidUpdateVersionException";
    IneligibleReplica = 107, "INELIGIBLE_REPLICA", false, "IneligibleReplicaException";
    NewLeaderElected = 108, "NEW_LEADER_ELECTED", false, "NewLeaderElectedException";
    FencedMemberEpoch = 110, "FENCED_MEMBER_EPOCH", false, "FencedMemberEpochException";
    UnreleasedInstanceId = 111, "UNRELEASED_INSTANCE_ID", false, "UnreleasedInstanceIdException";
    UnsupportedAssignor = 112, "UNSUPPORTED_ASSIGNOR", false, "UnsupportedAssignorException";
    StaleMemberEpoch = 113, "STALE_MEMBER_EPOCH", false, "StaleMemberEpochException";
    TransactionAbortable = 120, "TRANSACTION_ABORTABLE", false, "TransactionAbortableException";
}

impl ErrorCode {
    /// What a coordinator that could not append makes of it for whoever asked (`GroupCoordinatorService`,
    /// `TransactionStateManager.appendTransactionToLog`).
    pub fn of_coordinator(self) -> ErrorCode {
        match self {
            ErrorCode::UnknownTopicOrPartition
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
            ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => {
                ErrorCode::NotCoordinator
            }
            other => other,
        }
    }
}

/// An exception that a client call throws, or that a callback gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientError {
    /// The exception of a protocol error.
    Broker(ErrorCode),
    /// `TimeoutException`: metadata, buffer memory, delivery.timeout.ms or a blocking call.
    Timeout,
    /// `RecordTooLargeException` by the producer itself: max.request.size or buffer.memory.
    RecordTooLarge,
    /// `BufferExhaustedException`: no buffer memory within max.block.ms.
    BufferExhausted,
    /// `KafkaException` of batches dropped by a forced close.
    ProducerClosedForcefully,
    /// `NoOffsetForPartitionException`: nothing committed and auto.offset.reset=none.
    NoOffsetForPartition,
    /// `OffsetOutOfRangeException` with auto.offset.reset=none.
    OffsetOutOfRange,
    /// `LogTruncationException` with auto.offset.reset=none (KIP-320).
    LogTruncation,
    /// `CommitFailedException`: the group has moved on.
    CommitFailed,
    /// `RetriableCommitFailedException` of an asynchronous commit.
    RetriableCommitFailed,
    /// `KafkaException`: the transaction is in an error state, or a request of it failed in a way no other
    /// exception names.
    Transaction,
    /// `TransactionAbortedException`: dropped unsent by `abortTransaction`.
    TransactionAborted,
    /// `IllegalStateException`: the client is closed or the call does not fit its state.
    IllegalState,
}

impl ClientError {
    /// The simple class name of the exception.
    pub fn class(self) -> &'static str {
        match self {
            ClientError::Broker(code) => code.class(),
            ClientError::Timeout => "TimeoutException",
            ClientError::RecordTooLarge => "RecordTooLargeException",
            ClientError::BufferExhausted => "BufferExhaustedException",
            ClientError::ProducerClosedForcefully => "KafkaException",
            ClientError::NoOffsetForPartition => "NoOffsetForPartitionException",
            ClientError::OffsetOutOfRange => "OffsetOutOfRangeException",
            ClientError::LogTruncation => "LogTruncationException",
            ClientError::CommitFailed => "CommitFailedException",
            ClientError::RetriableCommitFailed => "RetriableCommitFailedException",
            ClientError::Transaction => "KafkaException",
            ClientError::TransactionAborted => "TransactionAbortedException",
            ClientError::IllegalState => "IllegalStateException",
        }
    }
}
