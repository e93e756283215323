//! Groups whose coordinator assigns (group.protocol=consumer), in whole clusters.

use super::*;
use crate::kafka::{ClientError, CommitHow, ErrorCode};
use crate::sim::{Luck, Status};

/// Consumers whose coordinator assigns; it hears of them every two seconds, and misses them after
/// six.
fn plan(partitions: u16, config: ConsumerConfig) -> Plan {
    let config = ConsumerConfig {
        group_protocol: GroupProtocol::Consumer,
        ..config
    };
    let mut plan = Plan::scripted(partitions, config);
    plan.broker.group_consumer_session_timeout_ms = 6_000;
    plan.broker.group_consumer_heartbeat_interval_ms = 2_000;
    plan
}

fn lost(rig: &Rig, node: NodeId) -> Vec<Vec<u16>> {
    rig.told(node, |entry| match entry {
        Entry::PartitionsLost { partitions } => Some(numbers(partitions)),
        _ => None,
    })
}

/// What each of the two consumers has at the end; at no time does the journal give one partition to
/// both.
fn shares(rig: &Rig) -> [Vec<u16>; 2] {
    let mut shares = [Vec::new(), Vec::new()];
    for entry in rig.journal.entries() {
        let Some(place) = [C1, C2].iter().position(|node| *node == entry.node) else {
            continue;
        };
        match &entry.what {
            Entry::Assigned { partitions } => shares[place].extend(numbers(partitions)),
            Entry::Revoked { partitions } | Entry::PartitionsLost { partitions } => {
                let gone = numbers(partitions);
                shares[place].retain(|p| !gone.contains(p));
            }
            Entry::Killed | Entry::Stopped => shares[place].clear(),
            _ => {}
        }
        let [one, other] = &shares;
        assert!(
            one.iter().all(|p| !other.contains(p)),
            "{entry:?}: {shares:?}"
        );
    }
    for share in &mut shares {
        share.sort_unstable();
    }
    shares
}

#[test]
fn a_second_member_gets_its_part_and_the_first_keeps_the_rest() {
    let mut rig = plan(3, quick()).build();
    rig.joins(C1);
    rig.pass_ms(1_000);
    assert_eq!(
        rig.assigned(C1),
        [vec![0, 1, 2]],
        "there is no delay at first"
    );
    rig.joins(C2);
    rig.pass_ms(6_000);
    assert_eq!(rig.revoked(C1), [vec![2]], "only what another is to have");
    assert_eq!(rig.assigned(C1), [vec![0, 1, 2], vec![]]);
    assert_eq!(rig.assigned(C2), [vec![], vec![2]]);
    assert_eq!(shares(&rig), [vec![0, 1], vec![2]]);
}

#[test]
fn what_was_polled_is_committed_before_it_is_given_up() {
    let config = ConsumerConfig {
        auto_commit_interval_ms: 60_000,
        ..quick()
    };
    let mut rig = plan(2, config).build();
    rig.write(1, 7);
    rig.joins(C1);
    rig.pass_ms(2_000);
    rig.joins(C2);
    rig.pass_ms(6_000);
    assert_eq!(rig.revoked(C1), [vec![1]]);
    let commit = rig.last(|e| matches!(e, Entry::Committed { .. }));
    let Entry::Committed { offsets, how } = &commit.what else {
        unreachable!("it was looked for");
    };
    assert_eq!((commit.node, *how), (C1, CommitHow::Auto));
    assert!(offsets.contains(&(t(1), Some(7))));
    assert_eq!(rig.polled(C2), [0_u32; 0], "nothing is read twice");
}

