//! My config: what was pasted, line by line, what each kind of fault does to it, and what would help.
//!
//! [`Desk`] holds what a person pasted and turned; it plays one run at a time ([`Desk::step`]) and says what is known
//! ([`Desk::view`]). The page draws that and nothing else.

mod desk;
mod example;
mod files;
mod kept;
mod losing;
mod rows;
#[cfg(test)]
mod tests;
mod world;

pub use crate::lab::config::State as LineState;
pub use crate::lab::config::Word;
pub use desk::{Desk, MOST_BYTES, Refusal};
pub use files::too_large;

use super::{Hue, Text};

/// The whole room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigView {
    /// What was pasted.
    pub files: Vec<FileView>,
    /// How many lines are in which state.
    pub chips: Vec<ChipView>,
    /// What is played: numbers that may be corrected, and what was assumed.
    pub world: WorldView,
    /// The verdict in a few words, once there is one.
    pub title: Text,
    /// The same in numbers.
    pub line: Text,
    /// Its colour.
    pub hue: Hue,
    /// How far the check is, of 1000; `None` where none runs.
    pub progress: Option<usize>,
    /// Every kind of fault, together with its like.
    pub groups: Vec<GroupView>,
    /// Kinds that do not apply, and why.
    pub left_out: Text,
    /// The schedule that loses most simply.
    pub losing: Option<LosingView>,
    /// What to change.
    pub change: ChangeView,
}

/// One file, or something pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// What it is, and how that was told.
    pub kind: Text,
    /// Every line.
    pub lines: Vec<LineView>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    /// Its number, from 1.
    pub number: usize,
    /// As it was pasted.
    pub text: String,
    /// What becomes of it.
    pub state: LineState,
    /// Why.
    pub reason: Text,
    /// The name that was most likely meant, where it can be put in its place.
    pub meant: Option<String>,
}

/// "5 dangerous".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipView {
    /// Of which state; all lines without one.
    pub state: Option<LineState>,
    /// Number and word.
    pub text: Text,
}

/// What is played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorldView {
    /// Numbers that may be corrected.
    pub numbers: Vec<NumberView>,
    /// Topics that were described, and the one that is judged.
    pub topics: Vec<String>,
    /// The place of the one that is judged.
    pub topic: usize,
    /// Spring profiles that were named, if any.
    pub profiles: Vec<String>,
    /// The place of the active one; none is active without it.
    pub profile: Option<usize>,
    /// What was assumed, and what Kafka takes upon itself.
    pub assumed: Vec<Text>,
}

/// What may be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Brokers.
    Brokers,
    /// Racks that they stand in; 0 where that is not known.
    Racks,
    /// Copies of the topic.
    Copies,
    /// Controllers.
    Controllers,
}

/// A number that may be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberView {
    /// Which.
    pub what: Number,
    /// What it is called.
    pub name: Text,
    /// What it is.
    pub value: u8,
    /// The least and the most it can be.
    pub range: (u8, u8),
    /// Somebody corrected it.
    pub is_set: bool,
}

/// Kinds of faults that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// "One broker".
    pub title: Text,
    /// The kinds.
    pub rows: Vec<RowView>,
}

/// One kind of fault.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Its name on the command line; tests find it by that.
    pub id: &'static str,
    /// "kill -9".
    pub title: Text,
    /// What it means.
    pub note: Text,
    /// As pasted.
    pub before: CellView,
    /// With the change.
    pub after: CellView,
    /// Its worst run can be played.
    pub plays: bool,
}

/// A verdict in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellView {
    /// What is to be said; `None` while it is not known.
    pub word: Option<Word>,
    /// The same with numbers.
    pub text: Text,
    /// It is being played now.
    pub is_on: bool,
}

/// A schedule that loses something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LosingView {
    /// What it is.
    pub title: Text,
    /// How many faults, of how many runs.
    pub line: Text,
    /// Faults: from where to where, in thousandths of the time shown, and what is done.
    pub faults: Vec<(u16, u16, Text)>,
    /// Acks: where, and whether what was acked is lost.
    pub acks: Vec<(u16, bool)>,
    /// The longest time without a leader.
    pub leaderless: Option<(u16, u16, Text)>,
    /// Where the clock shows what.
    pub ticks: Vec<(u16, String)>,
    /// What happened, in order: when and what, and whether it decided.
    pub story: Vec<(String, Text, bool)>,
    /// What came of it.
    pub outcome: Text,
}

/// What to change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeView {
    /// File by file.
    pub places: Vec<PlaceView>,
    /// The price of it: what is measured, and "2.1 → 4.8 ms".
    pub prices: Vec<(Text, String)>,
    /// What it does not turn green, and what would.
    pub rest: Vec<Text>,
    /// Nothing has to be changed, or nothing helps.
    pub none: Text,
}

/// A file, or what a command changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceView {
    /// Its name.
    pub name: String,
    /// Lines as a diff has them: a sign and the text.
    pub lines: Vec<(char, String)>,
    /// The command that does it, where no file does.
    pub command: Option<String>,
}

/// The colour of a verdict.
pub fn hue_of(word: Word) -> Hue {
    match word {
        Word::Safe => Hue::Safe,
        Word::HeldUp => Hue::Risk,
        Word::NeverAcked => Hue::None,
        Word::Twice => Hue::Dup,
        Word::Lost => Hue::Lost,
    }
}
