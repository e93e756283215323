//! What a learner does: faults, knobs, answers.

use std::rc::Rc;

use super::beside::several;
use super::{RETRY_BEFORE_US, Session};
use crate::kafka::Action;
use crate::lab::history::History;
use crate::lab::knobs::{self, Turned};
use crate::lab::script::Script;
use crate::lab::text::Text;
use crate::sim::Micros;

impl Session {
    /// Does something now. In the past of what was played, the run left behind becomes a branch.
    pub fn act(&mut self, action: Action) -> Result<(), Text> {
        self.act_all(vec![action])
    }

    /// Does several things at once, in order.
    pub fn act_all(&mut self, actions: Vec<Action>) -> Result<(), Text> {
        if self.is_asking() {
            return Err(Text::fixed(
                "Answer first; then go on.",
                "请先回答，再继续。",
            ));
        }
        let now_us = self.now_us();
        let forks = now_us < self.played_us && !actions.is_empty();
        if forks {
            self.leave(now_us);
        }
        actions.into_iter().for_each(|action| self.run.act(action));
        let played_us = if forks { self.part() } else { 0 };
        self.played_us = now_us.max(played_us);
        self.replan(now_us);
        Ok(())
    }

    /// What is run has changed: everything told of it is made anew.
    pub(super) fn replan(&mut self, now_us: Micros) {
        self.script = Rc::new(Script::of(&self.lesson, &mut self.run));
        self.run.seek(now_us);
        self.here = History::new(self.run.experiment());
        self.follow();
        self.judgement = None;
        self.what_if = None;
        self.proving = None;
    }

    /// Turns a knob: the same luck and actions from the start, shown at the same moment. What Kafka refuses is kept
    /// beside the knob, and the run goes on with the last good value.
    pub fn set_knob(&mut self, handle: &str, value: &str) {
        self.turn(&[(handle.into(), value)]);
    }

    fn turn(&mut self, changes: &[(String, &str)]) {
        let mut changed = (**self.run.experiment()).clone();
        for (handle, value) in changes {
            self.turned.retain(|turned| turned.handle != *handle);
            match knobs::turn(&changed, handle, value) {
                Ok(turned) => changed = turned,
                Err(problem) => self.turned.push(Turned {
                    handle: handle.clone(),
                    typed: (*value).into(),
                    problem,
                }),
            }
        }
        self.take(changed);
    }

    /// Turns a knob and plays again from shortly before it mattered. Several knobs are one handle:
    /// `acks=all + flush.messages`, with the value of the last.
    pub fn retry(&mut self, handle: &str, value: &str) {
        let all = several(handle, value);
        let each = all.iter().map(|(name, value)| (name.clone(), &value[..]));
        self.turn(&each.collect::<Vec<_>>());
        self.play_again();
    }

    /// Turns every knob of the lesson's fix and plays again.
    pub fn fix(&mut self) {
        let fix = self.lesson.fix.clone();
        let changes = fix
            .iter()
            .map(|(owner, name, value)| (knobs::handle(*owner, name), *value));
        self.turn(&changes.collect::<Vec<_>>());
        self.play_again();
    }

    fn play_again(&mut self) {
        let asked = self.script.asked.as_ref().map(|asked| asked.at_us);
        let acted = self
            .run
            .experiment()
            .actions
            .first()
            .map(|timed| timed.at_us);
        let from_us = asked.or(acted).unwrap_or(0).saturating_sub(RETRY_BEFORE_US);
        let from_us = from_us.max(self.lesson.begins_us);
        self.answered = self
            .answered
            .or(self.lesson.question.as_ref().map(|_| usize::MAX));
        self.revealed = true;
        self.seek(from_us);
        self.played_us = self.now_us();
    }

    /// Answers the open question with the option of this place.
    pub fn answer(&mut self, option: usize) {
        let options = self
            .lesson
            .question
            .as_ref()
            .map_or(0, |question| question.options.len());
        if self.is_asking() && option < options {
            self.answered = Some(option);
            self.revealed = false;
        }
    }

    /// Goes on after a beat that waits, and closes the reveal.
    pub fn next_beat(&mut self) {
        if self.is_revealing() {
            self.revealed = true;
        }
        self.read_us = Some(self.now_us());
    }
}

impl Default for Session {
    fn default() -> Self {
        Session::new()
    }
}
