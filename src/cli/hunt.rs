//! `acklab hunt`: schedules of faults on all cores, until one harms a message.

use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Harm, HuntArgs, Kinds, Lang};
use super::part::{Part, Sum};
use super::report;
use super::subject::{Subject, read};
use super::team::Team;
use super::{BadInput, Outcome};
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Budget, Found, Hunt, Piece, Saved, Shard, Singles, Stage};
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

/// Pieces that a thread is given at once: enough that none stands idle for long.
const PIECES_EACH: usize = 16;

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
    jobs: Vec<Job>,
    bar: ProgressBar,
}

/// One part that is to be played.
#[derive(Clone)]
enum Job {
    Hunt(Shard),
    GoOn(Budget, Box<Saved>),
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
                runs,
                properties: harm,
            },
            kinds,
            seed: args.seed,
            threads,
            until: args
                .seconds
                .map(|seconds| Instant::now() + Duration::from_secs(seconds)),
            before: 0,
            jobs: Vec::new(),
            bar: progress(if runs == u32::MAX { None } else { Some(runs) }),
        };
        work.jobs = match &args.resume {
            Some(path) => {
                let name = path.display().to_string();
                work.resume(Part::read_all(&read(path)?, &name)?, runs)?
            }
            None if args.every => vec![Job::Every(args.shard)],
            None => vec![Job::Hunt(args.shard)],
        };
        Ok(work)
    }

    /// Goes on with these parts, each with its share of the runs more.
    fn resume(&mut self, parts: Vec<Part>, runs: u32) -> Result<Vec<Job>, BadInput> {
        let _whole = Sum::of(&parts)?;
        let each = runs.div_ceil(parts.len() as u32);
        self.before = parts.iter().map(runs_of).sum();
        let mut jobs = Vec::new();
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
            if saved.best.is_none() {
                saved.stage = Stage::Searching;
            }
            jobs.push(Job::GoOn(Budget { runs, ..budget }, saved));
        }
        Ok(jobs)
    }

    /// Plays all of it and gives the parts in their order.
    fn carry_out(&self) -> Vec<Part> {
        let played = self.jobs.iter().cloned().filter_map(|job| match job {
            Job::Every(shard) => Some(self.every(shard)),
            Job::Hunt(shard) => {
                let hunt = Hunt::new(self.experiment, self.budget.clone(), self.seed);
                Some(self.search(hunt.sharded(shard)))
            }
            Job::GoOn(budget, saved) => {
                let hunt = Hunt::resumed(self.experiment, budget, *saved);
                hunt.map(|hunt| self.search(hunt))
            }
        });
        let mut parts: Vec<Part> = played.collect();
        self.bar.finish_and_clear();
        parts.sort_by_key(|part| part.shard().index);
        parts
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// However many threads play, it comes out as if one did.
    fn search(&self, hunt: Hunt) -> Part {
        let (budget, begun) = (hunt.budget().clone(), hunt.saved());
        let player = || Hunt::new(self.experiment, budget.clone(), begun.seed).sharded(begun.shard);
        let play = |player: &mut Hunt, piece: Piece| player.play(&piece);
        let hunt = Team::of(self.threads, player, play, |team| self.lead(hunt, team));
        Part::Hunt {
            experiment: self.link.into(),
            budget: hunt.budget().clone(),
            saved: Box::new(hunt.saved()),
        }
    }

    fn lead(&self, mut hunt: Hunt, team: &Team<Piece, Vec<Option<Found>>>) -> Hunt {
        loop {
            if self.is_over() {
                hunt.conclude();
            }
            let pieces = hunt.ahead(PIECES_EACH * self.threads as usize);
            if pieces.is_empty() {
                return hunt;
            }
            for outcomes in team.play(pieces) {
                if hunt.stage == Stage::Searching {
                    self.bar.inc(outcomes.len() as u64);
                }
                if !hunt.take(outcomes) {
                    break;
                }
            }
            if let Some(found) = &hunt.best {
                let faults = found.spells.len();
                self.bar.set_message(format!("found: {faults} faults"));
            }
        }
    }

    fn every(&self, shard: Shard) -> Part {
        let properties = &self.budget.properties;
        let player = || Singles::new(self.experiment, &self.kinds, properties).sharded(shard);
        let play = |player: &mut Singles, place: usize| player.play(place);
        let mut singles = player();
        self.bar.set_length(singles.total() as u64);
        let at_once = PIECES_EACH * self.threads as usize;
        let singles = Team::of(self.threads, player, play, |team| {
            while !self.is_over() && singles.done() < singles.total() {
                let next = singles.done()..singles.total().min(singles.done() + at_once);
                for found in team.play(next.collect()) {
                    singles.take(found);
                    self.bar.inc(1);
                }
            }
            singles
        });
        Part::Every {
            experiment: self.link.into(),
            shard,
            points: singles.points_us().len(),
            total: singles.total(),
            done: singles.done(),
            safe: singles.safe(),
            broken: singles.broken,
        }
    }
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
