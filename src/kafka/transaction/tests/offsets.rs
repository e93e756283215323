//! Offsets that are part of a transaction (`sendOffsetsToTransaction`).

use super::*;
use crate::kafka::Answer;

/// A member that has read what a plain producer wrote, and a transaction with its offset in it.
fn read_and_sent() -> Story {
    let mut story = Story::new();
    story.send(PLAIN, T, &[1, 2]);
    story.call(MEMBER, Call::Subscribe(vec![T]));
    story.call(MEMBER, Call::Poll { timeout_ms: 8_000 });
    story.pass_ms(8_000);
    assert_eq!(story.read(MEMBER), [1, 2]);
    story.begun(P1);
    story.send(P1, U, &[11, 12]);
    story.call(
        P1,
        Call::SendOffsets {
            kept: false,
            offsets: vec![(T0, 2)],
            of: MEMBER,
        },
    );
    story.pass_ms(1_000);
    story
}

impl Story {
    /// What the group has committed in `t`, as the coordinator tells a member.
    fn committed(&mut self) -> Option<u64> {
        self.call(MEMBER, Call::Committed(vec![T0]));
        self.pass_ms(4_000);
        let mine = self.journal.entries().iter().filter(|e| e.node == MEMBER);
        let mut answers = mine.filter_map(|entry| match &entry.what {
            Entry::Returned {
                answer: Answer::Offsets(offsets),
                ..
            } => offsets.first().and_then(|(_, offset)| *offset),
            _ => None,
        });
        answers.next_back()
    }
}

#[test]
fn offsets_count_with_the_commit_of_their_transaction() {
    let mut story = read_and_sent();
    assert_eq!(story.returned(P1, "sendOffsetsToTransaction"), 1);
    story.commit(P1);
    assert_eq!(story.committed(), Some(2));
    assert_eq!(story.read(COMMITTED), [1, 2, 11, 12]);
}

#[test]
fn offsets_of_an_aborted_transaction_never_count() {
    let mut story = read_and_sent();
    story.abort(P1);
    assert_eq!(story.committed(), None);
    assert!(story.thrown(MEMBER).is_empty());
}

#[test]
fn while_the_transaction_is_open_nobody_is_told_an_offset_that_it_may_move() {
    let mut story = read_and_sent();
    assert_eq!(story.committed(), None);
    // UNSTABLE_OFFSET_COMMIT until default.api.timeout.ms.
    assert_eq!(story.thrown(MEMBER), [("committed", ClientError::Timeout)]);
}

#[test]
fn the_next_coordinator_of_the_group_knows_what_is_pending() {
    let mut story = read_and_sent();
    story.act(Action::Kill(B3));
    story.pass_ms(15_000);
    story.commit(P1);
    story.pass_ms(15_000);
    assert_eq!(story.returned(P1, "commitTransaction"), 1);
    assert_eq!(story.committed(), Some(2));
}

#[test]
fn a_member_that_is_no_longer_one_commits_nothing() {
    let mut story = Story::new();
    story.send(PLAIN, T, &[1]);
    story.call(MEMBER, Call::Subscribe(vec![T]));
    story.call(MEMBER, Call::Poll { timeout_ms: 8_000 });
    story.pass_ms(8_000);
    story.begun(P1);
    story.send(P1, U, &[11]);
    // Its session ends while it stands still.
    story.act(Action::Pause(MEMBER));
    story.pass_ms(60_000);
    story.call(
        P1,
        Call::SendOffsets {
            kept: false,
            offsets: vec![(T0, 1)],
            of: MEMBER,
        },
    );
    story.pass_ms(1_000);
    let thrown = story.thrown(P1);
    assert_eq!(thrown.len(), 1, "{thrown:?}");
    story.commit(P1);
    assert_eq!(story.read(COMMITTED), [1], "the output is not committed");
}
