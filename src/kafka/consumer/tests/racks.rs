//! Reading from a replica in one's own rack (KIP-392).

use super::*;
use crate::kafka::config::ReplicaSelector;

/// A consumer in the rack of broker 2, and a partition that broker 1 leads.
fn far_from_the_leader(selector: Option<ReplicaSelector>) -> Rig {
    let config = ConsumerConfig {
        client_rack: "r2".into(),
        ..quick()
    };
    let mut plan = Plan::scripted(1, config);
    plan.broker.replica_selector_class = selector;
    let mut rig = plan.build();
    rig.write(0, 3);
    rig.joins(C1);
    rig.pass_ms(3_000);
    assert_eq!(rig.polled(C1), [0, 1, 2]);
    rig
}

/// The consumer cannot reach the leader any more.
fn cut_off_from_the_leader(rig: &mut Rig) {
    let (from, to, both) = (C1, B1, true);
    rig.act(Action::CutLink { from, to, both });
}

#[test]
fn with_the_selector_records_come_from_the_replica_next_door() {
    let mut rig = far_from_the_leader(Some(ReplicaSelector::RackAware));
    cut_off_from_the_leader(&mut rig);
    rig.write(0, 2);
    rig.pass_ms(2_000);
    assert_eq!(rig.polled(C1), [0, 1, 2, 3, 4]);
}

#[test]
fn without_it_they_come_from_the_leader() {
    for selector in [None, Some(ReplicaSelector::Leader)] {
        let mut rig = far_from_the_leader(selector);
        cut_off_from_the_leader(&mut rig);
        rig.write(0, 2);
        rig.pass_ms(2_000);
        assert_eq!(rig.polled(C1), [0, 1, 2]);
    }
}

#[test]
fn a_follower_gives_only_what_it_knows_to_be_committed() {
    let mut rig = far_from_the_leader(Some(ReplicaSelector::RackAware));
    cut_off_from_the_leader(&mut rig);
    // It still answers its readers, but hears nothing new from its leader.
    let (from, to, both) = (B2, B1, true);
    rig.act(Action::CutLink { from, to, both });
    rig.call(PRODUCER, Call::Flush);
    rig.write(0, 2);
    rig.pass_ms(3_000);
    assert_eq!(rig.polled(C1), [0, 1, 2]);
    rig.act(Action::HealLink { from, to });
    rig.pass_ms(8_000);
    assert_eq!(rig.polled(C1), [0, 1, 2, 3, 4]);
}

#[test]
fn when_the_near_replica_dies_the_leader_is_read_from_again() {
    let mut rig = far_from_the_leader(Some(ReplicaSelector::RackAware));
    rig.act(Action::Kill(B2));
    rig.pass_ms(12_000);
    rig.write(0, 2);
    rig.pass_ms(2_000);
    assert_eq!(rig.polled(C1), [0, 1, 2, 3, 4]);
}
