//! Lesson 21: where a consumer stands.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Broker, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only producer: behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);

/// A new group with auto.offset.reset=latest, and orders that were there before it.
pub fn lesson() -> Lesson {
    Lesson {
        id: "where",
        number: Some(21),
        title: t("Where a consumer stands", "consumer 站在哪里"),
        line: t(
            "A new group starts to read. At which offset?",
            "一个新 group 开始读。从哪个 offset？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 1_000_000,
        experiment: experiment(),
        knobs: vec![
            (Consumer, "auto.offset.reset"),
            (Broker, "group.initial.rebalance.delay.ms"),
            (Consumer, "enable.auto.commit"),
        ],
        invite: None,
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![Property::LostSilently],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Consumer, "auto.offset.reset", "earliest")],
        price: t(
            "earliest reads all that the topic still holds, which may be a week of orders: the handler must bear old ones. \
             none throws instead, and lets a person decide.",
            "earliest 会读 topic 里现存的全部，可能是一周的订单：处理端要能承受旧数据。none 则抛异常，让人来决定。",
        ),
        offers: vec![
            offer(
                t("auto.offset.reset=earliest", "auto.offset.reset=earliest"),
                Consumer,
                "auto.offset.reset",
                "earliest",
            ),
            offer(
                t("No waiting for members", "不等其他成员"),
                Broker,
                "group.initial.rebalance.delay.ms",
                "0",
            ),
        ],
        reading: vec![(
            t(
                "Kafka documentation: auto.offset.reset",
                "Kafka 文档：auto.offset.reset",
            ),
            "https://kafka.apache.org/documentation/#consumerconfigs_auto.offset.reset",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "Orders are written and acked; a new service has just joined its group.",
            "订单在写入并 ack；一个新服务刚加入它的 group。",
        ),
        t(
            "For a new group the coordinator waits a little for more members to come.",
            "对新 group，coordinator 会稍等一会儿，看还有没有成员加入。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with(Consumer, "auto.offset.reset", "latest")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "40")
        .at_ms(
            2_010,
            Action::Burst {
                client: PRODUCER,
                messages: 4,
            },
        )
        .until_ms(20_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "{acked} orders are acked and visible. The new group is about to get its partition. How many of these will it process?",
            "已 ack 且可见的订单有 {acked} 条。新 group 马上要分到 partition。这些它会处理几条？",
        ),
        hint: t(
            "It has no committed offset yet: auto.offset.reset decides, and its default is latest.",
            "它还没有已提交的 offset：由 auto.offset.reset 决定，默认值是 latest。",
        ),
        options: vec![
            answer(t("All: they are in the log", "全部：都在日志里"), 11, 0, 0),
            answer(t("Those since it joined", "它加入之后的那些"), 10, 1, 0),
            answer(t("None", "一条也不会"), 0, 11, 0),
        ],
        reveal: t(
            "latest means the end of the log when the position is first looked for, and that was after the join, not \
             before it. {lost} orders lie below, and no one will read them.",
            "latest 指的是第一次查找 position 时的日志末尾，那是在加入之后，而不是之前。它之下有 {lost} 条订单，没有人会读。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t(
                "{message} is acked and visible.",
                "{message} 已 ack，可见。",
            ),
            t(
                "Everybody may read it. The group has no position yet.",
                "谁都可以读。group 还没有 position。",
            ),
        ),
        pause(
            On::Lost,
            t(
                "The group starts at the end of the log.",
                "group 从日志末尾开始。",
            ),
            t(
                "No committed offset, so latest: what came before is passed over.",
                "没有已提交的 offset，所以是 latest：之前的都被越过。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "Its first poll returns offset {offset}.",
                "它第一次 poll 返回 offset {offset}。",
            ),
            t("From here on nothing is missed.", "从这里开始不会再漏。"),
        ),
        beat(
            On::Committed,
            t("Offset {offset} is committed.", "提交了 offset {offset}。"),
            t(
                "Had it crashed before this first commit, latest would have decided once more.",
                "若在这第一次提交之前崩溃，又会由 latest 决定一次。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders were never read.",
                "{lost} 条订单从未被读过。",
            ),
            t(
                "They are in the log, acked, replicated, and below the group's offset.",
                "它们在日志里，已 ack、已复制，在 group 的 offset 之下。",
            ),
        ),
    ]
}
