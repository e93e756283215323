//! The whole check, one run at each step: every class as pasted, the smallest change, every class with it, the price.

use super::account::{Account, Choice, account};
use super::change::{EXTRA, Evidence, Search, Turn, turned};
use super::class::Class;
use super::implied::{Implied, has_consumer, implied};
use super::source::File;
use super::verdict::{Harm, Tried, Verdict, Word};
use crate::lab::experiment::Experiment;
use crate::lab::price::{self, Load, Price};

/// A change that does not hold on all schedules is looked for again, so many times.
const MOST_ROUNDS: u32 = 3;

/// What to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Topic and profile.
    pub choice: Choice,
    /// Which classes of faults.
    pub classes: Vec<Class>,
    /// At most so many runs of each class.
    pub runs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            choice: Choice::default(),
            classes: Class::ALL.to_vec(),
            runs: 120,
        }
    }
}

/// What it costs, before and with the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// While nothing is wrong.
    pub calm: (Price, Price),
    /// Under full load.
    pub load: (Load, Load),
}

/// One class, as pasted and with the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As pasted.
    pub before: Verdict,
    /// With the change; `None` while it was not played.
    pub after: Option<Verdict>,
    /// What would help beyond the change, where that leaves something red.
    pub needs: Option<Vec<Turn>>,
}

/// Everything that is known so far.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every line.
    pub account: Account,
    /// What is played, and what was assumed.
    pub implied: Implied,
    /// Every class that was tried.
    pub rows: Vec<Row>,
    /// What to turn.
    pub turns: Vec<Turn>,
    /// What that costs.
    pub prices: Option<Prices>,
    /// Runs played.
    pub runs: usize,
    /// There is nothing more to play.
    pub complete: bool,
}

impl Report {
    /// Nothing that was acked, or is believed to be sent, is lost in any class that was tried.
    pub fn is_safe(&self) -> bool {
        self.rows
            .iter()
            .all(|row| row.before.worst.word() != Word::Lost)
    }

    /// The class that loses most simply: what the change mends before what it does not, the fewest faults, the first of the table.
    pub fn simplest(&self) -> Option<&Verdict> {
        let red = self.rows.iter().filter(|row| row.before.worst.is_red());
        let simplest = red.min_by_key(|row| {
            let word = row.before.worst.word();
            let mended = row
                .after
                .as_ref()
                .is_some_and(|after| after.worst.word() < word);
            let faults = row
                .before
                .losing
                .first()
                .map_or(usize::MAX, |losing| losing.spells.len());
            (std::cmp::Reverse(word), !mended, faults)
        });
        simplest.map(|row| &row.before)
    }

    /// The experiment with the change.
    pub fn changed(&self) -> Option<Experiment> {
        match self.turns.is_empty() {
            true => None,
            false => turned(&self.implied.experiment, self.turns.iter()),
        }
    }
}

#[derive(Clone, Debug)]
enum Stage {
    AsPasted(usize),
    Searching(Box<Search>),
    WithChange(usize, Box<Search>),
    /// Which class, which remedy, which of its losing schedules.
    Needs(usize, usize, usize),
    Prices(Measured),
    Done,
}

/// Prices measured so far, without the change and with it.
#[derive(Clone, Debug, Default)]
struct Measured {
    calm: Vec<Price>,
    load: Vec<Load>,
}

impl Measured {
    fn together(self) -> Option<Prices> {
        let (mut calm, mut load) = (self.calm.into_iter(), self.load.into_iter());
        Some(Prices {
            calm: (calm.next()?, calm.next()?),
            load: (load.next()?, load.next()?),
        })
    }
}

/// A check under way.
#[derive(Clone, Debug)]
pub struct Check {
    account: Account,
    implied: Implied,
    options: Options,
    stage: Stage,
    before: Vec<Tried>,
    after: Vec<Tried>,
    needs: Vec<Option<Vec<Turn>>>,
    turns: Vec<Turn>,
    prices: Option<Prices>,
    rounds: u32,
    runs: usize,
}

