//! What waits for the metadata log to be committed: answers to requests that changed something,
//! and fetches of brokers that have everything so far.

use std::rc::Rc;

use super::decisions::Decided;
use super::raft::Raft;
use crate::kafka::metadata::Cause;
use crate::kafka::protocol::{FetchMetadataResponse, Msg, Response};
use crate::kafka::{ErrorCode, Outbox};
use crate::sim::{Conn, EntryId};

/// An answer that may leave once the log is committed up to `offset`.
#[derive(Clone)]
struct Deferred {
    offset: u64,
    conn: Conn,
    correlation: u32,
    response: Response,
    cause: Cause,
}

/// A broker that has everything and waits for more.
#[derive(Clone)]
struct Waiting {
    conn: Conn,
    correlation: u32,
    offset: u64,
    nth: u32,
}

/// All who wait for this process.
#[derive(Clone, Default)]
pub struct Answers {
    deferred: Vec<Deferred>,
    waiting: Vec<Waiting>,
    fetches: u32,
    /// Up to where those who wait were told.
    told: u64,
}

impl Answers {
    /// Answers when everything decided so far is committed.
    pub fn answer(
        &mut self,
        (conn, correlation): (Conn, u32),
        response: Response,
        cause: Cause,
        raft: &Raft,
        out: &mut Outbox,
    ) {
        let offset = raft.log.end();
        if offset <= raft.high_watermark {
            return out.respond(conn, correlation, response.into());
        }
        self.deferred.push(Deferred {
            offset,
            conn,
            correlation,
            response,
            cause,
        });
    }

    /// More is committed: tells those who wait for it.
    pub fn committed(&mut self, raft: &Raft, decided: &Decided, out: &mut Outbox) {
        let committed = raft.high_watermark;
        if std::mem::replace(&mut self.told, committed) == committed {
            return;
        }
        let due = |deferred: &Deferred| deferred.offset <= committed;
        let (due, later) = std::mem::take(&mut self.deferred)
            .into_iter()
            .partition(due);
        self.deferred = later;
        let due: Vec<Deferred> = due;
        for deferred in due {
            out.because(decided.resolve(deferred.cause));
            out.respond(
                deferred.conn,
                deferred.correlation,
                deferred.response.into(),
            );
        }
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.offset < committed {
                send(&waiting, raft, decided, out);
            } else {
                self.waiting.push(waiting);
            }
        }
    }

    /// This controller leads no longer: nobody knows what becomes of what it has not committed.
    pub fn refuse(&mut self, raft: &Raft, decided: &Decided, out: &mut Outbox) {
        for deferred in std::mem::take(&mut self.deferred) {
            let refused = Response::NotController;
            out.respond(deferred.conn, deferred.correlation, refused.into());
        }
        for waiting in std::mem::take(&mut self.waiting) {
            send(&waiting, raft, decided, out);
        }
    }

    /// Answers a fetch of the log at once if there is more, else later: then the number of the
    /// timer to set is returned.
    pub fn fetch(
        &mut self,
        (conn, correlation): (Conn, u32),
        offset: u64,
        raft: &Raft,
        decided: &Decided,
        out: &mut Outbox,
    ) -> Option<u32> {
        self.fetches += 1;
        let waiting = Waiting {
            conn,
            correlation,
            offset,
            nth: self.fetches,
        };
        if offset < raft.high_watermark || !raft.leads() {
            send(&waiting, raft, decided, out);
            return None;
        }
        self.waiting.push(waiting);
        Some(self.fetches)
    }

    /// Fetch number `nth` has waited long enough.
    pub fn fetch_expired(&mut self, nth: u32, raft: &Raft, decided: &Decided, out: &mut Outbox) {
        if let Some(place) = self.waiting.iter().position(|waiting| waiting.nth == nth) {
            let waiting = self.waiting.remove(place);
            send(&waiting, raft, decided, out);
        }
    }
}

/// An observer is given what is committed; one that asks somebody who does not lead learns who does.
fn send(waiting: &Waiting, raft: &Raft, decided: &Decided, out: &mut Outbox) {
    let (error, records) = match raft.leads() {
        true => (
            ErrorCode::None,
            raft.log.read(waiting.offset, raft.high_watermark),
        ),
        false => (ErrorCode::NotLeaderOrFollower, Default::default()),
    };
    let records = records.iter();
    let records = records.map(|logged| (logged.record.clone(), decided.resolve(logged.cause)));
    let records: Vec<_> = records.collect();
    let cause = records
        .last()
        .map_or(EntryId::NONE, |(_, decision)| *decision);
    out.because(cause);
    let response = Response::FetchMetadata(Rc::new(FetchMetadataResponse {
        error,
        epoch: raft.epoch(),
        leader: raft.leader(),
        records,
    }));
    out.respond(waiting.conn, waiting.correlation, Msg::from(response));
}
