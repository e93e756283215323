//! Cutting a follower's log to what it shares with its leader's (KIP-101, KIP-279, KIP-595).

use super::process::Broker;
use super::replica::Replica;
use super::store::Local;
use crate::kafka::protocol::{FetchedPartition, ListOffsetsResponse, OffsetSpec};
use crate::kafka::{Cut, Entry, ErrorCode, LeaderEpoch, Offset, Outbox};
use crate::sim::NodeId;

impl Broker<'_> {
    /// Cuts the log to the common point, as far as one answer can tell
    /// (`AbstractFetcherThread.getOffsetTruncationState`, KIP-279).
    pub(super) fn truncate(
        &mut self,
        place: usize,
        local: Local,
        (epoch, end): (LeaderEpoch, Offset),
        out: &mut Outbox,
    ) {
        let log = &self.store.replica(local).log;
        let own_end = log.log_end_offset();
        let to = match log.end_offset_for_epoch(epoch) {
            Some((own_epoch, own)) if own_epoch == epoch => own.min(end),
            // This epoch is unknown here: the end of the one before it, then ask again.
            Some((_, own)) => own,
            None => end,
        };
        self.cut(self.source(place), local, to.min(own_end), out);
    }

    /// What a fetch says of the own log, for the leader to see where the two part (KIP-595).
    pub(super) fn last_fetched_epoch(&self, local: Local) -> Option<LeaderEpoch> {
        let epoch = self.store.replica(local).log.latest_epoch();
        epoch.filter(|_| self.store.spec.truncates_by_epoch())
    }

    /// What followers did before KIP-101: with `history.truncation=high-watermark`, and without
    /// [`crate::kafka::Rule::TruncateByEpoch`]. The high watermark is what the last fetch told: older than the leader's.
    pub(super) fn cut_to_high_watermark(&mut self, leader: NodeId, local: Local, out: &mut Outbox) {
        let to = self.store.replica(local).high_watermark;
        self.cut(leader, local, to, out);
    }

    /// Whether what was fetched begins where the own log ends. A batch that begins before is one of a leader whose log
    /// differs, as the rule before KIP-101 lets it: then the append throws, and the partition is left alone until there
    /// is another leader (`AbstractFetcherThread`'s failed partitions).
    pub(super) fn goes_on(&self, local: Local, part: &FetchedPartition) -> bool {
        let end = self.store.replica(local).log.log_end_offset();
        let first = part.entries.first();
        first.is_none_or(|entry| entry.base_offset >= end)
    }

    fn cut(&mut self, leader: NodeId, local: Local, to: Offset, out: &mut Outbox) {
        let replica = self.store.replica_mut(local);
        let epoch = replica.leader_epoch().unwrap_or(0);
        let before = replica.truncate_to(to);
        let (partition, offset) = (replica.partition, replica.log.log_end_offset());
        let why = Cut::Truncated { leader, epoch };
        if offset < before {
            // Not the answer that showed it: the new leadership that made the logs part.
            out.because(replica.latest.known().unwrap_or(out.cause()));
            replica.latest = out.decide(Entry::LogCut {
                partition,
                offset,
                before,
                why,
            });
        }
    }

    /// The leader told an end of its log, since this one ends outside of it
    /// (`AbstractFetcherThread.fetchOffsetAndTruncate`).
    pub(super) fn leaders_end(
        &mut self,
        place: usize,
        local: Local,
        spec: OffsetSpec,
        answer: &ListOffsetsResponse,
        out: &mut Outbox,
    ) {
        let own_end = self.store.replica(local).log.log_end_offset();
        let Some(offset) = answer.offset.filter(|_| answer.error == ErrorCode::None) else {
            return self.delay_partition(place, local, out);
        };
        if spec == OffsetSpec::Latest && offset >= own_end {
            return self.ask_for_end(place, local, Some(OffsetSpec::Earliest));
        }
        self.ask_for_end(place, local, None);
        if spec == OffsetSpec::Latest {
            self.cut(self.source(place), local, offset, out);
        } else if offset > own_end {
            self.restart_at(place, local, offset, out);
        }
    }

    /// The leader's log starts after this one's end: nothing here is of use any more.
    fn restart_at(&mut self, place: usize, local: Local, offset: Offset, out: &mut Outbox) {
        let leader = self.source(place);
        let replica = self.store.replica_mut(local);
        let before = replica.log.restart_at(offset);
        replica.high_watermark = offset;
        let (partition, why) = (replica.partition, Cut::Overtaken { leader });
        replica.latest = out.decide(Entry::LogCut {
            partition,
            offset,
            before,
            why,
        });
    }
}

impl Replica {
    /// Cuts the log to `offset` or the start of the batch there. Returns the old end.
    pub fn truncate_to(&mut self, offset: Offset) -> Offset {
        let before = self.log.truncate_to(offset);
        let end = self.log.log_end_offset();
        self.high_watermark = self.high_watermark.min(end);
        for sync in &mut self.syncing {
            sync.end = sync.end.min(end);
        }
        before
    }
}
