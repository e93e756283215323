//! Lesson 14: auto-commit, and what it really loses.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only consumer: behind three brokers, one controller and one producer.
const CONSUMER: NodeId = NodeId(6);

/// Records handed to a worker, auto-commit by the polling thread, a crash in the middle.
pub fn lesson() -> Lesson {
    Lesson {
        id: "auto-commit",
        number: Some(14),
        title: t("Auto-commit: what it really loses", "自动提交到底丢什么"),
        line: t(
            "The consumer crashes with work in hand. Skipped, or done twice?",
            "consumer 在处理途中崩溃。是漏掉，还是做两遍？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 2_500_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "handler.handoff"),
            (Consumer, "enable.auto.commit"),
            (Application, "commit.mode"),
            (Consumer, "auto.commit.interval.ms"),
            (Application, "handler.idempotent"),
        ],
        invite: Some(Action::Kill(CONSUMER)),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::LostAfterAck, Property::Stuck],
        },
        fix: vec![
            (Application, "handler.handoff", "false"),
            (Consumer, "enable.auto.commit", "false"),
            (Application, "commit.mode", "sync-after"),
        ],
        price: t(
            "Committing after the work turns the loss into repeats: what was done and not yet committed is done again. \
             An idempotent handler takes the second time without effect.",
            "处理完再提交，丢失就变成重复：已处理但未提交的会再做一遍。幂等的处理能让第二遍不产生效果。",
        ),
        offers: offers(),
        reading: vec![(
            t(
                "Kafka documentation: consumer, offsets and positions",
                "Kafka 文档：consumer 的 offset 与 position",
            ),
            "https://kafka.apache.org/43/javadoc/org/apache/kafka/clients/consumer/KafkaConsumer.html",
        )],
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t("Work in the polling thread", "在 poll 线程里处理"),
            Application,
            "handler.handoff",
            "false",
        ),
        offer(
            t("Commit less often", "降低提交频率"),
            Consumer,
            "auto.commit.interval.ms",
            "60000",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "The polling thread hands each order to a worker and polls on.",
            "poll 线程把订单交给工作线程，自己继续 poll。",
        ),
        t(
            "Auto-commit runs inside poll(): it commits what earlier polls returned, done or not.",
            "自动提交发生在 poll() 里：它提交之前各次 poll 返回的位置，不管处理完没有。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "auto.commit.interval.ms", "1000")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "handler.handoff", "true")
        .with(Application, "handler.time.ms", "400")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "60")
        .at_ms(7_000, Action::Kill(CONSUMER))
        .at_ms(9_000, Action::Start(CONSUMER))
        .until_ms(60_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "The consumer crashes now, with orders waiting for its worker. When it is back, what becomes of those?",
            "consumer 现在崩溃，工作线程手里还有排队的订单。它回来以后，这些订单会怎样？",
        ),
        hint: t(
            "The position is past them, and poll() has committed positions every second.",
            "position 已经越过它们，而 poll() 每秒都在提交 position。",
        ),
        options: vec![
            answer(t("Done once", "各处理一次"), 1, 0, 0),
            answer(t("Some are never done", "有些再也不会处理"), 0, 1, 0),
            answer(t("Some are done twice", "有些处理两遍"), 0, 0, 1),
        ],
        reveal: t(
            "The committed offset was ahead of the work. {lost} orders lie below it: Kafka has them, and no one will \
             poll them again.",
            "已提交的 offset 跑到了处理前面。有 {lost} 条订单在它之下：Kafka 里有，但不会再被 poll 到。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Processed,
            t("{message} is billed.", "{message} 已入账。"),
            t(
                "The worker takes one order at a time.",
                "工作线程一次处理一条订单。",
            ),
        ),
        beat(
            On::Committed,
            t(
                "poll() commits offset {offset}.",
                "poll() 提交了 offset {offset}。",
            ),
            t(
                "Everything below counts as done for the group, whether the worker has come to it or not.",
                "对 group 来说，它之下的都算处理完了，不管工作线程处理到哪里。",
            ),
        ),
        pause(
            On::Killed,
            t(
                "The consumer crashes with orders in its queue.",
                "consumer 崩溃，队列里还有订单。",
            ),
            t(
                "A queue in memory dies with its process.",
                "内存里的队列随进程消失。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "It is back and goes on at offset {offset}.",
                "它回来了，从 offset {offset} 继续。",
            ),
            t(
                "That is the committed offset. Nobody asks what was done.",
                "这是已提交的 offset。没有人问处理到了哪里。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders were never billed.",
                "{lost} 条订单从未入账。",
            ),
            t(
                "They are in the log. The same loop without the hand-off repeats some, and skips none.",
                "它们还在日志里。同样的循环，不交给别的线程，只会重复，不会遗漏。",
            ),
        ),
    ]
}
