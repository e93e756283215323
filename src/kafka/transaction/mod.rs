//! Transactions as their coordinator knows them (KIP-98, KIP-890): what a transaction may become next, and the
//! requests about it. Transaction protocol version 2: every commit and abort raises the producer's epoch, and the
//! leaders themselves tell the coordinator of a partition when its first batch comes.
//!
//! | module | room for |
//! |---|---|
//! | [`metadata`] | one transactional.id: its states, and the rules of going from one to the next |
//! | [`protocol`] | requests and responses |
//!
//! The coordinator itself lives in the broker that leads the id's partition of `__transaction_state`, see
//! `broker::transactions`.

pub mod metadata;
pub mod protocol;
#[cfg(test)]
mod tests;

pub use metadata::{TransactionMetadata, TransactionState};
pub use protocol::{TransactionRequest, TransactionResponse};

use std::rc::Rc;

use super::group::coordinator::{java_abs, java_hash};
use super::spec::TRANSACTIONS_TOPIC;
use super::{ClusterSpec, TopicPartition};

/// A `transactional.id`.
pub type TransactionalId = Rc<str>;

/// A producer id with its epoch.
pub type ProducerIdAndEpoch = (u64, u16);

/// The partition of `__transaction_state` that holds `id`: Java's `hashCode`, modulo
/// (`TransactionStateManager.partitionFor`). `None` in a cluster without that topic.
pub fn transaction_partition(spec: &ClusterSpec, id: &str) -> Option<TopicPartition> {
    let topic = spec.topic_named(TRANSACTIONS_TOPIC)?;
    let partitions = spec.topic(topic).assignment.len() as u32;
    let partition = java_abs(java_hash(id)).checked_rem(partitions)?;
    Some(TopicPartition::new(topic, partition as u16))
}
