//! Kafka: brokers, controller, group coordinator, producers and consumers as state machines that
//! exchange Kafka's own requests. Nothing here knows of lessons, screens or files.
//!
//! | folder | room for |
//! |---|---|
//! | `config` | the one registry of configs |
//! | `protocol` | requests and responses |
//! | `broker` | logs, replication, produce and fetch, disks, start and stop |
//! | `controller` | the metadata quorum; registrations, fencing, elections, ISR and ELR, reassignment |
//! | `group` | the group coordinator and committed offsets |
//! | `transaction` | what a transaction may become next, and the requests about it |
//! | `producer` | accumulator, sender, idempotence, and the application that sends |
//! | `consumer` | fetching, positions, commits, and the application that polls |
//! | `shop` | the application's database: outbox, relay, alarm, compensation desk, direct calls |
//!
//! [`Cluster`] ties them together: it gives every event to the node it is for.

pub mod action;
pub mod broker;
pub mod client;
pub mod cluster;
pub mod config;
pub mod consumer;
pub mod controller;
pub mod describe;
pub mod entry;
pub mod errors;
pub mod group;
pub mod ids;
pub mod metadata;
mod operator;
pub mod producer;
pub mod protocol;
pub mod reasons;
pub mod record;
pub mod rules;
pub mod shop;
pub mod spec;
pub mod transaction;

pub use action::{Action, Call};
pub use client::Client;
pub use cluster::{Cluster, Timer, world};
pub use entry::{Answer, CommitHow, Cut, Deletion, Entry, FlushedBy, TransactionEnd};
pub use errors::{ClientError, ErrorCode};
pub use ids::{DirectoryId, GroupId, LeaderEpoch, MessageId, Offset, TopicId, TopicPartition};
pub use rules::{Rule, Rules};
pub use spec::{ClusterSpec, Role};

/// A running cluster with its clients.
pub type World = crate::sim::Sim<Cluster>;
/// The journal of a [`World`].
pub type Journal = crate::sim::Journal<Entry>;
/// What state machines act through.
pub type Outbox<'a> = crate::sim::Outbox<'a, Cluster>;
/// What a node is given.
pub type Input = crate::sim::Input<Cluster>;
