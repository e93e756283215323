//! Processes and disks: what ends, starts, stands still.

use super::apply::Here;
use super::loss::producer_of;
use super::{History, NodeState, Standing};
use crate::kafka::Entry;
use crate::lab::moments::{Moment, On};
use crate::sim::NodeId;

impl History {
    pub(super) fn node_mut(&mut self, node: NodeId) -> &mut NodeState {
        let place = usize::from(node.0);
        if self.nodes.len() <= place {
            self.nodes.resize(place + 1, NodeState::default());
        }
        &mut self.nodes[place]
    }

    pub(super) fn disk(&mut self, here: Here, entry: &Entry) {
        let node = self.node_mut(here.node);
        match entry {
            Entry::DiskFull => node.disk_full = true,
            Entry::DiskFreed => node.disk_full = false,
            Entry::DiskSlow { times } => node.disk_times = *times,
            Entry::DiskWiped { .. } => {
                (node.disk_failed, node.disk_full) = (false, false);
                node.directory_failed = false;
            }
            Entry::DiskFailed => node.disk_failed = true,
            Entry::DirectoryFailed(_) => node.directory_failed = true,
            _ => {}
        }
    }

    pub(super) fn stands(&mut self, here: Here, standing: Standing, on: Option<On>) {
        let is_broker = self.logs.keys().any(|(_, node)| *node == here.node);
        let standing = match standing {
            // Clients and controllers are there at once; brokers load their logs first.
            Standing::Starting if !is_broker => Standing::Up,
            other => other,
        };
        self.node_mut(here.node).stand(standing, here.at_us);
        if let Some(on) = on {
            self.moments.push(here.moment(on));
        }
    }

    /// A process is gone: what it alone held in memory is gone with it.
    pub(super) fn ended(&mut self, here: Here, standing: Standing, on: On) {
        let node = self.node_mut(here.node);
        node.stand(standing, here.at_us);
        node.ended = Some(here.id);
        self.moments.push(here.moment(on));
        self.owner_ended(here, here.node);
        for part in self
            .parts
            .values_mut()
            .filter(|part| part.leader == Some(here.node))
        {
            part.dark_since_us.get_or_insert(here.at_us);
        }
        let (mut touched, mut begun) = (Vec::new(), Vec::new());
        for life in self.ledger.iter_mut() {
            if life.hand == Some(here.node) {
                life.hand = None;
                touched.push(life.message);
            }
            let sender = self.senders.get(&producer_of(life.message)) == Some(&here.node);
            if sender && life.is_begun() {
                begun.push(life.message);
            }
            if life.dies_with(here.node, sender) {
                life.died_with = Some(here.id);
                touched.push(life.message);
            }
        }
        for message in begun {
            self.order_interrupted(here, message);
        }
        touched.extend(self.transaction_orphaned(here));
        self.find_lost(here, &touched);
    }

    pub(super) fn fenced(&mut self, here: Here, broker: NodeId, fenced: bool) {
        let state = self.node_mut(broker);
        let since_us = state.since_us;
        state.fenced = fenced;
        if fenced {
            let span_us = here.at_us.saturating_sub(since_us);
            let moment = Moment::new(On::Fenced, here.id, here.at_us, broker);
            self.moments.push(Moment { span_us, ..moment });
        } else if state.standing == Standing::Starting {
            state.stand(Standing::Up, here.at_us);
        }
    }
}
