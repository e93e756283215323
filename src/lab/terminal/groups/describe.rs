//! `kafka-consumer-groups --list` and `--describe`.

use super::failed;
use super::known::{self, Known, Member};
use super::members;
use crate::kafka::metadata::MetadataImage;
use crate::kafka::{GroupId, TopicPartition};
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::flags::Options;
use crate::lab::terminal::java::{in_hash_order, partition_hash};
use crate::lab::terminal::printed::{Printed, Step};
use crate::sim::NodeId;

/// All groups that some coordinator knows.
fn all(desk: &Desk) -> Vec<(String, GroupId, Known)> {
    let groups = desk.spec().groups.iter().enumerate();
    let known = groups.filter_map(|(place, name)| {
        let group = GroupId(place as u16);
        Some((name.clone(), group, known::describe(desk, group)?))
    });
    known.collect()
}

pub(super) fn list(options: &Options, desk: &Desk, printed: &mut Printed) -> Step {
    let groups = all(desk);
    let (types, states) = (options.has("type"), options.has("state"));
    if !types && !states {
        groups.into_iter().for_each(|(name, ..)| printed.out(name));
        return Ok(());
    }
    let width = groups
        .iter()
        .map(|(name, ..)| name.len())
        .max()
        .unwrap_or(0);
    let width = width.max(15) + 10;
    let row = |name: &str, kind: &str, state: &str| {
        let mut row = format!("{name:width$}");
        if types {
            row += &format!(" {kind:20}");
        }
        if states {
            row += &format!(" {state:20}");
        }
        row
    };
    printed.out(row("GROUP", "TYPE", "STATE"));
    let wanted = |option: &str, is: &str| {
        let wanted = options.get(option).unwrap_or_default();
        wanted.is_empty()
            || wanted
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(is))
    };
    for (name, _, known) in &groups {
        let kind = if known.consumer_protocol {
            "Consumer"
        } else {
            "Classic"
        };
        if wanted("type", kind) && wanted("state", known.state) {
            printed.out(row(name, kind, known.state));
        }
    }
    Ok(())
}

pub(super) fn describe(
    options: &Options,
    desk: &Desk,
    asked: NodeId,
    printed: &mut Printed,
) -> Step {
    let mut groups = Vec::new();
    match options.has("all-groups") {
        true => groups.extend(all(desk).into_iter().map(|(name, _, known)| (name, known))),
        false => {
            for name in options.all("group") {
                let known = desk
                    .group(name)
                    .and_then(|group| known::describe(desk, group));
                let Some(known) = known else {
                    let why = format!("Group {name} not found.");
                    let class = "org.apache.kafka.common.errors.GroupIdNotFoundException";
                    return failed(&format!("{class}: {why}"), printed);
                };
                groups.push((name.to_owned(), known));
            }
        }
    }
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    groups.dedup_by(|one, other| one.0 == other.0);
    let image = desk.image(asked);
    for (name, known) in &groups {
        let rows = match options.has("members") {
            true => known.members.len(),
            false if options.has("state") => 1,
            false => offsets(desk, image, known).len(),
        };
        let tells = tells_state(name, known, rows, printed);
        if options.has("members") {
            // The header is printed even when there is nobody.
            members::print(desk, name, known, options.has("verbose"), tells, printed);
        } else if tells && options.has("state") {
            state(desk, name, known, options.has("verbose"), printed);
        } else if tells {
            print_offsets(desk, image, name, known, options.has("verbose"), printed);
        }
    }
    Ok(())
}

/// `shouldPrintMemberState`.
fn tells_state(name: &str, known: &Known, rows: usize, printed: &mut Printed) -> bool {
    match known.state {
        "Empty" => {
            printed.err("");
            printed.err(format!("Consumer group '{name}' has no active members."));
        }
        "Stable" => {}
        _ => {
            printed.err("");
            printed.err(format!("Warning: Consumer group '{name}' is rebalancing."));
        }
    }
    rows > 0
}

/// A row: partition, committed offset and epoch, the log's end, and who has it.
struct Row<'a> {
    partition: Option<TopicPartition>,
    offset: Option<u64>,
    epoch: Option<u32>,
    end: Option<u64>,
    member: Option<&'a Member>,
}

