//! Elections in prose: a partition on brokers 1, 2, 3 with min.insync.replicas 2.

use crate::kafka::DirectoryId;
use crate::kafka::controller::election::{Change, Election, Rules, Wish, change};
use crate::kafka::metadata::{PartitionState, Recovery};
use crate::sim::NodeId;

fn nodes(numbers: &[u8]) -> Vec<NodeId> {
    numbers.iter().copied().map(NodeId).collect()
}

/// A partition and the circumstances of its next change.
#[derive(Clone)]
struct Case {
    state: PartitionState,
    active: Vec<NodeId>,
    elr: bool,
    min_isr: usize,
    election: Election,
}

impl Case {
    /// Led by 1, all in sync and alive.
    fn healthy() -> Self {
        let state = PartitionState {
            replicas: nodes(&[1, 2, 3]),
            isr: nodes(&[1, 2, 3]),
            leader: Some(NodeId(1)),
            leader_epoch: 5,
            partition_epoch: 9,
            recovery: Recovery::Recovered,
            directories: vec![DirectoryId(1), DirectoryId(2), DirectoryId(3)],
            ..PartitionState::default()
        };
        Case {
            state,
            active: nodes(&[1, 2, 3]),
            elr: true,
            min_isr: 2,
            election: Election::Online,
        }
    }

    fn isr(mut self, members: &[u8]) -> Self {
        self.state.isr = nodes(members);
        self
    }

    fn elr(mut self, members: &[u8]) -> Self {
        self.state.elr = nodes(members);
        self
    }

    fn last_leader(mut self, members: &[u8]) -> Self {
        self.state.last_known_elr = nodes(members);
        self
    }

    fn leader(mut self, leader: Option<u8>) -> Self {
        self.state.leader = leader.map(NodeId);
        self
    }

    fn alive(mut self, active: &[u8]) -> Self {
        self.active = nodes(active);
        self
    }

    fn without_elr(mut self) -> Self {
        self.elr = false;
        self
    }

    fn looking_for(mut self, election: Election) -> Self {
        self.election = election;
        self
    }

    fn change(&self, wish: &Wish) -> Option<Change> {
        let acceptable = |node| self.active.contains(&node);
        let rules = Rules {
            acceptable: &acceptable,
            elr: self.elr,
            min_isr: self.min_isr,
            election: self.election,
            kept: crate::kafka::Rules::default(),
        };
        change(&self.state, wish, &rules)
    }

    /// `broker` is fenced (and no longer among the alive).
    fn fence(&self, broker: u8) -> Change {
        let mut case = self.clone();
        case.active.retain(|node| *node != NodeId(broker));
        let change = case.change(&Wish::without(&case.state, NodeId(broker)));
        change.expect("a fencing changes a partition with the broker in its ISR")
    }

    /// `broker` registers after an unclean end.
    fn returns_unclean(&self, broker: u8) -> Option<Change> {
        let mut wish = Wish::without(&self.state, NodeId(broker));
        wish.unclean_shutdown = Some(NodeId(broker));
        self.change(&wish)
    }

    /// Something happened that makes the controller look again.
    fn look_again(&self) -> Option<Change> {
        self.change(&Wish::none(&self.state))
    }

    /// The leader asks for this ISR.
    fn alter(&self, isr: &[u8]) -> Change {
        let mut wish = Wish::none(&self.state);
        wish.isr = nodes(isr);
        self.change(&wish).expect("the ISR changes")
    }
}

/// Leader, ISR, ELR, last known leader.
fn shown(change: &Change) -> (Option<u8>, Vec<u8>, Vec<u8>, Vec<u8>) {
    let plain = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<_>>();
    let after = &change.after;
    let leader = after.leader.map(|node| node.0);
    (
        leader,
        plain(&after.isr),
        plain(&after.elr),
        plain(&after.last_known_elr),
    )
}

#[test]
fn when_the_leader_is_fenced_the_next_of_the_list_that_is_in_sync_leads() {
    let fenced = Case::healthy().fence(1);
    assert_eq!(shown(&fenced), (Some(2), vec![2, 3], vec![], vec![]));
    assert_eq!(
        (fenced.after.leader_epoch, fenced.after.partition_epoch),
        (6, 10)
    );
    assert!(!fenced.unclean);
    let second_behind = Case::healthy().isr(&[1, 3]).fence(1);
    assert_eq!(shown(&second_behind), (Some(3), vec![3], vec![1], vec![]));
}

#[test]
fn when_a_follower_is_fenced_the_leader_stays_and_so_does_its_epoch() {
    let fenced = Case::healthy().fence(3);
    assert_eq!(shown(&fenced), (Some(1), vec![1, 2], vec![], vec![]));
    assert_eq!(
        (fenced.after.leader_epoch, fenced.after.partition_epoch),
        (5, 10)
    );
}

#[test]
fn whoever_leaves_below_min_isr_stays_eligible() {
    let fenced = Case::healthy().isr(&[1, 2]).fence(2);
    assert_eq!(shown(&fenced), (Some(1), vec![1], vec![2], vec![]));
}