#[test]
fn a_coordinator_that_dies_in_the_middle_of_a_reconciliation_is_gone_on_with_by_the_next() {
    let mut rig = plan(2, quick()).build();
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 1_000 });
    rig.pass_ms(2_000);
    assert_eq!(shares(&rig), [vec![0, 1], vec![]]);
    // C1 is told to give up t-1, and does not poll: it still has it.
    rig.joins(C2);
    rig.pass_ms(5_000);
    rig.act(Action::Kill(B3));
    rig.pass_ms(25_000);
    assert_eq!(
        shares(&rig),
        [vec![0, 1], vec![]],
        "the next one waits as well"
    );
    rig.call(C1, Call::Poll { timeout_ms: 3_000 });
    rig.pass_ms(6_000);
    assert_eq!(shares(&rig), [vec![0], vec![1]]);
    assert_eq!((lost(&rig, C1).len(), lost(&rig, C2).len()), (0, 0));
}

#[test]
fn static_members_that_restart_one_by_one_keep_what_they_had() {
    let mut plan = plan(2, quick());
    plan.static_members = true;
    let mut rig = plan.build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(8_000);
    let before = shares(&rig);
    for client in [C1, C2] {
        rig.act(Action::Stop(client));
        rig.pass_ms(1_000);
        rig.act(Action::Start(client));
        rig.joins(client);
        rig.pass_ms(2_000);
    }
    rig.pass_ms(6_000);
    assert_eq!(shares(&rig), before);
    let to_c1: Vec<_> = rig.assigned(C1).into_iter().flatten().collect();
    assert_eq!(to_c1, [0, 1, 0], "at first all, after the restart its own");
}

