//! A session: one lesson being played. Time goes forth and back, somebody acts, turns knobs, answers.
//!
//! The whole run is played to its horizon as soon as it is known what is run, so that beats, slow motion and the
//! reveal are known ahead; `played_us` is how far the learner has come, and only that counts as the past.

mod acts;
mod beside;
mod bookmarks;
mod branches;
mod ending;
mod kept;
mod names;
mod reasons;
mod terminal;
#[cfg(test)]
mod tests;
mod trial;

pub use beside::With;
pub use bookmarks::Bookmark;
use bookmarks::given_name;
pub use branches::{Branch, Way};
pub use ending::Ends;
pub use names::{deed, difference};

use std::cell::OnceCell;
use std::rc::Rc;

use crate::kafka::MessageId;
use crate::lab::experiment::Experiment;
use crate::lab::history::History;
use crate::lab::judge::{Judgement, Tally};
use crate::lab::knobs::Turned;
use crate::lab::ledger::Fate;
use crate::lab::lessons::{self, Lesson};
use crate::lab::run::Run;
use crate::lab::script::{Script, Told};
use crate::lab::share;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::lab::trial::Examination;
use crate::lab::what_if::WhatIf;
use crate::sim::Micros;
use reasons::Proving;

/// A retry begins this long before the question, in microseconds.
const RETRY_BEFORE_US: Micros = 700_000;

/// Which way to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepTo {
    /// The next moment worth telling.
    Next,
    /// The one before.
    Previous,
    /// The next moment that decides.
    NextDecisive,
    /// The one before.
    PreviousDecisive,
}

/// One lesson being played.
pub struct Session {
    lesson: Lesson,
    run: Run,
    here: History,
    script: Rc<Script>,
    played_us: Micros,
    answered: Option<usize>,
    revealed: bool,
    /// Nothing is asked or told: it is compared with another run.
    hushed: bool,
    /// Beats up to this moment have been read.
    read_us: Option<Micros>,
    turned: Vec<Turned>,
    way: Way,
    branches: Vec<Branch>,
    last_id: u32,
    revision: u32,
    selected: Option<MessageId>,
    judgement: Option<Rc<Judgement>>,
    what_if: Option<WhatIf>,
    examination: Option<Box<Examination>>,
    proving: Option<Proving>,
    judged: OnceCell<(Tally, Vec<Fate>)>,
}

impl Session {
    /// The first screen, at its beginning.
    pub fn new() -> Self {
        let lesson = lessons::first_screen();
        let experiment = lesson.experiment.clone();
        Session::of(lesson, experiment)
    }

    fn of(lesson: Lesson, experiment: Experiment) -> Self {
        let mut run = Run::new(experiment).watched();
        if lesson.first_screen {
            // It is short, and whoever only visits need not load what copies a cluster.
            run = run.never_kept();
        }
        let script = Rc::new(Script::of(&lesson, &mut run));
        run.seek(lesson.begins_us);
        let here = History::new(run.experiment());
        let mut session = Session {
            lesson,
            run,
            here,
            script,
            played_us: 0,
            answered: None,
            revealed: false,
            hushed: false,
            read_us: None,
            turned: Vec::new(),
            way: Way::default(),
            branches: Vec::new(),
            last_id: 0,
            revision: 0,
            selected: None,
            judgement: None,
            what_if: None,
            examination: None,
            proving: None,
            judged: OnceCell::new(),
        };
        session.follow();
        session
    }

    /// Starts a lesson from its beginning.
    pub fn load(&mut self, id: &str) -> Result<(), Text> {
        let Some(lesson) = lessons::find(id) else {
            let shown: String = id.chars().take(40).collect();
            return Err(both(
                format!("There is no lesson {shown}."),
                format!("没有名为 {shown} 的课程。"),
            ));
        };
        if !self.is_fresh(&lesson) {
            let experiment = lesson.experiment.clone();
            *self = Session::of(lesson, experiment);
        }
        Ok(())
    }

    /// The lesson is already open and nothing was done yet.
    fn is_fresh(&self, lesson: &Lesson) -> bool {
        let untouched =
            self.branches.is_empty() && self.turned.is_empty() && self.answered.is_none();
        untouched
            && self.lesson.id == lesson.id
            && self.now_us() == lesson.begins_us
            && **self.run.experiment() == lesson.experiment
    }

    /// Opens a link's fragment; says what could not be read.
    pub fn open_link(&mut self, fragment: &str) -> Vec<Text> {
        let opened = share::read(fragment);
        let lesson = lessons::find(&opened.lesson).unwrap_or_else(lessons::first_screen);
        *self = Session::of(lesson, opened.experiment);
        if opened.at_us > 0 {
            self.seek(opened.at_us);
        }
        opened.problems
    }

    /// The whole experiment as a link's fragment.
    pub fn link(&self) -> String {
        share::write(&self.lesson, self.run.experiment(), self.now_us())
    }

    /// What is played.
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// The run, at the moment shown.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The history up to the moment shown.
    pub fn history(&self) -> &History {
        &self.here
    }

    /// Tells the run anew, in words that were not there before.
    pub fn retell(&mut self) {
        let now_us = self.now_us();
        self.script = Rc::new(Script::of(&self.lesson, &mut self.run));
        self.run.seek(now_us);
    }

    /// What is told of the run.
    pub fn script(&self) -> &Rc<Script> {
        &self.script
    }

