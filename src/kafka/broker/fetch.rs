//! Fetch, as a leader serves it to consumers and followers (`ReplicaManager.fetchMessages`,
//! `Partition.fetchRecords`).

use std::rc::Rc;

use super::connection::Caller;
use super::delayed::{Delayed, Waiting};
use super::process::Broker;
use super::replica::Replica;
use super::store::Local;
use crate::kafka::config::ReplicaSelector;
use crate::kafka::protocol::{
    FetchPartition, FetchRequest, FetchResponse, FetchedPartition, Isolation, Response,
};
use crate::kafka::record::LogEntry;
use crate::kafka::{ErrorCode, LeaderEpoch, Offset, Outbox, Rule, Rules, TopicPartition};
use crate::sim::{Conn, EntryId, MS, NodeId};

/// What one reading of all partitions of a fetch gave.
struct Reading {
    partitions: Vec<FetchedPartition>,
    size_bytes: u64,
    /// An error or a divergence: the answer does not wait.
    urgent: bool,
}

/// What there is for a waiting fetch in one partition.
pub(super) enum Progress {
    Nothing,
    Data,
    /// An error or a divergence.
    Urgent,
}

/// One partition, read.
enum Read {
    Refused(ErrorCode),
    /// The fetcher's log and ours part at the end of this epoch (KIP-595).
    Diverging(Local, (LeaderEpoch, Offset)),
    At(Local),
}

