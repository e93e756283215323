//! How long committed offsets are kept.

use super::*;
use crate::kafka::Answer;

const MINUTE_MS: u64 = 60_000;

/// A group whose offsets are kept for 15 minutes, looked at every ten; ten messages committed.
fn forgetful() -> Rig {
    let config = ConsumerConfig {
        enable_auto_commit: false,
        ..quick()
    };
    let mut plan = Plan::scripted(1, config);
    plan.broker.offsets_retention_minutes = 15;
    let mut rig = plan.build();
    rig.write(0, 10);
    rig.call(C1, Call::Subscribe(vec![T]));
    rig.call(C1, Call::Poll { timeout_ms: 5_000 });
    rig.pass_ms(5_000);
    rig.call(C1, Call::CommitSync(None));
    rig.pass_ms(1_000);
    rig
}

/// What the group has committed, as another consumer of it hears.
fn committed(rig: &mut Rig) -> Option<u64> {
    rig.call(C2, Call::Committed(vec![t(0)]));
    rig.pass_ms(1_000);
    let answers = rig.told(C2, |entry| match entry {
        Entry::Returned {
            answer: Answer::Offsets(offsets),
            ..
        } => Some(offsets.clone()),
        _ => None,
    });
    answers.last().expect("it was answered")[0].1
}

#[test]
fn offsets_of_a_group_without_members_expire_some_time_after_the_last_one_left() {
    let mut rig = forgetful();
    rig.call(C1, Call::Close { timeout_ms: None });
    rig.pass_ms(11 * MINUTE_MS);
    assert_eq!(committed(&mut rig), Some(10));
    rig.pass_ms(10 * MINUTE_MS);
    assert_eq!(committed(&mut rig), None);
    let expired = rig.last(|e| matches!(e, Entry::OffsetsExpired { .. }));
    assert_eq!(expired.node, B3, "the coordinator forgets them");
    // The tombstones are in the log: the next coordinator does not know them either.
    rig.act(Action::Kill(B3));
    rig.pass_ms(15_000);
    assert_eq!(committed(&mut rig), None);
}

#[test]
fn offsets_of_a_subscribed_topic_never_expire() {
    let mut rig = forgetful();
    let (timeout_ms, commit) = (100, false);
    rig.call(C1, Call::PollStart { timeout_ms, commit });
    rig.pass_ms(41 * MINUTE_MS);
    assert_eq!(committed(&mut rig), Some(10));
}

#[test]
fn offsets_committed_without_a_membership_expire_some_time_after_the_commit() {
    let mut plan = Plan::scripted(1, quick());
    plan.broker.offsets_retention_minutes = 15;
    let mut rig = plan.build();
    rig.call(C1, Call::Assign(vec![t(0)]));
    rig.call(C1, Call::CommitSync(Some(vec![(t(0), 4)])));
    rig.pass_ms(11 * MINUTE_MS);
    assert_eq!(committed(&mut rig), Some(4));
    rig.pass_ms(10 * MINUTE_MS);
    assert_eq!(committed(&mut rig), None);
}