#[test]
fn members_that_restart_one_by_one_hand_over_and_share_again() {
    let mut rig = plan(4, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(8_000);
    for client in [C1, C2] {
        rig.act(Action::Stop(client));
        rig.pass_ms(8_000);
        let all: Vec<u16> = shares(&rig).concat();
        assert_eq!(all.len(), 4, "the other has everything");
        rig.act(Action::Start(client));
        rig.joins(client);
        rig.pass_ms(8_000);
    }
    assert_eq!(shares(&rig).map(|share| share.len()), [2, 2]);
}

#[test]
fn a_member_that_was_away_too_long_has_lost_its_partitions_and_joins_again() {
    let mut rig = plan(2, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(8_000);
    rig.act(Action::Pause(C1));
    rig.pass_ms(10_000);
    assert_eq!(rig.assigned(C2).concat(), [1, 0], "it got what C1 had");
    rig.act(Action::Resume(C1));
    rig.pass_ms(10_000);
    assert_eq!(lost(&rig, C1), [vec![0]]);
    let ends: Vec<u16> = rig.assigned(C1).last().cloned().unwrap_or_default();
    assert_eq!(
        ends.len(),
        1,
        "and has its share again: {:?}",
        rig.assigned(C1)
    );
}

#[test]
fn a_killed_consumer_is_missed_after_the_coordinators_session_and_the_kill_is_the_reason() {
    let mut rig = plan(2, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(8_000);
    rig.act(Action::Kill(C1));
    rig.pass_ms(3_900);
    assert_eq!(rig.assigned(C2).last(), Some(&vec![1]), "its session runs");
    rig.pass_ms(6_000);
    assert_eq!(rig.assigned(C2).last(), Some(&vec![0]));
    let assigned = rig.last(|e| matches!(e, Entry::Assigned { .. }));
    let reasons: Vec<&Entry> = rig.causes(assigned).collect();
    let gone = |e: &&&Entry| matches!(e, Entry::MemberGone { expired: true, .. });
    assert!(reasons.iter().any(|e| gone(&e)), "{reasons:?}");
    assert!(reasons.contains(&&Entry::Killed), "{reasons:?}");
}

#[test]
fn a_member_that_works_too_long_leaves_by_itself_and_joins_with_its_next_poll() {
    let config = ConsumerConfig {
        max_poll_interval_ms: 7_000,
        ..quick()
    };
    let mut rig = plan(1, config).build();
    rig.write(0, 1);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 5_000 });
    rig.pass_ms(2_000);
    rig.joins(C2);
    rig.pass_ms(12_000);
    let gone = rig.last(|e| matches!(e, Entry::MemberGone { member: C1, .. }));
    assert!(rig.causes(gone).any(|e| matches!(e, Entry::Polled { .. })));
    assert_eq!(rig.assigned(C2), [vec![], vec![0]]);
    assert_eq!(lost(&rig, C1), [[0_u16; 0]; 0], "it does not know yet");
    rig.call(C1, Call::Poll { timeout_ms: 3_000 });
    rig.pass_ms(4_000);
    assert_eq!(lost(&rig, C1), [vec![0]]);
    assert_eq!(rig.assigned(C1), [vec![0], vec![]], "it is a member again");
}

#[test]
fn an_idle_group_writes_nothing_into_the_journal() {
    let config = ConsumerConfig {
        enable_auto_commit: false,
        ..quick()
    };
    let mut rig = plan(3, config).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(60_000);
    let before = rig.journal.len();
    rig.pass_ms(60_000);
    assert_eq!(rig.journal.len(), before);
}

#[test]
fn an_assignor_that_the_coordinator_does_not_have_is_refused_for_good() {
    let config = ConsumerConfig {
        group_remote_assignor: Some("sticky".into()),
        ..quick()
    };
    let mut rig = plan(1, config).build();
    rig.joins(C1);
    rig.pass_ms(5_000);
    let thrown = rig.told(C1, |entry| match entry {
        Entry::Thrown { error, .. } => Some(*error),
        _ => None,
    });
    let unsupported = ClientError::Broker(ErrorCode::UnsupportedAssignor);
    assert_eq!(thrown, [unsupported], "once");
}

#[test]
fn members_of_both_protocols_do_not_mix() {
    let mut rig = plan(1, quick()).classic(C2).build();
    rig.joins(C1);
    rig.pass_ms(1_000);
    rig.joins(C2);
    rig.pass_ms(5_000);
    let inconsistent = ClientError::Broker(ErrorCode::InconsistentGroupProtocol);
    let thrown =
        |entry: &Entry| matches!(entry, Entry::Thrown { error, .. } if *error == inconsistent);
    assert!(rig.journal.entries().iter().any(|e| thrown(&e.what)));
    assert_eq!(shares(&rig), [vec![0], vec![]]);
}

/// Members come and go in order and coordinators die, all by chance.
fn coming_and_going(seed: u64) -> Rig {
    let mut plan = plan(4, quick());
    plan.seed = seed;
    // Long enough for a dead broker to be missed: until then commits are not answered, and what comes
    // behind them on the same connection, heartbeats too, is not heard.
    plan.broker.group_consumer_session_timeout_ms = 45_000;
    let mut rig = plan.build();
    let mut luck = Luck::new(seed).stream("coming and going", 0);
    let mut dead = None;
    rig.joins(C1);
    rig.joins(C2);
    for _ in 0..12 {
        rig.pass_ms(300 + luck.below(6_000));
        let client = [C1, C2][luck.below(2) as usize];
        match luck.below(5) {
            0 | 1 => match rig.world.status(client).0 {
                Status::Up => rig.act(Action::Stop(client)),
                _ => returns(&mut rig, client),
            },
            2 if dead.is_none() => {
                let broker = [B1, B2, B3][luck.below(3) as usize];
                rig.act(Action::Kill(broker));
                dead = Some(broker);
            }
            3 => {
                if let Some(broker) = dead.take() {
                    rig.act(Action::Start(broker));
                }
            }
            _ => {}
        }
    }
    if let Some(broker) = dead {
        rig.act(Action::Start(broker));
    }
    rig.pass_ms(40_000);
    for client in [C1, C2] {
        if rig.world.status(client).0 == Status::Down {
            returns(&mut rig, client);
        }
    }
    rig.pass_ms(60_000);
    rig
}

fn returns(rig: &mut Rig, client: NodeId) {
    rig.act(Action::Start(client));
    rig.joins(client);
}

#[test]
fn whoever_comes_and_goes_no_partition_is_ever_held_twice_and_none_is_left_in_the_end() {
    for seed in 0..30 {
        let rig = coming_and_going(seed);
        let mut all = shares(&rig).concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3], "seed {seed}: {:?}", shares(&rig));
    }
}
