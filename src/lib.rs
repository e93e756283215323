//! acklab, the Kafka durability lab.
//!
//! Arrows point one way only: `sim <- kafka <- lab <- view <- ui <- main`, with `cli` beside `ui`. The same library
//! is the page in the browser, the command line and the tests.
//!
//! | folder | knows | never |
//! |---|---|---|
//! | [`sim`] | time, queue, luck, wires, disks, processes, journal; nothing of Kafka | floats, wall clock, hash order, threads |
//! | [`kafka`] | the protocol as state machines without I/O | names of lessons or files, web crates |
//! | [`lab`] | experiments, runs, ledger, verdicts, explanations, lessons, links | web crates |
//! | [`view`] | plain data that a screen shows | web crates |
//! | `ui` | Yew components, the one clock, storage, words | protocol decisions |
//! | `cli` | arguments, files, threads, terminals; not there in the browser | `ui`, protocol decisions |
//!
//! Invariants, held by `tests/tidy.rs`: imports follow the arrows; nothing below `ui` names a web
//! crate; `sim`, `kafka` and `lab` use integers, ordered collections and simulated time only.
//! Hence the same experiment gives the same journal, native and in the browser.

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod kafka;
pub mod lab;
pub mod sim;
pub mod ui;
pub mod view;
