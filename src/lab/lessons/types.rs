//! What a lesson is made of. Data only: no lesson has code of its own.

use crate::kafka::Action;
use crate::kafka::config::Owner;
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::Micros;

/// One lesson: a question, an experiment, what to say when something happens, and both endings.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Handle in links and menus.
    pub id: &'static str,
    /// Number in the list; none for the sandbox and the first screen.
    pub number: Option<u8>,
    /// Its name.
    pub title: Text,
    /// One sentence for the menu.
    pub line: Text,
    /// Played on the first screen: large type, few controls.
    pub first_screen: bool,
    /// Simulated time for a million microseconds of real time, to begin with.
    pub pace_ppm: u64,
    /// The moment it is opened at, in microseconds: the cluster is already running.
    pub begins_us: Micros,
    /// What is played.
    pub experiment: Experiment,
    /// The configs it is about.
    pub knobs: Vec<(Owner, &'static str)>,
    /// What the learner is invited to do.
    pub invite: Option<Action>,
    /// What is said at the beginning.
    pub opening: Words,
    /// The question that is answered before the future is shown.
    pub question: Option<Question>,
    /// What is said when something happens, in the order of the story.
    pub beats: Vec<Beat>,
    /// How it ends as it is.
    pub bad: Ending,
    /// How it ends with the fix.
    pub good: Ending,
    /// The fix: configs by owner, name and value.
    pub fix: Vec<(Owner, &'static str, &'static str)>,
    /// What the fix costs, or the trap that remains. It may name `{ack}`, `{ack_max}`, `{answer}`, `{gap}` and `{leaderless}` of the run,
    /// the same with `_before` for the lesson as it is, `{fsyncs}` and `{fsync}`.
    pub price: Text,
    /// Single changes to offer under the reveal; the first is the one to take.
    pub offers: Vec<Try>,
    /// Where to read on.
    pub reading: Vec<(Text, &'static str)>,
}

/// A sentence that matters, and what it means. Both may name `{node}`, `{partition}`, `{epoch}`, `{offset}`,
/// `{from}`, `{to}`, `{message}`, `{messages}`, `{count}`, `{acked}`, `{sent}`, `{lost}`, `{twice}`, `{late}`, `{batch}`, `{ack}` and `{after}`;
/// the run fills them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The sentence.
    pub strong: Text,
    /// What it means.
    pub rest: Text,
}

/// Something said when something happens.
#[derive(Clone, Debug)]
pub struct Beat {
    /// When: the first such moment after the beat before it.
    pub on: On,
    /// What.
    pub words: Words,
    /// The run stops here until the reader goes on.
    pub waits: bool,
    /// In which stories it is told: those that all of these have.
    pub told: Vec<Stories>,
}

/// Stories that one lesson has: as it is, with its fix, with other changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stories {
    /// It speaks of what happens only with the fix, or with another change.
    Changed,
    /// Where this knob has this value.
    With(Owner, &'static str, &'static str),
    /// Where it has another.
    Without(Owner, &'static str, &'static str),
}

impl Stories {
    /// Whether `experiment` plays one of them.
    fn have(self, experiment: &Experiment) -> bool {
        let is = |owner: Owner, name: &str, value: &str| {
            let row = crate::kafka::config::row(owner, name);
            let set = experiment.configs.get(owner, name);
            set.or(row.map(|row| row.default)) == Some(value)
        };
        match self {
            Stories::Changed => true,
            Stories::With(owner, name, value) => is(owner, name, value),
            Stories::Without(owner, name, value) => !is(owner, name, value),
        }
    }
}

impl Beat {
    /// This beat, where a knob has this value.
    pub(super) fn with(mut self, owner: Owner, name: &'static str, value: &'static str) -> Beat {
        self.told.push(Stories::With(owner, name, value));
        self
    }

    /// This beat, where a knob has another value.
    pub(super) fn without(mut self, owner: Owner, name: &'static str, value: &'static str) -> Beat {
        self.told.push(Stories::Without(owner, name, value));
        self
    }

    /// Whether it is told of `experiment`.
    pub fn is_told_of(&self, experiment: &Experiment) -> bool {
        self.told.iter().all(|stories| stories.have(experiment))
    }
}

/// A prediction to make.
#[derive(Clone, Debug)]
pub struct Question {
    /// Asked just before this timed action of the experiment, by its place.
    pub before_action: usize,
    /// The question.
    pub text: Text,
    /// What to look at before answering.
    pub hint: Text,
    /// Two to four answers.
    pub options: Vec<Answer>,
    /// Why it came out as it did, whatever was answered.
    pub reveal: Text,
}

/// One answer: how many messages come to which end, of those the question is about.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words.
    pub text: Text,
    /// Survive.
    pub safe: u8,
    /// Are lost.
    pub lost: u8,
    /// Are there or done twice.
    pub twice: u8,
    /// Are done after a later one of the same key.
    pub late: u8,
}

/// How a run ends, as the properties judge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Properties that are violated.
    pub violated: Vec<Property>,
    /// Properties that hold.
    pub holds: Vec<Property>,
}

/// A single change to try from the start, with the same luck and the same actions.
#[derive(Clone, Debug)]
pub struct Try {
    /// Words of the button.
    pub text: Text,
    /// Whose config.
    pub owner: Owner,
    /// Which.
    pub name: &'static str,
    /// To what.
    pub value: &'static str,
}

/// Short for both languages at once.
pub(super) const fn t(en: &'static str, zh: &'static str) -> Text {
    Text::fixed(en, zh)
}

pub(super) fn words(strong: Text, rest: Text) -> Words {
    Words { strong, rest }
}

pub(super) fn beat(on: On, strong: Text, rest: Text) -> Beat {
    Beat {
        on,
        words: words(strong, rest),
        waits: false,
        told: Vec::new(),
    }
}

/// A beat of the run with the fix, or with another change.
pub(super) fn otherwise(on: On, strong: Text, rest: Text) -> Beat {
    Beat {
        told: vec![Stories::Changed],
        ..beat(on, strong, rest)
    }
}

/// A beat at which the run stops until the reader goes on.
pub(super) fn pause(on: On, strong: Text, rest: Text) -> Beat {
    Beat {
        waits: true,
        ..beat(on, strong, rest)
    }
}

pub(super) fn answer(text: Text, safe: u8, lost: u8, twice: u8) -> Answer {
    Answer {
        text,
        safe,
        lost,
        twice,
        late: 0,
    }
}

/// An answer about order: how many are done in theirs, and how many too late.
pub(super) fn answer_order(text: Text, safe: u8, late: u8) -> Answer {
    Answer {
        late,
        ..answer(text, safe, 0, 0)
    }
}

pub(super) fn offer(text: Text, owner: Owner, name: &'static str, value: &'static str) -> Try {
    Try {
        text,
        owner,
        name,
        value,
    }
}

impl Answer {
    /// Whether the run came out like this. Answers that give no numbers (one of something) say only what happens.
    pub fn is_right(&self, came_out: &crate::lab::script::Tally3) -> bool {
        let said = [self.safe, self.lost, self.twice, self.late].map(u64::from);
        let was = [came_out.safe, came_out.lost, came_out.twice, came_out.late];
        if said.iter().sum::<u64>() > 1 {
            return said == was;
        }
        let [_, lost, twice, late] = said;
        let gravest = [came_out.lost, came_out.twice, came_out.late];
        let gravest = gravest.iter().position(|count| *count > 0);
        [lost, twice, late].iter().position(|count| *count > 0) == gravest
    }
}