#[test]
fn with_elr_the_last_member_leaves_too_and_is_remembered_as_the_last_leader() {
    let fenced = Case::healthy().isr(&[1]).elr(&[2]).alive(&[1]).fence(1);
    assert_eq!(shown(&fenced), (None, vec![], vec![1, 2], vec![1]));
    assert_eq!(
        fenced.after.leader_epoch, 6,
        "having no leader is an epoch of its own"
    );
}

#[test]
fn without_elr_the_last_member_never_leaves() {
    let fenced = Case::healthy().without_elr().isr(&[1]).alive(&[1]).fence(1);
    assert_eq!(shown(&fenced), (None, vec![1], vec![], vec![]));
    let mut dead = Case::healthy().without_elr().alive(&[2, 3]);
    dead.state = fenced.after;
    assert_eq!(dead.look_again(), None, "2 and 3 are not in sync");
    let back = dead.alive(&[1, 2, 3]).look_again().expect("1 leads again");
    assert_eq!(shown(&back), (Some(1), vec![1], vec![], vec![]));
    assert!(!back.unclean);
}

#[test]
fn an_eligible_replica_leads_when_nobody_is_in_sync() {
    let leaderless = Case::healthy()
        .isr(&[])
        .elr(&[1, 2, 3])
        .last_leader(&[1])
        .leader(None);
    let back = leaderless.alive(&[3]).look_again().expect("3 is eligible");
    assert_eq!(shown(&back), (Some(3), vec![3], vec![1, 2], vec![]));
    assert!(!back.unclean, "it has every committed record");
    assert_eq!(back.after.recovery, Recovery::Recovered);
}

#[test]
fn an_eligible_replica_does_not_lead_while_somebody_is_in_sync() {
    let leaderless = Case::healthy().isr(&[1]).elr(&[2]).leader(None).alive(&[2]);
    assert_eq!(leaderless.look_again(), None);
}

#[test]
fn enough_replicas_in_sync_need_no_eligible_ones() {
    let expanded = Case::healthy().isr(&[1]).elr(&[2, 3]).alter(&[1, 2]);
    assert_eq!(shown(&expanded), (Some(1), vec![1, 2], vec![], vec![]));
}

#[test]
fn an_unclean_end_costs_the_place_in_isr_and_elr() {
    let in_sync = Case::healthy()
        .isr(&[1, 2])
        .returns_unclean(2)
        .expect("2 leaves");
    assert_eq!(shown(&in_sync), (Some(1), vec![1], vec![], vec![]));
    let eligible = Case::healthy()
        .isr(&[1])
        .elr(&[2, 3])
        .returns_unclean(2)
        .expect("2 leaves");
    assert_eq!(shown(&eligible), (Some(1), vec![1], vec![3], vec![]));
}

#[test]
fn with_isr_and_elr_empty_the_last_leader_leads_again_though_unclean_elections_are_off() {
    let empty = Case::healthy().isr(&[]).last_leader(&[2]).leader(None);
    assert_eq!(
        empty.clone().alive(&[1, 3]).look_again(),
        None,
        "only the last leader will do"
    );
    let back = empty.look_again().expect("2 leads");
    assert_eq!(shown(&back), (Some(2), vec![2], vec![], vec![]));
    assert!(back.unclean);
    assert_eq!(back.after.recovery, Recovery::Recovering);
}

#[test]
fn unclean_elections_take_the_first_of_the_list_that_lives_and_reset_the_isr() {
    let dead = Case::healthy()
        .without_elr()
        .isr(&[1])
        .leader(None)
        .alive(&[2, 3]);
    assert_eq!(dead.look_again(), None);
    let elected = dead
        .looking_for(Election::Unclean)
        .look_again()
        .expect("2 leads");
    assert_eq!(shown(&elected), (Some(2), vec![2], vec![], vec![]));
    assert!(elected.unclean);
}

#[test]
fn an_unclean_election_forgets_who_was_eligible() {
    let dead = Case::healthy()
        .isr(&[])
        .elr(&[1])
        .last_leader(&[1])
        .leader(None)
        .alive(&[3]);
    let elected = dead
        .looking_for(Election::Unclean)
        .look_again()
        .expect("3 leads");
    assert_eq!(shown(&elected), (Some(3), vec![3], vec![], vec![]));
}

#[test]
fn an_unclean_election_is_not_held_where_a_clean_one_will_do() {
    let fenced = Case::healthy().looking_for(Election::Unclean).fence(1);
    assert_eq!(shown(&fenced), (Some(2), vec![2, 3], vec![], vec![]));
    assert!(!fenced.unclean);
}

#[test]
fn the_preferred_leader_gets_its_place_back_only_when_in_sync() {
    let moved = Case::healthy()
        .leader(Some(2))
        .looking_for(Election::Preferred);
    let elected = moved.look_again().expect("1 leads again");
    assert_eq!(shown(&elected), (Some(1), vec![1, 2, 3], vec![], vec![]));
    assert_eq!(moved.isr(&[2, 3]).look_again(), None);
}

#[test]
fn a_preferred_election_keeps_the_leader_when_the_preferred_one_is_dead() {
    let dead = Case::healthy()
        .leader(Some(3))
        .alive(&[2, 3])
        .looking_for(Election::Preferred);
    assert_eq!(
        dead.look_again(),
        None,
        "3 still leads, although 2 comes first"
    );
}

#[test]
fn nothing_changes_when_nothing_changes() {
    assert_eq!(Case::healthy().look_again(), None);
}
