//! `kafka-metadata-quorum` (`org.apache.kafka.tools.MetadataQuorumCommand`), whose options are argparse4j's.

use super::desk::{Desk, uuid};
use super::flags::{Flag, switch, value};
use super::printed::{Printed, Step};
use crate::kafka::controller::ControllerHost;
use crate::lab::text::Text;
use crate::sim::{MS, NodeId};

/// The options it takes, those of `describe` among them.
pub const FLAGS: &[Flag] = &[
    value("bootstrap-controller", "BOOTSTRAP_CONTROLLER"),
    value("bootstrap-server", "BOOTSTRAP_SERVER"),
    value("command-config", "COMMAND_CONFIG"),
    switch("human-readable"),
    switch("replication"),
    switch("status"),
];
/// Its commands.
pub const COMMANDS: &[&str] = &["describe", "add-controller", "remove-controller"];

const USAGE: &str = "usage: kafka-metadata-quorum [-h] [--command-config COMMAND_CONFIG]
                             (--bootstrap-server BOOTSTRAP_SERVER |
                             --bootstrap-controller BOOTSTRAP_CONTROLLER)
                             {describe,add-controller,remove-controller}
                             ...";
const USAGE_OF_DESCRIBE: &str =
    "usage: kafka-metadata-quorum (--bootstrap-server BOOTSTRAP_SERVER |
                             --bootstrap-controller BOOTSTRAP_CONTROLLER)
                             describe [-h] [--status] [--replication]
                             [--human-readable]";

/// What was asked for.
#[derive(Default)]
struct Asked {
    bootstrap: Option<String>,
    command: Option<String>,
    status: bool,
    replication: bool,
    human: bool,
}

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let asked = read(words, printed)?;
    if asked.command.as_deref() != Some("describe") {
        return printed.not_modelled(Text::fixed(
            "adding and removing controllers",
            "增删 controller",
        ));
    }
    let terse = match (asked.status, asked.replication, asked.human) {
        (true, true, _) => {
            "Only one of --status or --replication should be specified with describe sub-command"
        }
        (false, false, _) => {
            "One of --status or --replication must be specified with describe sub-command"
        }
        (true, false, true) => {
            "The option --human-readable is only supported along with --replication"
        }
        _ => "",
    };
    if !terse.is_empty() {
        printed.err(terse);
        return printed.exit(1);
    }
    let reached = desk.asked(asked.bootstrap.as_deref().unwrap_or_default());
    let leader = desk
        .world
        .model
        .controllers()
        .iter()
        .find(|host| host.leads_quorum());
    let Some((_, leader)) = reached.zip(leader) else {
        let why = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeMetadataQuorum";
        printed.err(why);
        printed.err(format!("java.util.concurrent.ExecutionException: {why}"));
        return printed.exit(1);
    };
    match asked.status {
        true => status(desk, leader, printed),
        false => replication(desk, leader, asked.human, printed),
    }
    Ok(())
}

/// Reads the words as argparse4j does.
fn read(words: &[String], printed: &mut Printed) -> Step<Asked> {
    let mut asked = Asked::default();
    let mut left = words.iter();
    while let Some(word) = left.next() {
        let (name, joined) = match word.split_once('=') {
            Some((name, joined)) => (name, Some(joined.to_owned())),
            None => (word.as_str(), None),
        };
        let inner = asked.command.is_some();
        match name {
            "--bootstrap-server" | "--bootstrap-controller" | "--command-config" if !inner => {
                let Some(value) = joined.or_else(|| left.next().cloned()) else {
                    let why = format!("argument {name}: expected one argument");
                    return refuse(USAGE, &why, printed);
                };
                if name != "--command-config" {
                    asked.bootstrap = Some(value);
                }
            }
            "--status" if inner => asked.status = true,
            "--replication" if inner => asked.replication = true,
            "--human-readable" if inner => asked.human = true,
            command if !inner && COMMANDS.contains(&command) => {
                asked.command = Some(command.to_owned())
            }
            other if !inner && !other.starts_with('-') => {
                let why = format!(
                    "argument command: invalid choice: '{other}' (choose from 'describe', 'add-controller', 'remove-controller')"
                );
                return refuse(USAGE, &why, printed);
            }
            other => {
                let usage = if inner { USAGE_OF_DESCRIBE } else { USAGE };
                return refuse(
                    usage,
                    &format!("unrecognized arguments: '{other}'"),
                    printed,
                );
            }
        }
    }
    if asked.command.is_none() {
        return refuse(USAGE, "too few arguments", printed);
    }
    if asked.bootstrap.is_none() {
        let why = "one of the arguments --bootstrap-server --bootstrap-controller is required";
        return refuse(USAGE, why, printed);
    }
    Ok(asked)
}

