//! A broker's machine: its disk, the logs on it, and the small files beside them. All of it
//! outlives the process; only the roles of the replicas end with it.

use std::rc::Rc;

use super::directories::Directory;
use super::replica::Replica;
use crate::kafka::config::BrokerConfig;
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::{ClusterSpec, DirectoryId, Entry, ErrorCode, Offset, Outbox, TopicPartition};
use crate::sim::disk::DiskCost;
use crate::sim::{Disk, EntryId, Micros, NodeId};

/// A partition without a replica here.
pub(super) const ELSEWHERE: u16 = u16::MAX;

/// The place of a replica in [`Store::replicas`].
pub type Local = u16;

/// Where each partition's replica is in [`Store::replicas`].
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The first of each topic's partitions in `places`, and the end.
    topics: Vec<u32>,
    pub(super) places: Vec<Local>,
    /// The rank of each replica among those that are fetched from one leader.
    pub(super) ranks: Vec<u16>,
    /// Of partitions that were created later.
    pub(super) added: Vec<(TopicPartition, Local)>,
}

impl Places {
    /// The place in `places` of a partition that was there from the start.
    pub(super) fn at(&self, partition: TopicPartition) -> Option<usize> {
        let topic = usize::from(partition.topic.0);
        let start = *self.topics.get(topic)?;
        let end = *self.topics.get(topic + 1)?;
        let at = start + u32::from(partition.partition);
        (at < end).then_some(at as usize)
    }
}

/// Files beside the logs. Each is written anew, fsynced and renamed (`CheckpointFile.write`): power
/// loss leaves what was written last.
#[derive(Clone, Debug)]
pub struct Files {
    /// `replication-offset-checkpoint`, by [`Local`].
    pub high_watermarks: Vec<Offset>,
    /// `recovery-point-offset-checkpoint`, by [`Local`].
    pub recovery_points: Vec<Offset>,
    /// `log-start-offset-checkpoint`, by [`Local`].
    pub log_starts: Vec<Offset>,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Store {
    pub node: NodeId,
    pub spec: Rc<ClusterSpec>,
    /// Its log directories, as in log.dirs.
    pub directories: Vec<Directory>,
    pub replicas: Vec<Replica>,
    pub files: Files,
    pub(super) places: Rc<Places>,
    /// Replicas whose log end, ISR, leadership or followers' progress changed in the event that is
    /// being handled, and why: what waits for them is looked at when it has been handled.
    pub changed: Vec<(Local, EntryId)>,
    /// Directories to which a write failed, and in what: they go offline.
    pub failed_writes: Vec<(u8, EntryId)>,
    /// How many disks it has had: tells a new disk's directory id from the old one's.
    pub(super) disks: u32,
    /// No more than this is in the page cache alone.
    pub(super) dirty_bound_bytes: u64,
    /// What the OS is writing on its own, and how far.
    pub(super) writing_back: Vec<(Local, Offset)>,
}

impl Store {
    /// The machine of `node` with empty logs.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>) -> Self {
        let directories = spec.log_directories(node);
        let (mut topics, mut places, mut replicas) = (vec![0], Vec::new(), Vec::new());
        for (topic, known) in spec.topics.iter().enumerate() {
            for (partition, assigned) in known.assignment.iter().enumerate() {
                let mut place = ELSEWHERE;
                if assigned.contains(&node) {
                    place = replicas.len() as Local;
                    let id = crate::kafka::TopicId(topic as u16);
                    let partition = TopicPartition::new(id, partition as u16);
                    let mut replica = Replica::new(partition, spec.effective_min_isr(partition));
                    // One after the other to the directory with the fewest.
                    replica.directory = (replicas.len() % directories) as u8;
                    replicas.push(replica);
                }
                places.push(place);
            }
            topics.push(places.len() as u32);
        }
        let hosted: Vec<_> = replicas.iter().map(|r: &Replica| r.partition).collect();
        let ranks = super::order::ranks(&hosted, spec);
        let cost = DiskCost {
            fsync_us: spec.environment.fsync_us(),
            bytes_per_ms: spec.environment.disk_bytes_per_ms(),
        };
        let files = Files {
            high_watermarks: vec![0; replicas.len()],
            recovery_points: vec![0; replicas.len()],
            log_starts: vec![0; replicas.len()],
        };
        let directory =
            |place| Directory::new(DirectoryId::formatted(node, place), Disk::new(cost));
        Store {
            node,
            spec: Rc::clone(spec),
            directories: (0..directories).map(directory).collect(),
            replicas,
            files,
            places: Rc::new(Places {
                topics,
                places,
                ranks,
                added: Vec::new(),
            }),
            changed: Vec::new(),
            failed_writes: Vec::new(),
            disks: 1,
            writing_back: Vec::new(),
            dirty_bound_bytes: 0,
        }
    }

    /// This broker's configs.
    pub fn config(&self) -> &BrokerConfig {
        self.spec.broker(self.node)
    }

    /// Where `partition`'s replica is, if it has one here.
    pub fn local(&self, partition: TopicPartition) -> Option<Local> {
        let place = match self.places.at(partition) {
            Some(at) => self.places.places[at],
            None => {
                let mut added = self.places.added.iter();
                added.find(|(known, _)| *known == partition)?.1
            }
        };
        (place != ELSEWHERE).then_some(place)
    }

    /// Whether `partition` has a replica here.
    pub(super) fn is_here(&self, partition: TopicPartition) -> bool {
        self.local(partition).is_some()
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
        if !self.directory(local).is_writable() {
            self.write_failed(local, out);
            return Err(ErrorCode::KafkaStorageError);
        }
        let epoch = self.replica(local).leader_epoch();
        let epoch = epoch.ok_or(ErrorCode::NotLeaderOrFollower)?;
        self.roll_if_due(local, &batch, out);
        self.dirty_bound_bytes += u64::from(batch.size_bytes);
        let replica = self.replica_mut(local);
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

    /// Appends what the leader sent, unless the disk refuses. As with [`Store::append`], the second
    /// value says until when the fetcher's thread stands still.
    pub fn append_fetched(
        &mut self,
        local: Local,
        entries: Vec<LogEntry>,
        out: &mut Outbox,
    ) -> Result<Option<Micros>, ErrorCode> {
        if !self.directory(local).is_writable() {
            self.write_failed(local, out);
            return Err(ErrorCode::KafkaStorageError);
        }
        for entry in &entries {
            self.roll_if_due(local, &entry.batch, out);
            self.dirty_bound_bytes += u64::from(entry.batch.size_bytes);
            let log = &mut self.replica_mut(local).log;
            log.append_as_follower(entry.clone(), out.now());
        }
        let replica = self.replica_mut(local);
        let partition = replica.partition;
        replica.latest = out.decide(Entry::Replicated { partition, entries });
        Ok(self.sync_if_due(local, out))
    }

    /// Starts a new segment if `batch` does not belong into the present one. The closed one is
    /// fsynced meanwhile, and nobody waits for that (`UnifiedLog.roll`).
    fn roll_if_due(&mut self, local: Local, batch: &Batch, out: &mut Outbox) {
        let replica = &mut self.replicas[usize::from(local)];
        let config = &self.spec.topic(replica.partition.topic).config;
        let next = (batch.size_bytes, batch.max_timestamp);
        if replica.log.roll_if_due(next, config) {
            let partition = replica.partition;
            let base_offset = replica.log.log_end_offset();
            out.note(Entry::SegmentRolled {
                partition,
                base_offset,
            });
            self.start_sync(local, base_offset, false, out);
        }
    }
}
