//! A group of the classic protocol (`ClassicGroup`): who is in it, which generation, which state.

use crate::sim::order::{Map, Set};

use super::protocol::{
    InstanceId, JoinGroupRequest, JoinGroupResponse, JoinedMember, MemberId, MemberRef,
    Subscription,
};
use super::{GroupMetadata, MemberMetadata};
use crate::kafka::config::Assignor;
use crate::kafka::{ErrorCode, GroupId, TopicPartition};
use crate::sim::{Conn, EntryId, MS, Micros};

/// Where a group stands (`ClassicGroupState`; a dead group is dropped).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No members; offsets may be there.
    Empty,
    /// Members are asked to join again.
    PreparingRebalance,
    /// All joined; the leader's assignment is awaited.
    CompletingRebalance,
    Stable,
}

/// A request that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub conn: Conn,
    pub correlation: u32,
}

/// A member (`ClassicGroupMember`).
#[derive(Clone, Debug)]
pub struct Member {
    pub instance: Option<InstanceId>,
    pub session_timeout_ms: u64,
    pub rebalance_timeout_ms: u64,
    pub protocols: Vec<Assignor>,
    pub subscription: Subscription,
    pub assignment: Vec<TopicPartition>,
    pub awaiting_join: Option<Waiting>,
    pub awaiting_sync: Option<Waiting>,
    pub session: Session,
}

/// When a member counts as gone.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub expires_at: Micros,
    /// When its timer rings; earlier ones are of the past.
    pub timer_at: Micros,
    /// What the last sign of life was caused by.
    pub heard: EntryId,
}

/// A classic group.
#[derive(Clone, Debug)]
pub struct ClassicGroup {
    pub id: GroupId,
    pub state: State,
    pub generation: u32,
    pub protocol: Option<Assignor>,
    pub leader: Option<MemberId>,
    pub members: Map<MemberId, Member>,
    /// Named, but not joined with that name yet (KIP-394).
    pub pending: Map<MemberId, Session>,
    /// Joined this generation, not synced yet.
    pub pending_sync: Set<MemberId>,
    /// Counts rounds of joining and syncing, so that old timers are known.
    pub round: u32,
    /// The first round of an empty group waits for more members (KIP-134): so much longer at
    /// most, in milliseconds.
    pub initial_delay_left_ms: Option<u64>,
    pub new_member_added: bool,
    /// What the current rebalance was caused by.
    pub rebalance_cause: EntryId,
    /// Since when it has had no members (`currentStateTimestamp`), if it ever had any.
    pub empty_since: Option<Micros>,
    /// A generation to be written to the log.
    pub to_write: Option<GroupMetadata>,
}

impl ClassicGroup {
    /// A group nobody is in.
    pub fn new(id: GroupId) -> Self {
        ClassicGroup {
            id,
            state: State::Empty,
            generation: 0,
            protocol: None,
            leader: None,
            members: Map::new(),
            pending: Map::new(),
            pending_sync: Set::new(),
            round: 0,
            initial_delay_left_ms: None,
            new_member_added: false,
            rebalance_cause: EntryId::NONE,
            empty_since: None,
            to_write: None,
        }
    }

    /// The group as it was written at `written_at`; its members' sessions begin now.
    pub fn loaded(written: &GroupMetadata, written_at: Micros, now: Micros) -> Self {
        let members = written
            .members
            .iter()
            .map(|m| (m.member, Member::loaded(m, now)));
        ClassicGroup {
            state: if written.members.is_empty() {
                State::Empty
            } else {
                State::Stable
            },
            generation: written.generation,
            protocol: written.protocol,
            leader: written.leader,
            members: members.collect(),
            empty_since: written.members.is_empty().then_some(written_at),
            ..ClassicGroup::new(written.group)
        }
    }

    /// What is written to the log about it.
    pub fn metadata(&self) -> GroupMetadata {
        let members = self.members.iter().map(|(id, member)| MemberMetadata {
            member: *id,
            instance: member.instance.clone(),
            session_timeout_ms: member.session_timeout_ms,
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            protocols: member.protocols.clone(),
            subscription: member.subscription.clone(),
            assignment: member.assignment.clone(),
        });
        GroupMetadata {
            group: self.id,
            generation: self.generation,
            protocol: self.protocol,
            leader: self.leader,
            members: members.collect(),
        }
    }

    /// The member with this `group.instance.id`.
    pub fn static_member(&self, instance: &InstanceId) -> Option<MemberId> {
        let same = |m: &&MemberId| self.members[*m].instance.as_ref() == Some(instance);
        self.members.keys().find(same).copied()
    }

