//! Lesson 25: the capstone. A shop whose settings were never chosen, and every fault there is.

use super::types::{Beat, Ending, Lesson, Question, answer, beat, offer, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{self, Application, Consumer, Producer, Topic};
use crate::lab::experiment::Experiment;
use crate::lab::hunt::Kind;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::trial::{Goal, Limits, Trial};
use crate::sim::NodeId;

/// The billing process of the shop.
const CONSUMER: NodeId = NodeId(6);

/// What a configuration that loses nothing has.
const FIX: [(Owner, &str, &str); 7] = [
    (Producer, "acks", "all"),
    (Producer, "enable.idempotence", "true"),
    (Topic, "min.insync.replicas", "2"),
    (Consumer, "enable.auto.commit", "false"),
    (Application, "commit.mode", "sync-after"),
    (Application, "handler.handoff", "false"),
    (Application, "handler.idempotent", "true"),
];

/// Every single fault at every point, then three at most, one at a time.
pub fn trial() -> Trial {
    Trial {
        goal: Goal::LoseNothing(Limits {
            machines: 4,
            ack_us: 8_000,
        }),
        kinds: Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_single())
            .collect(),
        most: 3,
        one_at_a_time: true,
        runs: 100,
    }
}

/// One bad night first; then the learner's own configuration is tried.
pub fn lesson() -> Lesson {
    Lesson {
        id: "capstone",
        number: Some(25),
        title: t("Capstone: lose nothing", "综合：一条不丢"),
        line: t(
            "A shop, faults unknown, a budget. Which settings survive every single fault?",
            "一家商店，故障未知，预算有限。怎样的配置经得起每一个单点故障？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_000_000,
        experiment: experiment(),
        knobs: FIX.iter().map(|(owner, name, _)| (*owner, *name)).collect(),
        invite: Some(Action::Kill(CONSUMER)),
        opening: words(
            t(
                "A shop: orders come in, the billing process charges them. Nobody has chosen its settings.",
                "一家商店：订单进来，计费进程扣款。它的配置从没有人认真选过。",
            ),
            t(
                "See one bad night, turn the knobs, then put your settings on trial.",
                "先看一个糟糕的夜晚，再调配置，然后让它接受检验。",
            ),
        ),
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
                Property::Doubled,
                Property::Stuck,
            ],
        },
        fix: FIX.to_vec(),
        price: t(
            "Nothing lost costs a replica's round trip for each ack, three brokers, and a table of keys already seen. With two \
             brokers down at once it stops rather than lose. Power lost everywhere at once still takes what no disk has.",
            "一条不丢的代价：每次 ack 多等一次副本往返，三台 broker，一张已见 key 的表。两台 broker 同时停机时它停止服务而不丢数据。\
             所有机器同时断电，仍会丢掉还没写盘的。",
        ),
        offers: vec![
            offer(
                t("Commit after the work", "处理完再 commit"),
                Application,
                "commit.mode",
                "sync-after",
            ),
            offer(
                t("No hand-off to another thread", "不交给别的线程"),
                Application,
                "handler.handoff",
                "false",
            ),
        ],
        reading: vec![(
            t(
                "Kafka documentation: message delivery semantics",
                "Kafka 文档：消息传递语义",
            ),
            "https://kafka.apache.org/documentation/#semantics",
        )],
    }
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "acks", "1")
        .with(Producer, "enable.idempotence", "false")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "auto.commit.interval.ms", "1000")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "handler.handoff", "true")
        .with(Application, "handler.time.ms", "150")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "30")
        .at_ms(3_500, Action::Kill(CONSUMER))
        .at_ms(5_000, Action::Start(CONSUMER))
        .until_ms(22_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "{acked} orders are acked. The billing process crashes now and is started again. How many are never charged?",
            "{acked} 条订单已 ack。计费进程现在崩溃，随后重启。有多少条永远不会被扣款？",
        ),
        hint: t(
            "poll() hands orders to a worker thread and commits what was polled, once a second.",
            "poll() 把订单交给工作线程，并且每秒提交一次已拉取的位置。",
        ),
        options: vec![
            answer(
                t("None: Kafka has them all", "没有：Kafka 里都有"),
                30,
                0,
                0,
            ),
            answer(
                t(
                    "Some: those in the worker's hands",
                    "一部分：工作线程手里的",
                ),
                0,
                1,
                0,
            ),
            answer(t("None, but some twice", "没有，但有些会重复"), 0, 0, 1),
        ],
        reveal: t(
            "The commit was ahead of the work: {lost} orders are in Kafka, and nobody will charge them. That was one fault. The \
             trial tries every one.",
            "提交走在了处理前面：{lost} 条订单还在 Kafka 里，却再也没人处理。这只是一个故障。检验会试遍每一个。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t("{message} is acked.", "{message} 已 ack。"),
            t("By the leader alone: acks=1.", "只由 leader 确认：acks=1。"),
        ),
        beat(
            On::Killed,
            t("{node} crashes.", "{node} 崩溃。"),
            t(
                "Orders wait in its memory that are committed already.",
                "它内存里排队的订单，位置已经提交了。",
            ),
        ),
        beat(
            On::Started,
            t("{node} is back.", "{node} 回来了。"),
            t(
                "It goes on where the group has committed.",
                "它从 group 已提交的位置继续。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders are never charged.",
                "{lost} 条订单永远不会被扣款。",
            ),
            t(
                "Turn the knobs, then put them on trial.",
                "调好配置，再让它接受检验。",
            ),
        ),
    ]
}
