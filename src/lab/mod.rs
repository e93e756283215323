//! The lab: experiments and runs, the ledger of messages, verdicts, explanations, lessons, links.
//!
//! An [`experiment::Experiment`] is a value; a [`run::Run`] plays it and goes to any moment; a [`history::History`]
//! reads the journal up to a moment and gives every message its fate; [`judge`] heals a run and asks the properties.

pub mod candidates;
pub mod causes;
pub mod compare;
pub mod config;
pub mod experiment;
pub mod explain;
pub mod harm;
pub mod history;
pub mod hunt;
pub mod invariants;
pub mod judge;
pub mod knobs;
pub mod ledger;
pub mod lessons;
pub mod moments;
pub mod price;
pub mod proof;
pub mod properties;
pub mod run;
pub mod script;
pub mod session;
pub mod share;
pub mod story;
pub mod sweep;
pub mod terminal;
pub mod text;
pub mod trial;
pub mod trouble;
pub mod what_if;
pub mod work;
