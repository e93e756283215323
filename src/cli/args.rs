//! The arguments, as `acklab --help` tells them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::lab::config::Class;
use crate::lab::hunt::{Kind, Shard};
use crate::lab::properties::Property;

/// The Kafka durability lab on the command line: Kafka 4.3's brokers and clients, simulated.
#[derive(Debug, Parser)]
#[command(name = "acklab", version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Args {
    /// The language of what is told; of the environment (LANG) unless given
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  acklab check server.properties app.yml    what your own configuration does not survive
  acklab lessons                            what there is to play
  acklab run 4                              lesson 4 to its end, and what became of its messages
  acklab explain 4                          why a message of it was lost
  acklab hunt sandbox --seconds 20          search for faults that lose or double a message
  acklab hunt mine.json --every             every single fault at every decisive moment
  acklab run '#v=1&x=acks&p.acks=all'       what a link of the page holds

Exit codes: 0 nothing is lost or doubled, 1 something is, 2 the input is not right.";

/// The languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

impl Args {
    /// The language that was asked for, or that of the environment.
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(|| {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let set = names.iter().find_map(|name| std::env::var(name).ok());
            match set.is_some_and(|value| value.starts_with("zh")) {
                true => Lang::Zh,
                false => Lang::En,
            }
        })
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read configuration files line by line and say which faults they do not survive
    Check(CheckArgs),
    /// Play an experiment to its end and judge it
    Run(RunArgs),
    /// Search for faults that lose or double a message, and for the fewest of them
    Hunt(HuntArgs),
    /// Join the results of a hunt that was played in parts
    Merge(MergeArgs),
    /// Say why messages of an experiment were lost, doubled or late
    Explain(ExplainArgs),
    /// List the lessons, which are experiments to start from
    Lessons(LessonsArgs),
    /// Write completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

const SUBJECT: &str = "A lesson's number or name, a link of the page (or what follows its #), a JSON file, or - for JSON on stdin";

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// server.properties, producer and consumer properties, Spring Boot's application.yml, what kafka-topics --describe and
    /// kafka-configs --describe --all print; - for stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Which faults, separated by commas [default: all]
    #[arg(long, value_delimiter = ',', value_name = "FAULT", value_parser = class)]
    pub faults: Vec<Class>,
    /// The most runs of each fault
    #[arg(long, default_value_t = 120, value_name = "N", value_parser = runs)]
    pub runs: usize,
    /// The topic to judge, of several that are described
    #[arg(long)]
    pub topic: Option<String>,
    /// Spring Boot's active profile
    #[arg(long)]
    pub profile: Option<String>,
    /// How many brokers there are, where the files do not say
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=12))]
    pub brokers: Option<u8>,
    /// In how many racks they stand, one after the other
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=12))]
    pub racks: Option<u8>,
    /// How many copies the topic has
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=12))]
    pub copies: Option<u8>,
    /// How many controllers there are: 1 or 3 are played
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub controllers: Option<u8>,
    /// Tell of every line, also of those that are used or have no effect
    #[arg(long)]
    pub lines: bool,
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
    /// Tell it as JUnit XML, for a CI server
    #[arg(long, conflicts_with = "json")]
    pub junit: bool,
}

impl CheckArgs {
    /// The classes that were asked for.
    pub fn classes(&self) -> Vec<Class> {
        match self.faults.is_empty() {
            true => Class::ALL.to_vec(),
            false => self.faults.clone(),
        }
    }
}

fn class(word: &str) -> Result<Class, String> {
    let known = || Class::ALL.map(Class::word).join(", ");
    Class::find(word).ok_or_else(|| format!("one of {}", known()))
}

