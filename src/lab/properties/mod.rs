//! What must hold, judged from what clients and the business could see.
//!
//! Each property is a file with one function from a settled [`History`] to a [`Verdict`]. A run is judged after
//! everything was healed and time went on until quiet, so that loss is told from delay.

mod diverged;
mod doubled;
mod lost_after_ack;
mod lost_silently;
mod phantom;
mod phantom_read;
mod reordered;
mod stuck;

pub use diverged::differing;
pub use stuck::is_waiting;

use super::history::History;
use super::ledger::{Fate, Life};
use crate::kafka::MessageId;
use crate::sim::Micros;
use crate::sim::journal::EntryId;

/// A property.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Property {
    /// No message is lost, or passed over by its consumer, after a broker acked it.
    LostAfterAck,
    /// No message is lost that the application counts as sent although no broker said so.
    LostSilently,
    /// No message has its effect twice.
    Doubled,
    /// Effects come in the order of sending, within a partition and for a key.
    Reordered,
    /// Replicas in sync have the same records at the same offsets.
    Diverged,
    /// No message speaks of an order that is not there.
    Phantom,
    /// What was read stays in the log.
    PhantomRead,
    /// After healing, everything that was sent comes to an end.
    Stuck,
}

impl Property {
    /// All of them, the gravest first.
    pub const ALL: [Property; 8] = [
        Property::LostAfterAck,
        Property::LostSilently,
        Property::Diverged,
        Property::Doubled,
        Property::Phantom,
        Property::PhantomRead,
        Property::Reordered,
        Property::Stuck,
    ];

    /// Judges one settled history.
    pub fn judge(self, seen: &Judged) -> Verdict {
        match self {
            Property::LostAfterAck => lost_after_ack::judge(seen),
            Property::LostSilently => lost_silently::judge(seen),
            Property::Doubled => doubled::judge(seen),
            Property::Reordered => reordered::judge(seen),
            Property::Diverged => diverged::judge(seen),
            Property::Phantom => phantom::judge(seen),
            Property::PhantomRead => phantom_read::judge(seen),
            Property::Stuck => stuck::judge(seen),
        }
    }
}

/// What a property says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Violated(Evidence),
    /// Still in doubt at the end.
    Unknown,
}

impl Verdict {
    /// Whether the property is violated.
    pub fn is_violated(&self) -> bool {
        matches!(self, Verdict::Violated(_))
    }

    fn from(messages: Vec<MessageId>, entry: Option<EntryId>) -> Verdict {
        if messages.is_empty() {
            Verdict::Holds
        } else {
            Verdict::Violated(Evidence { messages, entry })
        }
    }
}

/// What shows that a property is violated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The messages concerned, in order.
    pub messages: Vec<MessageId>,
    /// The first entry that shows it.
    pub entry: Option<EntryId>,
}

/// A history to judge: only messages handed over by `until_us` count, judged after healing.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The settled history.
    pub history: &'a History,
    /// Later messages are not judged, in microseconds.
    pub until_us: Micros,
}

impl<'a> Judged<'a> {
    /// Every message that counts, with its fate.
    pub fn lives(&self) -> impl Iterator<Item = (&'a Life, Fate)> + use<'a> {
        let (history, until_us) = (self.history, self.until_us);
        let in_time = move |life: &&Life| life.buffered_us <= until_us;
        history
            .ledger
            .iter()
            .filter(in_time)
            .map(move |life| (life, history.fate(life)))
    }

    /// Messages that are lost, of those for which `told` holds, and the first moment that shows it.
    fn lost_where(&self, told: impl Fn(&Life) -> bool) -> Verdict {
        let gone = self
            .lives()
            .filter(|(life, fate)| told(life) && fate.is_lost());
        let (messages, entries): (Vec<_>, Vec<_>) =
            gone.map(|(life, _)| (life.message, life.lost)).unzip();
        Verdict::from(messages, entries.into_iter().flatten().min())
    }
}
