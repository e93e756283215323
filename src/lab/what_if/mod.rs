//! What would have saved it: the same actions and luck, every knob of the registry that is a choice, one at a time; and
//! where no single one helps, the most promising ones in pairs.
//!
//! Each trial is a whole run: a knob holds from the start, so there is no later moment from which to go on.
//! [`WhatIf::step`] does one of them, so that a page can spread them over frames.

mod numbers;

use super::candidates::candidates;
use super::causes::Knob;
use super::experiment::Experiment;
use super::judge::Judgement;
use super::knobs::handle;
use super::price::{Cost, Price};
use super::run::Run;
use super::text::Text;
use numbers::Numbers;

use crate::kafka::config::{AppConfig, BrokerConfig, ConfigSet, Configs, Owner};

/// What the first screen tries.
const BRIEFLY: [(Owner, &str, &str); 4] = [
    (Owner::Producer, "acks", "all"),
    (Owner::Topic, "flush.messages", "1"),
    (Owner::Topic, "min.insync.replicas", "2"),
    (Owner::Producer, "retries", "2147483647"),
];

/// Values that are often believed to help: worth a line even if they change nothing.
const BELIEVED: [&str; 2] = ["min.insync.replicas", "flush.messages"];
/// So many changes that do not help are told.
const MOST_IN_VAIN: usize = 3;
/// So many changes that help are kept.
const MOST_HELPFUL: usize = 12;

/// All trials together may take so many events; a run that takes many is tried with fewer knobs.
const MOST_EVENTS: u64 = 3_000_000;
/// So many at least.
const LEAST_TRIALS: u64 = 3;
/// Of those changes that lose less but still something, so many are tried in pairs.
const MOST_PAIRED: usize = 5;

/// What came of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing lost, nothing doubled.
    Saved,
    /// Nothing lost, at a price that the note names.
    SavedAtPrice,
    /// Still lost.
    NotSaved,
}

/// One change that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// What was turned: one knob, or two at once.
    pub knobs: Vec<Knob>,
    /// What came of it.
    pub outcome: Outcome,
    /// The price, or why it does not help.
    pub note: Text,
    /// The price to sort by.
    cost: Cost,
    /// How many it still loses or doubles.
    left: u64,
}

impl Trial {
    /// The handle to turn and its value; of two knobs, the first is part of the handle: `acks=all + flush.messages`.
    pub fn turn(&self) -> (String, &'static str) {
        let mut written = String::new();
        for (place, knob) in self.knobs.iter().enumerate() {
            written += &handle(knob.owner, knob.name);
            if place + 1 < self.knobs.len() {
                written = written + "=" + knob.value + " + ";
            }
        }
        let value = self.knobs.last().map_or("", |knob| knob.value);
        (written, value)
    }

    fn is_believed(&self) -> bool {
        let mut knobs = self.knobs.iter();
        knobs.any(|knob| BELIEVED.contains(&knob.name))
    }
}

/// Trials under way.
#[derive(Clone, Debug)]
pub struct WhatIf {
    experiment: Experiment,
    base: Numbers,
    /// What is still to be tried, the next one last.
    queue: Vec<Vec<Knob>>,
    /// Prices are not measured.
    pub brief: bool,
    /// The trials to come are pairs, or there are none to come.
    paired: bool,
    /// How many single changes there are.
    pub singles: usize,
    /// How many single changes were tried.
    pub tried: usize,
    /// Single changes that will not be tried, since a run takes so long.
    pub left_out: usize,
    /// How many pairs were tried.
    pub pairs: usize,
    /// What was tried so far, the helpful ones first, the cheapest of these first.
    pub trials: Vec<Trial>,
}

impl WhatIf {
    /// Gets ready to try what is not yet so in `experiment`, which was judged `base`.
    pub fn new(experiment: &Experiment, base: &Judgement) -> WhatIf {
        let mut queue = candidates(experiment);
        if base.tally.skipped + base.tally.expired + base.tally.twice == 0 {
            queue.retain(|knob| !is_of_consumers(knob));
        }
        let singles = queue.len();
        let events = base.healed.world().handled().max(1);
        let most = (MOST_EVENTS / events).max(LEAST_TRIALS) as usize;
        queue.truncate(most);
        let left_out = singles - queue.len();
        WhatIf {
            experiment: experiment.clone(),
            base: Numbers::of(base),
            queue: queue.into_iter().rev().map(|knob| vec![knob]).collect(),
            brief: false,
            paired: false,
            singles,
            tried: 0,
            left_out,
            pairs: 0,
            trials: Vec::new(),
        }
    }

