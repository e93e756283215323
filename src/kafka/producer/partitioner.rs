//! Which partition a record goes to (`KafkaProducer.partition`, `BuiltInPartitioner`, KIP-794).

use std::rc::Rc;

use crate::kafka::TopicPartition;
use crate::kafka::config::{PartitionerClass, ProducerConfig};
use crate::kafka::ids::TopicId;
use crate::kafka::record::Record;
use crate::sim::Stream;

use super::accumulator::Accumulator;
use super::metadata::Metadata;

/// Kafka's murmur2 (`Utils.murmur2`): 32 bits, seed 0x9747b28c.
pub fn murmur2(data: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c_u32 ^ data.len() as u32;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        // chunks_exact gives four bytes each.
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// The partition of a key among `partitions` (`BuiltInPartitioner.partitionForKey`); all of them
/// count, whether they have a leader or not.
pub fn partition_for_key(key: &[u8], partitions: u16) -> u16 {
    let hash = murmur2(key) & i32::MAX;
    // A remainder of a u16 fits into it.
    (hash % i32::from(partitions.max(1))) as u16
}

/// Where records without a partition of their own go, topic by topic.
#[derive(Clone, Debug)]
pub(super) struct Partitioner {
    class: PartitionerClass,
    ignore_keys: bool,
    adaptive: bool,
    batch_size: u64,
    topics: Vec<TopicState>,
    /// How many partitions each topic was created with.
    created: Rc<[u16]>,
    luck: Stream,
}

#[derive(Clone, Debug, Default)]
struct TopicState {
    /// The partition that gets records now, and how many bytes it has got.
    sticky: Option<(u16, u64)>,
    /// `RoundRobinPartitioner`'s counter.
    round: u32,
}

/// A partition, and whether the sticky partitioner chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub partition: TopicPartition,
    pub sticky: bool,
}

impl Partitioner {
    pub fn new(config: &ProducerConfig, created: Rc<[u16]>, luck: Stream) -> Self {
        Partitioner {
            class: config.partitioner_class,
            ignore_keys: config.partitioner_ignore_keys,
            adaptive: config.partitioner_adaptive_partitioning_enable,
            batch_size: config.batch_size,
            topics: vec![TopicState::default(); created.len()],
            created,
            luck,
        }
    }

    /// Chooses for one record of a topic whose metadata is known: its own partition, else the
    /// custom class, else the hash of its key, else the sticky partition.
    pub fn choose(
        &mut self,
        topic: TopicId,
        own: Option<u16>,
        record: &Record,
        metadata: &Metadata,
        queues: &Accumulator,
    ) -> Choice {
        let fixed = |partition| Choice {
            partition: TopicPartition::new(topic, partition),
            sticky: false,
        };
        if let Some(partition) = own {
            return fixed(partition);
        }
        if self.class == PartitionerClass::RoundRobin {
            return fixed(self.round_robin(topic, metadata));
        }
        if let Some(key) = record.key.filter(|_| !self.ignore_keys) {
            let key = key.to_string();
            let count = match self.class {
                PartitionerClass::KeepKeys => self.created[usize::from(topic.0)],
                _ => metadata.count(topic),
            };
            return fixed(partition_for_key(key.as_bytes(), count));
        }
        let partition = self.sticky(topic, metadata, queues);
        Choice {
            partition: TopicPartition::new(topic, partition),
            sticky: true,
        }
    }

    fn round_robin(&mut self, topic: TopicId, metadata: &Metadata) -> u16 {
        let state = &mut self.topics[topic.0 as usize];
        let next = state.round;
        state.round = (state.round + 1) & i32::MAX as u32;
        let available = metadata.available(topic).count();
        let among_available = next as usize % available.max(1);
        let found = metadata.available(topic).nth(among_available);
        found.unwrap_or((next % u32::from(metadata.count(topic).max(1))) as u16)
    }

