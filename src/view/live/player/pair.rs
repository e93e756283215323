//! While two runs are compared: what the page asks of the session is asked of both.

use super::Live;
use crate::lab::session::With;
use crate::lab::share;
use crate::lab::text::Text;
use crate::view::live::beside::Beside;

impl Live {
    pub(super) fn put_beside(&mut self, with: &With) {
        let experiment = self.lab.to_compare(with);
        let shown = self.shown();
        let mut beside = Beside::new(&mut self.lab, experiment, shown);
        beside.begin(&mut self.lab);
        self.beside = Some(beside);
        self.views.compare = None;
    }

    pub(super) fn part_from_beside(&mut self, take: bool) {
        let Some(beside) = self.beside.take() else {
            return;
        };
        self.views.compare = None;
        self.lab.hush(false);
        if take {
            self.lab.take((**beside.experiment()).clone());
        }
        // What was shown meanwhile was of both.
        self.read_anew();
        self.frames = 0;
    }

    /// What was told of both is told again, in words that were not there before.
    pub(super) fn retell_both(&mut self) {
        if let Some(beside) = self.beside.take() {
            let (shown, at_us) = (self.shown(), self.lab.now_us());
            let other = (**beside.experiment()).clone();
            let mut beside = Beside::new(&mut self.lab, other, shown);
            beside.seek(&mut self.lab, at_us);
            self.beside = Some(beside);
        }
    }

    /// Opens a link of one run, or of two.
    pub(super) fn open(&mut self, fragment: &str) -> Vec<Text> {
        (self.beside, self.views.compare) = (None, None);
        let problems = self.lab.open_link(fragment);
        let opened = share::read(fragment);
        if let Some(other) = opened.beside {
            let shown = self.shown();
            let mut beside = Beside::new(&mut self.lab, other, shown);
            beside.seek(&mut self.lab, opened.at_us);
            self.beside = Some(beside);
        }
        problems
    }

    pub(super) fn link_of_both(&self) -> Option<String> {
        let other = self.beside.as_ref()?.experiment();
        let (lab, mine) = (&self.lab, self.lab.experiment());
        Some(share::write_beside(lab.lesson(), mine, lab.now_us(), other))
    }

    pub(super) fn refresh_both(&mut self) {
        let shown = self.shown();
        let stands = self.lab.now_us() == self.last_now_us;
        if let Some(beside) = &mut self.beside {
            beside.show(&mut self.lab, shown, stands, &mut self.views);
        }
        self.last_now_us = self.lab.now_us();
    }
}
