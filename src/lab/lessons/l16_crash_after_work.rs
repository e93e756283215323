//! Lesson 16: commit after work, then crash.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only consumer: behind three brokers, one controller and one producer.
const CONSUMER: NodeId = NodeId(6);

/// Commit after the work, and a crash between the two.
pub fn lesson() -> Lesson {
    Lesson {
        id: "crash-after-work",
        number: Some(16),
        title: t("Commit after work, then crash", "处理完、提交前崩溃"),
        line: t(
            "Nothing is lost this way. What is the catch?",
            "这样不会丢。那问题在哪里？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 4_000_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "handler.idempotent"),
            (Application, "handler.seen.in"),
            (Application, "handler.memory.ms"),
            (Application, "commit.mode"),
            (Consumer, "max.poll.records"),
            (Consumer, "enable.auto.commit"),
        ],
        invite: Some(Action::Kill(CONSUMER)),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Doubled],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::Doubled, Property::LostAfterAck, Property::Stuck],
        },
        fix: vec![(Application, "handler.idempotent", "true")],
        price: t(
            "The handler has to remember what it has done: a table of keys that grows, with a lifetime someone must choose \
             (handler.memory.ms; shorter than the outage, and the order is billed twice again). It has to be in the database: \
             in the memory of the process (handler.seen.in) it is gone with the crash. Or the offset is stored with the result, \
             in one database transaction.",
            "处理端要记住做过什么：一张会变大的 key 表，有效期得有人来定（handler.memory.ms；比故障时间短，订单又会入账两次）。\
             表要放在数据库里：只在进程内存里（handler.seen.in），崩溃时就没了。或者把 offset 和结果存进同一个数据库事务。",
        ),
        offers: vec![
            offer(
                t("An idempotent handler", "幂等的处理"),
                Application,
                "handler.idempotent",
                "true",
            ),
            offer(
                t("Commit before the work", "先提交，后处理"),
                Application,
                "commit.mode",
                "before",
            ),
        ],
        reading: vec![(
            t(
                "Kafka documentation: message delivery semantics",
                "Kafka 文档：message delivery semantics",
            ),
            "https://kafka.apache.org/documentation/#semantics",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "The consumer bills the orders of a poll, then commits.",
            "consumer 先把一次 poll 的订单入账，然后提交。",
        ),
        t(
            "The right way round: work first, offset after.",
            "顺序是对的：先处理，后提交。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.time.ms", "300")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "40")
        .at_ms(6_000, Action::Kill(CONSUMER))
        .at_ms(8_000, Action::Start(CONSUMER))
        .until_ms(40_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "An order has just been billed; its offset is not committed yet. The consumer crashes. What becomes of the {acked} orders so far?",
            "一条订单刚入账，offset 还没提交。consumer 崩溃。到此为止的 {acked} 条订单会怎样？",
        ),
        hint: t(
            "When it is back it starts at the committed offset.",
            "它回来以后从已提交的 offset 开始。",
        ),
        options: vec![
            answer(t("Each is billed once", "各入账一次"), 30, 0, 0),
            answer(t("One is passed over", "有一条被越过"), 29, 1, 0),
            answer(t("One is billed twice", "有一条入账两次"), 29, 0, 1),
        ],
        reveal: t(
            "The work was done and the note of it was not: so it is done again. {twice} order was billed twice. Commit \
             before the work, and it would be none instead.",
            "活干完了，记录没写下：于是再干一遍。{twice} 条订单入账两次。若先提交再处理，就变成一次也没有。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Committed,
            t("Offset {offset} is committed.", "提交了 offset {offset}。"),
            t(
                "Everything below it is billed: the commit came after the work.",
                "它之下的都已入账：提交在处理之后。",
            ),
        ),
        beat(
            On::Processed,
            t("{message} is billed.", "{message} 已入账。"),
            t("Its commit is still to come.", "它的提交还没有来。"),
        ),
        beat(
            On::Killed,
            t(
                "The consumer crashes in between.",
                "consumer 正好在中间崩溃。",
            ),
            t(
                "The bill is in the database. The offset is not in Kafka.",
                "账已在数据库里，offset 不在 Kafka 里。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "It is back and goes on at offset {offset}.",
                "它回来了，从 offset {offset} 继续。",
            ),
            t(
                "First the group had to wait for the dead member's session to end.",
                "在此之前，group 要先等死去成员的会话结束。",
            ),
        ),
        pause(
            On::Twice,
            t("{message} is billed again.", "{message} 又入账一次。"),
            t(
                "At least once means: now and then twice.",
                "至少一次的意思是：偶尔两次。",
            ),
        )
        .without(Application, "handler.idempotent", "true"),
        pause(
            On::Twice,
            t("{message} is billed again.", "{message} 又入账一次。"),
            t(
                "The handler is idempotent, and it has forgotten that it did this one.",
                "处理是幂等的，但它忘了这一条已经做过。",
            ),
        )
        .with(Application, "handler.idempotent", "true"),
        beat(
            On::Sealed,
            t(
                "{twice} order was billed twice, none was lost.",
                "{twice} 条订单入账两次，没有丢失。",
            ),
            t(
                "No setting of Kafka changes that: between two systems one of the two notes comes first.",
                "Kafka 的任何设置都改变不了：两个系统之间，总有一边先记下。",
            ),
        ),
    ]
}
