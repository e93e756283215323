//! Long work as plain values: what is asked for, how it stands, who does it slice by slice.
//!
//! Whether a worker of the page does it, the page itself between two frames, or a test: the same [`Order`]s come to the
//! same [`Told`]. A new kind of work is a variant of [`Task`] and of [`Report`] with a job that is stepped.

use serde::{Deserialize, Serialize};

use super::experiment::Experiment;
use super::hunt::{Budget, Hunt, Saved, SavedSingles, Singles, Spell, Stage};
use crate::sim::Micros;

/// A number that whoever asks for work chooses, to know its reports.
pub type JobId = u32;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// A hunt, and every single fault at every decisive point beside it.
    Hunt(Box<HuntTask>),
}

/// A hunt that is to be begun or gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuntTask {
    /// What is hunted in; its own actions do not count.
    pub experiment: Experiment,
    /// What the hunt may do.
    pub budget: Budget,
    /// Where schedules are drawn from.
    pub seed: u64,
    /// How far it was before.
    pub begun: Option<(Saved, SavedSingles)>,
}

/// How a piece of work stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// Of [`Task::Hunt`].
    Hunt(Box<HuntReport>),
}

/// How a hunt stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuntReport {
    /// Schedules by chance.
    pub hunt: Saved,
    /// Single faults.
    pub singles: SavedSingles,
    /// When single faults are tried, in microseconds.
    pub points_us: Vec<Micros>,
    /// Which single faults, at no particular time.
    pub faults: Vec<Spell>,
}

/// What is said to whoever does the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Begin with this.
    Begin(JobId, Task),
    /// Do no more of it, and say how it stands.
    Stop(JobId),
}

/// What whoever does the work says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// Orders are heard from now on.
    Ready,
    /// How a piece of work stands.
    Stands {
        /// Which.
        job: JobId,
        /// How.
        report: Report,
        /// Runs played since the last report of it.
        runs: u32,
        /// More is to come.
        going: bool,
    },
}

/// A piece of work under way.
#[derive(Debug)]
enum Job {
    Hunt(Box<HuntJob>),
}

#[derive(Debug)]
struct HuntJob {
    hunt: Hunt,
    singles: Singles,
    /// Whose turn it is, when both have work left.
    turn: bool,
}

impl Job {
    fn begin(task: Task) -> Job {
        match task {
            Task::Hunt(task) => Job::Hunt(Box::new(HuntJob::begin(*task))),
        }
    }

    /// Plays one run. Returns whether there is more to do.
    fn step(&mut self) -> bool {
        match self {
            Job::Hunt(job) => job.step(),
        }
    }

    fn report(&self) -> Report {
        match self {
            Job::Hunt(job) => Report::Hunt(Box::new(job.report())),
        }
    }
}

impl HuntJob {
    /// What was written down in another version is begun anew.
    fn begin(task: HuntTask) -> HuntJob {
        let (experiment, budget) = (&task.experiment, task.budget);
        let (hunt, singles) = task.begun.unzip();
        let resumed = hunt.and_then(|saved| Hunt::resumed(experiment, budget.clone(), saved));
        let new = || Singles::new(experiment, &budget.kinds, &budget.properties);
        HuntJob {
            singles: singles
                .and_then(|saved| new().resumed(saved))
                .unwrap_or_else(new),
            hunt: resumed.unwrap_or_else(|| Hunt::new(experiment, budget.clone(), task.seed)),
            turn: false,
        }
    }

    fn step(&mut self) -> bool {
        self.turn = !self.turn;
        let hunts = self.hunt.stage != Stage::Done;
        let tries = self.singles.done() < self.singles.total();
        if hunts && (self.turn || !tries) {
            self.hunt.step();
        } else if tries {
            self.singles.step();
        }
        hunts || tries
    }

    fn report(&self) -> HuntReport {
        HuntReport {
            hunt: self.hunt.saved(),
            singles: self.singles.saved(),
            points_us: self.singles.points_us().to_vec(),
            faults: self.singles.faults().to_vec(),
        }
    }
}