    /// `ClassicGroup.validateMember`: whether `member` may speak for itself.
    pub fn validate_member(
        &self,
        member: MemberId,
        instance: Option<&InstanceId>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance) = instance {
            match self.static_member(instance) {
                Some(current) if current == member => return Ok(()),
                Some(_) => return Err(ErrorCode::FencedInstanceId),
                None => return Err(ErrorCode::UnknownMemberId),
            }
        }
        match self.members.contains_key(&member) {
            true => Ok(()),
            false => Err(ErrorCode::UnknownMemberId),
        }
    }

    /// The same, and whether it is of the current generation.
    pub fn validate(&self, who: &MemberRef) -> Result<(), ErrorCode> {
        self.validate_member(who.member, who.instance.as_ref())?;
        if who.generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(())
    }

    /// Whether nobody is awaited any more in this round of joining.
    pub fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|m| m.awaiting_join.is_some())
    }

    /// The longest any member may take to join again, in milliseconds.
    pub fn rebalance_timeout_ms(&self) -> u64 {
        let timeouts = self.members.values().map(|m| m.rebalance_timeout_ms);
        timeouts.max().unwrap_or(0)
    }

    /// Whether the members, with one of these protocols, still have one in common.
    pub fn supports(&self, protocols: &[Assignor], except: Option<MemberId>) -> bool {
        let others = || {
            let rest = self.members.iter();
            rest.filter(|(id, _)| Some(**id) != except).map(|(_, m)| m)
        };
        let common = |p: &Assignor| others().all(|m| m.protocols.contains(p));
        protocols.iter().any(common)
    }

    /// Each member votes for the first of its protocols that all support
    /// (`ClassicGroup.selectProtocol`).
    pub fn selected_protocol(&self) -> Option<Assignor> {
        let common = |p: &&Assignor| self.members.values().all(|m| m.protocols.contains(p));
        let mut votes = Map::<Assignor, usize>::new();
        for member in self.members.values() {
            if let Some(choice) = member.protocols.iter().find(common) {
                *votes.get_or_default(*choice) += 1;
            }
        }
        let most = votes.values().max().copied()?;
        let winner = votes.into_iter().find(|(_, count)| *count == most)?;
        Some(winner.0)
    }

    /// What the member `id` is told of the current generation.
    pub fn join_response(&self, id: MemberId, skip_assignment: bool) -> JoinGroupResponse {
        let members = match self.leader == Some(id) {
            true => self.joined_members(),
            false => Vec::new(),
        };
        JoinGroupResponse {
            error: ErrorCode::None,
            generation: self.generation,
            protocol: self.protocol,
            leader: self.leader,
            member: Some(id),
            members,
            skip_assignment,
        }
    }

    fn joined_members(&self) -> Vec<JoinedMember> {
        let joined = self.members.iter().map(|(id, m)| JoinedMember {
            member: *id,
            instance: m.instance.clone(),
            subscription: m.subscription.clone(),
        });
        joined.collect()
    }
}

impl Member {
    /// A member as its join request tells.
    pub fn new(request: &JoinGroupRequest) -> Self {
        Member {
            instance: request.instance.clone(),
            session_timeout_ms: request.session_timeout_ms,
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            protocols: request.protocols.clone(),
            subscription: request.subscription.clone(),
            assignment: Vec::new(),
            awaiting_join: None,
            awaiting_sync: None,
            session: Session::new(0),
        }
    }

    fn loaded(written: &MemberMetadata, now: Micros) -> Self {
        Member {
            instance: written.instance.clone(),
            session_timeout_ms: written.session_timeout_ms,
            rebalance_timeout_ms: written.rebalance_timeout_ms,
            protocols: written.protocols.clone(),
            subscription: written.subscription.clone(),
            assignment: written.assignment.clone(),
            awaiting_join: None,
            awaiting_sync: None,
            session: Session::new(now + written.session_timeout_ms * MS),
        }
    }

    /// Whether it says the same as in its last join (`ClassicGroupMember.matches`).
    pub fn matches(&self, request: &JoinGroupRequest) -> bool {
        self.protocols == request.protocols && self.subscription == request.subscription
    }
}

impl Session {
    /// A session whose timer is still to be set.
    pub fn new(expires_at: Micros) -> Self {
        Session {
            expires_at,
            timer_at: 0,
            heard: EntryId::NONE,
        }
    }
}
