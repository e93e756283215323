//! A follower that goes on from a leader's log without having the same before it: never by the rules of today.

use super::History;
use super::apply::Here;
use crate::kafka::TopicPartition;
use crate::kafka::record::LogEntry;
use crate::lab::moments::{Moment, On};
use crate::sim::NodeId;

impl History {
    /// A replica follows `leader` from now on.
    pub(super) fn joins(&mut self, here: Here, partition: TopicPartition, leader: Option<NodeId>) {
        let decided = self.parts.get(&partition).and_then(|part| part.leader);
        if let Some(log) = self.logs.get_mut(&(partition, here.node)) {
            // Whom it follows may lead no more.
            log.joins = leader.is_some() && leader == decided;
        }
    }

    /// A follower takes the first records of a new leader: what lies before them must be the leader's as well.
    pub(super) fn joined(&mut self, here: Here, partition: TopicPartition, taken: &[LogEntry]) {
        let Some(log) = self.logs.get_mut(&(partition, here.node)) else {
            return;
        };
        if std::mem::take(&mut log.joins) {
            self.compared(here, partition, taken);
        }
    }

    #[inline(never)]
    fn compared(&mut self, here: Here, partition: TopicPartition, taken: &[LogEntry]) {
        let Some((log, (leader, leaders), first)) = self
            .logs
            .get(&(partition, here.node))
            .zip(self.leader_log(partition))
            .zip(taken.first())
            .map(|((log, leads), first)| (log, leads, first))
        else {
            return;
        };
        let offsets = (log.start..first.base_offset).rev();
        let differs = |offset: &u64| match (log.at(*offset), leaders.at(*offset)) {
            (Some(own), Some(leaders)) => own.message != leaders.message,
            _ => false,
        };
        let Some(offset) = offsets.take_while(differs).last() else {
            return;
        };
        self.moments.push(Moment {
            other: Some(leader),
            partition: Some(partition),
            message: leaders.at(offset).map(|slot| slot.message),
            count: (first.base_offset - offset) as u32,
            offset,
            before: first.base_offset,
            ..here.moment(On::Diverged)
        });
    }
}
