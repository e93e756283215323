//! A lesson's trial: what it asks, how far it is, what it found.

use super::{Hue, Text};

/// What a person asks of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrialAct {
    /// Begin, or go on.
    Begin,
    /// Play no more for now.
    Stop,
    /// Open what was found.
    Play,
    /// Open the configuration with nothing done to it.
    ByHand,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialButton {
    /// Its words.
    pub text: Text,
    /// What it does.
    pub act: TrialAct,
    /// The one to take.
    pub primary: bool,
}

/// A schedule on the way to the smallest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShrankView {
    /// How many faults, and after how many runs.
    pub told: Text,
    /// Each fault on the run's time: where it begins and how long it lasts, in thousandths.
    pub faults: Vec<(u16, u16)>,
}

/// A trial at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialView {
    /// Its name.
    pub title: Text,
    /// What is asked.
    pub task: Text,
    /// It plays runs now.
    pub running: bool,
    /// How much of it is played, of a hundred; none before it was begun.
    pub progress: Option<u8>,
    /// Of a hundred messages so many are safe in the worst run.
    pub score: Option<u8>,
    /// The verdict so far.
    pub verdict: Option<(Hue, Text)>,
    /// Counts and price.
    pub facts: Vec<Text>,
    /// The smallest schedule that breaks something: when, and what.
    pub schedule: Vec<(String, Text)>,
    /// How the schedule became so small, the first one found first; empty if it was so from the beginning.
    pub shrank: Vec<ShrankView>,
    /// The learner's own try.
    pub attempt: Option<(Hue, Text)>,
    /// What to do.
    pub buttons: Vec<TrialButton>,
}
