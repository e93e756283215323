//! One voter of the metadata quorum (`KafkaRaftClient`, `QuorumState`).
//!
//! [`Raft::poll`] is the whole story of a voter: after every message and timer it looks at what
//! its role has to do now, and when it has to look again.
//!
//! | module | room for |
//! |---|---|
//! | [`role`] | what it can be |
//! | [`log`] | its copy of the metadata log |
//! | [`voting`] | elections, and the end of a leader |
//! | [`fetching`] | replication: a follower fetches, a leader counts |
//! | [`peers`] | requests to the other voters |

pub mod fetching;
pub mod log;
mod peers;
mod role;
mod voting;

use crate::kafka::Outbox;
use crate::kafka::metadata::{MetadataImage, QuorumEpoch};
use crate::kafka::protocol::{Msg, RaftAnswer, RaftRequest, RaftResponse, Response};
use crate::kafka::{ErrorCode, Rule, Rules, Timer};
use crate::sim::{Conn, EntryId, MS, Micros, NodeId, Stream};

use super::ControllerTimer;
pub use role::{FollowingVoter, Leading, Poll, RaftRole, Timeouts};

use fetching::WaitingVoter;
use log::{FIRST_EPOCH, RaftLog};
use peers::Peers;
use role::QuorumFile;

/// controller.quorum.append.linger.ms: records are gathered for this long.
const APPEND_LINGER_US: Micros = 25 * MS;

/// One voter: what is on its disk, and what its process knows.
#[derive(Clone)]
pub struct Raft {
    pub me: NodeId,
    timeouts: Timeouts,
    rules: Rules,
    pub log: RaftLog,
    file: QuorumFile,
    pub role: RaftRole,
    /// Everything below is committed, as far as this voter knows.
    pub high_watermark: u64,
    peers: Peers,
    waiting: Vec<WaitingVoter>,
    waits: u32,
    luck: Stream,
    timer_at: Option<Micros>,
    /// A write of what was gathered is scheduled.
    drain_scheduled: bool,
    /// The fsync under way covers everything below.
    syncing: Option<u64>,
    /// The journal entry of the candidacy, or of the start of the only voter.
    pub asked: EntryId,
}

impl Raft {
    /// A voter of a quorum that is up: the first voter leads.
    pub fn up(
        me: NodeId,
        voters: impl Iterator<Item = NodeId> + Clone,
        image: &MetadataImage,
        (timeouts, rules): (Timeouts, Rules),
        luck: Stream,
    ) -> Self {
        let log = RaftLog::of(image);
        let leader = voters.clone().next();
        Raft {
            me,
            timeouts,
            rules,
            file: QuorumFile {
                epoch: FIRST_EPOCH,
                voted: None,
                leader,
            },
            role: RaftRole::Down,
            high_watermark: log.end(),
            log,
            peers: Peers::new(voters.filter(|node| *node != me)),
            waiting: Vec::new(),
            waits: 0,
            luck,
            timer_at: None,
            drain_scheduled: false,
            syncing: None,
            asked: EntryId::NONE,
        }
    }

    /// Its process runs since long: takes the role that the quorum's file says.
    pub fn begin(&mut self, out: &mut Outbox) {
        let now = out.now();
        match self.file.leader {
            Some(leader) if leader == self.me => {
                let mut leading = self.leading(0, now);
                for follower in &mut leading.followers {
                    follower.end = self.log.end();
                    follower.fetched_at = Some(now);
                }
                self.role = RaftRole::Leader(leading);
            }
            Some(leader) => self.follow(leader, now),
            None => {}
        }
        self.poll(out);
    }

    /// A new process, with what the last one left on the disk (`QuorumState.initialize`).
    pub fn start(&mut self, luck: Stream, out: &mut Outbox) {
        let now = out.now();
        self.luck = luck;
        self.asked = out.cause();
        match self.file.leader {
            // Whoever led may have told records that it no longer has: never again in this epoch.
            Some(leader) if leader == self.me => self.resign_to(Vec::new(), now),
            Some(leader) => self.follow(leader, now),
            None => self.unattached(now),
        }
        if self.peers.len() == 0 {
            // The only voter needs nobody's vote.
            self.become_candidate(out);
        }
        self.poll(out);
    }

