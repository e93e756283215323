//! AlterPartition, elections on request, and the end of one broker after another.

use super::*;

#[test]
fn the_leader_may_shrink_and_expand_its_isr() {
    let mut lab = Lab::new();
    let shrunk = lab.alter(&[1, 2], |_| ());
    assert_eq!(shrunk.error, ErrorCode::None);
    assert_eq!(lab.shown(), (Some(1), vec![1, 2], vec![]));
    assert_eq!(shrunk.state.as_deref(), Some(lab.state()));
    assert_eq!(lab.alter(&[1], |_| ()).error, ErrorCode::None);
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![2]));
    assert_eq!(lab.alter(&[1, 2, 3], |_| ()).error, ErrorCode::None);
    assert_eq!(lab.shown(), (Some(1), vec![1, 2, 3], vec![]));
}

#[test]
fn a_leader_that_is_not_up_to_date_is_told_so() {
    let mut lab = Lab::new();
    lab.alter(&[1, 2], |_| ());
    let late = lab.alter(&[1, 2, 3], |request| request.partition_epoch -= 1);
    assert_eq!(late.error, ErrorCode::InvalidUpdateVersion);
    let early = lab.alter(&[1, 2, 3], |request| request.partition_epoch += 1);
    assert_eq!(early.error, ErrorCode::NotController);
    lab.silence(1, &[2, 3]);
    let (leader, epoch) = (NodeId(1), lab.epoch_of(1));
    let deposed = lab.alter(&[1, 2], |request| {
        (request.broker, request.broker_epoch) = (leader, epoch);
        request.leader_epoch -= 1;
    });
    assert_eq!(deposed.error, ErrorCode::FencedLeaderEpoch);
    let pretender = lab.alter(&[1, 2], |request| {
        (request.broker, request.broker_epoch) = (leader, epoch);
    });
    assert_eq!(pretender.error, ErrorCode::InvalidRequest);
}

#[test]
fn replicas_that_are_fenced_leaving_or_of_another_life_do_not_get_into_the_isr() {
    let mut lab = Lab::new();
    lab.silence(3, &[1, 2]);
    assert_eq!(
        lab.alter(&[1, 2, 3], |_| ()).error,
        ErrorCode::IneligibleReplica
    );
    let former = lab.epoch_of(3);
    lab.returns(3, false);
    let stale = lab.alter(&[1, 2, 3], |request| request.new_isr[2].1 = former);
    assert_eq!(stale.error, ErrorCode::IneligibleReplica);
    assert_eq!(lab.alter(&[1, 2, 3], |_| ()).error, ErrorCode::None);
    lab.alter(&[1, 2], |_| ());
    lab.elect_another();
    lab.wants_to_stop(1);
    assert_eq!(
        lab.alter(&[2, 1], |_| ()).error,
        ErrorCode::IneligibleReplica
    );
}

impl Lab {
    /// Moves leadership from 1 to 2 by fencing 1 for a while.
    fn elect_another(&mut self) {
        self.heartbeat(1, |request| request.want_fence = true);
        assert_eq!(self.state().leader, Some(NodeId(2)));
        self.lives(1);
    }
}

#[test]
fn an_isr_that_makes_no_sense_is_refused() {
    let mut lab = Lab::new();
    for isr in [&[2, 3][..], &[1, 1], &[]] {
        assert_eq!(
            lab.alter(isr, |_| ()).error,
            ErrorCode::InvalidRequest,
            "{isr:?}"
        );
    }
    let foreign = lab.alter(&[1], |request| request.new_isr.push((NodeId(9), 0)));
    assert_eq!(foreign.error, ErrorCode::InvalidRequest);
    let recovering = lab.alter(&[1], |request| request.recovery = Recovery::Recovering);
    assert_eq!(recovering.error, ErrorCode::InvalidRequest);
}

#[test]
fn the_preferred_leader_is_elected_on_request_only_when_it_does_not_lead_and_can() {
    let mut lab = Lab::new();
    assert_eq!(lab.elect(false), ErrorCode::ElectionNotNeeded);
    lab.silence(1, &[2, 3]);
    assert_eq!(lab.elect(false), ErrorCode::PreferredLeaderNotAvailable);
    lab.returns(1, false);
    assert_eq!(
        lab.elect(false),
        ErrorCode::PreferredLeaderNotAvailable,
        "it is not in sync"
    );
    lab.alter(&[2, 3, 1], |_| ());
    assert_eq!(lab.elect(false), ErrorCode::None);
    assert_eq!(lab.state().leader, Some(NodeId(1)));
}

/// The partition is left with nobody alive; the last in sync was 1.
fn last_replica_standing(spec: ClusterSpec) -> Lab {
    let mut lab = Lab::with(spec);
    lab.silence(3, &[1, 2]);
    lab.silence(2, &[1]);
    lab.silence(1, &[]);
    assert_eq!(lab.state().leader, None);
    lab
}

#[test]
fn an_unclean_election_on_request_takes_whoever_lives() {
    let mut spec = spec();
    spec.elr = false;
    let mut lab = last_replica_standing(spec);
    assert_eq!(lab.elect(true), ErrorCode::EligibleLeadersNotAvailable);
    lab.returns(3, false);
    assert_eq!(lab.state().leader, None);
    assert_eq!(lab.elect(true), ErrorCode::None);
    assert_eq!(lab.shown(), (Some(3), vec![3], vec![]));
    assert_eq!(lab.state().recovery, Recovery::Recovering);
    assert_eq!(lab.elect(true), ErrorCode::ElectionNotNeeded);
}

