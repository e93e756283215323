//! Lesson 3: three ways to send.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// Forget, sync or callback, through an outage longer than the producer's patience.
pub fn lesson() -> Lesson {
    Lesson {
        id: "three-ways",
        number: Some(3),
        title: t("Three ways to send", "三种发送方式"),
        line: t(
            "Forget, wait for each, or a callback: which of them knows what it lost?",
            "不管结果、逐条等待、用 callback：哪一种知道自己丢了什么？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_500_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "send.mode"),
            (Application, "resend.on.failure"),
            (Producer, "delivery.timeout.ms"),
            (Producer, "linger.ms"),
        ],
        invite: Some(Action::Kill(broker(1))),
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
        fix: vec![
            (Application, "send.mode", "callback"),
            (Application, "resend.on.failure", "true"),
        ],
        price: t(
            "A callback costs nothing: the median ack takes {ack}, as without it ({ack_before}), and the application hears \
             of it. Waiting for each send knows as much and sends one record every {ack}. A failed send means unknown: what \
             is sent again may be there twice.",
            "callback 没有代价：ack 中位数 {ack}，和不看结果时（{ack_before}）一样，而且应用知道结果。\
             逐条等待知道得一样多，但每 {ack} 只能发一条。发送失败意味着结果未知：重新发送可能造成重复。",
        ),
        offers: vec![
            offer(
                t("A callback that sends again", "用 callback，失败就重发"),
                Application,
                "resend.on.failure",
                "true",
            ),
            offer(
                t("Wait for each: send().get()", "逐条等待：send().get()"),
                Application,
                "send.mode",
                "sync",
            ),
        ],
        reading: vec![(
            t(
                "KafkaProducer.send: future and callback",
                "KafkaProducer.send：Future 与 callback",
            ),
            "https://kafka.apache.org/43/javadoc/org/apache/kafka/clients/producer/KafkaProducer.html",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "The application calls send() and goes on, whatever becomes of it.",
            "应用调用 send() 后继续往下走，不管结果。",
        ),
        t(
            "The producer tries for delivery.timeout.ms, then tells the callback. Here is none.",
            "producer 会努力到 delivery.timeout.ms 为止，然后告诉 callback。这里没有 callback。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "delivery.timeout.ms", "5000")
        .with(Producer, "request.timeout.ms", "3000")
        .with(Application, "send.mode", "forget")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "40")
        .at_ms(3_000, Action::Kill(broker(1)))
        .at_ms(7_100, Action::Start(broker(1)))
        .until_ms(25_000)
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "The leader has been dead for a while. {sent} orders were handed to send(). How many of them does Kafka get?",
            "leader 已经死了一阵。已有 {sent} 条订单交给 send()。Kafka 最终得到几条？",
        ),
        hint: t(
            "delivery.timeout.ms is 5 s here. A new leader takes longer than that.",
            "这里 delivery.timeout.ms 是 5 s。选出新 leader 要更久。",
        ),
        options: vec![
            answer(t("All: they are retried", "全部：会重试"), 36, 0, 0),
            answer(
                t("Those acked before the kill", "只有 kill 之前已 ack 的"),
                15,
                21,
                0,
            ),
            answer(t("None", "一条也没有"), 0, 36, 0),
        ],
        reveal: t(
            "Retries end at delivery.timeout.ms, counted from the batch's creation. {lost} orders expired in the \
             producer's memory, and the exception went to nobody.",
            "重试到 delivery.timeout.ms 为止，从 batch 创建时算起。{lost} 条订单在 producer 内存里过期，异常没有交给任何人。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t("{message} has its ack.", "{message} 收到了 ack。"),
            t("Nobody asked for it.", "没有人在等这个结果。"),
        ),
        beat(
            On::Killed,
            t("{node} is killed.", "{node} 被 kill -9。"),
            t(
                "The application notices nothing: send() still returns at once.",
                "应用毫无察觉：send() 照样立即返回。",
            ),
        ),
        pause(
            On::SendFailed,
            t("{message} has expired.", "{message} 过期了。"),
            t(
                "TimeoutException: the producer gives it up, after delivery.timeout.ms.",
                "TimeoutException：过了 delivery.timeout.ms，producer 放弃了它。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}.",
                "{node} 成为 epoch {epoch} 的 leader。",
            ),
            t("Too late for those.", "对那些订单来说太晚了。"),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders are gone, and no one knows.",
                "{lost} 条订单没了，没有人知道。",
            ),
            t(
                "With a callback the application would hold their list in its hands.",
                "若有 callback，应用手里就会有这份名单。",
            ),
        ),
    ]
}
