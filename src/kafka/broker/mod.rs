//! A broker: its machine (disk, logs) and its process.
//!
//! [`host`] is the machine: it starts and ends processes and outlives them. [`process`] is the
//! process: it takes one event, serves it, and then looks at what waited for what has changed.
//!
//! | module | room for |
//! |---|---|
//! | [`host`] | starting, stopping, dying; disk actions; the OS writing dirty pages back |
//! | [`store`] | what is on the machine: disk, logs, checkpoints, the marker of an orderly stop |
//! | [`directories`] | log directories, each on a disk, and what the failure of one means |
//! | [`flush`], [`load`] | fsyncs and checkpoints; power loss and what a start makes of what is left |
//! | [`opening`] | a process opens its logs, and closes them at an orderly end |
//! | [`retention`], [`cleaner`] | deleting at the start of logs; compaction |
//! | [`log`] | one replica's log |
//! | [`replica`] | one replica: its role, the high watermark, who is in sync |
//! | [`process`] | which event is for whom |
//! | [`connection`] | one request of a connection at a time |
//! | [`produce`], [`fetch`], [`delayed`] | clients and followers; requests that wait |
//! | [`fetcher`], [`order`], [`truncation`] | following other leaders |
//! | [`isr`] | asking the controller to change the ISR |
//! | [`changes`] | what the metadata log makes of this broker: leader, follower, nothing |
//! | [`hosting`] | replicas that come and leave while it runs |
//! | [`api`] | the smaller requests: offsets, metadata, producer ids, groups |
//! | [`transactions`] | the transaction coordinator, and what leaders do for it |
//! | [`lifecycle`] | registration, heartbeats, the metadata log, orderly leave |

mod api;
mod changes;
mod cleaner;
mod connection;
mod delayed;
pub mod directories;
mod fetch;
mod fetcher;
mod flush;
pub mod host;
mod hosting;
mod isr;
pub mod lifecycle;
mod load;
pub mod log;
mod opening;
mod order;
pub mod process;
mod produce;
pub mod replica;
mod retention;
pub mod store;
#[cfg(test)]
mod tests;
pub mod transactions;
mod truncation;

pub use host::{BrokerHost, ProcessState};
pub use replica::{Replica, ReplicaRole};

use super::Timer;
use super::group::GroupTimer;
use crate::sim::NodeId;
use lifecycle::LifecycleTimer;
use store::Local;
use transactions::TransactionTimer;

/// What a broker's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum BrokerTimer {
    /// The machine's OS looks for old dirty pages.
    WriteBack,
    /// What it found is on the disk.
    WrittenBack,
    CheckpointHighWatermarks,
    CheckpointRecoveryPoints,
    CheckpointLogStarts,
    /// Segments past their retention are to be deleted.
    DeleteSegments,
    /// Producers that have been idle for too long are to be forgotten.
    ExpireProducers,
    /// The cleaner of compacted logs wakes up.
    CleanLogs,
    /// The logs are open; `clean`: there was nothing to recover.
    LogsLoaded {
        clean: bool,
    },
    /// An orderly stop has fsynced all logs.
    LogsClosed,
    /// The log flusher looks for logs that flush.ms is over for.
    FlushCheck,
    /// The oldest fsync of this log is done.
    Fsynced(Local),
    /// Followers that lag are to leave the ISR.
    ShrinkIsr,
    /// A request may have waited long enough.
    Delayed,
    /// The fetcher from this leader may go on, or has waited long enough.
    Fetcher(NodeId),
    /// The controller may be asked again.
    AskController,
    /// The process has noticed that its disk failed.
    Halt,
    /// For [`lifecycle::Lifecycle`].
    Lifecycle(LifecycleTimer),
    /// For the group coordinator.
    Group(GroupTimer),
    /// For transactions.
    Transactions(TransactionTimer),
}

impl From<BrokerTimer> for Timer {
    fn from(timer: BrokerTimer) -> Timer {
        Timer::Broker(timer)
    }
}
