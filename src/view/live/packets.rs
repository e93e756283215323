//! Packets: the messages between nodes that are worth drawing.

use super::keys::key_of;
use super::scene::Scene;
use crate::kafka::config::Acks;
use crate::kafka::metadata::MetadataRecord;
use crate::kafka::protocol::{Msg, ProduceRequest, RaftAnswer, RaftRequest, Request, Response};
use crate::kafka::record::{Batch, LogEntry};
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, ErrorCode, Role, TopicPartition};
use crate::sim::{Ending, Flight, Micros};
use crate::view::{Hue, PacketEnd, PacketKind, PacketView};

/// No more than this many at once.
const MOST: usize = 200;

/// Whose packets are drawn: one partition's, or those of a topic.
#[derive(Clone, Copy)]
struct Shown {
    partition: TopicPartition,
    whole_topic: bool,
}

impl Shown {
    fn has(self, partition: TopicPartition) -> bool {
        match self.whole_topic {
            true => partition.topic == self.partition.topic,
            false => partition == self.partition,
        }
    }
}

/// What travels at the world's moment, or arrived after `since_us`, of the partition shown.
pub fn packets(scene: &Scene<'_>, since_us: Micros) -> Vec<PacketView> {
    let world = scene.world;
    let shown = Shown {
        partition: scene.shown,
        whole_topic: scene.several(),
    };
    let now_us = world.now();
    let mut found: Vec<_> = world
        .traffic()
        .filter(|flight| flight.arrives_at > since_us && flight.sent_at <= now_us)
        .filter_map(|flight| packet(&world.model.spec, shown, flight))
        .collect();
    let too_many = found.len().saturating_sub(MOST);
    found.drain(..too_many);
    found
}

fn packet(spec: &ClusterSpec, shown: Shown, flight: &Flight<Msg>) -> Option<PacketView> {
    let look = look(spec, shown, flight)?;
    let middle_us = (flight.sent_at + flight.arrives_at) / 2;
    let end = match flight.ending {
        Ending::Arrives => PacketEnd::Arrives,
        Ending::Held => PacketEnd::Dies { at_us: middle_us },
        Ending::Refused => PacketEnd::Refused,
    };
    Some(PacketView {
        id: u64::from(flight.id),
        from: key_of(spec, flight.from)?,
        to: key_of(spec, flight.to)?,
        left_us: flight.sent_at,
        due_us: flight.arrives_at,
        kind: look.kind,
        hue: look.hue,
        label: look.label,
        end,
    })
}

struct Look {
    kind: PacketKind,
    hue: Hue,
    label: String,
}

fn plain(kind: PacketKind) -> Option<Look> {
    let (hue, label) = (Hue::None, String::new());
    Some(Look { kind, hue, label })
}

/// How a message is drawn; `None` for what only fills the stage (empty polls, metadata polls).
fn look(spec: &ClusterSpec, shown: Shown, flight: &Flight<Msg>) -> Option<Look> {
    match &flight.msg {
        Msg::Request(Request::Produce(produce)) => produced(shown, produce),
        Msg::Request(Request::Fetch(fetch)) => {
            let asked = fetch
                .partitions
                .iter()
                .find(|asked| shown.has(asked.partition))?;
            let label = format!("from {}", asked.fetch_offset);
            Some(Look {
                kind: PacketKind::Fetch,
                hue: Hue::None,
                label,
            })
        }
        Msg::Request(Request::BrokerHeartbeat(_)) => plain(PacketKind::Heartbeat),
        Msg::Request(Request::AlterPartition(alter)) => {
            let label = if shown.has(alter.partition) {
                "ISR"
            } else {
                return None;
            };
            Some(Look {
                kind: PacketKind::Other,
                hue: Hue::Accent,
                label: label.into(),
            })
        }
        Msg::Request(Request::BrokerRegistration(_)) => Some(Look {
            kind: PacketKind::Other,
            hue: Hue::None,
            label: "register".into(),
        }),
        Msg::Request(Request::Raft(raft)) => voting(raft),
        Msg::Request(Request::Order(order)) => Some(Look {
            kind: PacketKind::Produce,
            hue: Hue::Send,
            label: order.message.0.to_string(),
        }),
        Msg::Request(_) => None,
        Msg::Response(response) => answered(spec, shown, flight, response),
    }
}

