//! The timeline: one row per node, bars for spans, dots for events, diamonds for what decides.

use super::{Hue, NodeKey, Text};
use std::rc::Rc;

/// The shape of an event's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DotShape {
    /// Filled dot.
    Full,
    /// Ring.
    Ring,
    /// A cross: lost.
    Cross,
}

/// One event in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DotView {
    /// When.
    pub at_us: u64,
    /// Colour.
    pub hue: Hue,
    /// Shape.
    pub shape: DotShape,
}

/// A span in a row: leadership (accent, strong), being down (lost, pale), a pause (risk, thin).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarView {
    /// Begin.
    pub from_us: u64,
    /// End; none while it lasts.
    pub to_us: Option<u64>,
    /// Colour.
    pub hue: Hue,
    /// Pale with its words in colour (down) in place of solid.
    pub pale: bool,
    /// Half as high (a pause, a slow disk).
    pub thin: bool,
    /// Words on it: "leader · epoch 1", "kill -9"; may be empty.
    pub label: Text,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowView {
    /// Whose.
    pub node: NodeKey,
    /// "broker 1".
    pub label: Text,
    /// Spans, in order of begin.
    pub bars: Vec<BarView>,
    /// Events, in order.
    pub dots: Vec<DotView>,
}

/// An event that decides a fate: kill, power loss, election, truncation, unclean election, the
/// ack that later breaks, first duplicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisiveView {
    /// When.
    pub at_us: u64,
    /// Colour.
    pub hue: Hue,
    /// Two or three words for the axis: "election: epoch 1".
    pub label: Text,
    /// One sentence, as the live region speaks it.
    pub spoken: Text,
}

/// A run that was left when somebody acted in its past. It can be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchView {
    /// Handle for `Session::branch`.
    pub id: u32,
    /// "acks=all", "without the kill of broker 1".
    pub label: Text,
    /// Where it left the common past.
    pub fork_us: u64,
    /// The one on the screen.
    pub current: bool,
}

/// A moment that somebody marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookmarkView {
    /// Its handle.
    pub id: u32,
    /// When.
    pub at_us: u64,
    /// "kill -9", "0.3 s after kill -9", or the name it was given.
    pub label: Text,
}

/// What is done to runs and bookmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tend {
    /// Mark the present moment.
    Bookmark,
    /// Give a bookmark another name; an empty one brings the usual name back.
    RenameBookmark(u32, String),
    /// Forget a bookmark.
    RemoveBookmark(u32),
    /// Give a run another name.
    RenameRun(u32, String),
    /// Forget a run that was left.
    RemoveRun(u32),
}

/// The whole timeline of one run, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineView {
    /// Right end of the axis.
    pub end_us: u64,
    /// How far the run is known: nothing is drawn after this.
    pub known_us: u64,
    /// Rows from top to bottom.
    pub rows: Vec<RowView>,
    /// What decides, in order of time.
    pub decisive: Vec<DecisiveView>,
    /// Spans without a leader, with their words: "no leader for 9.3 s: sends wait".
    pub gaps: Vec<BarView>,
    /// Everything after this moment is hidden until the question is answered.
    pub veil_from_us: Option<u64>,
    /// Runs left behind, and the current one; empty while there has been no fork.
    pub branches: Rc<Vec<BranchView>>,
    /// Moments marked in this run, in order.
    pub bookmarks: Rc<Vec<BookmarkView>>,
}
