//! Who leads a partition, and who may: one change of a partition's state as a pure function
//! (`PartitionChangeBuilder`).
//!
//! The order matters: first the ELR follows from the wished ISR, then a leader is sought among
//! ISR and ELR, then what an unclean election forces, and last whom to remember as last leader.

use crate::kafka::metadata::{PartitionState, Recovery};
use crate::kafka::{DirectoryId, Rule};
use crate::sim::NodeId;
use crate::sim::order::sort_by_number;

/// What kind of leader is looked for (`PartitionChangeBuilder.Election`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The first of the replica list, if it may lead.
    Preferred,
    /// Whoever may lead; the present leader first.
    Online,
    /// As `Online`, and at the worst any active replica.
    Unclean,
}

/// What holds for the partition at the moment of the change.
pub struct Rules<'a> {
    /// Active, with the replica's directory online (`LeaderAcceptor`).
    pub acceptable: &'a dyn Fn(NodeId) -> bool,
    /// Feature eligible.leader.replicas.version >= 1 (KIP-966).
    pub elr: bool,
    /// `min(min.insync.replicas, replication factor)`.
    pub min_isr: usize,
    pub election: Election,
    /// Kafka's own, which a test may switch off.
    pub kept: crate::kafka::Rules,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub isr: Vec<NodeId>,
    pub recovery: Recovery,
    /// A broker that came back after an unclean end: it is no eligible leader any more.
    pub unclean_shutdown: Option<NodeId>,
    /// All replicas, with those to be added and those to be removed; each one's directory.
    pub replicas: Vec<NodeId>,
    pub directories: Vec<DirectoryId>,
    pub adding: Vec<NodeId>,
    pub removing: Vec<NodeId>,
}

/// What becomes of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub after: PartitionState,
    /// A leader was elected that is not known to have every committed record.
    pub unclean: bool,
}

impl Wish {
    /// Everything as it is: an election and nothing more.
    pub fn none(state: &PartitionState) -> Self {
        Wish {
            isr: state.isr.clone(),
            recovery: state.recovery,
            unclean_shutdown: None,
            replicas: state.replicas.clone(),
            directories: state.directories.clone(),
            adding: state.adding.clone(),
            removing: state.removing.clone(),
        }
    }

    /// Without `node` in the ISR.
    pub fn without(state: &PartitionState, node: NodeId) -> Self {
        let mut wish = Wish::none(state);
        wish.isr.retain(|member| *member != node);
        wish
    }

    /// With its reassignment completed, once whoever is added is in sync
    /// (`PartitionReassignmentReplicas.maybeCompleteReassignment`).
    fn completed(&self) -> Self {
        let mut done = self.clone();
        let stays = |node: &NodeId| !self.removing.contains(node);
        done.isr.retain(stays);
        let places = self.replicas.iter().zip(&self.directories);
        let places = places.filter(|(node, _)| stays(node));
        (done.replicas, done.directories) = places.map(|(node, dir)| (*node, *dir)).unzip();
        let in_sync = |all: &[NodeId]| all.iter().all(|node| done.isr.contains(node));
        // With fewer replicas than before, all of them have to be in sync.
        let fewer = self.adding.len() < self.removing.len();
        let idle = self.adding.is_empty() && self.removing.is_empty();
        if idle
            || done.isr.is_empty()
            || done.replicas.is_empty()
            || !in_sync(&self.adding)
            || (fewer && !in_sync(&done.replicas))
        {
            return self.clone();
        }
        (done.adding, done.removing) = (Vec::new(), Vec::new());
        done
    }
}