    /// The moment shown, in microseconds.
    pub fn now_us(&self) -> Micros {
        self.run.now_us()
    }

    /// How far the learner has come, in microseconds.
    pub fn played_us(&self) -> Micros {
        self.played_us
    }

    /// Knobs whose last turn Kafka refused, with what was typed.
    pub fn refused(&self) -> &[Turned] {
        &self.turned
    }

    /// The message that was chosen.
    pub fn selected(&self) -> Option<MessageId> {
        self.selected
    }

    /// What was answered, by place.
    pub fn answered(&self) -> Option<usize> {
        self.answered
    }

    /// Where the veil begins: the question is not answered yet.
    pub fn veil_us(&self) -> Option<Micros> {
        let asked = self.script.asked.as_ref()?;
        let open = self.answered.is_none() && self.lesson.question.is_some() && !self.hushed;
        open.then_some(asked.at_us)
    }

    /// The question is on the screen now.
    pub fn is_asking(&self) -> bool {
        self.veil_us().is_some_and(|at_us| self.now_us() >= at_us)
    }

    /// The answer is out and not yet closed.
    pub fn is_revealing(&self) -> bool {
        let out = self
            .script
            .asked
            .as_ref()
            .is_some_and(|asked| self.now_us() >= asked.revealed_us);
        out && self.answered.is_some() && !self.revealed && !self.hushed
    }

    /// Every fate is known by now.
    pub fn is_sealed(&self) -> bool {
        self.veil_us().is_none() && self.now_us() >= self.script.sealed_us
    }

    /// The beat that is told now.
    pub fn beat(&self) -> Option<&Told> {
        let past = self
            .script
            .beats
            .partition_point(|told| told.at_us <= self.now_us());
        past.checked_sub(1).map(|place| &self.script.beats[place])
    }

    /// The beat told now waits for the reader.
    pub fn is_waiting(&self) -> bool {
        self.beat().is_some_and(|told| self.holds(told))
    }

    fn holds(&self, told: &Told) -> bool {
        told.waits && !self.hushed && self.read_us.is_none_or(|read_us| read_us < told.at_us)
    }

    /// The numbers at the moment shown.
    pub fn tally(&self) -> Tally {
        self.judged().0
    }

    /// What has become of every message so far, in the order of the ledger.
    pub fn fates(&self) -> &[Fate] {
        &self.judged().1
    }

    fn judged(&self) -> &(Tally, Vec<Fate>) {
        self.judged.get_or_init(|| {
            let lives = || self.here.ledger.iter();
            let fates: Vec<Fate> = lives().map(|life| self.here.fate(life)).collect();
            let tally = Tally::count(&self.here, lives().zip(fates.iter().copied()));
            (tally, fates)
        })
    }

    fn follow(&mut self) {
        self.judged.take();
        let seen = self.run.entries();
        if seen < self.here.seen() {
            self.here = History::new(self.run.experiment());
        }
        self.here.follow(self.run.journal(), seen);
        self.played_us = self.played_us.max(self.run.now_us());
    }

    /// Plays on to `to_us`, or to where the run has to stop: an open question, a beat that waits, the horizon.
    /// Returns whether it stopped there.
    pub fn advance_to(&mut self, to_us: Micros) -> bool {
        if self.is_waiting() || self.is_asking() {
            return true;
        }
        let now_us = self.now_us();
        let beat = self
            .script
            .beats
            .iter()
            .find(|told| told.at_us > now_us && self.holds(told));
        let stops = [
            self.veil_us(),
            beat.map(|told| told.at_us),
            Some(self.horizon_us()),
        ];
        let stop_us = stops.into_iter().flatten().min().unwrap_or(to_us);
        self.run.seek(to_us.min(stop_us).max(now_us));
        self.follow();
        to_us >= stop_us
    }

    fn horizon_us(&self) -> Micros {
        self.run.experiment().horizon_us
    }

    /// Goes to `to_us` without playing; never past the veil or the horizon.
    pub fn seek(&mut self, to_us: Micros) {
        let limit_us = self.veil_us().unwrap_or(Micros::MAX).min(self.horizon_us());
        let to_us = to_us.min(limit_us);
        self.run.seek(to_us);
        self.follow();
        // Whoever jumps over a beat has read it.
        self.read_us = Some(to_us);
    }

    /// Goes one step.
    pub fn step(&mut self, step: StepTo) {
        let now_us = self.now_us();
        let decisive = self
            .script
            .decisive
            .iter()
            .map(|decisive| decisive.moment.at_us);
        let all = self.script.moments.iter().map(|moment| moment.at_us);
        let to_us = match step {
            StepTo::Next => all.filter(|at_us| *at_us > now_us).min(),
            StepTo::Previous => all.filter(|at_us| *at_us < now_us).max(),
            StepTo::NextDecisive => decisive.filter(|at_us| *at_us > now_us).min(),
            StepTo::PreviousDecisive => decisive.filter(|at_us| *at_us < now_us).max(),
        };
        let end_us = match step {
            StepTo::Next | StepTo::NextDecisive => self.horizon_us(),
            StepTo::Previous | StepTo::PreviousDecisive => 0,
        };
        self.seek(to_us.unwrap_or(end_us));
    }

    /// Chooses a message.
    pub fn select(&mut self, message: Option<MessageId>) {
        self.selected = message.filter(|message| self.here.ledger.get(*message).is_some());
    }
}
