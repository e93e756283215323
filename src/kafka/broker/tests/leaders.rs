//! What a new leader knows and does not know, and how replicas come and go.

use super::*;
use crate::kafka::ErrorCode;
use crate::kafka::protocol::{ListOffsetsRequest, ListOffsetsResponse, OffsetSpec};

impl Lab {
    /// Where [`T0`] ends for a consumer, by the answer of `broker`.
    fn latest(&mut self, broker: NodeId) -> ListOffsetsResponse {
        let request = ListOffsetsRequest {
            partition: T0,
            spec: OffsetSpec::Latest,
            isolation: Isolation::HighWatermark,
            current_leader_epoch: None,
        };
        self.ask(
            broker,
            channel::METADATA,
            Request::ListOffsets(Rc::new(request)),
        );
        self.pass_ms(20);
        let mut answers = self.answers.iter().filter_map(|answer| match answer {
            Response::ListOffsets(answer) => Some(**answer),
            _ => None,
        });
        answers.next_back().expect("an answer")
    }
}

#[test]
fn a_new_leader_does_not_name_the_end_before_it_is_sure_of_it() {
    let mut lab = Lab::new(three_brokers(2));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(1_000);
    assert_eq!(lab.latest(B1).offset, Some(1));
    // The copies are there, but nobody has heard that they are committed.
    lab.produce(B1, Acks::Leader, 2);
    lab.pass_ms(2);
    lab.act(Action::Kill(B1));
    lab.act(Action::Pause(B3));
    // Broker 3 wakes up later: until then broker 2 cannot tell.
    lab.pass_ms(9_900);
    while lab.leader() != Some(B2) {
        lab.pass_ms(10);
    }
    lab.pass_ms(10);
    assert_eq!((lab.log(B2), lab.high_watermark(B2)), (vec![1, 2], 1));
    assert_eq!(lab.latest(B2).error, ErrorCode::OffsetNotAvailable);
    let read = lab.fetch(B2, 2);
    assert_eq!((read.error, read.entries.len()), (ErrorCode::None, 0));
    let read = lab.fetch(B2, 3);
    assert_eq!(read.error, ErrorCode::OffsetOutOfRange);
    lab.act(Action::Resume(B3));
    lab.pass_ms(5_000);
    assert_eq!(lab.latest(B2).offset, Some(2));
}

#[test]
fn a_follower_behind_a_cut_link_leaves_the_isr_because_of_the_cut() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::CutLink {
        from: B1,
        to: B3,
        both: true,
    });
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(50_000);
    assert_eq!(lab.isr(), [1, 2]);
    let mut entries = lab.journal.entries().iter();
    let asked = entries.find(|entry| matches!(entry.what, Entry::IsrAsked { .. }));
    let cause = lab.journal.get(asked.unwrap().cause).unwrap();
    assert!(
        matches!(cause.what, Entry::LinkCut { .. }),
        "{:?}",
        cause.what
    );
    assert!((31_000 * MS..=47_000 * MS).contains(&asked.unwrap().at));
}

#[test]
fn a_follower_that_catches_up_joins_again_at_its_next_fetch() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    let cut = Action::CutLink {
        from: B1,
        to: B3,
        both: true,
    };
    lab.act(cut);
    lab.produce(B1, Acks::Leader, 1);
    lab.pass_ms(50_000);
    lab.act(Action::HealLink { from: B1, to: B3 });
    lab.pass_ms(60_000);
    assert_eq!((lab.isr(), lab.log(B3)), (vec![1, 2, 3], vec![1]));
    assert_eq!(lab.count(|e| matches!(e, Entry::IsrAsked { .. })), 2);
}

#[test]
fn without_a_controller_the_isr_stands_still_and_writing_goes_on() {
    let mut lab = Lab::new(three_brokers(1));
    lab.pass_ms(1_000);
    lab.act(Action::Kill(CONTROLLER));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    assert_eq!(lab.last_produced().error, ErrorCode::None);
    lab.act(Action::Kill(B3));
    lab.produce(B1, Acks::All, 2);
    lab.pass_ms(60_000);
    assert_eq!(lab.last_produced().error, ErrorCode::RequestTimedOut);
    assert_eq!(lab.count(|e| matches!(e, Entry::IsrAsked { .. })), 1);
    lab.act(Action::Start(CONTROLLER));
    lab.pass_ms(30_000);
    assert_eq!((lab.isr(), lab.high_watermark(B1)), (vec![1, 2], 2));
}

#[test]
fn an_empty_last_replica_empties_the_others() {
    let mut lab = Lab::new(three_brokers(1));
    lab.produce(B1, Acks::All, 1);
    lab.pass_ms(100);
    lab.act(Action::Kill(B2));
    lab.act(Action::Kill(B3));
    lab.pass_ms(15_000);
    assert_eq!(lab.isr(), [1]);
    lab.act(Action::Kill(B1));
    lab.act(Action::WipeDisk {
        broker: B1,
        keep_identity: true,
    });
    lab.pass_ms(15_000);
    for broker in [B1, B2, B3] {
        lab.act(Action::Start(broker));
    }
    lab.pass_ms(30_000);
    assert_eq!((lab.leader(), lab.isr()), (Some(B1), vec![1, 2, 3]));
    for broker in [B1, B2, B3] {
        assert!(lab.log(broker).is_empty());
    }
}
