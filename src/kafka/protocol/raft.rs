//! What the voters of the metadata quorum say to one another (KIP-595, KIP-853, KIP-996).

use std::rc::Rc;

use crate::kafka::ErrorCode;
use crate::kafka::metadata::{Logged, QuorumEpoch};
use crate::sim::NodeId;

/// A request of one voter to another.
#[derive(Clone, Debug)]
pub enum RaftRequest {
    /// `VoteRequest`.
    Vote(VoteRequest),
    /// `BeginQuorumEpochRequest`: the sender leads.
    BeginQuorumEpoch { epoch: QuorumEpoch },
    /// `EndQuorumEpochRequest`: the sender leads no longer; whom it would like to see follow it,
    /// the one with the longest log first.
    EndQuorumEpoch {
        epoch: QuorumEpoch,
        successors: Vec<NodeId>,
    },
    /// `FetchRequest` of `__cluster_metadata` by a voter.
    Fetch(RaftFetch),
}

/// `VoteRequest`.
#[derive(Clone, Copy, Debug)]
pub struct VoteRequest {
    pub epoch: QuorumEpoch,
    /// Only asks whether a vote could be won; nobody's epoch changes (KIP-996).
    pub pre_vote: bool,
    /// Epoch of the candidate's last record, and where its log ends.
    pub last_epoch: QuorumEpoch,
    pub last_offset: u64,
}

/// What a voter that follows asks of its leader. It has fsynced everything below `offset`.
#[derive(Clone, Copy, Debug)]
pub struct RaftFetch {
    pub epoch: QuorumEpoch,
    pub offset: u64,
    /// Epoch of its last record: where it does not fit the leader's log, the follower has to cut.
    pub last_epoch: QuorumEpoch,
    /// The high watermark that it knows.
    pub high_watermark: u64,
}

/// The answer of a voter: how it sees the quorum, and what was asked for.
#[derive(Clone, Debug)]
pub struct RaftResponse {
    pub error: ErrorCode,
    pub epoch: QuorumEpoch,
    pub leader: Option<NodeId>,
    pub answer: RaftAnswer,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub enum RaftAnswer {
    Vote { granted: bool },
    BeginQuorumEpoch,
    EndQuorumEpoch,
    Fetch(RaftFetched),
}

/// Records of the metadata log, committed or not.
#[derive(Clone, Debug, Default)]
pub struct RaftFetched {
    pub records: Rc<[Logged]>,
    pub high_watermark: u64,
    /// Where the logs part: the last epoch that both may have, and its end in the leader's log.
    pub diverging: Option<(QuorumEpoch, u64)>,
}
