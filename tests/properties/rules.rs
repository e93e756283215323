//! Every rule, switched off: some invariant must notice.

use crate::plan::Mode;
use crate::play::play;
use crate::sweep::{SHOPS, tree};
use acklab::kafka::Rule;
use acklab::lab::invariants::Invariant;

/// Each rule, what notices its absence, in which kind of trouble, and a seed of that kind that shows it.
const NOTICED: [(Rule, Invariant, Mode, u64); 26] = [
    (Rule::AckWaitsForIsr, Invariant::Kept, Mode::OneMachine, 21),
    (
        Rule::IsrNotMinIsr,
        Invariant::LogMatching,
        Mode::OneAtATime,
        5,
    ),
    (
        Rule::ProgressByFetch,
        Invariant::LogMatching,
        Mode::OneAtATime,
        75,
    ),
    (
        Rule::HighWatermarkFreezes,
        Invariant::Kept,
        Mode::OneMachine,
        2061,
    ),
    (
        Rule::HighWatermarkRises,
        Invariant::HighWatermarkRises,
        Mode::Together,
        458,
    ),
    (
        Rule::TruncateByEpoch,
        Invariant::LogMatching,
        Mode::OneAtATime,
        5,
    ),
    (Rule::LeaderFromIsr, Invariant::Kept, Mode::Processes, 62),
    (
        Rule::EpochPerLeader,
        Invariant::OneLeader,
        Mode::OneAtATime,
        5,
    ),
    (
        Rule::StaleLeaderRefused,
        Invariant::Kept,
        Mode::Processes,
        722,
    ),
    (
        Rule::UncleanLeavesElr,
        Invariant::Kept,
        Mode::OneMachine,
        731,
    ),
    (
        Rule::SequencesChecked,
        Invariant::OnceInOrder,
        Mode::OneAtATime,
        45,
    ),
    (
        Rule::ProducersRemembered,
        Invariant::OnceInOrder,
        Mode::Together,
        268,
    ),
    (
        Rule::ReadsStopAtHighWatermark,
        Invariant::ReadsCommitted,
        Mode::OneAtATime,
        5,
    ),
    (
        Rule::AutoCommitLags,
        Invariant::CommitsLag,
        Mode::OneAtATime,
        5,
    ),
    (
        Rule::ReadsStopAtLastStable,
        Invariant::ReadsStable,
        Mode::OneAtATime,
        20,
    ),
    (
        Rule::AbortedLeftOut,
        Invariant::ReadsStable,
        Mode::OneAtATime,
        20,
    ),
    (
        Rule::MarkersEverywhere,
        Invariant::AllOrNothing,
        Mode::OneAtATime,
        20,
    ),
    (
        Rule::DecisionReplicated,
        Invariant::AllOrNothing,
        Mode::Processes,
        272,
    ),
    (
        Rule::PendingOffsetsWaitedFor,
        Invariant::ExactlyOnce,
        Mode::Processes,
        24212,
    ),
    (
        Rule::OldMembersRefused,
        Invariant::ExactlyOnce,
        Mode::OneAtATime,
        3515,
    ),
    (
        Rule::MajorityDecides,
        Invariant::OneController,
        Mode::Processes,
        347,
    ),
    (
        Rule::OneVoteAnEpoch,
        Invariant::OneController,
        Mode::Processes,
        952,
    ),
    (
        Rule::RowGoesAfterAck,
        Invariant::RowsPublished,
        Mode::OneAtATime,
        SHOPS + 74,
    ),
    (
        Rule::LocksEndWithSession,
        Invariant::RowsPublished,
        Mode::OneAtATime,
        SHOPS + 154,
    ),
    (
        Rule::DeskLeavesInFlight,
        Invariant::SentOnceAtATime,
        Mode::OneAtATime,
        SHOPS + 9,
    ),
    (
        Rule::LettersAwaited,
        Invariant::SetAsideFirst,
        Mode::OneAtATime,
        SHOPS + 14,
    ),
];

/// Where the model changes, seeds play otherwise: then another one is looked for among so many.
const LOOKED_AT: u64 = 60_000;

/// Rules whose absence nobody notices.
pub fn complaints() -> Vec<String> {
    let unlisted = Rule::ALL.iter();
    let unlisted = unlisted.filter(|rule| NOTICED.iter().all(|(known, ..)| known != *rule));
    let mut complaints: Vec<String> = unlisted
        .map(|rule| format!("no invariant is said to notice without {rule:?}"))
        .collect();
    for (rule, invariant, mode, kept) in NOTICED {
        let breaks = |seed: &u64| {
            let outcome = play(&tree(*seed).current(), Some(rule));
            outcome.breach(Some(invariant)).is_some()
        };
        let first = if kept < SHOPS { 0 } else { SHOPS };
        let of_mode = (first..first + LOOKED_AT).filter(|seed| Mode::of(*seed) == mode);
        match std::iter::once(kept).chain(of_mode).find(breaks) {
            Some(seed) if seed == kept => println!("without {rule:?}: {invariant:?} breaks"),
            Some(seed) => println!("without {rule:?}: {invariant:?} breaks, now with seed {seed}"),
            None => complaints.push(format!("{invariant:?} held without {rule:?}")),
        }
    }
    complaints
}
