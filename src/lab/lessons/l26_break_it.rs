//! Lesson 26: a challenge. One fault takes nothing here; two do.

use super::types::{Beat, Ending, Lesson, Question, Try, answer, beat, offer, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::hunt::Kind;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::trial::{Goal, Trial};

/// Two faults of single machines, as they come.
pub fn trial() -> Trial {
    Trial {
        goal: Goal::BreakIt { actions: 2 },
        kinds: vec![
            Kind::Kill,
            Kind::PowerOff,
            Kind::Pause,
            Kind::Stop,
            Kind::CutPeers,
            Kind::CutController,
        ],
        most: 2,
        one_at_a_time: false,
        runs: 300,
    }
}

/// Two replicas, acks=all, everything else as Kafka has it.
pub fn lesson() -> Lesson {
    Lesson {
        id: "break-it",
        number: Some(26),
        title: t("Challenge: break it", "挑战：攻破它"),
        line: t(
            "Two replicas, acks=all, no unclean election. Which two actions lose a message?",
            "两个副本，acks=all，禁止 unclean 选举。哪两个操作会丢消息？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_000_000,
        experiment: experiment(),
        knobs: vec![
            (Topic, "min.insync.replicas"),
            (Topic, "flush.messages"),
            (Topic, "unclean.leader.election.enable"),
        ],
        invite: None,
        opening: words(
            t(
                "Every acked order is on two brokers. First see one fault.",
                "每条已 ack 的订单都在两台 broker 上。先看一个故障。",
            ),
            t(
                "Then it is your turn: two actions. What you find is judged by the same engine.",
                "然后轮到你：两个操作。结果由同一个引擎判定。",
            ),
        ),
        question: Some(question()),
        beats: beats(),
        // As it is played here it survives: what breaks it is for the learner to find. The tests of trials find it.
        bad: Ending {
            violated: vec![],
            holds: vec![Property::LostAfterAck, Property::Doubled],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Doubled,
                Property::Stuck,
            ],
        },
        fix: vec![(Topic, "flush.messages", "1")],
        price: t(
            "flush.messages=1: what is acked is on the disk of every replica in sync, for one fsync before each ack. min.insync.replicas=2 alone stops the first way in, not two power losses; and with two replicas it stops all writing while one of them is away.",
            "flush.messages=1：已 ack 的都在每个同步副本的磁盘上，代价是每次 ack 前一次 fsync。只设 min.insync.replicas=2 挡得住前一种攻法，挡不住两台都断电；而且只有两个副本时，少一个就停止写入。",
        ),
        offers: offers(),
        reading: vec![(
            t(
                "Kafka documentation: replication",
                "Kafka 文档：replication",
            ),
            "https://kafka.apache.org/documentation/#replication",
        )],
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t(
                "flush.messages=1, same actions",
                "flush.messages=1，操作不变",
            ),
            Topic,
            "flush.messages",
            "1",
        ),
        offer(
            t(
                "min.insync.replicas=2, same actions",
                "min.insync.replicas=2，操作不变",
            ),
            Topic,
            "min.insync.replicas",
            "2",
        ),
    ]
}

fn experiment() -> Experiment {
    Experiment::brokers(2)
        .without_consumers()
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "60")
        .at_ms(4_000, Action::Kill(broker(1)))
        .at_ms(16_000, Action::Start(broker(1)))
        .until_ms(30_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "{acked} orders are acked. The leader is killed. How many are lost?",
            "{acked} 条订单已 ack。leader 被 kill。丢几条？",
        ),
        hint: t(
            "Both replicas are in sync, and an ack waits for both.",
            "两个副本都在 ISR 中，ack 要等两个都写入。",
        ),
        options: vec![
            answer(t("None", "一条不丢"), 20, 0, 0),
            answer(t("The last one", "最后一条"), 19, 1, 0),
            answer(t("All", "全部"), 0, 20, 0),
        ],
        reveal: t(
            "Both brokers had every acked order. Now find two actions that take one.",
            "两台 broker 都有全部已 ack 的订单。现在找出两个能让它丢失的操作。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Killed,
            t("{node} is killed.", "{node} 被 kill -9。"),
            t("The other one has everything.", "另一台什么都有。"),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}.",
                "{node} 成为 epoch {epoch} 的 leader。",
            ),
            t(
                "It is the whole ISR now, and goes on to ack.",
                "现在 ISR 里只有它，它继续返回 ack。",
            ),
        ),
        beat(
            On::Sealed,
            t("One fault takes nothing.", "一个故障什么也丢不了。"),
            t("Now find two that do.", "现在找出两个能丢的。"),
        ),
    ]
}
