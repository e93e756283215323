//! Consumers that auto-commit: what they were given and have not done yet.

use super::{Found, Invariant};
use crate::kafka::config::OnError;
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, CommitHow, Entry, MessageId, Offset, TopicPartition};
use crate::sim::NodeId;

/// The consumers that are watched.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    /// What each has in hand, oldest first.
    in_hand: Vec<(NodeId, Vec<(TopicPartition, Offset)>)>,
    /// Where a position was set back, since the log was cut under it: a commit from before may still be
    /// on its way, and its offset then means another record.
    set_back: Vec<(NodeId, TopicPartition)>,
}

impl Readers {
    /// Those whose loop is `poll(); process all of it;` and nothing else: with threads, hand-off, or a
    /// `close()` after an exception even Kafka's rule commits what is not done.
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        let simple = |place: &usize| match &spec.clients[*place].kind {
            ClientKind::Consumer {
                work: Some(work), ..
            } => {
                let app = &work.app;
                !app.handler_handoff
                    && app.handler_threads <= 1
                    && app.handler_on_error != OnError::Close
            }
            _ => false,
        };
        let places = (0..spec.clients.len()).filter(simple);
        Readers {
            in_hand: places
                .map(|place| (spec.client_node(place), Vec::new()))
                .collect(),
            set_back: Vec::new(),
        }
    }

    fn hand(&mut self, node: NodeId) -> Option<&mut Vec<(TopicPartition, Offset)>> {
        let mut hands = self.in_hand.iter_mut();
        hands.find_map(|(known, hand)| (*known == node).then_some(hand))
    }

    pub(super) fn polled(
        &mut self,
        node: NodeId,
        partition: TopicPartition,
        records: &[(Offset, MessageId)],
    ) {
        if let Some(hand) = self.hand(node) {
            hand.extend(records.iter().map(|(offset, _)| (partition, *offset)));
        }
    }

    /// Work that is done, a process that ended, a commit.
    pub(super) fn read(&mut self, node: NodeId, entry: &Entry) -> Option<Found> {
        match entry {
            Entry::Processed {
                partition, offset, ..
            }
            | Entry::Ignored {
                partition, offset, ..
            }
            | Entry::HandlerThrew {
                partition, offset, ..
            } => {
                let hand = self.hand(node)?;
                let done = hand.iter().position(|item| item == &(*partition, *offset));
                done.map(|place| hand.remove(place));
                None
            }
            Entry::PositionReset {
                partition,
                from: Some(from),
                to,
            } if to < from => {
                self.set_back.push((node, *partition));
                None
            }
            Entry::Killed | Entry::PowerLost | Entry::Started | Entry::Stopped | Entry::Halted => {
                self.set_back.retain(|(known, _)| *known != node);
                self.hand(node)?.clear();
                None
            }
            Entry::Committed {
                offsets,
                how: CommitHow::Auto,
            } => {
                let (_, hand) = self.in_hand.iter().find(|(known, _)| *known == node)?;
                let ahead = |(partition, offset): &&(TopicPartition, Offset)| {
                    let committed = offsets.iter().find(|(known, _)| known == partition);
                    committed.is_some_and(|(_, to)| to.is_some_and(|to| to > *offset))
                        && !self.set_back.contains(&(node, *partition))
                };
                let (partition, offset) = hand.iter().find(ahead)?;
                let what = format!(
                    "{node:?} auto-committed past offset {offset} of {partition:?} with its work not done"
                );
                Some(Found(Invariant::CommitsLag, what))
            }
            _ => None,
        }
    }
}
