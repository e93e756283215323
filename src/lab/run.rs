//! A run of an experiment: play on, go to any moment, act there.
//!
//! Checkpoints are clones of the world; going to a moment is the nearest checkpoint before it and a replay from there.
//! An action is applied after everything else due at its time, so a run that was acted upon by hand and a run of the
//! same experiment from its start have the same journal.

use std::rc::Rc;

use super::experiment::{Experiment, Timed};
#[cfg(debug_assertions)]
use super::invariants::Watch;
use crate::kafka::config::Problem;
use crate::kafka::{Action, Journal, World, world};
use crate::sim::Micros;

/// Events between two checkpoints, at first: a replay of so many fits a frame.
const CHECKPOINT_EVENTS: u64 = 2_000;
/// So many checkpoints are kept at most; then every second one goes and the spacing doubles.
const MAX_CHECKPOINTS: usize = 64;

/// A run.
#[derive(Clone)]
pub struct Run {
    experiment: Rc<Experiment>,
    problems: Vec<Problem>,
    at: Moment,
    journal: Journal,
    checkpoints: Vec<Rc<Moment>>,
    spacing_events: u64,
    /// Its messages are remembered.
    watched: bool,
    /// Where a fork starts, or what many forks start from; all else starts at time 0.
    start: Option<Rc<Moment>>,
}

/// A world, and how many of the experiment's actions it has seen.
#[derive(Clone)]
struct Moment {
    world: World,
    actions_done: usize,
    /// In debug builds the invariants are looked at after every step.
    #[cfg(debug_assertions)]
    watch: Watch,
}

impl Moment {
    /// Time 0.
    fn first(experiment: &Experiment, journal: &mut Journal) -> (Moment, Vec<Problem>) {
        let (spec, problems) = experiment.spec();
        #[cfg(debug_assertions)]
        let watch = Watch::new(&spec);
        let moment = Moment {
            world: world(spec, journal),
            actions_done: 0,
            #[cfg(debug_assertions)]
            watch,
        };
        (moment, problems)
    }

    fn step(&mut self, journal: &mut Journal) {
        self.world.step(journal);
        #[cfg(debug_assertions)]
        {
            self.watch.follow(&self.world, journal);
            if let Some(breach) = self.watch.first_unconditional() {
                panic!(
                    "{:?}: {} ({:?})",
                    breach.invariant, breach.what, breach.entry
                );
            }
        }
    }
}

impl Run {
    /// The run of `experiment` at time 0.
    pub fn new(experiment: Experiment) -> Self {
        let mut experiment = experiment;
        let mut journal = Journal::default();
        let (at, problems) = Moment::first(&experiment, &mut journal);
        experiment.drop_actions_beyond(experiment.relay_node().0 + 1);
        Run {
            experiment: Rc::new(experiment),
            problems,
            checkpoints: Vec::new(),
            at,
            journal,
            spacing_events: CHECKPOINT_EVENTS,
            watched: false,
            start: None,
        }
    }

    /// This run with its messages remembered, for a stage to draw them.
    pub fn watched(mut self) -> Self {
        self.at.world.watch_traffic();
        self.watched = true;
        self
    }

    /// This run without checkpoints: going back is playing again.
    pub fn never_kept(mut self) -> Self {
        self.spacing_events = u64::MAX;
        self
    }

    /// This run with a checkpoint every so many events, for many forks of it.
    pub fn kept_every(mut self, events: u64) -> Self {
        self.spacing_events = events;
        self.start = Some(Rc::new(self.at.clone()));
        self
    }

    /// A run of `experiment`, which begins as this one: all that is done to it by `until_us` is the same, and what comes
    /// later needs nothing else to be there. It starts at the last moment by then that this run has kept, or is at, and
    /// cannot go back before it.
    pub fn forked(&self, experiment: Experiment, until_us: Micros) -> Run {
        let by_then = |kept: &&Rc<Moment>| kept.world.now() <= until_us;
        let kept = self.checkpoints.iter().rev().find(by_then);
        let at = match kept {
            _ if self.now_us() <= until_us => Rc::new(self.at.clone()),
            Some(kept) => Rc::clone(kept),
            None => Rc::new(self.start()),
        };
        Run {
            experiment: Rc::new(experiment),
            problems: Vec::new(),
            journal: self.journal.beginning(at.world.entries()),
            at: (*at).clone(),
            checkpoints: Vec::new(),
            spacing_events: CHECKPOINT_EVENTS,
            watched: self.watched,
            start: Some(at),
        }
    }

    /// What is run.
    pub fn experiment(&self) -> &Rc<Experiment> {
        &self.experiment
    }

    /// What Kafka would have refused, and what it does silently.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The world at the current moment.
    pub fn world(&self) -> &World {
        &self.at.world
    }

    /// Everything that is known to have happened, the future of the current moment included.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The current moment, in microseconds.
    pub fn now_us(&self) -> Micros {
        self.at.world.now()
    }

