//! `kafka-features` (`org.apache.kafka.tools.FeatureCommand`).

use super::desk::Desk;
use super::flags::{Flag, value};
use super::printed::{Printed, Step};
use crate::lab::text::Text;

/// The options it takes.
pub const FLAGS: &[Flag] = &[
    value("bootstrap-controller", "BOOTSTRAP_CONTROLLER"),
    value("bootstrap-server", "BOOTSTRAP_SERVER"),
    value("command-config", "COMMAND_CONFIG"),
];
/// Its commands.
pub const COMMANDS: &[&str] = &[
    "describe",
    "upgrade",
    "downgrade",
    "disable",
    "version-mapping",
    "feature-dependencies",
];

/// Feature, least and most supported level, and the level that a new 4.3 cluster has.
const FEATURES: [(&str, &str, &str, &str); 7] = [
    ("eligible.leader.replicas.version", "0", "1", "1"),
    ("group.version", "0", "1", "1"),
    ("kraft.version", "0", "1", "0"),
    ("metadata.version", "3.3-IV3", "4.3-IV0", "4.3-IV0"),
    ("share.version", "0", "1", "1"),
    ("streams.version", "0", "1", "1"),
    ("transaction.version", "0", "2", "2"),
];

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let (mut command, mut bootstrap) = (None, None);
    let mut left = words.iter();
    while let Some(word) = left.next() {
        match word.as_str() {
            "--bootstrap-server" | "--bootstrap-controller" | "--command-config" => {
                bootstrap = left.next()
            }
            known if COMMANDS.contains(&known) => command = Some(known),
            other if other.starts_with('-') => {
                return refuse(&format!("unrecognized arguments: '{other}'"), printed);
            }
            other => {
                let all: Vec<String> = COMMANDS.iter().map(|known| format!("'{known}'")).collect();
                let why = format!("invalid choice: '{other}' (choose from {})", all.join(", "));
                return refuse(&why, printed);
            }
        }
    }
    let Some(command) = command else {
        return refuse("too few arguments", printed);
    };
    let Some(bootstrap) = bootstrap else {
        let why = "You must specify either --bootstrap-controller or --bootstrap-server.";
        return refuse(why, printed);
    };
    if command != "describe" {
        return printed.not_modelled(Text::fixed(
            "changing feature levels while the cluster runs",
            "在运行中修改 feature level",
        ));
    }
    let Some(asked) = desk.asked(bootstrap) else {
        printed.err("Timed out waiting for a node assignment. Call: describeFeatures");
        return printed.exit(1);
    };
    let epoch = desk.image(asked).offset;
    for (name, least, most, level) in FEATURES {
        let is_off = name == "eligible.leader.replicas.version" && !desk.spec().elr;
        let level = if is_off { "0" } else { level };
        printed.out(format!(
            "Feature: {name:42}SupportedMinVersion: {least:17}SupportedMaxVersion: {most:17}FinalizedVersionLevel: {level:17}Epoch: {epoch}"
        ));
    }
    Ok(())
}

fn refuse<T>(why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(format!("Command line error: {why}. Type --help for help."));
    printed.exit(1)
}
