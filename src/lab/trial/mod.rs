//! A configuration on trial: every single fault at every distinct decisive point, then schedules by chance; and what a
//! learner breaks by hand.
//!
//! [`Examination::step`] plays one run, so that a page can spread them over frames and stop.

#[cfg(test)]
mod tests;
mod words;

pub use words::{clock, told};

use super::experiment::Experiment;
use super::hunt::{Budget, Found, HARM, Hunt, Kind, Singles, Smaller, Stage};
use super::judge::{Judgement, Tally};
use super::price::Price;
use super::run::Run;
use crate::sim::{MS, Micros};

/// What a lesson puts a configuration through.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What is asked of the learner.
    pub goal: Goal,
    /// Faults that may happen.
    pub kinds: Vec<Kind>,
    /// The most of them in one schedule.
    pub most: u8,
    /// One at a time, with everything whole in between.
    pub one_at_a_time: bool,
    /// How many schedules are drawn.
    pub runs: u32,
}

/// What is asked of the learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A configuration that loses and doubles nothing, within these limits.
    LoseNothing(Limits),
    /// No more than so many actions that lose or double something.
    BreakIt { actions: usize },
    /// Nothing: whoever asks wants to know what harms these settings.
    FindOut,
}

/// What safety may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Brokers and controllers.
    pub machines: u32,
    /// Half of the acks must come this soon while nothing is wrong, in microseconds.
    pub ack_us: Micros,
}

/// A trial under way.
#[derive(Clone, Debug)]
pub struct Examination {
    trial: Trial,
    experiment: Experiment,
    price: Price,
    singles: Singles,
    hunt: Hunt,
    running: bool,
    /// Runs played, and how long it took on the machine that plays them.
    pace: (u64, u64),
}

/// How a trial stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// There is more to play.
    pub running: bool,
    /// Everything was played.
    pub complete: bool,
    /// Single faults: how many were played, broke nothing, and there are.
    pub singles: (usize, usize, usize),
    /// Distinct decisive points they are tried at.
    pub points: usize,
    /// Schedules by chance: how many were drawn, and may be.
    pub drawn: (u32, u32),
    /// Runs that made what was found smaller.
    pub shrunk: u32,
    /// The smallest schedules of the hunt by chance, one after another.
    pub way: Vec<Smaller>,
    /// Runs a second on this machine, once that is known.
    pub runs_per_s: Option<u64>,
    /// About so long until everything is played, in seconds.
    pub left_s: Option<u64>,
    /// The smallest schedule that breaks something, or of several the one that harms most.
    pub best: Option<Found>,
    /// Of a hundred messages so many are safe in the worst run; over the limits never all.
    pub score: u64,
    /// Median ack while nothing is wrong, in microseconds.
    pub ack_us: Micros,
    /// Brokers and controllers.
    pub machines: u32,
    /// What flushes there were in a quiet run.
    pub fsyncs: u64,
    /// It costs no more than it may.
    pub within_limits: bool,
}

impl Report {
    /// Everything was tried and nothing lost, within the limits.
    pub fn passes(&self) -> bool {
        self.complete && self.best.is_none() && self.within_limits
    }
}

impl Examination {
    /// Gets ready to try `experiment`, whose own actions do not count.
    pub fn new(trial: Trial, experiment: &Experiment) -> Examination {
        let mut calm = experiment.clone();
        calm.actions.clear();
        let budget = Budget {
            kinds: trial.kinds.clone(),
            most: trial.most,
            one_at_a_time: trial.one_at_a_time,
            runs: trial.runs,
            properties: HARM.to_vec(),
        };
        Examination {
            price: Price::of(&Judgement::of(&Run::new(calm.clone()))),
            singles: Singles::new(&calm, &trial.kinds, &HARM),
            hunt: Hunt::new(&calm, budget, calm.seed),
            experiment: calm,
            running: true,
            pace: (0, 0),
            trial,
        }
    }

