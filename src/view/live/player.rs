//! The session that the page drives: the lab's session, and views of it.

mod pair;
mod why;

use std::rc::Rc;

use super::beside::Beside;
use super::chronicle::Chronicle;
use super::explained::Explained;
use super::owners::{Owned, owned, owners};
use super::pace::pace;
use super::packets::packets;
use super::price::Compared;
use super::runs::Runs;
use super::scene::Scene;
use super::seen::Seen;
use super::timeline::{hue_of, timeline};
use super::{
    account, dials, faults, files, narrator, price, reasons, runs, sheet, terminal, trial,
};
use crate::kafka::{MessageId, TopicPartition};
use crate::lab::experiment::TOPIC;
use crate::lab::explain::Why;
use crate::lab::moments::On;
use crate::lab::script::Script;
use crate::lab::session::{Session as Lab, StepTo};
use crate::lab::text::Text;
use crate::lab::what_if::WhatIf;
use crate::sim::Micros;
use crate::view::files::FilesView;
use crate::view::price::PriceView;
use crate::view::terminal::Answer;
use crate::view::{
    Action, DecisiveView, LessonCard, Room, Session, SheetView, Step, Tend, TimelineView, TrialAct,
    Views, With, keep,
};

/// Whoever goes further than this between two views has jumped: what travelled between is not drawn.
const FRAME_MOST_US: Micros = 200_000;

/// With more messages than this, ledger and timeline are counted anew only every few frames while
/// the run plays on.
const CROWD: usize = 2_000;
/// How many frames that is: a tenth of a second.
const CROWD_FRAMES: u32 = 6;

/// A lab session with the views that were last made of it.
pub struct Live {
    lab: Lab,
    views: Views,
    /// The script that `chronicle` was made with.
    script: Rc<Script>,
    chronicle: Chronicle,
    /// Who owned which partition in the whole run.
    owned: Vec<Owned>,
    why: Why,
    why_of: Option<Explained>,
    /// What playing it again has shown.
    proof: Option<Text>,
    what_if: Option<WhatIf>,
    runs: Runs,
    compared: Option<Compared>,
    seen: Seen,
    /// The run that this one is compared with.
    beside: Option<Box<Beside>>,
    last_now_us: Micros,
    /// Counts calls of `refresh`.
    frames: u32,
}

impl Default for Live {
    fn default() -> Self {
        Live::new(Lab::new())
    }
}

impl Live {
    /// A session that plays `lab`.
    pub fn new(lab: Lab) -> Self {
        let script = Rc::clone(lab.script());
        let mut live = Live {
            lab,
            views: Views::default(),
            script,
            chronicle: Chronicle::default(),
            owned: Vec::new(),
            why: Why::default(),
            why_of: None,
            proof: None,
            what_if: None,
            runs: Runs::default(),
            compared: None,
            seen: Seen::default(),
            beside: None,
            last_now_us: 0,
            frames: 0,
        };
        live.read_anew();
        live
    }

    /// The lab's session.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// The partition that the stage shows.
    fn shown(&self) -> TopicPartition {
        TopicPartition::new(TOPIC, 0)
    }

    /// What is run has changed.
    fn read_anew(&mut self) {
        self.script = Rc::clone(self.lab.script());
        let spec = &self.lab.run().world().model.spec;
        let run = self.lab.run();
        let end_us = run.experiment().horizon_us;
        self.owned = owned(self.lab.run());
        self.chronicle = Chronicle::of(spec, self.shown(), run.journal(), end_us);
        self.why_of = None;
        self.what_if = None;
        self.runs = Runs::of(&self.lab);
        self.seen = Seen::default();
    }

    fn refresh(&mut self) {
        if self.beside.is_some() {
            self.refresh_both();
            return;
        }
        if !Rc::ptr_eq(&self.script, self.lab.script()) {
            self.read_anew();
        } else if self.runs.revision != self.lab.revision() {
            self.runs = Runs::of(&self.lab);
        }
        self.refresh_why();
        let seen = self.seen.of(&mut self.lab);
        let mut lesson = narrator::lesson(&mut self.lab);
        lesson.seen = seen;
        keep(&mut self.views.lesson, lesson);
        let (lab, shown) = (&self.lab, self.shown());
        let now_us = lab.now_us();
        let jumped = now_us.saturating_sub(self.last_now_us) > FRAME_MOST_US;
        let since_us = if self.last_now_us <= now_us && !jumped {
            self.last_now_us
        } else {
            now_us
        };
        let room = narrator::room(lab.lesson());
        let scene = Scene {
            world: lab.run().world(),
            history: lab.history(),
            shown,
            room,
        };
        let crowded = lab.history().ledger.len() > CROWD && since_us < now_us;
        let counts = !crowded || self.frames.is_multiple_of(CROWD_FRAMES);
        self.frames += 1;
        let views = &mut self.views;
        views.now_us = now_us;
        keep(&mut views.stage, scene.stage());
        keep(&mut views.packets, packets(&scene, since_us));
        if counts {
            keep(&mut views.ledger, account::ledger(lab));
        }
        keep(
            &mut views.why,
            reasons::why(lab, &self.why, &self.proof, self.what_if.as_ref()),
        );
        if room == Room::Lab {
            keep(&mut views.knobs, dials::knobs(lab));
        }
        let decisive_us = self
            .script
            .decisive
            .iter()
            .map(|decisive| decisive.moment.at_us);
        let paced = pace(
            &self.chronicle,
            decisive_us.collect(),
            lab.lesson().pace_ppm,
            lab.run().experiment().horizon_us,
        );
        keep(&mut views.pace, paced);
        owners(lab, &self.owned, &mut views.owners);
        if counts {
            let drawn = self.timeline();
            keep(&mut self.views.timeline, drawn);
        }
        self.last_now_us = now_us;
    }

