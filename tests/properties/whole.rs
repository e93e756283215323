//! Whether a cluster is whole: everybody alive, every replica in sync.

use acklab::kafka::broker::ProcessState;
use acklab::kafka::metadata::PartitionState;
use acklab::kafka::{TopicPartition, World};
use acklab::lab::invariants::all_ended;
use acklab::sim::{MS, Micros, Status};

/// A follower with a good link fetches at least this often.
const FETCHES_WITHIN_US: Micros = 700 * MS;

/// What is not as it should be.
#[derive(Clone, Debug)]
pub struct Amiss {
    /// In a few words.
    pub what: String,
    /// A partition has no leader, although everybody is alive.
    pub leaderless: bool,
}

impl From<String> for Amiss {
    fn from(what: String) -> Self {
        Amiss {
            what,
            leaderless: false,
        }
    }
}

/// What is not as it should be, in a few words; `None`: the cluster is whole.
pub fn wanting(world: &World) -> Option<Amiss> {
    let cluster = &world.model;
    let mut voters = cluster.controllers().iter();
    if let Some(down) = voters.find(|voter| world.status(voter.node()).0 != Status::Up) {
        return Some(format!("controller {:?} does not run", down.node()).into());
    }
    if !cluster.controller().is_active() {
        return Some(String::from("no controller is active").into());
    }
    let image = cluster.controller().image();
    for (node, broker) in image.brokers.iter() {
        // A process that was started again is not counted by what the controller knows of the last one.
        let state = cluster.broker(*node).process_state();
        if state != ProcessState::Running || broker.fenced || broker.in_controlled_shutdown {
            let fenced = if broker.fenced { ", fenced" } else { "" };
            return Some(format!("broker {} is {state:?}{fenced}", node.0).into());
        }
    }
    let mut partitions = image.partitions.iter();
    partitions.find_map(|(partition, state)| lagging(world, *partition, state))
}

/// As [`wanting`], and no end of a transaction is still being written.
pub fn unrest(world: &World) -> Option<Amiss> {
    let open = || String::from("the end of a transaction is still being written").into();
    wanting(world).or_else(|| (!all_ended(world)).then(open))
}

/// What a partition lacks. An ISR can be whole in name while a link that was cut is not used again yet: so
/// followers must have fetched, and have everything.
fn lagging(world: &World, partition: TopicPartition, state: &PartitionState) -> Option<Amiss> {
    let name = world.model.spec.partition_name(partition);
    let told = || {
        format!(
            "{name}: leader {:?}, ISR {:?}, ELR {:?}, last known {:?}, of {:?}",
            state.leader, state.isr, state.elr, state.last_known_elr, state.replicas
        )
    };
    if state.leader.is_none() {
        return Some(Amiss {
            what: told(),
            leaderless: true,
        });
    }
    if state.isr.len() != state.replicas.len() {
        return Some(told().into());
    }
    let leader = state.leader.map(|node| world.model.broker(node));
    let replica = leader.and_then(|leader| leader.replica(partition));
    let Some((replica, leader)) = replica.and_then(|r| Some((r, r.leader()?))) else {
        return Some(format!("{name}: {:?} does not lead it yet", state.leader).into());
    };
    if leader.pending.is_some() {
        return Some(format!("{name}: a change of the ISR is asked for").into());
    }
    // Something may always be on its way.
    let log_end = replica.log.log_end_offset();
    let recently_us = world.now().saturating_sub(FETCHES_WITHIN_US);
    let mut followers = leader.followers.iter();
    let behind = followers.find(|f| {
        f.last_fetch_at < recently_us
            || (f.log_end != Some(log_end) && f.last_caught_up_at < Some(recently_us))
    })?;
    let what = format!(
        "{name}: {:?} has {:?} of {log_end}, fetched at {} us",
        behind.node, behind.log_end, behind.last_fetch_at
    );
    Some(what.into())
}
