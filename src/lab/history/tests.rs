//! Fates along hand-written journals: each test is a story and what the ledger says at each step.

use std::rc::Rc;

use super::*;
use crate::kafka::metadata::{PartitionState, Recovery};
use crate::kafka::record::{Batch, LogEntry, Record, Records};
use crate::kafka::{CommitHow, Cut, Entry, ErrorCode, Offset};
use crate::lab::experiment::TOPIC;
use crate::lab::explain::explain;
use crate::lab::moments::On;
use crate::sim::Stamped;

const ORDERS: TopicPartition = TopicPartition::new(TOPIC, 0);
const ORDER: MessageId = MessageId(1);
const PRODUCER: NodeId = NodeId(5);
const CONSUMER: NodeId = NodeId(6);
const CONTROLLER: NodeId = NodeId(4);

/// A journal written by hand, and the history that reads it.
struct Story {
    experiment: Experiment,
    journal: Journal,
    history: History,
}

impl Story {
    fn new(experiment: Experiment) -> Self {
        let history = History::new(&experiment);
        Story {
            experiment,
            journal: Journal::default(),
            history,
        }
    }

    fn then(&mut self, node: NodeId, what: Entry) -> Fate {
        let id = self.journal.len() as u32;
        let cause = EntryId(id.saturating_sub(1));
        self.journal.write(
            id,
            Stamped {
                at: u64::from(id) * 1_000,
                node,
                cause,
                what,
            },
        );
        self.history.follow(&self.journal, id + 1);
        self.history.fate_of(ORDER)
    }

    fn sent_and_appended(&mut self) {
        self.then(
            PRODUCER,
            Entry::Buffered {
                message: ORDER,
                partition: ORDERS,
            },
        );
        self.then(PRODUCER, sent_to(1));
        self.then(NodeId(1), appended(0, 0));
    }

    fn acked(&mut self) -> Fate {
        self.then(
            PRODUCER,
            Entry::Acked {
                message: ORDER,
                partition: ORDERS,
                offset: Some(0),
            },
        )
    }

    fn elected(&mut self, leader: u8, epoch: u32, log_end: Offset) -> Fate {
        let (before, after) = (
            state(&[1, 2, 3], Some(1), 0),
            state(&[2, 3], Some(leader), epoch),
        );
        let (partition, unclean) = (ORDERS, false);
        self.then(
            CONTROLLER,
            Entry::Partition {
                partition,
                before,
                after,
                unclean,
            },
        );
        self.then(
            NodeId(leader),
            Entry::BecameLeader {
                partition,
                epoch,
                log_end,
            },
        )
    }

    fn told(&self, on: On) -> usize {
        self.history
            .moments
            .iter()
            .filter(|moment| moment.on == on)
            .count()
    }
}

fn batch() -> Rc<Batch> {
    let record = Record {
        message: ORDER,
        key: None,
        size_bytes: 100,
        tombstone: false,
    };
    let records = Records::Data(Box::new([record]));
    Rc::new(Batch {
        producer: None,
        records,
        size_bytes: 161,
        max_timestamp: 0,
    })
}

fn sent_to(broker: u8) -> Entry {
    Entry::BatchSent {
        partition: ORDERS,
        batch: batch(),
        broker: NodeId(broker),
        attempt: 1,
    }
}

fn entry(base_offset: Offset, leader_epoch: u32) -> LogEntry {
    LogEntry {
        base_offset,
        leader_epoch,
        batch: batch(),
    }
}

fn appended(offset: Offset, epoch: u32) -> Entry {
    Entry::Appended {
        partition: ORDERS,
        entry: entry(offset, epoch),
    }
}

fn replicated(offset: Offset, epoch: u32) -> Entry {
    Entry::Replicated {
        partition: ORDERS,
        entries: vec![entry(offset, epoch)],
    }
}

fn high_watermark(offset: Offset) -> Entry {
    Entry::HighWatermark {
        partition: ORDERS,
        offset,
    }
}

fn polled() -> Entry {
    Entry::Polled {
        partition: ORDERS,
        records: vec![(0, ORDER)],
        position: 1,
    }
}

fn processed() -> Entry {
    Entry::Processed {
        message: ORDER,
        partition: ORDERS,
        offset: 0,
    }
}

