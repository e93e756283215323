//! The texts of `wait` steps as conditions. A wait is met by what it says, never by how long the recording waited.

use crate::golden::{Event, PartitionState, Seen};
use std::collections::{BTreeMap, BTreeSet};

/// A member counts as settled when nothing moved for this long: longer where the broker assigns (KIP-848).
const QUIET_CLASSIC_MS: i64 = 1500;
const QUIET_CONSUMER_MS: i64 = 5000;

#[derive(Debug, PartialEq)]
pub enum Condition {
    Ended {
        node: i32,
    },
    Fenced {
        brokers: Vec<i32>,
    },
    Unfenced {
        brokers: Vec<i32>,
    },
    LedBy {
        partition: String,
        among: Vec<i32>,
    },
    Isr {
        partition: String,
        brokers: Vec<i32>,
    },
    /// Each partition belongs to exactly one of the members, by their callbacks, and nothing moves any more.
    Assigned {
        when: String,
        members: Vec<String>,
    },
    Settled {
        client: String,
    },
    Outcomes {
        client: String,
        count: usize,
    },
    Got {
        client: String,
        values: Vec<String>,
    },
    Has {
        client: String,
        partition: String,
    },
    QuorumLedBy {
        among: Vec<i32>,
    },
    Events {
        client: String,
        event: String,
        count: usize,
    },
}

/// What a wait can look at.
pub struct Sight<'a> {
    pub now_ms: i64,
    pub observed: &'a [Seen],
    /// As the controller has them, by `t-0`.
    pub partitions: &'a BTreeMap<String, PartitionState>,
    /// `fenced` or `unfenced`, by broker.
    pub brokers: &'a BTreeMap<i32, String>,
    pub ended: &'a BTreeSet<i32>,
    /// How many records each client was asked to send so far.
    pub sent: &'a BTreeMap<String, usize>,
    /// The names of the story's own partitions.
    pub names: &'a BTreeSet<String>,
    /// Members whose group assigns on the broker.
    pub consumer_protocol: &'a BTreeSet<String>,
}

/// `Err` tells that the text is not known.
pub fn parse(until: &str) -> Result<Condition, String> {
    known(until).ok_or_else(|| format!("the wait \"{until}\" is not known"))
}

fn known(text: &str) -> Option<Condition> {
    if let Some(node) = text.strip_suffix(" ended") {
        return Some(Condition::Ended {
            node: node.parse().ok()?,
        });
    }
    if let Some(brokers) = text.strip_suffix(" unfenced") {
        return Some(Condition::Unfenced {
            brokers: numbers(brokers)?,
        });
    }
    if let Some(brokers) = text.strip_suffix(" fenced") {
        return Some(Condition::Fenced {
            brokers: numbers(brokers)?,
        });
    }
    if let Some((partition, among)) = text.split_once(" led by one of ") {
        return Some(Condition::LedBy {
            partition: partition.to_owned(),
            among: numbers(among)?,
        });
    }
    if let Some((partition, isr)) = text
        .strip_prefix("ISR of ")
        .and_then(|t| t.split_once(" is "))
    {
        return Some(Condition::Isr {
            partition: partition.to_owned(),
            brokers: numbers(isr)?,
        });
    }
    if let Some((when, members)) = text.split_once(": each partition belongs to one of ") {
        return Some(Condition::Assigned {
            when: when.to_owned(),
            members: words(members)?,
        });
    }
    if let Some(among) = text.strip_prefix("controller is one of ") {
        return Some(Condition::QuorumLedBy {
            among: numbers(among)?,
        });
    }
    if let Some((client, values)) = text.split_once(" got ") {
        return Some(Condition::Got {
            client: client.to_owned(),
            values: words(values)?,
        });
    }
    let Some((client, what)) = text.split_once(": ") else {
        let (client, partition) = text.split_once(" has ")?;
        return Some(Condition::Has {
            client: client.to_owned(),
            partition: partition.to_owned(),
        });
    };
    let client = client.to_owned();
    if what == "every send has an outcome" {
        return Some(Condition::Settled { client });
    }
    if let Some(count) = what.strip_suffix(" outcomes") {
        return Some(Condition::Outcomes {
            client,
            count: count.parse().ok()?,
        });
    }
    let (count, event) = what.split_once(" x ")?;
    Some(Condition::Events {
        client,
        event: event.to_owned(),
        count: count.parse().ok()?,
    })
}

/// `['a', 'b']` without its brackets and quotes.
fn words(list: &str) -> Option<Vec<String>> {
    let inner = list.strip_prefix('[')?.strip_suffix(']')?;
    let bare = |word: &str| word.trim_matches(['\'', '"']).to_owned();
    Some(
        inner
            .split(", ")
            .filter(|w| !w.is_empty())
            .map(bare)
            .collect(),
    )
}

fn numbers(list: &str) -> Option<Vec<i32>> {
    words(list)?.iter().map(|w| w.parse().ok()).collect()
}

impl Condition {
    /// Whether it is about what a client has reported.
    pub fn is_of_a_client(&self) -> bool {
        matches!(
            self,
            Condition::Settled { .. }
                | Condition::Outcomes { .. }
                | Condition::Got { .. }
                | Condition::Events { .. }
        )
    }

