//! The second round of a rebalance: the leader's request brings the assignment, which is written
//! to the log, and then every member is told its part.

use super::Replies;
use super::classic::{ClassicGroup, State, Waiting};
use super::protocol::{GroupResponse, MemberId, SyncGroupRequest};
use crate::kafka::{ErrorCode, TopicPartition};

impl ClassicGroup {
    /// The leader brings the assignment, the others ask for theirs.
    pub(super) fn sync(
        &mut self,
        request: &SyncGroupRequest,
        from: Waiting,
        out: &mut Replies,
    ) -> Result<(), ErrorCode> {
        let id = request.who.member;
        self.validate(&request.who)?;
        match self.state {
            State::Empty => return Err(ErrorCode::UnknownMemberId),
            State::PreparingRebalance => return Err(ErrorCode::RebalanceInProgress),
            State::CompletingRebalance | State::Stable => {}
        }
        self.pending_sync.remove(&id);
        self.heard_of(id, out);
        if self.state == State::Stable {
            self.answer_sync(id, from, out);
            return Ok(());
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.awaiting_sync = Some(from);
        }
        if self.leader == Some(id) {
            self.assign(request);
            self.to_write = Some(self.metadata());
        }
        Ok(())
    }

    pub(super) fn assign(&mut self, request: &SyncGroupRequest) {
        for (id, member) in &mut self.members {
            let given = request.assignment.iter().find(|(to, _)| to == id);
            member.assignment = given.map_or_else(Vec::new, |(_, partitions)| partitions.clone());
        }
    }

    /// The generation is in the log: members hear what they got.
    pub(super) fn generation_written(&mut self, generation: u32, out: &mut Replies) {
        if self.state != State::CompletingRebalance || self.generation != generation {
            return;
        }
        self.state = State::Stable;
        let ids: Vec<MemberId> = self.members.keys().copied().collect();
        for id in ids {
            let waiting = self
                .members
                .get_mut(&id)
                .and_then(|m| m.awaiting_sync.take());
            if let Some(waiting) = waiting {
                self.heard_of(id, out);
                self.answer_sync(id, waiting, out);
            }
        }
    }

    /// The generation could not be written: all over again.
    pub(super) fn generation_failed(
        &mut self,
        generation: u32,
        error: ErrorCode,
        out: &mut Replies,
    ) {
        if self.state == State::CompletingRebalance && self.generation == generation {
            self.answer_syncs(error, out);
            self.prepare(0, out);
        }
    }

    fn answer_sync(&self, id: MemberId, to: Waiting, out: &mut Replies) {
        let assignment = self.members.get(&id).map(|m| m.assignment.clone());
        let response = GroupResponse::SyncGroup {
            error: ErrorCode::None,
            assignment: assignment.unwrap_or_default(),
        };
        to.answer(response, out);
    }

    pub(super) fn answer_syncs(&mut self, error: ErrorCode, out: &mut Replies) {
        self.pending_sync.clear();
        for member in self.members.values_mut() {
            member.assignment.clear();
            if let Some(waiting) = member.awaiting_sync.take() {
                waiting.answer(refused_sync(error), out);
            }
        }
    }

    /// Members that joined and did not sync in time are out.
    pub(super) fn sync_rang(&mut self, round: u32, out: &mut Replies) {
        let syncing = matches!(self.state, State::CompletingRebalance | State::Stable);
        if round != self.round || !syncing || self.pending_sync.is_empty() {
            return;
        }
        for id in std::mem::take(&mut self.pending_sync) {
            self.forget(id, true, out);
        }
        self.prepare(0, out);
    }
}

pub(super) fn refused_sync(error: ErrorCode) -> GroupResponse {
    let assignment: Vec<TopicPartition> = Vec::new();
    GroupResponse::SyncGroup { error, assignment }
}
