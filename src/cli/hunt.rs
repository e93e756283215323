//! `acklab hunt`: schedules of faults on all cores, until one harms a message.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Harm, HuntArgs, Kinds, Lang};
use super::part::{Part, Sum};
use super::report;
use super::subject::{Subject, read};
use super::{BadInput, Outcome};
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Budget, Hunt, Saved, Shard, Singles, Stage};
use crate::lab::judge::Judgement;
use crate::lab::properties::Property;
use crate::lab::run::Run;

/// Schedules of a hunt that nobody limited.
const RUNS: u32 = 2_000;

pub(super) fn hunt(args: &HuntArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let mut subject = Subject::read(&args.experiment, lang)?;
    subject.experiment.actions.clear();
    let calm = Judgement::ending(Run::new(subject.experiment.clone()));
    let harm: Vec<Property> = args.harm.iter().copied().map(Harm::property).collect();
    let mut asked = harm.iter();
    if asked.any(|property| calm.verdict(*property).is_violated()) {
        let en = "it loses or doubles messages without any fault; see `acklab explain`";
        let zh = "不出任何故障也会丢失或重复消息；见 `acklab explain`";
        report::print_verdict(&calm, lang);
        return Err(BadInput::new(lang.t(en, zh)));
    }
    let link = subject.link(&subject.experiment);
    let work = Work::new(args, harm, &subject.experiment, &link)?;
    let began = Instant::now();
    let parts = work.carry_out();
    let sum = Sum::of(&parts)?;
    if args.json {
        for part in &parts {
            // Numbers, texts and lists of them can always be written.
            println!("{}", serde_json::to_string(part).unwrap_or_default());
        }
    } else {
        let played: u64 = parts.iter().map(runs_of).sum();
        let took_ms = (began.elapsed().as_millis() as u64).max(1);
        let rate = played.saturating_sub(work.before) * 1_000 / took_ms;
        let seconds = format!("{}.{}", took_ms / 1_000, took_ms % 1_000 / 100);
        let en = format!("{seconds} s, {rate} runs/s on {} threads", work.threads);
        let zh = format!("{seconds} 秒，{} 个线程共 {rate} 次/秒", work.threads);
        anstream::println!("{}", lang.t(&en, &zh));
        sum.print(&subject, lang);
    }
    Ok(sum.outcome())
}

fn runs_of(part: &Part) -> u64 {
    match part {
        Part::Hunt { saved, .. } => u64::from(saved.tried) + u64::from(saved.shrunk),
        Part::Every { done, .. } => *done as u64,
    }
}

/// What is to be played, part by part.
struct Work<'a> {
    experiment: &'a Experiment,
    link: &'a str,
    kinds: Kinds,
    budget: Budget,
    seed: u64,
    threads: u32,
    until: Option<Instant>,
    /// Runs that were played before.
    before: u64,
    jobs: Mutex<VecDeque<Job>>,
    done: Mutex<Vec<(u32, Part)>>,
    bar: ProgressBar,
}

/// One part that is to be played.
enum Job {
    Hunt(Shard),
    GoOn(Box<Saved>),
    Every(Shard),
}

impl<'a> Work<'a> {
    fn new(
        args: &HuntArgs,
        harm: Vec<Property>,
        experiment: &'a Experiment,
        link: &'a str,
    ) -> Result<Self, BadInput> {
        let mut kinds: Kinds = args.faults.concat();
        kinds.sort();
        kinds.dedup();
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
        let threads = args.threads.unwrap_or(cores);
        let usual = if args.seconds.is_some() {
            u32::MAX
        } else {
            RUNS
        };
        let runs = args.runs.unwrap_or(usual);
        let mut work = Work {
            experiment,
            link,
            budget: Budget {
                kinds: kinds.clone(),
                most: args.most,
                one_at_a_time: args.one_at_a_time,
                runs: runs.div_ceil(threads),
                properties: harm,
            },
            kinds,
            seed: args.seed,
            threads,
            until: args
                .seconds
                .map(|seconds| Instant::now() + Duration::from_secs(seconds)),
            before: 0,
            jobs: Mutex::default(),
            done: Mutex::default(),
            bar: progress(if runs == u32::MAX { None } else { Some(runs) }),
        };
        let shards = (0..threads).map(|index| args.shard.split(index, threads));
        let jobs = match &args.resume {
            Some(path) => {
                let name = path.display().to_string();
                work.resume(Part::read_all(&read(path)?, &name)?, runs)?
            }
            None if args.every => shards.map(Job::Every).collect(),
            None => shards.map(Job::Hunt).collect(),
        };
        work.jobs = Mutex::new(jobs);
        Ok(work)
    }

