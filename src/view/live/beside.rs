//! Two runs on one clock: the session's own, and another one beside it.

mod costs;
mod lanes;
mod sides;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::chronicle::Chronicle;
use super::pace::pace;
use super::{dials, narrator};
use crate::kafka::TopicPartition;
use crate::lab::compare::{Change, Difference, Side, changes, first_difference, same_faults};
use crate::lab::experiment::Experiment;
use crate::lab::session::{Session as Lab, StepTo, difference};
use crate::lab::text::Text;
use crate::sim::Micros;
use crate::view::compare::{ChangeView, CompareView, DifferenceView};
use crate::view::{PaceView, TimelineView, Views, keep};
use costs::Costs;

/// Where two runs part, this much before is shown: 0.7 s.
const BEFORE_US: Micros = 700_000;

/// A run beside the session's own, and what is known of both.
pub(super) struct Beside {
    lab: Lab,
    known: Known,
}

/// What is known of two whole runs.
struct Known {
    a: Rc<Experiment>,
    b: Rc<Experiment>,
    difference: Option<Difference>,
    changes: Vec<Change>,
    timeline: Rc<TimelineView>,
    pace: Rc<PaceView>,
    costs: Costs,
}

impl Beside {
    /// `experiment` beside the session's run.
    pub fn new(lab: &mut Lab, experiment: Experiment, shown: TopicPartition) -> Box<Beside> {
        lab.hush(true);
        let other = lab.beside(experiment);
        let known = Known::of(lab, &other, shown);
        Box::new(Beside { lab: other, known })
    }

    /// Both go to shortly before they part.
    pub fn begin(&mut self, lab: &mut Lab) {
        let at_us = self
            .known
            .difference
            .as_ref()
            .map_or(0, |found| found.at_us);
        let begins_us = lab.lesson().begins_us;
        self.seek(lab, at_us.saturating_sub(BEFORE_US).max(begins_us));
    }

    /// What B runs.
    pub fn experiment(&self) -> &Rc<Experiment> {
        self.lab.experiment()
    }

    /// Both go to a moment.
    pub fn seek(&mut self, lab: &mut Lab, to_us: Micros) {
        let end_us = self.end_us();
        lab.seek(to_us.min(end_us));
        self.lab.seek(to_us.min(end_us));
    }

    /// Both play on; whether they are at their end.
    pub fn advance_to(&mut self, lab: &mut Lab, to_us: Micros) -> bool {
        let stops = lab.advance_to(to_us);
        self.lab.advance_to(to_us) || stops
    }

    /// Both take the next step that one of them has, or the first difference.
    pub fn step(&mut self, lab: &mut Lab, step: StepTo) {
        let now_us = lab.now_us();
        let mut all: Vec<Micros> = Vec::new();
        for script in [lab.script(), self.lab.script()] {
            let decisive = script.decisive.iter().map(|decisive| decisive.moment.at_us);
            match step {
                StepTo::Next | StepTo::Previous => {
                    all.extend(script.moments.iter().map(|moment| moment.at_us));
                }
                StepTo::NextDecisive | StepTo::PreviousDecisive => all.extend(decisive),
            }
        }
        all.extend(self.known.difference.iter().map(|found| found.at_us));
        let to_us = match step {
            StepTo::Next | StepTo::NextDecisive => {
                let later = all.into_iter().filter(|at_us| *at_us > now_us);
                later.min().unwrap_or(Micros::MAX)
            }
            StepTo::Previous | StepTo::PreviousDecisive => {
                let earlier = all.into_iter().filter(|at_us| *at_us < now_us);
                earlier.max().unwrap_or(0)
            }
        };
        self.seek(lab, to_us);
    }

    /// Turns a knob of B.
    pub fn set_knob(&mut self, handle: &str, value: &str) {
        self.lab.set_knob(handle, value);
    }

    fn end_us(&self) -> Micros {
        self.known.timeline.end_us
    }

