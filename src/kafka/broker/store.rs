//! A broker's machine: its disk, the logs on it, and the small files beside them. All of it
//! outlives the process; only the roles of the replicas end with it.

use std::rc::Rc;

use super::replica::Replica;
use crate::kafka::config::BrokerConfig;
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{
    ClusterSpec, Cut, DirectoryId, Entry, ErrorCode, FlushedBy, Offset, Outbox, TopicPartition,
};
use crate::sim::disk::{DiskCost, Health};
use crate::sim::{Disk, EntryId, Micros, NodeId};

/// What an SSD takes, in bytes a millisecond.
const DISK_BYTES_PER_MS: u32 = 400_000;
/// A partition without a replica here.
const ELSEWHERE: u16 = u16::MAX;

/// The place of a replica in [`Store::replicas`].
pub type Local = u16;

/// Where each partition's replica is in [`Store::replicas`].
#[derive(Debug)]
struct Places {
    /// The first of each topic's partitions in `places`, and the end.
    topics: Vec<u32>,
    places: Vec<Local>,
    /// The rank of each replica among those that are fetched from one leader.
    ranks: Vec<u16>,
}

/// Files beside the logs, all fsynced when written.
#[derive(Clone, Debug)]
pub struct Files {
    /// `meta.properties`.
    pub directory: DirectoryId,
    /// `replication-offset-checkpoint`, by [`Local`].
    pub high_watermarks: Vec<Offset>,
    /// `recovery-point-offset-checkpoint`, by [`Local`].
    pub recovery_points: Vec<Offset>,
    /// `.kafka_cleanshutdown`: the broker epoch of the orderly stop.
    pub clean_shutdown: Option<u64>,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Store {
    pub node: NodeId,
    pub spec: Rc<ClusterSpec>,
    pub disk: Disk,
    pub replicas: Vec<Replica>,
    pub files: Files,
    places: Rc<Places>,
    /// Replicas whose log end, ISR, leadership or followers' progress changed in the event that is
    /// being handled, and why: what waits for them is looked at when it has been handled.
    pub changed: Vec<(Local, EntryId)>,
    /// A write failed: the log directory goes offline.
    pub write_failed: Option<EntryId>,
    /// What broke the disk, or filled it.
    pub disk_fault: Option<EntryId>,
    /// How many disks it has had: tells a new disk's directory id from the old one's.
    disks: u32,
}

impl Store {
    /// The machine of `node` with empty logs.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>, directory: DirectoryId) -> Self {
        let (mut topics, mut places, mut replicas) = (vec![0], Vec::new(), Vec::new());
        for (topic, known) in spec.topics.iter().enumerate() {
            for (partition, assigned) in known.assignment.iter().enumerate() {
                let mut place = ELSEWHERE;
                if assigned.contains(&node) {
                    place = replicas.len() as Local;
                    let id = crate::kafka::TopicId(topic as u16);
                    let partition = TopicPartition::new(id, partition as u16);
                    replicas.push(Replica::new(partition, spec.effective_min_isr(partition)));
                }
                places.push(place);
            }
            topics.push(places.len() as u32);
        }
        let hosted: Vec<_> = replicas.iter().map(|r: &Replica| r.partition).collect();
        let ranks = super::order::ranks(&hosted, spec);
        let cost = DiskCost {
            fsync_us: spec.environment.fsync_us(),
            bytes_per_ms: DISK_BYTES_PER_MS,
        };
        let files = Files {
            directory,
            high_watermarks: vec![0; replicas.len()],
            recovery_points: vec![0; replicas.len()],
            clean_shutdown: None,
        };
        Store {
            node,
            spec: Rc::clone(spec),
            disk: Disk::new(cost),
            replicas,
            files,
            places: Rc::new(Places {
                topics,
                places,
                ranks,
            }),
            changed: Vec::new(),
            write_failed: None,
            disk_fault: None,
            disks: 1,
        }
    }