    fn sticky(&mut self, topic: TopicId, metadata: &Metadata, queues: &Accumulator) -> u16 {
        let (state, batch_size) = (&self.topics[topic.0 as usize], self.batch_size);
        match state.sticky {
            // The switch may have waited for an incomplete batch that is complete by now
            // (`RecordAccumulator.partitionChanged`).
            Some((partition, bytes)) => {
                let complete = || queues.all_full(TopicPartition::new(topic, partition));
                if bytes >= batch_size && complete() {
                    return self.switch(topic, metadata, queues);
                }
                partition
            }
            None => self.switch(topic, metadata, queues),
        }
    }

    fn switch(&mut self, topic: TopicId, metadata: &Metadata, queues: &Accumulator) -> u16 {
        let random = self.luck.below(1 << 31);
        let weighted = self
            .adaptive
            .then(|| weighted(topic, metadata, queues, random));
        let partition = weighted.flatten().unwrap_or_else(|| {
            let available = metadata.available(topic).count() as u64;
            let nth = (random % available.max(1)) as usize;
            let uniform = (random % u64::from(metadata.count(topic).max(1))) as u16;
            metadata.available(topic).nth(nth).unwrap_or(uniform)
        });
        self.topics[topic.0 as usize].sticky = Some((partition, 0));
        partition
    }

    /// Counts what the sticky partition got, and switches after batch.size bytes once its batch is
    /// complete, at latest after twice as much (`updatePartitionInfo`).
    pub fn appended(
        &mut self,
        choice: Choice,
        bytes: u32,
        metadata: &Metadata,
        queues: &Accumulator,
    ) {
        let topic = choice.partition.topic;
        if let Some((_, produced)) = &mut self.topics[topic.0 as usize].sticky
            && choice.sticky
        {
            *produced += u64::from(bytes);
            let produced = *produced;
            let enough = produced >= self.batch_size;
            if enough && (produced >= 2 * self.batch_size || queues.all_full(choice.partition)) {
                self.switch(topic, metadata, queues);
            }
        }
    }
}

/// A choice weighted by the inverse of queue lengths (`updatePartitionLoadStats`); `None` where
/// Kafka falls back to a uniform choice.
fn weighted(topic: TopicId, metadata: &Metadata, queues: &Accumulator, random: u64) -> Option<u16> {
    let all = metadata.count(topic);
    let used = (0..all).all(|p| queues.was_used(TopicPartition::new(topic, p)));
    let length = |p: u16| queues.queue_len(TopicPartition::new(topic, p)) as u64;
    let responsive = metadata.responsive(topic).count();
    if !used || all < 2 || responsive == 0 {
        return None;
    }
    let longest = metadata.responsive(topic).map(length).max()?;
    let shortest = metadata.responsive(topic).map(length).min()?;
    if longest == shortest && responsive == usize::from(all) {
        return None;
    }
    let total: u64 = metadata
        .available(topic)
        .map(|p| longest + 1 - length(p))
        .sum();
    let mut left = random % total;
    for partition in metadata.responsive(topic) {
        let weight = longest + 1 - length(partition);
        if left < weight {
            return Some(partition);
        }
        left -= weight;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_gives_what_kafka_gives() {
        // From Kafka's own UtilsTest.
        let cases: [(&[u8], i32); 7] = [
            (b"21", -973932308),
            (b"foobar", -790332482),
            (b"a-little-bit-long-string", -985981536),
            (b"a-little-bit-longer-string", -1486304829),
            (
                b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58897971,
            ),
            (b"abc", 479470107),
            (b"k0", -704538303),
        ];
        for (key, hash) in cases {
            assert_eq!(murmur2(key), hash);
        }
    }

    #[test]
    fn a_key_maps_by_the_positive_hash() {
        assert_eq!(
            [1, 3, 5, 12].map(|n| partition_for_key(b"k10", n)),
            [0, 1, 3, 10]
        );
    }
}