    /// Shows both as they are now. One number more is measured at each call while time stands still.
    pub fn show(&mut self, lab: &mut Lab, shown: TopicPartition, stands: bool, views: &mut Views) {
        if !self.known.is_of(lab, &self.lab) {
            self.known = Known::of(lab, &self.lab, shown);
        }
        if stands {
            self.known.costs.step(&self.known.a, &self.known.b);
        }
        views.now_us = lab.now_us();
        keep(&mut views.lesson, narrator::lesson(lab));
        keep(&mut views.knobs, dials::knobs(&self.lab));
        views.timeline = Rc::clone(&self.known.timeline);
        views.pace = Rc::clone(&self.known.pace);
        let view = self.view(lab, shown, views.compare.as_deref());
        match &mut views.compare {
            Some(slot) => keep(slot, view),
            none => *none = Some(Rc::new(view)),
        }
    }

    fn view(&self, lab: &Lab, shown: TopicPartition, before: Option<&CompareView>) -> CompareView {
        let (known, other) = (&self.known, &self.lab);
        let found = known.difference.as_ref();
        let message = found.and_then(|found| found.message);
        let side = |of: &Lab, title, before| sides::side(of, shown, title, message, before);
        let change = |change: &Change| ChangeView {
            knob: change.handle.clone(),
            value: change.b.clone(),
            back: change.a.clone(),
        };
        CompareView {
            a: side(
                lab,
                difference(&known.a, &known.b),
                before.map(|view| &view.a),
            ),
            b: side(
                other,
                difference(&known.b, &known.a),
                before.map(|view| &view.b),
            ),
            changes: known.changes.iter().map(change).collect(),
            same: same(&known.a, &known.b),
            difference: found.map(|found| DifferenceView {
                at_us: found.at_us,
                message: message.map(|message| u64::from(message.0)),
                decides: found.decides,
                a: found.a.clone(),
                b: found.b.clone(),
            }),
            costs: known.costs.view(),
        }
    }
}

impl Known {
    fn of(lab: &Lab, other: &Lab, shown: TopicPartition) -> Known {
        let (a, b) = (Rc::clone(lab.experiment()), Rc::clone(other.experiment()));
        let (side_a, side_b) = (Side::of(&a), Side::of(&b));
        let difference = first_difference(&side_a, &side_b);
        let chronicles = [&side_a, &side_b].map(|side| {
            let run = side.run();
            let end_us = run.experiment().horizon_us;
            Chronicle::of(&run.world().model.spec, shown, run.journal(), end_us)
        });
        let timeline = lanes::timeline([&side_a, &side_b], &chronicles, difference.as_ref());
        let decides = difference.iter().map(|found| found.at_us);
        let mut decisive_us: Vec<Micros> = decides.collect();
        for script in [lab.script(), other.script()] {
            decisive_us.extend(script.decisive.iter().map(|decisive| decisive.moment.at_us));
        }
        decisive_us.sort_unstable();
        decisive_us.dedup();
        let [of_a, _] = &chronicles;
        let pace = pace(of_a, decisive_us, lab.lesson().pace_ppm, timeline.end_us);
        Known {
            changes: changes(&a, &b),
            costs: Costs::of(&side_a, &side_b),
            timeline: Rc::new(timeline),
            pace: Rc::new(pace),
            difference,
            a,
            b,
        }
    }

    fn is_of(&self, lab: &Lab, other: &Lab) -> bool {
        Rc::ptr_eq(&self.a, lab.experiment()) && Rc::ptr_eq(&self.b, other.experiment())
    }
}

/// What the two have in common.
fn same(a: &Experiment, b: &Experiment) -> Text {
    let seed = a.seed;
    match (same_faults(a, b), a.seed == b.seed) {
        (true, true) => Text::new(
            format!("same faults, same luck, seed {seed}"),
            format!("故障相同，随机相同，种子 {seed}"),
        ),
        (false, true) => Text::new(
            format!("other faults, same luck, seed {seed}"),
            format!("故障不同，随机相同，种子 {seed}"),
        ),
        _ => Text::new(
            format!("other luck: seeds {seed} and {}", b.seed),
            format!("随机不同：种子 {seed} 与 {}", b.seed),
        ),
    }
}