/// Reads `files`, plays everything, and reports.
pub fn check(files: &[File], options: Options) -> Report {
    let mut check = Check::new(files, options);
    while check.step() {}
    check.report()
}

impl Check {
    /// Reads `files` and gets ready to play.
    pub fn new(files: &[File], options: Options) -> Check {
        let account = account(files, &options.choice);
        let implied = implied(&account);
        Check::of(account, implied, options)
    }

    /// Gets ready to play what was read, perhaps with a topology that was corrected.
    pub fn of(account: Account, implied: Implied, mut options: Options) -> Check {
        let reads = has_consumer(&account);
        options
            .classes
            .retain(|class| class.applies(&implied.experiment, reads));
        Check {
            account,
            implied,
            options,
            stage: Stage::AsPasted(0),
            before: Vec::new(),
            after: Vec::new(),
            needs: Vec::new(),
            turns: Vec::new(),
            prices: None,
            rounds: 0,
            runs: 0,
        }
    }

    /// What was read.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// How far it is, of 1000: the classes as pasted are one half.
    pub fn permille(&self) -> usize {
        let of = |tried: &[Tried]| -> usize {
            let parts = tried
                .iter()
                .map(|it| it.verdict.runs.0 * 1_000 / it.verdict.runs.1.max(1));
            parts.sum::<usize>() / self.options.classes.len().max(1)
        };
        match self.stage {
            Stage::Done => 1_000,
            _ => (of(&self.before) / 2 + of(&self.after) * 9 / 20).min(999),
        }
    }

