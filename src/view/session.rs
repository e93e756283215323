//! What the page drives: a run that can be played, sought, disturbed and forked.
//!
//! The real one lives beside this file as `view::live::Live` and wraps the lab's session; the
//! fixtures implement the same trait for tests of the page.

use super::files::FilesView;
use super::price::PriceView;
use super::terminal::Answer;
use super::{
    Action, CompareView, KnobsView, LedgerView, LessonCard, LessonView, OwnersView, PaceView,
    PacketView, SheetView, StageView, Tend, Text, TimelineView, TrialAct, WhyView, With,
};
use std::rc::Rc;

/// Everything a screen shows at one moment. Parts that did not change since the last call keep
/// their `Rc`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Views {
    /// The moment.
    pub now_us: u64,
    /// Nodes, logs, links.
    pub stage: Rc<StageView>,
    /// What travels now or has travelled since the last call; 200 at most.
    pub packets: Rc<Vec<PacketView>>,
    /// The timeline.
    pub timeline: Rc<TimelineView>,
    /// Who reads what; without rows where that is plain.
    pub owners: Rc<OwnersView>,
    /// Verdict, counters, cells.
    pub ledger: Rc<LedgerView>,
    /// The explanation.
    pub why: Rc<WhyView>,
    /// The knobs.
    pub knobs: Rc<KnobsView>,
    /// Narrator, question, reveal.
    pub lesson: Rc<LessonView>,
    /// What the automatic pace follows.
    pub pace: Rc<PaceView>,
    /// The run beside this one, while two are compared. Timeline and pace are those of both, and the knobs those of the
    /// run beside.
    pub compare: Option<Rc<CompareView>>,
}

/// Which way to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the next journal entry worth seeing.
    Forward,
    /// To the one before.
    Back,
    /// To the next decisive event.
    NextDecisive,
    /// To the one before.
    PreviousDecisive,
}

/// A run as the page drives it. All of it is synchronous and quick: an experiment takes a few
/// milliseconds from start to horizon.
pub trait Session {
    /// The lessons that can be played, and the sandbox, in order; asked for when the menu opens.
    fn lessons(&self) -> Rc<Vec<LessonCard>>;

    /// Starts a lesson (or "sandbox", or "first") from its beginning.
    fn load(&mut self, id: &str) -> Result<(), Text>;

    /// Opens what a link's fragment holds (without the `#`). Says what it could not read; the
    /// rest is opened.
    fn open_link(&mut self, fragment: &str) -> Vec<Text>;

    /// The whole experiment as a fragment (without the `#`): lesson, knobs, actions, seed.
    fn link(&self) -> String;

    /// The open lesson on paper.
    fn sheet(&self) -> SheetView;

    /// The seed of this run's luck.
    fn seed(&self) -> u64;

    /// The moment shown.
    fn now_us(&self) -> u64;

    /// Plays on to `time_us`. Stops earlier at an open question, at a beat that waits for the
    /// reader and at the horizon; returns whether it stopped there (the clock then pauses).
    fn advance_to(&mut self, time_us: u64) -> bool;

    /// What decided after `after_us` and up to `to_us`, one sentence after the other, as it is spoken.
    fn spoken_between(&self, after_us: u64, to_us: u64) -> Text;

    /// Goes to `time_us`, back or forth, without playing; never past the veil or the horizon.
    fn seek(&mut self, time_us: u64);

    /// Goes one step.
    fn step(&mut self, step: Step);

    /// Does something to the cluster at the current moment. In the past of a known run this
    /// forks; the run left behind becomes a branch.
    fn act(&mut self, action: Action) -> Result<(), Text>;

    /// Turns a knob: the run is taken from its start with the same luck and actions, and shown at
    /// the same moment. A value that Kafka refuses is kept as the knob's `error`.
    fn set_knob(&mut self, name: &str, value: &str);

    /// Turns a knob and plays again from the start (or from shortly before the decisive moment).
    fn retry(&mut self, name: &str, value: &str);

    /// Turns every knob of the lesson's fix and plays again.
    fn fix(&mut self);

    /// Answers the open question with the option of this place, from 0.
    fn answer(&mut self, option: usize);

    /// Goes on after a beat that waits, and closes the reveal.
    fn next_beat(&mut self);

    /// Chooses the message whose life is shown.
    fn select(&mut self, message: Option<u64>);

    /// Makes all sentences anew: the words of another language have come.
    fn retell(&mut self);

    /// Brings a branch back.
    fn branch(&mut self, id: u32);

    /// Names, forgets or marks; what is to be said of it, if anything.
    fn tend(&mut self, tend: &Tend) -> Text;

    /// What is to be kept of runs and bookmarks for the next visit; empty when there is nothing.
    fn kept(&self) -> String;

    /// Takes back what was kept of this lesson and says what could not be read. `resumes` when the
    /// same visit goes on, as after a reload.
    fn restore(&mut self, kept: &str, resumes: bool) -> Vec<Text>;

    /// The lesson that is open, as in its card.
    fn lesson_id(&self) -> &str;

    /// What this run costs, beside its alternatives, as far as it has been measured: those of the lesson, or `wide`ly
    /// all of them. With `step`, one more run is made first.
    fn price(&mut self, wide: bool, step: bool) -> Rc<PriceView>;

    /// Puts a run beside this one, on one clock; both go to shortly before they part.
    fn compare(&mut self, _with: &With) {}

    /// The run beside is gone. With `take` it is the one that is gone on with.
    fn compare_no_more(&mut self, _take: bool) {}

    /// The log files of a broker's replica of the partition shown, beside those of another one.
    fn files(&self, _left: i32, _right: Option<i32>) -> Option<FilesView> {
        None
    }

    /// Does something about the lesson's trial.
    fn trial(&mut self, _act: TrialAct) {}

    /// Plays one more run of the trial; returns whether there is more.
    fn examine_on(&mut self) -> bool {
        false
    }

    /// The last runs of the trial took so long, in milliseconds.
    fn examined(&mut self, _took_ms: u64) {}

    /// Runs a line of the terminal at the current moment.
    fn command(&mut self, _line: &str) -> Answer {
        Answer::default()
    }

    /// The lines that a line of the terminal may become by its next word.
    fn completions(&self, _line: &str) -> Vec<String> {
        Vec::new()
    }

    /// What to show now.
    fn views(&mut self) -> Views;
}
