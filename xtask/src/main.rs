//! acklab's own tool: `cargo xtask serve | test | sweep | dist | bench`.
//!
//! It sets up what it needs (the wasm target, a browser with its driver, the wasm test runner),
//! keeps what it installs inside `target/`, and prints each command that it runs.
mod bench;
mod dist;
mod e2e;
mod lighthouse;
mod record;
mod serve;
mod shell;
mod single;
mod soak;
mod split;
mod styles;
mod suite;
mod tools;
mod twin;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, serve, test and measure acklab")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it on this machine
    Serve {
        /// Port on 127.0.0.1; without it 8080, or any free one if that is taken
        #[arg(long)]
        port: Option<u16>,
    },
    /// Run every test: native, in a real browser, and of the built page from end to end
    Test {
        /// Run only these parts
        #[arg(long, value_enum)]
        only: Vec<suite::Part>,
        /// Of the page's scenarios, only those whose name contains one of these
        #[arg(long)]
        scenario: Vec<String>,
    },
    /// Play schedules of faults that nobody thought of, on all cores, and watch that Kafka's promises hold
    Sweep {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The first one's seed
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Only breaches of this invariant count, as in `Kept`
        #[arg(long)]
        property: Option<String>,
        /// In a cluster that lacks this rule, as in `AckWaitsForIsr`
        #[arg(long)]
        without: Option<String>,
        /// Show what happened just before a breach
        #[arg(long)]
        journal: bool,
        /// Ask instead why every harm came, and play again without what is blamed
        #[arg(long)]
        explain: bool,
    },
    /// Feed every parser with bytes that nobody meant, on all cores
    Fuzz {
        /// Inputs of each parser
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The first one's number
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Only parsers whose name contains this
        #[arg(long, default_value = "")]
        parser: String,
    },
    /// Measure: the same work natively and in a headless browser, one line a figure
    Bench,
    /// Use the page as a class does, in one visit, and watch its memory
    Soak {
        /// So much simulated time is played
        #[arg(long, default_value_t = 60)]
        minutes: u32,
    },
    /// What Lighthouse says of the built page (needs npm the first time)
    Lighthouse,
    /// Write the static site to dist/ and print its sizes
    Dist,
    /// Play goldens on a real Kafka cluster on this machine and compare (needs Linux, a JDK and Maven); see record --help
    #[command(disable_help_flag = true)]
    Record {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<std::ffi::OsString>,
    },
}

/// An error is told in words, without a stack trace: what failed is mostly a test, not this tool.
fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve { port } => {
            tools::wasm_target()?;
            let site = dist::build()?;
            site.report();
            serve::forever(&site.dir, port)
        }
        Command::Test { only, scenario } => suite::run_parts(&only, &scenario),
        Command::Sweep {
            count,
            seed,
            property,
            without,
            journal,
            explain,
        } => {
            let mut sweep = shell::cargo();
            let test = if explain {
                "explanations"
            } else {
                "properties"
            };
            sweep.args(["test", "--profile", "sweep", "--test", test]);
            sweep.args(["--", "--progress"]);
            sweep.args(["--count", &count.to_string(), "--seed", &seed.to_string()]);
            let named = [("--property", property), ("--without", without)];
            for (name, value) in named.into_iter().filter_map(|(name, v)| Some((name, v?))) {
                sweep.args([name, &value]);
            }
            sweep.args(journal.then_some("--journal"));
            shell::run(&mut sweep)
        }
        Command::Fuzz {
            count,
            from,
            parser,
        } => {
            let mut fuzz = shell::cargo();
            fuzz.args(["test", "--profile", "sweep", "--test", "fuzzing", "--"]);
            fuzz.args(["--count", &count.to_string(), "--from", &from.to_string()]);
            fuzz.args(["--parser", &parser]);
            shell::run(&mut fuzz)
        }
        Command::Bench => bench::run(),
        Command::Soak { minutes } => soak::run(minutes),
        Command::Lighthouse => lighthouse::judge(),
        Command::Dist => {
            tools::wasm_target()?;
            dist::build()?.report();
            Ok(())
        }
        Command::Record { args } => record::run(&args),
    }
}
