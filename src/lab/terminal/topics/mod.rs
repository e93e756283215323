//! `kafka-topics` (`org.apache.kafka.tools.TopicCommand`).

mod change;
mod describe;

use super::common::{self, bootstrap, parse_or_throw};
use super::desk::Desk;
use super::flags::{Flag, Options, exclude, require, switch, usage, value};
use super::pattern::Pattern;
use super::printed::{Printed, Step};
use crate::kafka::TopicId;
use crate::kafka::metadata::MetadataImage;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    switch("alter"), switch("at-min-isr-partitions"), value("bootstrap-server", "String: server to connect to"),
    value("command-config", "String: command config property file"), value("config", "String: name=value"),
    switch("create"), switch("delete"), value("delete-config", "String: name"), switch("describe"),
    switch("exclude-internal"), switch("help"), switch("if-exists"), switch("if-not-exists"), switch("list"),
    value("partition-size-limit-per-response", "Integer: maximum number of partitions per response"),
    value("partitions", "Integer: # of partitions"),
    value("replica-assignment", "String: broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ..."),
    value("replication-factor", "Integer: replication factor"), value("topic", "String: topic"),
    value("topic-id", "String: topic-id"), switch("topics-with-overrides"), switch("unavailable-partitions"),
    switch("under-min-isr-partitions"), switch("under-replicated-partitions"), switch("version"),
];

const ACTIONS: [&str; 5] = ["create", "list", "alter", "describe", "delete"];
const REPORTS: [&str; 4] = [
    "under-replicated-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
    "unavailable-partitions",
];

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    if words.is_empty() {
        return usage(
            FLAGS,
            "Create, delete, describe, or change a topic.",
            printed,
        );
    }
    let options = parse_or_throw(FLAGS, words, printed)?;
    let about = "This tool helps to create, delete, describe, or change a topic.";
    common::help_or_version(FLAGS, &options, about, printed)?;
    check(&options, printed)?;
    let Some(asked) = bootstrap(&options, desk) else {
        printed.out("Error while executing topic command : Timed out waiting for a node assignment. Call: listTopics");
        return printed.exit(1);
    };
    let image = desk.image(asked);
    if options.has("create") {
        change::create(&options, desk, image, printed)
    } else if options.has("alter") {
        change::alter(&options, desk, image, printed)
    } else if options.has("list") {
        list(&options, desk, image, printed)
    } else if options.has("describe") {
        describe::describe(&options, desk, image, printed)
    } else {
        change::delete(&options, desk, image, printed)
    }
}

/// `TopicCommandOptions.checkArgs`.
fn check(options: &Options, printed: &mut Printed) -> Step {
    if options.count(&ACTIONS) != 1 {
        let why = "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return usage(FLAGS, why, printed);
    }
    if options.has("delete-config") {
        printed.err("delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases.");
    }
    if !options.has("bootstrap-server") {
        let why = "--bootstrap-server must be specified";
        return common::throw("java.lang.IllegalArgumentException", why, printed);
    }
    if options.has("describe")
        && options.has("if-exists")
        && !options.has("topic")
        && !options.has("topic-id")
    {
        return usage(
            FLAGS,
            "--topic or --topic-id is required to describe a topic",
            printed,
        );
    }
    if !options.has("list") && !options.has("describe") {
        require(FLAGS, options, &["topic"], printed)?;
    }
    if options.has("alter") {
        require(FLAGS, options, &["partitions"], printed)?;
    }
    check_pairs(options, printed)
}

/// `TopicCommandOptions.checkInvalidArgs`.
fn check_pairs(options: &Options, printed: &mut Printed) -> Step {
    let mut only = |used: &str, with: &[&str], never: &[&str]| {
        let others = ACTIONS.iter().filter(|action| !with.contains(action));
        let others: Vec<&str> = others.chain(never).copied().collect();
        exclude(FLAGS, options, used, &others, printed)
    };
    only("config", &["alter", "create"], &[])?;
    only("partitions", &["alter", "create"], &[])?;
    only("replication-factor", &["create"], &[])?;
    only("replica-assignment", &["alter", "create"], &[])?;
    if options.has("create") {
        only(
            "replica-assignment",
            &ACTIONS,
            &["partitions", "replication-factor"],
        )?;
    }
    for report in REPORTS {
        only(report, &["describe"], &["topics-with-overrides"])?;
    }
    only("topics-with-overrides", &["describe"], &REPORTS)?;
    only("if-exists", &["alter", "delete", "describe"], &[])?;
    only("if-not-exists", &["create"], &[])?;
    only("exclude-internal", &["list", "describe"], &[])
}

/// The topics that `--topic` means, by name.
fn chosen(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step<Vec<(String, TopicId)>> {
    let mut topics = desk.topic_names(image);
    if options.has("exclude-internal") {
        topics.retain(|(name, _)| !name.starts_with("__"));
    }
    if let Some(wanted) = options.get("topic") {
        let pattern = Pattern::include_list(wanted);
        topics.retain(|(name, _)| pattern.matches(name));
        if topics.is_empty()
            && !options.has("if-exists")
            && !wanted.is_empty()
            && !options.has("list")
        {
            return failed(
                &format!("Topic '{wanted}' does not exist as expected"),
                printed,
            );
        }
    }
    Ok(topics)
}

fn list(options: &Options, desk: &Desk, image: &MetadataImage, printed: &mut Printed) -> Step {
    let topics = chosen(options, desk, image, printed)?;
    let names: Vec<String> = topics.into_iter().map(|(name, _)| name).collect();
    printed.out(names.join("\n"));
    Ok(())
}

/// `TopicCommand.printException`.
fn failed<T>(why: &str, printed: &mut Printed) -> Step<T> {
    printed.out(format!("Error while executing topic command : {why}"));
    printed.exit(1)
}

/// A number that an option must have (`joptsimple.OptionArgumentConversionException`).
fn number(options: &Options, name: &str, printed: &mut Printed) -> Step<Option<i64>> {
    match options.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<i32>() {
            Ok(number) => Ok(Some(number.into())),
            Err(_) => failed(
                &format!("Cannot parse argument '{text}' of option {name}"),
                printed,
            ),
        },
    }
}
