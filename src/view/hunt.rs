//! The Hunt: what is looked for, how far it is, what it came to, and every single fault at every point.

use super::{Hue, Text};

/// How a hunt stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HuntState {
    /// Nothing was played yet.
    #[default]
    Ready,
    /// It plays now.
    Running,
    /// It was stopped, and can go on.
    Stopped,
    /// Everything was played.
    Over,
}

/// The scope as it can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeView {
    /// Where it can be hunted: groups of handle and name.
    pub grounds: Vec<(Text, Vec<(String, Text)>)>,
    /// The one that is chosen.
    pub ground: String,
    /// Kinds of faults: handle, name, whether it may happen, whether it can happen there at all.
    pub kinds: Vec<(&'static str, Text, bool, bool)>,
    /// The most faults in one schedule.
    pub most: u8,
    /// One at a time, all whole in between.
    pub one_at_a_time: bool,
    /// How many schedules are drawn.
    pub runs: u32,
    /// Where they are drawn from.
    pub seed: u64,
}

/// One fault of the best schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// Its glyph.
    pub glyph: &'static str,
    /// When.
    pub at: String,
    /// What.
    pub what: Text,
}

/// A fault on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkView {
    /// Whose row.
    pub row: usize,
    /// Where it begins and how long it lasts, in millionths of the axis.
    pub at_ppm: u32,
    pub lasts_ppm: u32,
    /// Its glyph.
    pub glyph: &'static str,
    /// It is not repaired before the end.
    pub stays: bool,
    /// It was not needed, or not so, and fell away here.
    pub gone: bool,
}

/// A schedule on the way to the smallest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// After how many runs.
    pub after: String,
    /// What was not needed.
    pub told: Text,
    /// "9 faults", "−2".
    pub count: Text,
    /// Its faults on the common axis, and those of the one before that fell away.
    pub marks: Vec<MarkView>,
}

/// The smallest schedule so far, and how it became so small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BestView {
    /// "2 faults lose 14 acked messages".
    pub title: Text,
    /// How it was found.
    pub line: Text,
    /// What is done.
    pub faults: Vec<FaultLine>,
    /// What decided.
    pub why: Vec<Text>,
    /// The experiment with it, as a link's fragment.
    pub link: String,
    /// When its run ends, in microseconds.
    pub end_us: u64,
    /// Names of the timeline's rows.
    pub rows: Vec<Text>,
    /// Marks of the axis: where, and what time.
    pub ticks: Vec<(u32, String)>,
    /// Step by step, the first found first.
    pub steps: Vec<StepView>,
}

/// What is known of one fault at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Open,
    Safe,
    Harms,
}

/// One fault at every point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRow {
    /// Its glyph.
    pub glyph: &'static str,
    /// What it is.
    pub name: Text,
    /// In order of time.
    pub spots: Vec<Spot>,
    /// Runs that were played, and those that harm.
    pub played: usize,
    pub harmful: usize,
    /// The first that harms, as a link's fragment, and when it is done.
    pub first: Option<(String, String)>,
}

/// Every single fault at every point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapView {
    /// "412 of 412 single faults: safe".
    pub verdict: Text,
    pub hue: Hue,
    /// What that means.
    pub line: Text,
    /// A row for each fault.
    pub rows: Vec<MapRow>,
    /// What a row is.
    pub note: Text,
}

/// The room at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HuntView {
    pub state: HuntState,
    /// What is hunted, in a few words each.
    pub chips: Vec<Text>,
    /// "18 412 of 50 000 schedules".
    pub counted: Text,
    /// How much of everything is played, in thousandths.
    pub done: u32,
    /// Runs a second, once known.
    pub rate: Option<u64>,
    /// "1 240/s · 14 s gone · about 25 s to go".
    pub pace: Text,
    /// What is said where there is no harmful schedule (yet).
    pub none: Text,
    /// Why this cannot be hunted in.
    pub unsound: Option<Text>,
    pub best: Option<BestView>,
    pub map: MapView,
    /// What the hunt tries, and what came of it.
    pub tries: Text,
}
