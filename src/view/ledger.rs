//! The verdict, the four counters and one cell for every message.

use super::{Fate, Hue, Text};

/// The verdict of the run so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerdictView {
    /// Colour: safe, risk (in doubt), lost, dup, none (nothing decided yet).
    pub hue: Hue,
    /// "3 messages vanished after their ack".
    pub title: Text,
    /// "The producer was told they were safe."
    pub line: Text,
    /// Hidden until the question is answered: `title` and `line` then say so.
    pub veiled: bool,
}

/// The four counters. `None` shows a question mark (hidden, or unknown).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Handed to the producer and sent.
    pub sent: Option<u64>,
    /// Acked, as the application was told.
    pub acked: Option<u64>,
    /// Lost after their ack, or believed sent.
    pub lost: Option<u64>,
    /// Written or processed twice.
    pub twice: Option<u64>,
}

/// One message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellView {
    /// Its number.
    pub number: u64,
    /// What became of it so far.
    pub fate: Fate,
}

/// The ledger beside the stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerView {
    /// The verdict.
    pub verdict: VerdictView,
    /// The counters.
    pub counters: Counters,
    /// Heading over the cells when it is not "every message": "orders 133 to 156, around your
    /// kill".
    pub title: Option<Text>,
    /// The cells shown: all of them, or a window around what matters (a few hundred at most).
    pub cells: Vec<CellView>,
    /// Messages that the window leaves out.
    pub hidden: u64,
    /// The message whose life is shown.
    pub selected: Option<u64>,
}
