//! What the operator does: requests to the controller, faults of links.

use std::rc::Rc;

use super::action::Action;
use super::cluster::Cluster;
use super::entry::Entry;
use super::group::coordinator::group_partition;
use super::group::protocol::{GroupRequest, OffsetAndEpoch, OffsetCommitRequest};
use super::ids::{GroupId, TopicPartition};
use super::protocol::{
    AlterConfigsRequest, AlterPartitionReassignmentsRequest, CreatePartitionsRequest,
    ElectLeadersRequest, Msg, Request, Response, channel,
};
use super::spec::{ClusterSpec, Role};
use super::{Answer, Input, Offset, Outbox, TopicId};
use crate::sim::{Link, NodeId, Status};

/// The request that an action makes, if the controller is to do it.
pub(super) fn request(action: &Action) -> Option<Request> {
    Some(match *action {
        Action::ElectLeader { partition, unclean } => {
            Request::ElectLeaders(Rc::new(ElectLeadersRequest { partition, unclean }))
        }
        Action::SetMinIsr { topic, min_isr } => {
            Request::AlterConfigs(Rc::new(AlterConfigsRequest::MinIsr { topic, min_isr }))
        }
        Action::SetUnclean { topic, allowed } => {
            Request::AlterConfigs(Rc::new(AlterConfigsRequest::Unclean { topic, allowed }))
        }
        Action::Reassign {
            partition,
            ref replicas,
        } => {
            let replicas = Some(replicas.clone());
            let asked = AlterPartitionReassignmentsRequest {
                partition,
                replicas,
            };
            Request::AlterPartitionReassignments(Rc::new(asked))
        }
        Action::CancelReassignment(partition) => {
            let asked = AlterPartitionReassignmentsRequest {
                partition,
                replicas: None,
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

/// `kafka-topics --describe`: asks this broker, or the first whose process runs.
pub(super) fn describe(
    spec: &ClusterSpec,
    topics: &[TopicId],
    broker: Option<NodeId>,
    out: &mut Outbox,
) {
    let mut brokers = spec.broker_nodes();
    let asked = broker.or_else(|| brokers.find(|node| out.status(*node) == Status::Up));
    if let Some(asked) = asked {
        let request = Request::DescribeTopicPartitions(topics.into());
        out.request(asked, channel::DATA, 0, request.into());
    }
}

/// `kafka-consumer-groups --reset-offsets --execute`: a commit without a member, at the group's coordinator. Those that do
/// not lead refuse it.
pub(super) fn alter_group_offsets(
    cluster: &Cluster,
    group: GroupId,
    offsets: &[(TopicPartition, Offset)],
    out: &mut Outbox,
) {
    let leader = group_partition(&cluster.spec, group).and_then(|partition| {
        cluster
            .controller()
            .image()
            .partitions
            .get(&partition)?
            .leader
    });
    let Some(coordinator) = leader else {
        return;
    };
    let value = |offset| OffsetAndEpoch {
        offset,
        leader_epoch: None,
    };
    let commit = OffsetCommitRequest {
        group,
        generation: None,
        member: None,
        instance: None,
        offsets: offsets
            .iter()
            .map(|(of, offset)| (*of, value(*offset)))
            .collect(),
    };
    let request = Request::Group(Rc::new(GroupRequest::OffsetCommit(commit)));
    out.request(coordinator, channel::DATA, 0, request.into());
}

/// What the operator's tool prints; of all else only what follows counts.
pub(super) fn answered(input: Input, out: &mut Outbox) {
    if let Input::Message {
        msg: Msg::Response(Response::DescribeTopicPartitions(topics)),
        ..
    } = input
    {
        out.note(Entry::Returned {
            call: "describeTopics",
            answer: Answer::Topics(topics),
        });
    }
}

/// Faults of links. A heal also ends loss and slowness.
pub(super) fn change_link(spec: &ClusterSpec, action: &Action, out: &mut Outbox) {
    let (from, to, both, entry) = match *action {
        Action::CutLink { from, to, both } => (from, to, both, Entry::LinkCut { to, both }),
        Action::HealLink { from, to } => (from, to, true, Entry::LinkHealed { to }),
        Action::LossyLink { from, to, loss_ppm } => {
            (from, to, true, Entry::LinkLossy { to, loss_ppm })
        }
        Action::SlowLink { from, to, extra_us } => {
            (from, to, true, Entry::LinkSlow { to, extra_us })
        }
        _ => return,
    };
    let heals = matches!(action, Action::HealLink { .. });
    let noted = out.as_node(from).note(entry);
    out.because(noted);
    for (controller, broker) in [(from, to), (to, from)] {
        // The controller will miss the broker's heartbeats.
        if !heals && spec.role(controller) == Role::Controller {
            out.blame(broker, noted);
        }
    }
    let change = |link: &mut Link| match *action {
        Action::CutLink { .. } => link.cut = true,
        Action::LossyLink { loss_ppm, .. } => link.loss_ppm = loss_ppm,
        Action::SlowLink { extra_us, .. } => link.extra_us = extra_us,
        _ => (link.cut, link.loss_ppm, link.extra_us) = (false, 0, 0),
    };
    out.change_link(from, to, change);
    if both {
        out.change_link(to, from, change);
    }
}
