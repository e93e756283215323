//! Elections, and the end of a leader.

use super::{FollowingVoter, Leading, Poll, Raft, RaftRole};
use crate::kafka::metadata::{Cause, Logged, MetadataRecord, QuorumEpoch};
use crate::kafka::protocol::{RaftAnswer, RaftRequest, VoteRequest};
use crate::kafka::{Entry, ErrorCode, Outbox, Rule};
use crate::sim::{Conn, MS, Micros, NodeId};

/// controller.quorum.election.backoff.max.ms.
const ELECTION_BACKOFF_US: Micros = 1_000 * MS;
/// A leader's records are not fetched for so many tenths of the fetch timeout before it resigns.
const CHECK_QUORUM_TENTHS: u64 = 15;

impl Raft {
    fn election_until(&mut self, now: Micros) -> Micros {
        let timeout_us = self.timeouts.election_us;
        now + timeout_us + self.luck.below(timeout_us.max(1))
    }

    pub(super) fn unattached(&mut self, now: Micros) {
        let until = self.election_until(now);
        self.become_role(RaftRole::Unattached { until });
    }

    pub(super) fn follow(&mut self, leader: NodeId, now: Micros) {
        self.file.leader = Some(leader);
        self.become_role(RaftRole::Follower {
            leader,
            until: now + self.timeouts.fetch_us,
            fetched: false,
        });
    }

    /// A leader that steps down forgets what it had only gathered.
    fn become_role(&mut self, role: RaftRole) {
        if self.leads() {
            self.log.truncate(self.log.written());
        }
        self.role = role;
        self.peers.reset();
    }

    /// Its time in this role is up.
    pub(super) fn time_is_up(&mut self, out: &mut Outbox) {
        let now = out.now();
        match &self.role {
            RaftRole::Down => {}
            RaftRole::Unattached { .. } | RaftRole::Follower { .. } | RaftRole::Candidate(_) => {
                let poll = self.new_poll(now);
                self.become_role(RaftRole::Prospective(poll));
            }
            RaftRole::Prospective(_) => self.not_elected(now),
            RaftRole::Leader(_) => self.resign(now),
            RaftRole::Resigned { .. } => {
                // In a new epoch, so that nobody takes it for the leader of this one.
                self.enter_epoch(self.file.epoch + 1);
                self.unattached(now);
            }
        }
    }

    fn new_poll(&mut self, now: Micros) -> Poll {
        Poll {
            until: self.election_until(now),
            granted: Vec::new(),
            rejected: Vec::new(),
        }
    }

    /// A prospective candidate that found no majority goes back to where it was.
    fn not_elected(&mut self, now: Micros) {
        match self.file.leader {
            Some(leader) if leader != self.me => self.follow(leader, now),
            _ => self.unattached(now),
        }
    }

    fn enter_epoch(&mut self, epoch: QuorumEpoch) {
        self.file.epoch = epoch;
        (self.file.voted, self.file.leader) = (None, None);
    }

    pub(super) fn become_candidate(&mut self, out: &mut Outbox) {
        // Who or what has silenced the last leader.
        let silenced = self.peers.what_silences(self.file.leader, out);
        self.enter_epoch(self.file.epoch + 1);
        self.file.voted = Some(self.me);
        let poll = self.new_poll(out.now());
        self.become_role(RaftRole::Candidate(poll));
        if self.majority() == 1 {
            return self.become_leader(out);
        }
        let epoch = self.file.epoch;
        self.asked = out.note_because(Entry::VotesAsked { epoch }, silenced);
    }

    fn become_leader(&mut self, out: &mut Outbox) {
        let leading = self.leading(self.log.end(), out.now());
        self.become_role(RaftRole::Leader(leading));
        self.file.leader = Some(self.me);
        // Only a record of its own epoch commits those of earlier ones: it writes one at once.
        self.log.gather(Logged {
            epoch: self.file.epoch,
            record: MetadataRecord::LeaderChange(self.me),
            cause: Cause::Entry(self.asked),
            notes: Default::default(),
        });
        self.drain(out);
    }

    pub(super) fn leading(&self, epoch_start: u64, now: Micros) -> Leading {
        let follower = |node| FollowingVoter {
            node,
            end: 0,
            fetched_at: None,
        };
        Leading {
            epoch_start,
            followers: self.peers.nodes().map(follower).collect(),
            check_until: self.check_until(now),
            fetched: Vec::new(),
            begin_at: now,
        }
    }

