//! How the run on the screen ended, once that is known.

use super::Session;
use crate::lab::lessons::Answer;

/// Which of its lesson's endings a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// What the lesson warns of happened.
    Badly,
    /// It did not.
    Well,
}

impl Session {
    /// How the run ended; nothing while a fate may still change.
    pub fn ends(&mut self) -> Option<Ends> {
        if !self.is_sealed() {
            return None;
        }
        let judged = self.judgement();
        let mut warned_of = self.lesson.bad.violated.iter();
        let badly = warned_of.any(|property| judged.verdict(*property).is_violated());
        Some(if badly { Ends::Badly } else { Ends::Well })
    }

    /// Whether the answer that was given is what the run does; nothing before it is out.
    pub fn was_right(&self) -> Option<bool> {
        let asked = self.script.asked.as_ref()?;
        let said = self.lesson.question.as_ref()?.options.get(self.answered?)?;
        let is_out = self.now_us() >= asked.revealed_us;
        is_out.then(|| Answer::is_right(said, &asked.came_out))
    }

    /// Whether the experiment is another than the lesson's.
    pub fn is_own(&self) -> bool {
        **self.run.experiment() != self.lesson.experiment
    }
}
