//! My config: what people paste, line by line, and the experiment that it implies.
//!
//! [`account`] reads files of every kind ([`Kind`]) and says of each line what becomes of it ([`State`]); [`implied`]
//! makes an experiment of it and says what had to be assumed. [`check`] plays every class of faults ([`Class`]) against it, looks
//! for the smallest change that turns red verdicts green, and says what it costs; [`Check`] does so one run at a time.

mod account;
mod apply;
mod change;
mod check;
mod claims;
mod class;
mod describe;
mod diff;
mod implied;
mod judge;
mod kind;
mod lines_of;
mod names;
mod nest;
mod properties;
mod quiet;
mod risk;
mod source;
mod spring;
mod topology;
mod verdict;
mod words;
mod yaml;

pub use account::{Account, Choice, Line, Paste, Setting, State, account};
pub use apply::{Applied, applied};
pub use change::{COPIES, Turn};
pub use check::{Check, Options, Prices, Report, Row, check};
pub use class::{Class, racks};
pub use diff::{Hunk, diff, patch};
pub use implied::{Implied, ORDERS, has_consumer, implied};
pub use kind::Kind;
pub use lines_of::put_right;
pub use source::File;
pub use topology::{Described, Facts};
pub use verdict::{Harm, Losing, Verdict, Word};
pub use words::turns_told;

#[cfg(test)]
mod tests;
