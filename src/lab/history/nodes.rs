//! A node's process and machine, as the journal tells it.

use crate::sim::Micros;
use crate::sim::journal::EntryId;

/// How a process stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    #[default]
    Up,
    /// It is starting: logs are loaded, then it registers.
    Starting,
    /// SIGSTOP or a long GC pause.
    Paused,
    /// A controlled shutdown is under way.
    Stopping,
    /// No process; `clean` after an orderly stop.
    Down { clean: bool },
    /// No power.
    Off,
}

/// The state of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeState {
    /// How its process stands.
    pub standing: Standing,
    /// Since when, in microseconds.
    pub since_us: Micros,
    /// The controller counts it as dead.
    pub fenced: bool,
    /// No space left on its disk.
    pub disk_full: bool,
    /// Its disk is broken.
    pub disk_failed: bool,
    /// Of several disks one failed: the broker may live on with the others.
    pub directory_failed: bool,
    /// Its disk is this many times slower than usual; 0 and 1 are usual.
    pub disk_times: u32,
    /// Its handler was slowed.
    pub handler_slow: bool,
    /// What ended or stopped it last.
    pub ended: Option<EntryId>,
}

impl NodeState {
    /// Whether there is a process that could act.
    pub fn is_running(&self) -> bool {
        !matches!(self.standing, Standing::Down { .. } | Standing::Off)
    }

    pub(super) fn stand(&mut self, standing: Standing, at_us: Micros) {
        self.standing = standing;
        self.since_us = at_us;
    }
}
