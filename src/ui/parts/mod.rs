//! The parts that rooms are built from.

mod ask;
mod broker;
mod cells;
mod clients;
mod controller;
mod controls;
mod faults;
mod help;
mod icon;
mod knobs;
mod lessons;
mod links;
mod log;
mod narrator;
mod net;
mod notices;
mod packets;
mod timeline;
mod topbar;
mod track;
mod why;

pub use ask::{Offers, Question, Reveal};
pub use broker::{BrokerCard, Invite};
pub use cells::{Cells, Tally, Verdict};
pub use clients::{ConsumerCard, ProducerCard, SinkCard};
pub use controller::{ControllerCard, Members};
pub use controls::{Branches, Controls, PlayButton};
pub use faults::{FaultMenu, Faults, act_buttons};
pub use help::Help;
pub use icon::icon;
pub use knobs::Knobs;
pub use lessons::LessonMenu;
pub use links::Links;
pub use narrator::Narrator;
pub use net::{Frame, Net};
pub use notices::Notices;
pub use packets::Packets;
pub use timeline::Timeline;
pub use topbar::TopBar;
pub use track::Shape;
pub use why::Why;

use super::driver::Driver;
use yew::prelude::*;

/// The driver, as every part finds it.
#[hook]
pub fn use_driver() -> Driver {
    // The app provides it around everything, so no part is ever drawn without one.
    use_context::<Driver>().expect("parts are drawn inside the app")
}
