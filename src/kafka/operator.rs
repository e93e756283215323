//! What the operator's tools ask of the controller.

use std::rc::Rc;

use super::action::Action;
use super::protocol::{
    AlterConfigsRequest, AlterPartitionReassignmentsRequest, CreatePartitionsRequest,
    ElectLeadersRequest, Request,
};

/// The request that an action makes, if the controller is to do it.
pub(super) fn request(action: &Action) -> Option<Request> {
    Some(match *action {
        Action::ElectLeader { partition, unclean } => {
            Request::ElectLeaders(Rc::new(ElectLeadersRequest { partition, unclean }))
        }
        Action::SetMinIsr { topic, min_isr } => {
            Request::AlterConfigs(Rc::new(AlterConfigsRequest { topic, min_isr }))
        }
        Action::Reassign {
            partition,
            ref replicas,
        } => {
            let replicas = replicas.clone();
            let asked = AlterPartitionReassignmentsRequest {
                partition,
                replicas,
            };
            Request::AlterPartitionReassignments(Rc::new(asked))
        }
        Action::CreatePartitions {
            topic,
            count,
            ref assignment,
        } => {
            let assignment = assignment.clone();
            Request::CreatePartitions(Rc::new(CreatePartitionsRequest {
                topic,
                count,
                assignment,
            }))
        }
        _ => return None,
    })
}
