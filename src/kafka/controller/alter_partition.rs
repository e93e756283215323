//! AlterPartition: a leader changes its ISR (`ReplicationControlManager.alterPartition`).

use std::rc::Rc;

use super::ControllerHost;
use super::election::Wish;
use crate::kafka::metadata::{PartitionState, Recovery};
use crate::kafka::protocol::{AlterPartitionRequest, AlterPartitionResponse};
use crate::kafka::{ErrorCode, Rule};
use crate::sim::NodeId;
use crate::sim::order::sort_by_number;

impl ControllerHost {
    /// Changes the ISR as the leader asks, or says why not.
    pub(super) fn alter_partition(
        &mut self,
        asked: &AlterPartitionRequest,
    ) -> AlterPartitionResponse {
        let (error, state) = match self.checked(asked) {
            Err(error) => (error, None),
            Ok(before) => self.altered(asked, before),
        };
        AlterPartitionResponse {
            partition: asked.partition,
            error,
            state,
        }
    }

    fn altered(
        &mut self,
        asked: &AlterPartitionRequest,
        before: Rc<PartitionState>,
    ) -> (ErrorCode, Option<Rc<PartitionState>>) {
        let mut wish = Wish::none(&before);
        wish.isr = asked.new_isr.iter().map(|(node, _)| *node).collect();
        // The leader keeps them in a set of numbers, and so they come in their order.
        sort_by_number(&mut wish.isr, |node| node.0.into());
        wish.recovery = asked.recovery;
        let election = self.usual_election(asked.partition);
        let active = |node| self.image().is_active(node);
        let change = self.changed(asked.partition, &before, &wish, election, &active);
        let after = match change {
            None => before,
            Some(change) => self.write_change(asked.partition, before, change),
        };
        if after.leader == Some(asked.broker) {
            (ErrorCode::None, Some(after))
        } else {
            (ErrorCode::NewLeaderElected, None)
        }
    }

    /// The partition's state, if the request is one of its leader, up to date, and sensible
    /// (`validateAlterPartitionData`).
    fn checked(&self, asked: &AlterPartitionRequest) -> Result<Rc<PartitionState>, ErrorCode> {
        match self.check_broker_epoch(asked.broker, asked.broker_epoch) {
            ErrorCode::None => {}
            error => return Err(error),
        }
        let state = self.image().partitions.get(&asked.partition);
        let state = state.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if self.spec.rules.keep(Rule::StaleLeaderRefused) {
            self.check_leadership(asked, state)?;
        }
        if !is_sensible(asked, state) {
            return Err(ErrorCode::InvalidRequest);
        }
        let mut members = asked.new_isr.iter();
        if !members.all(|(node, broker_epoch)| self.is_eligible(*node, *broker_epoch)) {
            return Err(ErrorCode::IneligibleReplica);
        }
        Ok(Rc::clone(state))
    }

    /// Whether who asks leads, and knows what it leads.
    fn check_leadership(
        &self,
        asked: &AlterPartitionRequest,
        state: &PartitionState,
    ) -> Result<(), ErrorCode> {
        let newer = asked.leader_epoch > state.leader_epoch;
        if newer || asked.partition_epoch > state.partition_epoch {
            // The leader knows more than this controller: somebody else is the active one.
            return Err(ErrorCode::NotController);
        }
        if asked.leader_epoch < state.leader_epoch {
            return Err(ErrorCode::FencedLeaderEpoch);
        }
        if state.leader != Some(asked.broker) {
            return Err(ErrorCode::InvalidRequest);
        }
        if asked.partition_epoch < state.partition_epoch {
            return Err(ErrorCode::InvalidUpdateVersion);
        }
        Ok(())
    }

    /// Registered in this very incarnation, alive, and not about to leave (KIP-903).
    fn is_eligible(&self, node: NodeId, broker_epoch: u64) -> bool {
        let known = self.image().brokers.get(&node);
        self.image().is_active(node)
            && known.is_some_and(|known| known.broker_epoch == broker_epoch)
    }
}

/// Whether the new ISR can be one at all.
fn is_sensible(asked: &AlterPartitionRequest, state: &PartitionState) -> bool {
    let members: Vec<NodeId> = asked.new_isr.iter().map(|(node, _)| *node).collect();
    let twice = (1..members.len()).any(|place| members[..place].contains(&members[place]));
    let foreign = members.iter().any(|node| !state.replicas.contains(node));
    let recovering = asked.recovery == Recovery::Recovering;
    let back_to_recovering = recovering && state.recovery == Recovery::Recovered;
    let too_many = recovering && members.len() > 1;
    members.contains(&asked.broker) && !twice && !foreign && !too_many && !back_to_recovering
}
