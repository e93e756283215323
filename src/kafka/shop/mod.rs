//! The shop around the producer: its database, the job that empties its outbox, the alarm, the compensation desk, and
//! the direct way to service B.
//!
//! | module | room for | the pattern's name |
//! |---|---|---|
//! | [`database`] | rows that are not sent yet: waiting, claimed, dead | transactional outbox; local message table (本地消息表) |
//! | [`relay`] | the scheduled job: scan, send, mark | polling publisher |
//! | [`direct`] | calls of service B while Kafka cannot be reached | fallback call |
//! | [`watch`] | the alarm on old rows, the desk, its audit trail | dead letter channel, compensation |
//!
//! Sources: Chris Richardson's *Transactional outbox*, *Polling publisher* and *Idempotent consumer* (microservices.io);
//! Dan Pritchett, *BASE: An ACID Alternative* (ACM Queue, 2008), for the message table beside the business rows; Gregor
//! Hohpe and Bobby Woolf, *Enterprise Integration Patterns*, for *Dead Letter Channel* and *Idempotent Receiver*. Claims
//! are row locks (`SELECT … FOR UPDATE SKIP LOCKED`): they end with the session of the job that holds them.

pub mod database;
pub mod direct;
pub mod relay;
mod watch;

pub use database::{Database, Row};

use super::consumer::Effects;

/// What outlives every process of the applications: their databases.
#[derive(Clone, Debug, Default)]
pub struct Business {
    /// What handlers have done.
    pub effects: Effects,
    /// What the shop has written and not sent.
    pub database: Database,
}

/// What became of a row of the outbox, as its job wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowMark {
    /// Kafka acked it.
    Sent,
    /// Service B answered a direct call.
    Delivered,
    /// The send failed so many times now; it will be tried again.
    Tried { tries: u32 },
    /// The send failed so many times that nobody tries again but the desk.
    Dead { tries: u32 },
}

/// What a timer of the shop's monitoring is for. It runs beside the job, whatever becomes of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopTimer {
    /// A row may have become too old.
    Alarm,
    /// Somebody comes to the desk.
    Desk,
}