impl Broker<'_> {
    /// Answers at once if there is enough to read; else waits for it.
    pub(super) fn fetch(&mut self, caller: Caller, request: Rc<FetchRequest>, out: &mut Outbox) {
        if let Some((node, _)) = request.replica {
            self.continue_session(node, caller.conn);
        }
        let reading = self.read_all(&request);
        // What is answered was read before the follower's progress is taken note of: it learns of
        // a high watermark that its own fetch moves only from a later answer.
        if let Some((node, broker_epoch)) = request.replica {
            for part in &request.partitions {
                self.follower_fetches(node, broker_epoch, part, out);
            }
        }
        let enough = reading.size_bytes >= u64::from(request.min_bytes);
        if reading.urgent || enough || request.max_wait_ms == 0 || request.partitions.is_empty() {
            return self.answer_reading(caller, &request, reading, out);
        }
        let deadline = out.now() + u64::from(request.max_wait_ms) * MS;
        let (cause, what) = (out.cause(), Waiting::Data(request));
        self.delay(
            Delayed {
                caller,
                deadline,
                cause,
                what,
            },
            out,
        );
    }

    /// Reads again and answers a fetch that has waited.
    pub(super) fn answer_fetch(
        &mut self,
        caller: Caller,
        request: &FetchRequest,
        out: &mut Outbox,
    ) {
        let reading = self.read_all(request);
        self.answer_reading(caller, request, reading, out);
    }

    fn answer_reading(
        &mut self,
        caller: Caller,
        request: &FetchRequest,
        reading: Reading,
        out: &mut Outbox,
    ) {
        let partitions = reading.partitions;
        if let Some((node, _)) = request.replica {
            for part in &partitions {
                self.told_follower(node, part);
            }
        }
        let response = Response::Fetch(Rc::new(FetchResponse { partitions }));
        self.process.connections.answer(caller, response, out);
    }

    /// Reads every partition of the request, up to its size. A follower is told only of partitions
    /// with news, as in an incremental fetch session (KIP-227).
    fn read_all(&self, request: &FetchRequest) -> Reading {
        let mut reading = Reading {
            partitions: Vec::new(),
            size_bytes: 0,
            urgent: false,
        };
        for (place, part) in request.partitions.iter().enumerate() {
            let read = self.read(part, request.replica.is_some());
            if let (Read::At(local), Some((node, _))) = (&read, request.replica)
                && self.is_old_news(*local, node, part.fetch_offset)
            {
                continue;
            }
            let preferred = self.preferred_read_replica(&read, part, request);
            let left_bytes = u64::from(request.max_bytes).saturating_sub(reading.size_bytes);
            let left_bytes = preferred.map_or(left_bytes, |_| 0);
            let mut part = self.fetched(part, request, read, left_bytes);
            part.preferred_read_replica = preferred;
            reading.urgent |= preferred.is_some();
            let data = part.entries.iter();
            reading.size_bytes += data.map(|e| u64::from(e.batch.size_bytes)).sum::<u64>();
            reading.urgent |= part.error != ErrorCode::None || part.diverging.is_some();
            if reading.partitions.is_empty() {
                // As many as there are, no more: mostly it is one.
                reading
                    .partitions
                    .reserve_exact(request.partitions.len() - place);
            }
            reading.partitions.push(part);
        }
        reading
    }

    /// Whether and where `part` can be read.
    fn read(&self, part: &FetchPartition, only_leader: bool) -> Read {
        let local = match self.hosted(part.partition) {
            Ok(local) => local,
            Err(error) => return Read::Refused(error),
        };
        let replica = self.store.replica(local);
        if let Err(error) = may_read(replica, part, only_leader) {
            return Read::Refused(error);
        }
        let log = &replica.log;
        match divergence(replica, part) {
            Err(error) => return Read::Refused(error),
            Ok(Some(end)) => return Read::Diverging(local, end),
            Ok(None) => {}
        }
        if part.fetch_offset < log.log_start_offset() || part.fetch_offset > log.log_end_offset() {
            return Read::Refused(ErrorCode::OffsetOutOfRange);
        }
        Read::At(local)
    }

    /// `findPreferredReadReplica`: with RackAwareReplicaSelector, a replica in the consumer's own
    /// rack that is in sync and has what it asks for; the one with most, if there are several.
    fn preferred_read_replica(
        &self,
        read: &Read,
        part: &FetchPartition,
        request: &FetchRequest,
    ) -> Option<NodeId> {
        let (Read::At(local), Some(rack)) = (read, request.rack.as_deref()) else {
            return None;
        };
        let selector = self.store.config().replica_selector_class;
        let is_near = |node: NodeId| {
            let config = self.store.spec.broker(node);
            config.broker_rack.as_deref() == Some(rack)
        };
        if selector != Some(ReplicaSelector::RackAware) || is_near(self.store.node) {
            return None;
        }
        let leader = self.store.replica(*local).leader()?;
        let alive = |node: NodeId| {
            let broker = self.image().brokers.get(&node);
            broker.is_some_and(|broker| !broker.fenced)
        };
        let followers = leader.followers.iter().filter(|follower| {
            let node = follower.node;
            let in_sync = leader.state.isr.contains(&node);
            in_sync && follower.log_end >= Some(part.fetch_offset) && is_near(node) && alive(node)
        });
        let nearest = followers.max_by_key(|f| (f.log_end, f.last_caught_up_at, f.node));
        nearest.map(|follower| follower.node)
    }

    /// Whether a follower has all that the leader could tell it.
    fn is_old_news(&self, local: Local, node: NodeId, fetch_offset: Offset) -> bool {
        let replica = self.store.replica(local);
        let followers = replica.leader().map(|leader| leader.followers.iter());
        let told = followers.into_iter().flatten().find(|f| f.node == node);
        fetch_offset == replica.log.log_end_offset()
            && told.is_some_and(|f| f.told_high_watermark == Some(replica.high_watermark))
    }

    /// The answer for one partition.
    fn fetched(
        &self,
        part: &FetchPartition,
        request: &FetchRequest,
        read: Read,
        left_bytes: u64,
    ) -> FetchedPartition {
        let mut fetched = FetchedPartition {
            partition: part.partition,
            error: ErrorCode::None,
            high_watermark: 0,
            last_stable_offset: 0,
            log_start_offset: 0,
            diverging: None,
            entries: Vec::new(),
            aborted: Vec::new(),
            cause: EntryId::NONE,
            current_leader: None,
            preferred_read_replica: None,
        };
        let local = match read {
            Read::Refused(error) => {
                fetched.error = error;
                if error == ErrorCode::NotLeaderOrFollower || error == ErrorCode::FencedLeaderEpoch
                {
                    fetched.current_leader = self.leader_of(part.partition);
                }
                return fetched;
            }
            Read::Diverging(local, end) => {
                fetched.diverging = Some(end);
                local
            }
            Read::At(local) => local,
        };
        let replica = self.store.replica(local);
        fetched.high_watermark = replica.high_watermark;
        fetched.last_stable_offset = replica.last_stable_offset();
        fetched.log_start_offset = replica.log.log_start_offset();
        let up_to = readable_to(replica, request.isolation, self.store.spec.rules);
        if fetched.diverging.is_none() && part.fetch_offset < up_to && left_bytes > 0 {
            let max_bytes = left_bytes.min(u64::from(part.max_bytes)) as u32;
            fetched.entries = replica.log.read(part.fetch_offset, up_to, max_bytes);
            if request.isolation == Isolation::LastStableOffset
                && self.store.spec.rules.keep(Rule::AbortedLeftOut)
            {
                let end = fetched.entries.last().map_or(0, LogEntry::next_offset);
                fetched.aborted = replica.log.aborted_between(part.fetch_offset, end);
            }
            fetched.cause = replica.latest;
        }
        fetched
    }

    /// What a waiting fetch would find in the partition at `local`.
    pub(super) fn progress(
        &self,
        local: Local,
        part: &FetchPartition,
        request: &FetchRequest,
    ) -> Progress {
        let replica = self.store.replica(local);
        let readable = may_read(replica, part, request.replica.is_some()).is_ok();
        if !readable || !matches!(divergence(replica, part), Ok(None)) {
            return Progress::Urgent;
        }
        match readable_to(replica, request.isolation, self.store.spec.rules) > part.fetch_offset {
            true => Progress::Data,
            false => Progress::Nothing,
        }
    }

    /// Whether a fetch with a large fetch.min.bytes has enough by now.
    pub(super) fn has_enough(&self, request: &FetchRequest) -> bool {
        self.read_all(request).size_bytes >= u64::from(request.min_bytes)
    }

    /// A follower's fetch offset says where its log ends (`Partition.updateFollowerFetchState`).
    fn follower_fetches(
        &mut self,
        node: NodeId,
        broker_epoch: u64,
        part: &FetchPartition,
        out: &mut Outbox,
    ) {
        let Read::At(local) = self.read(part, true) else {
            return;
        };
        let replica = self.store.replica_mut(local);
        let end = replica.log.log_end_offset();
        let followers = replica.leader_mut().map(|leader| &mut leader.followers);
        let mut followers = followers.into_iter().flatten();
        let Some(follower) = followers.find(|follower| follower.node == node) else {
            return;
        };
        follower.broker_epoch = Some(broker_epoch);
        let news = follower.fetches(part.fetch_offset, end, out.now());
        let outside = !follower.in_maximal_isr;
        if news {
            let cause = part.cause.known().unwrap_or(out.cause());
            follower.last_seen = cause;
            self.store.changed.push((local, cause));
        }
        if outside {
            self.expand_isr(local, node, out);
        }
    }

    /// A follower's answers go on from what it was told before, while its connection lasts.
    fn continue_session(&mut self, node: NodeId, conn: Conn) {
        let sessions = &mut self.process.sessions;
        match sessions.iter_mut().find(|session| session.client == node) {
            Some(session) if *session == conn => return,
            Some(session) => *session = conn,
            None => sessions.push(conn),
        }
        for replica in &mut self.store.replicas {
            let followers = replica.leader_mut().map(|leader| &mut leader.followers);
            for follower in followers.into_iter().flatten() {
                if follower.node == node {
                    follower.told_high_watermark = None;
                }
            }
        }
    }

    fn told_follower(&mut self, node: NodeId, part: &FetchedPartition) {
        let believes = !self.store.spec.rules.keep(Rule::ProgressByFetch);
        let Some(local) = self.store.local(part.partition) else {
            return;
        };
        let Some(leader) = self.store.replica_mut(local).leader_mut() else {
            return;
        };
        let followers = leader.followers.iter_mut();
        for follower in followers.filter(|follower| follower.node == node) {
            // With a divergence the follower truncates, and takes nothing else from the answer.
            let taken = part.error == ErrorCode::None && part.diverging.is_none();
            follower.told_high_watermark = taken.then_some(part.high_watermark);
            if let Some(last) = part.entries.last().filter(|_| believes) {
                follower.log_end = Some(last.next_offset());
            }
        }
    }

    /// Where `partition` is here, or why it is not (`ReplicaManager.getPartitionOrError`).
    pub(super) fn hosted(&self, partition: TopicPartition) -> Result<Local, ErrorCode> {
        self.store.local(partition).ok_or_else(|| {
            match self.image().partitions.contains_key(&partition) {
                true => ErrorCode::NotLeaderOrFollower,
                false => ErrorCode::UnknownTopicOrPartition,
            }
        })
    }

    /// The leader that this broker's metadata names (KIP-951).
    pub(super) fn leader_of(&self, partition: TopicPartition) -> Option<(NodeId, LeaderEpoch)> {
        let state = self.image().partitions.get(&partition)?;
        Some((state.leader?, state.leader_epoch))
    }
}

