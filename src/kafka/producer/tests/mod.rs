//! The producer, tried with tiny brokers that answer as they are told.

mod chance;
mod retries;
mod rig;
mod sending;
mod threads;
