//! What a case must not say: a step about somebody who is not there costs a whole recording if it is found while playing.

use super::{Act, Network, Planned, Storage, Story};
use crate::course::LookAt;
use crate::layout::line;
use crate::step::{Do, Target};
use crate::wait::{self, Condition};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeSet;

/// In a network of their own, the clients have this number.
const OUTSIDE: i32 = 254;

/// Refuses what cannot be played, and says why.
pub fn story(story: &Story) -> Result<()> {
    ensure!(!story.brokers.is_empty(), "there are no brokers");
    for id in story.brokers.iter().chain(&story.controllers) {
        ensure!(
            (1..OUTSIDE).contains(id),
            "nodes are numbered from 1 to {}, not {id}",
            OUTSIDE - 1
        );
    }
    if let Some(both) = story
        .brokers
        .iter()
        .find(|id| story.controllers.contains(id))
    {
        bail!("{both} is a controller and cannot be a broker too");
    }
    for node in story.own_config.keys() {
        is_node(story, *node).context("own_config")?;
    }
    for topic in story.topics.iter().chain(&story.internal_topics) {
        ensure!(
            !topic.replicas.is_empty(),
            "topic {} has no partitions",
            topic.name
        );
        for broker in topic.replicas.iter().flatten() {
            is_broker(story, *broker).with_context(|| format!("topic {}", topic.name))?;
        }
    }
    for topic in story
        .internal_topics
        .iter()
        .map(|t| &t.name)
        .chain(&story.watch)
    {
        ensure!(
            crate::cluster::internal_config(topic).is_some(),
            "{topic} is no internal topic"
        );
    }
    for (name, client) in &story.clients {
        ensure!(
            ["producer", "consumer"].contains(&client.kind.as_str()),
            "client {name}: a {} is not known",
            client.kind
        );
        ensure!(
            !["seed", "admin"].contains(&name.as_str()),
            "the name {name} is taken"
        );
    }
    let mut open = BTreeSet::new();
    for act in &story.acts {
        match act {
            Act::Look(look) => look_at(story, look)?,
            Act::Step(planned) => step(story, planned, &mut open).with_context(|| {
                format!("step {}", line(&Value::Object(planned.fields.clone())))
            })?,
        }
    }
    Ok(())
}

fn look_at(story: &Story, look: &LookAt) -> Result<()> {
    match look {
        LookAt::HighWatermark { partition } => is_partition(story, partition),
        LookAt::Log { broker } => is_broker(story, *broker),
        LookAt::Topic { topic } => is_topic(story, topic),
        LookAt::Group { .. } => Ok(()),
    }
}

fn step(story: &Story, planned: &Planned, open: &mut BTreeSet<String>) -> Result<()> {
    let action = &planned.action;
    if let Do::Open { client } = action {
        let known = story.clients.contains_key(client);
        ensure!(known, "\"clients\" does not say what {client} is");
        open.insert(client.clone());
        return Ok(());
    }
    // Seeding needs no client of the story.
    let seeds = matches!(action, Do::Send(send) if send.client == "seed");
    if let Some(client) = action.client().filter(|_| !seeds) {
        ensure!(open.contains(client), "{client} was not opened before");
    }
    match action {
        Do::SendOffsets { of, .. } => {
            ensure!(open.contains(of), "{of} was not opened before");
            Ok(())
        }
        Do::Wait { until, .. } => waited_for(story, until),
        action if names_nodes(action) => about_nodes(story, action),
        action => about_data(story, action),
    }
}

fn names_nodes(action: &Do) -> bool {
    use Do::{
        Cut, FailDisk, FillDisk, FreeDisk, Heal, Kill, OsWriteBack, Pause, PowerOff, Resume, Start,
        Stop, Wipe,
    };
    matches!(
        action,
        Kill(_)
            | Pause(_)
            | Resume(_)
            | Stop(_)
            | Start(_)
            | PowerOff { .. }
            | OsWriteBack { .. }
            | FillDisk { .. }
            | FreeDisk { .. }
            | FailDisk { .. }
            | Wipe { .. }
            | Cut { .. }
            | Heal { .. }
    )
}

fn about_nodes(story: &Story, action: &Do) -> Result<()> {
    match action {
        Do::Kill(target) | Do::Pause(target) | Do::Resume(target) => is_target(story, target),
        Do::Stop(target) | Do::Start(target) => {
            let is_node = target.client.is_none();
            ensure!(
                is_node,
                "a client is opened and closed, not started and stopped"
            );
            is_target(story, target)
        }
        Do::PowerOff { broker }
        | Do::OsWriteBack { broker }
        | Do::FillDisk { broker }
        | Do::FreeDisk { broker }
        | Do::FailDisk { broker, .. } => {
            let has_disk = story.storage == Storage::Disk;
            ensure!(has_disk, "this needs \"storage\": \"disk\"");
            if let Do::FailDisk {
                holding: Some(partition),
                ..
            } = action
            {
                is_partition(story, partition)?;
            }
            is_broker(story, *broker)
        }
        Do::Wipe { broker, .. } => is_broker(story, *broker),
        Do::Cut { between } | Do::Heal { between } => {
            let has_links = story.network == Network::Netns;
            ensure!(has_links, "this needs \"network\": \"netns\"");
            between.iter().try_for_each(|end| is_end(story, end))
        }
        _ => Ok(()),
    }
}

