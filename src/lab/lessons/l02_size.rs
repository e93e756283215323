//! Lesson 2: too big to store.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer, Topic};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only producer: behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);

/// Records larger than the topic takes, from an application that does not look at the result.
pub fn lesson() -> Lesson {
    Lesson {
        id: "too-big",
        number: Some(2),
        title: t("Too big to store", "太大，存不下"),
        line: t(
            "The application sent it, Kafka refused it. Who noticed?",
            "应用发出了，Kafka 拒绝了。谁注意到了？",
        ),
        first_screen: false,
        pace_ppm: 300_000,
        begins_us: 300_000,
        experiment: experiment(),
        knobs: vec![
            (Topic, "max.message.bytes"),
            (Producer, "max.request.size"),
            (Application, "record.size.bytes"),
            (Application, "send.mode"),
        ],
        invite: None,
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostSilently],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Topic, "max.message.bytes", "2000000")],
        price: t(
            "Every limit on the way must fit the largest record, and larger records cost memory and latency for all: \
             brokers, followers and consumers read whole batches. Often a reference to a file elsewhere is the better order.",
            "路上的每个上限都要容得下最大的记录；而大记录让所有人付出内存和延迟：broker、follower、consumer 都按整个 batch 读。\
             很多时候，消息里只放一个引用、文件放在别处更好。",
        ),
        offers: vec![
            offer(
                t("Raise max.message.bytes too", "也调大 max.message.bytes"),
                Topic,
                "max.message.bytes",
                "2000000",
            ),
            offer(
                t("Look at the result of send()", "检查 send() 的结果"),
                Application,
                "send.mode",
                "callback",
            ),
        ],
        reading: vec![(
            t(
                "Kafka documentation: max.message.bytes",
                "Kafka 文档：max.message.bytes",
            ),
            "https://kafka.apache.org/documentation/#topicconfigs_max.message.bytes",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "Each order carries a scanned contract: more than a megabyte.",
            "每条订单都带一份扫描合同：超过 1 MB。",
        ),
        t(
            "Somebody raised max.request.size for it. Nobody raised max.message.bytes.",
            "有人为此调大了 max.request.size，却没有人调大 max.message.bytes。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "max.request.size", "2000000")
        .with(Application, "send.mode", "forget")
        .with(Application, "record.size.bytes", "1200000")
        .with(Application, "send.rate", "2")
        .with(Application, "send.count", "12")
        .at_ms(
            2_010,
            Action::Burst {
                client: PRODUCER,
                messages: 3,
            },
        )
        .until_ms(9_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "A rush of orders comes. The application has called send() {sent} times and saw no error. How many are in the log?",
            "一波订单到来。应用已调用 send() {sent} 次，没有看到任何错误。日志里有几条？",
        ),
        hint: t(
            "send() returns at once. The answer comes later, in a Future or a callback.",
            "send() 立即返回。结果稍后才来，在 Future 或 callback 里。",
        ),
        options: vec![
            answer(t("All: no exception", "全部：没有异常"), 5, 0, 0),
            answer(t("All but the last", "除了最后一条"), 4, 1, 0),
            answer(t("None", "一条也没有"), 0, 5, 0),
        ],
        reveal: t(
            "The broker answers MESSAGE_TOO_LARGE, and the answer goes to a callback that does not exist. {lost} orders \
             were counted as sent and are nowhere.",
            "broker 返回 MESSAGE_TOO_LARGE，这个回答交给了一个不存在的 callback。{lost} 条订单被当作已发送，却哪里也没有。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::CountedWithoutAck,
            t("{message} counts as sent.", "{message} 被当作已发送。"),
            t(
                "It lies in the producer's buffer. Nothing has left this machine.",
                "它还在 producer 的缓冲里，什么也没有离开这台机器。",
            ),
        ),
        pause(
            On::SendFailed,
            t("{message} is refused.", "{message} 被拒绝。"),
            t(
                "One record is more than max.message.bytes. A batch of several would be split; a single one fails for good.",
                "单条记录就超过 max.message.bytes。若是多条组成的 batch 会被拆开，单条则彻底失败。",
            ),
        ),
        beat(
            On::Sealed,
            t("{lost} orders are nowhere.", "{lost} 条订单哪里也没有。"),
            t(
                "No log had them, no alarm rang. With a callback each would have been a line in an error log.",
                "没有一份日志存过它们，也没有告警。若有 callback，每一条都会是错误日志里的一行。",
            ),
        ),
    ]
}
