//! The words of a link: actions, times, escapes, checksum.

use super::MOST_BYTES;
use crate::kafka::{Action, MessageId, Offset, TopicPartition};
use crate::lab::experiment::{GROUP, TOPIC};
use crate::sim::{Micros, NodeId};

/// Partitions and what a group has committed from now on.
fn offset_words(offsets: &[(TopicPartition, Offset)]) -> String {
    let words = offsets.iter();
    let words = words.map(|(at, offset)| format!(":{}:{offset}", at.partition));
    format!("offsets{}", words.collect::<String>())
}

/// An action as words and numbers; scripted API calls have none.
pub(super) fn action_words(action: &Action) -> Option<String> {
    Some(match action {
        Action::Kill(node) => format!("kill:{}", node.0),
        Action::PowerOff(node) => format!("off:{}", node.0),
        Action::Start(node) => format!("start:{}", node.0),
        Action::Stop(node) => format!("stop:{}", node.0),
        Action::Pause(node) => format!("pause:{}", node.0),
        Action::Resume(node) => format!("resume:{}", node.0),
        Action::WipeDisk {
            broker,
            keep_identity,
        } => {
            format!("wipe:{}:{}", broker.0, u8::from(*keep_identity))
        }
        Action::FillDisk(node) => format!("full:{}", node.0),
        Action::FreeDisk(node) => format!("free:{}", node.0),
        Action::FailDisk(node) => format!("fail:{}", node.0),
        Action::FailDirectory { broker, directory } => format!("faildir:{}:{directory}", broker.0),
        Action::DescribeTopics { broker, .. } => {
            format!("describe:{}", broker.map_or(0, |broker| broker.0))
        }
        Action::SlowDisk { broker, times } => format!("slowdisk:{}:{times}", broker.0),
        Action::OsWriteBack(node) => format!("sync:{}", node.0),
        Action::CutLink { from, to, both } => {
            format!("cut:{}:{}:{}", from.0, to.0, u8::from(*both))
        }
        Action::HealLink { from, to } => format!("heal:{}:{}", from.0, to.0),
        Action::LossyLink { from, to, loss_ppm } => format!("lossy:{}:{}:{loss_ppm}", from.0, to.0),
        Action::SlowLink { from, to, extra_us } => format!("slow:{}:{}:{extra_us}", from.0, to.0),
        Action::ElectLeader { partition, unclean } => {
            format!("elect:{}:{}", partition.partition, u8::from(*unclean))
        }
        Action::DeleteRecords { partition, offset } => {
            format!("delete:{}:{offset}", partition.partition)
        }
        Action::Reassign {
            partition,
            replicas,
        } => {
            let replicas = replicas.iter().map(|node| format!(":{}", node.0));
            format!(
                "move:{}{}",
                partition.partition,
                replicas.collect::<String>()
            )
        }
        Action::CancelReassignment(partition) => format!("unmove:{}", partition.partition),
        Action::CreatePartitions { count, .. } => format!("parts:{count}"),
        Action::AlterGroupOffsets { offsets, .. } => offset_words(offsets),
        Action::SetMinIsr { min_isr, .. } => format!("minisr:{min_isr}"),
        Action::SetUnclean { topic, allowed } => {
            format!(
                "unclean:{}:{}",
                u8::from(*allowed),
                u8::from(topic.is_none())
            )
        }
        Action::SlowHandler { client, time_ms } => format!("handler:{}:{time_ms}", client.0),
        Action::Throw(node) => format!("throw:{}", node.0),
        Action::Burst { client, messages } => format!("burst:{}:{messages}", client.0),
        Action::Resend { rows } => {
            let rows = rows.iter().map(|message| format!(":{}", message.0));
            format!("resend{}", rows.collect::<String>())
        }
        Action::Call(..) => return None,
    })
}

