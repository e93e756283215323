//! Where each leader epoch starts in a log (`LeaderEpochFileCache`, KIP-101).

use std::rc::Rc;

use crate::kafka::{LeaderEpoch, Offset};

/// (epoch, start offset), both rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochCache {
    starts: Rc<Vec<(LeaderEpoch, Offset)>>,
}

impl EpochCache {
    /// Notes that `epoch` starts at `offset`, unless a later record of it is already known.
    /// Entries that the new one contradicts are dropped.
    pub fn assign(&mut self, epoch: LeaderEpoch, offset: Offset) {
        if self
            .starts
            .last()
            .is_some_and(|(latest, start)| *latest == epoch && *start <= offset)
        {
            return;
        }
        let starts = Rc::make_mut(&mut self.starts);
        starts.retain(|(known, start)| *known < epoch && *start < offset);
        starts.push((epoch, offset));
    }

    /// The latest epoch.
    pub fn latest(&self) -> Option<LeaderEpoch> {
        self.starts.last().map(|(epoch, _)| *epoch)
    }

    /// The largest known epoch not above `asked`, and where it ends in a log that ends at
    /// `log_end`. `None` if `asked` is later than all that is known.
    pub fn end_offset_for(
        &self,
        asked: LeaderEpoch,
        log_end: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        if self.latest() == Some(asked) {
            return Some((asked, log_end));
        }
        let higher = self.starts.partition_point(|(epoch, _)| *epoch <= asked);
        let (_, end) = *self.starts.get(higher)?;
        let floor = higher
            .checked_sub(1)
            .map_or(asked, |place| self.starts[place].0);
        Some((floor, end))
    }

    /// Drops epochs that start at or after `offset`: the log now ends there.
    pub fn truncate_from_end(&mut self, offset: Offset) {
        if self
            .starts
            .last()
            .is_some_and(|(_, start)| *start >= offset)
        {
            Rc::make_mut(&mut self.starts).retain(|(_, start)| *start < offset);
        }
    }

    /// The log now starts at `offset`: of the epochs that start before, only the last is still in
    /// it, from there on.
    pub fn truncate_from_start(&mut self, offset: Offset) {
        let gone = self.starts.partition_point(|(_, start)| *start <= offset);
        if let Some(last) = gone.checked_sub(1) {
            let starts = Rc::make_mut(&mut self.starts);
            starts.drain(..last);
            starts[0].1 = offset;
        }
    }

    /// All (epoch, start offset), oldest first.
    pub fn starts(&self) -> &[(LeaderEpoch, Offset)] {
        &self.starts
    }
}
