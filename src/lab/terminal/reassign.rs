//! `kafka-reassign-partitions` (`org.apache.kafka.tools.reassign.ReassignPartitionsCommand`). The plan is read from
//! `/dev/stdin`: the lab has no files.

use super::common::{help_or_version, parse_or_die};
use super::desk::{Desk, ids};
use super::flags::{Flag, Options, maybe, require, switch, usage, value};
use super::json::Json;
use super::printed::{Printed, Step};
use super::words::Line;
use crate::kafka::metadata::{MetadataImage, PartitionState};
use crate::kafka::{Action, TopicPartition};
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    switch("additional"), maybe("bootstrap-controller", "String: bootstrap controller to connect to"),
    maybe("bootstrap-server", "String: Server(s) to use for bootstrapping"), value("broker-list", "String: brokerlist"),
    switch("cancel"), value("command-config", "String: Admin client property file"), switch("disable-rack-aware"),
    switch("disallow-replication-factor-change"), switch("execute"), switch("generate"), switch("help"), switch("list"),
    switch("preserve-throttles"), value("reassignment-json-file", "String: manual assignment json file path"),
    value("replica-alter-log-dirs-throttle", "Long: replicaAlterLogDirsThrottle"), value("throttle", "Long: throttle"),
    value("timeout", "Long: timeout"), value("topics-to-move-json-file", "String: topics to reassign json file path"),
    switch("verify"), switch("version"),
];

const ACTIONS: [&str; 5] = ["generate", "execute", "verify", "cancel", "list"];
const FAILED: &str = "org.apache.kafka.tools.AdminCommandFailedException";

/// One partition and the replicas that it shall have.
type Move = (String, TopicPartition, Vec<NodeId>);

/// Runs it.
pub fn run(line: &Line, desk: &Desk, printed: &mut Printed) -> Step {
    let options = parse_or_die(FLAGS, &line.words, printed)?;
    let about = "This tool helps to move topic partitions between replicas.";
    help_or_version(FLAGS, &options, about, printed)?;
    check(&options, printed)?;
    let servers = options.get("bootstrap-server").unwrap_or_default();
    let Some(asked) = desk.asked(servers) else {
        let why = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: listPartitionReassignments";
        return failed("java.util.concurrent.ExecutionException", why, printed);
    };
    let image = desk.image(asked);
    if options.has("list") {
        return list(desk, image, printed);
    }
    if options.has("generate") {
        return printed.not_modelled(Text::fixed("a generated plan", "自动生成迁移计划"));
    }
    let moves = plan(line, &options, desk, image, printed)?;
    if options.has("verify") {
        verify(&moves, &options, desk, image, printed);
        Ok(())
    } else if options.has("cancel") {
        cancel(&moves, &options, desk, image, printed);
        Ok(())
    } else {
        execute(&moves, desk, image, printed)
    }
}

fn check(options: &Options, printed: &mut Printed) -> Step {
    if options.count(&ACTIONS) != 1 {
        let all: Vec<String> = ACTIONS.iter().map(|action| format!("--{action}")).collect();
        let why = format!(
            "Command must include exactly one action: {}",
            all.join(", ")
        );
        return usage(FLAGS, &why, printed);
    }
    match options.count(&["bootstrap-server", "bootstrap-controller"]) {
        0 => {
            return usage(
                FLAGS,
                "Please specify either --bootstrap-server or --bootstrap-controller",
                printed,
            );
        }
        2 => {
            return usage(
                FLAGS,
                "Please don't specify both --bootstrap-server and --bootstrap-controller",
                printed,
            );
        }
        _ => {}
    }
    match options.has("list") {
        true => Ok(()),
        false if options.has("generate") => require(
            FLAGS,
            options,
            &["topics-to-move-json-file", "broker-list"],
            printed,
        ),
        false => require(FLAGS, options, &["reassignment-json-file"], printed),
    }
}

fn failed<T>(class: &str, why: &str, printed: &mut Printed) -> Step<T> {
    printed.out(format!("Error: {why}"));
    printed.out(format!("{class}: {why}"));
    printed.out("");
    printed.exit(1)
}

