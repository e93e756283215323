//! A broker's machine, whether its process runs or not: it starts and ends processes, loses power,
//! and its OS writes dirty pages back.

use std::rc::Rc;

use super::BrokerTimer;
use super::directories::Directory;
use super::lifecycle::{Lifecycle, Phase};
use super::log::Log;
use super::process::{Broker, HALT_US, Process};
use super::replica::{Replica, ReplicaRole};
use super::store::Store;
use crate::kafka::group::Coordinator;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::transaction::TransactionMetadata;
use crate::kafka::{Action, ClusterSpec, Entry, Input, Offset, Outbox, Timer, TopicPartition};
use crate::sim::disk::Health;
use crate::sim::{Disk, MS, Micros, NodeId, Status};

/// How far a broker's process is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    /// There is none.
    NotRunning,
    /// Not yet registered, or behind the metadata log.
    Starting,
    /// Logs are loaded; not yet unfenced.
    Recovering,
    Running,
    /// A controlled shutdown is under way.
    Stopping,
}

/// A broker's machine.
#[derive(Clone)]
pub struct BrokerHost {
    store: Store,
    process: Option<Box<Process>>,
    /// The metadata log as the last process left it.
    image: Rc<MetadataImage>,
}

impl BrokerHost {
    /// The machine of broker `node` in a cluster that is up.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>, image: &Rc<MetadataImage>) -> Self {
        let lifecycle = Lifecycle::already_up(node, spec, image);
        BrokerHost {
            store: Store::new(node, spec),
            process: Some(Box::new(Process::new(node, spec, lifecycle))),
            image: Rc::clone(image),
        }
    }

    /// Lets an already running process begin its periodic work, at time 0.
    pub fn begin(&mut self, out: &mut Outbox) {
        out.machine_timer(self.write_back_us(), BrokerTimer::WriteBack.into());
        if let Some(process) = self.process.as_deref_mut() {
            process.lifecycle.begin(out);
        }
        self.with_process(out, |broker, out| {
            broker.take_over(out);
            broker.settle(out);
        });
    }

    /// The process was started. Its logs are loaded once it has caught up with the metadata log.
    pub fn start(&mut self, out: &mut Outbox) {
        let (node, spec) = (self.store.node, Rc::clone(&self.store.spec));
        let found = self.store.open_directories();
        let lifecycle = Lifecycle::starting(node, &spec, &self.image, found, out);
        self.process = Some(Box::new(Process::new(node, &spec, lifecycle)));
        if self.store.is_crippled() {
            // None of its log directories can be read, or not the one with the metadata log (`LogManager.createAndValidateLogDirs`).
            out.timer(HALT_US, BrokerTimer::Halt.into());
        }
    }

    /// An orderly stop was asked for: controlled shutdown.
    pub fn stop(&mut self, out: &mut Outbox) {
        self.with_process(out, |broker, out| broker.stop(out));
    }

    /// The process is gone; with power lost, so is the page cache.
    pub fn ended(&mut self, power_lost: bool, out: &mut Outbox) {
        if let Some(process) = self.process.take() {
            self.image = Rc::clone(process.lifecycle.image());
        }
        self.store.process_ended();
        if power_lost {
            self.store.lose_power(out);
        }
    }

    /// One of the disk actions.
    pub fn disk_action(&mut self, action: &Action, out: &mut Outbox) {
        let mut failing = None;
        let entry = match *action {
            Action::WipeDisk { keep_identity, .. } => {
                if self.process.is_none() {
                    self.store.wipe(keep_identity, out);
                }
                return;
            }
            Action::OsWriteBack(_) => return self.store.write_back_now(out),
            Action::FillDisk(_) => Entry::DiskFull,
            Action::FreeDisk(_) => Entry::DiskFreed,
            Action::FailDisk(_) => Entry::DiskFailed,
            Action::FailDirectory { directory, .. } => {
                failing = Some(usize::from(directory));
                Entry::DirectoryFailed(directory)
            }
            Action::SlowDisk { times, .. } => Entry::DiskSlow { times },
            _ => return,
        };
        let noted = out.note(entry);
        let all = self.store.directories.iter_mut().enumerate();
        for (_, directory) in all.filter(|(place, _)| failing.is_none_or(|one| one == *place)) {
            match *action {
                Action::FillDisk(_) if directory.disk.health == Health::Good => {
                    directory.disk.health = Health::Full;
                }
                Action::FreeDisk(_) if directory.disk.health == Health::Full => {
                    directory.disk.health = Health::Good;
                }
                Action::FillDisk(_) | Action::FreeDisk(_) => {}
                Action::SlowDisk { times, .. } => directory.disk.slowness = times,
                _ => directory.disk.health = Health::Failed,
            }
            if !directory.disk.writable() {
                directory.fault = Some(noted);
            }
        }
        // Whoever misses this broker later will find it here.
        out.blame(self.store.node, noted);
    }

    /// A message, timer or lost connection.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        if let Input::Timer(Timer::Broker(BrokerTimer::WriteBack)) = input {
            return self.write_back(out);
        }
        if let Input::Timer(Timer::Broker(BrokerTimer::WrittenBack)) = input {
            return self.store.written_back(out);
        }
        self.with_process(out, |broker, out| broker.handle(input, out));
    }

    /// Lets the process work, and takes note if that was its end.
    fn with_process(&mut self, out: &mut Outbox, work: impl FnOnce(&mut Broker, &mut Outbox)) {
        let Some(process) = self.process.as_deref_mut() else {
            return;
        };
        let store = &mut self.store;
        work(&mut Broker { store, process }, out);
        if process.end.is_some() {
            out.end_process(self.store.node, false);
            self.ended(false, out);
        }
    }

    /// The OS writes pages that have been dirty for long.
    fn write_back(&mut self, out: &mut Outbox) {
        let age_us = self
            .store
            .spec
            .environment
            .os_writeback_age_ms
            .saturating_mul(MS);
        let has_power = out.status(self.store.node) != Status::Off;
        if let Some(written_by) = out.now().checked_sub(age_us).filter(|_| has_power) {
            let took_us = self.store.begin_write_back(written_by, out);
            if let Some(took_us) = took_us {
                out.machine_timer(took_us, BrokerTimer::WrittenBack.into());
            }
        }
        out.machine_timer(self.write_back_us(), BrokerTimer::WriteBack.into());
    }

    fn write_back_us(&self) -> Micros {
        let ms = self.store.spec.environment.os_writeback_interval_ms;
        ms.saturating_mul(MS)
    }

    /// A partition's replica here.
    pub fn replica(&self, partition: TopicPartition) -> Option<&Replica> {
        let local = self.store.local(partition)?;
        Some(self.store.replica(local))
    }

    /// All replicas here.
    pub fn replicas(&self) -> &[Replica] {
        &self.store.replicas
    }

    /// The log of a partition's replica here.
    pub fn log(&self, partition: TopicPartition) -> Option<&Log> {
        Some(&self.replica(partition)?.log)
    }

    /// The high watermark as this broker knows it.
    pub fn high_watermark(&self, partition: TopicPartition) -> Option<Offset> {
        Some(self.replica(partition)?.high_watermark)
    }

    /// The role of a partition's replica here.
    pub fn role(&self, partition: TopicPartition) -> Option<&ReplicaRole> {
        Some(&self.replica(partition)?.role)
    }

    /// How far its process is in its life.
    pub fn process_state(&self) -> ProcessState {
        let Some(process) = &self.process else {
            return ProcessState::NotRunning;
        };
        match process.lifecycle.phase() {
            Phase::Starting => ProcessState::Starting,
            Phase::Recovery => ProcessState::Recovering,
            Phase::Running => ProcessState::Running,
            Phase::PendingControlledShutdown | Phase::ShuttingDown => ProcessState::Stopping,
        }
    }

    /// The metadata as far as this broker knows it.
    pub fn image(&self) -> &Rc<MetadataImage> {
        match &self.process {
            Some(process) => process.lifecycle.image(),
            None => &self.image,
        }
    }

    /// The disk under its first log directory.
    pub fn disk(&self) -> &Disk {
        &self.store.directories[0].disk // there is always one
    }

    /// Its log directories.
    pub fn directories(&self) -> &[Directory] {
        &self.store.directories
    }

    /// The transactions it coordinates in `partition` of `__transaction_state`, if it does.
    pub fn transactions(
        &self,
        partition: TopicPartition,
    ) -> Option<impl Iterator<Item = &TransactionMetadata>> {
        self.process.as_deref()?.transactions.of(partition)
    }

    /// Its group coordinator, while the process runs.
    pub fn coordinator(&self) -> Option<&Coordinator> {
        Some(&self.process.as_deref()?.coordinator)
    }
}
