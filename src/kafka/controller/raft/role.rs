//! What a voter can be (`EpochState` and its kinds), and what of it outlives the process.

use crate::kafka::metadata::QuorumEpoch;
use crate::sim::{Micros, NodeId};

/// What a voter is at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RaftRole {
    /// No process runs, or it is not that far yet.
    Down,
    /// Knows of no leader of its epoch.
    Unattached {
        until: Micros,
    },
    /// Asks whether it could win (KIP-996).
    Prospective(Poll),
    /// Asks for votes.
    Candidate(Poll),
    Follower {
        leader: NodeId,
        /// The leader is given up then.
        until: Micros,
        /// Whether it has fetched from this leader: then it helps nobody against it.
        fetched: bool,
    },
    Leader(Leading),
    /// Led, and gives the others time to elect somebody else.
    Resigned {
        until: Micros,
        /// Who has not heard of it yet.
        unheard: Vec<NodeId>,
        successors: Vec<NodeId>,
    },
}

/// Votes asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    pub until: Micros,
    /// Other voters that have said yes, or no.
    pub granted: Vec<NodeId>,
    pub rejected: Vec<NodeId>,
}

/// What a leader knows of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leading {
    /// Its own records begin here.
    pub epoch_start: u64,
    pub followers: Vec<FollowingVoter>,
    /// It resigns then, unless a majority has fetched since.
    pub check_until: Micros,
    pub fetched: Vec<NodeId>,
    /// Whoever does not fetch is told then that it leads.
    pub begin_at: Micros,
}

/// Another voter, as its leader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowingVoter {
    pub node: NodeId,
    /// How far its log goes on its platter.
    pub end: u64,
    pub fetched_at: Option<Micros>,
}

/// The `quorum-state` file: fsynced with every change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QuorumFile {
    pub epoch: QuorumEpoch,
    pub voted: Option<NodeId>,
    pub leader: Option<NodeId>,
}

/// Timeouts of the quorum, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub election_us: Micros,
    pub fetch_us: Micros,
    pub fsync_us: Micros,
}
