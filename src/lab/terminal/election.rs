//! `kafka-leader-election` (`org.apache.kafka.tools.LeaderElectionCommand`).

use super::common::{bootstrap, help_or_version, parse_or_throw, throw, throw_with};
use super::desk::Desk;
use super::flags::{Flag, Options, switch, value};
use super::printed::{Printed, Step};
use crate::kafka::metadata::{MetadataImage, PartitionState};
use crate::kafka::{Action, TopicPartition};
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The options it takes.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    value("admin.config", "String: config file"), switch("all-topic-partitions"), value("bootstrap-server", "String: host:port"),
    value("command-config", "String: Config file"), value("election-type", "[PREFERRED,UNCLEAN]: election type"), switch("help"),
    value("partition", "Integer: partition id"), value("path-to-json-file", "String: Path to JSON file"),
    value("topic", "String: topic name"), switch("version"),
];

const FAILED: &str = "org.apache.kafka.tools.AdminCommandFailedException";
const ERRORS: &str = "org.apache.kafka.common.errors.";

/// Runs it.
pub fn run(words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let options = parse_or_throw(FLAGS, words, printed)?;
    let about = "This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are preferred replicas and unclean replicas.";
    help_or_version(FLAGS, &options, about, printed)?;
    check(&options, printed)?;
    let unclean = match options
        .get("election-type")
        .unwrap_or_default()
        .to_lowercase()
        .as_str()
    {
        "preferred" => false,
        "unclean" => true,
        other => {
            let why = format!("Cannot parse argument '{other}' of option election-type");
            let cause = format!(
                "joptsimple.ValueConversionException: Value [{other}] is not one of [[PREFERRED,UNCLEAN]]"
            );
            let class = "joptsimple.OptionArgumentConversionException";
            return throw_with(class, &why, &format!("Caused by: {cause}"), printed);
        }
    };
    if options.has("path-to-json-file") {
        return printed.not_modelled(Text::fixed(
            "reading a file; the lab has none",
            "读取文件；实验室里没有文件",
        ));
    }
    let Some(asked) = bootstrap(&options, desk).filter(|_| desk.has_controller()) else {
        printed.out("Timeout waiting for election results");
        return throw(FAILED, "Timeout waiting for election results", printed);
    };
    let image = desk.image(asked);
    let mut results = Vec::new();
    for (name, partition) in partitions(&options, desk, image, printed)? {
        let outcome = match partition {
            Ok(partition) => {
                let done = elect(image, partition, unclean);
                if done.is_ok() {
                    printed
                        .actions
                        .push(Action::ElectLeader { partition, unclean });
                }
                done
            }
            Err(why) => Err(Refusal::Failed(why)),
        };
        results.push((name, outcome));
    }
    let every = options.has("all-topic-partitions");
    tell(
        results,
        every,
        if unclean { "UNCLEAN" } else { "PREFERRED" },
        printed,
    )
}

/// `LeaderElectionCommandOptions.validate`.
fn check(options: &Options, printed: &mut Printed) -> Step {
    let needed = ["bootstrap-server", "election-type"];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|name| !options.has(name))
        .collect();
    if !missing.is_empty() {
        let why = format!("Missing required option(s): {}", missing.join(", "));
        return throw(FAILED, &why, printed);
    }
    if options.count(&["topic", "all-topic-partitions", "path-to-json-file"]) != 1 {
        let why = "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file";
        return throw(FAILED, why, printed);
    }
    match (options.has("topic"), options.has("partition")) {
        (true, false) => throw(FAILED, "Missing required option(s): partition", printed),
        (false, true) => throw(
            FAILED,
            "Option partition is only allowed if topic is used",
            printed,
        ),
        _ => Ok(()),
    }
}

/// A partition by its name, or why there is none.
type Named = (String, Result<TopicPartition, String>);

