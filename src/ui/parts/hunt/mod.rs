//! The parts of the Hunt room.

mod best;
mod head;
mod map;
mod scope;

pub use best::HuntBest;
pub use head::HuntHead;
pub use map::HuntMap;