    /// This broker's configs.
    pub fn config(&self) -> &BrokerConfig {
        self.spec.broker(self.node)
    }

    /// Where `partition`'s replica is, if it has one here.
    pub fn local(&self, partition: TopicPartition) -> Option<Local> {
        let topic = usize::from(partition.topic.0);
        let start = *self.places.topics.get(topic)?;
        let end = *self.places.topics.get(topic + 1)?;
        let at = start + u32::from(partition.partition);
        let place = (at < end).then(|| self.places.places[at as usize])?;
        (place != ELSEWHERE).then_some(place)
    }

    /// Where `local` comes in a fetch of several partitions.
    pub fn rank(&self, local: Local) -> u16 {
        self.places.ranks[usize::from(local)]
    }

    /// The replica at `local`, a place that [`Store::local`] gave.
    pub fn replica(&self, local: Local) -> &Replica {
        &self.replicas[usize::from(local)]
    }

    /// The replica at `local`, to change it.
    pub fn replica_mut(&mut self, local: Local) -> &mut Replica {
        &mut self.replicas[usize::from(local)]
    }

    /// All places.
    pub fn locals(&self) -> impl Iterator<Item = Local> + use<> {
        0..self.replicas.len() as Local
    }

    /// What waits for this replica is to be looked at.
    pub fn changed(&mut self, local: Local, out: &Outbox) {
        self.changed.push((local, out.cause()));
    }

    /// Appends as leader, the checks behind it. With flush.messages reached the append waits for
    /// its fsync: the second value says until when.
    pub fn append(
        &mut self,
        local: Local,
        batch: Rc<Batch>,
        out: &mut Outbox,
    ) -> Result<(LogEntry, Option<Micros>), ErrorCode> {
        if !self.disk.writable() {
            self.write_failed = Some(out.cause());
            return Err(ErrorCode::KafkaStorageError);
        }
        let replica = self.replica_mut(local);
        let epoch = replica
            .leader_epoch()
            .ok_or(ErrorCode::NotLeaderOrFollower)?;
        let entry = replica.log.append_as_leader(batch, epoch, out.now());
        let partition = replica.partition;
        replica.latest = out.decide(Entry::Appended {
            partition,
            entry: entry.clone(),
        });
        let synced_at = self.sync_if_due(local, out);
        if synced_at.is_none() {
            // Else waiting fetches and the high watermark have to wait for the disk as well.
            self.changed(local, out);
        }
        Ok((entry, synced_at))
    }

    /// Starts an fsync if flush.messages records are only in the page cache
    /// (`UnifiedLog.append`). Returns when it is done.
    pub fn sync_if_due(&mut self, local: Local, out: &mut Outbox) -> Option<Micros> {
        let replica = &self.replicas[usize::from(local)];
        let topic = self.spec.topic(replica.partition.topic);
        let covered = replica.syncing.back().copied().unwrap_or(0);
        let safe = covered.max(replica.log.flushed_offset());
        let unflushed = replica.log.log_end_offset() - safe;
        if unflushed == 0 || unflushed < topic.config.flush_messages {
            return None;
        }
        Some(self.start_sync(local, out))
    }

    /// Starts an fsync of a whole log. Returns when it is done.
    pub fn start_sync(&mut self, local: Local, out: &mut Outbox) -> Micros {
        let now = out.now();
        let replica = &mut self.replicas[usize::from(local)];
        let end = replica.log.log_end_offset();
        let done_at = self.disk.fsync(now, replica.log.unflushed_bytes());
        replica.syncing.push_back(end);
        replica.flushed_at = done_at;
        let timer = super::BrokerTimer::Fsynced(local);
        out.timer(done_at - now, timer.into());
        done_at
    }

    /// The oldest fsync under way is done.
    pub fn synced(&mut self, local: Local, out: &mut Outbox) {
        let replica = self.replica_mut(local);
        let Some(end) = replica.syncing.pop_front() else {
            return;
        };
        let partition = replica.partition;
        if replica.log.mark_flushed(end) {
            let by = FlushedBy::Kafka;
            out.decide(Entry::Flushed {
                partition,
                offset: end,
                by,
            });
        }
        self.changed(local, out);
    }

