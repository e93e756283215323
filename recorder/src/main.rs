//! `cargo xtask record`: plays a golden's steps on a real Kafka cluster on this machine, and writes what it showed.
//!
//! A story is read ([`case`]), the jars and the agent are made ready ([`kit`]), a cluster is started ([`cluster`]), the steps
//! are played ([`story`]) while all that is seen is written down ([`chronicle`]), and the facts that every repetition showed
//! are set against those of the stored golden ([`report`]).
//!
//! Steps, waits, goldens and facts are the conformance suite's own: what is recorded and what is replayed cannot drift apart.

#[allow(dead_code)] // the conformance suite needs more of these
#[path = "../../tests/conformance/compare.rs"]
mod compare;
#[allow(dead_code)]
#[path = "../../tests/conformance/course.rs"]
mod course;
#[allow(dead_code)]
#[path = "../../tests/conformance/facts/mod.rs"]
mod facts;
#[allow(dead_code)]
#[path = "../../tests/conformance/golden.rs"]
mod golden;
#[allow(dead_code)]
#[path = "../../tests/conformance/step.rs"]
mod step;
#[allow(dead_code)]
#[path = "../../tests/conformance/wait.rs"]
mod wait;

mod agents;
mod case;
mod chronicle;
mod cluster;
mod kit;
mod layout;
mod library;
mod report;
mod story;
mod summary;

use anyhow::{Context, Result, bail, ensure};
use case::{Case, Content};
use clap::Parser;
use kit::Kit;
use report::Outcome;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    bin_name = "cargo xtask record",
    about = "Play goldens on a real Kafka cluster and write what it showed"
)]
struct Cli {
    /// Names of goldens (`acks1-*` works too), or paths of case files: setup and steps as in a golden, nothing else
    names: Vec<String>,
    /// Play each this many times; what differs between them is told apart from what always holds
    #[arg(long, default_value_t = 2)]
    reps: usize,
    /// Where to write the goldens [default: target/recorded]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write to tests/golden instead, over what is there
    #[arg(long, conflicts_with = "out")]
    write: bool,
    /// Tell which goldens this recorder can play, and play none
    #[arg(long)]
    list: bool,
    /// Leave the cluster's files and logs in the work directory
    #[arg(long)]
    keep: bool,
    /// Tells runs side by side apart: the nodes of number N listen on 127.N.0.x
    #[arg(long, default_value_t = 77, value_parser = clap::value_parser!(u8).range(1..=254))]
    net: u8,
    /// Work directory for jars, disks and logs [default: target/recorder]
    #[arg(long)]
    work: Option<PathBuf>,
}

fn main() -> ExitCode {
    let said = run(&Cli::parse());
    match said {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all cases were recorded and showed what is stored.
fn run(cli: &Cli) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root
        .canonicalize()
        .context("the project's folder is gone")?;
    let goldens = root.join("tests/golden");
    if cli.list || cli.names.is_empty() {
        println!("{}", library::table(&goldens)?);
        return Ok(true);
    }
    ensure!(cli.reps > 0, "--reps 0 records nothing");
    // All are read before anything is started: a mistake in the last one should not cost an hour.
    let cases = library::cases(&goldens, &cli.names)?;
    permitted(&cases)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let work = cli.work.clone().unwrap_or(target.join("recorder"));
    let out = match (&cli.out, cli.write) {
        (_, true) => goldens.clone(),
        (Some(out), _) => out.clone(),
        _ => target.join("recorded"),
    };
    let kit = Kit::ready(&work)?;
    let mut outcomes = Vec::new();
    for case in &cases {
        let stored = library::stored(&goldens, &case.name)?;
        let outcome = record(&kit, case, cli).and_then(|traces| tell(traces, stored, &out, case));
        if let Err(error) = &outcome {
            eprintln!("{}: not recorded: {error:#}", case.name);
        }
        outcomes.push((case.name.as_str(), outcome.ok()));
    }
    Ok(sum(&outcomes))
}

/// Prints what came of each; whether all is well.
fn sum(outcomes: &[(&str, Option<Outcome>)]) -> bool {
    for (outcome, what) in [
        (Some(Outcome::Alike), "as stored"),
        (Some(Outcome::New), "new"),
        (Some(Outcome::Differs), "not as stored"),
        (None, "not recorded"),
    ] {
        let names: Vec<&str> = outcomes
            .iter()
            .filter(|(_, o)| *o == outcome)
            .map(|(name, _)| *name)
            .collect();
        if !names.is_empty() {
            println!(
                "{} of {} {what}: {}",
                names.len(),
                outcomes.len(),
                names.join(", ")
            );
        }
    }
    outcomes
        .iter()
        .all(|(_, o)| matches!(o, Some(Outcome::Alike | Outcome::New)))
}

fn permitted(cases: &[Case]) -> Result<()> {
    let needing: Vec<&Case> = cases.iter().filter(|case| case.needs_root()).collect();
    if needing.is_empty() || kit::is_root() {
        return Ok(());
    }
    let names: Vec<&str> = needing.iter().map(|case| case.name.as_str()).collect();
    bail!(
        "root is needed for {}: a power cut is played on an ext4 image of its own, a cut link on network namespaces, and only \
         root may make those; run it again with sudo, or leave these out",
        names.join(", ")
    )
}

/// The traces of all repetitions of a case.
fn record(kit: &Kit, case: &Case, cli: &Cli) -> Result<Vec<Value>> {
    let story = match &case.content {
        Content::Story(story) => story,
        Content::Vectors(vectors) => return Ok(vec![story::vectors(kit, case, vectors)?]),
    };
    let mut traces = Vec::new();
    for nth in 1..=cli.reps {
        eprintln!("{}: repetition {nth} of {}", case.name, cli.reps);
        traces.push(story::play(kit, case, story, cli.net, cli.keep)?);
    }
    Ok(traces)
}

/// Writes the golden and sets it against the stored one.
fn tell(traces: Vec<Value>, stored: Option<Value>, out: &Path, case: &Case) -> Result<Outcome> {
    let golden = summary::golden(&traces)?;
    let file = out.join(format!("{}.json", case.name));
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    std::fs::write(&file, layout::text(&golden))
        .with_context(|| format!("cannot write {}", file.display()))?;
    println!("{} -> {}", case.name, file.display());
    let comparison = report::compare(&golden, &traces, stored.as_ref())?;
    println!("{}", comparison.text);
    Ok(comparison.outcome)
}
