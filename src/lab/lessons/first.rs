//! The first screen, and free play.

use super::types::{Beat, Ending, Lesson, beat, offer, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Environment, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::hunt::Kind;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::trial::{Goal, Trial};

/// A shop's stream of orders with acks=1, and a tempting button.
pub fn first() -> Lesson {
    Lesson {
        id: "first",
        number: None,
        title: t("A running cluster", "一个正在运行的集群"),
        line: t("Kill the leader and see.", "杀掉 leader 看看会怎样。"),
        first_screen: true,
        pace_ppm: 10_000,
        begins_us: 420_000,
        experiment: Experiment::three_brokers()
            .with_a_ready_group()
            .with(Producer, "acks", "1")
            .with(Consumer, "auto.offset.reset", "earliest")
            .with(Application, "send.rate", "600")
            .with(Application, "handler.time.ms", "0")
            // Far enough apart that copies are seen on their way, a hundred times slowed.
            .with(Environment, "link.delay.us", "8000")
            .with(Environment, "link.jitter.us", "500")
            .until_ms(13_000),
        knobs: vec![(Producer, "acks")],
        invite: Some(Action::Kill(broker(1))),
        opening: words(
            t(
                "The leader tells the shop “got it” at once; two followers copy each order a moment later.",
                "leader 立刻告诉商店“收到了”，两个 follower 稍后才复制每条订单。",
            ),
            t(
                "This is a running cluster, a hundred times slower than life. Touch anything.",
                "这是一个正在运行的集群，比真实慢一百倍。随便动手。",
            ),
        ),
        question: None,
        beats: beats(),
        bad: Ending {
            violated: vec![],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::LostAfterAck],
        },
        fix: vec![(Producer, "acks", "all")],
        price: t(
            "acks=all waits for the followers: each ack takes one more trip.",
            "acks=all 要等 follower：每个 ack 多一个来回。",
        ),
        offers: vec![offer(
            t("Same second, with acks=all", "同一秒，换成 acks=all"),
            Producer,
            "acks",
            "all",
        )],
        reading: vec![],
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Killed,
            t(
                "{node} is gone. The orders wait.",
                "{node} 没有了。订单都在等。",
            ),
            t(
                "The controller counts it as dead after 9 s without a heartbeat.",
                "9 s 没有心跳，controller 才认定它已死。",
            ),
        ),
        beat(
            On::Elected,
            t("{node} took over.", "{node} 接任 leader。"),
            t(
                "The orders waited {after} for a leader, and arrive now.",
                "订单等了 {after} 才有 leader，现在陆续写入。",
            ),
        ),
        beat(
            On::Lost,
            t(
                "{count} orders had lived on {was} alone.",
                "{count} 条订单只在 {was} 上有。",
            ),
            t(
                "The shop had been told they were safe; {node} gives their places to others.",
                "商店得到的答复是已经写入；{node} 把它们的位置给了别的订单。",
            ),
        ),
    ]
}

/// What harms the settings of the sandbox.
pub fn hunt() -> Trial {
    Trial {
        goal: Goal::FindOut,
        kinds: Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_single())
            .collect(),
        most: 3,
        one_at_a_time: true,
        runs: 400,
    }
}

/// Three brokers, Kafka's defaults, no story.
pub fn sandbox() -> Lesson {
    Lesson {
        id: "sandbox",
        number: None,
        title: t("Sandbox", "自由实验"),
        line: t(
            "Three brokers, Kafka's defaults, your faults.",
            "三个 broker，Kafka 默认配置，故障由你来定。",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 0,
        experiment: Experiment::three_brokers()
            .with_a_ready_group()
            .with(Consumer, "auto.offset.reset", "earliest")
            .until_ms(60_000),
        knobs: vec![
            (Producer, "acks"),
            (Topic, "min.insync.replicas"),
            (Topic, "unclean.leader.election.enable"),
            (Topic, "flush.messages"),
            (Consumer, "enable.auto.commit"),
        ],
        invite: None,
        opening: words(
            t(
                "Kafka's defaults, but the group begins at once, at the earliest offset.",
                "Kafka 的默认配置，只是 group 立即开始，从 earliest 读起。",
            ),
            t(
                "Turn knobs, break things; every act in the past starts a new branch.",
                "转动旋钮，制造故障；在过去操作会产生新的分支。",
            ),
        ),
        question: None,
        beats: vec![],
        bad: Ending {
            violated: vec![],
            holds: vec![],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![],
        price: t("", ""),
        offers: vec![],
        reading: vec![(
            t("Kafka documentation: configuration", "Kafka 文档：配置"),
            "https://kafka.apache.org/documentation/#configuration",
        )],
    }
}