/// `collectGroupsOffsets`: first what members have, most partitions first, then what nobody has.
fn offsets<'a>(desk: &Desk, image: &MetadataImage, known: &'a Known) -> Vec<Row<'a>> {
    let mut members: Vec<&Member> = known.members.iter().collect();
    members.retain(|member| !member.assignment.is_empty());
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    let mut taken = Vec::new();
    let row = |partition: TopicPartition, member| {
        let committed = known.committed.iter().find(|(of, _)| *of == partition);
        Row {
            partition: Some(partition),
            offset: committed.map(|(_, value)| value.offset),
            epoch: committed.and_then(|(_, value)| value.leader_epoch),
            end: desk.latest(image, partition),
            member,
        }
    };
    for member in members {
        let mut own = member.assignment.clone();
        own.sort_by_key(|partition| place(desk, *partition));
        taken.extend(own.iter().copied());
        rows.extend(
            own.into_iter()
                .map(|partition| row(partition, Some(member))),
        );
    }
    let mut rest: Vec<TopicPartition> = known.committed.iter().map(|(of, _)| *of).collect();
    rest.retain(|partition| !taken.contains(partition));
    rest.sort_by_key(|partition| place(desk, *partition));
    rows.extend(rest.into_iter().map(|partition| row(partition, None)));
    rows
}

pub(super) fn place(desk: &Desk, partition: TopicPartition) -> (String, u16) {
    (
        desk.spec().topic(partition.topic).name.clone(),
        partition.partition,
    )
}

fn print_offsets(
    desk: &Desk,
    image: &MetadataImage,
    group: &str,
    known: &Known,
    verbose: bool,
    printed: &mut Printed,
) {
    let rows = offsets(desk, image, known);
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let mut lines = vec![
        [
            "GROUP",
            "TOPIC",
            "PARTITION",
            "LEADER-EPOCH",
            "CURRENT-OFFSET",
            "LOG-END-OFFSET",
            "LAG",
            "CONSUMER-ID",
            "HOST",
            "CLIENT-ID",
        ]
        .map(str::to_owned),
    ];
    for row in &rows {
        let lag = row
            .end
            .zip(row.offset)
            .map(|(end, offset)| end as i64 - offset as i64);
        let partition = row.partition.map(|partition| place(desk, partition));
        lines.push([
            group.to_owned(),
            text(partition.as_ref().map(|(topic, _)| topic.clone())),
            text(partition.map(|(_, number)| number.to_string())),
            text(row.epoch.map(|epoch| epoch.to_string())),
            text(row.offset.map(|offset| offset.to_string())),
            text(row.end.map(|end| end.to_string())),
            text(lag.map(|lag| lag.to_string())),
            text(row.member.map(|member| member.id.clone())),
            text(row.member.map(|member| member.host.clone())),
            text(row.member.map(|member| member.client.clone())),
        ]);
    }
    let widest = |column: usize| {
        let rows = lines[1..].iter().map(|line| line[column].len());
        rows.max().unwrap_or(0).max(15)
    };
    let widths = [
        widest(0),
        widest(1),
        10,
        15,
        15,
        15,
        15,
        widest(7),
        widest(8),
        0,
    ];
    printed.out("");
    for line in &lines {
        let cells = line.iter().zip(widths).enumerate();
        let cells = cells.filter(|(column, _)| verbose || *column != 3);
        let cells: Vec<String> = cells
            .map(|(_, (cell, width))| format!("{cell:width$}"))
            .collect();
        printed.out(cells.join(" "));
    }
}

fn state(desk: &Desk, group: &str, known: &Known, verbose: bool, printed: &mut Printed) {
    let coordinator = format!(
        "{}:9092  ({})",
        (desk.host)(known.coordinator),
        known.coordinator.0
    );
    let (width, wide) = (group.len().max(15), coordinator.len().max(25));
    let assignor = if known.assignor.is_empty() {
        "-"
    } else {
        &known.assignor
    };
    let line = |cells: [&str; 7]| {
        let [group, coordinator, assignor, state, epoch, target, count] = cells;
        let epochs = match verbose {
            true => format!("{epoch:15} {target:25} "),
            false => String::new(),
        };
        format!("{group:width$} {coordinator:wide$} {assignor:20} {state:20} {epochs}{count}")
    };
    let epoch = |epoch: Option<i32>| epoch.map_or("-".to_owned(), |epoch| epoch.to_string());
    printed.out("");
    printed.out(line([
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ]));
    printed.out(line([
        group,
        &coordinator,
        assignor,
        known.state,
        &epoch(known.epoch),
        &epoch(known.target_epoch),
        &known.members.len().to_string(),
    ]));
}

/// Partitions in the order of Java's `HashMap`.
pub(super) fn in_map_order<T>(
    desk: &Desk,
    items: Vec<(TopicPartition, T)>,
) -> Vec<(TopicPartition, T)> {
    in_hash_order(items, |(partition, _)| {
        partition_hash(
            &desk.spec().topic(partition.topic).name,
            partition.partition,
        )
    })
}
