//! Lesson 4: the leader dies too soon.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// acks=1, two followers that stand still, a leader that is killed.
pub fn lesson() -> Lesson {
    Lesson {
        id: "acks",
        number: Some(4),
        title: t("The leader dies too soon", "leader 死得太早"),
        line: t(
            "The leader has answered. How many of its records survive it?",
            "leader 已经返回 ack。它死后这些记录还剩几条？",
        ),
        first_screen: false,
        pace_ppm: 100_000,
        begins_us: 600_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "acks"),
            (Producer, "enable.idempotence"),
            (Topic, "min.insync.replicas"),
        ],
        invite: Some(Action::Kill(broker(1))),
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
        fix: vec![(Producer, "acks", "all")],
        price: t(
            "With acks=all an ack waits for every replica in the ISR, not for min.insync.replicas of them: the median ack \
             takes {ack} in place of {ack_before}, and while two followers stand still, every send stands still with them.",
            "acks=all 的 ack 要等 ISR 中的每一个副本，而不是等 min.insync.replicas 个：ack 中位数从 {ack_before} 变为 {ack}，\
             两个 follower 停顿时，所有发送都跟着停顿。",
        ),
        offers: offers(),
        reading: reading(),
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t("Turn acks to all, same luck", "改为 acks=all，其余不变"),
            Producer,
            "acks",
            "all",
        ),
        offer(
            t(
                "Only min.insync.replicas=2",
                "只把 min.insync.replicas 改为 2",
            ),
            Topic,
            "min.insync.replicas",
            "2",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Orders arrive at broker 1, and brokers 2 and 3 fetch them from there.",
            "订单写入 broker 1，broker 2 和 3 再从它那里 fetch。",
        ),
        t(
            "With acks=1 broker 1 answers as soon as its own log has the record.",
            "acks=1 时，broker 1 只要自己的日志里有了记录就返回 ack。",
        ),
    )
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "Kafka documentation: replication",
                "Kafka 文档：replication",
            ),
            "https://kafka.apache.org/documentation/#replication",
        ),
        (
            t(
                "KIP-101: leader epochs decide where a log is cut",
                "KIP-101：由 leader epoch 决定日志截断到哪里",
            ),
            "https://cwiki.apache.org/confluence/x/9KSJB",
        ),
    ]
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "acks", "1")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "24")
        .at_ms(1_040, Action::Pause(broker(2)))
        .at_ms(1_040, Action::Pause(broker(3)))
        .at_ms(1_420, Action::Kill(broker(1)))
        .at_ms(1_430, Action::Resume(broker(2)))
        .at_ms(1_430, Action::Resume(broker(3)))
        .at_ms(13_000, Action::Start(broker(1)))
        .until_ms(16_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "{acked} orders have their ack. Broker 1 is killed in the next millisecond. How many of the {acked} survive?",
            "{acked} 条订单都收到了 ack。下一毫秒 broker 1 会被 kill -9。这 {acked} 条里最终还剩几条？",
        ),
        hint: t(
            "acks=1, three replicas, all in the ISR. Look at the three logs, then answer.",
            "acks=1，3 副本，全部在 ISR 中。看一眼三份日志再回答。",
        ),
        options: vec![
            answer(t("All of them", "一条不少"), 15, 0, 0),
            answer(
                t("Those the followers have", "follower 已有的那些"),
                12,
                3,
                0,
            ),
            answer(t("Three", "只剩 3 条"), 3, 12, 0),
            answer(t("None", "一条不剩"), 0, 15, 0),
        ],
        reveal: t(
            "Being in the ISR does not mean having the record: brokers 2 and 3 were in it, {lost} records behind, and \
             acks=1 did not wait for them.",
            "在 ISR 中不等于已有这条记录：broker 2 和 3 都在 ISR 中，却差了 {lost} 条，而 acks=1 不等它们。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    let mut beats = vec![
        beat(
            On::Acked,
            t("{message} has its ack.", "{message} 收到了 ack。"),
            t(
                "It is in one log; the followers fetch it a moment later.",
                "它此刻只在一份日志里，follower 稍后才会 fetch 到。",
            ),
        ),
        beat(
            On::Paused,
            t(
                "{node} stands still: a long GC pause.",
                "{node} 停住了：一次长 GC。",
            ),
            t(
                "The controller does not see it: a heartbeat is due only every 2 s. The ISR stays as it is.",
                "controller 看不到这次停顿：心跳每 2 s 才一次。ISR 不变。",
            ),
        ),
        beat(
            On::AckedWithOneCopy,
            t(
                "{message} is acked, and one log has it.",
                "{message} 已返回 ack，而只有一份日志里有它。",
            ),
            t(
                "The high watermark stands still, so no consumer has seen it.",
                "high watermark 没有前进，所以 consumer 还看不到它。",
            ),
        ),
    ];
    beats.extend(after_the_kill());
    beats
}

fn after_the_kill() -> Vec<Beat> {
    vec![
        beat(
            On::Killed,
            t("{node} is killed.", "{node} 被 kill -9。"),
            t(
                "Its disk keeps everything; but nobody can read it now.",
                "它的磁盘上什么都没丢，但现在谁也读不到。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}.",
                "{node} 成为 epoch {epoch} 的 leader。",
            ),
            t(
                "It is first in the replica list among those in the ISR. Nobody compared log ends.",
                "它是副本列表里第一个仍在 ISR 中的。选举不比较 LEO。",
            ),
        ),
        pause(
            On::Truncated,
            t(
                "{node} is back and cuts its log from {from} to {to}.",
                "{node} 回来了，把日志从 {from} 截断到 {to}。",
            ),
            t(
                "Epoch {epoch} began there, so what follows in its log never happened.",
                "epoch {epoch} 从那里开始，它日志里后面的部分就当没有发生过。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} messages vanished after their ack.",
                "{lost} 条消息在 ack 之后丢失。",
            ),
            t(
                "The producer was told they were safe.",
                "producer 得到的答复是已经写入。",
            ),
        ),
    ]
}
