//! `kafka-configs` (`org.apache.kafka.tools.ConfigCommand`), and where settings come from.

mod alter;
mod describe;
mod settings;

pub use settings::{TopicSettings, of_internal, of_topic};

use super::common::{bootstrap, help_or_version};
use super::desk::Desk;
use super::flags::{Flag, Options, exclude, parse, switch, usage, value};
use super::printed::{Printed, Step};
use crate::lab::text::Text;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    value("add-config", "String"), value("add-config-file", "String"), switch("all"), switch("alter"),
    value("bootstrap-controller", "String: controller to connect to"), value("bootstrap-server", "String: server to connect to"),
    value("broker", "String"), switch("broker-defaults"), value("broker-logger", "String"), value("client", "String"),
    switch("client-defaults"), value("client-metrics", "String"),
    value("command-config", "String: command config property file"), value("delete-config", "String"),
    switch("describe"), switch("entity-default"), value("entity-name", "String"), value("entity-type", "String"),
    value("group", "String"), switch("help"), value("ip", "String"), switch("ip-defaults"), value("topic", "String"),
    value("user", "String"), switch("user-defaults"), switch("version"),
];

const TYPES: [&str; 8] = [
    "topics",
    "clients",
    "users",
    "brokers",
    "ips",
    "client-metrics",
    "groups",
    "broker-loggers",
];
/// Options that name an entity of a type, and those that mean its default.
const NAMED: [(&str, &str); 8] = [
    ("topic", "topics"),
    ("client", "clients"),
    ("user", "users"),
    ("broker", "brokers"),
    ("broker-logger", "broker-loggers"),
    ("ip", "ips"),
    ("client-metrics", "client-metrics"),
    ("group", "groups"),
];
const DEFAULTS: [(&str, &str); 4] = [
    ("client-defaults", "clients"),
    ("user-defaults", "users"),
    ("broker-defaults", "brokers"),
    ("ip-defaults", "ips"),
];

/// Whose settings: a type, and a name; an empty name is the default of all.
struct Entity {
    kind: &'static str,
    name: Option<String>,
}

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let options = match parse(FLAGS, words) {
        Ok(options) => options,
        Err((_, why)) => return refuse(&why, printed),
    };
    let about = "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group";
    help_or_version(FLAGS, &options, about, printed)?;
    let entity = check(&options, printed)?;
    let Some(asked) = bootstrap(&options, desk) else {
        let why = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: listTopics";
        return thrown(words, why, printed);
    };
    if !["topics", "brokers"].contains(&entity.kind) {
        return printed.not_modelled(Text::fixed(
            "settings of anything but topics and brokers",
            "topic 与 broker 以外的配置",
        ));
    }
    let image = desk.image(asked);
    match options.has("describe") {
        true => describe::describe(&options, &entity, desk, image, printed),
        false => alter::alter((words, &options), &entity, desk, image, printed),
    }
}

/// An exception that `main` knows: its message alone.
fn refuse<T>(why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(why);
    printed.exit(1)
}

/// An exception out of a request.
fn thrown<T>(words: &[String], why: &str, printed: &mut Printed) -> Step<T> {
    let words = words.join(" ");
    printed.err(format!(
        "Error while executing config command with args '{words}'"
    ));
    printed.err(format!("java.util.concurrent.ExecutionException: {why}"));
    printed.err(format!("Caused by: {why}"));
    printed.exit(1)
}

/// `ConfigCommandOptions.checkArgs`.
fn check(options: &Options, printed: &mut Printed) -> Step<Entity> {
    if options.count(&["alter", "describe"]) != 1 {
        return usage(
            FLAGS,
            "Command must include exactly one action: --describe, --alter",
            printed,
        );
    }
    exclude(
        FLAGS,
        options,
        "describe",
        &["alter", "add-config", "delete-config"],
        printed,
    )?;
    if options.count(&["bootstrap-server", "bootstrap-controller"]) == 0 {
        return refuse(
            "Either --bootstrap-server or --bootstrap-controller must be specified.",
            printed,
        );
    }
    let mut kinds: Vec<&'static str> = Vec::new();
    for given in options.all("entity-type") {
        let Some(kind) = TYPES.iter().find(|kind| **kind == given) else {
            let why = format!(
                "Invalid entity type {given}, the entity type must be one of {} with a --bootstrap-server or --bootstrap-controller argument",
                TYPES.join(", ")
            );
            return refuse(&why, printed);
        };
        kinds.push(*kind);
    }
    let by_flag = NAMED
        .iter()
        .chain(&DEFAULTS)
        .filter(|(flag, _)| options.has(flag));
    let by_flag: Vec<_> = by_flag.collect();
    if !by_flag.is_empty() && options.count(&["entity-name", "entity-type", "entity-default"]) > 0 {
        let why = "--entity-{type,name,default} should not be used in conjunction with specific entity flags";
        return refuse(why, printed);
    }
    kinds.extend(by_flag.iter().map(|(_, kind)| *kind));
    let (Some(kind), None) = (kinds.first().copied(), kinds.get(1)) else {
        let why = match kinds.is_empty() {
            true => "At least one entity type must be specified",
            false => "Only 'users' and 'clients' entity types may be specified together",
        };
        return refuse(why, printed);
    };
    if options.count(&["bootstrap-server", "bootstrap-controller"]) > 1 {
        let why = "Only one of --bootstrap-server or --bootstrap-controller can be specified";
        return refuse(why, printed);
    }
    let name = options.get("entity-name").map(str::to_owned);
    let name = name.or_else(|| {
        by_flag
            .first()
            .map(|(flag, _)| options.get(flag).unwrap_or_default().to_owned())
    });
    let name = name.or_else(|| options.has("entity-default").then(String::new));
    let entity = Entity { kind, name };
    check_name(options, &entity, printed)?;
    Ok(entity)
}

fn check_name(options: &Options, entity: &Entity, printed: &mut Printed) -> Step {
    let kind = entity.kind;
    let has_defaults = ["users", "clients", "brokers", "ips"].contains(&kind);
    if let Some(name) = entity.name.as_deref().filter(|name| !name.is_empty())
        && kind == "brokers"
        && name.parse::<i32>().is_err()
    {
        let why = format!(
            "The entity name for brokers must be a valid integer broker id, but it is: {name}"
        );
        return refuse(&why, printed);
    }
    if options.has("describe") {
        return match options.has("entity-default") && !has_defaults {
            true => refuse(
                &format!("--entity-default must not be specified with --describe of {kind}"),
                printed,
            ),
            false => Ok(()),
        };
    }
    match entity.name.as_deref() {
        None if has_defaults => {
            let why = "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips";
            return refuse(why, printed);
        }
        None | Some("") if !has_defaults => {
            return refuse(
                &format!("An entity name must be specified with --alter of {kind}"),
                printed,
            );
        }
        _ => {}
    }
    if options.has("add-config") && options.has("add-config-file") {
        return refuse(
            "Only one of --add-config or --add-config-file must be specified",
            printed,
        );
    }
    if options.count(&["add-config", "add-config-file", "delete-config"]) == 0 {
        let why = "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter";
        return refuse(why, printed);
    }
    Ok(())
}
