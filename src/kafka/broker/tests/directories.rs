//! Several log directories a broker (KIP-112, KIP-858), and what an observer is told of topics.

use super::*;
use crate::kafka::protocol::ProducedPartition;
use crate::kafka::{Answer, ErrorCode};

const T1: TopicPartition = TopicPartition::new(TopicId(0), 1);

/// Two partitions; each broker has a directory for each of them, and one for the metadata log.
fn two_directories() -> ClusterSpec {
    let mut spec = three_brokers(2);
    spec.topics[0].assignment.push(vec![B1, B3, B2]);
    for broker in &mut spec.brokers {
        broker.log_dirs = Some(vec!["/data/1".into(), "/data/2".into()]);
        broker.metadata_log_dir = Some("/metadata".into());
    }
    spec
}

fn fail(lab: &mut Lab, broker: NodeId, directory: u8) {
    lab.act(Action::FailDirectory { broker, directory });
    // The next checkpoint of the high watermarks finds it at the latest.
    lab.pass_ms(5_500);
}

fn state(lab: &Lab, partition: TopicPartition) -> (Option<NodeId>, Vec<u8>) {
    let state = &lab.world.model.controller().image().partitions[&partition];
    (state.leader, state.isr.iter().map(|node| node.0).collect())
}

/// What `kafka-topics --describe` prints now.
fn described(lab: &mut Lab) -> Vec<String> {
    lab.act(Action::DescribeTopics {
        topics: vec![TopicId(0)],
        broker: None,
    });
    lab.pass_ms(20);
    let entries = lab.journal.entries().iter().rev();
    let mut told = entries.filter_map(|entry| match &entry.what {
        Entry::Returned {
            answer: Answer::Topics(topics),
            ..
        } => Some(topics[0].lines("t", "min.insync.replicas=2")),
        _ => None,
    });
    told.next().expect("a description")
}

#[test]
fn one_directory_that_fails_takes_its_replicas_and_leaves_the_broker_with_the_others() {
    let mut lab = Lab::new(two_directories());
    lab.pass_ms(1_000);
    fail(&mut lab, B1, 0);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DirectoryOffline { left: 1 })),
        1
    );
    assert_eq!(state(&lab, T0), (Some(B2), vec![2, 3]));
    assert_eq!(state(&lab, T1), (Some(B1), vec![1, 3, 2]));
    assert_eq!(
        described(&mut lab),
        [
            "Topic: t\tPartitionCount: 2\tReplicationFactor: 3\tConfigs: min.insync.replicas=2",
            "\tTopic: t\tPartition: 0\tLeader: 2\tReplicas: 1,2,3\tIsr: 2,3\tElr: \tLastKnownElr: ",
            "\tTopic: t\tPartition: 1\tLeader: 1\tReplicas: 1,3,2\tIsr: 1,3,2\tElr: \tLastKnownElr: ",
        ]
    );
    assert_eq!(lab.count(|e| matches!(e, Entry::Fenced { .. })), 0);
    lab.produce(B1, Acks::All, 7);
    lab.pass_ms(100);
    let refused = |answer: &ProducedPartition| answer.error == ErrorCode::KafkaStorageError;
    assert!(lab.produced().iter().all(refused), "partition 0 is offline");
    fail(&mut lab, B1, 1);
    assert_eq!(
        lab.count(|e| matches!(e, Entry::DirectoryOffline { left: 0 })),
        1
    );
    assert_eq!(lab.count(|e| matches!(e, Entry::Halted)), 1);
}

#[test]
fn the_directory_with_the_metadata_log_takes_the_broker_with_it() {
    let mut spec = two_directories();
    spec.brokers[0].metadata_log_dir = None;
    let mut lab = Lab::new(spec);
    lab.pass_ms(1_000);
    fail(&mut lab, B1, 0);
    assert_eq!(lab.count(|e| matches!(e, Entry::Halted)), 1);
}

#[test]
fn a_broker_that_cannot_tell_of_a_failed_directory_stops() {
    let mut spec = two_directories();
    spec.brokers[0].log_dir_failure_timeout_ms = 10_000;
    let mut lab = Lab::new(spec);
    lab.pass_ms(1_000);
    let (from, to) = (B1, CONTROLLER);
    let both = true;
    lab.act(Action::CutLink { from, to, both });
    fail(&mut lab, B1, 0);
    lab.pass_ms(4_000);
    assert_eq!(lab.count(|e| matches!(e, Entry::Stopped)), 0);
    // It then asks the controller to let it go, for five minutes.
    lab.pass_ms(306_000);
    assert_eq!(lab.count(|e| matches!(e, Entry::Stopped)), 1);
}

#[test]
fn a_broker_starts_with_the_directories_that_it_can_read_and_a_new_disk_is_filled_again() {
    let mut lab = Lab::new(two_directories());
    lab.pass_ms(1_000);
    fail(&mut lab, B1, 0);
    lab.act(Action::Stop(B1));
    lab.pass_ms(12_000);
    lab.act(Action::Start(B1));
    lab.pass_ms(6_000);
    assert_eq!(state(&lab, T0), (Some(B2), vec![2, 3]));
    assert_eq!(state(&lab, T1), (Some(B3), vec![1, 2, 3]));
    lab.act(Action::Stop(B1));
    lab.pass_ms(12_000);
    lab.act(Action::WipeDisk {
        broker: B1,
        keep_identity: false,
    });
    lab.act(Action::Start(B1));
    lab.pass_ms(6_000);
    assert_eq!(state(&lab, T0), (Some(B2), vec![1, 2, 3]));
    assert_eq!(state(&lab, T1), (Some(B3), vec![1, 2, 3]));
    let replaced = lab.world.model.broker(B1).directories()[0].id;
    let image = lab.world.model.controller().image();
    assert_eq!(image.partitions[&T0].directories[0], replaced);
}
