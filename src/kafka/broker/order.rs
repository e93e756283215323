//! In which order a broker names partitions that it begins to follow together.
//!
//! Nothing in Kafka asks for an order there: it is that of the hash map in which they are gathered
//! (`ReplicaManager.applyLocalFollowersDelta`, by the hash of topic name and partition). But it is
//! the same on every run, and it decides which ISR change is asked for first.

use crate::kafka::{ClusterSpec, TopicPartition};
use crate::sim::order::sort_by_number;

/// Buckets of a new hash map; they double once three quarters are in use.
const BUCKETS: usize = 16;

/// The rank of each of these partitions.
pub fn ranks(partitions: &[TopicPartition], spec: &ClusterSpec) -> Vec<u16> {
    let mut buckets = BUCKETS;
    while partitions.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    let mut places: Vec<u16> = (0..partitions.len() as u16).collect();
    sort_by_number(&mut places, |place| {
        let hash = hash(partitions[usize::from(*place)], spec);
        let bucket = hash as usize & (buckets - 1);
        // Within a bucket by the hash, as a signed number.
        (bucket as u64) << 32 | u64::from(hash ^ 0x8000_0000)
    });
    let mut ranks = vec![0; partitions.len()];
    for (rank, place) in places.iter().enumerate() {
        ranks[usize::from(*place)] = rank as u16;
    }
    ranks
}

/// `TopicPartition.hashCode`, spread as the map does.
fn hash(partition: TopicPartition, spec: &ClusterSpec) -> u32 {
    let name = spec.topic(partition.topic).name.encode_utf16();
    let next = |hash: u32, unit: u16| hash.wrapping_mul(31).wrapping_add(unit.into());
    let hash = 31 * (31 + u32::from(partition.partition));
    let hash = hash.wrapping_add(name.fold(0, next));
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::{BrokerConfig, Environment, TopicConfig};
    use crate::kafka::ids::TopicId;
    use crate::kafka::spec::TopicSpec;

    #[test]
    fn the_offsets_topic_comes_before_a_topic_named_t() {
        let topic = |name: &str| TopicSpec {
            allows_unclean: None,
            name: name.into(),
            config: TopicConfig::default(),
            assignment: vec![Vec::new()],
        };
        let spec = ClusterSpec {
            seed: 1,
            brokers: vec![BrokerConfig::default()],
            controllers: 1,
            elr: true,
            topics: vec![topic("t"), topic("__consumer_offsets")],
            spare_partitions: 0,
            groups: Vec::new(),
            clients: Vec::new(),
            environment: Environment::default(),
            rules: crate::kafka::Rules::default(),
        };
        let both = [0, 1].map(|topic| TopicPartition::new(TopicId(topic), 0));
        assert_eq!(hash(both[0], &spec), 1_077, "as Java computes it");
        assert_eq!(ranks(&both, &spec), [1, 0]);
    }
}
