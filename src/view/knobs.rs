//! The knobs: Kafka's configs and the application's and machine's own, from the registries.

use super::Text;
use std::rc::Rc;

/// One value of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As `Session::set_knob` takes it.
    pub value: String,
    /// As it is written on the knob; Kafka's words are the same in both languages.
    pub label: Text,
}

/// How a knob is turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnobKind {
    /// A few values side by side.
    Choice(Vec<Choice>),
    /// "true" or "false".
    Switch,
    /// An integer. Out of range is allowed to be typed and is refused by the session.
    Number { min: i64, max: i64 },
    /// Anything else.
    Words,
}

/// One knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnobView {
    /// Name exactly as in Kafka; the session's handle.
    pub name: String,
    /// What to write in place of the name, for knobs that are not Kafka's.
    pub label: Option<Text>,
    /// How it is turned.
    pub kind: KnobKind,
    /// Current value.
    pub value: String,
    /// Kafka's (or the lab's) default.
    pub default: String,
    /// Other than the default.
    pub changed: bool,
    /// This lesson is about it.
    pub emphasised: bool,
    /// A dangerous value or combination.
    pub warning: Option<Text>,
    /// Kafka would refuse this: the text of the ConfigException. `value` is then what was typed,
    /// and the run goes on with the last good one.
    pub error: Option<Text>,
    /// The one-sentence meaning.
    pub doc: Text,
}

/// Knobs under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// "Producer".
    pub title: Text,
    /// Its knobs.
    pub knobs: Vec<Rc<KnobView>>,
    /// Further knobs that are shown on demand.
    pub more: Vec<Rc<KnobView>>,
}

/// All knobs on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnobsView {
    /// Groups from top to bottom.
    pub groups: Vec<GroupView>,
}
