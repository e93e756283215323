//! Who gets which partitions, when, and why.

use super::*;

#[test]
fn one_consumer_gets_everything_and_shares_it_with_the_next() {
    let mut rig = Plan::scripted(3, quick()).build();
    rig.joins(C1);
    rig.pass_ms(1_000);
    assert_eq!(rig.assigned(C1), [vec![0, 1, 2]]);
    rig.joins(C2);
    rig.pass_ms(4_000);
    assert_eq!(
        rig.revoked(C1),
        [vec![0, 1, 2]],
        "eager: all is taken away first"
    );
    assert_eq!(rig.assigned(C1), [vec![0, 1, 2], vec![0, 1]]);
    assert_eq!(rig.assigned(C2), [vec![2]]);
}

#[test]
fn an_idle_group_writes_nothing_into_the_journal() {
    let config = ConsumerConfig {
        enable_auto_commit: false,
        ..quick()
    };
    let mut rig = Plan::scripted(3, config).build();
    rig.joins(C1);
    // By then the OS has written back what the join wrote.
    rig.pass_ms(60_000);
    let before = rig.journal.len();
    rig.pass_ms(60_000);
    assert_eq!(rig.journal.len(), before);
}

#[test]
fn a_killed_consumer_is_missed_after_its_session_and_the_kill_is_the_reason() {
    let mut rig = Plan::scripted(2, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(10_000);
    rig.act(Action::Kill(C1));
    rig.pass_ms(2_900);
    assert_eq!(
        rig.assigned(C2).last(),
        Some(&vec![1]),
        "its session still runs"
    );
    rig.pass_ms(7_000);
    assert_eq!(rig.assigned(C2).last(), Some(&vec![0, 1]));
    let assigned = rig.last(|e| matches!(e, Entry::Assigned { .. }));
    let reasons: Vec<&Entry> = rig.causes(assigned).collect();
    let gone = |e: &&&Entry| matches!(e, Entry::MemberGone { expired: true, .. });
    assert!(reasons.iter().any(|e| gone(&e)), "{reasons:?}");
    assert!(reasons.contains(&&Entry::Killed), "{reasons:?}");
}

#[test]
fn a_consumer_that_closes_hands_over_with_the_next_heartbeat() {
    let mut rig = Plan::scripted(2, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(10_000);
    rig.call(C1, Call::PollStop);
    rig.call(C1, Call::Close { timeout_ms: None });
    rig.pass_ms(4_000);
    assert_eq!(rig.assigned(C2).last(), Some(&vec![0, 1]));
    let gone = rig.last(|e| matches!(e, Entry::MemberGone { .. }));
    assert!(matches!(
        gone.what,
        Entry::MemberGone { expired: false, .. }
    ));
}

#[test]
fn a_stopped_process_closes_its_consumer_and_ends() {
    let mut rig = Plan::scripted(2, quick()).build();
    rig.joins(C1);
    rig.pass_ms(3_000);
    rig.act(Action::Stop(C1));
    rig.pass_ms(1_000);
    assert_eq!(rig.revoked(C1), [vec![0, 1]]);
    assert_eq!(rig.world.status(C1).0, crate::sim::Status::Down);
}

#[test]
fn members_survive_the_death_of_their_coordinator() {
    let mut rig = Plan::scripted(2, quick()).build();
    rig.joins(C1);
    rig.joins(C2);
    rig.pass_ms(10_000);
    let before = (rig.assigned(C1), rig.assigned(C2));
    rig.act(Action::Kill(B3));
    rig.pass_ms(30_000);
    assert_eq!((rig.assigned(C1), rig.assigned(C2)), before, "no rebalance");
}

#[test]
fn a_new_coordinator_reads_its_log_first_and_is_waited_for() {
    let mut rig = Plan::scripted(1, quick()).build();
    rig.write(0, 5);
    rig.joins(C1);
    rig.pass_ms(20_000);
    rig.act(Action::Kill(B3));
    // Asked again and again while nobody coordinates.
    rig.call(C1, Call::CommitSync(Some(vec![(t(0), 4)])));
    rig.pass_ms(30_000);
    let offsets = TopicPartition::new(TopicId(1), 0);
    let entries = rig.journal.entries().iter().filter(|e| e.node == B1);
    let leads =
        |e: &Entry| matches!(e, Entry::BecameLeader { partition, .. } if *partition == offsets);
    let writes =
        |e: &Entry| matches!(e, Entry::Appended { partition, .. } if *partition == offsets);
    let led_at = entries
        .clone()
        .find(|e| leads(&e.what))
        .expect("it leads")
        .at;
    let wrote_at = entries
        .clone()
        .find(|e| writes(&e.what))
        .expect("it wrote")
        .at;
    assert!(wrote_at >= led_at + 10 * MS, "{led_at} {wrote_at}");
    let how = crate::kafka::CommitHow::Sync;
    let failed = |e: &Entry| matches!(e, Entry::CommitFailed { how: by, .. } if *by == how);
    assert!(!rig.journal.entries().iter().any(|e| failed(&e.what)));
}

#[test]
fn a_group_whose_coordinator_is_away_goes_on_reading() {
    let mut rig = Plan::scripted(1, quick()).build();
    rig.joins(C1);
    rig.pass_ms(3_000);
    rig.act(Action::Kill(B3));
    rig.pass_ms(500);
    rig.call(PRODUCER, Call::Flush);
    rig.write(0, 3);
    rig.pass_ms(12_000);
    assert_eq!(rig.polled(C1), [0, 1, 2]);
}

#[test]
fn a_static_member_that_returns_in_time_finds_its_partitions_without_a_rebalance() {
    let config = ConsumerConfig {
        group_instance_id: Some("i1".into()),
        session_timeout_ms: 10_000,
        ..quick()
    };
    let mut rig = Plan::scripted(2, config).build();
    rig.joins(C1);
    rig.pass_ms(3_000);
    let generations = |rig: &Rig| {
        rig.told(B3, |e| match e {
            Entry::Rebalanced { generation, .. } => Some(*generation),
            _ => None,
        })
    };
    let before = generations(&rig);
    rig.act(Action::Kill(C1));
    rig.pass_ms(1_000);
    rig.act(Action::Start(C1));
    rig.joins(C1);
    rig.pass_ms(3_000);
    assert_eq!(rig.assigned(C1), [vec![0, 1], vec![0, 1]]);
    assert_eq!(generations(&rig), before);
}

#[test]
fn a_member_that_leaves_for_slowness_does_so_because_of_what_it_polled() {
    let config = ConsumerConfig {
        max_poll_interval_ms: 7_000,
        ..quick()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.write(0, 1);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 5_000 });
    rig.pass_ms(2_000);
    rig.joins(C2);
    rig.pass_ms(15_000);
    let gone = rig.last(|e| matches!(e, Entry::MemberGone { member: C1, .. }));
    assert!(matches!(
        gone.what,
        Entry::MemberGone { expired: false, .. }
    ));
    assert!(rig.causes(gone).any(|e| matches!(e, Entry::Polled { .. })));
}

#[test]
fn what_is_taken_away_is_taken_because_another_came() {
    let mut rig = Plan::scripted(2, quick()).build();
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 3_000 });
    rig.pass_ms(4_000);
    rig.joins(C2);
    // The first one hears of it while it does not poll.
    rig.pass_ms(6_000);
    rig.call(C1, Call::Poll { timeout_ms: 100 });
    rig.pass_ms(1_000);
    let revoked = rig.last(|e| matches!(e, Entry::Revoked { .. }));
    assert_ne!(revoked.cause, crate::sim::EntryId::NONE);
}

#[test]
fn a_request_waits_until_the_one_before_it_on_its_connection_is_answered() {
    let config = ConsumerConfig {
        enable_auto_commit: false,
        ..quick()
    };
    let mut rig = Plan::scripted(1, config).build();
    rig.write(0, 5);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 5_000 });
    rig.pass_ms(2_000);
    let offsets = TopicPartition::new(TopicId(1), 0);
    let writes = |rig: &Rig| {
        let written = rig.told(B3, |entry| match entry {
            Entry::Appended { partition, .. } if *partition == offsets => Some(()),
            _ => None,
        });
        written.len()
    };
    let before = writes(&rig);
    // Nobody copies the first commit: it is not answered.
    rig.act(Action::Pause(B1));
    rig.act(Action::Pause(B2));
    rig.pass_ms(1_000);
    rig.call(C1, Call::CommitAsync);
    rig.call(C1, Call::CommitAsync);
    rig.pass_ms(1_000);
    assert_eq!(writes(&rig) - before, 1);
    rig.act(Action::Resume(B1));
    rig.act(Action::Resume(B2));
    rig.pass_ms(2_000);
    assert_eq!(writes(&rig) - before, 2);
}
