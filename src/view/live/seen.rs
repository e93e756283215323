//! What is noted of a lesson's run, for the learner's progress.

use crate::lab::session::{Ends, Session};
use crate::view::{AnsweredView, EndingView, SeenView};

/// How the run ended, once that is known: a sealed run keeps its ending, so it is judged once.
#[derive(Default)]
pub struct Seen(Option<Ends>);

impl Seen {
    /// What is noted now; nothing of what is no numbered lesson.
    pub fn of(&mut self, lab: &mut Session) -> SeenView {
        if lab.lesson().number.is_none() {
            return SeenView::default();
        }
        self.of_lesson(lab)
    }

    fn of_lesson(&mut self, lab: &mut Session) -> SeenView {
        if self.0.is_none() {
            self.0 = lab.ends();
        }
        let place = lab.answered().and_then(|place| u8::try_from(place).ok());
        let answered = place.zip(lab.was_right());
        let ended = self.0.filter(|_| lab.is_sealed());
        SeenView {
            answered: answered.map(|(place, right)| AnsweredView { place, right }),
            ending: ended.map(|ends| match ends {
                Ends::Badly => EndingView::Bad,
                Ends::Well => EndingView::Good,
            }),
            own: lab.is_own(),
        }
    }
}
