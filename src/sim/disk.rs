//! Disks: what a write and an fsync cost, and whether they can be done at all.
//!
//! What is in the page cache and what is on the platter is known to the logs themselves; a disk
//! only serves one request after another and says when each is done.

use super::Micros;

/// Whether a disk can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Health {
    #[default]
    Good,
    /// No space left: writes fail, reads and fsync work.
    Full,
    /// Every operation fails.
    Failed,
}

/// What a disk costs, in whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DiskCost {
    /// One fsync of anything, in microseconds.
    pub fsync_us: Micros,
    /// What the platter takes, in bytes a millisecond.
    pub bytes_per_ms: u32,
}

/// One disk, serving requests one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    pub cost: DiskCost,
    pub health: Health,
    /// How many times slower than usual it is; 1 is usual.
    pub slowness: u32,
    busy_until: Micros,
    fsyncs: u64,
}

impl Disk {
    /// A healthy disk.
    pub fn new(cost: DiskCost) -> Self {
        Disk {
            cost,
            health: Health::Good,
            slowness: 1,
            busy_until: 0,
            fsyncs: 0,
        }
    }

    /// Whether a write can succeed.
    pub fn writable(&self) -> bool {
        self.health == Health::Good
    }

    /// Starts an fsync of `bytes` at `now`; returns when it is done.
    pub fn fsync(&mut self, now: Micros, bytes: u64) -> Micros {
        let slowness = u64::from(self.slowness.max(1));
        let done_at = self.write(now, bytes) + self.cost.fsync_us * slowness;
        self.busy_until = done_at;
        self.fsyncs += 1;
        done_at
    }

    /// Starts writing `bytes` at `now`, nobody asking for more; returns when it is done.
    pub fn write(&mut self, now: Micros, bytes: u64) -> Micros {
        self.busy_until = self.busy_until.max(now) + self.read_us(bytes);
        self.busy_until
    }

    /// How long it takes to read (or write) `bytes` that no cache holds, with nothing else to do.
    pub fn read_us(&self, bytes: u64) -> Micros {
        bytes * 1_000 * u64::from(self.slowness.max(1)) / u64::from(self.cost.bytes_per_ms.max(1))
    }

    /// How many fsyncs it has served.
    pub fn fsyncs(&self) -> u64 {
        self.fsyncs
    }
}