/// The state after `wish`, or `None` if nothing changes.
pub fn change(before: &PartitionState, wish: &Wish, rules: &Rules) -> Option<Change> {
    let wish = &wish.completed();
    let mut isr = wish.isr.clone();
    let mut elr = eligible(before, wish, rules);
    let elected = elect(before, &wish.replicas, &isr, &elr, rules);
    // Whoever is a replica no longer must not go on as if nothing had happened.
    let dropped = |node: &NodeId| !wish.replicas.contains(node);
    let dropped = before.replicas.iter().any(dropped);
    let moved = elected.leader != before.leader;
    let unclean = moved && elected.unclean;
    if let Some(leader) = elected
        .leader
        .filter(|leader| moved && elr.contains(leader))
    {
        isr = vec![leader];
        elr.retain(|member| *member != leader);
    }
    let mut recovery = wish.recovery;
    if let Some(leader) = elected.leader.filter(|_| unclean) {
        // Only what the new leader has counts from now on.
        isr = vec![leader];
        recovery = Recovery::Recovering;
    }
    if unclean || !rules.elr {
        elr.clear();
    }
    if isr.is_empty() && !rules.elr {
        // Without ELR somebody has to be remembered: the last member never leaves.
        isr = before.isr.clone();
    }
    let last_known_elr = last_known_leader(before, elected.leader, rules);
    let mut after = PartitionState {
        replicas: wish.replicas.clone(),
        adding: wish.adding.clone(),
        removing: wish.removing.clone(),
        isr,
        elr,
        last_known_elr,
        leader: elected.leader,
        leader_epoch: before.leader_epoch
            + u32::from(dropped || (moved && rules.kept.keep(Rule::EpochPerLeader))),
        partition_epoch: before.partition_epoch,
        recovery,
        directories: wish.directories.clone(),
    };
    if after == *before {
        return None;
    }
    after.partition_epoch += 1;
    Some(Change { after, unclean })
}

/// The eligible leader replicas: whoever left the ISR while it was below min.insync.replicas, as
/// the high watermark stood still from then on.
fn eligible(before: &PartitionState, wish: &Wish, rules: &Rules) -> Vec<NodeId> {
    if !rules.elr {
        return before.elr.clone();
    }
    if wish.isr.len() >= rules.min_isr {
        return Vec::new();
    }
    let candidates = before.elr.iter().chain(&before.isr).copied();
    let mut elr: Vec<NodeId> = candidates
        .filter(|node| !wish.isr.contains(node) && wish.unclean_shutdown != Some(*node))
        .collect();
    sort_by_number(&mut elr, |node| node.0.into());
    elr.dedup();
    if elr.len() == before.elr.len() && elr.iter().all(|node| before.elr.contains(node)) {
        return before.elr.clone();
    }
    elr
}

struct Elected {
    leader: Option<NodeId>,
    unclean: bool,
}

fn elect(
    before: &PartitionState,
    replicas: &[NodeId],
    isr: &[NodeId],
    elr: &[NodeId],
    rules: &Rules,
) -> Elected {
    let clean = |leader: NodeId| Elected {
        leader: Some(leader),
        unclean: false,
    };
    let unclean = |leader: NodeId| Elected {
        leader: Some(leader),
        unclean: true,
    };
    let anybody = !rules.kept.keep(Rule::LeaderFromIsr);
    let eligible =
        |node: &NodeId| anybody || isr.contains(node) || (isr.is_empty() && elr.contains(node));
    let valid = |node: &NodeId| eligible(node) && (rules.acceptable)(*node);
    let preferred = replicas.first().copied();
    if let Some(leader) = preferred.filter(|n| rules.election == Election::Preferred && valid(n)) {
        return clean(leader);
    }
    if let Some(leader) = before.leader.filter(valid) {
        return clean(leader);
    }
    if let Some(leader) = replicas.iter().copied().find(valid) {
        return clean(leader);
    }
    if let Some(leader) = last_known(before, isr, elr, rules) {
        return unclean(leader);
    }
    let any = |node: &NodeId| (rules.acceptable)(*node);
    match replicas.iter().copied().find(any) {
        Some(leader) if rules.election == Election::Unclean => unclean(leader),
        _ => Elected {
            leader: None,
            unclean: false,
        },
    }
}

/// With ISR and ELR both empty the last leader may lead again, whatever
/// unclean.leader.election.enable says (`canElectLastKnownLeader`).
fn last_known(
    before: &PartitionState,
    isr: &[NodeId],
    elr: &[NodeId],
    rules: &Rules,
) -> Option<NodeId> {
    match before.last_known_elr[..] {
        [leader] if rules.elr && isr.is_empty() && elr.is_empty() => {
            (rules.acceptable)(leader).then_some(leader)
        }
        _ => None,
    }
}

/// Whom to remember as the last leader: set when the partition first has none, cleared once it
/// has one again (`maybeUpdateLastKnownLeader`).
fn last_known_leader(
    before: &PartitionState,
    leader: Option<NodeId>,
    rules: &Rules,
) -> Vec<NodeId> {
    let moved = rules.elr && leader != before.leader;
    match leader {
        Some(_) if moved => Vec::new(),
        None if moved && before.last_known_elr.is_empty() => before.leader.into_iter().collect(),
        _ => before.last_known_elr.clone(),
    }
}
