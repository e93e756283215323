//! How far a learner has come: what was opened, predicted and seen in each lesson.
//!
//! Kept as text, a line a lesson: `acks o a2+ b g #v=1&x=acks`. A damaged line loses only itself.

use super::lesson::{AnsweredView, EndingView, LessonCard, SeenView};

/// All lessons that were opened, in order of the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    lessons: Vec<(String, Done)>,
}

/// What was done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// It was opened.
    pub opened: bool,
    /// The first prediction; what is said after having seen it is none.
    pub answered: Option<AnsweredView>,
    /// It was seen to end badly.
    pub bad: bool,
    /// It was seen to end well.
    pub good: bool,
    /// The learner's own experiment that ended last, as a link's fragment.
    pub own: String,
}

impl Done {
    /// Both endings were seen.
    pub fn is_finished(&self) -> bool {
        self.bad && self.good
    }
}

impl Progress {
    /// Reads what was kept, and counts the lines that could not be read.
    pub fn read(text: &str) -> (Progress, usize) {
        let mut progress = Progress::default();
        let mut damaged = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match entry(line) {
                Some((id, done)) if progress.of(id).is_none() => {
                    progress.lessons.push((id.to_owned(), done));
                }
                _ => damaged += 1,
            }
        }
        (progress, damaged)
    }

    /// The text that reads back as this.
    pub fn write(&self) -> String {
        let lines = self.lessons.iter().map(|(id, done)| line(id, done));
        lines.collect()
    }

    /// What was done in a lesson.
    pub fn of(&self, id: &str) -> Option<&Done> {
        let found = self.lessons.iter().find(|(known, _)| known == id);
        found.map(|(_, done)| done)
    }

    /// Notes what is seen of a lesson, with the address of the experiment; says whether anything is new.
    pub fn note(&mut self, id: &str, seen: SeenView, fragment: &str) -> bool {
        let before = self.of(id).cloned().unwrap_or_default();
        let mut done = before.clone();
        done.opened = true;
        done.answered = done.answered.or(seen.answered);
        match seen.ending {
            Some(EndingView::Bad) => done.bad = true,
            Some(EndingView::Good) => done.good = true,
            None => {}
        }
        if seen.ending.is_some() && seen.own {
            done.own = fragment.to_owned();
        }
        if done == before {
            return false;
        }
        match self.lessons.iter_mut().find(|(known, _)| known == id) {
            Some((_, kept)) => *kept = done,
            None => self.lessons.push((id.to_owned(), done)),
        }
        true
    }

    /// Marks the lines of the lesson menu.
    pub fn mark(&self, cards: &mut [LessonCard]) {
        for card in cards {
            card.done = self.of(&card.id).cloned().unwrap_or_default();
        }
    }
}

/// The first numbered lesson of which not both endings were seen.
pub fn next(cards: &[LessonCard]) -> Option<&LessonCard> {
    let mut numbered = cards.iter().filter(|card| card.number.is_some());
    numbered.find(|card| !card.done.is_finished())
}

fn line(id: &str, done: &Done) -> String {
    let mut line = id.to_owned();
    let marks = [(done.opened, " o"), (done.bad, " b"), (done.good, " g")];
    for (_, mark) in marks.into_iter().filter(|(is, _)| *is) {
        line.push_str(mark);
    }
    if let Some(answered) = done.answered {
        let sign = if answered.right { '+' } else { '-' };
        line.push_str(&format!(" a{}{sign}", answered.place));
    }
    if !done.own.is_empty() {
        line.push_str(" #");
        line.push_str(&done.own);
    }
    line.push('\n');
    line
}

fn entry(line: &str) -> Option<(&str, Done)> {
    let mut words = line.split_whitespace();
    let id = words.next()?;
    if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let mut done = Done::default();
    for word in words {
        match word {
            "o" => done.opened = true,
            "b" => done.bad = true,
            "g" => done.good = true,
            _ if word.starts_with('#') => done.own = word[1..].to_owned(),
            _ => done.answered = Some(answered(word)?),
        }
    }
    done.opened.then_some((id, done))
}

fn answered(word: &str) -> Option<AnsweredView> {
    let said = word.strip_prefix('a')?;
    let (place, right) = match said.strip_suffix('+') {
        Some(place) => (place, true),
        None => (said.strip_suffix('-')?, false),
    };
    let place = place.parse().ok()?;
    Some(AnsweredView { place, right })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(answered: Option<(u8, bool)>, ending: Option<EndingView>, own: bool) -> SeenView {
        SeenView {
            answered: answered.map(|(place, right)| AnsweredView { place, right }),
            ending,
            own,
        }
    }

    #[test]
    fn what_was_seen_is_kept_and_the_first_prediction_counts() {
        let mut progress = Progress::default();
        assert!(progress.note("acks", seen(None, None, false), ""));
        assert!(!progress.note("acks", seen(None, None, false), ""));
        progress.note("acks", seen(Some((2, false)), None, false), "");
        progress.note(
            "acks",
            seen(Some((1, true)), Some(EndingView::Bad), false),
            "v=1&x=acks",
        );
        progress.note(
            "acks",
            seen(None, Some(EndingView::Good), true),
            "v=1&x=acks&p.acks=all",
        );
        progress.note("size", seen(None, None, false), "");
        let done = progress.of("acks").expect("noted");
        assert_eq!(
            done.answered,
            Some(AnsweredView {
                place: 2,
                right: false
            })
        );
        assert!(done.is_finished());
        assert_eq!(done.own, "v=1&x=acks&p.acks=all");
        assert_eq!(Progress::read(&progress.write()), (progress, 0));
    }

    #[test]
    fn a_damaged_line_loses_only_itself() {
        let text = "acks o a2+ b\nsize o a9\n\u{0}\nacks o g\n<b> o\ntwice o b g\n";
        let (progress, damaged) = Progress::read(text);
        assert_eq!(damaged, 4);
        assert_eq!(progress.write(), "acks o b a2+\ntwice o b g\n");
    }

    #[test]
    fn the_next_lesson_is_the_first_that_was_not_seen_both_ways() {
        let card = |id: &str, number| LessonCard {
            id: id.into(),
            number,
            title: super::super::Text::default(),
            line: super::super::Text::default(),
            done: Done::default(),
        };
        let mut cards = vec![
            card("sandbox", None),
            card("acks", Some(4)),
            card("size", Some(5)),
        ];
        assert_eq!(next(&cards).map(|card| &*card.id), Some("acks"));
        let (progress, _) = Progress::read("acks o b g\n");
        progress.mark(&mut cards);
        assert_eq!(next(&cards).map(|card| &*card.id), Some("size"));
    }
}