    /// Only a few changes, their prices not measured: for the first screen, which loads little.
    pub fn brief(experiment: &Experiment, base: &Judgement) -> WhatIf {
        let queue = BRIEFLY.into_iter().rev();
        let queue = queue.map(|(owner, name, value)| vec![Knob { owner, name, value }]);
        WhatIf {
            experiment: experiment.clone(),
            base: Numbers::of(base),
            queue: queue.collect(),
            brief: true,
            paired: true,
            singles: BRIEFLY.len(),
            tried: 0,
            left_out: 0,
            pairs: 0,
            trials: Vec::new(),
        }
    }

    /// Whether there is something left to try.
    pub fn is_trying(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether one change has saved it.
    pub fn has_saved(&self) -> bool {
        self.trials
            .iter()
            .any(|trial| trial.outcome != Outcome::NotSaved)
    }

    /// Tries one change. Returns whether something is left.
    pub fn step(&mut self) -> bool {
        if let Some(knobs) = self.queue.pop() {
            match knobs.len() {
                1 => self.tried += 1,
                _ => self.pairs += 1,
            }
            self.try_one(knobs);
            if self.queue.is_empty() && !self.paired {
                self.paired = true;
                self.queue = self.promising_pairs();
                self.keep_what_tells();
            }
        }
        self.is_trying()
    }

    fn try_one(&mut self, knobs: Vec<Knob>) {
        let start = Ok(self.experiment.clone());
        let changed = knobs.iter().fold(start, |changed, knob| {
            changed.and_then(|changed| knob.turned(&changed))
        });
        let Ok(changed) = changed else {
            return;
        };
        let mut run = Run::new(changed);
        run.seek(self.experiment.horizon_us);
        let judged = Judgement::of(&run);
        let numbers = Numbers::of(&judged);
        let has_effect = numbers.hash != self.base.hash;
        let (outcome, note) = match has_effect {
            false => (
                Outcome::NotSaved,
                Text::fixed("changes nothing here", "在这里不起作用"),
            ),
            true => self.base.against(&numbers),
        };
        let trial = Trial {
            knobs,
            outcome,
            note,
            cost: match self.brief {
                true => Cost::default(),
                false => Price::of(&judged).cost(),
            },
            left: self.base.harm_in(&numbers),
        };
        if has_effect || trial.is_believed() {
            self.trials.push(trial);
            self.trials
                .sort_by_key(|trial| (trial.outcome, trial.cost, trial.left));
        }
        if self.paired && self.queue.is_empty() {
            self.keep_what_tells();
        }
    }

    /// Where no single change helps: the changes that leave least, two at a time.
    fn promising_pairs(&self) -> Vec<Vec<Knob>> {
        if self.has_saved() || self.left_out > 0 {
            return Vec::new();
        }
        let mut promising: Vec<&Trial> = self.trials.iter().collect();
        promising.sort_by_key(|trial| trial.left);
        promising.truncate(MOST_PAIRED);
        let mut pairs = Vec::new();
        for (place, one) in promising.iter().enumerate() {
            for other in &promising[place + 1..] {
                if one.knobs[0].name != other.knobs[0].name {
                    pairs.push([&one.knobs[..], &other.knobs[..]].concat());
                }
            }
        }
        pairs.reverse();
        pairs
    }

    /// Keeps the cheapest of what helps, and a few of what is believed to help or helps a little.
    fn keep_what_tells(&mut self) {
        let (mut helpful, mut vain): (Vec<Trial>, Vec<Trial>) = std::mem::take(&mut self.trials)
            .into_iter()
            .partition(|trial| trial.outcome != Outcome::NotSaved);
        helpful.truncate(MOST_HELPFUL);
        vain.sort_by_key(|trial| (trial.knobs.len() > 1, !trial.is_believed(), trial.left));
        vain.truncate(MOST_IN_VAIN);
        helpful.extend(vain);
        self.trials = helpful;
    }
}

/// Whether a config rules what becomes of a record once it is in the log.
fn is_of_consumers(knob: &Knob) -> bool {
    let name = knob.name;
    let of_the_work = name.starts_with("commit.") || name.starts_with("handler.");
    knob.owner == Owner::Consumer || (knob.owner == Owner::Application && of_the_work)
}

/// The effective value of a config, as text.
pub fn current(configs: &Configs, owner: Owner, name: &str) -> Option<String> {
    match owner {
        Owner::Producer => configs.producer.get(name),
        Owner::Consumer => configs.consumer.get(name),
        Owner::Broker => BrokerConfig::get(&configs.broker, name),
        Owner::Topic => configs.topic.get(name),
        Owner::Environment => configs.environment.get(name),
        Owner::Application => AppConfig::get(&configs.app, name),
    }
}