/// Elections of the metadata quorum; its fetches only fill the stage.
fn voting(raft: &RaftRequest) -> Option<Look> {
    let label = match raft {
        RaftRequest::Vote(vote) if vote.pre_vote => "would you?".to_string(),
        RaftRequest::Vote(vote) => format!("vote {}", vote.epoch),
        RaftRequest::BeginQuorumEpoch { epoch } => format!("leader {epoch}"),
        RaftRequest::EndQuorumEpoch { .. } => "resigns".to_string(),
        RaftRequest::Fetch(_) => return None,
    };
    Some(Look {
        kind: PacketKind::Other,
        hue: Hue::Accent,
        label,
    })
}

fn answered(
    spec: &ClusterSpec,
    shown: Shown,
    flight: &Flight<Msg>,
    response: &Response,
) -> Option<Look> {
    match response {
        Response::Produce(produce) => {
            let part = produce
                .partitions
                .iter()
                .find(|part| shown.has(part.partition))?;
            if part.error != ErrorCode::None {
                let label = part.error.name().to_string();
                return Some(Look {
                    kind: PacketKind::Refusal,
                    hue: Hue::Lost,
                    label,
                });
            }
            let hue = if waits_for_all(spec, flight) {
                Hue::Safe
            } else {
                Hue::Risk
            };
            Some(Look {
                kind: PacketKind::Ack,
                hue,
                label: "ack".into(),
            })
        }
        Response::Fetch(fetch) => {
            let part = fetch
                .partitions
                .iter()
                .find(|part| shown.has(part.partition))?;
            let last = part.entries.last()?;
            let committed = last.next_offset() <= part.high_watermark;
            let hue = if committed { Hue::Safe } else { Hue::Risk };
            let label = span(part.entries.iter().map(|entry: &LogEntry| &*entry.batch));
            Some(Look {
                kind: PacketKind::Records,
                hue,
                label,
            })
        }
        Response::Order => Some(Look {
            kind: PacketKind::Ack,
            hue: Hue::Safe,
            label: "done".into(),
        }),
        Response::FetchMetadata(fetch) => {
            metadata(shown, fetch.records.iter().rev().map(|(record, _)| record))
        }
        Response::Raft(raft) => match &raft.answer {
            RaftAnswer::Vote { granted: true } => Some(Look {
                kind: PacketKind::Other,
                hue: Hue::Accent,
                label: "yes".into(),
            }),
            RaftAnswer::Fetch(fetch) => {
                metadata(shown, fetch.records.iter().rev().map(|known| &known.record))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A change of the partition shown among these records, the last first: its leader epoch.
fn metadata<'a>(
    shown: Shown,
    mut records: impl Iterator<Item = &'a MetadataRecord>,
) -> Option<Look> {
    let epoch = records.find_map(|record| match record {
        MetadataRecord::Partition(partition, state) if shown.has(*partition) => {
            Some(state.leader_epoch)
        }
        _ => None,
    })?;
    Some(Look {
        kind: PacketKind::Metadata,
        hue: Hue::Accent,
        label: epoch.to_string(),
    })
}

fn produced(shown: Shown, produce: &ProduceRequest) -> Option<Look> {
    let mine = produce
        .batches
        .iter()
        .filter(|(partition, _)| shown.has(*partition));
    let label = span(mine.map(|(_, batch)| &**batch));
    (!label.is_empty()).then_some(Look {
        kind: PacketKind::Produce,
        hue: Hue::Send,
        label,
    })
}

/// Whether the producer that gets this ack asked for all in-sync replicas.
fn waits_for_all(spec: &ClusterSpec, flight: &Flight<Msg>) -> bool {
    let Role::Client(place) = spec.role(flight.to) else {
        return false;
    };
    match &spec.clients[place].kind {
        ClientKind::Producer { config, .. } => config.acks == Acks::All,
        ClientKind::Consumer { .. } => false,
    }
}

/// "14–16": the first and the last message of these batches.
fn span<'a>(batches: impl Iterator<Item = &'a Batch>) -> String {
    let mut numbers = batches
        .flat_map(|batch| batch.data())
        .map(|record| record.message.0);
    let Some(first) = numbers.next() else {
        return String::new();
    };
    match numbers.last() {
        Some(last) => format!("{first}–{last}"),
        None => first.to_string(),
    }
}