fn partitions(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step<Vec<Named>> {
    let topics = desk.topic_names(image);
    let Some(name) = options.get("topic") else {
        let all = topics
            .into_iter()
            .flat_map(|(_, topic)| desk.partitions(image, topic));
        let all = all.map(|(partition, _)| (desk.spec().partition_name(partition), Ok(partition)));
        return Ok(all.collect());
    };
    let text = options.get("partition").unwrap_or_default();
    let Ok(number) = text.parse::<i32>() else {
        let why = format!("Cannot parse argument '{text}' of option partition");
        return throw(
            "joptsimple.OptionArgumentConversionException",
            &why,
            printed,
        );
    };
    let full = format!("{name}-{number}");
    let unknown = format!("{ERRORS}UnknownTopicOrPartitionException");
    let found = match topics.into_iter().find(|(known, _)| known == name) {
        None => Err(format!("{unknown}: No such topic as {name}")),
        Some((_, topic)) => u16::try_from(number)
            .ok()
            .map(|number| TopicPartition::new(topic, number))
            .filter(|partition| image.partitions.contains_key(partition))
            .ok_or(format!("{unknown}: No such partition as {full}")),
    };
    Ok(vec![(full, found)])
}

/// Why nobody is elected.
enum Refusal {
    /// `ElectionNotNeededException`.
    NotNeeded,
    Failed(String),
}

/// What the controller answers (`ReplicationControlManager.electLeader`).
fn elect(image: &MetadataImage, partition: TopicPartition, unclean: bool) -> Result<(), Refusal> {
    let Some(state) = image.partitions.get(&partition) else {
        return Err(Refusal::NotNeeded);
    };
    let preferred = state.replicas.first().copied();
    if (unclean && state.leader.is_some()) || (!unclean && state.leader == preferred) {
        return Err(Refusal::NotNeeded);
    }
    let active = |node: NodeId| image.is_active(node);
    let may = match unclean {
        true => can_lead_unclean(state, &active),
        false => preferred.is_some_and(|node| active(node) && state.isr.contains(&node)),
    };
    match (may, unclean) {
        (true, _) => Ok(()),
        (false, true) => Err(Refusal::Failed(format!(
            "{ERRORS}EligibleLeadersNotAvailableException: Eligible topic partition leaders are not available."
        ))),
        (false, false) => Err(Refusal::Failed(format!(
            "{ERRORS}PreferredLeaderNotAvailableException: The preferred leader was not available."
        ))),
    }
}

fn can_lead_unclean(state: &PartitionState, active: &dyn Fn(NodeId) -> bool) -> bool {
    state.replicas.iter().any(|node| active(*node))
}

fn tell(
    results: Vec<(String, Result<(), Refusal>)>,
    every: bool,
    kind: &str,
    printed: &mut Printed,
) -> Step {
    let (mut done, mut needless, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (name, result) in results {
        match result {
            Ok(()) => done.push(name),
            Err(Refusal::NotNeeded) => needless.push(name),
            Err(Refusal::Failed(why)) => failed.push((name, why)),
        }
    }
    if !done.is_empty() {
        let names = done.join(", ");
        printed.out(format!(
            "Successfully completed leader election ({kind}) for partitions {names}"
        ));
    }
    // Asked for all, the controller leaves out those that need none.
    if !needless.is_empty() && !every {
        let names = needless.join(", ");
        printed.out(format!(
            "Valid replica already elected for partitions {names}"
        ));
    }
    if failed.is_empty() {
        return Ok(());
    }
    for (name, why) in &failed {
        printed.out(format!(
            "Error completing leader election ({kind}) for partition: {name}: {why}"
        ));
    }
    let why = format!("{} replica(s) could not be elected", failed.len());
    let suppressed: Vec<String> = failed
        .iter()
        .map(|(_, why)| format!("\tSuppressed: {why}"))
        .collect();
    throw_with(FAILED, &why, &suppressed.join("\n"), printed)
}