fn refuse<T>(usage: &str, why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(usage);
    printed.err(format!("kafka-metadata-quorum: error: {why}"));
    printed.exit(1)
}

/// How far a node has the metadata log, and when it fetched last.
struct Row {
    node: NodeId,
    end: u64,
    fetched_ms: u64,
    caught_up_ms: u64,
}

/// The voters as their leader knows them, itself first, and the brokers, which observe.
fn rows(desk: &Desk, leader: &ControllerHost) -> (Vec<Row>, Vec<Row>) {
    let end = leader.image().offset;
    let now_ms = desk.epoch_ms + desk.world.now() / MS;
    let row = |node: NodeId, own: u64| Row {
        node,
        end: own.min(end),
        fetched_ms: now_ms,
        caught_up_ms: now_ms,
    };
    let voters = desk.world.model.controllers().iter();
    let mut voters: Vec<Row> = voters
        .map(|host| row(host.node(), host.image().offset))
        .collect();
    voters.sort_by_key(|row| row.node != leader.node());
    let brokers = desk
        .spec()
        .broker_nodes()
        .filter(|node| desk.answers(*node));
    let brokers = brokers.map(|node| row(node, desk.image(node).offset));
    (voters, brokers.collect())
}

fn directory(desk: &Desk, node: NodeId) -> String {
    let is_voter = desk.spec().controller_nodes().any(|voter| voter == node);
    // Voters of a static quorum have no directory ids.
    match is_voter {
        true => "A".repeat(22),
        false => uuid(&format!("directory of {}", node.0)),
    }
}

fn status(desk: &Desk, leader: &ControllerHost, printed: &mut Printed) {
    let (voters, observers) = rows(desk, leader);
    let end = leader.image().offset;
    let lag = voters.iter().map(|row| end - row.end).max().unwrap_or(0);
    let voters = voters.iter().map(|row| {
        let (id, host) = (desk.id_of(row.node), (desk.host)(row.node));
        format!("{{\"id\": {id}, \"endpoints\": [\"CONTROLLER://{host}:9093\"]}}")
    });
    let observers = observers.iter().map(|row| {
        let (id, directory) = (desk.id_of(row.node), directory(desk, row.node));
        format!("{{\"id\": {id}, \"directoryId\": \"{directory}\"}}")
    });
    let join = |all: Vec<String>| format!("[{}]", all.join(", "));
    for (name, value) in [
        ("ClusterId:", uuid("cluster")),
        ("LeaderId:", desk.id_of(leader.node()).to_string()),
        ("LeaderEpoch:", leader.epoch().to_string()),
        ("HighWatermark:", leader.committed_offset().to_string()),
        ("MaxFollowerLag:", lag.to_string()),
        ("MaxFollowerLagTimeMs:", "0".to_owned()),
        ("CurrentVoters:", join(voters.collect())),
        ("CurrentObservers:", join(observers.collect())),
    ] {
        printed.out(format!("{name:24}{value}"));
    }
}

fn replication(desk: &Desk, leader: &ControllerHost, human: bool, printed: &mut Printed) {
    let (voters, observers) = rows(desk, leader);
    let now_ms = desk.epoch_ms + desk.world.now() / MS;
    let time = |at_ms: u64| match human {
        true => format!("{} ms ago", now_ms - at_ms),
        false => at_ms.to_string(),
    };
    let voters = voters.into_iter().map(|row| {
        let status = if row.node == leader.node() {
            "Leader"
        } else {
            "Follower"
        };
        (row, status)
    });
    let observers = observers.into_iter().map(|row| (row, "Observer"));
    let end = leader.image().offset;
    let mut table = vec![
        [
            "NodeId",
            "DirectoryId",
            "LogEndOffset",
            "Lag",
            "LastFetchTimestamp",
            "LastCaughtUpTimestamp",
            "Status",
        ]
        .map(str::to_owned),
    ];
    for (row, status) in voters.chain(observers) {
        table.push([
            desk.id_of(row.node).to_string(),
            directory(desk, row.node),
            row.end.to_string(),
            (end - row.end).to_string(),
            time(row.fetched_ms),
            time(row.caught_up_ms),
            status.to_owned(),
        ]);
    }
    let widths: Vec<usize> = (0..7)
        .map(|column| table.iter().map(|row| row[column].len()).max().unwrap_or(0))
        .collect();
    for row in &table {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}\t"))
            .collect();
        printed.out(cells.concat());
    }
}