/// What is asked of the controller, or of a leader.
fn read_request(verb: &str, numbers: &[u64]) -> Option<Action> {
    let number = |place: usize| numbers.get(place).copied();
    let node = |place: usize| number(place).and_then(|n| u8::try_from(n).ok()).map(NodeId);
    let small = |place: usize| number(place).and_then(|n| u32::try_from(n).ok());
    Some(match verb {
        "elect" => Action::ElectLeader {
            partition: partition(number(0)?)?,
            unclean: number(1)? == 1,
        },
        "describe" => Action::DescribeTopics {
            topics: vec![TOPIC],
            broker: node(0).filter(|broker| broker.0 > 0),
        },
        "delete" => Action::DeleteRecords {
            partition: partition(number(0)?)?,
            offset: number(1)?,
        },
        "move" => Action::Reassign {
            partition: partition(number(0)?)?,
            replicas: (1..numbers.len()).map(node).collect::<Option<_>>()?,
        },
        "offsets" => Action::AlterGroupOffsets {
            group: GROUP,
            offsets: numbers
                .chunks_exact(2)
                .map(|pair| Some((partition(pair[0])?, pair[1])))
                .collect::<Option<_>>()?,
        },
        "unmove" => Action::CancelReassignment(partition(number(0)?)?),
        "unclean" => Action::SetUnclean {
            topic: (number(1)? == 0).then_some(TOPIC),
            allowed: number(0)? == 1,
        },
        "parts" => Action::CreatePartitions {
            topic: TOPIC,
            count: u16::try_from(number(0)?).ok()?,
            assignment: Vec::new(),
        },
        "resend" => {
            let row = |place: usize| small(place).map(MessageId);
            Action::Resend {
                rows: (0..numbers.len()).map(row).collect::<Option<_>>()?,
            }
        }
        "minisr" => Action::SetMinIsr {
            topic: TOPIC,
            min_isr: small(0)?,
        },
        _ => return None,
    })
}

pub(super) fn read_action(words: &str) -> Option<Action> {
    let mut parts = words.split(':');
    let verb = parts.next()?;
    let numbers: Option<Vec<u64>> = parts.map(|part| part.parse().ok()).collect();
    let numbers = numbers?;
    let number = |place: usize| numbers.get(place).copied();
    let node = |place: usize| number(place).and_then(|n| u8::try_from(n).ok()).map(NodeId);
    let small = |place: usize| number(place).and_then(|n| u32::try_from(n).ok());
    Some(match verb {
        "kill" => Action::Kill(node(0)?),
        "off" => Action::PowerOff(node(0)?),
        "start" => Action::Start(node(0)?),
        "stop" => Action::Stop(node(0)?),
        "pause" => Action::Pause(node(0)?),
        "resume" => Action::Resume(node(0)?),
        "wipe" => Action::WipeDisk {
            broker: node(0)?,
            keep_identity: number(1)? == 1,
        },
        "full" => Action::FillDisk(node(0)?),
        "free" => Action::FreeDisk(node(0)?),
        "fail" => Action::FailDisk(node(0)?),
        "faildir" => Action::FailDirectory {
            broker: node(0)?,
            directory: u8::try_from(number(1)?).ok()?,
        },
        "slowdisk" => Action::SlowDisk {
            broker: node(0)?,
            times: small(1)?,
        },
        "sync" => Action::OsWriteBack(node(0)?),
        "cut" => Action::CutLink {
            from: node(0)?,
            to: node(1)?,
            both: number(2)? == 1,
        },
        "heal" => Action::HealLink {
            from: node(0)?,
            to: node(1)?,
        },
        "lossy" => Action::LossyLink {
            from: node(0)?,
            to: node(1)?,
            loss_ppm: small(2)?,
        },
        "slow" => Action::SlowLink {
            from: node(0)?,
            to: node(1)?,
            extra_us: number(2)?,
        },
        "handler" => Action::SlowHandler {
            client: node(0)?,
            time_ms: number(1)?,
        },
        "throw" => Action::Throw(node(0)?),
        "burst" => Action::Burst {
            client: node(0)?,
            messages: small(1)?,
        },
        _ => return read_request(verb, &numbers),
    })
}

fn partition(number: u64) -> Option<TopicPartition> {
    Some(TopicPartition::new(TOPIC, u16::try_from(number).ok()?))
}

/// Seconds with as many decimals as needed.
pub(super) fn seconds(us: Micros) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

pub(super) fn micros(text: &str) -> Option<Micros> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 6 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000_000)?
        .checked_add(part)
}

/// Everything but letters, digits and `-_.:,` as `%` and two hexadecimal digits.
pub fn escape(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:,".contains(&b);
    let bytes = text.bytes();
    bytes
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

pub fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn cut(fragment: &str) -> &str {
    let mut end = fragment.len().min(MOST_BYTES);
    while !fragment.is_char_boundary(end) {
        end -= 1;
    }
    &fragment[..end]
}

/// Fletcher's checksum: cheap, and a cut or a swapped part changes it.
pub(super) fn checksum(text: &str) -> u16 {
    let (mut low, mut high) = (0_u16, 0_u16);
    for byte in text.bytes() {
        low = (low + u16::from(byte)) % 255;
        high = (high + low) % 255;
    }
    high << 8 | low
}
