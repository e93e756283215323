//! `kafka-consumer-groups` (`org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`).

mod describe;
mod known;
mod members;
mod reset;

use super::common::{bootstrap, help_or_version, parse_or_die};
use super::desk::Desk;
use super::flags::{Flag, Options, exclude, maybe, require, switch, usage, value};
use super::printed::{Printed, Step};
use crate::lab::text::Text;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    switch("all-groups"), switch("all-topics"), value("bootstrap-server", "String: server to connect to"),
    value("by-duration", "String: duration"), value("command-config", "String: command config property file"),
    switch("delete"), switch("delete-offsets"), switch("describe"), switch("dry-run"), switch("execute"),
    switch("export"), value("from-file", "String: path to CSV file"), value("group", "String: group id"),
    switch("help"), switch("list"), switch("members"), switch("offsets"), switch("reset-offsets"),
    value("shift-by", "Long: number-of-offsets"), maybe("state", "String"), value("timeout", "Long: timeout (ms)"),
    switch("to-current"), value("to-datetime", "String: datetime"), switch("to-earliest"), switch("to-latest"),
    value("to-offset", "Long: offset"), value("topic", "String: topic"), maybe("type", "String"),
    value("validate-regex", "String: regex"), switch("verbose"), switch("version"),
];

const ACTIONS: [&str; 6] = [
    "list",
    "describe",
    "delete",
    "reset-offsets",
    "delete-offsets",
    "validate-regex",
];
const SCENARIOS: [&str; 8] = [
    "to-offset",
    "shift-by",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "from-file",
];

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let options = parse_or_die(FLAGS, words, printed)?;
    available(&options, printed)?;
    check(&options, printed)?;
    if options.count(&ACTIONS) != 1 {
        let all: Vec<String> = ACTIONS.iter().map(|action| format!("--{action}")).collect();
        let why = format!(
            "Command must include exactly one action: {}",
            all.join(", ")
        );
        return usage(FLAGS, &why, printed);
    }
    let Some(asked) = bootstrap(&options, desk) else {
        let why = "Timed out waiting for a node assignment. Call: listGroups";
        return failed(
            &format!("org.apache.kafka.common.errors.TimeoutException: {why}"),
            printed,
        );
    };
    if options.has("list") {
        describe::list(&options, desk, printed)
    } else if options.has("describe") {
        describe::describe(&options, desk, asked, printed)
    } else if options.has("reset-offsets") {
        reset::reset(&options, desk, asked, printed)
    } else if options.has("validate-regex") {
        let regex = options.get("validate-regex").unwrap_or_default();
        printed.out(format!("The regular expression `{regex}` is valid."));
        Ok(())
    } else {
        delete(&options, desk, printed)
    }
}

/// `ConsumerGroupCommandOptions.checkArgs`.
fn check(options: &Options, printed: &mut Printed) -> Step {
    let about = "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.";
    help_or_version(FLAGS, options, about, printed)?;
    if !options.has("validate-regex") {
        require(FLAGS, options, &["bootstrap-server"], printed)?;
    }
    let named = options.has("group") || options.has("all-groups");
    for action in ["describe", "delete"] {
        if options.has(action) && !named {
            return usage(FLAGS, &needs_group(action), printed);
        }
    }
    if options.has("describe") && options.count(&["members", "offsets", "state"]) > 1 {
        let why =
            "Option [describe] takes at most one of these options: [members], [offsets], [state]";
        return usage(FLAGS, why, printed);
    }
    if options.has("describe") && options.get("state").is_some() {
        return usage(
            FLAGS,
            "Option [describe] does not take a value for [state]",
            printed,
        );
    }
    if options.has("delete") && options.has("topic") {
        let why =
            "The consumer does not support topic-specific offset deletion from a consumer group.";
        return usage(FLAGS, why, printed);
    }
    if options.has("delete-offsets") && options.count(&["group", "topic"]) < 2 {
        let why = "Option [delete-offsets] takes the following options: [group], [topic]";
        return usage(FLAGS, why, printed);
    }
    if options.has("reset-offsets") {
        check_reset(options, named, printed)?;
    }
    exclude(FLAGS, options, "group", &["all-groups"], printed)?;
    exclude(FLAGS, options, "group", &["list"], printed)?;
    exclude(FLAGS, options, "topic", &["list", "describe"], printed)
}

fn needs_group(action: &str) -> String {
    format!("Option [{action}] takes one of these options: [group], [all-groups]")
}

fn check_reset(options: &Options, named: bool, printed: &mut Printed) -> Step {
    match (options.has("dry-run"), options.has("execute")) {
        (true, true) => {
            let why = "Option [reset-offsets] only accepts one of [execute] and [dry-run]";
            return usage(FLAGS, why, printed);
        }
        (false, false) => printed.err(
            "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.",
        ),
        _ => {}
    }
    if !named {
        return usage(FLAGS, &needs_group("reset-offsets"), printed);
    }
    for scenario in SCENARIOS {
        let mut others = SCENARIOS.to_vec();
        others.retain(|other| *other != scenario);
        exclude(FLAGS, options, scenario, &others, printed)?;
    }
    Ok(())
}

/// Options that joptsimple takes only beside others (`availableIf`).
fn available(options: &Options, printed: &mut Printed) -> Step {
    for (name, with) in [
        ("members", &["describe"][..]),
        ("verbose", &["describe"]),
        ("offsets", &["describe"]),
        ("state", &["describe", "list"]),
        ("type", &["list"]),
    ] {
        if options.has(name) && options.count(with) == 0 {
            let why = format!(
                "Option(s) [{name}] are unavailable given other options on the command line"
            );
            return super::common::die("joptsimple.UnavailableOptionException", &why, printed);
        }
    }
    Ok(())
}

/// `ConsumerGroupCommand.printError`, where an exception was thrown; the tool ends well all the same.
fn failed(why: &str, printed: &mut Printed) -> Step {
    printed.out("");
    printed.out(format!(
        "Error: Executing consumer group command failed due to {why}"
    ));
    printed.err(format!("java.util.concurrent.ExecutionException: {why}"));
    printed.err(format!("Caused by: {why}"));
    Ok(())
}

/// The same where the exception itself was thrown.
fn failed_with<T>(class: &str, why: &str, printed: &mut Printed) -> Step<T> {
    printed.out("");
    printed.out(format!(
        "Error: Executing consumer group command failed due to {why}"
    ));
    printed.err(format!("{class}: {why}"));
    printed.exit(0)
}

fn delete(options: &Options, desk: &Desk, printed: &mut Printed) -> Step {
    for name in options.all("group") {
        let members = desk
            .group(name)
            .and_then(|group| known::describe(desk, group))
            .map(|group| group.members.len());
        if members.is_some_and(|members| members > 0) && options.has("delete") {
            printed.out("");
            printed.out("Error: Deletion of some consumer groups failed:");
            printed.out(format!(
                "* Group '{name}' could not be deleted due to: org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty."
            ));
            return Ok(());
        }
    }
    printed.not_modelled(Text::fixed(
        "deleting a group or its offsets",
        "删除 group 或其 offset",
    ))
}
