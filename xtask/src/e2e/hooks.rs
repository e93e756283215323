//! The names by which the end-to-end tests find parts of the page: `data-test="…"` attributes.
//!
//! They say what a part is, never how it looks, so a new design keeps them.
#![allow(dead_code)] // until every scenario is told

/// The living picture: nodes, logs, packets.
pub const STAGE: &str = "stage";
/// One broker's card; `data-id` holds its number, `data-role` is `leader`, `follower` or `down`.
pub const BROKER: &str = "broker";
/// One packet on a wire.
pub const PACKET: &str = "packet";
/// The clock of simulated time; `data-us` holds microseconds.
pub const CLOCK: &str = "clock";
/// Play or pause; `aria-pressed` is `true` while time runs.
pub const PLAY: &str = "play";
/// The timeline's handle, an element with role `slider`; `aria-valuenow` holds microseconds.
pub const SCRUB: &str = "scrub";
/// The verdict; `data-verdict` is `holds`, `violated` or `unknown`, `data-lost` counts the lost.
pub const VERDICT: &str = "verdict";
/// The form control of one knob; `data-knob` is its Kafka name.
pub const KNOB: &str = "knob";
/// A lesson's entry; `data-lesson` is its number.
pub const LESSON: &str = "lesson";
/// One line of a message shown to the visitor, such as for a damaged link; role `alert`.
pub const NOTICE: &str = "notice";