    /// The process is gone.
    pub fn ended(&mut self, power_lost: bool) {
        self.role = RaftRole::Down;
        let kept = match power_lost {
            true => self.log.flushed(),
            false => self.log.written(),
        };
        self.log.truncate(kept);
        self.high_watermark = 0;
        self.peers.reset();
        self.waiting.clear();
        (self.timer_at, self.syncing) = (None, None);
        self.drain_scheduled = false;
        self.asked = EntryId::NONE;
    }

    /// Whether its process takes part in the quorum.
    pub fn is_up(&self) -> bool {
        self.role != RaftRole::Down
    }

    /// Whether it leads, and everything up to its own epoch is committed: from then on it knows
    /// all that was ever decided.
    pub fn has_claimed(&self) -> bool {
        matches!(&self.role, RaftRole::Leader(leading) if self.high_watermark > leading.epoch_start)
    }

    /// Whether it leads the quorum.
    pub fn leads(&self) -> bool {
        matches!(self.role, RaftRole::Leader(_))
    }

    /// The epoch it is in.
    pub fn epoch(&self) -> QuorumEpoch {
        self.file.epoch
    }

    /// The leader of its epoch, as far as it knows.
    pub fn leader(&self) -> Option<NodeId> {
        self.file.leader
    }

    /// What a voter has to do now; says when it has to look again (`pollCurrentState`).
    pub fn poll(&mut self, out: &mut Outbox) {
        if !self.is_up() || self.peers.len() == 0 {
            return;
        }
        out.because(EntryId::NONE);
        if !self.leads() {
            self.serve_waiting(out);
        }
        self.peers.expire(out);
        let role_due = self.poll_role(out);
        let due = self.peers.next_due(out.now()).unwrap_or(Micros::MAX);
        self.look_again(role_due.min(due), out);
    }

    fn poll_role(&mut self, out: &mut Outbox) -> Micros {
        // Each pass that changes the role looks at the new one.
        loop {
            let now = out.now();
            let due = match &self.role {
                RaftRole::Down => return Micros::MAX,
                RaftRole::Unattached { until } => *until,
                RaftRole::Prospective(poll) | RaftRole::Candidate(poll) => poll.until,
                RaftRole::Follower { until, .. } => *until,
                RaftRole::Leader(leading) => leading.check_until,
                RaftRole::Resigned { until, .. } => *until,
            };
            if due <= now {
                self.time_is_up(out);
                continue;
            }
            match &self.role {
                RaftRole::Unattached { .. } | RaftRole::Follower { .. } => self.fetch(out),
                RaftRole::Prospective(_) | RaftRole::Candidate(_) => self.ask_for_votes(out),
                RaftRole::Leader(_) => return due.min(self.tell_that_it_leads(out)),
                RaftRole::Resigned { .. } => self.tell_that_it_resigned(out),
                RaftRole::Down => {}
            }
            return due;
        }
    }

    /// One timer: set for the earliest need, set anew when it rings too early.
    fn look_again(&mut self, at: Micros, out: &mut Outbox) {
        if at != Micros::MAX && self.timer_at.is_none_or(|known| at < known) {
            self.timer_at = Some(at);
            let delay_us = at.saturating_sub(out.now());
            out.timer(delay_us, Timer::Controller(ControllerTimer::Raft));
        }
    }

    /// Its timer rang.
    pub fn on_timer(&mut self, out: &mut Outbox) {
        if self.timer_at.is_some_and(|at| at <= out.now()) {
            self.timer_at = None;
        }
        self.poll(out);
    }

    /// What was gathered is written a little later, together with what comes until then.
    pub fn schedule_drain(&mut self, out: &mut Outbox) {
        if !self.drain_scheduled && self.log.written() < self.log.end() {
            self.drain_scheduled = true;
            out.because(EntryId::NONE);
            out.timer(APPEND_LINGER_US, Timer::Controller(ControllerTimer::Drain));
        }
    }

