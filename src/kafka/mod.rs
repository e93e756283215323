//! The `kafka` layer.
pub mod config;