    /// What is tried, without faults.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Plays one more run: single faults first, then schedules by chance. Returns whether there is more.
    pub fn step(&mut self) -> bool {
        self.running = self.running && (self.singles.step() || self.hunt.step());
        self.pace.0 += 1;
        self.running
    }

    /// The last runs took so long on the machine that plays them, in milliseconds.
    pub fn took(&mut self, ms: u64) {
        self.pace.1 += ms;
    }

    /// Runs a second, and seconds until everything is played, once that is known.
    fn pace(&self) -> (Option<u64>, Option<u64>) {
        let (runs, ms) = self.pace;
        if !self.running || ms < 500 {
            return (None, None);
        }
        let runs_per_s = (runs * 1_000 / ms).max(1);
        let singles = self.singles.total() - self.singles.done();
        let left = singles as u64 + u64::from(self.trial.runs.saturating_sub(self.hunt.tried));
        (Some(runs_per_s), Some(left / runs_per_s))
    }

    /// Plays no more for now.
    pub fn stop(&mut self) {
        self.running = false;
    }

    /// Goes on where it was stopped.
    pub fn go_on(&mut self) {
        self.running = !self.is_complete();
    }

    fn is_complete(&self) -> bool {
        self.singles.done() == self.singles.total() && self.hunt.stage == Stage::Done
    }

    /// How it stands.
    pub fn report(&self) -> Report {
        let best = self.best();
        let safe = best.map_or(100, |found| safe_of_100(&found.tally));
        let within_limits = self.is_within_limits();
        let (runs_per_s, left_s) = self.pace();
        Report {
            running: self.running,
            complete: self.is_complete(),
            singles: (
                self.singles.done(),
                self.singles.safe(),
                self.singles.total(),
            ),
            points: self.singles.points_us().len(),
            drawn: (self.hunt.tried, self.trial.runs),
            shrunk: self.hunt.shrunk,
            way: self.hunt.way.clone(),
            runs_per_s,
            left_s,
            score: if within_limits { safe } else { safe.min(99) },
            best: best.cloned(),
            ack_us: self.price.calm_ack.median_us,
            machines: self.price.machines,
            fsyncs: self.price.fsyncs,
            within_limits,
        }
    }

    /// The fewest faults, and of those the worst.
    fn best(&self) -> Option<&Found> {
        let single = self.singles.broken.iter();
        single
            .chain(&self.hunt.best)
            .min_by_key(|found| (found.spells.len(), safe_of_100(&found.tally)))
    }

    fn is_within_limits(&self) -> bool {
        match self.trial.goal {
            Goal::BreakIt { .. } | Goal::FindOut => true,
            Goal::LoseNothing(limits) => {
                self.price.machines <= limits.machines
                    && self.price.calm_ack.median_us <= limits.ack_us
            }
        }
    }
}

/// Of a hundred messages so many are neither lost nor doubled; all only if it is every one.
fn safe_of_100(tally: &Tally) -> u64 {
    let safe = tally.sent.saturating_sub(harmed(tally));
    (safe * 100).checked_div(tally.sent).unwrap_or(100)
}

/// How many messages were lost or doubled.
pub fn harmed(tally: &Tally) -> u64 {
    tally.lost() + tally.twice
}

/// What a learner did by hand to break it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// How many actions it took.
    pub actions: usize,
    /// How many it may take.
    pub most: usize,
    /// Messages lost or doubled once all is healed; `None` while it is not played to its end.
    pub harmed: Option<u64>,
    /// Messages sent.
    pub sent: u64,
}

impl Attempt {
    /// Something is lost or doubled, with no more actions than allowed.
    pub fn wins(&self) -> bool {
        self.harmed.is_some_and(|harmed| harmed > 0) && self.actions <= self.most
    }
}

/// The limit of a latency in words: "5 ms".
pub(super) fn ms(us: Micros) -> String {
    let tenths = (us * 10 + MS / 2) / MS;
    match tenths % 10 {
        0 => format!("{} ms", tenths / 10),
        rest => format!("{}.{rest} ms", tenths / 10),
    }
}