    pub(super) fn check_until(&self, now: Micros) -> Micros {
        match self.peers.len() {
            0 => Micros::MAX,
            _ => now + self.timeouts.fetch_us * CHECK_QUORUM_TENTHS / 10,
        }
    }

    /// Asks whoever has not answered yet.
    pub(super) fn ask_for_votes(&mut self, out: &mut Outbox) {
        let (poll, pre_vote) = match &self.role {
            RaftRole::Prospective(poll) => (poll, true),
            RaftRole::Candidate(poll) => (poll, false),
            _ => return,
        };
        if poll.rejected.len() >= self.majority() {
            return;
        }
        let answered = |node: &NodeId| poll.granted.contains(node) || poll.rejected.contains(node);
        let now = out.now();
        let unheard = self.peers.nodes().filter(|node| !answered(node));
        let ready = unheard.filter(|node| self.peers.is_ready(*node, now));
        let ready: Vec<NodeId> = ready.collect();
        let request = RaftRequest::Vote(VoteRequest {
            epoch: self.file.epoch,
            pre_vote,
            last_epoch: self.log.last_epoch(),
            last_offset: self.log.end(),
        });
        out.because(self.asked);
        for node in ready {
            self.peers.send(node, request.clone(), out);
        }
    }

    /// Somebody asks for this voter's vote (`handleVoteRequest`).
    pub(super) fn vote(
        &mut self,
        conn: Conn,
        correlation: u32,
        asked: &VoteRequest,
        out: &mut Outbox,
    ) {
        let mut error = ErrorCode::None;
        let mut granted = false;
        if asked.epoch < self.file.epoch {
            error = ErrorCode::FencedLeaderEpoch;
        } else {
            self.hear_of(asked.epoch, None, out);
            let own = (self.log.last_epoch(), self.log.end());
            let up_to_date = (asked.last_epoch, asked.last_offset) >= own;
            granted = self.grants(conn.client, up_to_date, asked.pre_vote);
            if granted && !asked.pre_vote {
                self.file.voted = Some(conn.client);
                let until = self.election_until(out.now());
                match &mut self.role {
                    RaftRole::Unattached { until: known } => *known = until,
                    RaftRole::Prospective(poll) => poll.until = until,
                    _ => {}
                }
            }
        }
        let answer = RaftAnswer::Vote { granted };
        self.respond(conn, correlation, error, answer, out);
    }

    /// `EpochState.canGrantVote` of each role.
    fn grants(&self, candidate: NodeId, up_to_date: bool, pre_vote: bool) -> bool {
        match (&self.role, pre_vote) {
            (RaftRole::Down | RaftRole::Leader(_), _) => false,
            (RaftRole::Follower { fetched, .. }, true) => !fetched && up_to_date,
            (_, true) => up_to_date,
            (RaftRole::Unattached { .. } | RaftRole::Prospective(_), false) => {
                let once = self.rules.keep(Rule::OneVoteAnEpoch);
                match self.file.voted.filter(|_| once) {
                    Some(voted) => voted == candidate,
                    None => self.file.leader.is_none() && up_to_date,
                }
            }
            _ => false,
        }
    }

    /// Another voter answered a request for its vote.
    pub(super) fn voted(&mut self, from: NodeId, granted: bool, out: &mut Outbox) {
        let majority = self.majority();
        let (RaftRole::Prospective(poll) | RaftRole::Candidate(poll)) = &mut self.role else {
            return;
        };
        match granted {
            true => poll.granted.push(from),
            false => poll.rejected.push(from),
        }
        // Its own vote counts.
        let won = poll.granted.len() + 1 >= majority;
        let lost = poll.rejected.len() >= majority;
        match self.role {
            RaftRole::Prospective(_) if won => self.become_candidate(out),
            RaftRole::Prospective(_) if lost => self.not_elected(out.now()),
            RaftRole::Candidate(_) if won => self.become_leader(out),
            _ => {}
        }
    }

    /// Somebody is in this epoch, and knows this leader (`maybeTransition`).
    pub(super) fn hear_of(&mut self, epoch: QuorumEpoch, leader: Option<NodeId>, out: &mut Outbox) {
        let now = out.now();
        let leader = leader.filter(|leader| *leader != self.me);
        if epoch > self.file.epoch {
            self.enter_epoch(epoch);
            match leader {
                Some(leader) => self.follow(leader, now),
                None => self.unattached(now),
            }
        } else if let Some(leader) = leader.filter(|_| self.file.leader.is_none()) {
            self.follow(leader, now);
        }
    }

