//! The parts of My config: what was pasted, the verdicts, the losing schedule and the change.

pub mod bench;
pub mod intake;
mod outcome;
mod source;
mod verdicts;
mod world;

pub use outcome::Outcome;
pub use source::{Doing, Source};
pub use verdicts::Verdicts;
