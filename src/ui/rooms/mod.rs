//! The rooms: each puts the parts into its layout.

mod compare;
mod embed;
mod first;
mod hunt;
mod lab;
mod my_config;
mod narrow;

pub use compare::compare;
pub use embed::embed;
pub use first::first;
pub use hunt::hunt;
pub use lab::lab;
pub use my_config::my_config;
pub use narrow::narrow;

use super::parts::{Frame, Net, Shape, Timeline};
use super::same::Same;
use super::state::State;
use crate::view::{Hue, Views};
use yew::prelude::*;

/// Whether the first screen has something to show for what was done.
fn has_outcome(views: &Views) -> bool {
    let hue = views.ledger.verdict.hue;
    hue == Hue::Lost || hue == Hue::Dup || !views.lesson.offers.is_empty()
}

fn net(state: &State, frame: Frame) -> Html {
    let (views, play) = (&state.views, state.play);
    html! {
        <Net lang={state.lang} {frame} stage={Same::from(&views.stage)} packets={Same::from(&views.packets)}
            now_us={views.now_us} real_ms={play.real_ms} playing={play.playing} open={state.open}
            invite={views.lesson.invite} />
    }
}

fn timeline(state: &State, shape: Shape) -> Html {
    let views = &state.views;
    html! {
        <Timeline lang={state.lang} play={state.play} timeline={Same::from(&views.timeline)}
            pace={Same::from(&views.pace)} now_us={views.now_us} {shape} />
    }
}
