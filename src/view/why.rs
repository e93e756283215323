//! Why it vanished, as dated sentences, and what would have saved it.

use super::{Hue, Text};

/// One dated sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhyLine {
    /// The moment it speaks of; a click goes there.
    pub at_us: u64,
    /// Colour of its dot.
    pub hue: Hue,
    /// The sentence.
    pub text: Text,
    /// The one that decided.
    pub strong: bool,
}

/// What one change of one knob would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing lost, nothing doubled.
    Saved,
    /// Nothing lost, but it costs something that the note names.
    SavedAtPrice,
    /// Still lost.
    NotSaved,
}

/// A re-run on the same luck with one knob changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRow {
    /// Config name.
    pub knob: String,
    /// The value tried, as `Session::set_knob` takes it.
    pub value: String,
    /// What came out.
    pub outcome: Outcome,
    /// The price, or why it does not help: "median ack 2.1 → 4.8 ms".
    pub note: Text,
}

/// The explanation beside the stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhyView {
    /// "Why m9 vanished", "The life of m3", "What you know so far".
    pub title: Text,
    /// Three to six sentences in order of time.
    pub lines: Vec<WhyLine>,
    /// Tried changes; empty when nothing was lost or when they are veiled.
    pub saved: Vec<SavedRow>,
    /// Changes are still being tried: rows are to come.
    pub trying: bool,
    /// What all trials together say: "none of 58 single changes would have saved it".
    pub verdict: Option<Text>,
    /// What was played again to prove the explanation: "played again without the kill: m9 is spared".
    pub proof: Option<Text>,
}
