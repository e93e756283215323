//! A partition, as the controller and its leader tell it in the journal.

use crate::kafka::metadata::{PartitionState, Recovery};
use crate::kafka::{LeaderEpoch, Offset};
use crate::lab::ledger::Brokers;
use crate::sim::{Micros, NodeId};

/// The state of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Replicas in assignment order.
    pub replicas: Vec<NodeId>,
    /// Who leads.
    pub leader: Option<NodeId>,
    /// The leader's epoch.
    pub epoch: LeaderEpoch,
    /// In-sync replicas.
    pub isr: Brokers,
    /// Replicas that the leader asks to take into the ISR.
    pub joining: Brokers,
    /// Eligible leader replicas.
    pub elr: Brokers,
    /// The leader was elected unclean.
    pub unclean: bool,
    /// Since when it has no leader, in microseconds.
    pub leaderless_since_us: Option<Micros>,
    /// Since when no leader that runs, in microseconds: its process ended, or it has none.
    pub dark_since_us: Option<Micros>,
    /// How long that lasted before the last election, in microseconds.
    pub dark_for_us: Micros,
    /// The leader before the present one.
    pub leader_before: Option<NodeId>,
    /// `min(min.insync.replicas, replication factor)`.
    pub min_isr: usize,
    /// The leader's high watermark.
    pub high_watermark: Offset,
    /// The group's committed offset.
    pub committed: Offset,
    /// The group will not come back to what lies before this: committed, or begun after.
    pub passed: Offset,
    /// The consumer that it was assigned to last, while that keeps it.
    pub owner: Option<NodeId>,
    /// A consumer was assigned it and has not polled yet.
    pub freshly_assigned: bool,
}

impl Part {
    pub(super) fn new(replicas: &[NodeId], min_isr: usize) -> Self {
        Part {
            replicas: replicas.to_vec(),
            leader: replicas.first().copied(),
            epoch: 0,
            isr: brokers(replicas),
            joining: Brokers::default(),
            elr: Brokers::default(),
            unclean: false,
            leaderless_since_us: None,
            dark_since_us: None,
            dark_for_us: 0,
            leader_before: None,
            min_isr,
            high_watermark: 0,
            committed: 0,
            passed: 0,
            owner: None,
            freshly_assigned: false,
        }
    }

    /// The high watermark cannot move.
    pub fn frozen(&self) -> bool {
        (self.isr.len() as usize) < self.min_isr
    }

    pub(super) fn decided(&mut self, state: &PartitionState, unclean: bool, at_us: Micros) {
        if self.leader != state.leader {
            if let Some(old) = self.leader {
                self.leader_before = Some(old);
            }
            self.leaderless_since_us = match state.leader {
                Some(_) => None,
                None => self.leaderless_since_us.or(Some(at_us)),
            };
            self.dark_for_us = 0;
            if state.leader.is_none() {
                self.dark_since_us.get_or_insert(at_us);
            } else if let Some(since_us) = self.dark_since_us.take() {
                self.dark_for_us = at_us - since_us;
            }
        }
        if state.leader_epoch != self.epoch {
            self.unclean = unclean;
        }
        self.unclean |= state.recovery == Recovery::Recovering && unclean;
        self.leader = state.leader;
        self.epoch = state.leader_epoch;
        self.isr = brokers(&state.isr);
        self.elr = brokers(&state.elr);
        self.joining = Brokers::default();
    }

    /// A leader with this log end took over: what the group had read beyond is not there any more.
    pub(super) fn shortened(&mut self, log_end: Offset) {
        self.high_watermark = self.high_watermark.min(log_end);
        self.committed = self.committed.min(log_end);
        self.passed = self.passed.min(log_end);
    }

    pub(super) fn asked(&mut self, isr: &[NodeId]) {
        self.joining = Brokers(brokers(isr).0 & !self.isr.0);
    }
}

fn brokers(nodes: &[NodeId]) -> Brokers {
    let mut set = Brokers::default();
    nodes.iter().for_each(|node| set.insert(*node));
    set
}
