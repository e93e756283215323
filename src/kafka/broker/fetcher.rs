//! Following other leaders: one fetcher for each source broker, one request in flight
//! (`AbstractFetcherThread`, `ReplicaFetcherThread`).
//!
//! The fetch offset is the own log end: that tells the leader how far this replica is. Where the
//! logs part, the answer says so and the follower cuts its own (see [`super::truncation`]).

use std::rc::Rc;

use super::BrokerTimer;
use super::process::Broker;
use super::replica::ReplicaRole;
use super::store::Local;
use crate::kafka::protocol::{
    FetchPartition, FetchRequest, FetchedPartition, Isolation, ListOffsetsRequest, OffsetSpec,
    Request, Response, channel,
};
use crate::kafka::{Deletion, ErrorCode, Outbox};
use crate::sim::{MS, Micros, NodeId};

/// What is fetched from one broker.
#[derive(Clone, Debug)]
pub struct Fetcher {
    source: NodeId,
    partitions: Vec<Fetching>,
    in_flight: Option<InFlight>,
    /// The last fetch answered, to be used again: its leader has let go of it.
    spare: Option<Rc<FetchRequest>>,
    next_correlation: u32,
    /// Nothing is fetched before: a lost connection, or an fsync of what was fetched.
    wait_until: Micros,
    /// When its timer rings.
    timer_at: Option<Micros>,
}

/// One partition of a fetcher.
#[derive(Clone, Copy, Debug)]
struct Fetching {
    local: Local,
    /// Left out until then: its leader gave an error.
    delayed_until: Micros,
    /// Its leader epoch is out of date: left out until the metadata log says more.
    fenced: bool,
    /// The own log ends outside of the leader's: that end of the leader's log is asked for.
    asks: Option<OffsetSpec>,
}

impl Fetching {
    fn is_ready(&self, now: Micros) -> bool {
        !self.fenced && self.delayed_until <= now
    }
}

#[derive(Clone, Debug)]
struct InFlight {
    correlation: u32,
    sent_at: Micros,
    what: Asked,
}

#[derive(Clone, Debug)]
enum Asked {
    Data(Rc<FetchRequest>),
    /// An end of the leader's log.
    End(Local, OffsetSpec),
}

/// `RemoteLeaderEndPoint` asks for this much in all.
const FETCH_RESPONSE_MAX_BYTES: u32 = 10_485_760;

