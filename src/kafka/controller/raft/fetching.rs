//! Replication: followers fetch what they lack, the leader counts who has what.
//!
//! A follower fsyncs what it fetched before it fetches again: the offset it asks for tells the
//! leader what is safe with it. A record is committed once a majority has it, the leader counted.

use super::{Raft, RaftRole};
use crate::kafka::protocol::{RaftAnswer, RaftFetch, RaftFetched, RaftRequest};
use crate::kafka::{ErrorCode, Outbox, Timer};
use crate::sim::order::sort_by_number;
use crate::sim::{Conn, EntryId, MS, Micros, NodeId};

use super::super::ControllerTimer;

/// The longest a fetch waits for records (`KafkaRaftClient.MAX_FETCH_WAIT_MS`).
pub const FETCH_WAIT_US: Micros = 500 * MS;

/// A voter that has everything and waits for more.
#[derive(Clone, Debug)]
pub struct WaitingVoter {
    conn: Conn,
    correlation: u32,
    asked: RaftFetch,
    nth: u32,
}

impl Raft {
    /// Fetches from the leader; from anybody else if the leader cannot be reached or is not known.
    pub(super) fn fetch(&mut self, out: &mut Outbox) {
        if self.syncing.is_some() || self.peers.any_in_flight() {
            return;
        }
        let now = out.now();
        let leader = match self.role {
            RaftRole::Follower { leader, .. } => Some(leader),
            _ => None,
        };
        let target = match leader {
            Some(leader) if !self.peers.is_backing_off(leader, now) => Some(leader),
            _ => self.peers.any_ready(now),
        };
        if let Some(target) = target {
            let fetch = RaftFetch {
                epoch: self.file.epoch,
                offset: self.log.end(),
                last_epoch: self.log.last_epoch(),
                high_watermark: self.high_watermark,
            };
            self.peers.send(target, RaftRequest::Fetch(fetch), out);
        }
    }

    /// The leader answered a fetch (`handleFetchResponse`).
    pub(super) fn fetched(&mut self, from: NodeId, fetched: &RaftFetched, out: &mut Outbox) {
        let fetch_us = self.timeouts.fetch_us;
        match &mut self.role {
            RaftRole::Follower {
                leader,
                until,
                fetched,
            } if *leader == from => {
                *until = out.now() + fetch_us;
                *fetched = true;
            }
            _ => return,
        }
        if let Some((epoch, end)) = fetched.diverging {
            let (known, own_end) = self.log.end_of_epoch(epoch);
            let common = match known == epoch {
                true => end.min(own_end),
                false => own_end,
            };
            debug_assert!(common >= self.high_watermark, "what is committed stays");
            self.log.truncate(common);
        } else if !fetched.records.is_empty() {
            self.log.append(&fetched.records);
            self.sync(out);
        }
        let committed = fetched.high_watermark.min(self.log.end());
        self.high_watermark = self.high_watermark.max(committed);
    }

    /// A voter fetches (`handleFetchRequest`).
    pub(super) fn serve(
        &mut self,
        conn: Conn,
        correlation: u32,
        asked: RaftFetch,
        out: &mut Outbox,
    ) {
        let mut fetched = RaftFetched::default();
        let error = match () {
            _ if asked.epoch < self.file.epoch => ErrorCode::FencedLeaderEpoch,
            _ if asked.epoch > self.file.epoch => ErrorCode::UnknownLeaderEpoch,
            _ if !self.leads() => ErrorCode::NotLeaderOrFollower,
            _ => ErrorCode::None,
        };
        if error == ErrorCode::None {
            fetched.diverging = self.log.divergence(asked.offset, asked.last_epoch);
        }
        if error != ErrorCode::None || fetched.diverging.is_some() {
            let answer = RaftAnswer::Fetch(fetched);
            return self.respond(conn, correlation, error, answer, out);
        }
        self.heard_of_follower(conn.client, asked.offset, out);
        self.waits += 1;
        let waiting = WaitingVoter {
            conn,
            correlation,
            asked,
            nth: self.waits,
        };
        if self.log.written() > asked.offset || self.high_watermark > asked.high_watermark {
            return self.give(&waiting, out);
        }
        let expired = ControllerTimer::VoterWaited(waiting.nth);
        self.waiting.push(waiting);
        out.because(EntryId::NONE);
        out.timer(FETCH_WAIT_US, Timer::Controller(expired));
    }

    fn heard_of_follower(&mut self, node: NodeId, end: u64, out: &mut Outbox) {
        let (now, majority) = (out.now(), self.majority());
        let check_until = self.check_until(now);
        let RaftRole::Leader(leading) = &mut self.role else {
            return;
        };
        let mut followers = leading.followers.iter_mut();
        if let Some(known) = followers.find(|known| known.node == node) {
            known.end = end;
            known.fetched_at = Some(now);
        }
        if !leading.fetched.contains(&node) {
            leading.fetched.push(node);
        }
        if leading.fetched.len() + 1 >= majority {
            leading.fetched.clear();
            leading.check_until = check_until;
        }
        self.count(out);
    }

    /// Looks how far a majority has come. Records of earlier epochs count only once one of its own
    /// has (`LeaderState.maybeUpdateHighWatermark`).
    pub(super) fn count(&mut self, out: &mut Outbox) {
        let majority = self.majority();
        let RaftRole::Leader(leading) = &self.role else {
            return;
        };
        let mut ends: Vec<u64> = leading.followers.iter().map(|known| known.end).collect();
        ends.push(self.log.flushed());
        sort_by_number(&mut ends, |end| u64::MAX - *end);
        // Of the voters, the best so many are a majority.
        let common = ends[majority - 1];
        if common > leading.epoch_start && common > self.high_watermark {
            self.high_watermark = common;
            self.serve_waiting(out);
        }
    }

    /// There is something new for those who wait.
    pub(super) fn serve_waiting(&mut self, out: &mut Outbox) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.give(&waiting, out);
        }
    }

    /// Fetch number `nth` has waited long enough.
    pub fn waited(&mut self, nth: u32, out: &mut Outbox) {
        let place = self.waiting.iter().position(|waiting| waiting.nth == nth);
        if let Some(place) = place {
            let waiting = self.waiting.remove(place);
            self.give(&waiting, out);
        }
    }

    fn give(&self, waiting: &WaitingVoter, out: &mut Outbox) {
        let (error, fetched) = match self.leads() {
            true => {
                let records = self.log.read(waiting.asked.offset, self.log.written());
                let fetched = RaftFetched {
                    records: records.into(),
                    high_watermark: self.high_watermark,
                    diverging: None,
                };
                (ErrorCode::None, fetched)
            }
            false => (ErrorCode::NotLeaderOrFollower, RaftFetched::default()),
        };
        let answer = RaftAnswer::Fetch(fetched);
        self.respond(waiting.conn, waiting.correlation, error, answer, out);
    }
}
