//! Lesson 12: how many copies, how many must confirm.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// Three replicas, two of them away, and the disk of the third dies.
pub fn lesson() -> Lesson {
    Lesson {
        id: "copies",
        number: Some(12),
        title: t("How many must confirm", "几份副本，几份确认"),
        line: t(
            "Three replicas and acks=all. Is that three copies of every record?",
            "三副本，acks=all。每条记录就有三份吗？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 2_000_000,
        experiment: experiment(),
        knobs: vec![
            (Topic, "min.insync.replicas"),
            (Producer, "acks"),
            (Topic, "unclean.leader.election.enable"),
        ],
        invite: Some(Action::Stop(broker(3))),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![Property::Stuck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Topic, "min.insync.replicas", "2")],
        price: t(
            "With min.insync.replicas=2 the partition takes no acks=all write while only one replica is in sync, and the \
             high watermark stands still: {gap} without an ack here, {gap_before} before, and nobody reads on either. With as many required as there are replicas, one broker \
             down stops all writing.",
            "min.insync.replicas=2 时，只剩一个同步副本就不接受 acks=all 的写入，high watermark 也停住：这里有 {gap} 没有 ack（之前 {gap_before}），读也停在那里。\
             如果要求的数目等于副本数，停一台 broker 就会停止所有写入。",
        ),
        offers: vec![
            offer(
                t(
                    "min.insync.replicas=2, same luck",
                    "min.insync.replicas=2，其余不变",
                ),
                Topic,
                "min.insync.replicas",
                "2",
            ),
            offer(
                t("min.insync.replicas=3", "min.insync.replicas=3"),
                Topic,
                "min.insync.replicas",
                "3",
            ),
        ],
        reading: vec![(
            t(
                "Kafka documentation: min.insync.replicas",
                "Kafka 文档：min.insync.replicas",
            ),
            "https://kafka.apache.org/documentation/#topicconfigs_min.insync.replicas",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "Three replicas, acks=all, no unclean election: a careful setup.",
            "三副本、acks=all、禁止 unclean 选举：看起来很谨慎。",
        ),
        t(
            "One value was left at its default: min.insync.replicas=1.",
            "只有一个值用了默认：min.insync.replicas=1。",
        ),
    )
}

fn experiment() -> Experiment {
    let disk = Action::WipeDisk {
        broker: broker(1),
        keep_identity: true,
    };
    Experiment::three_brokers()
        .without_consumers()
        .with(Application, "send.rate", "4")
        .with(Application, "send.count", "60")
        .at_ms(3_000, Action::Stop(broker(2)))
        .at_ms(5_000, Action::Stop(broker(3)))
        .at_ms(9_000, Action::Kill(broker(1)))
        .at_ms(10_000, disk)
        .at_ms(12_000, Action::Start(broker(1)))
        .at_ms(24_000, Action::Start(broker(2)))
        .at_ms(26_000, Action::Start(broker(3)))
        .until_ms(50_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "acks=all, {acked} orders acked. Two brokers are in maintenance, and now broker 1 dies with its disk. How many survive?",
            "acks=all，已 ack {acked} 条订单。两台 broker 在维护，现在 broker 1 连磁盘一起坏了。还剩几条？",
        ),
        hint: t(
            "Brokers 2 and 3 stopped in good order and have everything up to then.",
            "broker 2 和 3 是有序停止的，停止之前的数据都在。",
        ),
        options: vec![
            answer(t("All: acks=all", "全部：acks=all"), 36, 0, 0),
            answer(t("What broker 3 has", "broker 3 有的那些"), 21, 15, 0),
            answer(t("None", "一条不剩"), 0, 36, 0),
        ],
        reveal: t(
            "all means all that are in sync, and that was broker 1 alone. It comes back empty, leads as the last one in \
             sync, and the others cut their copies to match: {lost} acked orders are gone, even those that had three copies.",
            "all 指的是所有同步中的副本，而当时只有 broker 1。它空着回来，作为最后的同步副本当上 leader，其余副本按它截断：\
             {lost} 条已 ack 的订单没了，连曾有三份副本的也没了。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::IsrShrank,
            t(
                "{node} leaves the ISR: maintenance.",
                "{node} 离开 ISR：维护。",
            ),
            t("Two in sync are left.", "还剩两个同步副本。"),
        ),
        beat(
            On::IsrShrank,
            t("{node} leaves the ISR as well.", "{node} 也离开了 ISR。"),
            t(
                "acks=all now waits for broker 1 alone, and is as fast as ever.",
                "acks=all 现在只等 broker 1，而且和以前一样快。",
            ),
        ),
        beat(
            On::Killed,
            t(
                "{node} dies, and its disk with it.",
                "{node} 坏了，磁盘也坏了。",
            ),
            t("The last copy in sync is gone.", "最后一份同步副本没了。"),
        ),
        beat(
            On::Started,
            t(
                "{node} comes back with an empty disk.",
                "{node} 带着空磁盘回来。",
            ),
            t(
                "To the controller it is the same broker.",
                "在 controller 看来，它还是那台 broker。",
            ),
        ),
        pause(
            On::ElectedUnclean,
            t(
                "{node} leads epoch {epoch}, with an empty log.",
                "{node} 成为 epoch {epoch} 的 leader，日志是空的。",
            ),
            t(
                "It was the last known leader; the others were not in sync when it ended.",
                "它是最后已知的 leader；它停下时其余副本不在 ISR 中。",
            ),
        ),
        beat(
            On::Truncated,
            t(
                "{node} cuts its log from {from} to {to}.",
                "{node} 把日志从 {from} 截断到 {to}。",
            ),
            t("Its good copy is thrown away.", "它那份好的副本被扔掉了。"),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders are gone after acks=all.",
                "{lost} 条订单在 acks=all 之后没了。",
            ),
            t(
                "min.insync.replicas says how few may confirm. One is too few.",
                "min.insync.replicas 说的是最少几份确认。一份太少。",
            ),
        ),
    ]
}
