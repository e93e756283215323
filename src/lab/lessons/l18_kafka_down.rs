//! Lesson 18: Kafka is down.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, otherwise, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// Three brokers and their controller.
const KAFKA: [NodeId; 4] = [NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

/// The whole cluster is away for a quarter of a minute, and service A goes on taking orders.
pub fn lesson() -> Lesson {
    Lesson {
        id: "kafka-down",
        number: Some(18),
        title: t("Kafka is down", "Kafka 整个不可用"),
        line: t(
            "No broker answers. What does a service do with the orders that come in?",
            "没有一个 broker 应答。服务收到的订单怎么办？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 3_500_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "order.store"),
            (Application, "direct.call"),
            (Application, "direct.after.ms"),
            (Producer, "max.block.ms"),
            (Producer, "delivery.timeout.ms"),
            (Producer, "buffer.memory"),
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
            violated: vec![Property::Reordered],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Doubled,
                Property::Stuck,
            ],
        },
        fix: vec![
            (Application, "order.store", "outbox"),
            (Application, "direct.call", "true"),
        ],
        price: t(
            "Two ways to one service: both may deliver the same order, so B must be idempotent, and the order of orders is \
             lost between them. B has to be up, to have such an entrance, and to bear the load of both when Kafka is back.",
            "通往同一个服务有两条路：同一个订单可能两边都送到，所以 B 必须幂等；两条路之间没有顺序。B 得活着，得有这样一个入口，\
             Kafka 恢复时还得扛住两边的流量。",
        ),
        offers: offers(),
        reading: reading(),
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t("Store every message", "先存每条消息"),
            Application,
            "order.store",
            "outbox",
        ),
        offer(
            t("A longer max.block.ms", "加大 max.block.ms"),
            Producer,
            "max.block.ms",
            "60000",
        ),
    ]
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "Kafka documentation: max.block.ms, delivery.timeout.ms",
                "Kafka 文档：max.block.ms、delivery.timeout.ms",
            ),
            "https://kafka.apache.org/documentation/#producerconfigs",
        ),
        (
            t(
                "Chris Richardson: idempotent consumer",
                "Chris Richardson：idempotent consumer",
            ),
            "https://microservices.io/patterns/communication-style/idempotent-consumer.html",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Service A stores an order, then sends it to service B through Kafka.",
            "A 服务存下订单，再经 Kafka 发给 B 服务。",
        ),
        t(
            "send() hands the record to a buffer and returns at once, as long as there is room.",
            "send() 把记录放进缓冲区就返回，只要还有空间。",
        ),
    )
}

fn experiment() -> Experiment {
    let experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "max.partition.fetch.bytes", "300")
        .with(Producer, "buffer.memory", "2048")
        .with(Producer, "batch.size", "512")
        .with(Producer, "max.block.ms", "2000")
        .with(Producer, "request.timeout.ms", "2000")
        .with(Producer, "delivery.timeout.ms", "6000")
        .with(Application, "order.store", "row-first")
        .with(Application, "relay.tries", "0")
        .with(Application, "direct.after.ms", "3000")
        .with(Application, "handler.idempotent", "true")
        .with(Application, "handler.time.ms", "400")
        .with(Application, "send.rate", "4")
        .with(Application, "send.count", "80");
    let down = |e: Experiment, node: &NodeId| e.at_ms(6_050, Action::Kill(*node));
    let up = |e: Experiment, node: &NodeId| e.at_ms(14_000, Action::Start(*node));
    let experiment = KAFKA.iter().fold(experiment, down);
    KAFKA.iter().fold(experiment, up).until_ms(60_000)
}

