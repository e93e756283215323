//! The rooms of the page: one is entered, and its address written.

use super::Driver;
use crate::ui::browser;
use crate::ui::place::Place;
use crate::ui::state::Msg;

impl Driver {
    /// Enters a room; the Lab is left as it is, and stands still meanwhile.
    pub(super) fn go(&self, place: Place) {
        self.end_pair(false);
        if self.shown().lesson.id.is_empty() {
            self.load("sandbox");
        }
        if place != Place::Lab {
            self.pause();
        }
        self.enter(place);
        self.write_address();
    }

    pub(super) fn enter(&self, place: Place) {
        self.0.place.set(place);
        self.tell(Msg::Place(place));
    }

    /// The address holds the experiment, once the part of the program is here that writes it. A room beside the Lab
    /// writes its own.
    pub fn write_address(&self) {
        let place = self.place();
        if place == Place::Compare {
            self.write_pair();
        } else if place == Place::Lab {
            let link = self.session().link();
            browser::set_fragment(&link);
        } else if Place::of_fragment(&browser::fragment()) != Some(place) {
            browser::set_fragment(place.address());
        }
    }

    /// The room that is shown.
    pub fn place(&self) -> Place {
        self.0.place.get()
    }
}