    /// Everything to the platter, at once: the orderly end of a process.
    pub fn flush_all(&mut self, out: &mut Outbox) {
        for replica in &mut self.replicas {
            let offset = replica.log.log_end_offset();
            if replica.log.mark_flushed(offset) {
                let (partition, by) = (replica.partition, FlushedBy::Kafka);
                out.note(Entry::Flushed {
                    partition,
                    offset,
                    by,
                });
            }
        }
    }

    /// The OS writes what has been dirty since `written_by` or before.
    pub fn write_back(&mut self, written_by: Micros, out: &mut Outbox) {
        if self.disk.health == Health::Failed {
            return;
        }
        for replica in &mut self.replicas {
            if replica.log.unflushed_records() == 0 {
                continue;
            }
            let offset = replica.log.written_by(written_by);
            if replica.log.mark_flushed(offset) {
                let (partition, by) = (replica.partition, FlushedBy::OsWriteBack);
                out.note(Entry::Flushed {
                    partition,
                    offset,
                    by,
                });
            }
        }
    }

    /// `ReplicaManager.checkpointHighWatermarks`.
    pub fn checkpoint_high_watermarks(&mut self) {
        if self.disk.health != Health::Good {
            return;
        }
        for (file, replica) in self.files.high_watermarks.iter_mut().zip(&self.replicas) {
            *file = replica.high_watermark;
        }
    }

    /// `LogManager.checkpointLogRecoveryOffsets`.
    pub fn checkpoint_recovery_points(&mut self) {
        if self.disk.health != Health::Good {
            return;
        }
        for (file, replica) in self.files.recovery_points.iter_mut().zip(&self.replicas) {
            *file = replica.log.flushed_offset();
        }
    }

    /// The process is gone: what it knew of the replicas, and the fsyncs it waited for.
    pub fn process_ended(&mut self) {
        for (replica, checkpoint) in self.replicas.iter_mut().zip(&self.files.high_watermarks) {
            replica.process_ended(*checkpoint);
        }
        self.changed.clear();
        self.write_failed = None;
    }

    /// The page cache is gone.
    pub fn lose_power(&mut self, out: &mut Outbox) {
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

    /// A new, empty disk; with `keep_identity` someone copied meta.properties to it.
    pub fn wipe(&mut self, keep_identity: bool, out: &mut Outbox) {
        let wiped = out.note(Entry::DiskWiped { keep_identity });
        for replica in &mut self.replicas {
            let before = replica.log.wipe();
            replica.high_watermark = 0;
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
        if !keep_identity {
            self.files.directory = DirectoryId(u32::from(self.node.0) + 1_000 * self.disks);
        }
        self.disks += 1;
        self.files.high_watermarks.fill(0);
        self.files.recovery_points.fill(0);
        self.files.clean_shutdown = None;
        self.disk = Disk::new(self.disk.cost);
    }

    /// Reads the logs and the files when a process starts. Returns whether the last one ended in
    /// order, and the broker epoch it left.
    pub fn load(&mut self, out: &mut Outbox) -> Option<u64> {
        // The marker is read once and deleted, so that the next crash is seen as one.
        let marker = self.files.clean_shutdown.take();
        let loaded = out.decide(Entry::LogsLoaded {
            clean: marker.is_some(),
        });
        for (replica, checkpoint) in self.replicas.iter_mut().zip(&self.files.high_watermarks) {
            let end = replica.log.log_end_offset();
            if marker.is_none() && replica.log.recover() {
                let (partition, why) = (replica.partition, Cut::Torn);
                let cut = Entry::LogCut {
                    partition,
                    offset: end,
                    before: end,
                    why,
                };
                out.note_because(cut, loaded);
            }
            replica.high_watermark = (*checkpoint).clamp(replica.log.log_start_offset(), end);
        }
        marker
    }
}
