//! When an explanation is made anew, proven, and what would have saved it is tried.

use super::{Explained, Live};
use crate::lab::what_if::WhatIf;

impl Live {
    /// The explanation is made when what it depends on changed, and trials go on while time stands still.
    pub(super) fn refresh_why(&mut self) {
        let history = self.lab.history();
        let gone = history
            .ledger
            .iter()
            .find(|life| life.lost.is_some() || life.processed > 1);
        let late = history.reordered.first().map(|(_, message, _)| *message);
        let message = self
            .lab
            .selected()
            .or(gone.map(|life| life.message))
            .or(late);
        let explained = Explained::of(history, message);
        if self.why_of != Some(explained) {
            self.why_of = Some(explained);
            self.why = self.lab.why();
            self.proof = None;
        }
        let standing = self.lab.now_us() == self.last_now_us || self.lab.is_sealed();
        let first_screen = self.lab.lesson().first_screen;
        if standing && self.proof.is_none() && !first_screen && self.lab.is_sealed() {
            if let Some((why, proof)) = self.lab.prove(&self.why) {
                (self.why, self.proof) = (why, Some(proof));
            }
            if self.lab.is_proving() {
                return;
            }
        }
        if standing && self.what_if.as_ref().is_none_or(WhatIf::is_trying) {
            self.what_if = self.lab.try_on().cloned();
        }
    }
}
