//! Lesson 22: inside the producer.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only producer: behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);

/// A buffer full of orders, and a process that ends without sending them.
pub fn lesson() -> Lesson {
    Lesson {
        id: "inside",
        number: Some(22),
        title: t("Inside the producer", "producer 内部"),
        line: t(
            "send() has returned. Where is the record?",
            "send() 返回了。记录在哪里？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 2_200_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "linger.ms"),
            (Producer, "batch.size"),
            (Application, "shutdown.flush"),
            (Application, "send.mode"),
        ],
        invite: Some(Action::Stop(PRODUCER)),
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
        fix: vec![(Application, "shutdown.flush", "true")],
        price: t(
            "linger.ms makes a record wait for company: here the median ack takes {ack}. Flushing takes as long as the brokers need, and a deployment must give it that time. Against kill -9 it does \
             nothing: what must not be lost even then belongs into a database first, with an outbox.",
            "linger.ms 让记录等待凑批：这里 ack 中位数 {ack}。flush 要花 broker 需要的时间，发布流程得留出来。它挡不住 kill -9：连那时也不能丢的，要先进数据库，用 outbox。",
        ),
        offers: vec![
            offer(
                t("Flush before the end", "结束前先 flush"),
                Application,
                "shutdown.flush",
                "true",
            ),
            offer(
                t("The default linger", "默认的 linger"),
                Producer,
                "linger.ms",
                "5",
            ),
        ],
        reading: vec![(
            t(
                "KafkaProducer: buffering and close",
                "KafkaProducer：缓冲与 close",
            ),
            "https://kafka.apache.org/43/javadoc/org/apache/kafka/clients/producer/KafkaProducer.html",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "send() puts an order into a batch; the sender thread ships the batch when linger.ms is over.",
            "send() 把订单放进 batch；到了 linger.ms，sender 线程才把 batch 发出去。",
        ),
        t(
            "Large batches are cheap. Until they leave they live in this process only.",
            "batch 大，成本低。发出去之前，它们只活在这个进程里。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "linger.ms", "2000")
        .with(Application, "send.mode", "forget")
        .with(Application, "shutdown.flush", "false")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "60")
        .at_ms(3_500, Action::Stop(PRODUCER))
        .at_ms(6_000, Action::Start(PRODUCER))
        .until_ms(20_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "A new version is deployed: the producer's process ends now, in good order. Of {sent} orders handed to send(), how many are in Kafka?",
            "发布新版本：producer 进程现在正常结束。交给 send() 的 {sent} 条订单里，Kafka 有几条？",
        ),
        hint: t(
            "linger.ms is 2000 here. The application ends without close() or flush().",
            "这里 linger.ms 是 2000。应用结束时没有 close() 也没有 flush()。",
        ),
        options: vec![
            answer(t("All: send() returned", "全部：send() 已返回"), 35, 0, 0),
            answer(
                t("Those whose batch has left", "batch 已发出的那些"),
                21,
                14,
                0,
            ),
            answer(t("None", "一条也没有"), 0, 35, 0),
        ],
        reveal: t(
            "send() only puts a record into memory. {lost} orders were waiting for their batch to leave, and memory ends \
             with its process.",
            "send() 只是把记录放进内存。{lost} 条订单还在等 batch 发出，而内存随进程一起结束。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::CountedWithoutAck,
            t("{message} counts as sent.", "{message} 被当作已发送。"),
            t(
                "It lies in the accumulator, in a batch that is still open.",
                "它在 accumulator 里，batch 还开着。",
            ),
        ),
        beat(
            On::Acked,
            t(
                "A batch has left and is acked.",
                "一个 batch 发出并已 ack。",
            ),
            t(
                "Many orders in one request: that is what linger.ms buys.",
                "一个请求装下许多订单：这就是 linger.ms 换来的。",
            ),
        ),
        beat(
            On::Stopping,
            t("The process ends.", "进程结束。"),
            t("In good order, by all appearances.", "看上去一切正常。"),
        ),
        pause(
            On::Lost,
            t(
                "{count} orders were still in its buffer.",
                "缓冲里还有 {count} 条订单。",
            ),
            t("No broker ever saw them.", "没有一台 broker 见过它们。"),
        ),
        beat(
            On::Started,
            t("The new version starts.", "新版本启动。"),
            t("Its buffer is empty.", "它的缓冲是空的。"),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders were lost in a deployment.",
                "一次发布丢了 {lost} 条订单。",
            ),
            t(
                "Every line of the dashboard was green.",
                "监控面板上全是绿的。",
            ),
        ),
    ]
}
