//! The desk of the Hunt room: scope, orders, what was heard, and the view of it all.

mod best;
mod kept;
mod map;
mod scope;
#[cfg(test)]
mod tests;

pub use scope::{Change, Scope};

use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Budget, Found, HARM, Stage};
use crate::lab::judge::Judgement;
use crate::lab::lessons;
use crate::lab::run::Run;
use crate::lab::share;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::lab::work::{HuntReport, HuntTask, Task};
use crate::view::hunt::{BestView, HuntState, HuntView, ScopeView};

/// A hunt's desk.
pub struct Desk {
    scope: Scope,
    /// What is hunted in, without faults.
    ground: Experiment,
    /// It harms without any fault.
    unsound: bool,
    report: Option<HuntReport>,
    state: HuntState,
    /// Runs played in this visit, and how long they took, in milliseconds.
    pace: (u64, u64),
    /// The view of the best schedule, made when it is found.
    best: Option<(Found, BestView)>,
}

impl Desk {
    /// A desk for the experiment that this link holds.
    pub fn new(lab: &str) -> Desk {
        let mut desk = Desk {
            scope: Scope::of_lab(lab),
            ground: Experiment::three_brokers(),
            unsound: false,
            report: None,
            state: HuntState::Ready,
            pace: (0, 0),
            best: None,
        };
        desk.begin_anew();
        desk
    }

    /// The experiment in the Lab is another one now: a scope that follows it and is not begun yet follows it.
    pub fn follow(&mut self, lab: &str) {
        if self.state == HuntState::Ready && self.scope.follow(lab) {
            self.begin_anew();
        }
    }

    /// Changes the scope: what was hunted so far is left.
    pub fn change(&mut self, change: &Change, lab: &str) {
        self.scope.change(change, lab);
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        self.ground = self.scope.ground();
        let calm = Judgement::ending(Run::new(self.ground.clone()));
        let mut harm = HARM.iter();
        self.unsound = harm.any(|property| calm.verdict(*property).is_violated());
        (self.report, self.best, self.pace) = (None, None, (0, 0));
        self.state = HuntState::Ready;
    }

    /// Whether it can be begun, or gone on with.
    pub fn can_begin(&self) -> bool {
        !self.unsound && matches!(self.state, HuntState::Ready | HuntState::Stopped)
    }

    /// It plays now.
    pub fn is_running(&self) -> bool {
        self.state == HuntState::Running
    }

    /// Begins, or goes on: the task.
    pub fn begin(&mut self) -> Task {
        self.state = HuntState::Running;
        let report = self.report.as_ref();
        Task::Hunt(Box::new(HuntTask {
            experiment: self.ground.clone(),
            budget: self.budget(),
            seed: self.scope.seed,
            begun: report.map(|report| (report.hunt.clone(), report.singles.clone())),
        }))
    }

    /// It was stopped.
    pub fn stop(&mut self) {
        if self.state == HuntState::Running {
            self.state = HuntState::Stopped;
        }
    }

    /// How many faults the smallest schedule has.
    pub fn found(&self) -> Option<usize> {
        self.best.as_ref().map(|(found, _)| found.spells.len())
    }

    /// What is spoken when something was found, or all is over.
    pub fn spoken(&self) -> Text {
        match &self.best {
            Some((_, best)) => best.title.clone(),
            None => self.none(self.report.as_ref().map_or(0, |report| report.hunt.tried)),
        }
    }

    fn budget(&self) -> Budget {
        Budget {
            properties: HARM.to_vec(),
            ..self.scope.budget()
        }
    }

    /// How it stands now: so many runs more in so many milliseconds.
    pub fn hear(&mut self, report: HuntReport, runs: u32, took_ms: u64, going: bool) {
        self.pace.0 += u64::from(runs);
        self.pace.1 += took_ms;
        self.take(report);
        if !going && self.state == HuntState::Running {
            self.state = HuntState::Stopped;
        }
        if self.is_over() {
            self.state = HuntState::Over;
        }
    }

    fn take(&mut self, report: HuntReport) {
        let best = self::best::best(&report);
        if self.best.as_ref().map(|(found, _)| found) != best {
            let told = best.map(|found| best::told(&self.ground, found, &report.hunt));
            self.best = best.cloned().zip(told);
        }
        self.report = Some(report);
    }

