//! The rooms: each puts the parts into its layout.

mod first;
mod lab;
mod narrow;

pub use first::First;
pub use lab::Lab;
pub use narrow::Narrow;

use super::state::State;
use crate::view::{Hue, Views};
use std::rc::Rc;
use yew::prelude::*;

/// What a room is drawn from: all of the page's state, compared by pointer.
#[derive(Properties)]
pub struct RoomProps {
    pub state: Rc<State>,
}

impl PartialEq for RoomProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }
}

/// Whether the first screen has something to show for what was done.
fn has_outcome(views: &Views) -> bool {
    let hue = views.ledger.verdict.hue;
    hue == Hue::Lost || hue == Hue::Dup || !views.lesson.offers.is_empty()
}
