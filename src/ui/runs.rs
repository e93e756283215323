//! Other runs: by a knob, on the same luck, gone back to. With bookmarks they are named, forgotten, and kept in the browser from one visit to the next.

use super::browser;
use super::driver::Driver;
use super::state::Msg;
use crate::view::{Tend, Text};

/// An entry for each lesson; its first line says its version once more, and each line stands alone.
const KEY: &str = "acklab.1.runs.";

impl Driver {
    /// Names, forgets or marks.
    pub fn tend(&self, tend: &Tend) {
        let said = self.session().tend(tend);
        self.say(&said);
        self.keep_runs();
        self.settle();
    }

    /// Brings a run back. A speed set by hand was for the one that is left.
    pub fn branch(&self, id: u32) {
        self.session().branch(id);
        self.auto_speed();
        self.changed();
    }

    /// Turns a knob.
    pub fn set_knob(&self, name: &str, value: &str) {
        self.session().set_knob(name, value);
        self.changed();
    }

    /// Turns a knob and plays again on the same luck.
    pub fn retry(&self, name: &str, value: &str) {
        self.session().retry(name, value);
        self.play_again();
    }

    /// Turns all that the lesson's fix turns and plays again on the same luck.
    pub fn fix(&self) {
        self.session().fix();
        self.play_again();
    }

    fn play_again(&self) {
        self.set_playing(true);
        self.auto_speed();
        self.changed();
    }

    /// Keeps what there is to keep of the lesson that is open.
    pub(super) fn keep_runs(&self) {
        let (key, kept) = {
            let session = self.session();
            (key(session.lesson_id()), session.kept())
        };
        if kept.is_empty() {
            browser::forget(&key);
        } else {
            browser::save(&key, &kept);
        }
    }

    /// Takes back what was kept of the lesson that is open.
    pub(super) fn restore_runs(&self, resumes: bool) {
        let key = key(self.session().lesson_id());
        if let Some(kept) = browser::saved(&key) {
            let complaints = self.session().restore(&kept, resumes);
            self.complain(complaints);
        }
    }

    /// Says what went wrong.
    pub(super) fn complain(&self, complaints: Vec<Text>) {
        for text in complaints {
            self.tell(Msg::Notice(text));
        }
    }
}

fn key(lesson: &str) -> String {
    format!("{KEY}{lesson}")
}