/// Reads the plan (`parsePartitionReassignmentData`) and checks it.
fn plan(
    line: &Line,
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step<Vec<Move>> {
    if options.get("reassignment-json-file") != Some("/dev/stdin") {
        return printed.not_modelled(Text::fixed(
            "reading a file; give /dev/stdin, and the plan after <<<",
            "读取文件；请用 /dev/stdin，并把计划写在 <<< 之后",
        ));
    }
    let json = Json::read(&line.input.join(" "));
    let listed = json.as_ref().and_then(|json| json.field("partitions"));
    let Some(listed) = listed else {
        return failed(
            "org.apache.kafka.server.common.AdminOperationException",
            "The input string is not a valid JSON",
            printed,
        );
    };
    if listed.items().is_empty() {
        return failed(
            FAILED,
            "Partition reassignment list cannot be empty",
            printed,
        );
    }
    let mut moves = Vec::new();
    for item in listed.items() {
        moves.push(one(item, desk, image, printed)?);
    }
    moves.sort();
    Ok(moves)
}

const UNKNOWN: &str = "org.apache.kafka.common.errors.UnknownTopicOrPartitionException";

/// One partition of the plan.
fn one(item: &Json, desk: &Desk, image: &MetadataImage, printed: &mut Printed) -> Step<Move> {
    let topic = item.field("topic").and_then(Json::text).unwrap_or_default();
    let number = item.field("partition").and_then(Json::number).unwrap_or(-1);
    let replicas = item.field("replicas").map(Json::items).unwrap_or_default();
    let replicas: Vec<i64> = replicas.iter().filter_map(Json::number).collect();
    let full = format!("{topic}-{number}");
    let mut numbered = replicas.iter().enumerate();
    if let Some((_, twice)) = numbered.find(|(nth, id)| replicas[..*nth].contains(id)) {
        let why = format!(
            "Partition replica lists may not contain duplicate entries: {full} contains multiple entries for {twice}"
        );
        return failed(FAILED, &why, printed);
    }
    let topics = desk.topic_names(image);
    let Some((_, id)) = topics.into_iter().find(|(name, _)| name == topic) else {
        let why = format!("{UNKNOWN}: Topic {topic} not found.");
        printed.out(format!("Error: {why}"));
        printed.out(format!("java.util.concurrent.ExecutionException: {why}"));
        printed.out(format!("Caused by: {why}"));
        printed.out("");
        return printed.exit(1);
    };
    let there = |id: &i64| {
        let node = u8::try_from(*id).ok().map(NodeId);
        node.filter(|node| image.alive().any(|alive| alive == *node))
    };
    if let Some(unknown) = replicas.iter().find(|id| there(id).is_none()) {
        return failed(FAILED, &format!("Unknown broker id {unknown}"), printed);
    }
    let partition = TopicPartition::new(id, u16::try_from(number).unwrap_or(u16::MAX));
    if !image.partitions.contains_key(&partition) {
        let why = format!("Unable to find partition: {full}");
        return failed(UNKNOWN, &why, printed);
    }
    Ok((full, partition, replicas.iter().filter_map(there).collect()))
}

fn state(image: &MetadataImage, partition: TopicPartition) -> PartitionState {
    let state = image.partitions.get(&partition);
    state.map(|state| (**state).clone()).unwrap_or_default()
}

fn is_moving(state: &PartitionState) -> bool {
    !state.adding.is_empty() || !state.removing.is_empty()
}

/// The replicas once the move is over.
fn target(state: &PartitionState) -> Vec<NodeId> {
    let stays = |node: &&NodeId| !state.removing.contains(node);
    state.replicas.iter().filter(stays).copied().collect()
}

fn list(desk: &Desk, image: &MetadataImage, printed: &mut Printed) -> Step {
    let topics = desk.topic_names(image).into_iter();
    let all = topics.flat_map(|(_, topic)| desk.partitions(image, topic));
    let moving: Vec<_> = all.filter(|(_, state)| is_moving(state)).collect();
    if moving.is_empty() {
        printed.out("No partition reassignments found.");
        return Ok(());
    }
    printed.out("Current partition reassignments:");
    for (partition, state) in moving {
        let mut line = format!(
            "{}: replicas: {}.",
            desk.spec().partition_name(partition),
            ids(&state.replicas)
        );
        if !state.adding.is_empty() {
            line += &format!(" adding: {}.", ids(&state.adding));
        }
        if !state.removing.is_empty() {
            line += &format!(" removing: {}.", ids(&state.removing));
        }
        printed.out(line);
    }
    Ok(())
}

fn verify(
    moves: &[Move],
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) {
    printed.out("Status of partition reassignment:");
    let mut all_done = true;
    for (name, partition, wanted) in moves {
        let state = state(image, *partition);
        printed.out(if is_moving(&state) {
            all_done = false;
            match target(&state) == *wanted {
                true => format!("Reassignment of partition {name} is still in progress."),
                false => format!("There is another reassignment of partition {name} in progress."),
            }
        } else if state.replicas == *wanted {
            format!("Reassignment of partition {name} is completed.")
        } else {
            format!(
                "There is no active reassignment of partition {name}, but replica set is {} rather than {}.",
                ids(&state.replicas),
                ids(wanted)
            )
        });
    }
    if all_done && !options.has("preserve-throttles") {
        printed.out("");
        clear_throttles("", moves, desk, image, printed);
    }
}

fn clear_throttles(
    before: &str,
    moves: &[Move],
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) {
    let brokers: Vec<NodeId> = image.alive().collect();
    printed.out(format!(
        "{before}Clearing broker-level throttles on brokers {}",
        ids(&brokers)
    ));
    let mut topics: Vec<&str> = moves
        .iter()
        .map(|(_, partition, _)| desk.spec().topic(partition.topic).name.as_str())
        .collect();
    topics.sort_unstable();
    topics.dedup();
    printed.out(format!(
        "Clearing topic-level throttles on topic{} {}",
        if topics.len() > 1 { "s" } else { "" },
        topics.join(",")
    ));
}

fn cancel(
    moves: &[Move],
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) {
    let moving: Vec<&Move> = moves
        .iter()
        .filter(|(_, partition, _)| is_moving(&state(image, *partition)))
        .collect();
    for (_, partition, _) in &moving {
        printed.actions.push(Action::CancelReassignment(*partition));
    }
    if moving.is_empty() {
        printed.out("None of the specified partition reassignments are active.");
    } else {
        let names: Vec<&str> = moving.iter().map(|(name, ..)| name.as_str()).collect();
        printed.out(format!(
            "Successfully cancelled partition reassignments for: {}",
            names.join(",")
        ));
    }
    // The tool begins no new line here.
    let moves_of_directories = "None of the specified partition moves are active.";
    if options.has("preserve-throttles") {
        printed.out(moves_of_directories);
    } else {
        clear_throttles(moves_of_directories, moves, desk, image, printed);
    }
}

fn execute(moves: &[Move], desk: &Desk, image: &MetadataImage, printed: &mut Printed) -> Step {
    if !desk.has_controller() {
        let why = "org.apache.kafka.common.errors.TimeoutException: Call(callName=alterPartitionReassignments) timed out";
        return failed("java.util.concurrent.ExecutionException", why, printed);
    }
    if moves
        .iter()
        .any(|(_, partition, _)| is_moving(&state(image, *partition)))
    {
        let why = "Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition assignment in addition to the existing one. The --additional option can also be used to change the throttle by resubmitting the current reassignment.";
        return failed("org.apache.kafka.tools.TerseException", why, printed);
    }
    let current: Vec<String> = moves
        .iter()
        .map(|(_, partition, _)| {
            let state = state(image, *partition);
            let dirs = state
                .replicas
                .iter()
                .map(|node| format!("\"/data/{}\"", node.0));
            format!(
                "{{\"topic\":\"{}\",\"partition\":{},\"replicas\":[{}],\"log_dirs\":[{}]}}",
                desk.spec().topic(partition.topic).name,
                partition.partition,
                ids(&state.replicas),
                dirs.collect::<Vec<_>>().join(",")
            )
        })
        .collect();
    printed.out("Current partition replica assignment");
    printed.out("");
    printed.out(format!(
        "{{\"version\":1,\"partitions\":[{}]}}",
        current.join(",")
    ));
    printed.out("");
    printed.out("Save this to use as the --reassignment-json-file option during rollback");
    let names: Vec<&str> = moves.iter().map(|(name, ..)| name.as_str()).collect();
    let plural = if names.len() > 1 { "s" } else { "" };
    printed.out(format!(
        "Successfully started partition reassignment{plural} for {}",
        names.join(",")
    ));
    for (_, partition, replicas) in moves {
        printed.actions.push(Action::Reassign {
            partition: *partition,
            replicas: replicas.clone(),
        });
    }
    Ok(())
}
