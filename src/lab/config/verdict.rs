//! The verdict per class of faults: the worst of many runs, and the schedule that made it.

use super::class::Class;
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Ground, Spell, with};
use crate::lab::judge::Judgement;
use crate::lab::ledger::Told;
use crate::lab::run::Run;
use crate::sim::{Micros, SECOND};

/// A write that waits longer than a usual failover takes was held up.
const HELD_UP_US: Micros = 16 * SECOND;
/// So many schedules of a class that break it are kept, the worst ones.
const MOST_KEPT: usize = 4;

/// What a run did to messages, the gravest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Harm {
    /// Lost, or passed over, after a broker's ack.
    pub lost: u64,
    /// Lost although the application counts them as sent.
    pub silently: u64,
    /// Written or processed twice.
    pub twice: u64,
    /// Never acked, and the application was told or is gone.
    pub failed: u64,
    /// The longest wait for an ack, in microseconds, where it is longer than a usual failover.
    pub held_up_us: Micros,
}

/// What is to be said of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Nothing is lost, doubled or refused.
    Safe,
    /// Safe, but writes had to wait.
    HeldUp,
    /// Some were never acked.
    NeverAcked,
    /// Done twice.
    Twice,
    /// Acked, or believed to be sent, then lost.
    Lost,
}

impl Harm {
    /// Plays `spells` on `stage`.
    pub fn of(stage: &Experiment, spells: &[Spell]) -> Harm {
        Harm::read(Run::new(with(stage, spells)))
    }

    /// Plays `run` to its end.
    fn read(run: Run) -> Harm {
        let judged = Judgement::ending(run);
        let acked = judged.history.ledger.iter();
        let acked = acked.filter(|life| matches!(life.told, Told::Acked(_)));
        let waits = acked.map(|life| life.told_us.saturating_sub(life.buffered_us));
        let tally = judged.tally;
        Harm {
            lost: tally.lost_after_ack,
            silently: tally.lost_silently,
            twice: tally.twice,
            failed: tally.failed + tally.in_doubt,
            held_up_us: waits.max().filter(|us| *us > HELD_UP_US).unwrap_or(0),
        }
    }

    /// Without what happens when nothing goes wrong.
    pub fn beyond(self, calm: Harm) -> Harm {
        Harm {
            lost: self.lost.saturating_sub(calm.lost),
            silently: self.silently.saturating_sub(calm.silently),
            twice: self.twice.saturating_sub(calm.twice),
            failed: self.failed.saturating_sub(calm.failed),
            held_up_us: self.held_up_us,
        }
    }

    /// What is to be said of it.
    pub fn word(self) -> Word {
        match self {
            Harm { lost: 1.., .. } | Harm { silently: 1.., .. } => Word::Lost,
            Harm { twice: 1.., .. } => Word::Twice,
            Harm { failed: 1.., .. } => Word::NeverAcked,
            Harm {
                held_up_us: 1.., ..
            } => Word::HeldUp,
            _ => Word::Safe,
        }
    }

    /// Lost or doubled.
    pub fn is_red(self) -> bool {
        self.word() >= Word::Twice
    }
}

/// A schedule and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Losing {
    /// The faults.
    pub spells: Vec<Spell>,
    /// What came of them.
    pub harm: Harm,
}

/// What came of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// What is played, without faults.
    pub stage: Experiment,
    /// Schedules that were played, and that there are.
    pub runs: (usize, usize),
    /// How many of them lost or doubled something.
    pub broken: usize,
    /// The worst run.
    pub worst: Harm,
    /// The worst schedules, the worst first.
    pub losing: Vec<Losing>,
}

impl Verdict {
    /// The experiment that shows the worst run.
    pub fn experiment(&self) -> Option<Experiment> {
        self.losing
            .first()
            .map(|losing| with(&self.stage, &losing.spells))
    }
}

/// A class under way.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What is known so far.
    pub verdict: Verdict,
    /// What happens without faults, once that was played.
    calm: Option<Harm>,
    /// What all runs have in common; dropped when the last was played.
    ground: Option<Ground>,
    schedules: Vec<Vec<Spell>>,
}

impl Tried {
    /// Gets ready to try `class` in `base`, with one run without faults that all others begin with.
    pub fn new(class: Class, base: &Experiment, most: usize) -> Tried {
        let stage = class.stage(base);
        let ground = Ground::new(&stage);
        let schedules = class.schedules(&ground, most);
        Tried::of(class, stage, ground, schedules)
    }

    /// Gets ready to try the same schedules in a changed experiment.
    pub fn again(&self, base: &Experiment) -> Tried {
        let class = self.verdict.class;
        let stage = class.stage(base);
        let ground = Ground::new(&stage);
        Tried::of(class, stage, ground, self.schedules.clone())
    }

    fn of(class: Class, stage: Experiment, ground: Ground, schedules: Vec<Vec<Spell>>) -> Tried {
        Tried {
            verdict: Verdict {
                class,
                stage,
                runs: (0, schedules.len()),
                broken: 0,
                worst: Harm::default(),
                losing: Vec::new(),
            },
            calm: (class == Class::Calm).then(Harm::default),
            ground: Some(ground),
            schedules,
        }
    }

    /// What happens without faults.
    pub fn calm(&self) -> Harm {
        self.calm.unwrap_or_default()
    }

    /// Plays one schedule, and before the first of them none: what happens anyway is no harm. Returns whether there are more.
    pub fn step(&mut self) -> bool {
        if let (None, Some(ground)) = (self.calm, &self.ground) {
            self.calm = Some(Harm::read(ground.run(&[])));
            return true;
        }
        let calm = self.calm();
        let verdict = &mut self.verdict;
        let (Some(spells), Some(ground)) = (self.schedules.get(verdict.runs.0), &self.ground)
        else {
            self.ground = None;
            return false;
        };
        verdict.runs.0 += 1;
        let harm = Harm::read(ground.run(spells)).beyond(calm);
        verdict.worst = verdict.worst.max(harm);
        if harm.word() != Word::Safe {
            verdict.broken += usize::from(harm.is_red());
            verdict.losing.push(Losing {
                spells: spells.clone(),
                harm,
            });
            verdict
                .losing
                .sort_by_key(|losing| std::cmp::Reverse(losing.harm));
            verdict.losing.truncate(MOST_KEPT);
        }
        let more = verdict.runs.0 < self.schedules.len();
        if !more {
            self.ground = None;
        }
        more
    }
}