/// Does several pieces of work by turns.
#[derive(Debug, Default)]
pub struct Hands {
    jobs: Vec<(JobId, Job)>,
}

impl Hands {
    /// Takes an order. What is stopped is reported once more.
    pub fn take(&mut self, order: Order) -> Option<Told> {
        match order {
            Order::Begin(id, task) => {
                self.jobs.retain(|(of, _)| *of != id);
                self.jobs.push((id, Job::begin(task)));
                None
            }
            Order::Stop(id) => {
                let place = self.jobs.iter().position(|(of, _)| *of == id)?;
                let (job, stopped) = self.jobs.remove(place);
                Some(Told::Stands {
                    job,
                    report: stopped.report(),
                    runs: 0,
                    going: false,
                })
            }
        }
    }

    /// Whether there is nothing to do.
    pub fn rest(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Does some of the work whose turn it is, at least one run, until it is `late`; and says how it stands then.
    pub fn work(&mut self, late: &mut dyn FnMut() -> bool) -> Option<Told> {
        if self.jobs.is_empty() {
            return None;
        }
        let (id, mut job) = self.jobs.remove(0);
        let mut runs = 0;
        let going = loop {
            let going = job.step();
            runs += u32::from(going);
            if !going || late() {
                break going;
            }
        };
        let report = job.report();
        if going {
            self.jobs.push((id, job));
        }
        Some(Told::Stands {
            job: id,
            report,
            runs,
            going,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::hunt::{HARM, Kind};
    use crate::lab::lessons;

    fn task() -> HuntTask {
        let lesson = lessons::find("acks").expect("a lesson");
        HuntTask {
            experiment: lesson.experiment,
            budget: Budget {
                kinds: vec![Kind::PowerOff, Kind::Pause, Kind::CutPeers],
                most: 2,
                one_at_a_time: false,
                runs: 150,
                properties: HARM.to_vec(),
            },
            seed: 1,
            begun: None,
        }
    }

    fn sent<T: Serialize + for<'a> Deserialize<'a>>(value: &T) -> T {
        let text = serde_json::to_string(value).expect("it can be written");
        serde_json::from_str(&text).expect("it can be read")
    }

    fn stands(told: Option<Told>) -> (HuntReport, bool) {
        let Some(Told::Stands { report, going, .. }) = told else {
            panic!("a report, not {told:?}");
        };
        let Report::Hunt(report) = report;
        (*report, going)
    }

    #[test]
    fn work_in_slices_stopped_and_gone_on_with_as_text_comes_out_as_in_one_go() {
        let mut hunt = Hunt::new(&task().experiment, task().budget, 1);
        while hunt.step() {}
        let mut task = task();
        let mut slices = 0;
        let outcome = loop {
            let mut hands = Hands::default();
            let order = Order::Begin(3, Task::Hunt(Box::new(task.clone())));
            assert_eq!(hands.take(sent(&order)), None);
            let mut left = 40;
            let mut late = || {
                left -= 1;
                left == 0
            };
            let (report, going) = stands(sent(&hands.work(&mut late)));
            slices += 1;
            if !going {
                break report;
            }
            let (report, going) = stands(hands.take(sent(&Order::Stop(3))));
            assert!(!going && hands.rest());
            task.begun = Some((report.hunt, report.singles));
        };
        assert!(slices > 2);
        assert_eq!(outcome.hunt, hunt.saved());
        let singles = outcome.points_us.len() * outcome.faults.len();
        assert_eq!(outcome.singles.done, singles);
        assert!(hunt.best.is_some(), "acks=1 loses");
    }

    #[test]
    fn several_pieces_of_work_are_done_by_turns() {
        let mut hands = Hands::default();
        for id in [1, 2] {
            hands.take(Order::Begin(id, Task::Hunt(Box::new(task()))));
        }
        let mut turns = Vec::new();
        for _ in 0..4 {
            if let Some(Told::Stands { job, .. }) = hands.work(&mut || true) {
                turns.push(job);
            }
        }
        assert_eq!(turns, [1, 2, 1, 2]);
    }
}
