//! Lesson 5: a leader moves on purpose.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer, Topic};
use crate::lab::experiment::{Experiment, broker, heal};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// An orderly restart of the leader, with acks=1 and followers a little behind.
pub fn lesson() -> Lesson {
    Lesson {
        id: "planned",
        number: Some(5),
        title: t("A leader moves on purpose", "计划内的 leader 切换"),
        line: t(
            "An orderly restart, nothing fails. Can a record be lost?",
            "有序重启，没有任何故障。会丢消息吗？",
        ),
        first_screen: false,
        pace_ppm: 300_000,
        begins_us: 3_000_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "acks"),
            (Topic, "min.insync.replicas"),
            (Producer, "enable.idempotence"),
        ],
        invite: Some(Action::Stop(broker(1))),
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
            "With acks=all every ack waits for the slow network too. That wait is the lag which acks=1 hides until the \
             leader moves.",
            "acks=all 时，每个 ack 都要等慢网络。这段等待正是 acks=1 藏起来的落后，直到 leader 切换才显现。",
        ),
        offers: vec![
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
        ],
        reading: vec![(
            t(
                "Kafka documentation: graceful shutdown",
                "Kafka 文档：graceful shutdown",
            ),
            "https://kafka.apache.org/documentation/#basic_ops_restarting",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "The network between the brokers is slow today: followers are a little behind.",
            "今天 broker 之间的网络有点慢：follower 落后一点。",
        ),
        t(
            "They are in the ISR all the same: replica.lag.time.max.ms allows 30 s.",
            "但它们仍在 ISR 中：replica.lag.time.max.ms 允许落后 30 s。",
        ),
    )
}

fn experiment() -> Experiment {
    let slow = |to| Action::SlowLink {
        from: broker(1),
        to: broker(to),
        extra_us: 400_000,
    };
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "acks", "1")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "60")
        .at_ms(2_000, slow(2))
        .at_ms(2_000, slow(3))
        .at_ms(4_000, Action::Stop(broker(1)))
        .at_ms(4_600, heal(1, 2))
        .at_ms(4_600, heal(1, 3))
        .at_ms(9_000, Action::Start(broker(1)))
        .until_ms(20_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "{acked} orders are acked. Now the operator restarts broker 1, in good order. How many survive?",
            "{acked} 条订单已 ack。现在运维有序重启 broker 1。还剩几条？",
        ),
        hint: t(
            "SIGTERM: broker 1 writes everything to its disk and hands its leadership over first.",
            "SIGTERM：broker 1 会先把数据全部落盘，并交出 leader 身份。",
        ),
        options: vec![
            answer(t("All: nothing failed", "全部：没有故障"), 40, 0, 0),
            answer(t("Those a follower has", "follower 已有的那些"), 37, 3, 0),
            answer(t("None", "一条不剩"), 0, 40, 0),
        ],
        reveal: t(
            "The new leader is in the ISR, and a few records behind. Nobody waits for it to catch up before the move: \
             {lost} acked orders were cut from broker 1 when it came back.",
            "新 leader 在 ISR 中，但落后几条。切换之前没有人等它追上：broker 1 回来后，{lost} 条已 ack 的订单被截掉。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::AckedWithOneCopy,
            t(
                "{message} is acked, and one log has it.",
                "{message} 已 ack，只有一份日志里有它。",
            ),
            t(
                "Its copies are still on their way over the slow network.",
                "它的副本还在慢网络上。",
            ),
        ),
        beat(
            On::Stopping,
            t("{node} is asked to stop.", "{node} 收到停止请求。"),
            t(
                "It asks the controller to move its leaderships away first.",
                "它先请 controller 把自己的 leader 身份移走。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}, from offset {offset} on.",
                "{node} 成为 epoch {epoch} 的 leader，从 offset {offset} 开始。",
            ),
            t(
                "What broker 1 had beyond that offset is acked, and no longer counts.",
                "broker 1 在那之后的记录虽已 ack，却不再算数。",
            ),
        ),
        pause(
            On::Truncated,
            t(
                "{node} is back and cuts its log from {from} to {to}.",
                "{node} 回来了，把日志从 {from} 截断到 {to}。",
            ),
            t(
                "Everything was on its disk. It is cut all the same.",
                "数据全都落了盘，照样被截掉。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} acked orders vanished in a planned restart.",
                "一次计划内重启丢掉了 {lost} 条已 ack 的订单。",
            ),
            t(
                "Maintenance moves leaders far more often than crashes do.",
                "维护引起的 leader 切换，远比故障多。",
            ),
        ),
    ]
}