    /// Whether it holds now, for a wait that began at `began_ms`.
    pub fn holds(&self, sight: &Sight, began_ms: i64) -> bool {
        let all = |brokers: &[i32], state: &str| {
            brokers
                .iter()
                .all(|b| sight.brokers.get(b).is_some_and(|s| s == state))
        };
        match self {
            Condition::Ended { node } => sight.ended.contains(node),
            Condition::Fenced { brokers } => all(brokers, "fenced"),
            Condition::Unfenced { brokers } => all(brokers, "unfenced"),
            Condition::LedBy { partition, among } => sight
                .partitions
                .get(partition)
                .is_some_and(|p| among.contains(&p.leader)),
            Condition::Isr { partition, brokers } => {
                let set = |ids: &[i32]| ids.iter().copied().collect::<BTreeSet<i32>>();
                sight
                    .partitions
                    .get(partition)
                    .is_some_and(|p| set(&p.isr) == set(brokers))
            }
            Condition::Assigned { members, .. } => sight.is_settled(members, began_ms),
            Condition::Settled { client } => {
                sight.outcomes(client) >= sight.sent.get(client).copied().unwrap_or(0)
            }
            Condition::Outcomes { client, count } => sight.outcomes(client) >= *count,
            Condition::Got { client, values } => {
                let polled: BTreeSet<&str> = sight.polled(client);
                values.iter().all(|v| polled.contains(v.as_str()))
            }
            Condition::Has { client, partition } => sight.held(client).contains(partition),
            Condition::QuorumLedBy { among } => {
                let elected = sight.observed.iter().rev().find_map(|e| match e.event {
                    Event::Quorum { leader } => Some(leader),
                    _ => None,
                });
                elected.is_some_and(|leader| among.contains(&leader))
            }
            Condition::Events {
                client,
                event,
                count,
            } => sight.of(client).filter(|e| event_name(e) == event).count() >= *count,
        }
    }
}

impl<'a> Sight<'a> {
    fn of(&self, client: &str) -> impl Iterator<Item = &'a Event> {
        self.observed
            .iter()
            .filter(move |e| e.client.as_deref() == Some(client))
            .map(|e| &e.event)
    }

    fn outcomes(&self, client: &str) -> usize {
        let is_outcome = |e: &&Event| match e {
            Event::Acked { .. } | Event::Failed { .. } => true,
            Event::Thrown(thrown) => thrown.value.is_some(),
            _ => false,
        };
        self.of(client).filter(is_outcome).count()
    }

    fn polled(&self, client: &str) -> BTreeSet<&'a str> {
        let polls = self.of(client).filter_map(|e| match e {
            Event::Polled { records } => Some(records),
            _ => None,
        });
        polls.flatten().filter_map(|r| r.value.as_deref()).collect()
    }

    /// The partitions a consumer has, by what its callbacks said.
    pub fn held(&self, client: &str) -> BTreeSet<String> {
        let mut held = BTreeSet::new();
        for event in self.of(client) {
            match event {
                Event::Assigned { partitions } => held.extend(partitions.iter().cloned()),
                Event::Revoked { partitions } | Event::PartitionsLost { partitions } => {
                    held.retain(|p| !partitions.contains(p));
                }
                _ => {}
            }
        }
        held
    }

    fn is_settled(&self, members: &[String], began_ms: i64) -> bool {
        let mut all: Vec<String> = members.iter().flat_map(|m| self.held(m)).collect();
        all.sort();
        let moves = |e: &&Seen| {
            let moved = matches!(&e.event, Event::Assigned { partitions } | Event::Revoked { partitions }
                | Event::PartitionsLost { partitions } if !partitions.is_empty());
            moved && e.client.as_ref().is_some_and(|c| members.contains(c))
        };
        let last_move_ms = self
            .observed
            .iter()
            .filter(moves)
            .map(|e| e.at_ms)
            .max()
            .unwrap_or(0);
        let broker_assigns = members.iter().any(|m| self.consumer_protocol.contains(m));
        let quiet_ms = if broker_assigns {
            QUIET_CONSUMER_MS
        } else {
            QUIET_CLASSIC_MS
        };
        let joined = |m: &String| self.of(m).any(|e| matches!(e, Event::Assigned { .. }));
        all.iter().eq(self.names)
            && members.iter().all(joined)
            && self.now_ms - last_move_ms.max(began_ms) > quiet_ms
    }
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Acked { .. } => "acked",
        Event::Failed { .. } => "failed",
        Event::Thrown(_) => "thrown",
        Event::Polled { .. } => "polled",
        Event::Committed { .. } => "committed",
        Event::CommitFailed { .. } => "commit_failed",
        Event::Assigned { .. } => "assigned",
        Event::Revoked { .. } => "revoked",
        Event::PartitionsLost { .. } => "partitions_lost",
        Event::CommittedIs { .. } => "committed_is",
        Event::PositionIs { .. } => "position_is",
        Event::EndOffsets { .. } => "end_offsets",
        _ => "",
    }
}
