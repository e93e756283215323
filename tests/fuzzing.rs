//! Every parser against bytes that nobody meant: it must not panic, and what it says must hold.
//!
//! Inputs are those of the corpus, changed at random; each comes of the seed and its number alone. The usual run is
//! short; `cargo xtask fuzz --count 10000000` is the long one. A failure prints the input and the command that
//! replays it.

#[cfg(not(target_arch = "wasm32"))]
#[path = "fuzzing/bytes.rs"]
mod bytes;
#[cfg(not(target_arch = "wasm32"))]
#[path = "fuzzing/run.rs"]
mod run;
#[cfg(not(target_arch = "wasm32"))]
#[path = "fuzzing/targets.rs"]
mod targets;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