    /// Gathered records are written; followers that wait for them get them while the own disk
    /// still works (`flushLeaderLog`).
    pub fn drain(&mut self, out: &mut Outbox) {
        self.drain_scheduled = false;
        if !self.leads() {
            return;
        }
        self.log.write();
        self.sync(out);
        self.serve_waiting(out);
    }

    fn sync(&mut self, out: &mut Outbox) {
        if self.syncing.is_none() && self.log.flushed() < self.log.written() {
            self.syncing = Some(self.log.written());
            out.because(EntryId::NONE);
            out.timer(
                self.timeouts.fsync_us,
                Timer::Controller(ControllerTimer::Synced),
            );
        }
    }

    /// The fsync is done.
    pub fn synced(&mut self, out: &mut Outbox) {
        if let Some(end) = self.syncing.take() {
            self.log.mark_flushed(end);
        }
        self.sync(out);
        self.count(out);
        self.poll(out);
    }

    /// Another voter asks.
    pub fn on_request(
        &mut self,
        conn: Conn,
        correlation: u32,
        request: &RaftRequest,
        out: &mut Outbox,
    ) {
        match request {
            RaftRequest::Vote(asked) => self.vote(conn, correlation, asked, out),
            RaftRequest::BeginQuorumEpoch { epoch } => {
                self.begins(conn, correlation, *epoch, out);
            }
            RaftRequest::EndQuorumEpoch { epoch, successors } => {
                self.ends(conn, correlation, *epoch, successors, out);
            }
            RaftRequest::Fetch(asked) => self.serve(conn, correlation, *asked, out),
        }
        self.poll(out);
    }

    /// Another voter answered.
    pub fn on_response(
        &mut self,
        conn: Conn,
        correlation: u32,
        response: &RaftResponse,
        out: &mut Outbox,
    ) {
        if self.peers.answered(conn.server, correlation) {
            self.answered(conn.server, response, out);
        }
        self.poll(out);
    }

    /// What every answer tells besides what was asked for (`maybeHandleCommonResponse`).
    fn answered(&mut self, from: NodeId, response: &RaftResponse, out: &mut Outbox) {
        if response.epoch < self.file.epoch || response.error == ErrorCode::UnknownLeaderEpoch {
            return;
        }
        let refused = matches!(
            response.error,
            ErrorCode::FencedLeaderEpoch | ErrorCode::NotLeaderOrFollower
        );
        let newer = response.epoch > self.file.epoch;
        self.hear_of(response.epoch, response.leader, out);
        if refused {
            // Asked again at once it would say the same.
            self.peers.back_off(from, out.now());
        }
        if refused || newer {
            return;
        }
        match &response.answer {
            RaftAnswer::Vote { granted } => self.voted(from, *granted, out),
            RaftAnswer::BeginQuorumEpoch => {}
            RaftAnswer::EndQuorumEpoch => {
                if let RaftRole::Resigned { unheard, .. } = &mut self.role {
                    unheard.retain(|node| *node != from);
                }
            }
            RaftAnswer::Fetch(fetched) => self.fetched(from, fetched, out),
        }
    }

    /// A connection to another voter broke.
    pub fn on_disconnected(&mut self, conn: Conn, out: &mut Outbox) {
        self.peers.back_off(conn.server, out.now());
        self.poll(out);
    }

    fn respond(
        &self,
        conn: Conn,
        correlation: u32,
        error: ErrorCode,
        answer: RaftAnswer,
        out: &mut Outbox,
    ) {
        let response = Response::Raft(std::rc::Rc::new(RaftResponse {
            error,
            epoch: self.file.epoch,
            leader: self.file.leader,
            answer,
        }));
        out.respond(conn, correlation, Msg::from(response));
    }

    /// What may keep this voter from hearing of the others.
    pub fn what_silences_others(&self, out: &Outbox) -> EntryId {
        self.peers.what_silences(None, out)
    }

    /// How many voters are a majority.
    fn majority(&self) -> usize {
        match self.rules.keep(Rule::MajorityDecides) {
            true => self.peers.len().div_ceil(2) + 1,
            false => 1,
        }
    }
}
