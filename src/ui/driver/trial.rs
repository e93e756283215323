//! A trial plays its runs between frames, as many as fit, and can be stopped.

use super::super::browser;
use super::super::state::Msg;
use super::{Driver, SETTLE_MS};
use crate::view::TrialAct;

/// So long of each frame goes to the trial, in milliseconds: the page stays alive meanwhile.
const SHARE_MS: f64 = 12.0;

impl Driver {
    /// Does what was asked for about the trial.
    pub fn trial(&self, act: TrialAct) {
        self.0.session.borrow_mut().trial(act);
        match act {
            TrialAct::Play | TrialAct::ByHand => self.begin(),
            TrialAct::Begin | TrialAct::Stop => {
                self.pause();
                self.settle();
            }
        }
    }

    /// Opens what was found, from its start, or where all has come to its end.
    pub fn open_found(&self, link: &str, end_us: Option<u64>) {
        self.open_link(link);
        if let Some(end_us) = end_us {
            self.pause();
            self.seek(end_us);
        }
    }

    /// A trial plays runs now.
    pub(super) fn is_examining(&self) -> bool {
        let shown = self.0.shown.borrow();
        shown.lesson.trial.as_ref().is_some_and(|t| t.running)
    }

    /// Plays runs of the trial for a part of this frame, and wants another one. Not inlined: the first screen has no trial.
    #[inline(never)]
    pub(super) fn examine(&self, real_ms: f64) {
        let before_ms = self.0.busy_until_ms.replace(real_ms + SETTLE_MS) - SETTLE_MS;
        // The first frame comes after nothing, and a hidden page has none.
        let took_ms = (real_ms - before_ms).clamp(0.0, 250.0);
        self.0.session.borrow_mut().examined(took_ms as u64);
        let until_ms = browser::real_ms() + SHARE_MS;
        while self.0.session.borrow_mut().examine_on() {
            if browser::real_ms() >= until_ms {
                return;
            }
        }
        let views = self.0.session.borrow_mut().views();
        let trial = views.lesson.trial.as_ref();
        if let Some((_, text)) = trial.and_then(|trial| trial.verdict.clone()) {
            self.tell(Msg::Speak(text));
        }
    }
}