    fn is_over(&self) -> bool {
        self.report.as_ref().is_some_and(|report| {
            let all = report.points_us.len() * report.faults.len();
            report.hunt.stage == Stage::Done && report.singles.done == all
        })
    }

    /// What can be chosen.
    pub fn scope(&self) -> ScopeView {
        self.scope.view(&self.ground)
    }

    /// What to show.
    pub fn view(&self) -> HuntView {
        let (tried, shrunk) = self
            .report
            .as_ref()
            .map_or((0, 0), |report| (report.hunt.tried, report.hunt.shrunk));
        let runs = self.scope.runs;
        let (done, all) = self.singles();
        let part = (u64::from(tried) + done as u64) * 1000 / (u64::from(runs) + all as u64).max(1);
        HuntView {
            state: self.state,
            chips: self.scope.chips(&self.ground),
            counted: both(
                format!("{tried} of {runs} schedules"),
                format!("{tried} / {runs} 组"),
            ),
            done: match self.state {
                HuntState::Over => 1000,
                _ => part.min(999) as u32, // below a thousand
            },
            rate: self.rate(),
            pace: self.told_pace(runs.saturating_sub(tried), all - done.min(all)),
            none: self.none(tried),
            unsound: self.unsound.then(|| Text::fixed(
                "This run harms messages without any fault. Its why is in the Lab; a hunt starts from a run that harms none.",
                "这次运行没有任何故障也会丢失或重复消息。原因见实验室；搜索要从一次无损的运行开始。",
            )),
            best: self.best.as_ref().map(|(_, best)| best.clone()),
            map: map::map(&self.ground, self.report.as_ref()),
            tries: self.tries(tried, shrunk),
        }
    }

    fn singles(&self) -> (usize, usize) {
        self.report.as_ref().map_or((0, 0), |report| {
            let all = report.points_us.len() * report.faults.len();
            (report.singles.done, all)
        })
    }

    /// Runs a second, once that is known.
    fn rate(&self) -> Option<u64> {
        let (runs, ms) = self.pace;
        (ms >= 300).then(|| runs * 1000 / ms)
    }

    fn told_pace(&self, schedules: u32, singles: usize) -> Text {
        let Some(rate) = self.rate() else {
            return Text::default();
        };
        let gone = self.pace.1 / 1000;
        let left = (u64::from(schedules) + singles as u64) / rate.max(1);
        match self.state {
            HuntState::Running => both(
                format!("{rate} runs/s · {gone} s gone · about {left} s to go"),
                format!("{rate} 次/秒 · 已用 {gone} 秒 · 约剩 {left} 秒"),
            ),
            _ => both(
                format!("{rate} runs/s · {gone} s"),
                format!("{rate} 次/秒 · {gone} 秒"),
            ),
        }
    }

    fn none(&self, tried: u32) -> Text {
        match self.state {
            HuntState::Ready => Text::fixed(
                "Schedules of faults are drawn from a seed, played and judged. The first one that loses or doubles a message is made as small as it can be.",
                "从种子随机抽取故障组合，逐一运行并判定。第一组造成丢失或重复的组合，会被缩到最小。",
            ),
            HuntState::Over => both(
                format!("None of {tried} schedules loses or doubles a message."),
                format!("{tried} 组故障都没有造成丢失或重复。"),
            ),
            _ => both(
                format!("Nothing lost or doubled in {tried} schedules so far."),
                format!("目前 {tried} 组都没有丢失或重复。"),
            ),
        }
    }

    fn tries(&self, tried: u32, shrunk: u32) -> Text {
        let seed = self.scope.seed;
        both(
            format!(
                "Schedules are drawn from seed {seed}, so the same seed finds the same one: in this page, in a worker, on the command line. {tried} were drawn; {shrunk} runs more tried to make one smaller."
            ),
            format!(
                "故障组合从种子 {seed} 抽取，同一种子在页面、worker 和命令行里得到同样的结果。已抽取 {tried} 组，另有 {shrunk} 次运行用于缩小。"
            ),
        )
    }
}

/// An experiment as a link's fragment, without a lesson's story.
fn link(experiment: &Experiment) -> String {
    let sandbox = lessons::find("sandbox");
    sandbox.map_or_else(String::new, |lesson| share::write(&lesson, experiment, 0))
}