fn runs(text: &str) -> Result<usize, String> {
    let runs = text
        .parse()
        .ok()
        .filter(|runs| (1..=100_000).contains(runs));
    runs.ok_or_else(|| "from 1 to 100000".into())
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    #[arg(help = SUBJECT)]
    pub experiment: String,
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the experiment to this JSON file, too
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    #[arg(help = SUBJECT)]
    pub experiment: String,
    /// The life of this message, by its number
    #[arg(long, value_name = "NUMBER")]
    pub message: Option<u32>,
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct LessonsArgs {
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// What `hunt --json` wrote; - for stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct HuntArgs {
    #[arg(help = SUBJECT)]
    pub experiment: String,
    /// Schedules to play, of this part if there are several [default: 2000, without limit if --seconds is given]
    #[arg(long, value_name = "N")]
    pub runs: Option<u32>,
    /// Draw no more after so many seconds
    #[arg(long, value_name = "S")]
    pub seconds: Option<u64>,
    /// The most faults in one schedule
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=12))]
    pub most: u8,
    /// Which faults, separated by commas; `single` is all but blackout, `all` all of them
    #[arg(long, default_value = "single", value_delimiter = ',', value_name = "FAULT", value_parser = FaultNames)]
    pub faults: Vec<Kinds>,
    /// What counts as harm, separated by commas
    #[arg(long, value_enum, default_values_t = [Harm::LostAfterAck, Harm::LostSilently, Harm::Doubled], value_delimiter = ',')]
    pub harm: Vec<Harm>,
    /// One fault at a time, with everything whole in between
    #[arg(long)]
    pub one_at_a_time: bool,
    /// Leave nothing to chance: every single fault at every decisive moment of the run
    #[arg(long, conflicts_with_all = ["runs", "most", "one_at_a_time", "resume"])]
    pub every: bool,
    /// Where the schedules are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only part I of N of the schedules, from 0; `merge` joins the parts
    #[arg(long, default_value = "0/1", value_name = "I/N", value_parser = shard)]
    pub shard: Shard,
    /// Threads; what comes of the hunt does not depend on them [default: as many as there are cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub threads: Option<u32>,
    /// Go on with what `hunt --json` wrote to this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["shard", "seed"])]
    pub resume: Option<PathBuf>,
    /// Tell it as JSON: one line for every part
    #[arg(long)]
    pub json: bool,
}

/// What a hunt looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Harm {
    /// Lost, or passed over, after a broker acked it
    LostAfterAck,
    /// Lost although the application counts it as sent
    LostSilently,
    /// Its effect came twice
    Doubled,
    /// Its effect came after that of a later one
    Reordered,
    /// It was read, and is no longer in the log
    PhantomRead,
    /// Everything is whole, and it has not come to its end
    Stuck,
}

impl Harm {
    /// The property that it violates.
    pub fn property(self) -> Property {
        match self {
            Harm::LostAfterAck => Property::LostAfterAck,
            Harm::LostSilently => Property::LostSilently,
            Harm::Doubled => Property::Doubled,
            Harm::Reordered => Property::Reordered,
            Harm::PhantomRead => Property::PhantomRead,
            Harm::Stuck => Property::Stuck,
        }
    }
}

/// One or several kinds of faults by one name.
pub(super) type Kinds = Vec<Kind>;

/// The names of faults, and where they come from.
pub(super) const FAULTS: [(&str, Kind); 14] = [
    ("kill", Kind::Kill),
    ("power-off", Kind::PowerOff),
    ("pause", Kind::Pause),
    ("stop", Kind::Stop),
    ("new-disk", Kind::NewDisk),
    ("fail-directory", Kind::FailDirectory),
    ("cut-peers", Kind::CutPeers),
    ("cut-answers", Kind::CutAnswers),
    ("cut-controller", Kind::CutController),
    ("elect", Kind::Elect),
    ("kill-client", Kind::KillClient),
    ("pause-client", Kind::PauseClient),
    ("kill-controller", Kind::KillController),
    ("blackout", Kind::Blackout),
];

/// Reads a name of [`FAULTS`], `single` or `all`; clap tells of them and suggests the nearest.
#[derive(Clone, Copy, Debug)]
struct FaultNames;

impl clap::builder::TypedValueParser for FaultNames {
    type Value = Kinds;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Kinds, clap::Error> {
        let names = clap::builder::PossibleValuesParser::new(names());
        let name = names.parse_ref(cmd, arg, value)?;
        let known = FAULTS.iter().filter(|(known, kind)| match name.as_str() {
            "all" => true,
            "single" => kind.is_single(),
            name => *known == name,
        });
        Ok(known.map(|(_, kind)| *kind).collect())
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = clap::builder::PossibleValue> + '_>> {
        Some(Box::new(names().map(clap::builder::PossibleValue::new)))
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    let groups = ["single", "all"].into_iter();
    groups.chain(FAULTS.iter().map(|(name, _)| *name))
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| {
        let (index, of): (u32, u32) = (index.parse().ok()?, of.parse().ok()?);
        (index < of && of <= 1_000).then_some(Shard { index, of })
    });
    parts.ok_or_else(|| "two numbers like 0/8, the first below the second".into())
}
