//! The narrator, the question, the reveal: what a lesson says at one moment.

use super::progress::Done;
use super::{Text, TrialView};

/// Which room the session wants to be seen in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Room {
    /// The first screen: large type, few controls.
    First,
    /// The Lab.
    #[default]
    Lab,
}

/// A line of the lesson menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonCard {
    /// Handle for `Session::load`.
    pub id: String,
    /// Number in the list; none for the sandbox.
    pub number: Option<u8>,
    /// Its name.
    pub title: Text,
    /// One sentence: what it asks.
    pub line: Text,
    /// What the learner has done in it.
    pub done: Done,
}

/// A prediction, and whether the run came out like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredView {
    /// Which answer, from 0.
    pub place: u8,
    /// It was right.
    pub right: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndingView {
    /// What the lesson warns of happened.
    Bad,
    /// It did not.
    Good,
}

/// What there is to note of a lesson's run, for the learner's progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenView {
    /// The prediction, once the answer is out.
    pub answered: Option<AnsweredView>,
    /// The ending, once no fate changes any more.
    pub ending: Option<EndingView>,
    /// It is not the lesson's own experiment any more.
    pub own: bool,
}

/// What the narrator says now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NarratorView {
    /// The sentence that matters.
    pub strong: Text,
    /// What it means.
    pub rest: Text,
    /// The moment it speaks of.
    pub at_us: u64,
    /// A beat that waits for the reader: `Session::next_beat` goes on.
    pub waits: bool,
}

/// How many of some survive, drawn as a row of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pips {
    /// Surviving.
    pub safe: u8,
    /// Lost.
    pub lost: u8,
    /// Twice.
    pub twice: u8,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionView {
    /// Its words.
    pub text: Text,
    /// Its picture.
    pub pips: Option<Pips>,
}

/// The question that stops the run; verdict and future are veiled until it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionView {
    /// The question.
    pub text: Text,
    /// What to look at before answering.
    pub hint: Text,
    /// Two to four answers.
    pub options: Vec<OptionView>,
}

/// What an offer does when it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// From the start, with the same luck and the same faults, one knob changed.
    Retry { knob: String, value: String },
    /// From the start, with the same luck and the same faults, and all that the lesson's fix changes.
    Fix,
    /// Go to this moment and play it slowly.
    WatchSlowly { from_us: u64 },
    /// Load that lesson.
    Lesson(String),
    /// See what it costs.
    Price,
    /// Put another run beside it.
    Compare(super::With),
    /// Close the card and go on.
    Continue,
}

/// A button under the reveal, under the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferView {
    /// Its words.
    pub text: Text,
    /// What it does.
    pub offer: Offer,
    /// The one to take.
    pub primary: bool,
}

/// What came of the prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealView {
    /// "You said all ten. Seven survived."
    pub title: Text,
    /// Why.
    pub text: Text,
    /// What was predicted.
    pub yours: Option<Pips>,
    /// What the run did.
    pub run: Option<Pips>,
}

/// The lesson at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LessonView {
    /// Handle, as in its card.
    pub id: String,
    /// Where it is played.
    pub room: Room,
    /// Number in the list; none for the sandbox and the first screen.
    pub number: Option<u8>,
    /// Its name.
    pub title: Text,
    /// What the narrator says.
    pub narrator: NarratorView,
    /// The open question.
    pub question: Option<QuestionView>,
    /// The reveal, once the fate is sealed after an answer.
    pub reveal: Option<RevealView>,
    /// What to do next.
    pub offers: Vec<OfferView>,
    /// The node and the fault that the lesson invites to: drawn as the tempting button.
    pub invite: Option<super::Action>,
    /// Where to read on: title and address.
    pub reading: Vec<(Text, String)>,
    /// What is noted of it.
    pub seen: SeenView,
    /// What it puts a configuration through.
    pub trial: Option<Box<TrialView>>,
}
