//! Committing no further than the work is done: the lowest offset of each partition that some thread still has.

use super::app::{App, Phase};
use super::fetcher::PolledPartition;
use super::workers::Item;
use crate::kafka::config::CommitMode;
use crate::kafka::{Offset, TopicPartition};
use crate::sim::EntryId;

/// How far polls have come in the partitions that are assigned.
pub(super) type Reached = Vec<Progress>;

/// One partition, since it was assigned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    partition: TopicPartition,
    /// What was polled before this belongs to an earlier assignment.
    since: EntryId,
    /// Behind the last record that was polled.
    next: Offset,
    committed: Offset,
}

impl App {
    fn commits_lowest(&self) -> bool {
        self.work.app.commit_mode == CommitMode::LowestDone
    }

    /// A poll gave records.
    pub(super) fn note_reached(&mut self, polled: &[PolledPartition], noted: &[EntryId]) {
        if !self.commits_lowest() {
            return;
        }
        for (part, since) in polled.iter().zip(noted) {
            let (Some((first, _)), Some((last, _))) = (part.records.first(), part.records.last())
            else {
                continue;
            };
            let (partition, next) = (part.partition, last + 1);
            let mut known = self.reached.iter_mut();
            match known.find(|known| known.partition == partition) {
                Some(known) => known.next = next,
                None => self.reached.push(Progress {
                    partition,
                    since: *since,
                    next,
                    committed: *first,
                }),
            }
        }
    }

    /// Others are not its own any more: what waits of them is dropped.
    pub(super) fn keep_reached(&mut self, is_mine: impl Fn(&TopicPartition) -> bool) {
        if self.commits_lowest() {
            self.reached.retain(|known| is_mine(&known.partition));
            self.queue.retain(|item| is_mine(&item.partition));
        }
    }

    /// What can be committed now that was not before; each is asked for once.
    pub(super) fn lowest_done(&mut self) -> Option<Vec<(TopicPartition, Offset)>> {
        // While it waits for its workers it polls and commits nothing.
        if !matches!(self.phase, Phase::Polling | Phase::Closing) {
            return None;
        }
        let mut new = Vec::new();
        for place in 0..self.reached.len() {
            let known = self.reached[place];
            let lowest = self.lowest_in_hand(&known).unwrap_or(known.next);
            if known.committed < lowest {
                self.reached[place].committed = lowest;
                new.push((known.partition, lowest));
            }
        }
        (!new.is_empty()).then_some(new)
    }

    fn lowest_in_hand(&self, of: &Progress) -> Option<Offset> {
        let at_work = self.workers.iter().flatten().map(|worker| &worker.item);
        let in_hand = self.queue.iter().chain(at_work);
        let is_of = |item: &&Item| item.partition == of.partition && item.polled >= of.since;
        in_hand.filter(is_of).map(|item| item.offset).min()
    }
}
