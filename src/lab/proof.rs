//! The proof of an explanation: played again without what it blames, the harm does not come.
//!
//! A cause is necessary if the same experiment without it, on the same luck, spares the message. Where several faults
//! would each have been enough, none of them is necessary alone: then the smallest set of them is named whose removal
//! spares it. Where no fault matters, it is a knob.

use super::candidates::candidates;
use super::causes::{Cause, is_repair};
use super::experiment::{Experiment, Timed};
use super::harm::Harm;
use super::judge::Judgement;
use super::run::Run;
use crate::kafka::MessageId;
use crate::sim::Micros;

/// What a run did to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Harmed(Vec<(Harm, Vec<MessageId>)>);

impl Harmed {
    /// Reads it from a judged run.
    pub fn of(judged: &Judgement) -> Harmed {
        let found = Harm::ALL.map(|harm| (harm, harm.found(judged)));
        Harmed(
            found
                .into_iter()
                .filter(|(_, messages)| !messages.is_empty())
                .collect(),
        )
    }

    /// Each kind of harm with the messages that it came to, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Harm, &[MessageId])> {
        self.0.iter().map(|(harm, messages)| (*harm, &messages[..]))
    }

    /// Whether this harm came to this message.
    pub fn has(&self, harm: Harm, message: MessageId) -> bool {
        let mut of_kind = self.0.iter().filter(|(kind, _)| *kind == harm);
        of_kind.any(|(_, messages)| messages.binary_search(&message).is_ok())
    }
}

/// The replays of one experiment, each made once.
#[derive(Clone, Debug)]
pub struct Replays {
    experiment: Experiment,
    tried: Vec<(Vec<Cause>, Harmed)>,
    allowed: usize,
}

/// So many runs as were allowed have been made, and it is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending;

impl Replays {
    /// None yet.
    pub fn new(experiment: &Experiment) -> Replays {
        Replays {
            experiment: experiment.clone(),
            tried: Vec::new(),
            allowed: 0,
        }
    }

    /// Allows so many more runs.
    pub fn allow(&mut self, runs: usize) {
        self.allowed = runs;
    }

    /// How many runs were made.
    pub fn made(&self) -> usize {
        self.tried.len()
    }

    /// What comes of the experiment without these causes.
    pub fn without(&mut self, causes: &[Cause]) -> Result<&Harmed, Pending> {
        let known = self.tried.iter().position(|(tried, _)| tried == causes);
        let place = match known {
            Some(place) => place,
            None => {
                self.allowed = self.allowed.checked_sub(1).ok_or(Pending)?;
                let run = Run::new(self.experiment.without(causes));
                let harmed = Harmed::of(&Judgement::of(&run));
                self.tried.push((causes.to_vec(), harmed));
                self.tried.len() - 1
            }
        };
        Ok(&self.tried[place].1)
    }

    fn spares(
        &mut self,
        causes: &[Cause],
        harm: Harm,
        message: MessageId,
    ) -> Result<bool, Pending> {
        Ok(!self.without(causes)?.has(harm, message))
    }
}

/// What was found necessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Each of them alone; or all of these together, and none of them less.
    pub necessary: Vec<Cause>,
    /// It takes all of them.
    pub together: bool,
    /// None of them was in the explanation: they were found by trying.
    pub searched: bool,
}

/// Proves that `harm` came to `message` at `at_us` because of `cited`, or finds what it came of: other actions before
/// it, the latest first; all of them together; then the knobs. `None`: nothing of this spares it.
pub fn prove(
    replays: &mut Replays,
    (harm, message, at_us): (Harm, MessageId, Micros),
    cited: &[Cause],
) -> Result<Option<Proof>, Pending> {
    let proof = |necessary, together, searched| {
        Ok(Some(Proof {
            necessary,
            together,
            searched,
        }))
    };
    let mut alone = Vec::new();
    for cause in cited {
        if replays.spares(std::slice::from_ref(cause), harm, message)? {
            alone.push(cause.clone());
        }
    }
    if !alone.is_empty() {
        return proof(alone, false, false);
    }
    if cited.len() > 1 && replays.spares(cited, harm, message)? {
        let fewest = fewest(replays, harm, message, cited.to_vec())?;
        return proof(fewest, true, false);
    }
    let [faults, later, repairs] = others(&replays.experiment, cited, at_us);
    for cause in &faults {
        if replays.spares(std::slice::from_ref(cause), harm, message)? {
            return proof(vec![cause.clone()], false, true);
        }
    }
    // The least suspicious first, since what need not be taken away is put back in this order.
    let all: Vec<Cause> = [later, faults, cited.to_vec()].concat();
    if all.len() > 1 && replays.spares(&all, harm, message)? {
        let fewest = fewest(replays, harm, message, all)?;
        return proof(fewest, true, true);
    }
    for cause in &repairs {
        if replays.spares(std::slice::from_ref(cause), harm, message)? {
            return proof(vec![cause.clone()], false, true);
        }
    }
    let all: Vec<Cause> = [repairs, all].concat();
    if all.len() > 1 && replays.spares(&all, harm, message)? {
        let fewest = fewest(replays, harm, message, all)?;
        return proof(fewest, true, true);
    }
    let knobs = candidates(&replays.experiment);
    let knobs: Vec<Cause> = knobs.into_iter().map(Cause::Knob).collect();
    for knob in &knobs {
        if replays.spares(std::slice::from_ref(knob), harm, message)? {
            return proof(vec![knob.clone()], false, true);
        }
    }
    for knob in knobs {
        let mut with = all.clone();
        with.push(knob);
        if replays.spares(&with, harm, message)? {
            let fewest = fewest(replays, harm, message, with)?;
            return proof(fewest, true, true);
        }
    }
    Ok(None)
}

/// The actions that are not blamed: faults before `at_us`, those that come later and might do the same harm once these
/// are taken away, and repairs; each the latest first.
fn others(experiment: &Experiment, cited: &[Cause], at_us: Micros) -> [Vec<Cause>; 3] {
    let place = |timed: &Timed| match is_repair(&timed.action) {
        true => 2,
        false => usize::from(timed.at_us > at_us),
    };
    [0, 1, 2].map(|wanted| {
        let actions = experiment.actions.iter().rev();
        let of_kind = actions.filter(|timed| place(timed) == wanted);
        let causes = of_kind.map(|timed| Cause::Action(timed.clone()));
        causes.filter(|cause| !cited.contains(cause)).collect()
    })
}

/// Puts back what need not be taken away.
fn fewest(
    replays: &mut Replays,
    harm: Harm,
    message: MessageId,
    mut all: Vec<Cause>,
) -> Result<Vec<Cause>, Pending> {
    let mut place = 0;
    while place < all.len() && all.len() > 1 {
        let mut fewer = all.clone();
        fewer.remove(place);
        if replays.spares(&fewer, harm, message)? {
            all = fewer;
        } else {
            place += 1;
        }
    }
    Ok(all)
}
