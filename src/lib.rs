//! acklab, the Kafka durability lab.
//!
//! Arrows point one way only: `sim <- kafka <- lab <- view <- ui <- main`.
pub mod sim;
pub mod kafka;
pub mod lab;
pub mod view;
#[cfg(target_arch = "wasm32")]
pub mod ui;