    /// Plays one run. Returns whether there is more to play.
    pub fn step(&mut self) -> bool {
        self.runs += 1;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::AsPasted(place) => self.as_pasted(place),
            Stage::Searching(search) => self.search(search),
            Stage::WithChange(place, search) => self.with_change(place, search),
            Stage::Needs(place, extra, nth) => self.what_it_needs(place, extra, nth),
            Stage::Prices(measured) => self.measure(measured),
            Stage::Done => Stage::Done,
        };
        !matches!(self.stage, Stage::Done)
    }

    fn as_pasted(&mut self, place: usize) -> Stage {
        let Some(class) = self.options.classes.get(place) else {
            let evidence = self.before.iter().flat_map(evidence).collect();
            return Stage::Searching(Box::new(Search::new(
                &self.account,
                &self.implied.experiment,
                evidence,
            )));
        };
        if self.before.len() == place {
            self.before.push(Tried::new(
                *class,
                &self.implied.experiment,
                self.options.runs,
            ));
            return Stage::AsPasted(place);
        }
        // It was pushed above.
        let more = self.before[place].step();
        Stage::AsPasted(if more { place } else { place + 1 })
    }

    fn search(&mut self, mut search: Box<Search>) -> Stage {
        if search.step() {
            return Stage::Searching(search);
        }
        self.turns = search.turns();
        self.after.clear();
        match self.turns.is_empty() {
            true => self.begin_needs(),
            false => Stage::WithChange(0, search),
        }
    }

    fn with_change(&mut self, place: usize, search: Box<Search>) -> Stage {
        let changed = turned(&self.implied.experiment, self.turns.iter());
        let (Some(before), Some(changed)) = (self.before.get(place), changed) else {
            return self.after_all(&search);
        };
        if self.after.len() == place {
            self.after.push(before.again(&changed));
            return Stage::WithChange(place, search);
        }
        let more = self.after[place].step();
        Stage::WithChange(if more { place } else { place + 1 }, search)
    }

    /// What the change does not mend although it mended all that was known is evidence, too.
    fn after_all(&mut self, search: &Search) -> Stage {
        self.rounds += 1;
        let mut more = Vec::new();
        for (before, after) in self.before.iter().zip(&self.after) {
            let (class, was) = (before.verdict.class, before.verdict.worst.word());
            // What every protection together does not mend is left as it is.
            if before.verdict.worst.is_red() && !search.mends_some(class) {
                continue;
            }
            let unmended = after
                .verdict
                .losing
                .iter()
                .filter(|losing| losing.harm.is_red() && losing.harm.word() >= was);
            more.extend(unmended.map(|losing| Evidence {
                class,
                stage: before.verdict.stage.clone(),
                spells: losing.spells.clone(),
                calm: before.calm(),
                was: losing.harm.word(),
            }));
        }
        match more.is_empty() || self.rounds >= MOST_ROUNDS {
            true => self.begin_needs(),
            false => Stage::Searching(Box::new(search.with_more(more))),
        }
    }

    fn begin_needs(&mut self) -> Stage {
        self.needs = vec![None; self.before.len()];
        Stage::Needs(0, 0, 0)
    }

    /// Tries what helps at a price on what the change leaves red, one losing schedule after the other.
    fn what_it_needs(&mut self, place: usize, extra: usize, nth: usize) -> Stage {
        let Some(tried) = self.after.get(place).or(self.before.get(place)) else {
            return Stage::Prices(Measured::default());
        };
        let (verdict, calm) = (&tried.verdict, tried.calm());
        let mut losing = verdict.losing.iter().filter(|losing| losing.harm.is_red());
        let is_red = losing.clone().next().is_some();
        let Some(turns) = EXTRA.get(extra).filter(|_| is_red) else {
            return Stage::Needs(place + 1, 0, 0);
        };
        let Some(losing) = losing.nth(nth) else {
            // All of them were mended.
            self.needs[place] = Some(turns.to_vec());
            return Stage::Needs(place + 1, 0, 0);
        };
        let changed = turned(&verdict.stage, turns.iter());
        let harm = changed.map(|changed| Harm::of(&changed, &losing.spells).beyond(calm));
        match harm.is_some_and(|harm| harm.word() < verdict.worst.word()) {
            true => Stage::Needs(place, extra, nth + 1),
            false => Stage::Needs(place, extra + 1, 0),
        }
    }

    /// What it costs, one run after the other: calm and under load, without the change and with it.
    fn measure(&mut self, mut measured: Measured) -> Stage {
        let base = &self.implied.experiment;
        let Some(changed) = turned(base, self.turns.iter()).filter(|_| !self.turns.is_empty())
        else {
            return Stage::Done;
        };
        match (measured.calm.len(), measured.load.len()) {
            (0, _) => measured.calm.push(price::calm(base)),
            (1, _) => measured.calm.push(price::calm(&changed)),
            (_, 0) => measured.load.push(price::load(base)),
            (_, 1) => measured.load.push(price::load(&changed)),
            _ => {
                self.prices = measured.together();
                return Stage::Done;
            }
        }
        Stage::Prices(measured)
    }

    /// Every class that is tried, in order.
    pub fn classes(&self) -> &[Class] {
        &self.options.classes
    }

    /// The class that is being played, and whether with the change.
    pub fn playing(&self) -> Option<(Class, bool)> {
        let class = |place: usize| self.options.classes.get(place).copied();
        match &self.stage {
            Stage::AsPasted(place) => class(*place).map(|class| (class, false)),
            Stage::WithChange(place, _) => class(*place).map(|class| (class, true)),
            _ => None,
        }
    }

    /// What is known so far.
    pub fn report(&self) -> Report {
        let row = |(place, before): (usize, &Tried)| Row {
            before: before.verdict.clone(),
            after: self.after.get(place).map(|after| after.verdict.clone()),
            needs: self.needs.get(place).cloned().flatten(),
        };
        Report {
            account: self.account.clone(),
            implied: self.implied.clone(),
            rows: self.before.iter().enumerate().map(row).collect(),
            turns: self.turns.clone(),
            prices: self.prices.clone(),
            runs: self.runs,
            complete: matches!(self.stage, Stage::Done),
        }
    }
}

fn evidence(tried: &Tried) -> Vec<Evidence> {
    let red = tried
        .verdict
        .losing
        .iter()
        .filter(|losing| losing.harm.is_red());
    let made = red.map(|losing| Evidence {
        class: tried.verdict.class,
        stage: tried.verdict.stage.clone(),
        spells: losing.spells.clone(),
        calm: tried.calm(),
        was: losing.harm.word(),
    });
    made.collect()
}