fn committed(offset: Offset) -> Entry {
    Entry::Committed {
        offsets: vec![(ORDERS, Some(offset))],
        how: CommitHow::Auto,
    }
}

fn state(isr: &[u8], leader: Option<u8>, leader_epoch: u32) -> Rc<PartitionState> {
    Rc::new(PartitionState {
        replicas: [1, 2, 3].map(NodeId).to_vec(),
        isr: isr.iter().copied().map(NodeId).collect(),
        leader: leader.map(NodeId),
        leader_epoch,
        partition_epoch: leader_epoch,
        recovery: Recovery::Recovered,
        ..PartitionState::default()
    })
}

fn acks(acks: &str) -> Experiment {
    use crate::kafka::config::Owner;
    Experiment::three_brokers().with(Owner::Producer, "acks", acks)
}

#[test]
fn a_message_that_everything_goes_well_for() {
    let mut story = Story::new(acks("all"));
    let buffered = Entry::Buffered {
        message: ORDER,
        partition: ORDERS,
    };
    assert_eq!(story.then(PRODUCER, buffered), Fate::Buffered);
    assert_eq!(story.then(PRODUCER, sent_to(1)), Fate::InFlight);
    assert_eq!(story.then(NodeId(1), appended(0, 0)), Fate::Written);
    assert_eq!(story.then(NodeId(2), replicated(0, 0)), Fate::Written);
    story.then(NodeId(3), replicated(0, 0));
    assert_eq!(story.then(NodeId(1), high_watermark(1)), Fate::Committed);
    assert_eq!(story.acked(), Fate::Committed);
    assert_eq!(story.then(CONSUMER, polled()), Fate::Visible);
    assert_eq!(story.then(CONSUMER, processed()), Fate::Processed);
    assert_eq!(story.then(CONSUMER, committed(1)), Fate::Finished);
    assert_eq!(story.told(On::Lost), 0);
}

#[test]
fn acked_by_one_copy_whose_broker_dies() {
    let mut story = Story::new(acks("1"));
    story.sent_and_appended();
    assert_eq!(story.acked(), Fate::OneCopy);
    assert_eq!(story.told(On::AckedWithOneCopy), 1);
    assert_eq!(story.then(NodeId(1), Entry::Killed), Fate::OneCopy);
    assert_eq!(story.elected(2, 1, 0), Fate::Doomed);
    assert_eq!(story.told(On::Lost), 1);
    let why = Cut::Truncated {
        leader: NodeId(2),
        epoch: 1,
    };
    let cut = Entry::LogCut {
        partition: ORDERS,
        offset: 0,
        before: 1,
        why,
    };
    assert_eq!(story.then(NodeId(1), cut), Fate::Lost);
    assert_eq!(story.told(On::Lost), 1, "the same loss is told once");

    let why = explain(&story.experiment, &story.journal, &story.history, ORDER);
    let lines: Vec<&str> = why.lines.iter().map(|line| &*line.text.en).collect();
    let expected = [
        "broker 1 writes m1 at offset 0 and answers at once (acks=1)",
        "broker 1 is killed (kill -9); no other log has m1",
        "broker 2 leads epoch 1 with log end 0: m1 is in no living log",
        "broker 1 follows broker 2 (epoch 1) and cuts m1 off its log",
    ];
    assert_eq!(lines, expected);
    assert!(why.lines[2].decisive);
    assert!(why.lines.iter().all(|line| !line.text.zh.is_empty()));
}

#[test]
fn a_copy_elsewhere_saves_it() {
    let mut story = Story::new(acks("1"));
    story.sent_and_appended();
    story.acked();
    story.then(NodeId(2), replicated(0, 0));
    story.then(NodeId(1), Entry::Killed);
    assert_eq!(story.elected(2, 1, 1), Fate::OneCopy);
    assert_eq!(story.told(On::Lost), 0);
}

#[test]
fn power_takes_what_only_the_page_cache_had() {
    let mut story = Story::new(acks("1"));
    story.sent_and_appended();
    story.acked();
    story.then(NodeId(1), Entry::PowerLost);
    let cut = Entry::LogCut {
        partition: ORDERS,
        offset: 0,
        before: 1,
        why: Cut::PowerLost,
    };
    assert_eq!(story.then(NodeId(1), cut), Fate::Lost);
    let why = explain(&story.experiment, &story.journal, &story.history, ORDER);
    let last = why.lines.last().expect("a line");
    assert_eq!(
        last.text.en,
        "broker 1 had m1 only in its page cache: gone with the power"
    );
}

