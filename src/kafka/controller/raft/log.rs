//! A voter's copy of the metadata log, and what of it is on its platter.

use std::rc::Rc;

use crate::kafka::metadata::{Cause, Logged, MetadataImage, MetadataRecord, QuorumEpoch};
use crate::sim::EntryId;

/// The epoch of a cluster's first leader.
pub const FIRST_EPOCH: QuorumEpoch = 1;

/// On a controller's disk: outlives its process, as far as it was written.
#[derive(Clone)]
pub struct RaftLog {
    records: Rc<Vec<Logged>>,
    /// Others may fetch what lies below; what a leader gathers above is only in its memory
    /// (`BatchAccumulator`).
    written: u64,
    /// Everything below is on the platter.
    flushed: u64,
}

impl RaftLog {
    /// The log that gave `image`: one record for every broker, then one for every partition.
    pub fn of(image: &MetadataImage) -> Self {
        let brokers = image.brokers.iter();
        let brokers = brokers.map(|(node, known)| MetadataRecord::Broker(*node, known.clone()));
        let partitions = image.partitions.iter();
        let partitions =
            partitions.map(|(name, state)| MetadataRecord::Partition(*name, Rc::clone(state)));
        let records = brokers.chain(partitions).map(|record| Logged {
            epoch: FIRST_EPOCH,
            record,
            cause: Cause::Entry(EntryId::NONE),
            notes: Rc::default(),
        });
        let records: Vec<_> = records.collect();
        let end = records.len() as u64;
        debug_assert_eq!(end, image.offset, "one record each");
        RaftLog {
            records: Rc::new(records),
            written: end,
            flushed: end,
        }
    }

    /// The offset of the next record.
    pub fn end(&self) -> u64 {
        self.records.len() as u64
    }

    /// The end of what others may fetch.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The end of what a power loss leaves.
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// The epoch of the last record.
    pub fn last_epoch(&self) -> QuorumEpoch {
        self.records.last().map_or(0, |last| last.epoch)
    }

    /// Gathers one record of a leader.
    pub fn gather(&mut self, record: Logged) {
        Rc::make_mut(&mut self.records).push(record);
    }

    /// Writes what was gathered.
    pub fn write(&mut self) {
        self.written = self.end();
    }

    /// Writes what was fetched.
    pub fn append(&mut self, records: &[Logged]) {
        Rc::make_mut(&mut self.records).extend_from_slice(records);
        self.write();
    }

    /// An fsync of everything below `offset` is done.
    pub fn mark_flushed(&mut self, offset: u64) {
        self.flushed = self.flushed.max(offset.min(self.written));
    }

    /// Cuts the log to `offset`.
    pub fn truncate(&mut self, offset: u64) {
        if offset < self.end() {
            Rc::make_mut(&mut self.records).truncate(offset as usize);
            self.written = self.written.min(offset);
            self.flushed = self.flushed.min(offset);
        }
    }

    /// What lies from `from` up to `to`.
    pub fn read(&self, from: u64, to: u64) -> &[Logged] {
        let (from, to) = (from as usize, to as usize);
        self.records.get(from..to).unwrap_or_default()
    }

    /// The last epoch here that is not after `epoch`, and where it ends
    /// (`endOffsetForEpoch`).
    pub fn end_of_epoch(&self, epoch: QuorumEpoch) -> (QuorumEpoch, u64) {
        let end = self.records.partition_point(|known| known.epoch <= epoch);
        let last = end
            .checked_sub(1)
            .map_or(0, |last| self.records[last].epoch);
        (last, end as u64)
    }

    /// Where a log that ends at `offset` with a record of `epoch` parts from this one, if it does.
    pub fn divergence(&self, offset: u64, epoch: QuorumEpoch) -> Option<(QuorumEpoch, u64)> {
        let (known, end) = self.end_of_epoch(epoch);
        (known != epoch || end < offset).then_some((known, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NodeId;

    fn record(epoch: QuorumEpoch) -> Logged {
        Logged {
            epoch,
            record: MetadataRecord::LeaderChange(NodeId(1)),
            cause: Cause::Entry(EntryId::NONE),
            notes: Rc::default(),
        }
    }

    fn log(epochs: &[QuorumEpoch]) -> RaftLog {
        let mut log = RaftLog::of(&MetadataImage::default());
        let records: Vec<Logged> = epochs.iter().map(|epoch| record(*epoch)).collect();
        log.append(&records);
        log
    }

    #[test]
    fn a_log_that_is_a_beginning_of_this_one_does_not_part_from_it() {
        let leader = log(&[1, 1, 2, 4, 4]);
        for (offset, epoch) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 4), (5, 4)] {
            assert_eq!(leader.divergence(offset, epoch), None, "{offset} {epoch}");
        }
    }

    #[test]
    fn logs_part_at_the_end_of_the_last_epoch_that_both_have() {
        let leader = log(&[1, 1, 2, 4, 4]);
        assert_eq!(leader.divergence(4, 3), Some((2, 3)), "it has no epoch 3");
        assert_eq!(
            leader.divergence(3, 1),
            Some((1, 2)),
            "its epoch 1 is shorter"
        );
        assert_eq!(leader.divergence(9, 5), Some((4, 5)));
    }

    #[test]
    fn what_was_only_gathered_is_not_written_and_what_was_written_not_flushed() {
        let mut log = log(&[1]);
        log.mark_flushed(1);
        log.append(&[record(2)]);
        log.gather(record(2));
        assert_eq!((log.flushed(), log.written(), log.end()), (1, 2, 3));
        log.mark_flushed(3);
        assert_eq!(log.flushed(), 2, "there was nothing more to flush");
    }
}
