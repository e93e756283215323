//! Why it came so, and what would have saved it.

use std::rc::Rc;

use super::Session;
use crate::kafka::MessageId;
use crate::lab::explain::{Why, explain, proof_text};
use crate::lab::harm::Harm;
use crate::lab::judge::Judgement;
use crate::lab::moments::On;
use crate::lab::proof::{Proof, Replays, prove};
use crate::lab::text::Text;
use crate::lab::what_if::WhatIf;

/// The proof of an explanation, as far as it has come.
pub(super) struct Proving {
    replays: Replays,
    about: (Harm, MessageId),
    /// Once it is settled: what was found necessary, if anything was.
    settled: Option<Option<Proof>>,
}

impl Session {
    /// The verdict of the run, healed; made when first asked for.
    pub fn judgement(&mut self) -> Rc<Judgement> {
        let run = &self.run;
        let judged = self.judgement.get_or_insert_with(|| {
            let mut whole = run.clone();
            whole.seek(whole.experiment().horizon_us);
            Rc::new(Judgement::of(&whole))
        });
        Rc::clone(judged)
    }

    /// What would have saved it: tries one more change at each call, once something was lost or doubled and the fate
    /// is sealed.
    pub fn try_on(&mut self) -> Option<&WhatIf> {
        let tally = self.tally();
        if self.veil_us().is_some() || tally.lost() + tally.twice == 0 {
            return None;
        }
        if self.what_if.is_none() {
            let judged = self.judgement();
            let experiment = self.run.experiment();
            self.what_if = Some(match self.lesson.first_screen {
                true => WhatIf::brief(experiment, &judged),
                false => WhatIf::new(experiment, &judged),
            });
        }
        let what_if = self.what_if.as_mut()?;
        what_if.step();
        Some(what_if)
    }

    /// Plays the experiment once more without something that `why` blames, until it is settled what was necessary:
    /// then the explanation holds that and nothing else, and a sentence says what was played.
    pub fn prove(&mut self, why: &Why) -> Option<(Why, Text)> {
        let about = why.about.filter(|_| self.is_sealed())?;
        if self
            .proving
            .as_ref()
            .is_none_or(|proving| proving.about != about)
        {
            let judged = self.judgement();
            let (harm, message) = about;
            let known = harm.is_of(&judged, message).then_some(());
            let replays = self.proving.take().map(|proving| proving.replays);
            self.proving = Some(Proving {
                replays: replays.unwrap_or_else(|| Replays::new(self.run.experiment())),
                about,
                // What healing mends needs no proof.
                settled: known.map_or(Some(None), |()| None),
            });
        }
        let (experiment, journal) = (self.run.experiment(), self.run.journal());
        let proving = self.proving.as_mut()?;
        if proving.settled.is_none() {
            proving.replays.allow(1);
            let cited = why.causes(experiment, journal);
            let question = (about.0, about.1, why.at_us());
            proving.settled = prove(&mut proving.replays, question, &cited).ok();
        }
        let proof = proving.settled.as_ref()?.as_ref()?;
        let text = proof_text(experiment, about.1.0, proof);
        Some((why.proven(experiment, journal, &self.here, proof), text))
    }

    /// Whether a proof is under way.
    pub fn is_proving(&self) -> bool {
        let proving = self.proving.as_ref();
        proving.is_some_and(|proving| proving.settled.is_none())
    }

    /// Why the chosen message, or the first one lost or doubled, is where it is.
    pub fn why(&self) -> Why {
        let gone = self.here.moments.iter().find(|moment| {
            let still = moment.message.is_some_and(|m| {
                moment.on == On::Twice
                    || self
                        .here
                        .ledger
                        .get(m)
                        .is_some_and(|life| life.lost.is_some())
            });
            matches!(moment.on, On::Lost | On::Twice) && still
        });
        let message = self
            .selected
            .or_else(|| gone.and_then(|moment| moment.message));
        message.map_or_else(Why::default, |message| {
            explain(
                self.run.experiment(),
                self.run.journal(),
                &self.here,
                message,
            )
        })
    }
}
