//! The work that is measured, as plain functions: criterion, the native figures and the browser's
//! all run the same.
pub mod figures;
pub mod host;
pub mod ping_pong;
#[cfg(not(target_arch = "wasm32"))]
pub mod rival;
pub mod stream;
