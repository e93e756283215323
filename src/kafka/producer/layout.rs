//! All partitions of all topics in one row, with room for those that may be added, so that
//! per-partition state is a plain list.

use std::rc::Rc;

use crate::kafka::ids::TopicId;
use crate::kafka::{ClusterSpec, TopicPartition};

/// Which partition has which place.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Where each topic starts; one more at the end.
    starts: Rc<[usize]>,
    partitions: Rc<[TopicPartition]>,
    /// How many partitions each topic was created with.
    pub created: Rc<[u16]>,
}

impl Layout {
    pub fn new(spec: &ClusterSpec) -> Self {
        let mut starts = vec![0];
        for topic in &spec.topics {
            let room = topic.assignment.len() + usize::from(spec.spare_partitions);
            starts.push(starts[starts.len() - 1] + room);
        }
        let places = starts.windows(2).map(|ends| ends[1] - ends[0]);
        let partitions = places.enumerate().flat_map(|(topic, count)| {
            let topic = TopicId(topic as u16);
            (0..count as u16).map(move |partition| TopicPartition::new(topic, partition))
        });
        let created = spec
            .topics
            .iter()
            .map(|topic| topic.assignment.len() as u16);
        Layout {
            created: created.collect(),
            partitions: partitions.collect(),
            starts: starts.into(),
        }
    }

    /// The place of `partition`, if there is such a partition.
    pub fn slot(&self, partition: TopicPartition) -> Option<usize> {
        let inside = partition.partition < self.count(partition.topic);
        inside.then(|| self.starts[partition.topic.0 as usize] + partition.partition as usize)
    }

    /// For how many partitions of a topic there is room; 0 when there is no such topic.
    pub fn count(&self, topic: TopicId) -> u16 {
        match self.starts.get(topic.0 as usize..topic.0 as usize + 2) {
            Some(&[start, end]) => (end - start) as u16,
            _ => 0,
        }
    }

    /// All partitions, by place.
    pub fn partitions(&self) -> &[TopicPartition] {
        &self.partitions
    }

    /// How many topics there are.
    pub fn topics(&self) -> usize {
        self.starts.len() - 1
    }
}
