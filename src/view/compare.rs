//! Two runs beside each other: one clock, the first difference, two ledgers, what one costs against the other.

use super::{Hue, LedgerView, StageView, Text};
use crate::view::price::Ppm;
use std::rc::Rc;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The run that the Lab has.
    A,
    /// The one beside it, whose knobs can be turned.
    B,
}

/// Both runs at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompareView {
    pub a: SideView,
    pub b: SideView,
    /// Knobs that stand otherwise in B.
    pub changes: Vec<ChangeView>,
    /// "same faults, same luck, seed 42".
    pub same: Text,
    /// Where they part for the first time, if they do.
    pub difference: Option<DifferenceView>,
    /// What one costs against the other.
    pub costs: Vec<CostView>,
}

/// One of the two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideView {
    /// What sets it apart: "acks=1".
    pub title: Text,
    pub stage: Rc<StageView>,
    /// What its producing applications have sent and heard: "24 sent, 24 answered".
    pub sent: Text,
    /// What its consuming applications have done.
    pub done: Text,
    /// "position 21 · committed 7".
    pub position: Text,
    pub ledger: Rc<LedgerView>,
}

/// A knob that stands otherwise in B; turned to `back` it does no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeView {
    pub knob: String,
    pub value: String,
    pub back: String,
}

/// Where the two part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferenceView {
    pub at_us: u64,
    /// The message it is about.
    pub message: Option<u64>,
    /// What becomes of the message is decided here.
    pub decides: bool,
    pub a: Text,
    pub b: Text,
}

/// One number of both runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostView {
    pub name: Text,
    /// As text, and which part of the larger one; none while it is being measured.
    pub a: Option<(String, Ppm)>,
    pub b: Option<(String, Ppm)>,
    /// The hue of what is more than nothing.
    pub hue: Hue,
}