fn question() -> Question {
    Question {
        before_action: 4,
        text: t(
            "Kafka's processes are started again now. A has taken {sent} orders so far. What becomes of them?",
            "Kafka 的进程现在重新启动。A 到此收下 {sent} 个订单。它们会怎样？",
        ),
        hint: t(
            "delivery.timeout.ms is 6000 here, max.block.ms 2000, and the buffer is small.",
            "这里 delivery.timeout.ms 是 6000，max.block.ms 是 2000，缓冲区很小。",
        ),
        options: vec![
            answer(
                t(
                    "All get to B: the client retries",
                    "全部到达 B：客户端会重试",
                ),
                43,
                0,
                0,
            ),
            answer(
                t(
                    "Those taken since the outage never get there",
                    "停机以后收下的到不了",
                ),
                25,
                18,
                0,
            ),
            answer(
                t("All, some of them twice", "全部到达，有些两次"),
                25,
                0,
                18,
            ),
        ],
        reveal: t(
            "{lost} orders are in A's database and in no message. What was in the buffer expired after delivery.timeout.ms; \
             what found no room waited max.block.ms in send() and failed. The callback said so, and nobody sent again.",
            "{lost} 个订单在 A 的数据库里，却没有消息。缓冲里的过了 delivery.timeout.ms 过期；放不进缓冲的在 send() 里等满 \
             max.block.ms 后失败。callback 报告了，但没有人再发。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    let mut beats = vec![beat(
        On::Acked,
        t("{message} is in Kafka.", "{message} 进了 Kafka。"),
        t("B will read it there.", "B 会从那里读到。"),
    )];
    beats.extend(without_outbox());
    beats.extend(with_outbox());
    beats.extend(kafka_is_back());
    beats
}

/// A hands each order to its producer, and nothing else.
fn without_outbox() -> [Beat; 3] {
    let story = |beat: Beat| beat.without(Application, "order.store", "outbox");
    [
        beat(
            On::Killed,
            t("All of Kafka goes down.", "整个 Kafka 停了。"),
            t(
                "A does not notice yet: send() still returns.",
                "A 还没有察觉：send() 照样返回。",
            ),
        ),
        beat(
            On::OrderStored,
            t(
                "A goes on taking orders: {message} is stored.",
                "A 照常接单：{message} 已存下。",
            ),
            t("Its message has nowhere to go.", "它的消息没有地方可去。"),
        ),
        pause(
            On::SendFailed,
            t("The send of {message} fails.", "{message} 发送失败。"),
            t(
                "The buffer stayed full for max.block.ms, or its batch waited for delivery.timeout.ms. What now is up to the sender.",
                "缓冲区满了 max.block.ms 之久，或者它的 batch 等满了 delivery.timeout.ms。接下来怎么办，要看发送方。",
            ),
        ),
    ]
    .map(story)
}

/// A stores a row with each order; a job sends the rows, or calls B.
fn with_outbox() -> [Beat; 4] {
    let story = |beat: Beat| beat.with(Application, "order.store", "outbox");
    let called = beat(
        On::Called,
        t(
            "{message} has waited too long for Kafka: the job calls B with it.",
            "{message} 等 Kafka 太久：任务用它直接调用 B。",
        ),
        t(
            "B does the work and answers; the row is marked as delivered.",
            "B 处理后应答，这一行标记为已送达。",
        ),
    );
    let failed = beat(
        On::SendFailed,
        t(
            "The job's send of {message} fails.",
            "任务发送 {message} 失败。",
        ),
        t(
            "Its row stays in the outbox: the next run tries again.",
            "它的行留在 outbox：下一次扫描再试。",
        ),
    );
    [
        beat(
            On::Killed,
            t("All of Kafka goes down.", "整个 Kafka 停了。"),
            t(
                "A does not notice: it writes to its database alone.",
                "A 没有察觉：它只写自己的数据库。",
            ),
        ),
        beat(
            On::OrderStored,
            t(
                "A goes on taking orders: {message} is stored.",
                "A 照常接单：{message} 已存下。",
            ),
            t("Its row waits in the outbox.", "它的行在 outbox 里等待。"),
        ),
        called.with(Application, "direct.call", "true"),
        failed.with(Application, "direct.call", "false"),
    ]
    .map(story)
}

fn kafka_is_back() -> Vec<Beat> {
    vec![
        beat(
            On::Started,
            t("Kafka's processes start again.", "Kafka 的进程重新启动。"),
            t(
                "They have kept every record that they had acked.",
                "它们 ack 过的记录一条不少。",
            ),
        ),
        otherwise(
            On::OutOfOrder,
            t("{message} is worked on now.", "{message} 现在才处理。"),
            t(
                "Later orders were done before it: each way has an order, both together have none.",
                "更晚的订单已经处理过：每条路各有顺序，合在一起没有。",
            ),
        )
        .with(Application, "direct.call", "true"),
        beat(
            On::Sealed,
            t(
                "{lost} orders were taken and never reached B.",
                "{lost} 个订单收下了，没有到达 B。",
            ),
            t(
                "Kafka lost nothing. A had nowhere to put what it could not send.",
                "Kafka 一条没丢。A 发不出去的东西没有地方放。",
            ),
        ),
    ]
}