#[test]
fn without_acks_what_lies_unread_in_a_socket_dies_with_its_broker() {
    let mut story = Story::new(acks("0"));
    story.then(
        PRODUCER,
        Entry::Buffered {
            message: ORDER,
            partition: ORDERS,
        },
    );
    story.then(PRODUCER, sent_to(1));
    let success = Entry::Acked {
        message: ORDER,
        partition: ORDERS,
        offset: None,
    };
    assert_eq!(story.then(PRODUCER, success), Fate::InFlight);
    story.then(NodeId(1), Entry::Paused);
    assert_eq!(story.then(NodeId(1), Entry::Killed), Fate::Lost);
    let why = explain(&story.experiment, &story.journal, &story.history, ORDER);
    assert!(
        why.lines
            .iter()
            .any(|line| line.decisive && line.text.en.contains("in its socket"))
    );
}

#[test]
fn without_acks_what_a_broker_refuses_is_lost() {
    let mut story = Story::new(acks("0"));
    let (message, partition) = (ORDER, ORDERS);
    story.then(PRODUCER, Entry::Buffered { message, partition });
    story.then(PRODUCER, sent_to(1));
    let offset = None;
    let success = Entry::Acked {
        message,
        partition,
        offset,
    };
    story.then(PRODUCER, success);
    let refused = Entry::ProduceRefused {
        partition,
        batch: batch(),
        error: ErrorCode::NotLeaderOrFollower,
    };
    assert_eq!(story.then(NodeId(1), refused), Fate::Lost);
    let why = explain(&story.experiment, &story.journal, &story.history, ORDER);
    let decisive = why.lines.iter().find(|line| line.decisive);
    assert!(decisive.is_some_and(|line| line.text.en.contains("NOT_LEADER_OR_FOLLOWER")));
}

#[test]
fn a_send_that_is_retried_after_the_brokers_death_is_not_lost() {
    let mut story = Story::new(acks("1"));
    story.then(
        PRODUCER,
        Entry::Buffered {
            message: ORDER,
            partition: ORDERS,
        },
    );
    story.then(PRODUCER, sent_to(1));
    assert_eq!(story.then(NodeId(1), Entry::Killed), Fate::InFlight);
    assert_eq!(story.elected(2, 1, 0), Fate::InFlight);
    assert_eq!(story.then(NodeId(2), appended(0, 1)), Fate::Written);
}

#[test]
fn committed_before_the_work_and_never_done() {
    let mut story = Story::new(acks("1"));
    story.sent_and_appended();
    story.acked();
    story.then(NodeId(1), high_watermark(1));
    story.then(CONSUMER, polled());
    assert_eq!(story.then(CONSUMER, committed(1)), Fate::Visible);
    assert_eq!(story.then(CONSUMER, Entry::Killed), Fate::Skipped);
    let why = explain(&story.experiment, &story.journal, &story.history, ORDER);
    assert_eq!(why.title.en, "Why m1 was never done");
    assert!(why.lines.iter().any(|line| line.decisive));
}

#[test]
fn done_twice() {
    let mut story = Story::new(acks("1"));
    story.sent_and_appended();
    story.acked();
    story.then(NodeId(1), high_watermark(1));
    story.then(CONSUMER, polled());
    story.then(CONSUMER, processed());
    story.then(CONSUMER, Entry::Killed);
    story.then(CONSUMER, polled());
    assert_eq!(story.then(CONSUMER, processed()), Fate::Twice);
    assert_eq!(story.told(On::Twice), 1);
}

#[test]
fn a_failure_means_unknown_while_a_log_has_it() {
    let mut story = Story::new(acks("all"));
    story.sent_and_appended();
    let error = crate::kafka::ClientError::Timeout;
    let failed = Entry::Failed {
        message: ORDER,
        partition: Some(ORDERS),
        error,
    };
    assert_eq!(story.then(PRODUCER, failed), Fate::InDoubt);
    assert_eq!(story.then(NodeId(1), high_watermark(1)), Fate::Committed);
}
