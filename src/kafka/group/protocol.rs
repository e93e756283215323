//! Requests of consumers to their coordinator (FindCoordinator, JoinGroup, SyncGroup, Heartbeat,
//! LeaveGroup, OffsetCommit, OffsetFetch) and what it answers.

/// A request to the group coordinator, or the search for it.
#[derive(Clone, Debug)]
pub enum GroupRequest {}

/// What the coordinator answers.
#[derive(Clone, Debug)]
pub enum GroupResponse {}
