//! `kafka-topics --describe` and its reports.

use super::{REPORTS, chosen};
use crate::kafka::TopicPartition;
use crate::kafka::metadata::{MetadataImage, PartitionState};
use crate::lab::terminal::configs::{self, TopicSettings};
use crate::lab::terminal::desk::{Desk, ids};
use crate::lab::terminal::flags::Options;
use crate::lab::terminal::java::{as_described, text_hash};
use crate::lab::terminal::printed::{Printed, Step};

pub(super) fn describe(
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    let topics = match options.get("topic-id") {
        Some(id) => by_id(id, options, desk, image, printed)?,
        None => chosen(options, desk, image, printed)?,
    };
    let reports = options.count(&REPORTS) > 0;
    for (name, topic) in as_described(topics, |(name, _)| text_hash(name)) {
        let settings = configs::of_topic(desk, image, topic);
        let partitions = desk.partitions(image, topic);
        let overrides = settings.set();
        let wanted = !options.has("topics-with-overrides") || !overrides.is_empty();
        if let Some((_, first)) = partitions.first()
            && !reports
            && wanted
        {
            let factor = first.replicas.len() - first.adding.len();
            let configs: Vec<String> = overrides
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            printed.out(format!(
                "Topic: {name}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
                desk.topic_uuid(topic),
                partitions.len(),
                configs.join(",")
            ));
        }
        if options.has("topics-with-overrides") {
            continue;
        }
        for (partition, state) in &partitions {
            if !reports || is_reported(options, image, state, &settings) {
                printed.out(line(&name, *partition, state));
            }
        }
    }
    Ok(())
}

fn by_id(
    id: &str,
    options: &Options,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step<Vec<(String, crate::kafka::TopicId)>> {
    let mut topics = desk.topic_names(image);
    topics.retain(|(_, topic)| desk.topic_uuid(*topic) == id);
    if topics.is_empty() && !options.has("if-exists") {
        let why = format!("TopicId '{id}' does not exist as expected");
        return super::failed(&why, printed);
    }
    Ok(topics)
}

/// `PartitionDescription`: what each report asks of a partition.
fn is_reported(
    options: &Options,
    image: &MetadataImage,
    state: &PartitionState,
    settings: &TopicSettings,
) -> bool {
    let min_isr = settings.min_isr();
    let factor = state.replicas.len() - state.adding.len();
    let alive = |leader| image.alive().any(|node| node == leader);
    let reported = |report: &str| match report {
        "under-replicated-partitions" => factor > state.isr.len(),
        "under-min-isr-partitions" => state.leader.is_none() || state.isr.len() < min_isr,
        "at-min-isr-partitions" => state.isr.len() == min_isr,
        _ => state.leader.is_none_or(|leader| !alive(leader)),
    };
    REPORTS
        .iter()
        .any(|report| options.has(report) && reported(report))
}

fn line(name: &str, partition: TopicPartition, state: &PartitionState) -> String {
    let leader = state
        .leader
        .map_or("none".to_owned(), |node| node.0.to_string());
    let moving = match state.adding.is_empty() && state.removing.is_empty() {
        true => String::new(),
        false => format!(
            "\tAdding Replicas: {}\tRemoving Replicas: {}",
            ids(&state.adding),
            ids(&state.removing)
        ),
    };
    format!(
        "\tTopic: {name}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{moving}\tElr: {}\tLastKnownElr: {}",
        partition.partition,
        ids(&state.replicas),
        ids(&state.isr),
        ids(&state.elr),
        ids(&state.last_known_elr),
    )
}