    fn timeline(&self) -> TimelineView {
        let lab = &self.lab;
        let known_us = lab.played_us();
        let mut view = timeline(lab.run(), lab.history(), &self.chronicle, known_us);
        // A question asks what comes of the messages.
        let asks = lab.is_asking();
        let told = self
            .script
            .decisive
            .iter()
            .filter(|decisive| decisive.moment.at_us <= known_us)
            .filter(|decisive| !(asks && is_outcome(decisive.moment.on)));
        view.decisive = told
            .map(|decisive| DecisiveView {
                at_us: decisive.moment.at_us,
                hue: hue_of(decisive.moment.on),
                label: decisive.label.clone(),
                spoken: decisive.spoken.clone(),
            })
            .collect();
        view.veil_from_us = lab.veil_us();
        view.branches = Rc::clone(&self.runs.branches);
        view.bookmarks = Rc::clone(&self.runs.bookmarks);
        view
    }
}

fn is_outcome(on: On) -> bool {
    matches!(on, On::Lost | On::Twice | On::OutOfOrder)
}

impl Session for Live {
    fn lessons(&self) -> Rc<Vec<LessonCard>> {
        Rc::new(narrator::cards())
    }

    fn load(&mut self, id: &str) -> Result<(), Text> {
        self.compare_no_more(false);
        self.last_now_us = 0;
        self.lab.load(id)
    }

    fn open_link(&mut self, fragment: &str) -> Vec<Text> {
        self.last_now_us = 0;
        self.open(fragment)
    }

    fn sheet(&self) -> SheetView {
        sheet::sheet(&self.lab)
    }

    fn link(&self) -> String {
        self.link_of_both().unwrap_or_else(|| self.lab.link())
    }

    fn seed(&self) -> u64 {
        self.lab.run().experiment().seed
    }

    fn now_us(&self) -> u64 {
        self.lab.now_us()
    }

    fn advance_to(&mut self, time_us: u64) -> bool {
        match &mut self.beside {
            Some(beside) => beside.advance_to(&mut self.lab, time_us),
            None => self.lab.advance_to(time_us),
        }
    }

    fn spoken_between(&self, after_us: u64, to_us: u64) -> Text {
        self.lab.script().spoken_between(after_us, to_us)
    }

    fn seek(&mut self, time_us: u64) {
        match &mut self.beside {
            Some(beside) => beside.seek(&mut self.lab, time_us),
            None => self.lab.seek(time_us),
        }
    }

    fn step(&mut self, step: Step) {
        let step = match step {
            Step::Forward => StepTo::Next,
            Step::Back => StepTo::Previous,
            Step::NextDecisive => StepTo::NextDecisive,
            Step::PreviousDecisive => StepTo::PreviousDecisive,
        };
        match &mut self.beside {
            Some(beside) => beside.step(&mut self.lab, step),
            None => self.lab.step(step),
        }
    }

    fn act(&mut self, action: Action) -> Result<(), Text> {
        let actions = faults::actions(&self.lab.run().world().model, action);
        if actions.is_empty() {
            return Err(Text::fixed(
                "That cannot be done here.",
                "此处不能这样操作。",
            ));
        }
        self.lab.act_all(actions)
    }

    fn set_knob(&mut self, name: &str, value: &str) {
        match &mut self.beside {
            Some(beside) => beside.set_knob(name, value),
            None => self.lab.set_knob(name, value),
        }
    }

    fn retry(&mut self, name: &str, value: &str) {
        self.lab.retry(name, value);
    }

    fn fix(&mut self) {
        self.lab.fix();
    }

    fn answer(&mut self, option: usize) {
        self.lab.answer(option);
    }

    fn next_beat(&mut self) {
        self.lab.next_beat();
    }

    fn select(&mut self, message: Option<u64>) {
        let number = message.and_then(|number| u32::try_from(number).ok());
        self.lab.select(number.map(MessageId));
    }

    fn retell(&mut self) {
        self.lab.retell();
        self.retell_both();
        self.compared = None;
        self.frames = 0;
    }

    fn branch(&mut self, id: u32) {
        self.lab.bring_back(id);
    }

    fn tend(&mut self, tend: &Tend) -> Text {
        runs::tend(&mut self.lab, tend)
    }

    fn kept(&self) -> String {
        self.lab.kept()
    }

    fn restore(&mut self, kept: &str, resumes: bool) -> Vec<Text> {
        self.lab.restore(kept, resumes)
    }

    fn lesson_id(&self) -> &str {
        self.lab.lesson().id
    }

    fn price(&mut self, wide: bool, step: bool) -> Rc<PriceView> {
        Rc::new(price::compared(&mut self.compared, &self.lab, wide, step))
    }

    fn files(&self, left: i32, right: Option<i32>) -> Option<FilesView> {
        files::files(self.lab.run().world(), self.shown(), left, right)
    }

    fn compare(&mut self, with: &With) {
        self.put_beside(with);
    }

    fn compare_no_more(&mut self, take: bool) {
        self.part_from_beside(take);
    }

    fn trial(&mut self, act: TrialAct) {
        self.last_now_us = 0;
        trial::act(&mut self.lab, act);
    }

    fn examine_on(&mut self) -> bool {
        self.lab.examine_on()
    }

    fn examined(&mut self, took_ms: u64) {
        self.lab.examined(took_ms);
    }

    fn command(&mut self, line: &str) -> Answer {
        terminal::command(&mut self.lab, line)
    }

    fn completions(&self, line: &str) -> Vec<String> {
        self.lab.completions(line)
    }

    fn views(&mut self) -> Views {
        self.refresh();
        self.views.clone()
    }
}
