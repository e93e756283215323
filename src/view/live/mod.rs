//! From a run to what a screen shows of it.
//!
//! `stage`, `packets`, `timeline` and `pace` read a world at one moment and the journal up to it;
//! the ledger, the why, the knobs and the lesson come from the lab's own answers.
