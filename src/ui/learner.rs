//! For who learns and who teaches: progress kept in the browser, the report as a file, teacher mode, the lab sheet.

use super::browser;
use super::driver::{Driver, with};
use super::state::{Msg, Open, Teach};
use super::words::{LATER_EN, LATER_ZH, Lang};
use crate::view::progress::Progress;
use crate::view::report::report;
use crate::view::{LessonCard, LessonView, SeenView, SheetView, Step, Text};
use std::cell::RefCell;
use std::rc::Rc;

/// One line a lesson; the number is the version.
const PROGRESS_KEY: &str = "acklab.1.progress";
const REPORT_NAME: &str = "acklab-report.md";
const MARKDOWN: &str = "text/markdown";

/// One wish of a learner or a teacher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learner {
    /// Teacher mode on or off, from what it is now.
    Teach(Teach),
    /// Show verdict, fates and why.
    Reveal,
    /// Open the lab sheet.
    Sheet,
    /// Print what is open.
    Print,
    /// Download the report.
    Report,
    /// Forget the progress, if that is confirmed.
    Reset,
    /// A presenter's "next".
    Onward,
    /// A presenter's "back".
    Backward,
}

thread_local! {
    /// What was noted last: a lesson shows the same for many frames.
    static NOTED: RefCell<(String, SeenView)> = RefCell::default();
}

/// Notes what is seen of a lesson.
#[inline(never)]
pub fn note(lesson: &LessonView) {
    let is_noted = NOTED.with_borrow(|(id, seen)| *id == lesson.id && *seen == lesson.seen);
    if is_noted {
        return;
    }
    NOTED.set((lesson.id.clone(), lesson.seen));
    let mut progress = read();
    if progress.note(&lesson.id, lesson.seen, &browser::fragment()) {
        browser::save(PROGRESS_KEY, &progress.write());
    }
}

/// What was kept. Lines that cannot be read are named once and forgotten.
fn read() -> Progress {
    let (progress, damaged) = Progress::read(&browser::saved(PROGRESS_KEY).unwrap_or_default());
    if damaged > 0 {
        browser::save(PROGRESS_KEY, &progress.write());
        let said = Text::new(
            format!("{damaged} lines of the saved progress could not be read. The rest is kept."),
            format!("保存的进度中有 {damaged} 行无法读取，其余保留。"),
        );
        with(|driver| driver.tell(Msg::Notice(said)));
    }
    progress
}

impl Driver {
    /// Opens the list of lessons, with what was done in each.
    pub fn open_lessons(&self) {
        let mut cards: Vec<LessonCard> = self.cards();
        read().mark(&mut cards);
        self.tell(Msg::Lessons(Rc::new(cards)));
    }

    fn cards(&self) -> Vec<LessonCard> {
        self.ask(|session| (*session.lessons()).clone())
    }

    /// Does what a learner or a teacher asks for.
    #[inline(never)]
    pub fn perform_for(&self, wish: Learner) {
        match wish {
            Learner::Teach(now) => {
                let next = if now == Teach::Off {
                    Teach::Veiled
                } else {
                    Teach::Off
                };
                self.tell(Msg::Teach(next));
            }
            Learner::Reveal => self.tell(Msg::Teach(Teach::Revealed)),
            Learner::Sheet => self.tell(Msg::Open(Some(Open::Sheet))),
            Learner::Print => browser::print(),
            Learner::Report => self.download_report(),
            Learner::Reset => self.reset(),
            Learner::Onward => self.onward(),
            Learner::Backward => self.step(Step::PreviousDecisive),
        }
    }

    /// A beat that waits is read; else time goes on, or jumps to what decides next.
    fn onward(&self) {
        let lesson = self.shown().lesson;
        if lesson.narrator.waits || lesson.reveal.is_some() {
            self.next_beat();
        } else if lesson.question.is_some() {
            // The question waits for an answer.
        } else if self.play().playing {
            self.step(Step::NextDecisive);
        } else {
            self.toggle();
        }
    }

    fn reset(&self) {
        let lang = browser::shown_lang();
        if browser::confirmed(lang.later().reset_sure) {
            browser::save(PROGRESS_KEY, "");
            NOTED.take();
            self.open_lessons();
        }
    }

    fn download_report(&self) {
        let cards = self.cards();
        let address = browser::address();
        let page = address.split('#').next().unwrap_or_default();
        let text = report(&cards, &read(), page);
        let text = browser::shown_lang().of(&text);
        if browser::download(REPORT_NAME, MARKDOWN, &text).is_err() {
            let said = Text::fixed(LATER_EN.no_download, LATER_ZH.no_download);
            self.tell(Msg::Notice(said));
        }
    }
}

/// The sheet of the lesson that is open.
pub fn sheet() -> SheetView {
    let mut sheet = SheetView::default();
    with(|driver| sheet = driver.ask(|session| session.sheet()));
    sheet
}

/// A lesson's line in the reader's words, for the title of the sheet.
pub fn numbered(lang: Lang, number: Option<u8>, title: &Text) -> String {
    match number {
        Some(number) => format!(
            "{} · {}",
            super::words::lesson(lang, number),
            lang.of(title)
        ),
        None => lang.of(title),
    }
}
