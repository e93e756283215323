//! A run beside its alternatives, measured run by run.
//!
//! [`Comparison::step`] does one run, so that a page can spread them over frames and stop in between.

use super::Price;
use super::alternatives::{Alternative, Family, alternatives, as_it_is};
use super::trial::{Blow, Load, blow, calm, load, story};
use crate::lab::experiment::Experiment;

/// What was measured of one way to run the experiment; more comes with each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    experiment: Experiment,
    /// A calm run of it: fifty orders a second, nobody acts.
    pub calm: Option<Price>,
    /// How much goes through.
    pub load: Option<Load>,
    /// The same faults at the same moments; stays empty where there are none.
    pub story: Option<Price>,
    /// How many acked orders one fault takes from it under full load, in the order of [`Blow::ALL`].
    pub blows: [Option<u64>; 4],
}

/// One run to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Calm,
    Load,
    Story,
    Blow(usize),
}

/// An experiment beside its alternatives.
#[derive(Clone, Debug)]
pub struct Comparison {
    experiment: Experiment,
    rows: Vec<(Alternative, usize)>,
    measures: Vec<Measure>,
    /// What is still to be done, the last one first.
    tasks: Vec<(Task, usize)>,
    /// How many runs there are in all.
    all: u32,
}

impl Comparison {
    /// Gets ready to compare `experiment` with the alternatives of these families.
    pub fn new(experiment: &Experiment, families: &[Family]) -> Comparison {
        let mut found = alternatives(experiment, families);
        if !found.iter().any(|alternative| alternative.is_now) {
            let first = families.first().copied().unwrap_or(Family::Acks);
            found.insert(0, as_it_is(experiment, first));
        }
        let (mut rows, mut measures) = (Vec::new(), Vec::<Measure>::new());
        for alternative in found {
            let same = |measure: &Measure| measure.experiment == alternative.experiment;
            let place = measures.iter().position(same).unwrap_or(measures.len());
            if place == measures.len() {
                measures.push(Measure::of(&alternative.experiment));
            }
            rows.push((alternative, place));
        }
        let tasks = tasks(experiment, measures.len());
        Comparison {
            all: tasks.len() as u32,
            tasks,
            experiment: experiment.clone(),
            rows,
            measures,
        }
    }

    /// The same experiment with the alternatives of other families; what was measured is kept.
    pub fn of_families(&self, families: &[Family]) -> Comparison {
        let mut other = Comparison::new(&self.experiment, families);
        for measure in &mut other.measures {
            let known = self.measures.iter();
            let mut known = known.filter(|known| known.experiment == measure.experiment);
            if let Some(known) = known.next() {
                *measure = known.clone();
            }
        }
        let measures = &other.measures;
        other
            .tasks
            .retain(|(task, place)| !measures[*place].has(*task));
        other
    }

    /// What is compared.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Every alternative with what is known of it so far; families stand together.
    pub fn rows(&self) -> impl Iterator<Item = (&Alternative, &Measure)> {
        self.rows
            .iter()
            .map(|(alternative, place)| (alternative, &self.measures[*place]))
    }

    /// Runs done, and runs in all.
    pub fn done(&self) -> (u32, u32) {
        let left = self.tasks.len() as u32;
        (self.all - left, self.all)
    }

    /// Whether something is left to be run.
    pub fn is_running(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Does one run. Returns whether something is left.
    pub fn step(&mut self) -> bool {
        if let Some((task, place)) = self.tasks.pop() {
            self.measures[place].run(task);
        }
        self.is_running()
    }
}

/// First what is looked at first: calm runs, then the story, then the load, then single faults.
fn tasks(experiment: &Experiment, measures: usize) -> Vec<(Task, usize)> {
    let mut kinds = vec![Task::Calm, Task::Story, Task::Load];
    kinds.extend((0..Blow::ALL.len()).map(Task::Blow));
    kinds.retain(|kind| *kind != Task::Story || !experiment.actions.is_empty());
    let all = kinds
        .into_iter()
        .flat_map(|kind| (0..measures).map(move |place| (kind, place)));
    let mut tasks: Vec<(Task, usize)> = all.collect();
    tasks.reverse();
    tasks
}

impl Measure {
    fn of(experiment: &Experiment) -> Measure {
        Measure {
            experiment: experiment.clone(),
            calm: None,
            load: None,
            story: None,
            blows: [None; 4],
        }
    }

    fn has(&self, task: Task) -> bool {
        match task {
            Task::Calm => self.calm.is_some(),
            Task::Load => self.load.is_some(),
            Task::Story => self.story.is_some(),
            Task::Blow(place) => self.blows[place].is_some(),
        }
    }

    fn run(&mut self, task: Task) {
        match task {
            Task::Calm => self.calm = Some(calm(&self.experiment)),
            Task::Load => self.load = Some(load(&self.experiment)),
            Task::Story => self.story = Some(story(&self.experiment)),
            Task::Blow(place) => {
                let known = self.load.get_or_insert_with(|| load(&self.experiment));
                self.blows[place] = Some(blow(&self.experiment, known, Blow::ALL[place]));
            }
        }
    }
}
