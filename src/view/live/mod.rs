//! From a run to what a screen shows of it.
//!
//! `stage`, `packets`, `timeline` and `pace` read a world at one moment and its history; the
//! ledger, the why, the knobs and the lesson come from the lab's own answers.

pub mod keys;
pub mod packets;

pub mod account;
mod beside;
mod census;
pub mod chronicle;
mod clients;
pub mod dials;
mod explained;
pub mod faults;
mod files;
pub mod hunt;
mod letters;
mod logs;
pub mod narrator;
mod outbox;
mod owners;
pub mod pace;
mod player;
mod price;
pub mod reasons;
mod runs;
pub mod scene;
mod seen;
mod several;
pub mod sheet;
mod terminal;
pub mod timeline;
mod trial;

pub use player::Live;
