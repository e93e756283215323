//! `kafka-consumer-groups --reset-offsets` (`GroupOffsetsResetter`).

use super::describe::in_map_order;
use super::known::{self, Known};
use super::{FLAGS, SCENARIOS, failed, failed_with};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::{Action, Offset, TopicPartition};
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::flags::{Options, usage};
use crate::lab::terminal::printed::{Printed, Step};
use crate::lab::terminal::time;
use crate::lab::text::Text;
use crate::sim::NodeId;

const UNKNOWN: &str = "org.apache.kafka.common.errors.UnknownTopicOrPartitionException";
const LEADERLESS: &str = "org.apache.kafka.common.errors.LeaderNotAvailableException";

/// Partitions and where a group is to go on in each.
type Plan = Vec<(TopicPartition, Offset)>;

pub(super) fn reset(options: &Options, desk: &Desk, asked: NodeId, printed: &mut Printed) -> Step {
    let image = desk.image(asked);
    for option in ["to-offset", "shift-by"] {
        if let Some(text) = options.get(option) {
            long(text, option, printed)?;
        }
    }
    let mut names: Vec<String> = options
        .all("group")
        .into_iter()
        .map(str::to_owned)
        .collect();
    if options.has("all-groups") {
        names = desk.spec().groups.clone();
    }
    let mut plans = Vec::new();
    for name in names {
        let group = desk.group(&name);
        let known = group.and_then(|group| known::describe(desk, group));
        let state = known.as_ref().map_or("Dead", |known| known.state);
        if !["Empty", "Dead"].contains(&state) {
            printed.out("");
            printed.out(format!(
                "Error: Assignments can only be reset if the group '{name}' is inactive, but the current state is {state}."
            ));
            plans.push((name, Vec::new()));
            continue;
        }
        let partitions = scope(options, desk, image, known.as_ref(), printed)?;
        let plan = plan(options, desk, image, (&partitions, known.as_ref()), printed)?;
        if options.has("execute") && !options.has("dry-run") && !plan.is_empty() {
            let Some(group) = group else {
                return printed.not_modelled(Text::fixed("a group more", "新建 group"));
            };
            printed.actions.push(Action::AlterGroupOffsets {
                group,
                offsets: plan.clone(),
            });
        }
        plans.push((name, plan));
    }
    print(options, desk, plans, printed);
    Ok(())
}

/// `getPartitionsToReset`.
fn scope(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    known: Option<&Known>,
    printed: &mut Printed,
) -> Step<Vec<TopicPartition>> {
    if options.has("all-topics") {
        let committed = known.into_iter().flat_map(|known| &known.committed);
        return Ok(committed.map(|(partition, _)| *partition).collect());
    }
    let topics = options.all("topic");
    if topics.is_empty() {
        let why = "One of the reset scopes should be defined: --all-topics, --topic.";
        return usage(FLAGS, why, printed);
    }
    let mut partitions = Vec::new();
    for argument in topics {
        let (name, numbers) = match argument.split_once(':') {
            Some((name, numbers)) => (name, Some(numbers)),
            None => (argument, None),
        };
        let topic = desk
            .topic_names(image)
            .into_iter()
            .find(|(known, _)| known == name);
        let Some((_, topic)) = topic else {
            return failed_with(
                UNKNOWN,
                "This server does not host this topic-partition.",
                printed,
            );
        };
        let Some(numbers) = numbers else {
            partitions.extend((0..image.count(topic)).map(|nth| TopicPartition::new(topic, nth)));
            continue;
        };
        for number in numbers.split(',') {
            match number.parse::<u16>() {
                Ok(number) => partitions.push(TopicPartition::new(topic, number)),
                Err(_) => {
                    let why = format!(
                        "Invalid partition '{number}' specified in topic arg '{argument}''"
                    );
                    return usage(FLAGS, &why, printed);
                }
            }
        }
    }
    Ok(partitions)
}

/// `checkAllTopicPartitionsValid`.
fn check(
    desk: &Desk,
    image: &MetadataImage,
    partitions: &[TopicPartition],
    printed: &mut Printed,
) -> Step {
    let named = |which: &dyn Fn(&TopicPartition) -> bool| {
        let found = partitions.iter().filter(|partition| which(partition));
        let names = found.map(|partition| desk.spec().partition_name(*partition));
        names.collect::<Vec<_>>().join(",")
    };
    let missing = named(&|partition| !image.partitions.contains_key(partition));
    if !missing.is_empty() {
        let why = format!("The partitions \"{missing}\" do not exist");
        return failed_with(UNKNOWN, &why, printed);
    }
    let leaderless = named(&|partition| desk.leader(image, *partition).is_none());
    if !leaderless.is_empty() {
        let why = format!("The partitions \"{leaderless}\" have no leader");
        return failed_with(LEADERLESS, &why, printed);
    }
    Ok(())
}

