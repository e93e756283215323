//! Lesson 7: retries write twice.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only producer: behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);

/// Requests arrive, answers get lost, and idempotence is off.
pub fn lesson() -> Lesson {
    Lesson {
        id: "twice",
        number: Some(7),
        title: t("Retries write twice", "重试会写两遍"),
        line: t(
            "The record was written, the answer was lost. What does the retry do?",
            "记录已写入，回答却丢了。重试会做什么？",
        ),
        first_screen: false,
        pace_ppm: 300_000,
        begins_us: 2_000_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "enable.idempotence"),
            (Producer, "max.in.flight.requests.per.connection"),
            (Producer, "retries"),
            (Producer, "request.timeout.ms"),
        ],
        invite: None,
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Doubled],
            holds: vec![Property::LostAfterAck, Property::LostSilently],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::Doubled,
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Producer, "enable.idempotence", "true")],
        price: t(
            "Idempotence costs next to nothing: a producer id, an epoch and a sequence number in each batch. But it knows \
             only this producer's own retries. A restarted producer is a new one, and what an application sends again is a \
             new record.",
            "幂等几乎没有代价：每个 batch 带上 producer id、epoch 和序号。但它只认得这个 producer 自己的重试。\
             重启后的 producer 是一个新的 producer；应用自己重发的，是一条新记录。",
        ),
        offers: vec![
            offer(
                t("Idempotence on, same luck", "打开幂等，其余不变"),
                Producer,
                "enable.idempotence",
                "true",
            ),
            offer(
                t("One request at a time", "每次只有一个请求在途"),
                Producer,
                "max.in.flight.requests.per.connection",
                "1",
            ),
        ],
        reading: vec![(
            t("KIP-98: idempotent producer", "KIP-98：幂等 producer"),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-98+-+Exactly+Once+Delivery+and+Transactional+Messaging",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "Every order is written, copied and acked. Retries are on, idempotence is off.",
            "每条订单都被写入、复制、ack。重试打开，幂等关闭。",
        ),
        t(
            "Now the way back from broker 1 to the producer is about to break. The way there is not.",
            "接下来 broker 1 到 producer 的回程会断，去程不断。",
        ),
    )
}

fn experiment() -> Experiment {
    let (from, to) = (broker(1), PRODUCER);
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "enable.idempotence", "false")
        .with(Producer, "request.timeout.ms", "2000")
        .with(Application, "send.mode", "forget")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "30")
        .at_ms(
            3_000,
            Action::CutLink {
                from,
                to,
                both: false,
            },
        )
        .at_ms(5_500, Action::HealLink { from, to })
        .until_ms(15_000)
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "{sent} orders went out; the last of them got no answer. The way back is mended now. What will the log hold?",
            "发出了 {sent} 条订单，最后几条没有收到回答。回程现在修好了。日志里会是什么？",
        ),
        hint: t(
            "The leader wrote what arrived. The producer cannot know that.",
            "leader 把到达的都写进去了。producer 无从知道。",
        ),
        options: vec![
            answer(t("Each order once", "每条订单一次"), 28, 0, 0),
            answer(t("Some are missing", "缺了几条"), 23, 5, 0),
            answer(t("Some are there twice", "有几条出现两次"), 23, 0, 5),
        ],
        reveal: t(
            "No answer looks the same as no record. The producer sent them again, and {twice} orders are in the log twice.",
            "没有回答和没有写入看起来一样。producer 又发了一遍，{twice} 条订单在日志里出现两次。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t(
                "{message} is written, copied and answered.",
                "{message} 已写入、复制、返回。",
            ),
            t(
                "So far each order is in the log once.",
                "到目前为止每条订单在日志里各一次。",
            ),
        ),
        beat(
            On::Cut,
            t("The way back is cut.", "回程断了。"),
            t(
                "Requests still arrive and are written. Their answers do not.",
                "请求照样到达并写入，回答却回不来。",
            ),
        ),
        pause(
            On::Twice,
            t("{message} is written again.", "{message} 又被写了一遍。"),
            t(
                "To the broker it is a new batch: without a sequence number nothing tells it apart.",
                "在 broker 看来这是一个新 batch：没有序号，无从分辨。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{twice} orders are there twice.",
                "{twice} 条订单出现两次。",
            ),
            t(
                "Look at their order as well: with five requests in flight a retry may land behind its successors.",
                "再看看顺序：最多五个请求在途时，重试可能排到后来者之后。",
            ),
        ),
    ]
}
