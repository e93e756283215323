//! The page: Yew components over the view's plain data, one clock, one reducer.
//!
//! [`driver`](self) owns the session and the clock and sends one message a frame to the pure
//! reducer in `state`; components get `Rc` views that they compare by pointer. What needs no
//! browser (words, looks, wire geometry, keys) is compiled and tested natively too.

pub mod axis;
pub mod keys;
pub mod look;
pub mod wires;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod clock;
#[cfg(target_arch = "wasm32")]
mod driver;
#[cfg(target_arch = "wasm32")]
mod measure;
#[cfg(target_arch = "wasm32")]
mod panic_card;
#[cfg(target_arch = "wasm32")]
mod parts;
#[cfg(target_arch = "wasm32")]
mod rooms;
#[cfg(target_arch = "wasm32")]
mod same;
#[cfg(target_arch = "wasm32")]
mod state;

#[cfg(target_arch = "wasm32")]
pub use app::mount;
