//! Lesson 17: the zombie consumer.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// Behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);
/// The first consumer, which has the partition.
const CONSUMER: NodeId = NodeId(6);

/// A handler that takes longer than max.poll.interval.ms, and a second consumer that takes over.
pub fn lesson() -> Lesson {
    Lesson {
        id: "zombie",
        number: Some(17),
        title: t("The zombie consumer", "僵尸 consumer"),
        line: t(
            "Declared dead, and still at work. Who does what twice?",
            "已被判定死亡，却还在干活。谁把什么做了两遍？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 3_000_000,
        experiment: experiment(),
        knobs: vec![
            (Consumer, "max.poll.interval.ms"),
            (Consumer, "max.poll.records"),
            (Application, "handler.idempotent"),
            (Consumer, "session.timeout.ms"),
        ],
        invite: Some(slow(2_000)),
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
        fix: vec![(Consumer, "max.poll.records", "1")],
        price: t(
            "Smaller polls mean more commits for the same work. A longer max.poll.interval.ms means that a consumer which \
             really hangs is noticed later. Only an idempotent handler, or a fencing token at the database, stops a zombie.",
            "poll 小了，同样的活提交次数更多。max.poll.interval.ms 长了，真正卡死的 consumer 更晚才被发现。\
             能挡住僵尸的，只有幂等的处理，或数据库一侧的 fencing token。",
        ),
        offers: vec![
            offer(
                t("One record a poll", "每次 poll 一条"),
                Consumer,
                "max.poll.records",
                "1",
            ),
            offer(
                t("A longer interval", "更长的间隔"),
                Consumer,
                "max.poll.interval.ms",
                "60000",
            ),
        ],
        reading: vec![(
            t(
                "KafkaConsumer: detecting consumer failures",
                "KafkaConsumer：检测 consumer 故障",
            ),
            "https://kafka.apache.org/43/javadoc/org/apache/kafka/clients/consumer/KafkaConsumer.html",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "Two consumers, one partition: the first works, the second waits.",
            "两个 consumer，一个 partition：第一个干活，第二个等着。",
        ),
        t(
            "A member that does not call poll() for max.poll.interval.ms has to leave the group.",
            "超过 max.poll.interval.ms 不调用 poll() 的成员必须离开 group。",
        ),
    )
}

fn slow(time_ms: u64) -> Action {
    Action::SlowHandler {
        client: CONSUMER,
        time_ms,
    }
}

fn experiment() -> Experiment {
    let burst = |messages| Action::Burst {
        client: PRODUCER,
        messages,
    };
    let mut experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Consumer, "max.poll.interval.ms", "5000")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.time.ms", "100")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "60")
        .at_ms(4_000, slow(2_000))
        .at_ms(4_000, burst(6))
        .at_ms(9_000, burst(2))
        .at_ms(12_000, slow(100))
        .until_ms(60_000);
    experiment.topology.consumers = 2;
    experiment
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "The payment service is slow: the first consumer works on one poll for seconds. What becomes of the {acked} orders so far?",
            "支付服务变慢：第一个 consumer 在一次 poll 上干了好几秒。到此为止的 {acked} 条订单会怎样？",
        ),
        hint: t(
            "max.poll.interval.ms is 5 s here. The heartbeat thread has stopped.",
            "这里 max.poll.interval.ms 是 5 s。心跳线程已经停了。",
        ),
        options: vec![
            answer(
                t("Each is billed once, later", "各入账一次，只是晚了"),
                51,
                0,
                0,
            ),
            answer(t("Some are passed over", "有些被越过"), 44, 7, 0),
            answer(t("Some are billed twice", "有些入账两次"), 44, 0, 7),
        ],
        reveal: t(
            "The group gave the partition to the second consumer, which began at the committed offset. The first never \
             heard of it while it worked: {twice} orders were billed by both, and its commit was refused.",
            "group 把 partition 交给了第二个 consumer，它从已提交的 offset 开始。第一个在干活，根本不知道：\
             {twice} 条订单两边都入了账，而它的提交被拒绝。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Committed,
            t("Offset {offset} is committed.", "提交了 offset {offset}。"),
            t(
                "Work, commit, poll: all is well.",
                "处理、提交、poll：一切正常。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "{node} takes over at offset {offset}.",
                "{node} 从 offset {offset} 接手。",
            ),
            t(
                "The group counts the first consumer as gone. Nobody told its worker.",
                "group 认为第一个 consumer 已经走了。没有人告诉它的工作线程。",
            ),
        ),
        pause(
            On::Twice,
            t(
                "{message} is billed a second time.",
                "{message} 第二次入账。",
            ),
            t(
                "Two processes work on the same orders, at the same moment.",
                "两个进程同时在处理同一批订单。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{twice} orders were billed twice.",
                "{twice} 条订单入账两次。",
            ),
            t(
                "The zombie's commit was refused. Its work was not: Kafka cannot take back a bill.",
                "僵尸的提交被拒绝了，它干的活却没有：Kafka 收不回一笔账。",
            ),
        ),
    ]
}
