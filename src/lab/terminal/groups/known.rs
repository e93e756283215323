//! A group as its coordinator describes it (`Admin.describeConsumerGroups`), whatever protocol its members speak.

use crate::kafka::config::{Assignor, ConfigValue};
use crate::kafka::group::MemberId;
use crate::kafka::group::classic::State;
use crate::kafka::group::consumer::MemberState;
use crate::kafka::group::coordinator::group_partition;
use crate::kafka::group::protocol::OffsetAndEpoch;
use crate::kafka::group::shard::Shard;
use crate::kafka::spec::ClientKind;
use crate::kafka::{GroupId, Role, TopicPartition};
use crate::lab::terminal::desk::{Desk, uuid};
use crate::sim::NodeId;

/// A described group.
pub struct Known {
    pub coordinator: NodeId,
    /// `Stable` and so on.
    pub state: &'static str,
    /// `range` and so on; empty without one.
    pub assignor: String,
    pub consumer_protocol: bool,
    pub epoch: Option<i32>,
    pub target_epoch: Option<i32>,
    pub members: Vec<Member>,
    pub committed: Vec<(TopicPartition, OffsetAndEpoch)>,
}

/// A member of it.
pub struct Member {
    pub id: String,
    /// With the slash that Java puts before an address.
    pub host: String,
    pub client: String,
    pub instance: String,
    pub epoch: Option<i32>,
    pub assignment: Vec<TopicPartition>,
    pub target: Vec<TopicPartition>,
}

/// The group, if its coordinator answers and knows it.
pub fn describe(desk: &Desk, group: GroupId) -> Option<Known> {
    let partition = group_partition(desk.spec(), group)?;
    let brokers = desk.spec().broker_nodes();
    let mut brokers = brokers.filter(|node| desk.answers(*node));
    let of = |node: NodeId| {
        let coordinator = desk.world.model.broker(node).coordinator()?;
        coordinator.shard(partition).map(|shard| (node, shard))
    };
    let (node, shard) = brokers.find_map(of)?;
    let committed = shard.committed(group);
    let has_classic = shard
        .group(group)
        .is_some_and(|known| !known.members.is_empty());
    if shard.consumer_group(group).is_some() && !has_classic {
        return consumer(desk, (node, shard), group, committed);
    }
    classic(desk, (node, shard), group, committed)
}

fn classic(
    desk: &Desk,
    (coordinator, shard): (NodeId, &Shard),
    group: GroupId,
    committed: Vec<(TopicPartition, OffsetAndEpoch)>,
) -> Option<Known> {
    let known = shard.group(group);
    if known.is_none() && shard.consumer_group(group).is_none() && committed.is_empty() {
        return None;
    }
    let state = match known.map(|known| known.state) {
        None | Some(State::Empty) => "Empty",
        Some(State::PreparingRebalance) => "PreparingRebalance",
        Some(State::CompletingRebalance) => "CompletingRebalance",
        Some(State::Stable) => "Stable",
    };
    let members = known.into_iter().flat_map(|known| known.members.iter());
    let members = members.map(|(id, member)| Member {
        id: name_of(desk, *id, member.instance.as_deref()),
        host: format!("/{}", (desk.host)(id.node)),
        client: client_of(desk, id.node),
        instance: member.instance.as_deref().unwrap_or_default().to_owned(),
        epoch: None,
        assignment: member.assignment.clone(),
        target: Vec::new(),
    });
    let protocol = known
        .and_then(|known| known.protocol)
        .filter(|_| state == "Stable");
    Some(Known {
        coordinator,
        state,
        assignor: protocol.map(short_name).unwrap_or_default().to_owned(),
        consumer_protocol: false,
        epoch: None,
        target_epoch: None,
        members: members.collect(),
        committed,
    })
}

/// `ConsumerPartitionAssignor.name()`.
fn short_name(assignor: Assignor) -> &'static str {
    match assignor {
        Assignor::Range => "range",
        Assignor::RoundRobin => "roundrobin",
        Assignor::Sticky => "sticky",
        Assignor::CooperativeSticky => "cooperative-sticky",
    }
}

fn consumer(
    desk: &Desk,
    (coordinator, shard): (NodeId, &Shard),
    group: GroupId,
    committed: Vec<(TopicPartition, OffsetAndEpoch)>,
) -> Option<Known> {
    let known = shard.consumer_group(group)?;
    let settled = |member: &crate::kafka::group::consumer::Member| {
        member.current.state == MemberState::Stable && member.current.epoch == known.target_epoch
    };
    let state = match known.members.values().all(settled) {
        _ if known.members.is_empty() => "Empty",
        _ if known.target_epoch < known.epoch => "Assigning",
        true => "Stable",
        false => "Reconciling",
    };
    let assignor = known
        .members
        .values()
        .find_map(|member| member.subscribed.assignor.as_deref());
    let members = known.members.iter().map(|(id, member)| Member {
        id: uuid(&format!("member {} {}", id.node.0, id.nth)),
        host: format!("/{}", (desk.host)(id.node)),
        client: client_of(desk, id.node),
        instance: member
            .subscribed
            .instance
            .as_deref()
            .unwrap_or_default()
            .to_owned(),
        epoch: Some(member.current.epoch),
        assignment: member
            .current
            .assigned
            .iter()
            .map(|(partition, _)| *partition)
            .collect(),
        target: member.target.clone(),
    });
    Some(Known {
        coordinator,
        state,
        assignor: assignor.unwrap_or("uniform").to_owned(),
        consumer_protocol: true,
        epoch: Some(known.epoch),
        target_epoch: Some(known.target_epoch),
        members: members.collect(),
        committed,
    })
}

/// The client.id of a consumer; without one as its class names them (`ConsumerConfig.maybeOverrideClientId`).
fn client_of(desk: &Desk, node: NodeId) -> String {
    let Role::Client(place) = desk.spec().role(node) else {
        return String::new();
    };
    let client = &desk.spec().clients[place];
    match &client.kind {
        ClientKind::Consumer { config, .. } if !config.client_id.is_empty() => {
            config.client_id.text()
        }
        ClientKind::Consumer { config, .. } => {
            format!(
                "consumer-{}-1",
                config.group_id.as_deref().unwrap_or_default()
            )
        }
        ClientKind::Producer { .. } => client.name.clone(),
    }
}

/// The coordinator names a member after its client.id, or its group.instance.id, and a UUID.
fn name_of(desk: &Desk, member: MemberId, instance: Option<&str>) -> String {
    let seed = uuid(&format!("{} {}", member.node.0, member.nth));
    let hex: Vec<String> = seed.bytes().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32],
    ];
    let client = client_of(desk, member.node);
    format!("{}-{}", instance.unwrap_or(&client), parts.join("-"))
}
