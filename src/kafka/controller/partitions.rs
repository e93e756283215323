//! Changes of partitions (`ReplicationControlManager`): why one is looked at, and what is written
//! down when it changes.

use std::rc::Rc;

use super::ControllerHost;
use super::election::{Change, Election, Rules, Wish, change};
use crate::kafka::metadata::{MetadataRecord, PartitionState};
use crate::kafka::protocol::{AssignReplicasToDirsRequest, ElectLeadersRequest};
use crate::kafka::{DirectoryId, Entry, ErrorCode, TopicPartition};
use crate::sim::NodeId;

/// What has happened to a broker (`generateLeaderAndIsrUpdates`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// It leaves every ISR and leads nothing; an ELR member it may become.
    Gone(NodeId),
    /// As [`Happened::Gone`], and what it has can not be trusted to be complete.
    UncleanlyGone(NodeId),
    /// One of its log directories is offline: it leaves the ISR of what lies there.
    DirectoryGone(NodeId, DirectoryId),
    /// It counts as active from now on, although the image does not say so yet.
    Back(NodeId),
}

impl ControllerHost {
    /// Lets partitions react to what happened to a broker: those with it in the ISR if it is
    /// gone, those without a leader if it is back.
    pub(super) fn react(&mut self, happened: Happened) {
        let concerned = |state: &PartitionState| match happened {
            Happened::Gone(broker) => state.isr.contains(&broker),
            Happened::UncleanlyGone(broker) => {
                state.isr.contains(&broker) || state.elr.contains(&broker)
            }
            Happened::DirectoryGone(broker, directory) => {
                let mut places = state.replicas.iter().zip(&state.directories);
                places.any(|place| place == (&broker, &directory))
            }
            Happened::Back(_) => state.leader.is_none(),
        };
        for (partition, before) in self.partitions_where(concerned) {
            let mut wish = match happened {
                Happened::Gone(broker)
                | Happened::UncleanlyGone(broker)
                | Happened::DirectoryGone(broker, _) => Wish::without(&before, broker),
                Happened::Back(_) => Wish::none(&before),
            };
            if let Happened::UncleanlyGone(broker) = happened {
                wish.unclean_shutdown = Some(broker);
            }
            let election = self.usual_election(partition);
            let active = |node: NodeId| match happened {
                Happened::Gone(broker)
                | Happened::UncleanlyGone(broker)
                | Happened::DirectoryGone(broker, _)
                    if node == broker =>
                {
                    false
                }
                Happened::Back(broker) if node == broker => true,
                _ => self.image().is_active(node),
            };
            if let Some(change) = self.changed(partition, &before, &wish, election, &active) {
                self.write_change(partition, before, change);
            }
        }
    }

    /// Every partition of which `which` is true, with its state.
    pub(super) fn partitions_where(
        &self,
        which: impl Fn(&PartitionState) -> bool,
    ) -> Vec<(TopicPartition, Rc<PartitionState>)> {
        let all = self.image().partitions.iter();
        let found = all.filter(|(_, state)| which(state));
        found
            .map(|(partition, state)| (*partition, Rc::clone(state)))
            .collect()
    }

    /// Unclean where the topic allows it.
    pub(super) fn usual_election(&self, partition: TopicPartition) -> Election {
        match self.image().allows_unclean(&self.spec, partition.topic) {
            true => Election::Unclean,
            false => Election::Online,
        }
    }

    /// What becomes of a partition by `wish`, if anything.
    pub(super) fn changed(
        &self,
        partition: TopicPartition,
        before: &PartitionState,
        wish: &Wish,
        election: Election,
        active: &dyn Fn(NodeId) -> bool,
    ) -> Option<Change> {
        let acceptable = |node: NodeId| active(node) && self.directory_is_online(before, node);
        let rules = Rules {
            acceptable: &acceptable,
            elr: self.spec.elr,
            min_isr: self.image().effective_min_isr(&self.spec, partition),
            election,
            kept: self.spec.rules,
        };
        change(before, wish, &rules)
    }

    /// Whether the replica of `node` lies in a directory that `node` registered and that works.
    fn directory_is_online(&self, state: &PartitionState, node: NodeId) -> bool {
        let place = state.replicas.iter().position(|replica| *replica == node);
        let known = place.and_then(|place| state.directories.get(place));
        let broker = self.image().brokers.get(&node);
        broker.is_some_and(|broker| known.is_none_or(|known| broker.has_online(*known)))
    }

