//! Two runs side by side: how they come to be, and go.

use super::Driver;
use crate::lab::share::COMPARED;
use crate::ui::browser;
use crate::ui::place::Place;
use crate::ui::state::Msg;
use crate::view::With;

impl Driver {
    /// Puts a run beside the one on the screen, and plays both from shortly before they part.
    pub fn compare(&self, with: &With) {
        self.session().compare(with);
        self.begin_in(Place::Compare);
    }

    /// Opens an address of two runs; without any, what is on the screen is compared with what usually helps.
    #[inline(never)]
    pub(super) fn open_pair(&self, fragment: &str) {
        let here = self.place() == Place::Compare;
        if !fragment.starts_with(COMPARED) {
            if here {
                return self.write_pair();
            }
            if self.shown().lesson.id.is_empty() {
                self.load("acks");
            }
            return self.compare(&With::Usual);
        }
        self.tell(Msg::Dismiss);
        let complaints = self.session().open_link(fragment);
        self.complain(complaints);
        let stands = self.session().views().compare.is_some();
        if !stands {
            self.session().compare(&With::Usual);
        }
        self.begin_in(Place::Compare);
        self.pause();
        self.settle();
    }

    /// Goes back to the Lab, with A or with B.
    pub fn leave_pair(&self, take: bool) {
        self.end_pair(take);
        self.enter(Place::Lab);
        self.changed();
    }

    /// One run is left, if there were two.
    #[inline(never)]
    pub(super) fn end_pair(&self, take: bool) {
        if self.place() == Place::Compare {
            self.session().compare_no_more(take);
            self.settle();
        }
    }

    #[inline(never)]
    pub(super) fn write_pair(&self) {
        let link = self.session().link();
        browser::set_fragment(&format!("{COMPARED}{link}"));
    }
}