    /// Goes on with these parts, each with its share of the runs more.
    fn resume(&mut self, parts: Vec<Part>, runs: u32) -> Result<VecDeque<Job>, BadInput> {
        let _whole = Sum::of(&parts)?;
        let each = runs.div_ceil(parts.len() as u32);
        self.before = parts.iter().map(runs_of).sum();
        let (mut jobs, mut most) = (VecDeque::new(), 0);
        for part in parts {
            let Part::Hunt {
                experiment,
                budget,
                mut saved,
            } = part
            else {
                return Err(BadInput::new("only a hunt by chance can be gone on with"));
            };
            if experiment != self.link {
                return Err(BadInput(format!(
                    "it is a hunt in another experiment: {experiment}"
                )));
            }
            let runs = saved.tried.saturating_add(each);
            self.budget = Budget {
                runs: runs.max(most),
                ..budget
            };
            most = self.budget.runs;
            if saved.best.is_none() {
                saved.stage = Stage::Searching;
            }
            jobs.push_back(Job::GoOn(saved));
        }
        Ok(jobs)
    }

    /// Plays all of it and gives the parts in their order.
    fn carry_out(&self) -> Vec<Part> {
        thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| self.take_jobs());
            }
        });
        self.bar.finish_and_clear();
        let mut done = std::mem::take(&mut *lock(&self.done));
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, part)| part).collect()
    }

    fn take_jobs(&self) {
        loop {
            let Some(job) = lock(&self.jobs).pop_front() else {
                return;
            };
            let played = match job {
                Job::Every(shard) => Some((shard.index, self.every(shard))),
                Job::Hunt(shard) => {
                    let hunt = Hunt::new(self.experiment, self.budget.clone(), self.seed);
                    Some(self.search(hunt.sharded(shard)))
                }
                Job::GoOn(saved) => {
                    let budget = self.budget.clone();
                    let hunt = Hunt::resumed(self.experiment, budget, *saved);
                    hunt.map(|hunt| self.search(hunt))
                }
            };
            lock(&self.done).extend(played);
        }
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn search(&self, mut hunt: Hunt) -> (u32, Part) {
        while hunt.step() {
            if hunt.stage == Stage::Searching {
                self.bar.inc(1);
                if self.is_over() {
                    hunt.conclude();
                }
            }
        }
        if let Some(found) = &hunt.best {
            self.bar
                .set_message(format!("found: {} faults", found.spells.len()));
        }
        let saved = hunt.saved();
        let index = saved.shard.index;
        let part = Part::Hunt {
            experiment: self.link.into(),
            budget: hunt.budget().clone(),
            saved: Box::new(saved),
        };
        (index, part)
    }

    fn every(&self, shard: Shard) -> Part {
        let mut singles =
            Singles::new(self.experiment, &self.kinds, &self.budget.properties).sharded(shard);
        if shard.index == 0 {
            self.bar
                .set_length(singles.total() as u64 * u64::from(shard.of));
        }
        while !self.is_over() && singles.step() {
            self.bar.inc(1);
        }
        Part::Every {
            experiment: self.link.into(),
            shard,
            points: singles.points(),
            total: singles.total(),
            done: singles.done(),
            safe: singles.safe,
            broken: singles.broken,
        }
    }
}

/// A worker that panicked takes the whole command with it, so that the lock is never found broken.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A bar on a terminal, nothing elsewhere.
fn progress(runs: Option<u32>) -> ProgressBar {
    let (bar, form) = match runs {
        Some(runs) => (
            ProgressBar::new(runs.into()),
            "{bar:32} {pos} of {len} · {per_sec} · {eta} to go  {msg}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {pos} schedules · {per_sec} · {elapsed}  {msg}",
        ),
    };
    match ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
