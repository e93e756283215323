//! What a learner does: faults, knobs, answers, branches.

use std::rc::Rc;

use super::{Branch, RETRY_BEFORE_US, Session};
use crate::kafka::Action;
use crate::lab::experiment::{Experiment, nodes_of};
use crate::lab::history::History;
use crate::lab::knobs::{self, Turned};
use crate::lab::run::Run;
use crate::lab::script::Script;
use crate::lab::story::{both, name};
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
        if let Some(first) = actions.first()
            && now_us < self.played_us
        {
            let words = action_words(self.run.experiment(), first);
            let label = both(
                format!("without {}", words.en),
                format!("没有 {}", words.zh),
            );
            self.leave(label, now_us);
        }
        actions.into_iter().for_each(|action| self.run.act(action));
        self.played_us = now_us;
        self.replan(now_us);
        Ok(())
    }

    fn leave(&mut self, label: Text, fork_us: Micros) {
        let branch = Branch {
            id: self.current,
            label,
            fork_us,
            experiment: Rc::clone(self.run.experiment()),
            played_us: self.played_us,
        };
        self.branches.retain(|kept| kept.id != branch.id);
        self.branches.push(branch);
        self.current = self.next_branch;
        self.next_branch += 1;
    }

    /// What is run has changed: everything told of it is made anew.
    fn replan(&mut self, now_us: Micros) {
        self.script = Rc::new(Script::of(&self.lesson, &mut self.run));
        self.run.seek(now_us);
        self.here = History::new(self.run.experiment());
        self.follow();
        self.judgement = None;
        self.what_if = None;
    }

    /// Turns a knob: the same luck and actions from the start, shown at the same moment. What Kafka refuses is kept
    /// beside the knob, and the run goes on with the last good value.
    pub fn set_knob(&mut self, handle: &str, value: &str) {
        self.turned.retain(|turned| turned.handle != handle);
        match knobs::turn(self.run.experiment(), handle, value) {
            Err(problem) => self.turned.push(Turned {
                handle: handle.into(),
                typed: value.into(),
                problem,
            }),
            Ok(changed) if changed == **self.run.experiment() => {}
            Ok(changed) => {
                let now_us = self.now_us();
                let label = both(
                    format!("before {handle}={value}"),
                    format!("改为 {handle}={value} 之前"),
                );
                self.leave(label, 0);
                self.run = Run::new(changed).watched();
                self.replan(now_us.min(self.horizon_us()));
            }
        }
    }

    /// Turns a knob and plays again from shortly before it mattered.
    pub fn retry(&mut self, handle: &str, value: &str) {
        self.set_knob(handle, value);
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

    /// Brings a branch back.
    pub fn bring_back(&mut self, id: u32) {
        let Some(place) = self.branches.iter().position(|branch| branch.id == id) else {
            return;
        };
        let branch = self.branches.remove(place);
        let fork_us = branch.fork_us;
        self.leave(Text::fixed("the other way", "另一条路"), fork_us);
        self.run = Run::new((*branch.experiment).clone()).watched();
        self.current = branch.id;
        self.played_us = branch.played_us;
        self.replan(branch.played_us);
    }
}

/// "kill -9 of broker 1".
fn action_words(experiment: &Experiment, action: &Action) -> Text {
    let nodes = nodes_of(action);
    let of = nodes
        .first()
        .map_or(Text::default(), |node| name(experiment, *node));
    let (en, zh) = match action {
        Action::Kill(_) => ("kill -9", "kill -9"),
        Action::PowerOff(_) => ("power loss", "断电"),
        Action::Start(_) => ("start", "启动"),
        Action::Stop(_) => ("orderly stop", "正常停止"),
        Action::Pause(_) => ("pause", "暂停"),
        Action::Resume(_) => ("resume", "恢复"),
        Action::CutLink { .. } => ("cut", "断开"),
        Action::HealLink { .. } => ("repair", "修复"),
        Action::Burst { .. } => ("burst", "突发"),
        Action::SlowHandler { .. } => ("slow handler", "处理变慢"),
        Action::Throw(_) => ("exception", "抛出异常"),
        _ => ("fault", "故障"),
    };
    both(format!("{en} of {}", of.en), format!("{} {zh}", of.zh))
}