    /// How many journal entries lie before or at the current moment.
    pub fn entries(&self) -> u32 {
        self.at.world.entries()
    }

    /// One number for the whole journal.
    pub fn hash(&self) -> u64 {
        self.journal.hash()
    }

    /// Goes to `to_us`: forth by playing, back by the nearest checkpoint.
    pub fn seek(&mut self, to_us: Micros) {
        let back = to_us < self.now_us();
        let handled = self.at.world.handled();
        let nearest = self
            .checkpoints
            .partition_point(|kept| kept.world.now() <= to_us);
        match nearest.checked_sub(1).map(|place| &self.checkpoints[place]) {
            Some(kept)
                if back || kept.world.handled() > handled.saturating_add(self.spacing_events) =>
            {
                self.at = (**kept).clone();
            }
            None if back => self.at = self.start(),
            _ => {}
        }
        self.play_to(to_us);
    }

    /// The moment it starts at. Time 0 is made anew: whoever never goes back keeps nothing for it.
    fn start(&self) -> Moment {
        if let Some(start) = &self.start {
            return (**start).clone();
        }
        let (mut start, _) = Moment::first(&self.experiment, &mut Journal::default());
        if self.watched {
            start.world.watch_traffic();
        }
        start
    }

    fn play_to(&mut self, to_us: Micros) {
        while let Some(timed) = self.experiment.actions.get(self.at.actions_done) {
            if timed.at_us > to_us {
                break;
            }
            let (at_us, action) = (timed.at_us, timed.action.clone());
            self.events_to(at_us);
            self.at.world.schedule(at_us, action);
            // All else that was due is done, so this is the action's own event.
            self.at.step(&mut self.journal);
            self.at.actions_done += 1;
        }
        self.events_to(to_us);
    }

    fn events_to(&mut self, to_us: Micros) {
        let mut due = self.next_checkpoint_events();
        while self.at.world.next_at().is_some_and(|at| at <= to_us) {
            self.at.step(&mut self.journal);
            if self.at.world.handled() >= due {
                self.keep();
                due = self.next_checkpoint_events();
            }
        }
        self.at.world.run_until(to_us, &mut self.journal);
    }

    fn next_checkpoint_events(&self) -> u64 {
        let last = self.checkpoints.last().or(self.start.as_ref());
        let last = last.map_or(0, |kept| kept.world.handled());
        last.saturating_add(self.spacing_events)
    }

    fn keep(&mut self) {
        if self.checkpoints.len() >= MAX_CHECKPOINTS {
            let mut place = 0;
            self.checkpoints.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.spacing_events *= 2;
        }
        self.checkpoints.push(Rc::new(self.at.clone()));
    }

    /// Does `action` now. What was known of the future is forgotten, and so are later actions done by hand.
    pub fn act(&mut self, action: Action) {
        let now_us = self.now_us();
        let experiment = Rc::make_mut(&mut self.experiment);
        experiment
            .actions
            .retain(|timed| timed.at_us <= now_us || !timed.by_hand);
        let timed = Timed {
            at_us: now_us,
            action,
            by_hand: true,
        };
        experiment.actions.insert(self.at.actions_done, timed);
        self.forget_future();
        self.play_to(now_us);
    }

    fn forget_future(&mut self) {
        let handled = self.at.world.handled();
        let done = self.at.actions_done;
        self.checkpoints
            .retain(|kept| kept.world.handled() <= handled && kept.actions_done <= done);
        self.journal.truncate(self.at.world.entries());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::experiment::broker;

    fn hash_at_end(experiment: &Experiment) -> u64 {
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        run.hash()
    }

    #[test]
    fn the_same_experiment_gives_the_same_journal() {
        let experiment = Experiment::three_brokers().at_ms(700, Action::Kill(broker(1)));
        assert_eq!(hash_at_end(&experiment), hash_at_end(&experiment));
    }

    #[test]
    fn acting_by_hand_is_the_same_as_an_experiment_with_that_action() {
        let experiment = Experiment::three_brokers();
        let mut run = Run::new(experiment.clone());
        run.seek(9_000_000);
        run.seek(700_000);
        run.act(Action::Kill(broker(1)));
        run.seek(experiment.horizon_us);
        let written = experiment.at_ms(700, Action::Kill(broker(1)));
        assert_eq!(run.hash(), hash_at_end(&written));
    }

    #[test]
    fn going_back_and_forth_changes_nothing() {
        let experiment = Experiment::three_brokers().at_ms(1_500, Action::Kill(broker(1)));
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        let end = (run.entries(), run.world().handled(), run.hash());
        for to_us in [0, 3_000_000, 1_499_999, 1_500_000, 12_345_678, 1] {
            run.seek(to_us);
            assert_eq!(run.now_us(), to_us);
        }
        run.seek(experiment.horizon_us);
        assert_eq!((run.entries(), run.world().handled(), run.hash()), end);
    }
}
