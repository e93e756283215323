//! What the metadata log makes of this broker's replicas: leader, follower, or nothing for now
//! (`ReplicaManager.applyDelta`, `Partition.makeLeader`, `Partition.makeFollower`).

use std::rc::Rc;

use super::lifecycle::PartitionChange;
use super::process::Broker;
use super::replica::{Follower, Leader, ReplicaRole};
use super::store::Local;
use crate::kafka::group::Replies;
use crate::kafka::metadata::PartitionState;
use crate::kafka::{Entry, Outbox, Rule, TopicPartition};

impl Broker<'_> {
    /// Takes the role of every replica from the whole image.
    pub(super) fn take_all_roles(&mut self, out: &mut Outbox) {
        self.host_all(out);
        self.mark_offline();
        for local in self.store.locals() {
            let partition = self.store.replica(local).partition;
            if self.store.local(partition) == Some(local) {
                self.take_role(partition, local, out);
            }
        }
        self.fetch_from_all(out);
    }

    /// The image has moved on.
    pub(super) fn metadata_changed(&mut self, changes: &[PartitionChange], out: &mut Outbox) {
        let cause = out.cause();
        for change in changes {
            out.because(change.decision.known().unwrap_or(cause));
            self.host_as_told(change.partition, out);
            if let Some(local) = self.store.local(change.partition) {
                self.take_role(change.partition, local, out);
                self.fetch_from_all(out);
            }
        }
        out.because(cause);
    }

    /// Becomes what the image says, unless something newer is known already.
    fn take_role(&mut self, partition: TopicPartition, local: Local, out: &mut Outbox) {
        let Some(state) = self.image().partitions.get(&partition) else {
            return;
        };
        let state = Rc::clone(state);
        let min_isr = (self.image()).effective_min_isr(&self.store.spec, partition);
        if self.store.replica(local).min_isr != min_isr {
            self.store.replica_mut(local).min_isr = min_isr;
            self.store.changed(local, out);
        }
        match &self.store.replica(local).role {
            ReplicaRole::Offline => return,
            ReplicaRole::Leader(leader)
                if state.partition_epoch <= leader.state.partition_epoch =>
            {
                return;
            }
            ReplicaRole::Follower(known) if state.partition_epoch <= known.partition_epoch => {
                return;
            }
            _ => {}
        }
        let cause = out.cause();
        if state.leader == Some(self.store.node) {
            self.lead(local, state, out);
        } else {
            self.follow(local, &state, out);
        }
        self.store.changed(local, out);
        out.because(cause);
    }

    /// `Partition.makeLeader`: keeps its whole log; the new epoch starts at its end.
    fn lead(&mut self, local: Local, state: Rc<PartitionState>, out: &mut Outbox) {
        let node = self.store.node;
        let forgets = !self.store.spec.rules.keep(Rule::ProducersRemembered);
        let replica = self.store.replica_mut(local);
        let (partition, log_end) = (replica.partition, replica.log.log_end_offset());
        let epoch = state.leader_epoch;
        if let ReplicaRole::Leader(leader) = &mut replica.role {
            let new_epoch = epoch > leader.state.leader_epoch;
            leader.commit(state);
            if !new_epoch {
                return;
            }
            // Still the leader: what the followers told stays known.
            leader.epoch_start = log_end;
        } else {
            if forgets {
                replica.log.forget_producers();
            }
            let leader = Leader::new(node, state, log_end, out.now());
            replica.role = ReplicaRole::Leader(leader);
        }
        replica.log.assign_epoch_start(epoch);
        replica.latest = out.decide(Entry::BecameLeader {
            partition,
            epoch,
            log_end,
        });
        self.stop_fetching(local, out);
        if Some(partition.topic) == self.process.offsets_topic {
            self.coordinate(partition, out);
        } else if Some(partition.topic) == self.process.transactions.topic {
            self.coordinate_transactions(partition, out);
        }
    }

    /// `Partition.makeFollower`: from a new leader epoch on it fetches from the new leader, whose
    /// answers tell where to truncate.
    fn follow(&mut self, local: Local, state: &PartitionState, out: &mut Outbox) {
        let (node, stopping) = (self.store.node, self.process.stopping);
        let replica = self.store.replica(local);
        let (partition, epoch, leader) = (replica.partition, state.leader_epoch, state.leader);
        let new_epoch = replica.leader_epoch().is_none_or(|known| epoch > known);
        let led = self.resign(local, out);
        self.store.replica_mut(local).role = ReplicaRole::Follower(Follower {
            leader,
            epoch,
            partition_epoch: state.partition_epoch,
        });
        if new_epoch || led {
            let became = out.decide(Entry::BecameFollower {
                partition,
                epoch,
                leader,
            });
            self.store.replica_mut(local).latest = became;
        }
        // While it stops, it does not catch up again once it is out of the ISR.
        if stopping && (leader.is_none() || !state.isr.contains(&node)) {
            self.stop_fetching(local, out);
        } else if new_epoch {
            self.stop_fetching(local, out);
            if let Some(leader) = leader {
                self.add_to_fetcher(leader, local);
                if !self.store.spec.truncates_by_epoch() {
                    self.cut_to_high_watermark(leader, local, out);
                }
            }
        }
    }

    /// Whatever it was, it is no longer.
    pub(super) fn stop_role(&mut self, local: Local, out: &mut Outbox) {
        self.resign(local, out);
        self.stop_fetching(local, out);
    }

    /// It leads no more, if it did: whoever coordinates by this partition lets go. Returns whether it did.
    fn resign(&mut self, local: Local, out: &mut Outbox) -> bool {
        let replica = self.store.replica(local);
        let (partition, led) = (replica.partition, replica.leader().is_some());
        if led && Some(partition.topic) == self.process.offsets_topic {
            self.resign_groups(partition, out);
        } else if led && Some(partition.topic) == self.process.transactions.topic {
            self.resign_transactions(partition, out);
        }
        led
    }

    /// It leads this partition of `__consumer_offsets` no more.
    fn resign_groups(&mut self, partition: TopicPartition, out: &mut Outbox) {
        let mut replies = Replies::new(out);
        self.process.coordinator.resigned(partition, &mut replies);
        let answered = replies.answered;
        self.process.connections.answered(&answered, out);
    }
}
