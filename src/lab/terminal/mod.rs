//! The terminal: Kafka's stock tools on the simulated cluster at the current moment, and the lab's own verbs.
//!
//! A command reads the [`Desk`] and leaves [`Printed`]: text to the letter as Kafka 4.3's tool prints it, and actions of
//! the experiment where it changes something. What the model lacks is refused as such, never made up. Outputs are set
//! against recordings of the real tools (`tests/terminal`).
//!
//! | module | room for |
//! |---|---|
//! | [`words`] | a line as a shell splits it |
//! | [`flags`] | options, and how one is refused |
//! | [`desk`] | what a tool sees |
//! | [`printed`] | what it leaves |
//! | [`topics`], [`groups`], [`configs`] | a tool each |
//! | [`verbs`] | `kill 1`, `why 9`, `help` |

mod common;
mod complete;
pub mod configs;
mod console;
pub mod desk;
mod dump;
mod election;
mod features;
pub mod flags;
pub mod groups;
mod java;
mod json;
mod offsets;
mod pattern;
pub mod printed;
mod quorum;
mod reassign;
mod time;
pub mod topics;
pub mod verbs;
pub mod words;

pub use complete::complete;
pub use desk::Desk;
pub use printed::{Printed, Stream, Wish};

use super::text::Text;
use flags::Flag;
use printed::Step;

/// A tool: reads words and the desk.
type Run = fn(&[String], &Desk, &mut Printed) -> Step;

/// A tool of Kafka's.
pub struct Tool {
    /// The script in `bin/`, without `.sh`.
    pub name: &'static str,
    /// Its options.
    pub flags: &'static [Flag],
    /// What may come first.
    pub subcommands: &'static [&'static str],
    run: How,
}

/// How a tool is run.
enum How {
    Words(Run),
    /// It reads something, too.
    Line(fn(&words::Line, &Desk, &mut Printed) -> Step),
}

const fn tool(name: &'static str, flags: &'static [Flag], run: Run) -> Tool {
    Tool {
        name,
        flags,
        subcommands: &[],
        run: How::Words(run),
    }
}

/// All tools.
pub const TOOLS: &[Tool] = &[
    tool("kafka-topics", topics::FLAGS, topics::run),
    tool("kafka-consumer-groups", groups::FLAGS, groups::run),
    tool("kafka-configs", configs::FLAGS, configs::run),
    tool("kafka-get-offsets", offsets::FLAGS, offsets::run),
    Tool {
        subcommands: quorum::COMMANDS,
        ..tool("kafka-metadata-quorum", quorum::FLAGS, quorum::run)
    },
    tool("kafka-leader-election", election::FLAGS, election::run),
    tool("kafka-dump-log", dump::FLAGS, dump::run),
    tool(
        "kafka-console-consumer",
        console::CONSUMER_FLAGS,
        console::consume,
    ),
    tool(
        "kafka-console-producer",
        console::PRODUCER_FLAGS,
        console::produce,
    ),
    Tool {
        subcommands: features::COMMANDS,
        ..tool("kafka-features", features::FLAGS, features::run)
    },
    Tool {
        name: "kafka-reassign-partitions",
        flags: reassign::FLAGS,
        subcommands: &[],
        run: How::Line(reassign::run),
    },
    tool(
        "kafka-producer-perf-test",
        console::PERF_FLAGS,
        console::perf,
    ),
];

/// Runs a line.
pub fn run(line: &str, desk: &Desk) -> Printed {
    let mut printed = Printed::default();
    let mut line = match words::split(line) {
        Ok(line) => line,
        Err(quote) => {
            printed.lab(Text::new(
                format!("the quote {quote} is never closed"),
                format!("引号 {quote} 没有闭合"),
            ));
            printed.exit = 2;
            return printed;
        }
    };
    if line.words.is_empty() {
        return printed;
    }
    let name = line.words.remove(0);
    let name = name.strip_suffix(".sh").unwrap_or(&name);
    let name = name.strip_prefix("bin/").unwrap_or(name);
    let ended = match TOOLS.iter().find(|tool| tool.name == name) {
        Some(tool) => match tool.run {
            How::Words(run) => run(&line.words, desk, &mut printed),
            How::Line(run) => run(&line, desk, &mut printed),
        },
        None => verbs::run(name, &line.words, desk, &mut printed),
    };
    // A tool that ended early has said with what status.
    drop(ended);
    printed
}
