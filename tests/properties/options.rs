//! The command line.

use crate::sweep::SHOPS;
use acklab::kafka::Rule;
use acklab::lab::invariants::Invariant;

/// Schedules of the usual test run.
const USUAL_COUNT: u64 = 10_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub count: u64,
    pub jobs: usize,
    pub without: Option<Rule>,
    pub property: Option<Invariant>,
    /// How many of the found ones are shrunk and shown.
    pub show: usize,
    pub progress: bool,
    /// With what happened just before.
    pub journal: bool,
    /// Nothing was asked for: the test run, with every rule switched off in turn.
    pub whole: bool,
}

impl Options {
    /// A fifth of it, with shops.
    pub fn of_shops(&self) -> Options {
        Options {
            seed: SHOPS,
            count: self.count / 5,
            whole: false,
            ..self.clone()
        }
    }

    /// Reads the arguments; `None` when a test runner only wants a list.
    pub fn read(args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
        let jobs = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let mut options = Options {
            seed: 0,
            count: USUAL_COUNT,
            jobs,
            without: None,
            property: None,
            show: 1,
            progress: false,
            journal: false,
            whole: true,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--list" => return Ok(None),
                "--seed" => options.seed = number(&value()?)?,
                "--count" => options.count = number(&value()?)?,
                "--jobs" => options.jobs = number(&value()?)?.max(1) as usize,
                "--show" => options.show = number(&value()?)? as usize,
                "--without" => options.without = Some(one_of(&value()?, &Rule::ALL)?),
                "--property" => options.property = Some(one_of(&value()?, &Invariant::ALL)?),
                "--journal" => options.journal = true,
                "--progress" => options.progress = true,
                // What `cargo test -- ...` gives to every test program.
                _ => continue,
            }
            options.whole = false;
        }
        Ok(Some(options))
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "")
        .parse()
        .map_err(|_| format!("{text} is no number"))
}

fn one_of<T: Copy + std::fmt::Debug>(text: &str, all: &[T]) -> Result<T, String> {
    let named = |one: &&T| format!("{one:?}").eq_ignore_ascii_case(text);
    let found = all.iter().find(named).copied();
    found.ok_or_else(|| format!("{text} is none of {all:?}"))
}
