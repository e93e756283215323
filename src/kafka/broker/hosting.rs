//! Replicas that come to this broker and leave it while it runs: partitions that are created or
//! reassigned (`ReplicaManager.applyDelta`, `LogManager.asyncDelete`).

use std::rc::Rc;

use super::process::Broker;
use super::replica::{Leader, Remote, Replica, ReplicaRole};
use super::store::{ELSEWHERE, Local, Store};
use crate::kafka::metadata::PartitionState;
use crate::kafka::{Cut, Entry, Outbox, TopicPartition};

impl Store {
    /// Makes room for a replica of `partition`, empty at first.
    fn host(&mut self, partition: TopicPartition, min_isr: usize) {
        let mut known = self.replicas.iter();
        let known = known.position(|replica| replica.partition == partition);
        let place = known.unwrap_or(self.replicas.len());
        let directory = self.next_directory();
        if known.is_none() {
            self.replicas.push(Replica::new(partition, min_isr));
            self.files.high_watermarks.push(0);
            self.files.recovery_points.push(0);
            self.files.log_starts.push(0);
        }
        self.replicas[place].directory = directory;
        self.put(partition, place as Local);
        let hosted: Vec<_> = self.replicas.iter().map(|r| r.partition).collect();
        Rc::make_mut(&mut self.places).ranks = super::order::ranks(&hosted, &self.spec);
    }

    /// Deletes a replica.
    fn drop_replica(&mut self, local: Local, out: &mut Outbox) {
        let place = usize::from(local);
        let replica = &mut self.replicas[place];
        let (partition, before) = (replica.partition, replica.log.wipe());
        replica.role = ReplicaRole::Unknown;
        replica.high_watermark = 0;
        replica.syncing.clear();
        self.files.high_watermarks[place] = 0;
        self.files.recovery_points[place] = 0;
        self.files.log_starts[place] = 0;
        self.put(partition, ELSEWHERE);
        if before > 0 {
            out.note(Entry::LogCut {
                partition,
                offset: 0,
                before,
                why: Cut::Removed,
            });
        }
    }

    fn put(&mut self, partition: TopicPartition, local: Local) {
        let places = Rc::make_mut(&mut self.places);
        match places.at(partition) {
            Some(at) => places.places[at] = local,
            None => {
                places.added.retain(|(known, _)| *known != partition);
                places.added.push((partition, local));
            }
        }
    }
}

impl Leader {
    /// A reassignment changes who follows (`Partition.updateAssignmentAndIsr`).
    pub(super) fn follow_assignment(&mut self, state: &PartitionState) {
        if state.replicas == self.state.replicas {
            return;
        }
        let known = std::mem::take(&mut self.followers);
        let others = state.replicas.iter();
        let others = others.filter(|node| Some(**node) != state.leader);
        let followers = others.map(|node| {
            let known = known.iter().find(|follower| follower.node == *node);
            known.cloned().unwrap_or(Remote::new(*node, false, None))
        });
        self.followers = followers.collect();
    }
}

impl Broker<'_> {
    /// Has what the image says that it has, of all partitions.
    pub(super) fn host_all(&mut self, out: &mut Outbox) {
        let all = self.image().partitions.keys().copied();
        let all: Vec<TopicPartition> = all.collect();
        for partition in all {
            self.host_as_told(partition, out);
        }
    }

    /// Which directory each replica lies in, for the controller.
    pub(super) fn tell_places(&mut self) {
        if self.store.directories.len() > 1 {
            let online = self.store.locals().filter(|local| {
                let replica = self.store.replica(*local);
                !matches!(replica.role, ReplicaRole::Offline)
                    && self.store.local(replica.partition) == Some(*local)
            });
            let place = |local| {
                let partition = self.store.replica(local).partition;
                (partition, self.store.directory(local).id)
            };
            self.process.lifecycle.placed(online.map(place).collect());
        }
    }

    /// Has a replica of `partition`, or has none, as the image says.
    pub(super) fn host_as_told(&mut self, partition: TopicPartition, out: &mut Outbox) {
        let Some(state) = self.image().partitions.get(&partition) else {
            return;
        };
        let told = state.replicas.contains(&self.store.node);
        match self.store.local(partition) {
            None if told => {
                let min_isr = self.image().effective_min_isr(&self.store.spec, partition);
                self.store.host(partition, min_isr);
                self.tell_places();
                if self.process.serving && self.store.directories.len() > 1 {
                    self.process.lifecycle.assign_directories(out);
                }
            }
            Some(local) if !told => {
                self.stop_role(local, out);
                self.store.drop_replica(local, out);
                self.complete_waiting(local, out);
            }
            _ => {}
        }
    }
}
