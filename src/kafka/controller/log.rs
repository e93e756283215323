//! The metadata log, and what waits for it: answers to requests that changed something, and
//! fetches of brokers that have everything so far.

use std::rc::Rc;

use crate::kafka::metadata::{MetadataImage, MetadataRecord};
use crate::kafka::protocol::{FetchMetadataResponse, Msg, Response};
use crate::kafka::{ErrorCode, Outbox};
use crate::sim::{Conn, EntryId, MS, Micros};

/// controller.quorum.append.linger.ms: records are gathered for this long, then fsynced at once.
pub const APPEND_LINGER_US: Micros = 25 * MS;
/// The longest a fetch waits for records (`KafkaRaftClient.MAX_FETCH_WAIT_MS`).
pub const FETCH_WAIT_US: Micros = 500 * MS;

/// All decisions, and the state they add up to. On the controller's disk: outlives its process.
#[derive(Clone)]
pub struct MetadataLog {
    records: Rc<Vec<(MetadataRecord, EntryId)>>,
    image: Rc<MetadataImage>,
}

impl MetadataLog {
    /// The log that gave `image`: one record for every broker, then one for every partition.
    pub fn of(image: &Rc<MetadataImage>) -> Self {
        let brokers = image
            .brokers
            .iter()
            .map(|(node, registration)| MetadataRecord::Broker(*node, registration.clone()));
        let partitions = image
            .partitions
            .iter()
            .map(|(partition, state)| MetadataRecord::Partition(*partition, Rc::clone(state)));
        let records = brokers
            .chain(partitions)
            .map(|record| (record, EntryId::NONE));
        let records: Vec<_> = records.collect();
        debug_assert_eq!(records.len() as u64, image.offset, "one record each");
        MetadataLog {
            records: Rc::new(records),
            image: Rc::clone(image),
        }
    }

    /// Appends one decision, made by the journal entry `decision`.
    pub fn append(&mut self, record: MetadataRecord, decision: EntryId) {
        Rc::make_mut(&mut self.image).apply(&record);
        Rc::make_mut(&mut self.records).push((record, decision));
    }

    /// The state after everything in the log.
    pub fn image(&self) -> &Rc<MetadataImage> {
        &self.image
    }

    /// The offset of the next record.
    pub fn end(&self) -> u64 {
        self.image.offset
    }

    fn read(&self, from: u64, to: u64) -> Vec<(MetadataRecord, EntryId)> {
        let (from, to) = (from as usize, to as usize);
        self.records.get(from..to).unwrap_or_default().to_vec()
    }
}

/// An answer that may leave once the log is committed up to `offset`.
#[derive(Clone)]
struct Deferred {
    offset: u64,
    conn: Conn,
    correlation: u32,
    response: Response,
    cause: EntryId,
}

/// A broker that has everything and waits for more.
#[derive(Clone)]
struct Waiting {
    conn: Conn,
    correlation: u32,
    offset: u64,
    nth: u32,
}

/// What a controller process knows of its log beyond its records.
#[derive(Clone)]
pub struct Commits {
    /// Everything below is on the disk and may be told.
    committed: u64,
    /// An fsync is due.
    scheduled: bool,
    deferred: Vec<Deferred>,
    waiting: Vec<Waiting>,
    fetches: u32,
}

impl Commits {
    /// A process that found `log` on its disk.
    pub fn new(log: &MetadataLog) -> Self {
        Commits {
            committed: log.end(),
            scheduled: false,
            deferred: Vec::new(),
            waiting: Vec::new(),
            fetches: 0,
        }
    }

    /// Whether a commit has to be scheduled; says yes once for each.
    pub fn due(&mut self, log: &MetadataLog) -> bool {
        let due = !self.scheduled && self.committed < log.end();
        self.scheduled |= due;
        due
    }

    /// Answers when everything decided so far is committed.
    pub fn answer(
        &mut self,
        conn: Conn,
        correlation: u32,
        response: Response,
        log: &MetadataLog,
        out: &mut Outbox,
    ) {
        let (offset, cause) = (log.end(), out.cause());
        if offset <= self.committed {
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

    /// The gathered records are on the disk: tells those who wait.
    pub fn commit(&mut self, log: &MetadataLog, out: &mut Outbox) {
        self.scheduled = false;
        self.committed = log.end();
        let committed = self.committed;
        for deferred in std::mem::take(&mut self.deferred) {
            debug_assert!(
                deferred.offset <= committed,
                "nothing is deferred past the end"
            );
            out.because(deferred.cause);
            out.respond(
                deferred.conn,
                deferred.correlation,
                deferred.response.into(),
            );
        }
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.offset < committed {
                self.send(&waiting, log, out);
            } else {
                self.waiting.push(waiting);
            }
        }
    }

    /// Answers a fetch of the log at once if there is more, else within [`FETCH_WAIT_US`]: then
    /// the number of the timer to set is returned.
    pub fn fetch(
        &mut self,
        conn: Conn,
        correlation: u32,
        offset: u64,
        log: &MetadataLog,
        out: &mut Outbox,
    ) -> Option<u32> {
        self.fetches += 1;
        let waiting = Waiting {
            conn,
            correlation,
            offset,
            nth: self.fetches,
        };
        if offset < self.committed {
            self.send(&waiting, log, out);
            return None;
        }
        self.waiting.push(waiting);
        Some(self.fetches)
    }

    /// Fetch number `nth` has waited long enough.
    pub fn fetch_expired(&mut self, nth: u32, log: &MetadataLog, out: &mut Outbox) {
        if let Some(place) = self.waiting.iter().position(|waiting| waiting.nth == nth) {
            let waiting = self.waiting.remove(place);
            self.send(&waiting, log, out);
        }
    }

    fn send(&self, waiting: &Waiting, log: &MetadataLog, out: &mut Outbox) {
        let records = log.read(waiting.offset, self.committed);
        let cause = records
            .last()
            .map_or(EntryId::NONE, |(_, decision)| *decision);
        out.because(cause);
        let response = Response::FetchMetadata(Rc::new(FetchMetadataResponse {
            error: ErrorCode::None,
            records,
        }));
        out.respond(waiting.conn, waiting.correlation, Msg::from(response));
    }
}
