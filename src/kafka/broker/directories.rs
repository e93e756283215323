//! A broker's log directories (KIP-112, KIP-858). Each lies on a disk of its own: one that fails takes its
//! replicas offline, and the broker lives on with the others. It halts with the last one, and with the one
//! that holds the metadata log (`ReplicaManager.handleLogDirFailure`, `LogManager.handleLogDirFailure`).

use super::BrokerTimer;
use super::process::{Broker, HALT_US};
use super::replica::ReplicaRole;
use super::store::{Local, Store};
use crate::kafka::{DirectoryId, Entry, Outbox};
use crate::sim::disk::Health;
use crate::sim::{Disk, EntryId};

/// A log directory and the disk under it.
#[derive(Clone, Debug)]
pub struct Directory {
    /// `meta.properties`.
    pub id: DirectoryId,
    pub disk: Disk,
    /// `.kafka_cleanshutdown`: the broker epoch of the orderly stop.
    pub clean_shutdown: Option<u64>,
    /// The process has given it up.
    pub offline: bool,
    /// What broke its disk, or filled it.
    pub fault: Option<EntryId>,
}

impl Directory {
    /// An empty one.
    pub fn new(id: DirectoryId, disk: Disk) -> Self {
        Directory {
            id,
            disk,
            clean_shutdown: None,
            offline: false,
            fault: None,
        }
    }

    /// Whether the process can write here.
    pub fn is_writable(&self) -> bool {
        !self.offline && self.disk.writable()
    }
}

impl Store {
    /// The directory that `local` lies in.
    pub fn directory(&self, local: Local) -> &Directory {
        &self.directories[usize::from(self.replica(local).directory)]
    }

    /// A write to the directory of `local` failed.
    pub fn write_failed(&mut self, local: Local, out: &Outbox) {
        let place = self.replica(local).directory;
        self.failed_writes.push((place, out.cause()));
    }

    /// Where a new replica goes: to the directory with the fewest (`LogManager.nextLogDirs`).
    pub(super) fn next_directory(&self) -> u8 {
        let places = (0..self.directories.len() as u8).zip(&self.directories);
        let online = places.filter(|(_, directory)| !directory.offline);
        let count = |place: u8| {
            let all = self.replicas.iter();
            all.filter(|replica| replica.directory == place && self.is_here(replica.partition))
                .count()
        };
        let fewest = online.min_by_key(|(place, _)| count(*place));
        fewest.map_or(0, |(place, _)| place)
    }

    /// What a process that starts finds: the directories that it can read, and the broker epoch of the orderly
    /// stop, if all of them hold it (`LogManager.readBrokerEpochFromCleanShutdownFiles`).
    pub fn open_directories(&mut self) -> (Vec<DirectoryId>, Option<u64>) {
        for directory in &mut self.directories {
            directory.offline = directory.disk.health == Health::Failed;
        }
        let all = self.directories.iter();
        let readable = all.clone().filter(|directory| !directory.offline);
        let readable: Vec<DirectoryId> = readable.map(|directory| directory.id).collect();
        let mut epochs =
            all.map(|directory| directory.clean_shutdown.filter(|_| !directory.offline));
        let first = epochs.next().flatten();
        (
            readable,
            first.filter(|_| epochs.all(|epoch| epoch == first)),
        )
    }

    /// Whether the process cannot live: no directory is left, or the metadata log is gone.
    pub fn is_crippled(&self) -> bool {
        let here = self.config().metadata_log_dir.is_none();
        let first = self.directories.first().is_none_or(|first| first.offline);
        (here && first) || self.directories.iter().all(|directory| directory.offline)
    }
}

impl Broker<'_> {
    /// Whatever lies in a directory that could not be opened cannot be served.
    pub(super) fn mark_offline(&mut self) {
        for local in self.store.locals() {
            if self.store.directory(local).offline {
                self.store.replica_mut(local).role = ReplicaRole::Offline;
            }
        }
    }

    /// Writes have failed: their directories go offline.
    pub(super) fn directories_failed(&mut self, out: &mut Outbox) {
        for (place, cause) in std::mem::take(&mut self.store.failed_writes) {
            let directory = &self.store.directories[usize::from(place)];
            out.because(directory.fault.unwrap_or(cause));
            self.directory_failed(place, out);
        }
    }

    fn directory_failed(&mut self, place: u8, out: &mut Outbox) {
        let directory = &mut self.store.directories[usize::from(place)];
        if std::mem::replace(&mut directory.offline, true) {
            return;
        }
        let id = directory.id;
        let online = self.store.directories.iter();
        let left = online.filter(|directory| !directory.offline).count() as u8;
        out.decide(Entry::DirectoryOffline { left });
        for local in self.store.locals() {
            if self.store.replica(local).directory == place {
                self.stop_role(local, out);
                self.store.replica_mut(local).role = ReplicaRole::Offline;
                self.complete_waiting(local, out);
            }
        }
        match self.store.is_crippled() {
            true => out.timer(HALT_US, BrokerTimer::Halt.into()),
            false => self.process.lifecycle.directory_failed(id, out),
        }
    }
}