/// Consumers may read from any replica that knows the leader epoch, followers from the leader alone.
fn may_read(replica: &Replica, part: &FetchPartition, only_leader: bool) -> Result<(), ErrorCode> {
    match only_leader {
        true => replica.check_leader(part.current_leader_epoch).map(|_| ()),
        false => replica.check_epoch(part.current_leader_epoch),
    }
}

/// How far a reader of this kind may read.
pub(super) fn readable_to(replica: &Replica, isolation: Isolation, rules: Rules) -> Offset {
    match isolation {
        _ if !rules.keep(Rule::ReadsStopAtHighWatermark) => replica.log.log_end_offset(),
        Isolation::LogEnd => replica.log.log_end_offset(),
        Isolation::LastStableOffset if rules.keep(Rule::ReadsStopAtLastStable) => {
            replica.last_stable_offset()
        }
        Isolation::HighWatermark | Isolation::LastStableOffset => replica.high_watermark,
    }
}

/// Where the fetcher's log and ours part, if they do (`Partition.readRecords`).
fn divergence(
    replica: &Replica,
    part: &FetchPartition,
) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
    let Some(asked) = part.last_fetched_epoch else {
        return Ok(None);
    };
    let end = replica.log.end_offset_for_epoch(asked);
    let (epoch, end) = end.ok_or(ErrorCode::OffsetOutOfRange)?;
    if part.fetch_offset < replica.log.log_start_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok((epoch < asked || end < part.fetch_offset).then_some((epoch, end)))
}