impl Broker<'_> {
    /// From now on `local` is fetched from `source`.
    pub(super) fn add_to_fetcher(&mut self, source: NodeId, local: Local) {
        let fetchers = &mut self.process.fetchers;
        let place = fetchers.iter().position(|fetcher| fetcher.source == source);
        let place = place.unwrap_or_else(|| {
            fetchers.push(Fetcher {
                source,
                partitions: Vec::new(),
                in_flight: None,
                spare: None,
                next_correlation: 1,
                wait_until: 0,
                timer_at: None,
            });
            fetchers.len() - 1
        });
        let partitions = &mut fetchers[place].partitions;
        let rank = |local| self.store.rank(local);
        let at = partitions.partition_point(|known| rank(known.local) < rank(local));
        let fetching = Fetching {
            local,
            delayed_until: 0,
            fenced: false,
            asks: None,
        };
        partitions.insert(at, fetching);
    }

    /// `local` is fetched no more. A fetcher without partitions ends, and closes its connection.
    pub(super) fn stop_fetching(&mut self, local: Local, out: &mut Outbox) {
        for fetcher in &mut self.process.fetchers {
            fetcher.partitions.retain(|known| known.local != local);
            if fetcher.partitions.is_empty() && fetcher.in_flight.take().is_some() {
                out.close(fetcher.source, channel::REPLICA);
            }
        }
    }

    /// Lets every fetcher that is free send its next fetch.
    pub(super) fn fetch_from_all(&mut self, out: &mut Outbox) {
        for place in 0..self.process.fetchers.len() {
            self.fetch_next(place, out);
        }
    }

    /// Sends the next fetch, if the fetcher is free and has something to ask for.
    fn fetch_next(&mut self, place: usize, out: &mut Outbox) {
        let now = out.now();
        let fetcher = &self.process.fetchers[place];
        if fetcher.in_flight.is_some() || fetcher.partitions.is_empty() {
            return;
        }
        if fetcher.wait_until > now {
            return self.arm_fetcher(place, fetcher.wait_until, out);
        }
        let ready = || {
            fetcher
                .partitions
                .iter()
                .filter(|known| known.is_ready(now))
        };
        if let Some((local, spec)) = ready().find_map(|known| Some((known.local, known.asks?))) {
            return self.ask_end(place, local, spec, out);
        }
        if ready().next().is_some() {
            return self.send_fetch(place, out);
        }
        let waiting = fetcher.partitions.iter().filter(|known| !known.fenced);
        if let Some(until) = waiting.map(|known| known.delayed_until).min() {
            self.arm_fetcher(place, until, out);
        }
    }

    fn send_fetch(&mut self, place: usize, out: &mut Outbox) {
        let spare = self.process.fetchers[place].spare.take();
        let spare = spare.filter(|spare| Rc::strong_count(spare) == 1);
        let mut request = spare.unwrap_or_else(|| Rc::new(self.empty_fetch()));
        let now = out.now();
        // Nobody else holds it: it is new, or was filtered for just that.
        if let Some(fetch) = Rc::get_mut(&mut request) {
            let known = self.process.fetchers[place].partitions.iter();
            let ready = known.filter(|known| known.is_ready(now));
            fetch.partitions.clear();
            fetch
                .partitions
                .extend(ready.map(|known| self.asked(known.local)));
        }
        let what = Asked::Data(Rc::clone(&request));
        self.send(place, what, Request::Fetch(request), out);
    }

    fn empty_fetch(&self) -> FetchRequest {
        let config = self.store.config();
        let broker_epoch = self.process.lifecycle.broker_epoch().unwrap_or(0);
        FetchRequest {
            replica: Some((self.store.node, broker_epoch)),
            max_wait_ms: config.replica_fetch_wait_max_ms as u32,
            min_bytes: config.replica_fetch_min_bytes as u32,
            max_bytes: FETCH_RESPONSE_MAX_BYTES,
            isolation: Isolation::LogEnd,
            rack: None,
            partitions: Vec::new(),
        }
    }

    /// Asks for an end of the leader's log.
    fn ask_end(&mut self, place: usize, local: Local, spec: OffsetSpec, out: &mut Outbox) {
        let replica = self.store.replica(local);
        let request = Rc::new(ListOffsetsRequest {
            partition: replica.partition,
            spec,
            isolation: Isolation::LogEnd,
            current_leader_epoch: replica.leader_epoch(),
        });
        let what = Asked::End(local, spec);
        self.send(place, what, Request::ListOffsets(request), out);
    }

    fn send(&mut self, place: usize, what: Asked, request: Request, out: &mut Outbox) {
        let timeout_us = self.store.config().replica_socket_timeout_ms * MS;
        let fetcher = &mut self.process.fetchers[place];
        let (correlation, sent_at) = (fetcher.next_correlation, out.now());
        fetcher.next_correlation += 1;
        fetcher.in_flight = Some(InFlight {
            correlation,
            sent_at,
            what,
        });
        out.request(
            fetcher.source,
            channel::REPLICA,
            correlation,
            request.into(),
        );
        self.arm_fetcher(place, sent_at + timeout_us, out);
    }

    fn asked(&self, local: Local) -> FetchPartition {
        let replica = self.store.replica(local);
        FetchPartition {
            partition: replica.partition,
            fetch_offset: replica.log.log_end_offset(),
            current_leader_epoch: replica.leader_epoch(),
            last_fetched_epoch: self.last_fetched_epoch(local),
            max_bytes: self.store.config().replica_fetch_max_bytes as u32,
            cause: replica.latest,
        }
    }

    /// One timer a fetcher: set for the earliest need, set anew when it rings too early.
    fn arm_fetcher(&mut self, place: usize, at: Micros, out: &mut Outbox) {
        let fetcher = &mut self.process.fetchers[place];
        if fetcher.timer_at.is_none_or(|known| at < known) {
            fetcher.timer_at = Some(at);
            let delay_us = at.saturating_sub(out.now());
            out.timer(delay_us, BrokerTimer::Fetcher(fetcher.source).into());
        }
    }

    pub(super) fn fetcher_timer(&mut self, source: NodeId, out: &mut Outbox) {
        let Some(place) = self.fetcher_of(source) else {
            return;
        };
        let now = out.now();
        let timeout_us = self.store.config().replica_socket_timeout_ms * MS;
        let fetcher = &mut self.process.fetchers[place];
        if fetcher.timer_at.is_some_and(|at| at > now) {
            return;
        }
        fetcher.timer_at = None;
        match &fetcher.in_flight {
            Some(flight) if flight.sent_at + timeout_us > now => {
                let until = flight.sent_at + timeout_us;
                self.arm_fetcher(place, until, out);
            }
            Some(_) => {
                out.close(source, channel::REPLICA);
                self.fetcher_failed(place, out);
            }
            None => self.fetch_next(place, out),
        }
    }

    pub(super) fn fetcher_disconnected(&mut self, source: NodeId, out: &mut Outbox) {
        if let Some(place) = self.fetcher_of(source)
            && self.process.fetchers[place].in_flight.is_some()
        {
            self.fetcher_failed(place, out);
        }
    }

    /// The fetch failed as a whole: the fetcher waits, and then each partition once more
    /// (`AbstractFetcherThread.processFetchRequest`, `handlePartitionsWithErrors`).
    fn fetcher_failed(&mut self, place: usize, out: &mut Outbox) {
        let backoff_us = self.store.config().replica_fetch_backoff_ms * MS;
        let fetcher = &mut self.process.fetchers[place];
        fetcher.in_flight = None;
        fetcher.wait_until = out.now() + 2 * backoff_us;
        self.fetch_next(place, out);
    }

    fn fetcher_of(&self, source: NodeId) -> Option<usize> {
        let mut fetchers = self.process.fetchers.iter();
        fetchers.position(|fetcher| fetcher.source == source)
    }

    /// A leader answered: takes what it gave for each partition and fetches on.
    pub(super) fn fetched_from(
        &mut self,
        source: NodeId,
        correlation: u32,
        response: Response,
        out: &mut Outbox,
    ) {
        let Some(place) = self.fetcher_of(source) else {
            return;
        };
        let flight = &mut self.process.fetchers[place].in_flight;
        let Some(flight) = flight.take_if(|flight| flight.correlation == correlation) else {
            return;
        };
        match (flight.what, response) {
            (Asked::Data(request), Response::Fetch(fetched)) => {
                let cause = out.cause();
                let mut asked = request.partitions.iter();
                for part in Rc::unwrap_or_clone(fetched).partitions {
                    // Both lists are in the same order; partitions without news are left out.
                    let asked = asked.find(|asked| asked.partition == part.partition);
                    if let Some(asked) = asked {
                        out.because(cause);
                        self.take_fetched(place, asked, part, out);
                    }
                }
                self.process.fetchers[place].spare = Some(request);
            }
            (Asked::End(local, spec), Response::ListOffsets(answer)) => {
                self.leaders_end(place, local, spec, &answer, out);
            }
            _ => {}
        }
        self.fetch_next(place, out);
    }

    /// What a leader gave for one partition, unless it has moved since (`onPartitionFenced`, too).
    fn take_fetched(
        &mut self,
        place: usize,
        asked: &FetchPartition,
        part: FetchedPartition,
        out: &mut Outbox,
    ) {
        let source = self.process.fetchers[place].source;
        let Some(local) = self.store.local(part.partition) else {
            return;
        };
        let replica = self.store.replica(local);
        let follows = matches!(&replica.role, ReplicaRole::Follower(f) if f.leader == Some(source));
        if !follows || replica.log.log_end_offset() != asked.fetch_offset {
            return;
        }
        let current_epoch = asked.current_leader_epoch == replica.leader_epoch();
        match part.error {
            ErrorCode::None if !self.goes_on(local, &part) => self.leave_out(place, local),
            ErrorCode::None => self.append_fetched(place, local, part, out),
            ErrorCode::OffsetOutOfRange => self.ask_for_end(place, local, Some(OffsetSpec::Latest)),
            ErrorCode::FencedLeaderEpoch if current_epoch => self.leave_out(place, local),
            _ => self.delay_partition(place, local, out),
        }
    }

    fn leave_out(&mut self, place: usize, local: Local) {
        if let Some(known) = self.fetching(place, local) {
            known.fenced = true;
        }
    }

    fn fetching(&mut self, place: usize, local: Local) -> Option<&mut Fetching> {
        let partitions = &mut self.process.fetchers[place].partitions;
        partitions.iter_mut().find(|known| known.local == local)
    }

    /// The next request asks the leader for this end of its log; with `None` for data again.
    pub(super) fn ask_for_end(&mut self, place: usize, local: Local, spec: Option<OffsetSpec>) {
        if let Some(known) = self.fetching(place, local) {
            known.asks = spec;
        }
    }

    /// The broker that the fetcher at `place` fetches from.
    pub(super) fn source(&self, place: usize) -> NodeId {
        self.process.fetchers[place].source
    }

    pub(super) fn delay_partition(&mut self, place: usize, local: Local, out: &Outbox) {
        let until = out.now() + self.store.config().replica_fetch_backoff_ms * MS;
        if let Some(known) = self.fetching(place, local) {
            known.delayed_until = until;
        }
    }

    fn append_fetched(
        &mut self,
        place: usize,
        local: Local,
        part: FetchedPartition,
        out: &mut Outbox,
    ) {
        if let Some(diverging) = part.diverging {
            return self.truncate(place, local, diverging, out);
        }
        if !part.entries.is_empty() {
            out.because(part.cause.known().unwrap_or(out.cause()));
            let Ok(stalled) = self.store.append_fetched(local, part.entries, out) else {
                return;
            };
            // The fetcher's thread stands still until the disk is done.
            let fetcher = &mut self.process.fetchers[place];
            fetcher.wait_until = fetcher.wait_until.max(stalled.unwrap_or(0));
        }
        let replica = self.store.replica_mut(local);
        let before = replica.high_watermark;
        replica.follow_high_watermark(part.high_watermark);
        let moved = replica.high_watermark > before;
        replica.move_log_start(part.log_start_offset, Deletion::Leader, out);
        if moved && self.process.purgatory.has_fetches() {
            // A consumer may be waiting here (KIP-392).
            self.store.changed.push((local, out.cause()));
        }
    }
}
