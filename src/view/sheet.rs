//! A lesson on paper: what is asked, what is set up, what to look at; nothing of how it comes out.

use super::Text;

/// The lab sheet of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetView {
    /// Number in the list.
    pub number: Option<u8>,
    /// Its name.
    pub title: Text,
    /// What is going on at the beginning.
    pub opening: Text,
    /// The question to predict.
    pub question: Text,
    /// Its answers.
    pub options: Vec<Text>,
    /// What differs from the defaults.
    pub setup: Vec<SetupRow>,
    /// What to look at, in the order of the story.
    pub observe: Vec<Text>,
}

/// A config that is set otherwise than by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupRow {
    /// Handle.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// What it would be.
    pub default: String,
    /// What it means.
    pub doc: Text,
}
