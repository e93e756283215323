//! `kafka-topics --create`, `--alter` and `--delete`.

use super::{chosen, failed, number};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::{Action, TopicId};
use crate::lab::experiment::MAX_PARTITIONS;
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::flags::Options;
use crate::lab::terminal::printed::{Printed, Step};
use crate::lab::text::Text;
use crate::sim::NodeId;

/// What the controller would refuse is refused in its words; a topic more is not part of the model.
pub(super) fn create(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    let name = options.get("topic").unwrap_or_default();
    if name.contains(['.', '_']) {
        printed.out("WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.");
    }
    let factor = number(options, "replication-factor", printed)?;
    let partitions = number(options, "partitions", printed)?;
    if factor.is_some_and(|factor| !(1..=32767).contains(&factor)) {
        return failed(
            "The replication factor must be between 1 and 32767 inclusive",
            printed,
        );
    }
    if partitions.is_some_and(|count| count < 1) {
        return failed("The partitions must be greater than 0", printed);
    }
    let is_fine = |c: char| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&c);
    if !name.chars().all(is_fine) {
        return failed(
            &format!(
                "Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
            ),
            printed,
        );
    }
    if desk
        .topic_names(image)
        .iter()
        .any(|(known, _)| known == name)
    {
        return match options.has("if-not-exists") {
            true => Ok(()),
            false => failed(&format!("Topic '{name}' already exists."), printed),
        };
    }
    let registered = image.brokers.len();
    if let Some(factor) = factor.filter(|factor| *factor > registered as i64) {
        return failed(
            &format!(
                "Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be reached because only {registered} broker(s) are registered or some brokers have all their log directories cordoned."
            ),
            printed,
        );
    }
    printed.not_modelled(Text::fixed(
        "a topic more; the experiment's topics exist from its start",
        "运行中新建 topic；实验的 topic 从一开始就存在",
    ))
}

pub(super) fn alter(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    let topics = chosen(options, desk, image, printed)?;
    let count = number(options, "partitions", printed)?.unwrap_or_default();
    for (name, topic) in topics {
        alter_one((&name, topic), count, options, desk, image, printed)?;
    }
    Ok(())
}

fn alter_one(
    (name, topic): (&str, TopicId),
    count: i64,
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    let present = i64::from(image.count(topic));
    if count == present {
        return failed(
            &format!("Topic already has {present} partition(s)."),
            printed,
        );
    }
    if count < present {
        return failed(
            &format!(
                "The topic {name} currently has {present} partition(s); {count} would not be an increase."
            ),
            printed,
        );
    }
    let assignment = match options.get("replica-assignment") {
        Some(text) => replica_lists(text, present as usize, printed)?,
        None => Vec::new(),
    };
    let added = (count - present) as usize;
    if !assignment.is_empty() && assignment.len() != added {
        return failed(
            &format!(
                "Increasing the number of partitions by {added} but {} assignments provided.",
                assignment.len()
            ),
            printed,
        );
    }
    for broker in assignment.iter().flatten() {
        if !image.brokers.contains_key(broker) {
            return failed(
                &format!(
                    "The manual partition assignment includes broker {}, but no such broker is registered.",
                    broker.0
                ),
                printed,
            );
        }
    }
    if count > i64::from(MAX_PARTITIONS) {
        return printed.not_modelled(Text::fixed(
            "more than 64 partitions",
            "超过 64 个 partition",
        ));
    }
    if !desk.has_controller() {
        return failed("Call(callName=createPartitions) timed out.", printed);
    }
    printed.actions.push(Action::CreatePartitions {
        topic,
        count: count as u16,
        assignment,
    });
    Ok(())
}

/// `1:2:3,2:3:1`: the replicas of every partition, those that exist included.
fn replica_lists(text: &str, skipped: usize, printed: &mut Printed) -> Step<Vec<Vec<NodeId>>> {
    let mut lists: Vec<Vec<NodeId>> = Vec::new();
    for (nth, list) in text.split(',').enumerate() {
        let mut nodes = Vec::new();
        for id in list.split(':') {
            let Ok(id) = id.trim().parse::<u8>() else {
                return failed(&format!("For input string: \"{}\"", id.trim()), printed);
            };
            if nodes.contains(&NodeId(id)) {
                return failed(
                    &format!("Partition replica lists may not contain duplicate entries: {id}"),
                    printed,
                );
            }
            nodes.push(NodeId(id));
        }
        if lists
            .first()
            .is_some_and(|first| first.len() != nodes.len())
        {
            let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
            return failed(
                &format!(
                    "Partition {nth} has different replication factor: [{}]",
                    ids.join(", ")
                ),
                printed,
            );
        }
        lists.push(nodes);
    }
    Ok(lists.split_off(skipped.min(lists.len())))
}

pub(super) fn delete(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    if chosen(options, desk, image, printed)?.is_empty() {
        return Ok(());
    }
    printed.not_modelled(Text::fixed("deleting a topic", "删除 topic"))
}
