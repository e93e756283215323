//! What is said aloud: the little that a live region speaks to whoever does not see the stage.
//!
//! What decides is spoken by the session's own sentences; here is what stops the reader or ends the story.

use super::{BranchView, Hue, QuestionView, Text, Views};

/// What a listener has to know once `after` is shown in place of `before`; empty if nothing.
pub fn news(before: &Views, after: &Views) -> Text {
    let mut said = Text::default();
    let (was, is) = (&before.lesson, &after.lesson);
    if !was.id.is_empty() && was.id != is.id {
        said.say(&is.title);
        said.say(&FULL_STOP);
        said.say(&is.narrator.strong);
        said.say(&is.narrator.rest);
    }
    if let Some(run) =
        current(after).filter(|run| current(before).map(|was| was.id) != Some(run.id))
    {
        let (en, zh) = (&run.label.en, &run.label.zh);
        said.say(&Text::new(format!("Run: {en}."), format!("分支：{zh}。")));
    }
    let verdict = &after.ledger.verdict;
    if verdict.hue != before.ledger.verdict.hue && verdict.hue != Hue::None {
        said.say(&verdict.title);
        said.say(&FULL_STOP);
        said.say(&verdict.line);
    }
    if is.narrator.waits && is.narrator != was.narrator {
        said.say(&is.narrator.strong);
        said.say(&is.narrator.rest);
        said.say(&GO_ON);
    }
    if let Some(question) = is.question.as_ref().filter(|_| was.question.is_none()) {
        ask(&mut said, question);
    }
    if let Some(reveal) = is.reveal.as_ref().filter(|_| was.reveal.is_none()) {
        said.say(&reveal.title);
        said.say(&reveal.text);
        said.say(&GO_ON);
    }
    said
}

const FULL_STOP: Text = Text::fixed(".", "。");
const GO_ON: Text = Text::fixed("Enter goes on.", "按 Enter 继续。");

/// The run on the screen, once there are several.
fn current(views: &Views) -> Option<&BranchView> {
    let mut runs = views.timeline.branches.iter();
    runs.find(|run| run.current)
}

/// The question, and its answers with the keys that give them.
fn ask(said: &mut Text, question: &QuestionView) {
    said.say(&question.text);
    said.say(&question.hint);
    for (place, option) in question.options.iter().enumerate() {
        let key = place + 1;
        let answer = Text::new(
            format!("{key}: {}.", option.text.en),
            format!("{key}：{}。", option.text.zh),
        );
        said.say(&answer);
    }
    said.say(&Text::fixed("Press a number to answer.", "按数字键回答。"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Session;
    use crate::view::live::Live;

    /// What is heard from one look to the next.
    struct Listener {
        live: Live,
        seen: Views,
    }

    impl Listener {
        fn of(id: &str) -> Self {
            let mut live = Live::default();
            live.load(id).expect("a lesson");
            let seen = live.views();
            Listener { live, seen }
        }

        fn hears(&mut self) -> Text {
            let shown = self.live.views();
            let heard = news(&self.seen, &shown);
            self.seen = shown;
            heard
        }

        /// Plays on to the next stop of the clock.
        fn plays(&mut self) -> Text {
            self.live.advance_to(u64::MAX);
            self.hears()
        }
    }

    #[test]
    fn a_lesson_that_opens_is_introduced() {
        let mut live = Live::default();
        let first = live.views();
        assert_eq!(news(&Views::default(), &first), Text::default());
        live.load("acks").expect("a lesson");
        let heard = news(&first, &live.views());
        assert!(
            heard.en.starts_with("The leader dies too soon. "),
            "{heard:?}"
        );
    }

    #[test]
    fn lesson_4_can_be_followed_by_ear_alone() {
        let mut listener = Listener::of("acks");
        let asked = listener.plays();
        assert!(
            asked.en.contains('?') && asked.en.contains(" 1: "),
            "{asked:?}"
        );
        assert!(
            asked.zh.contains('？') && asked.zh.contains("1："),
            "{asked:?}"
        );
        listener.live.answer(1);
        assert_eq!(listener.hears(), Text::default(), "nothing is known yet");
        let mut heard = String::new();
        for _ in 0..10 {
            heard += &listener.plays().en;
            listener.live.next_beat();
        }
        assert!(
            heard.contains("3 messages vanished after their ack."),
            "{heard}"
        );
        assert!(heard.contains("You said"), "{heard}");
        listener.live.retry("acks", "all");
        assert_eq!(listener.hears().en, "Run: acks=all.");
        let mut heard = String::new();
        for _ in 0..10 {
            heard += &listener.plays().en;
            listener.live.next_beat();
        }
        assert!(heard.contains("Nothing lost, nothing twice."), "{heard}");
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut listener = Listener::of("acks");
        assert_ne!(listener.plays(), Text::default());
        assert_eq!(listener.hears(), Text::default());
    }
}