#[test]
fn where_unclean_elections_are_allowed_the_first_to_return_leads() {
    let mut spec = spec();
    spec.topics[0].config.unclean_leader_election_enable = true;
    let mut lab = last_replica_standing(spec);
    lab.returns(3, false);
    assert_eq!(lab.shown(), (Some(3), vec![3], vec![]));
    assert_eq!(lab.state().recovery, Recovery::Recovering);
}

#[test]
fn an_eligible_replica_that_stopped_in_order_leads_when_it_returns() {
    let mut lab = Lab::new();
    lab.alter(&[1, 2], |_| ());
    lab.wants_to_stop(2);
    lab.silence(2, &[1, 3]);
    lab.silence(1, &[3]);
    assert_eq!(lab.shown(), (None, vec![], vec![1, 2]));
    lab.returns(2, true);
    assert_eq!(lab.shown(), (Some(2), vec![2], vec![1]));
    assert_eq!(lab.state().recovery, Recovery::Recovered);
}

#[test]
fn after_unclean_ends_everywhere_only_the_last_leader_may_lead() {
    let mut lab = last_replica_standing(spec());
    for broker in [2, 3] {
        lab.returns(broker, false);
        assert_eq!(lab.state().leader, None);
    }
    lab.returns(1, false);
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![]));
    assert_eq!(lab.state().recovery, Recovery::Recovering);
}

#[test]
fn without_elr_the_last_in_sync_leads_again_as_if_nothing_had_happened() {
    let mut spec = spec();
    spec.elr = false;
    let mut lab = last_replica_standing(spec);
    lab.returns(2, true);
    assert_eq!(lab.shown(), (None, vec![1], vec![]));
    lab.returns(1, false);
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![]));
    assert_eq!(lab.state().recovery, Recovery::Recovered);
}

#[test]
fn a_replaced_disk_keeps_its_broker_from_leading_only_until_it_is_reported() {
    let mut spec = spec();
    spec.elr = false;
    let mut lab = last_replica_standing(spec);
    lab.incarnations[0] += 1;
    let request = BrokerRegistrationRequest {
        broker: NodeId(1),
        incarnation: lab.incarnations[0],
        directories: vec![DirectoryId(77)],
        previous_broker_epoch: None,
    };
    lab.ask(|controller, out| controller.register(&request, out));
    lab.lives(1);
    assert_eq!(
        lab.state().leader,
        None,
        "its replica is in a directory that is gone"
    );
    lab.assign(1, DirectoryId(77));
    assert_eq!(lab.state().leader, None, "nobody has looked again");
    lab.returns(2, false);
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![]));
}

#[test]
fn producer_ids_come_in_blocks_that_never_overlap() {
    let mut lab = Lab::new();
    let first = lab.ask(|controller, _| controller.allocate_producer_ids());
    let second = lab.ask(|controller, _| controller.allocate_producer_ids());
    assert_eq!(second.start, first.start + u64::from(first.len));
}

#[test]
fn a_new_min_insync_replicas_clears_what_the_old_one_promised() {
    let mut lab = Lab::new();
    lab.alter(&[1], |_| ());
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![2, 3]));
    let request = AlterConfigsRequest::MinIsr {
        topic: PARTITION.topic,
        min_isr: 1,
    };
    let answer = lab.ask(|controller, _| controller.alter_configs(&request));
    assert_eq!(answer, ErrorCode::None);
    assert_eq!(lab.shown(), (Some(1), vec![1], vec![]));
    // Whoever was eligible may not lead any more, although nothing was written since.
    lab.silence(1, &[2, 3]);
    assert_eq!(lab.shown().0, None);
}

/// Only broker 3 lives, which is neither in the ISR nor eligible.
fn only_an_unclean_one_lives() -> Lab {
    let mut lab = last_replica_standing(spec());
    lab.returns(3, false);
    assert_eq!(lab.state().leader, None);
    lab
}

fn set_unclean(lab: &mut Lab, topic: Option<crate::kafka::TopicId>, allowed: bool) {
    let request = AlterConfigsRequest::Unclean { topic, allowed };
    let answer = lab.ask(|controller, _| controller.alter_configs(&request));
    assert_eq!(answer, ErrorCode::None);
}

#[test]
fn allowing_unclean_elections_elects_nobody_before_the_next_look() {
    let mut lab = only_an_unclean_one_lives();
    set_unclean(&mut lab, Some(PARTITION.topic), true);
    assert_eq!(lab.state().leader, None);
    lab.ask(|controller, _| controller.elect_unclean_leaders());
    assert_eq!(lab.shown(), (Some(3), vec![3], vec![]));
    assert_eq!(lab.state().recovery, Recovery::Recovering);
}

#[test]
fn the_brokers_default_counts_for_topics_that_do_not_say() {
    let mut lab = only_an_unclean_one_lives();
    set_unclean(&mut lab, None, true);
    set_unclean(&mut lab, Some(PARTITION.topic), false);
    lab.ask(|controller, _| controller.elect_unclean_leaders());
    assert_eq!(lab.state().leader, None, "the topic says no");
    let mut lab = only_an_unclean_one_lives();
    set_unclean(&mut lab, None, true);
    lab.ask(|controller, _| controller.elect_unclean_leaders());
    assert_eq!(lab.state().leader, Some(NodeId(3)));
}
