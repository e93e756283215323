//! The lesson's trial: examine the present configuration, play what was found, try it by hand.

use super::Session;
use crate::lab::experiment::Experiment;
use crate::lab::lessons::{self, Words};
use crate::lab::story::both;
use crate::lab::trial::{Attempt, Examination, Goal, Report, Trial, clock, harmed, told};

impl Session {
    /// Whether this lesson puts a configuration on trial.
    pub fn has_trial(&self) -> bool {
        lessons::has_trial(self.lesson.id)
    }

    /// What this lesson puts a configuration through.
    pub fn trial(&self) -> Option<Trial> {
        lessons::trial(self.lesson.id)
    }

    /// Begins the trial of the present configuration, or goes on with it.
    pub fn begin_trial(&mut self) {
        let Some(trial) = self.trial() else {
            return;
        };
        match &mut self.examination {
            Some(examination) => examination.go_on(),
            None => {
                let examination = Examination::new(trial, self.run.experiment());
                self.examination = Some(Box::new(examination));
            }
        }
    }

    /// Plays one run of the trial. Returns whether there is more.
    pub fn examine_on(&mut self) -> bool {
        let examination = self.examination.as_mut();
        examination.is_some_and(|examination| examination.step())
    }

    /// The last runs of the trial took so long on this machine, in milliseconds.
    pub fn examined(&mut self, took_ms: u64) {
        if let Some(examination) = &mut self.examination {
            examination.took(took_ms);
        }
    }

    /// Plays no more of the trial for now.
    pub fn stop_trial(&mut self) {
        if let Some(examination) = &mut self.examination {
            examination.stop();
        }
    }

    /// How the trial stands, and what its times and nodes mean.
    pub fn report(&self) -> Option<(Report, &Experiment)> {
        let examination = self.examination.as_ref()?;
        Some((examination.report(), examination.experiment()))
    }

    /// Opens the schedule that was found, as an ordinary run.
    pub fn play_best(&mut self) {
        let Some((report, base)) = self.report() else {
            return;
        };
        let Some(found) = report.best else {
            return;
        };
        let faults = found.spells.iter().map(|spell| {
            let what = told(base, spell);
            let at = clock(spell.at_us);
            (format!("at {at} {}", what.en), format!("{at} {}", what.zh))
        });
        let (en, zh): (Vec<_>, Vec<_>) = faults.unzip();
        let strong = both(
            format!("The smallest schedule found: {}.", en.join("; ")),
            format!("找到的最小故障组合：{}。", zh.join("；")),
        );
        let experiment = found.experiment(base);
        self.open_on_trial(
            experiment,
            Words {
                strong,
                rest: report_rest(&found.tally),
            },
        );
    }

    /// Opens the present configuration with nothing done to it yet.
    pub fn try_by_hand(&mut self) {
        let mut experiment = (**self.run.experiment()).clone();
        experiment.actions.clear();
        let strong = self
            .trial()
            .map_or_else(Default::default, |trial| trial.task());
        let opening = Words {
            strong,
            ..Words::default()
        };
        self.open_on_trial(experiment, opening);
    }

    /// The lesson's own story is not told of another schedule.
    fn open_on_trial(&mut self, experiment: Experiment, opening: Words) {
        let mut lesson = self.lesson.clone();
        lesson.opening = opening;
        lesson.beats.clear();
        let examination = self.examination.take();
        *self = Session::of(lesson, experiment);
        self.examination = examination;
        self.answered = Some(usize::MAX);
        self.revealed = true;
    }

    /// What the learner did by hand so far, where that is asked for; judged once no fate changes any more.
    pub fn attempt(&mut self) -> Option<Attempt> {
        let Goal::BreakIt { actions: most } = self.trial()?.goal else {
            return None;
        };
        let actions = &self.run.experiment().actions;
        if actions.is_empty() || actions.iter().any(|timed| !timed.by_hand) {
            return None;
        }
        let actions = actions.len();
        let judged = self.is_sealed().then(|| self.judgement().tally);
        Some(Attempt {
            actions,
            most,
            harmed: judged.map(|tally| harmed(&tally)),
            sent: judged.map_or(0, |tally| tally.sent),
        })
    }
}

fn report_rest(tally: &crate::lab::judge::Tally) -> crate::lab::text::Text {
    let (gone, sent) = (harmed(tally), tally.sent);
    both(
        format!("It harms {gone} of {sent} messages. Watch which."),
        format!("{sent} 条消息中 {gone} 条丢失或重复。看看是哪些。"),
    )
}