    /// Writes the change down. What follows in the log and the journal is still caused by what
    /// led to it.
    pub(super) fn write_change(
        &mut self,
        partition: TopicPartition,
        before: Rc<PartitionState>,
        change: Change,
    ) -> Rc<PartitionState> {
        let after = Rc::new(change.after);
        let decision = self.note(Entry::Partition {
            partition,
            before,
            after: Rc::clone(&after),
            unclean: change.unclean,
        });
        let record = MetadataRecord::Partition(partition, Rc::clone(&after));
        self.append(record, decision);
        after
    }

    /// `kafka-leader-election`.
    pub(super) fn elect_leader(&mut self, asked: &ElectLeadersRequest) -> ErrorCode {
        let Some(before) = self.image().partitions.get(&asked.partition).cloned() else {
            return ErrorCode::UnknownTopicOrPartition;
        };
        let preferred =
            before.leader.is_some() && before.leader == before.replicas.first().copied();
        let (needless, election, unavailable) = if asked.unclean {
            let unavailable = ErrorCode::EligibleLeadersNotAvailable;
            (before.leader.is_some(), Election::Unclean, unavailable)
        } else {
            (
                preferred,
                Election::Preferred,
                ErrorCode::PreferredLeaderNotAvailable,
            )
        };
        if needless {
            return ErrorCode::ElectionNotNeeded;
        }
        match self.elect(asked.partition, before, election) {
            true => ErrorCode::None,
            false => unavailable,
        }
    }

    /// Gives leadership back to the first replica wherever it may lead.
    pub(super) fn balance_leaders(&mut self) {
        let imbalanced = |state: &PartitionState| {
            state.leader.is_some() && state.leader != state.replicas.first().copied()
        };
        for (partition, before) in self.partitions_where(imbalanced) {
            self.elect(partition, before, Election::Preferred);
        }
    }

    /// Partitions without a leader get one wherever an unclean one is allowed.
    pub(super) fn elect_unclean_leaders(&mut self) {
        for (partition, before) in self.partitions_where(|state| state.leader.is_none()) {
            if self.usual_election(partition) == Election::Unclean {
                self.elect(partition, before, Election::Unclean);
            }
        }
    }

    fn elect(
        &mut self,
        partition: TopicPartition,
        before: Rc<PartitionState>,
        election: Election,
    ) -> bool {
        let active = |node| self.image().is_active(node);
        let wish = Wish::none(&before);
        let Some(change) = self.changed(partition, &before, &wish, election, &active) else {
            return false;
        };
        self.write_change(partition, before, change);
        true
    }

    /// A broker tells where its replicas are now (KIP-858). The election that this makes possible
    /// comes with the next event only: the acceptor still sees the directories of before.
    pub(super) fn assign_replicas_to_dirs(&mut self, asked: &AssignReplicasToDirsRequest) {
        if self.check_broker_epoch(asked.broker, asked.broker_epoch) != ErrorCode::None {
            return;
        }
        let registered = self.image().brokers.get(&asked.broker);
        let online = registered.is_some_and(|known| known.has_online(asked.directory));
        for partition in &asked.partitions {
            let Some(before) = self.image().partitions.get(partition).cloned() else {
                continue;
            };
            let mut wish = Wish::none(&before);
            let Some(place) = before
                .replicas
                .iter()
                .position(|node| *node == asked.broker)
            else {
                continue;
            };
            wish.directories[place] = asked.directory;
            let active = |node| self.image().is_active(node);
            let change = self.changed(*partition, &before, &wish, Election::Online, &active);
            let after = change.map(|change| self.write_change(*partition, before.clone(), change));
            if !online {
                self.leaves_isr(*partition, after.unwrap_or(before), asked.broker);
            }
        }
    }

    /// A replica was put into a directory that has failed meanwhile (`offline-dir-assignment`).
    fn leaves_isr(&mut self, partition: TopicPartition, state: Rc<PartitionState>, broker: NodeId) {
        let wish = Wish::without(&state, broker);
        let election = self.usual_election(partition);
        let active = |node| node != broker && self.image().is_active(node);
        if let Some(change) = self.changed(partition, &state, &wish, election, &active) {
            self.write_change(partition, state, change);
        }
    }
}
