//! A lesson's trial, from the lab's report to a panel.

use crate::lab::hunt::{Smaller, Spell};
use crate::lab::session::Session;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::lab::trial::{Goal, Report, clock, told};
use crate::view::{Hue, ShrankView, TrialAct, TrialButton, TrialView};

/// The trial of the session's lesson, if it has one.
pub fn trial_of(session: &mut Session) -> Option<Box<TrialView>> {
    if !session.has_trial() {
        return None;
    }
    trial(session)
}

// Not inlined: the first screen has no trial, and need not load what draws one.
#[inline(never)]
fn trial(session: &mut Session) -> Option<Box<TrialView>> {
    let trial = session.trial()?;
    let challenge = matches!(trial.goal, Goal::BreakIt { .. });
    let attempt = session.attempt();
    let mut view = TrialView {
        title: match trial.goal {
            Goal::BreakIt { .. } => Text::fixed("Break it", "攻破它"),
            Goal::LoseNothing(_) => Text::fixed("On trial", "接受检验"),
            Goal::FindOut => Text::fixed("Hunt", "自动搜索"),
        },
        task: trial.task(),
        attempt: attempt.map(|attempt| {
            let hue = if attempt.wins() { Hue::Safe } else { Hue::Risk };
            (hue, attempt.told())
        }),
        ..TrialView::default()
    };
    let report = session.report();
    view.buttons = buttons(trial.goal, report.as_ref().map(|(report, _)| report));
    if let Some((report, experiment)) = report {
        view.running = report.running;
        view.progress = Some(progress(&report));
        let scored = matches!(trial.goal, Goal::LoseNothing(_))
            && (report.complete || report.best.is_some());
        view.score = scored.then_some(report.score as u8); // at most 100
        view.verdict = Some((hue(challenge, &report), report.verdict()));
        view.facts = vec![report.of_singles(), report.of_hunt(), report.price()];
        view.facts.extend(report.of_pace());
        view.shrank = shrank(&report.way);
        let line = |spell: &Spell| (clock(spell.at_us), told(experiment, spell));
        let spells = report.best.iter().flat_map(|found| &found.spells);
        view.schedule = spells.map(line).collect();
    }
    Some(Box::new(view))
}

/// Does what a person asks of it.
pub fn act(session: &mut Session, act: TrialAct) {
    match act {
        TrialAct::Begin => session.begin_trial(),
        TrialAct::Stop => session.stop_trial(),
        TrialAct::Play => session.play_best(),
        TrialAct::ByHand => session.try_by_hand(),
    }
}

fn hue(challenge: bool, report: &Report) -> Hue {
    match (&report.best, challenge) {
        (Some(_), false) => Hue::Lost,
        (Some(_), true) => Hue::Accent,
        (None, _) if report.passes() => Hue::Safe,
        (None, _) if !report.within_limits => Hue::Risk,
        (None, _) => Hue::None,
    }
}

/// Runs played of all that there may be; not a hundred before the end.
fn progress(report: &Report) -> u8 {
    if report.complete {
        return 100;
    }
    let (done, _, total) = report.singles;
    let (drawn, runs) = report.drawn;
    let played = done as u64 + u64::from(drawn);
    let all = total as u64 + u64::from(runs);
    (played * 100 / all.max(1)).min(99) as u8
}

/// The ways of fewer and fewer faults, and the last: the first of each number, on one common time.
fn shrank(way: &[Smaller]) -> Vec<ShrankView> {
    let fewer = |place: usize| place == 0 || way[place - 1].spells.len() > way[place].spells.len();
    let last = way.len().saturating_sub(1);
    let steps = (0..way.len()).filter(|place| fewer(*place) || *place == last); // places of the way
    let steps: Vec<&Smaller> = steps.map(|place| &way[place]).collect();
    if steps.len() < 2 {
        return Vec::new();
    }
    let ends = steps.iter().flat_map(|step| &step.spells);
    let end_us = ends.map(Spell::ends_us).max().unwrap_or(0).max(1);
    let part = |us: u64| (us * 980 / end_us).min(980) as u16; // what begins at the end is seen, too
    let faults = |spell: &Spell| (part(spell.at_us), part(spell.lasts_us.unwrap_or(0)));
    let told = |step: &Smaller| {
        let (count, after) = (step.spells.len(), step.after);
        let s = if count == 1 { "" } else { "s" };
        both(
            format!("{count} fault{s}, run {after}"),
            format!("{count} 个故障，第 {after} 次"),
        )
    };
    let view = |step: &&Smaller| ShrankView {
        told: told(step),
        faults: step.spells.iter().map(faults).collect(),
    };
    steps.iter().map(view).collect()
}

