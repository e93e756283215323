//! `kafka-consumer-groups --describe --members`.

use super::describe::place;
use super::known::{Known, Member};
use crate::kafka::TopicPartition;
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::printed::Printed;

/// The columns, those of `--verbose` from the seventh on.
const HEAD: [&str; 10] = [
    "GROUP",
    "CONSUMER-ID",
    "GROUP-INSTANCE-ID",
    "HOST",
    "CLIENT-ID",
    "#PARTITIONS",
    "CURRENT-EPOCH",
    "CURRENT-ASSIGNMENT",
    "TARGET-EPOCH",
    "TARGET-ASSIGNMENT",
];
/// They are at least so wide.
const LEAST: [usize; 10] = [15, 15, 17, 15, 15, 15, 15, 20, 15, 20];

/// Prints the members; the head stands there even when nobody is told of.
pub(super) fn print(
    desk: &Desk,
    group: &str,
    known: &Known,
    verbose: bool,
    tells: bool,
    printed: &mut Printed,
) {
    let members = known.members.iter();
    let rows: Vec<[String; 10]> = members
        .map(|member| row(desk, group, known, member))
        .collect();
    let mut widths = LEAST;
    for row in rows.iter().filter(|_| tells) {
        // Numbers fit in any case.
        for column in [0, 1, 2, 3, 4, 7, 9] {
            widths[column] = widths[column].max(row[column].len());
        }
    }
    let instances = known
        .members
        .iter()
        .any(|member| !member.instance.is_empty());
    let shown = |column: usize| (column != 2 || instances) && (column < 6 || verbose);
    let line = |cells: [&str; 10]| {
        let cells = cells.iter().zip(widths).enumerate();
        let cells = cells.filter(|(column, _)| shown(*column));
        let cells = cells.map(|(_, (cell, width))| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join(" ");
        // Without the verbose part the format ends with a space.
        if verbose { line } else { line + " " }
    };
    printed.out("");
    printed.out(line(HEAD));
    for row in &rows {
        printed.out(line(row.each_ref().map(String::as_str)));
    }
}

fn row(desk: &Desk, group: &str, known: &Known, member: &Member) -> [String; 10] {
    let dash = |text: String| match text.is_empty() {
        true => "-".to_owned(),
        false => text,
    };
    let epoch = |epoch: Option<i32>| epoch.map_or("-".to_owned(), |epoch| epoch.to_string());
    [
        group.to_owned(),
        member.id.clone(),
        member.instance.clone(),
        member.host.clone(),
        member.client.clone(),
        member.assignment.len().to_string(),
        epoch(member.epoch),
        dash(assignment(desk, &member.assignment)),
        epoch(known.target_epoch),
        dash(assignment(desk, &member.target)),
    ]
}

/// `orders:0,1;invoices:0`.
fn assignment(desk: &Desk, partitions: &[TopicPartition]) -> String {
    let mut sorted: Vec<(String, u16)> = partitions.iter().map(|one| place(desk, *one)).collect();
    sorted.sort();
    let mut text = String::new();
    let mut last = String::new();
    for (topic, number) in sorted {
        if topic == last {
            text += &format!(",{number}");
        } else {
            let comma = if text.is_empty() { "" } else { ";" };
            text += &format!("{comma}{topic}:{number}");
            last = topic;
        }
    }
    text
}