/// Steps about topics and partitions, and those that name nothing but a client.
#[rustfmt::skip]
fn about_data(story: &Story, action: &Do) -> Result<()> {
    match action {
        Do::Send(send) => is_topic(story, &send.topic),
        Do::Assign { partitions, .. } | Do::Committed { partitions, .. } | Do::EndOffsets { partitions, .. } => {
            partitions.iter().try_for_each(|p| is_partition(story, p))
        }
        Do::Seek { partition, .. } | Do::Elect { partition, .. } | Do::DeleteRecords { partition, .. } => {
            is_partition(story, partition)
        }
        Do::Subscribe { topics, .. } => topics.iter().try_for_each(|t| is_topic(story, t)),
        Do::AlterTopic { topic, .. } | Do::CreatePartitions { topic, .. } | Do::PartitionsFor { topic, .. } => {
            is_topic(story, topic)
        }
        Do::Reassign { partition, replicas } => {
            replicas.iter().try_for_each(|b| is_broker(story, *b))?;
            is_partition(story, partition)
        }
        Do::Flush { .. } | Do::Sleep { .. } | Do::Note { .. } | Do::End | Do::Unsubscribe { .. } | Do::Poll { .. }
        | Do::PollStart { .. } | Do::PollStop { .. } | Do::Process { .. } | Do::CommitSync { .. } | Do::CommitAsync { .. }
        | Do::Position { .. } | Do::Close { .. } | Do::CloseNow { .. } | Do::InitTransactions { .. } | Do::Begin { .. }
        | Do::Tool { .. } | Do::Commit { .. } | Do::Abort { .. } | Do::GroupMetadata { .. } => Ok(()),
        // The conformance suite may learn a step that is not known here yet.
        _ => bail!("the recorder cannot do this yet"),
    }
}

fn waited_for(story: &Story, until: &str) -> Result<()> {
    let condition = wait::parse(until).map_err(anyhow::Error::msg)?;
    match &condition {
        Condition::Ended { node } => is_node(story, *node),
        Condition::Fenced { brokers } | Condition::Unfenced { brokers } => {
            brokers.iter().try_for_each(|b| is_broker(story, *b))
        }
        Condition::LedBy { partition, .. } | Condition::Isr { partition, .. } => {
            is_partition(story, partition)
        }
        Condition::QuorumLedBy { among } => among.iter().try_for_each(|c| is_controller(story, *c)),
        Condition::Has { client, partition } => {
            is_client(story, client)?;
            is_partition(story, partition)
        }
        Condition::Assigned { members, .. } => members.iter().try_for_each(|m| is_client(story, m)),
        Condition::Settled { client }
        | Condition::Outcomes { client, .. }
        | Condition::Got { client, .. }
        | Condition::Events { client, .. } => is_client(story, client),
        #[allow(unreachable_patterns)]
        _ => Ok(()),
    }
}

fn is_target(story: &Story, target: &Target) -> Result<()> {
    match (target.broker, target.controller, &target.client) {
        (Some(broker), None, None) => is_broker(story, broker),
        (None, Some(node), None) => is_controller(story, node),
        (None, None, Some(client)) => is_client(story, client),
        _ => bail!("exactly one of broker, controller and client must be named"),
    }
}

fn is_broker(story: &Story, broker: i32) -> Result<()> {
    ensure!(
        story.brokers.contains(&broker),
        "there is no broker {broker}"
    );
    Ok(())
}

fn is_node(story: &Story, node: i32) -> Result<()> {
    if story.controllers.contains(&node) {
        Ok(())
    } else {
        is_broker(story, node)
    }
}

fn is_end(story: &Story, end: &Value) -> Result<()> {
    match (end.as_i64(), end.as_str()) {
        (Some(node), _) => is_node(story, node as i32),
        (_, Some("clients")) => Ok(()),
        _ => bail!("a link is between nodes, or a node and \"clients\", not {end}"),
    }
}

fn is_controller(story: &Story, node: i32) -> Result<()> {
    ensure!(
        story.controllers.contains(&node),
        "there is no controller {node}"
    );
    Ok(())
}

fn is_client(story: &Story, client: &str) -> Result<()> {
    ensure!(
        story.clients.contains_key(client),
        "there is no client {client}"
    );
    Ok(())
}

fn is_topic(story: &Story, topic: &str) -> Result<()> {
    ensure!(
        story.topics.iter().any(|t| t.name == topic),
        "there is no topic {topic}"
    );
    Ok(())
}

/// Of the story's topics or an internal one; partitions may be added while it is played.
fn is_partition(story: &Story, name: &str) -> Result<()> {
    let (topic, number) = name
        .rsplit_once('-')
        .with_context(|| format!("{name} is no partition"))?;
    ensure!(number.parse::<u32>().is_ok(), "{name} is no partition");
    if crate::cluster::internal_config(topic).is_some() {
        Ok(())
    } else {
        is_topic(story, topic)
    }
}
