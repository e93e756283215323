//! The `lab` layer.

pub mod text;
