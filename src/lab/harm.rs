//! What can become of a message that nobody wants: each kind, and which messages of a judged run it came to.

use super::judge::Judgement;
use super::ledger::{Fate, Life, Told};
use super::properties::{Judged, differing, is_waiting};
use crate::kafka::MessageId;
use crate::sim::{Micros, SECOND};

/// A send whose answer takes longer than this has waited for something, in microseconds.
pub const LATE_US: Micros = 2 * SECOND;

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// It counts as sent, and no log that lives on has it.
    Vanished,
    /// It counts as sent and is in the log, and the group went past it.
    Skipped,
    /// It counts as sent, and was deleted before its reader came to it.
    Expired,
    /// Its effect was seen twice; without a consumer, the log has it twice.
    Twice,
    /// It was worked on, and is in no log that lives on, or its transaction was aborted.
    Phantom,
    /// Replicas in sync have something else where their leader has it.
    Diverged,
    /// It speaks of an order that the shop never wrote.
    Orderless,
    /// The job that empties the outbox has given it up: only the desk can send it on.
    Dead,
    /// Its first effect came after that of a later message of the same producer and partition.
    Reordered,
    /// Everything is healed and quiet, and it has not come to its end.
    Stuck,
    /// The application heard an error, or died before it heard anything.
    Failed,
    /// Its transaction was aborted.
    Aborted,
    /// Its answer took longer than [`LATE_US`].
    Late,
}

impl Harm {
    /// All kinds, the gravest first.
    pub const ALL: [Harm; 13] = [
        Harm::Vanished,
        Harm::Skipped,
        Harm::Expired,
        Harm::Twice,
        Harm::Phantom,
        Harm::Diverged,
        Harm::Orderless,
        Harm::Dead,
        Harm::Reordered,
        Harm::Stuck,
        Harm::Failed,
        Harm::Aborted,
        Harm::Late,
    ];

    /// The messages that it came to in a judged run, in order.
    pub fn found(self, judged: &Judgement) -> Vec<MessageId> {
        let history = &judged.history;
        let seen = Judged {
            history,
            until_us: judged.until_us(),
        };
        if self == Harm::Diverged {
            return differing(&seen);
        }
        let came = seen
            .lives()
            .filter(|(life, fate)| self.came(judged, life, *fate));
        came.map(|(life, _)| life.message).collect()
    }

    /// Whether it came to `message` in a judged run.
    pub fn is_of(self, judged: &Judgement, message: MessageId) -> bool {
        let life = judged.history.ledger.get(message);
        if self == Harm::Diverged {
            return self.found(judged).contains(&message);
        }
        life.is_some_and(|life| self.came(judged, life, judged.history.fate(life)))
    }

    fn came(self, judged: &Judgement, life: &Life, fate: Fate) -> bool {
        let history = &judged.history;
        match self {
            Harm::Vanished => life.counts() && matches!(fate, Fate::Lost | Fate::Doomed),
            Harm::Diverged => false, // two logs say so, not one life
            Harm::Orderless => fate == Fate::Phantom,
            Harm::Dead => fate == Fate::Dead,
            Harm::Skipped => life.told.counts() && fate == Fate::Skipped,
            Harm::Expired => life.told.counts() && fate == Fate::Expired,
            Harm::Twice => match history.consumed {
                true => life.processed > 1,
                false => fate == Fate::Twice,
            },
            Harm::Phantom => {
                let worked = life.processed > 0 && !life.places.is_empty();
                let part = life.partition.and_then(|of| history.parts.get(&of));
                // Without a leader nobody knows yet what the log will be.
                let led = part.is_some_and(|part| part.leader.is_some());
                worked && led && life.deleted.is_none() && !history.stays(life)
            }
            Harm::Reordered => {
                let mut reordered = history.reordered.iter();
                reordered.any(|(_, message, _)| *message == life.message)
            }
            Harm::Stuck => is_waiting(fate, history.consumed),
            Harm::Failed => matches!(life.told, Told::Failed(_)) || fate == Fate::Failed,
            Harm::Aborted => fate == Fate::Aborted,
            Harm::Late => {
                let answered = matches!(life.told, Told::Acked(_));
                answered && life.told_us - life.buffered_us > LATE_US
            }
        }
    }
}
