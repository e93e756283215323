//! acklab, the Kafka durability lab.
//!
//! Arrows point one way only: `sim <- kafka <- lab <- view <- ui <- main`.
pub mod kafka;
pub mod lab;
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod ui;
pub mod view;