fn buttons(goal: Goal, report: Option<&Report>) -> Vec<TrialButton> {
    let challenge = matches!(goal, Goal::BreakIt { .. });
    let button = |text, act, primary| TrialButton { text, act, primary };
    let mut buttons = Vec::new();
    if challenge {
        let text = Text::fixed("Try it by hand", "自己动手");
        buttons.push(button(text, TrialAct::ByHand, report.is_none()));
    }
    let begin = match goal {
        Goal::BreakIt { .. } => Text::fixed("Show what the hunt finds", "看自动搜索的结果"),
        Goal::LoseNothing(_) => Text::fixed("Put it on trial", "开始检验"),
        Goal::FindOut => Text::fixed("Start the hunt", "开始搜索"),
    };
    match report {
        None => buttons.push(button(begin, TrialAct::Begin, !challenge)),
        Some(report) if report.running => {
            let text = Text::fixed("Stop", "停止");
            buttons.push(button(text, TrialAct::Stop, false));
        }
        Some(report) if !report.complete => {
            let text = Text::fixed("Go on", "继续");
            buttons.push(button(text, TrialAct::Begin, true));
        }
        Some(_) => {}
    }
    if report.is_some_and(|report| report.best.is_some() && !report.running) {
        let text = Text::fixed("Play this schedule", "播放这组故障");
        buttons.push(button(text, TrialAct::Play, true));
    }
    buttons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(id: &str) -> Session {
        let mut session = Session::new();
        session.load(id).expect("a lesson");
        session
    }

    #[test]
    fn only_lessons_with_a_trial_show_one() {
        assert!(trial(&mut opened("acks")).is_none());
        assert!(trial(&mut opened("capstone")).is_some());
    }

    #[test]
    fn the_hunt_in_the_sandbox_shows_its_pace_and_how_the_schedule_shrank() {
        let mut session = opened("sandbox");
        for (handle, value) in [("acks", "1"), ("send.count", "30"), ("send.rate", "10")] {
            session.set_knob(handle, value);
        }
        session.begin_trial();
        let mut paced = false;
        while session.examine_on() {
            session.examined(10);
            let view = trial(&mut session).filter(|_| !paced);
            paced |= view.is_some_and(|view| view.facts.len() == 4);
        }
        let view = trial(&mut session).expect("a trial");
        assert!(paced && view.score.is_none() && view.progress == Some(100));
        let (report, _) = session.report().expect("a report");
        assert!(report.best.is_some(), "acks=1 loses");
        let last = report.way.last().expect("a way");
        match view.shrank.last() {
            Some(shown) => assert_eq!(shown.faults.len(), last.spells.len()),
            None => assert_eq!(report.way.len(), 1),
        }
        let counts = view.shrank.iter().map(|shown| shown.faults.len());
        assert!(counts.is_sorted_by(|more, fewer| more >= fewer));
    }

    #[test]
    fn a_trial_can_be_stopped_and_gone_on_with() {
        let mut session = opened("capstone");
        session.begin_trial();
        assert!(session.examine_on());
        let view = trial(&mut session).expect("a trial");
        assert!(view.running && view.progress == Some(0));
        session.stop_trial();
        assert!(!session.examine_on());
        let acts = |session: &mut Session| -> Vec<TrialAct> {
            let view = trial(session).expect("a trial");
            view.buttons.iter().map(|button| button.act).collect()
        };
        assert!(acts(&mut session).contains(&TrialAct::Begin));
        session.begin_trial();
        assert!(session.examine_on());
        session.set_knob("acks", "all");
        assert_eq!(
            acts(&mut session),
            [TrialAct::Begin],
            "another configuration"
        );
    }

    #[test]
    fn what_the_hunt_finds_is_played_as_an_ordinary_run_and_harms_what_it_said() {
        let mut session = opened("break-it");
        session.begin_trial();
        while session.examine_on() {}
        let view = trial(&mut session).expect("a trial");
        assert_eq!((view.progress, view.schedule.len()), (Some(100), 2));
        let (report, _) = session.report().expect("a report");
        let found = report.best.expect("a schedule");
        session.play_best();
        assert_eq!(session.judgement().tally, found.tally);
        assert!(session.veil_us().is_none(), "nothing is asked of it");
        assert!(trial(&mut session).expect("a trial").progress == Some(100));
    }

    #[test]
    fn two_actions_by_hand_win_the_challenge() {
        use crate::kafka::Action;
        use crate::lab::experiment::broker;
        let mut session = opened("break-it");
        session.try_by_hand();
        assert_eq!(session.attempt(), None);
        for (at_us, action) in [
            (3_000_000, Action::Stop(broker(2))),
            (8_000_000, Action::PowerOff(broker(1))),
        ] {
            session.advance_to(at_us);
            session.act(action).expect("nothing is asked");
        }
        session.advance_to(30_000_000);
        let attempt = session.attempt().expect("an attempt");
        assert!(attempt.wins(), "{attempt:?}");
        let view = trial(&mut session).expect("a trial");
        assert_eq!(view.attempt.map(|(hue, _)| hue), Some(Hue::Safe));
    }
}
