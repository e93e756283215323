//! Which consumer owns which partition, as the consumers' own callbacks tell it.

use super::History;
use super::apply::Here;
use crate::kafka::TopicPartition;
use crate::lab::moments::{Moment, On};
use crate::sim::{Micros, NodeId};

/// A time in which not every partition had an owner, after all once had.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    since_us: Micros,
    /// So many had none at worst.
    most: u32,
}

impl History {
    /// `onPartitionsAssigned`.
    pub(super) fn assigned(&mut self, here: Here, partitions: &[TopicPartition]) {
        let mut count = 0;
        for partition in partitions {
            if let Some(part) = self.parts.get_mut(partition) {
                part.freshly_assigned = true;
                part.owner = Some(here.node);
                count += 1;
            }
        }
        if count > 0 {
            let partition = partitions.first().copied();
            self.moments.push(Moment {
                count,
                partition,
                ..here.moment(On::Given)
            });
        }
        self.owners_changed(here);
    }

    /// `onPartitionsRevoked`, `onPartitionsLost`.
    pub(super) fn given_up(&mut self, here: Here, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(part) = self.parts.get_mut(partition)
                && part.owner == Some(here.node)
            {
                part.owner = None;
            }
        }
        self.owners_changed(here);
    }

    /// The process is gone: it owns nothing.
    pub(super) fn owner_ended(&mut self, here: Here, node: NodeId) {
        let owned = self.parts.iter();
        let owned = owned.filter(|(_, part)| part.owner == Some(node));
        let owned: Vec<TopicPartition> = owned.map(|(partition, _)| *partition).collect();
        if !owned.is_empty() {
            self.given_up(here, &owned);
        }
    }

    fn owners_changed(&mut self, here: Here) {
        let without = self.parts.values().filter(|part| part.owner.is_none());
        let without = without.count() as u32;
        match (&mut self.unowned, without) {
            (Some(gap), 0) => {
                let (count, span_us) = (gap.most, here.at_us - gap.since_us);
                self.moments.push(Moment {
                    count,
                    span_us,
                    ..here.moment(On::OwnedAgain)
                });
                self.unowned = None;
            }
            (Some(gap), without) => gap.most = gap.most.max(without),
            (None, 0) => self.all_owned = true,
            (None, most) if self.all_owned => {
                let since_us = here.at_us;
                self.unowned = Some(Gap { since_us, most });
            }
            (None, _) => {}
        }
    }
}
