//! The driver asks the session, and runs commands of the terminal.

use super::Driver;
use crate::view::Session;
use crate::view::terminal::Answer;

impl Driver {
    /// Asks the session without changing it.
    pub fn ask<T>(&self, question: impl FnOnce(&dyn Session) -> T) -> T {
        question(&**self.0.session.borrow())
    }

    /// Runs a line of the terminal. What it changes is seen while time goes on.
    pub fn command(&self, line: &str) -> Answer {
        let before_us = self.session().now_us();
        let answer = self.session().command(line);
        if answer.changed {
            self.set_playing(true);
            self.changed();
        } else if self.session().now_us() != before_us {
            self.settle();
        }
        answer
    }
}
