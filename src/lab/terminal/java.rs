//! The order in which Java's collections give what Kafka prints.

use crate::kafka::group::coordinator::java_hash;

/// The order of a `HashMap` with these keys' hash codes: by bucket, and within one by time of arrival.
pub fn in_hash_order<T>(items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    in_order_of(16, items, hash)
}

/// The order in which `Admin.describeTopics` gives topics that were asked for in this one: they go through a map made
/// for so many, its copy, and one more.
pub fn as_described<T>(items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    let count = items.len();
    let first = in_order_of(count.next_power_of_two(), items, &hash);
    let copy = (count * 4 / 3 + 1).next_power_of_two();
    let second = in_order_of(copy, first, &hash);
    in_order_of(count.next_power_of_two(), second, &hash)
}

/// The order of a `HashMap` that begins with so many buckets.
fn in_order_of<T>(mut buckets: usize, items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    while items.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let mut placed: Vec<(usize, T)> = items
        .into_iter()
        .map(|item| {
            let code = hash(&item) as u32;
            ((code ^ (code >> 16)) as usize & (buckets - 1), item)
        })
        .collect();
    // A stable sort keeps the order of arrival.
    placed.sort_by_key(|(bucket, _)| *bucket);
    placed.into_iter().map(|(_, item)| item).collect()
}

/// `TopicPartition.hashCode`.
pub fn partition_hash(topic: &str, partition: u16) -> i32 {
    let hash = 31_i32.wrapping_add(i32::from(partition));
    hash.wrapping_mul(31).wrapping_add(java_hash(topic))
}

/// `String.hashCode`.
pub fn text_hash(text: &str) -> i32 {
    java_hash(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn described_topics_come_in_the_order_of_the_last_map() {
        let names = ["__consumer_offsets", "audit", "orders"];
        let described = as_described(names.to_vec(), |name| text_hash(name));
        assert_eq!(described, ["orders", "__consumer_offsets", "audit"]);
    }

    #[test]
    fn keys_come_by_bucket() {
        let names = ["b", "a", "q"];
        let order = in_hash_order(names.to_vec(), |name| text_hash(name));
        // 'a' is 97 and 'q' 113: both are in bucket 1 of 16; 'b' is in 2.
        assert_eq!(order, ["a", "q", "b"]);
    }
}