/// `prepareOffsetsToReset`.
fn plan(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    (partitions, known): (&[TopicPartition], Option<&Known>),
    printed: &mut Printed,
) -> Step<Plan> {
    check(desk, image, partitions, printed)?;
    if options.has("from-file") {
        return printed.not_modelled(Text::fixed(
            "reading a file; the lab has none",
            "读取文件；实验室里没有文件",
        ));
    }
    if options.count(&SCENARIOS) == 0 {
        let why = "Option '[reset-offsets]' requires one of the following scenarios: [[to-datetime], [by-duration], [to-earliest], [to-latest], [shift-by], [from-file], [to-current], [to-offset]]";
        return usage(FLAGS, why, printed);
    }
    let mut plan = Plan::new();
    for partition in partitions {
        let committed = known.into_iter().flat_map(|known| &known.committed);
        let committed = committed
            .filter(|(of, _)| of == partition)
            .map(|(_, value)| value.offset)
            .next();
        let place = Place {
            partition: *partition,
            committed,
            earliest: desk.earliest(image, *partition).unwrap_or(0),
            latest: desk.latest(image, *partition).unwrap_or(0),
        };
        let offset = offset(options, desk, image, &place, printed)?;
        plan.push((*partition, offset));
    }
    Ok(plan)
}

/// A partition, and the offsets that a reset may be about.
struct Place {
    partition: TopicPartition,
    committed: Option<Offset>,
    earliest: Offset,
    latest: Offset,
}

impl Place {
    /// `checkOffsetsRange`.
    fn within(&self, offset: i64) -> Offset {
        let offset = u64::try_from(offset).unwrap_or(0);
        offset.min(self.latest).max(self.earliest.min(self.latest))
    }
}

/// Where the group is to go on in this partition.
fn offset(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    place: &Place,
    printed: &mut Printed,
) -> Step<Offset> {
    if let Some(text) = options.get("to-offset") {
        return Ok(place.within(long(text, "to-offset", printed)?));
    }
    if let Some(text) = options.get("shift-by") {
        let shift = long(text, "shift-by", printed)?;
        return match place.committed {
            Some(current) => Ok(place.within((current as i64).saturating_add(shift))),
            None => {
                let name = desk.spec().partition_name(place.partition);
                let why = format!(
                    "Cannot shift offset for partition {name} since there is no current committed offset"
                );
                usage(FLAGS, &why, printed)
            }
        };
    }
    if options.has("to-earliest") {
        return Ok(place.earliest);
    }
    if options.has("to-current") {
        return Ok(place.committed.unwrap_or(place.latest));
    }
    if options.has("to-latest") {
        return Ok(place.latest);
    }
    let at_ms = match moment(options, desk) {
        Ok(at_ms) => at_ms,
        Err(why) => {
            failed(&why, printed)?;
            return printed.exit(0);
        }
    };
    let found = time::offset_at(desk, image, place.partition, at_ms);
    if found.is_none() {
        printed.out("");
        printed.out(format!(
            "Warn: Partition {} from topic {} is empty. Falling back to latest known offset.",
            place.partition.partition,
            desk.spec().topic(place.partition.topic).name
        ));
    }
    Ok(found.unwrap_or(place.latest))
}

/// A number; what joptsimple throws goes through the tool as any other exception.
fn long(text: &str, option: &str, printed: &mut Printed) -> Step<i64> {
    match text.parse() {
        Ok(number) => Ok(number),
        Err(_) => {
            let why = format!("Cannot parse argument '{text}' of option {option}");
            let cause = format!("java.lang.NumberFormatException: For input string: \"{text}\"");
            printed.out("");
            printed.out(format!(
                "Error: Executing consumer group command failed due to {why}"
            ));
            printed.err(format!(
                "joptsimple.OptionArgumentConversionException: {why}"
            ));
            printed.err(format!(
                "Caused by: joptsimple.internal.ReflectionException: {cause}"
            ));
            printed.err(format!("Caused by: {cause}"));
            printed.exit(0)
        }
    }
}

/// The time that --to-datetime or --by-duration means, in milliseconds since 1970.
fn moment(options: &Options, desk: &Desk) -> Result<i64, String> {
    if let Some(text) = options.get("to-datetime") {
        return time::of_datetime(text);
    }
    let now_ms = (desk.epoch_ms + desk.world.now() / crate::sim::MS) as i64;
    let duration = options.get("by-duration").unwrap_or_default();
    Ok(now_ms - time::of_duration(duration)?)
}

fn print(options: &Options, desk: &Desk, plans: Vec<(String, Plan)>, printed: &mut Printed) {
    let topic = |partition: &TopicPartition| desk.spec().topic(partition.topic).name.clone();
    if options.has("export") {
        let single = options.all("group").len() == 1;
        let mut lines = Vec::new();
        for (group, plan) in plans {
            for (partition, offset) in in_map_order(desk, plan) {
                let group = if single {
                    String::new()
                } else {
                    format!("{group},")
                };
                let topic = topic(&partition);
                lines.push(format!("{group}{topic},{},{offset}", partition.partition));
            }
        }
        lines.push(String::new());
        return printed.out(lines.join("\n"));
    }
    let groups = plans
        .iter()
        .map(|(group, _)| group.len())
        .max()
        .unwrap_or(0)
        .max(15);
    let all = plans.iter().flat_map(|(_, plan)| plan);
    let topics = all
        .map(|(partition, _)| topic(partition).len())
        .max()
        .unwrap_or(0)
        .max(15);
    let line = |group: &str, topic: &str, partition: &str, offset: &str| {
        format!("{group:groups$} {topic:topics$} {partition:10} {offset}")
    };
    printed.out("");
    printed.out(line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"));
    for (group, plan) in plans {
        for (partition, offset) in in_map_order(desk, plan) {
            let (number, offset) = (partition.partition.to_string(), offset.to_string());
            printed.out(line(&group, &topic(&partition), &number, &offset));
        }
    }
}
