//! The command line: what the page does, for a terminal and for CI.
//!
//! Each command reads its input, asks the lab and tells what came of it, in words or as JSON. Exit code 0: nothing was
//! lost; 1: something was; 2: the input is not right.

mod args;
mod check;
mod explain;
mod hunt;
mod lessons;
mod merge;
mod part;
mod report;
mod run;
mod subject;
mod team;
mod words;

use std::process::ExitCode;

use args::{Args, Command};
use clap::{CommandFactory, Parser};

/// What a command has to say in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing is lost or doubled.
    Safe,
    /// Something is.
    Unsafe,
}

/// Why a command could not be carried out, in a sentence or several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BadInput(String);

impl BadInput {
    fn new(what: impl Into<String>) -> BadInput {
        BadInput(what.into())
    }
}

/// Carries out what the arguments ask for.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let lang = args.lang();
    let done = match args.command {
        Command::Check(args) => check::check(&args, lang),
        Command::Run(args) => run::run(&args, lang),
        Command::Explain(args) => explain::explain(&args, lang),
        Command::Hunt(args) => hunt::hunt(&args, lang),
        Command::Merge(args) => merge::merge(&args, lang),
        Command::Lessons(args) => lessons::lessons(&args, lang),
        Command::Completions { shell } => {
            let mut out = std::io::stdout();
            clap_complete::generate(shell, &mut Args::command(), "acklab", &mut out);
            Ok(Outcome::Safe)
        }
    };
    match done {
        Ok(Outcome::Safe) => ExitCode::SUCCESS,
        Ok(Outcome::Unsafe) => ExitCode::from(1),
        Err(BadInput(why)) => {
            anstream::eprintln!("{}error:{} {why}", words::BAD, words::PLAIN);
            ExitCode::from(2)
        }
    }
}
