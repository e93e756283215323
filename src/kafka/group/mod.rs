//! The group coordinator: members, generations and committed offsets.

pub mod protocol;
