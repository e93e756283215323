//! What is on the disk when the power or the process goes, and what the next start makes of it.

use super::directories::Directory;
use super::store::Store;
use crate::kafka::config::BrokerConfig;
use crate::kafka::{Cut, DirectoryId, Entry, Outbox};
use crate::sim::disk::Health;
use crate::sim::{Disk, EntryId, MS, Micros};

/// Threads that share the logs of a directory: each takes the next one when it is free.
struct Threads(Vec<Micros>);

impl Threads {
    fn of(config: &BrokerConfig) -> Self {
        let count = config.num_recovery_threads_per_data_dir.clamp(1, 64);
        Threads(vec![0; count as usize])
    }

    fn take(&mut self, work_us: Micros) {
        if let Some(free) = self.0.iter_mut().min() {
            *free += work_us;
        }
    }

    fn done_us(&self) -> Micros {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

impl Store {
    /// `ReplicaManager.checkpointHighWatermarks`.
    pub fn checkpoint_high_watermarks(&mut self) {
        let directories = &self.directories;
        for (file, replica) in self.files.high_watermarks.iter_mut().zip(&self.replicas) {
            if directories[usize::from(replica.directory)].is_writable() {
                *file = replica.high_watermark;
            }
        }
    }

    /// `LogManager.checkpointLogRecoveryOffsets`.
    pub fn checkpoint_recovery_points(&mut self) {
        let directories = &self.directories;
        for (file, replica) in self.files.recovery_points.iter_mut().zip(&self.replicas) {
            if directories[usize::from(replica.directory)].is_writable() {
                *file = replica.log.recovery_point();
            }
        }
    }

    /// `LogManager.checkpointLogStartOffsets`: of logs that do not start where their first segment
    /// does.
    pub fn checkpoint_log_starts(&mut self) {
        let directories = &self.directories;
        for (file, replica) in self.files.log_starts.iter_mut().zip(&self.replicas) {
            if directories[usize::from(replica.directory)].is_writable() {
                let log = &replica.log;
                let inside = log.log_start_offset() > log.segments().first_offset();
                *file = if inside { log.log_start_offset() } else { 0 };
            }
        }
    }

    /// The process is gone: what it knew of the replicas, and the fsyncs it waited for.
    pub fn process_ended(&mut self) {
        for (replica, checkpoint) in self.replicas.iter_mut().zip(&self.files.high_watermarks) {
            replica.process_ended(*checkpoint);
        }
        for directory in &mut self.directories {
            directory.offline = false;
        }
        self.changed.clear();
        self.failed_writes.clear();
    }

    /// The page cache is gone.
    pub fn lose_power(&mut self, out: &mut Outbox) {
        self.writing_back.clear();
        let tears = self.spec.environment.power_loss_tears_tail;
        let node = u64::from(self.node.0);
        let mut luck = out.luck(
            "torn tail",
            node << 16 | u64::from(out.incarnation(self.node)),
        );
        for replica in &mut self.replicas {
            let (flushed, end) = (replica.log.flushed_offset(), replica.log.log_end_offset());
            let survives_to = match tears {
                true => flushed + luck.below(end - flushed + 1),
                false => flushed,
            };
            let before = replica.log.lose_power(survives_to);
            let (partition, offset) = (replica.partition, replica.log.log_end_offset());
            if offset < before {
                let why = Cut::PowerLost;
                out.note(Entry::LogCut {
                    partition,
                    offset,
                    before,
                    why,
                });
            }
        }
    }

    /// New, empty disks in place of those that failed, or of all; with `keep_identity` someone copied
    /// meta.properties to them.
    pub fn wipe(&mut self, keep_identity: bool, out: &mut Outbox) {
        let wiped = out.note(Entry::DiskWiped { keep_identity });
        let failed = |directory: &Directory| directory.disk.health == Health::Failed;
        let all = !self.directories.iter().any(failed);
        for place in 0..self.directories.len() {
            if all || failed(&self.directories[place]) {
                self.replace(place, keep_identity, wiped, out);
            }
        }
        self.disks += 1;
        self.writing_back.clear();
    }

    fn replace(&mut self, place: usize, keep_identity: bool, wiped: EntryId, out: &mut Outbox) {
        for (local, replica) in self.replicas.iter_mut().enumerate() {
            if usize::from(replica.directory) != place {
                continue;
            }
            let before = replica.log.wipe();
            replica.high_watermark = 0;
            self.files.high_watermarks[local] = 0;
            self.files.recovery_points[local] = 0;
            self.files.log_starts[local] = 0;
            if before > 0 {
                let (partition, why) = (replica.partition, Cut::Wiped);
                let cut = Entry::LogCut {
                    partition,
                    offset: 0,
                    before,
                    why,
                };
                out.note_because(cut, wiped);
            }
        }
        let directory = &mut self.directories[place];
        let id = match keep_identity {
            true => directory.id,
            false => {
                let formatted = DirectoryId::formatted(self.node, place);
                DirectoryId(formatted.0 + 1_000 * self.disks)
            }
        };
        *directory = Directory::new(id, Disk::new(directory.disk.cost));
    }

    /// Opens the logs when a process starts. Returns whether the last one ended in order, and how
    /// long the opening takes: nothing in that case; else each log is read from its recovery point
    /// on, by num.recovery.threads.per.data.dir threads (`LogManager.loadLogs`).
    pub fn load(&mut self, out: &mut Outbox) -> (bool, Micros) {
        let rate = self.spec.environment.recovery_bytes_per_ms;
        let (mut torn, mut bytes, mut took_us) = (Vec::new(), 0, 0);
        let mut all_clean = true;
        for place in 0..self.directories.len() {
            let mut threads = Threads::of(self.config());
            let directory = &mut self.directories[place];
            if directory.offline {
                continue;
            }
            // The marker is read once and deleted, so that the next crash is seen as one.
            let clean = directory.clean_shutdown.take().is_some();
            all_clean &= clean;
            let before = bytes;
            let replicas = self.replicas.iter_mut().enumerate();
            for (local, replica) in replicas.filter(|(_, r)| usize::from(r.directory) == place) {
                let files = &self.files;
                let checkpoints = (files.recovery_points[local], files.log_starts[local]);
                let loaded = replica.log.load(checkpoints.0, checkpoints.1, clean);
                threads.take(loaded.scanned_bytes * MS / rate);
                bytes += loaded.scanned_bytes;
                let ends = (replica.log.log_start_offset(), replica.log.log_end_offset());
                replica.high_watermark = files.high_watermarks[local].clamp(ends.0, ends.1);
                if loaded.torn {
                    torn.push((replica.partition, ends.1));
                }
            }
            let read_us = directory.disk.read_us(bytes - before);
            took_us = took_us.max(threads.done_us()).max(read_us);
        }
        if bytes > 0 {
            out.decide(Entry::RecoveryBegan { bytes });
        }
        for (partition, end) in torn {
            out.note(Entry::LogCut {
                partition,
                offset: end,
                before: end,
                why: Cut::Torn,
            });
        }
        (all_clean, took_us)
    }
}