    /// A leader makes itself known.
    pub(super) fn begins(
        &mut self,
        conn: Conn,
        correlation: u32,
        epoch: QuorumEpoch,
        out: &mut Outbox,
    ) {
        let error = match epoch < self.file.epoch {
            true => ErrorCode::FencedLeaderEpoch,
            false => {
                self.hear_of(epoch, Some(conn.client), out);
                ErrorCode::None
            }
        };
        self.respond(conn, correlation, error, RaftAnswer::BeginQuorumEpoch, out);
    }

    /// A leader resigns: the one with the longest log asks for votes at once, the others later.
    pub(super) fn ends(
        &mut self,
        conn: Conn,
        correlation: u32,
        epoch: QuorumEpoch,
        successors: &[NodeId],
        out: &mut Outbox,
    ) {
        let mut error = ErrorCode::None;
        if epoch < self.file.epoch {
            error = ErrorCode::FencedLeaderEpoch;
        } else {
            self.hear_of(epoch, Some(conn.client), out);
            let wait_us = backoff_us(self.me, successors);
            if let RaftRole::Follower { leader, until, .. } = &mut self.role
                && *leader == conn.client
            {
                *until = out.now() + wait_us;
            }
        }
        self.respond(conn, correlation, error, RaftAnswer::EndQuorumEpoch, out);
    }

    /// It leads no longer, and says so.
    pub(super) fn resign(&mut self, now: Micros) {
        let RaftRole::Leader(leading) = &self.role else {
            return;
        };
        let mut followers = leading.followers.clone();
        crate::sim::order::sort_by_number(&mut followers, |known| u64::MAX - known.end);
        let successors = followers.iter().map(|known| known.node).collect();
        self.resign_to(successors, now);
    }

    pub(super) fn resign_to(&mut self, successors: Vec<NodeId>, now: Micros) {
        let until = self.election_until(now);
        let unheard = self.peers.nodes().collect();
        self.become_role(RaftRole::Resigned {
            until,
            unheard,
            successors,
        });
    }

    /// An orderly end: a leader lets the others elect somebody at once.
    pub fn stop(&mut self, out: &mut Outbox) {
        if self.leads() && self.peers.len() > 0 {
            self.resign(out.now());
            self.tell_that_it_resigned(out);
        }
    }

    /// Tells whoever does not fetch that it leads; says when it has to look again.
    pub(super) fn tell_that_it_leads(&mut self, out: &mut Outbox) -> Micros {
        let (now, period_us) = (out.now(), self.timeouts.fetch_us / 2);
        let epoch = self.file.epoch;
        let RaftRole::Leader(leading) = &mut self.role else {
            return Micros::MAX;
        };
        if leading.begin_at > now {
            return leading.begin_at;
        }
        leading.begin_at = now + period_us.max(1);
        let due = leading.begin_at;
        let silent =
            |known: &&FollowingVoter| known.fetched_at.is_none_or(|at| at + period_us <= now);
        let silent = leading.followers.iter().filter(silent);
        let silent: Vec<NodeId> = silent.map(|known| known.node).collect();
        for node in silent {
            if self.peers.is_ready(node, now) {
                let request = RaftRequest::BeginQuorumEpoch { epoch };
                self.peers.send(node, request, out);
            }
        }
        due
    }

    pub(super) fn tell_that_it_resigned(&mut self, out: &mut Outbox) {
        let RaftRole::Resigned {
            unheard,
            successors,
            ..
        } = &self.role
        else {
            return;
        };
        let now = out.now();
        let ready = unheard
            .iter()
            .filter(|node| self.peers.is_ready(**node, now));
        let ready: Vec<NodeId> = ready.copied().collect();
        let request = RaftRequest::EndQuorumEpoch {
            epoch: self.file.epoch,
            successors: successors.clone(),
        };
        for node in ready {
            self.peers.send(node, request.clone(), out);
        }
    }
}

/// How long a voter waits before it asks for votes, by its place among the wished successors
/// (`strictExponentialElectionBackoffMs`).
fn backoff_us(me: NodeId, successors: &[NodeId]) -> Micros {
    let place = successors.iter().position(|node| *node == me);
    match place {
        Some(0) => 0,
        Some(place) => {
            let base_us = ELECTION_BACKOFF_US >> (successors.len() - 1);
            (base_us << (place - 1)).min(ELECTION_BACKOFF_US)
        }
        None => ELECTION_BACKOFF_US,
    }
}
